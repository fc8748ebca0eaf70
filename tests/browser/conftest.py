"""The servers that the browser tests share: one without, one with the demo's story."""

from __future__ import annotations

import fcntl
import os
import shutil
from typing import TYPE_CHECKING

import pytest

from tests.browser.site import Site, Visit, serving, tell

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser


#: Small enough that a test can exceed it.
_LARGEST = 8


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Return a running khub with the demo's plan and people; its processes end with the session."""
    with serving(tmp_path_factory.mktemp("site"), max_upload_mb=_LARGEST) as found:
        yield found


@pytest.fixture(scope="session")
def story(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    """Return an installation that holds the demo's whole story, and its clock's shift in seconds.

    It is made once for all test processes of a run: telling it takes both cores for half a minute.
    """
    base = tmp_path_factory.getbasetemp()
    place = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "story"
    place.mkdir(exist_ok=True)
    shift = place / "shift"
    with (place / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not shift.exists():
            with serving(place, max_upload_mb=_LARGEST) as found:
                tell(found)
            shift.write_text(str(found.services.settings.clock_shift))
    return place, int(shift.read_text())


@pytest.fixture(scope="session")
def told(story: tuple[Path, int], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Return a running khub with the demo's story in it, apart from ``site``."""
    place, shift = story
    folder = tmp_path_factory.mktemp("told")
    for part in ("data", "uploads"):
        shutil.copytree(place / part, folder / part)
    with serving(folder, lambda _: None, clock_shift=shift, max_upload_mb=_LARGEST) as found:
        yield found


@pytest.fixture
def visit(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Visit]:
    """Return a way to open pages of the site that the test asks for; no browser may have complained."""
    opened = Visit(request.getfixturevalue("told" if "told" in request.fixturenames else "site"), browser)
    yield opened
    for context in opened.contexts:
        context.close()
    assert opened.complaints == []
