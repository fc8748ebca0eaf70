"""A web server under visitors who are slow, vanish, or never stop asking."""

from __future__ import annotations

import http.client
import socket
import struct
import threading
import time
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from khub import turns
from khub.serving import GRACE, bind, serve_web
from khub.settings import load

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: Seconds in which anything that is not held up is done.
_SOON = 20
_LONG = b"x" * 60_000


@dataclass
class Site:
    """A served application: ``/turn`` takes turns and computes until ``go``, ``/long`` has 60 KB, others answer."""

    port: int
    stop: threading.Event
    go: threading.Event = field(default_factory=threading.Event)
    begun: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def __call__(self, environ, start_response):
        path = environ["PATH_INFO"]
        body = self.compute() if path == "/turn" else _LONG if path == "/long" else b"here"
        start_response("200 OK", [("Content-Length", str(len(body)))])
        return [body]

    @turns.in_turn
    def compute(self) -> bytes:
        self.begun.release()
        self.go.wait(10 * _SOON)
        return b"computed"

    def connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=_SOON)

    def visit(self, path: str) -> bytes:
        with closing(self.connection()) as asked:
            asked.request("GET", path)
            return asked.getresponse().read()

    def send(self, path: str) -> socket.socket:
        sent = socket.create_connection(("127.0.0.1", self.port), timeout=_SOON)
        sent.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        return sent


@contextmanager
def serving(folder: Path, **chosen: object) -> Iterator[Site]:
    """Serve as one of two web processes does, and hold that it ends in time."""
    sock = bind("127.0.0.1", 0)
    site = Site(sock.getsockname()[1], threading.Event())
    settings = load({}, mode="test", data=folder, secret_key="x" * 32, web_processes=2, **chosen)
    server = threading.Thread(target=serve_web, args=(site, sock, settings, site.stop))
    server.start()
    try:
        yield site
    finally:
        site.go.set()
        site.stop.set()
        server.join(GRACE)
        assert not server.is_alive()


def waiting(site: Site) -> socket.socket:
    """Let one page compute and return the connection of one that waits for it."""
    first = threading.Thread(target=site.visit, args=("/turn",), daemon=True)
    first.start()
    assert site.begun.acquire(timeout=_SOON)
    second = site.send("/turn")
    while not turns.busy():
        assert first.is_alive()
    return second


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nobody's patience end while a test lasts."""
    monkeypatch.setattr(turns, "PATIENCE", 10.0 * _SOON)


@pytest.mark.usefixtures("patient")
def test_visitors_come_in_while_pages_wait_for_one_that_hangs(tmp_path: Path) -> None:
    with serving(tmp_path) as site, closing(waiting(site)):
        assert [site.visit("/") for _ in range(5)] == [b"here"] * 5
        assert turns.busy()


@pytest.mark.usefixtures("patient")
def test_who_vanishes_while_his_page_waits_does_no_harm(tmp_path: Path) -> None:
    with serving(tmp_path) as site:
        gone = waiting(site)
        gone.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        gone.close()  # by a reset
        site.go.set()
        assert site.begun.acquire(timeout=_SOON)
        assert site.visit("/turn") == b"computed"
        assert not turns.busy()
        assert site.visit("/") == b"here"


@pytest.mark.parametrize("threads", [1, 2, 8])
def test_open_connections_that_never_stop_asking_keep_no_visitor_out(tmp_path: Path, threads: int) -> None:
    enough = threading.Event()

    def ask(site: Site) -> None:
        with closing(site.connection()) as asked:
            while not enough.is_set():
                asked.request("GET", "/turn")
                assert asked.getresponse().read() == b"computed"

    with serving(tmp_path, web_threads=threads) as site:
        site.go.set()
        clients = [threading.Thread(target=ask, args=(site,)) for _ in range(8)]
        for client in clients:
            client.start()
        try:
            assert [site.visit("/") for _ in range(5)] == [b"here"] * 5
        finally:
            enough.set()
            for client in clients:
                client.join(_SOON)


def test_half_a_request_and_an_answer_nobody_reads_hold_nobody_up(tmp_path: Path) -> None:
    with serving(tmp_path, web_threads=1) as site, closing(site.send("/long")):
        silent = [socket.create_connection(("127.0.0.1", site.port)) for _ in range(50)]
        for each in silent[:25]:
            each.sendall(b"GET /turn HTTP/1.1\r\nHo")
        assert site.visit("/long") == _LONG
        for each in silent:
            each.close()


def test_the_log_tells_of_a_long_queue_and_not_of_every_page(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with serving(tmp_path, web_threads=1) as site:
        held = [site.send("/turn")]
        assert site.begun.acquire(timeout=_SOON)
        held += [site.send("/") for _ in range(30)]
        limit = time.monotonic() + _SOON
        while "Task queue depth" not in caplog.text:
            assert time.monotonic() < limit
        site.go.set()
        for sent in held:
            assert sent.recv(64).startswith(b"HTTP/1.1 200")
            sent.close()
    assert "Task queue depth is 20" in caplog.text
    assert "Task queue depth is 19" not in caplog.text


@pytest.mark.usefixtures("patient")
def test_a_stop_finishes_answers_under_way_and_takes_no_more(tmp_path: Path) -> None:
    answered, ended = list[bytes](), threading.Semaphore(0)

    def ask(site: Site) -> None:
        with closing(site.connection()) as asked:
            try:
                while True:
                    asked.request("GET", "/long")
                    answered.append(asked.getresponse().read())
            except (OSError, http.client.HTTPException):  # closed between two answers
                ended.release()

    with serving(tmp_path) as site, closing(waiting(site)) as second:
        clients = [threading.Thread(target=ask, args=(site,)) for _ in range(4)]
        for client in clients:
            client.start()
        while len(answered) < len(clients):
            assert any(client.is_alive() for client in clients)
        site.stop.set()
        site.go.set()
        for _ in clients:
            assert ended.acquire(timeout=GRACE / 2)
        assert set(answered) == {_LONG}
        assert second.makefile("rb").read().endswith(b"computed")
