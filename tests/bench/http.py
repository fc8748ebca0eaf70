"""``python -m tests.bench.http [--products N] [--pages N] [--json FILE]``: khub over HTTP, as people meet it.

Builds an installation once (cached in the temporary folder), starts the real process tree, and
measures: the search page with facets and snippets (p50, p95, and pages a second from four clients),
the time from the start of an upload of a 30-page PDF until a search finds a word of it, and the
memory of every process.
"""

from __future__ import annotations

import argparse
import http.cookiejar
import io
import json
import os
import random
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import urllib.request
import uuid
from pathlib import Path

from reportlab.pdfgen import canvas

from khub.settings import environment
from tests.bench import world
from tests.bench.machine import machine

_QUERIES = 200
_UPLOADS = 20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--products", type=int, default=10_000)
    parser.add_argument("--pages", type=int, default=10)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    folder = options.folder or Path(tempfile.gettempdir()) / f"khub-bench-{options.products}x{options.pages}"
    chosen = world.build(folder, options.products, options.pages)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "khub", "serve", "--port", str(port)],
        env=environment(chosen),
        stdout=subprocess.DEVNULL,
    )
    try:
        report = _measure(f"http://127.0.0.1:{port}", process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)
    report |= {"products": options.products, "pages": options.products * options.pages, "machine": machine()}
    for name, value in report.items():
        print(f"{name}: {value}")
    if options.json:
        options.json.write_text(json.dumps(report, indent=1), encoding="utf-8")


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


def _measure(base: str, pid: int) -> dict[str, object]:
    _wait(base)
    client = Client(base, "anggota")
    rng = random.Random(5)  # noqa: S311 - the same questions each time
    words, weights = world.vocabulary(random.Random(2023))  # noqa: S311
    asked = [_query(rng, words, weights) for _ in range(_QUERIES)]
    for query in asked[:20]:
        client.get(query)
    times = [_timed(client.get, query) for query in asked]
    started, answered = time.perf_counter(), _many(base, asked)
    rate = answered / (time.perf_counter() - started)
    uploads = [_until_found(client, rng) for _ in range(_UPLOADS)]
    return {
        "search page p50 ms": round(1000 * statistics.median(times), 1),
        "search page p95 ms": round(1000 * _p95(times), 1),
        "search pages a second, 4 clients": round(rate, 1),
        "upload of 30 pages until searchable p50 s": round(statistics.median(uploads), 2),
        "upload of 30 pages until searchable p95 s": round(_p95(uploads), 2),
        "memory MB": _memory(pid),
    }


def _query(rng: random.Random, words: list[str], weights: list[float]) -> str:
    terms = rng.choices(words[:3000], weights[:3000], k=rng.randint(1, 5))
    text = " ".join(terms)
    if rng.random() < 0.15:
        text = f'"{terms[0]}" {text}'
    more = rng.choice(("", "", "&pilar=1", "&klasifikasi=internal&pilar=2", "&urut=tanggal", "&hlm=2"))
    return f"/cari?q={urllib.parse.quote(text)}{more}"


def _many(base: str, asked: list[str]) -> int:
    done: list[int] = []

    def run(part: list[str]) -> None:
        client = Client(base, "anggota")
        for query in part:
            client.get(query)
        done.append(len(part))

    threads = [threading.Thread(target=run, args=(asked[n::4],)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done)


def _until_found(client: Client, rng: random.Random) -> float:
    # new at every run: the installation is kept, and a word of an earlier run would be found at once
    mark = "unik" + "".join(random.SystemRandom().choices("bcdfghjklmnp", k=10))
    data = _pdf(rng, mark)
    began = time.perf_counter()
    client.upload(f"{mark}.pdf", data)
    while f"<mark>{mark}</mark>" not in client.get(f"/cari?q={mark}"):
        if time.perf_counter() - began > 60:
            raise SystemExit("an upload was not searchable within a minute")
    return time.perf_counter() - began


def _pdf(rng: random.Random, mark: str) -> bytes:
    out = io.BytesIO()
    page = canvas.Canvas(out)
    words, weights = world.vocabulary(random.Random(2023))  # noqa: S311
    for number in range(1, 31):
        for line in range(40):
            text = " ".join(rng.choices(words, weights, k=8))
            page.drawString(50, 800 - 18 * line, f"{text} {mark}" if (number, line) == (17, 5) else text)
        page.showPage()
    page.save()
    return out.getvalue()


def _timed(call, *arguments) -> float:  # type: ignore[no-untyped-def]
    began = time.perf_counter()
    call(*arguments)
    return time.perf_counter() - began


def _p95(times: list[float]) -> float:
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


def _memory(pid: int) -> dict[str, int]:
    """Return the resident MB of every process of the tree, by what it does."""
    found: dict[str, int] = {}
    pids = subprocess.run(
        ["ps", "-eo", "pid,ppid,rss,args"], capture_output=True, text=True, check=True
    ).stdout
    rows = [line.split(None, 3) for line in pids.splitlines()[1:]]
    family = {pid}
    for _ in range(3):
        family |= {int(row[0]) for row in rows if int(row[1]) in family}
    for row in rows:
        if int(row[0]) in family:
            words = row[3].split()
            name = next((w for w in ("serve", "web", "worker") if w in words), "extraction helper")
            found[f"{name} {row[0]}"] = int(row[2]) // 1024
    return {
        name.partition(" ")[0] + f" #{n}": size for n, (name, size) in enumerate(sorted(found.items()), 1)
    }


if __name__ == "__main__":
    os.environ.pop("KHUB_DATA", None)
    main()
