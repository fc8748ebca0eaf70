"""The real process tree over one installation, and people who sign in to it over HTTP."""

from __future__ import annotations

import http.cookiejar
import io
import os
import random
import re
import signal
import socket
import statistics
import subprocess
import sys
import time
import urllib.parse
import urllib.request
import uuid
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from reportlab.pdfgen import canvas

from khub.settings import environment
from tests.bench import world

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from khub.settings import Settings


#: A tree rests when it takes less than so many seconds of processor time a second, for so many seconds.
_BUSY, _REST = 0.1, 3


@contextmanager
def serving(chosen: Settings) -> Iterator[tuple[str, int]]:
    """Start ``khub serve`` and give its address and process id once it is ready; end it afterwards."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "khub", "serve", "--port", str(port)],
        env=environment(chosen),
        stdout=subprocess.DEVNULL,
    )
    base = f"http://127.0.0.1:{port}"
    try:
        _wait(base)
        yield base, process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def settle(pid: int) -> None:
    """Wait until a process tree rests: pictures of pages that an earlier run handed in are drawn by and by."""
    used, rest = _used(pid), 0
    while rest < _REST:
        time.sleep(1)
        before, used = used, _used(pid)
        rest = rest + 1 if used - before < _BUSY else 0


def _used(pid: int) -> float:
    """Return the seconds of processor time that a process and its children have taken."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    ticks = 0
    for each in (str(pid), *children):
        fields = Path(f"/proc/{each}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


class Client:
    """A signed-in person."""

    def __init__(self, base: str, login: str) -> None:
        self.base = base
        self.opener = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        )
        self.post("/masuk", {"login": login, "password": world.PASSWORD, "csrf_token": self.token("/masuk")})

    def get(self, path: str) -> str:
        with self.opener.open(self.base + path, timeout=60) as answer:
            return answer.read().decode()

    def post(self, path: str, form: dict[str, str]) -> str:
        with self.opener.open(self.base + path, urllib.parse.urlencode(form).encode(), timeout=60) as answer:
            return answer.read().decode()

    def token(self, path: str) -> str:
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.get(path))
        assert found
        return found[1]

    def upload(self, name: str, data: bytes) -> None:
        page = self.opener.open(self.base + "/unggah", timeout=60)
        batch = page.url.partition("/unggah/")[2].partition("?")[0]
        token = re.search(r'name="csrf_token" value="([^"]+)"', page.read().decode())
        assert token
        edge = uuid.uuid4().hex
        head = (
            f'--{edge}\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n{token[1]}\r\n'
            f'--{edge}\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n\r\n'
        )
        body = head.encode() + data + f"\r\n--{edge}--\r\n".encode()
        request = urllib.request.Request(
            f"{self.base}/unggah/{batch}/berkas",
            body,
            {
                "Content-Type": f"multipart/form-data; boundary={edge}",
                "X-Requested-With": "khub",
                "Idempotency-Key": edge,
            },
        )
        self.opener.open(request, timeout=60).read()


def question(rng: random.Random, words: list[str], weights: list[float]) -> str:
    """Return the address of a search of one to five words, some with a phrase, filters or a later page."""
    terms = rng.choices(words[:3000], weights[:3000], k=rng.randint(1, 5))
    text = " ".join(terms)
    if rng.random() < 0.15:
        text = f'"{terms[0]}" {text}'
    more = rng.choice(("", "", "&pilar=1", "&klasifikasi=internal&pilar=2", "&urut=tanggal", "&hlm=2"))
    return f"/cari?q={urllib.parse.quote(text)}{more}"


def new_mark() -> str:
    """Return a word that no run has used: an installation is kept, and an earlier one's would be found at once."""
    return "unik" + "".join(random.SystemRandom().choices("bcdfghjklmnp", k=10))


def pdf(rng: random.Random, mark: str, pages: int = 30) -> bytes:
    """Return a PDF of ``pages`` pages of random words; ``mark`` stands once, a little after its middle."""
    out = io.BytesIO()
    page = canvas.Canvas(out)
    words, weights = world.vocabulary(random.Random(2023))  # noqa: S311
    for number in range(1, pages + 1):
        for line in range(40):
            text = " ".join(rng.choices(words, weights, k=8))
            page.drawString(
                50, 800 - 18 * line, f"{text} {mark}" if (number, line) == (pages // 2 + 1, 5) else text
            )
        page.showPage()
    page.save()
    return out.getvalue()


def p95(times: Sequence[float]) -> float:
    """Return the 95th percentile."""
    return statistics.quantiles(times, n=20)[-1]


def _wait(base: str) -> None:
    limit = time.monotonic() + 60
    while True:
        try:
            urllib.request.urlopen(f"{base}/readyz", timeout=5).read()
        except OSError:
            if time.monotonic() > limit:
                raise
            time.sleep(0.1)
        else:
            return
