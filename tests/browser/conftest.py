"""The server that the browser tests share, without and with the demo's story."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.site import Site, Visit, serving, tell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Return a running khub with the demo's plan and people; its processes end with the session."""
    with serving(tmp_path_factory.mktemp("site"), max_upload_mb=8) as found:
        yield found


@pytest.fixture(scope="session")
def told(site: Site) -> Site:
    """Return the site with the demo's keluaran in it."""
    tell(site)
    return site


@pytest.fixture
def visit(site: Site, browser: Browser) -> Iterator[Visit]:
    """Return a way to open pages; afterwards no browser may have complained about anything."""
    opened = Visit(site, browser)
    yield opened
    for context in opened.contexts:
        context.close()
    assert opened.complaints == []
