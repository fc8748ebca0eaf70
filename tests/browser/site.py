"""A real khub in its own processes, and people signed in to it in a real Chromium."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub import migrations, settings, wiring
from khub.clock import WIB
from khub.demo import load, people
from khub.outbox import Job
from khub.products.scans import OCR
from khub.settings import environment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, BrowserContext, Page

    from khub.wiring import Services

TODAY = datetime(2023, 10, 31, 9, 0, tzinfo=WIB)
#: How many pixels the page that is shown is wider than its window.
WIDE = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


def until(condition: Callable[[], object], what: str, seconds: float = 30.0) -> None:
    """Wait until ``condition`` holds."""
    pause, limit = threading.Event(), time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit, f"waited {seconds:.0f} s in vain: {what}"
        pause.wait(0.1)


def reload(page: Page) -> None:
    """Load the page again, once it is whole.

    Chromium refuses a reload ("Not attached to an active page") while a page that a click has
    just brought is taking its place; measured in one of seven reloads right after a form was sent.
    """
    page.wait_for_load_state()
    page.reload()


def descendants(pid: int) -> set[tuple[int, str]]:
    """Return (pid, start time) of all processes below ``pid``; empty where there is no /proc."""
    parents: dict[int, list[tuple[int, str]]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if fields[0] != "Z":
            parents.setdefault(int(fields[1]), []).append((int(stat.parent.name), fields[19]))
    found: set[tuple[int, str]] = set()
    queue = [pid]
    while queue:
        for child in parents.get(queue.pop(), ()):
            found.add(child)
            queue.append(child[0])
    return found


def alive(processes: set[tuple[int, str]]) -> set[int]:
    """Return which of the processes still run."""
    found = set()
    for pid, started in processes:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if fields[19] == started and fields[0] != "Z":
            found.add(pid)
    return found


@dataclass
class Site:
    """A running khub; ``services`` look into the same database from outside."""

    address: str
    services: Services
    cookies: dict[str, list] = field(default_factory=dict)

    def settled(self, *, scans: bool = False) -> None:
        """Wait until everything that was handed in is read and searchable; ``scans`` too, if so."""
        left = sa.select(sa.func.count()).select_from(Job).where(Job.open)
        if not scans:
            left = left.where(Job.kind != OCR)

        def idle() -> bool:
            with self.services.db.read() as session:
                return not session.scalar(left)

        until(idle, "the worker has work left", 90)

    def action(self, code: str) -> str:
        """Return the address of the page of a demo action."""
        return f"/aksi/contoh-ran-pe/{code}"


@contextlib.contextmanager
def serving(
    folder: Path, prepare: Callable[[Services], None] = load.foundation, **overrides: object
) -> Iterator[Site]:
    """Run ``khub serve`` on an empty installation with what ``prepare`` puts in (the demo's plan and people).

    Every process of it is ended.
    """
    shift = TODAY - datetime.now(tz=WIB)
    plain: dict[str, object] = {
        "mode": "demo",
        "data": folder / "data",
        "uploads": folder / "uploads",
        "secret_key": "for-browser-tests-only-" + "x" * 32,
        "port": 0,
        "clock_shift": round(shift.total_seconds()),
        "site_name": "RAN PE 2020–2024",
        "site_note": "Data contoh",
    }
    chosen = settings.load({}, **{**plain, **overrides})
    services = wiring.build(chosen)
    migrations.upgrade(services.db)
    prepare(services)
    errors = (folder / "errors").open("wb")
    process = subprocess.Popen(
        [sys.executable, "-m", "khub", "serve"],
        env={**environment(chosen), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=errors,
        start_new_session=True,
    )
    assert process.stdout is not None
    try:
        address = process.stdout.readline().decode().removeprefix("khub: ").strip()
        assert address, (folder / "errors").read_text()
        address = address.replace("localhost", "127.0.0.1").rstrip("/")

        def ready() -> bool:
            asked = http.client.HTTPConnection(address.removeprefix("http://"), timeout=30)
            with contextlib.closing(asked):
                asked.request("GET", "/readyz")
                return asked.getresponse().status == 200

        until(ready, "the server does not get ready")
        yield Site(address, services)
    finally:
        tree = descendants(process.pid)
        process.send_signal(signal.SIGTERM)
        process.wait(40)
        process.stdout.close()
        errors.close()
        services.close()
        left = descendants(os.getpid()) & tree
        until(lambda: not alive(tree), f"processes remain: {left}")


def tell(site: Site) -> None:
    """Bring the demo's whole story in, read and searchable, its scans too where they can be read here."""
    for step in load.story(site.services.settings):
        step()
    site.settled(scans=site.services.ocr.ready())


@dataclass
class Visit:
    """Opens pages as a person and keeps what the browser complained about."""

    site: Site
    browser: Browser
    complaints: list[str] = field(default_factory=list)
    contexts: list[BrowserContext] = field(default_factory=list)

    def __call__(
        self, login: str = "", *, language: str = "id", width: int = 1280, scripts: bool = True
    ) -> Page:
        """Return a blank page of a browser in which ``login`` is signed in; "" for a visitor."""
        context = self.browser.new_context(
            base_url=self.site.address,
            viewport={"width": width, "height": 900},
            locale="id-ID" if language == "id" else "en-GB",
            java_script_enabled=scripts,
        )
        self.contexts.append(context)
        context.set_default_timeout(15_000)
        if language != "id":
            context.add_cookies([{"name": "khub_bahasa", "value": language, "url": self.site.address}])
        if login:
            if login not in self.site.cookies:
                self.sign_in(context.new_page(), login)
                self.site.cookies[login] = [
                    cookie for cookie in context.cookies() if cookie["name"] != "khub_bahasa"
                ]
            context.add_cookies(self.site.cookies[login])
        page = context.new_page()
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))
        page.on("response", self._response)
        return page

    def _console(self, line) -> None:
        # What a page asks in vain is looked at as a response, where a 404 page itself is no fault.
        if line.type in ("error", "warning") and not line.text.startswith("Failed to load resource"):
            self.complaints.append(f"{line.type}: {line.text}")

    def _response(self, response) -> None:
        if response.status >= 500 or (
            response.status >= 400
            and response.request.resource_type in ("image", "script", "stylesheet", "font")
        ):
            self.complaints.append(f"{response.status} {response.url}")

    @staticmethod
    def sign_in(page: Page, login: str) -> None:
        """Sign in by the form."""
        page.goto("/masuk")
        page.fill("#login", login)
        page.fill("#password", people.PASSWORD)
        page.locator("main form [type=submit]").click()
        page.locator(".akun form").wait_for()
