"""The Chromium of this machine, and how tests start it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Playwright

BRING = "no Chromium: `apt-get install chromium`, or `python -m playwright install chromium`"
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


def find(playwright: Playwright) -> str | None:
    """Return the path of a Chromium on PATH, else of Playwright's own, else None."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    own = Path(playwright.chromium.executable_path)
    return str(own) if own.is_file() else None


def flags() -> list[str]:
    """Return the command line options; root has no sandbox to start one in."""
    return [*FLAGS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
