"""The Chromium of this machine, and how tests start it."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from playwright._impl._driver import compute_driver_executable

if TYPE_CHECKING:
    from playwright.sync_api import Playwright

#: The shell first: the same engine without the windows of a browser, a third of the processor time a page.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
BRING = "no Chromium: `apt-get install chromium`, or `python -m playwright install chromium`"
_NO_DRIVER = "Playwright's driver does not start (%s): `apt-get install chromium libatomic1`"
#: Nothing but this machine is ever asked, and nothing is fetched beside the pages.
FLAGS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-sync",
    "--no-first-run",
    "--no-pings",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost",
)


def fault() -> str:
    """Return why Playwright cannot work on this machine at all and what brings it, or ""."""
    node, _ = compute_driver_executable()
    try:
        tried = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=60, check=False)
    except OSError as error:
        return _NO_DRIVER % error
    return "" if tried.returncode == 0 else _NO_DRIVER % tried.stderr.strip().rpartition(": ")[2]


def find(playwright: Playwright) -> str | None:
    """Return the path of a Chromium on PATH, else of Playwright's own, else None."""
    for name in NAMES:
        if found := shutil.which(name):
            return found
    own = Path(playwright.chromium.executable_path)
    return str(own) if own.is_file() else None


def flags() -> list[str]:
    """Return the command line options; root has no sandbox to start one in."""
    return [*FLAGS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
