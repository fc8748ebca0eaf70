"""One process tree: a parent that binds and watches, web servers and a worker as its children.

The parent binds first, so that a taken port is one clear message. Children hold the read end of a
pipe whose other end only the parent has: when the parent dies, even by kill -9, they see its end
and leave.
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from khub import turns

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from khub.settings import Settings

#: Seconds that a child has to finish what it is doing.
GRACE = 15.0
#: Seconds of these that a web server has to itself, after the last answer.
_ENDING = 2.0
#: A child that lives shorter than this is restarted with a delay.
_SHORT_LIFE = 5.0
#: Seconds for which a process that has enough to do leaves visitors to others: a free one comes sooner.
_LEAVING = 0.25
#: Requests that wait for a thread: fewer are no news, a browser asks for all files of a page at once.
_LONG_QUEUE = 20
_LIFELINE = "--lifeline"
#: Many threads and small arrays: neither glibc nor OpenBLAS should keep a heap for each thread. A second heap
#: gives its end back after every page of results and asks for it anew, 2 ms a page.
_SMALL = {"MALLOC_ARENA_MAX": "1", "OPENBLAS_NUM_THREADS": "1"}


class PortTakenError(Exception):
    """The address cannot be listened on; the message says so and what to do."""


def bind(host: str, port: int) -> socket.socket:
    """Return a listening socket; raises ``PortTakenError``."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host, port))
        sock.listen(1024)
    except OSError as error:
        sock.close()
        raise PortTakenError(
            f"{host}:{port}: {error.strerror or error}. Another program may be using it: choose another with --port."
        ) from error
    return sock


@dataclass(slots=True)
class _Child:
    arguments: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    restarts: int = 0
    due: float = 0.0


@dataclass(slots=True)
class Tree:
    """The children of one ``khub serve`` or ``khub demo``."""

    environ: Mapping[str, str]
    fds: tuple[int, ...] = ()
    children: list[_Child] = field(default_factory=list)
    _pipe: tuple[int, int] | None = None

    def add(self, *arguments: str) -> None:
        """Start ``python -m khub ARGUMENTS`` and keep it running."""
        child = _Child(arguments)
        self.children.append(child)
        self._start(child)

    def _start(self, child: _Child) -> None:
        if self._pipe is None:
            self._pipe = os.pipe()
        lifeline = self._pipe[0]
        child.process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-m", "khub", *child.arguments, _LIFELINE, str(lifeline)],
            pass_fds=(*self.fds, lifeline),
            env={**_SMALL, **self.environ},
            stdin=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C reaches the parent alone, which then ends the children in order
        )
        child.started = time.monotonic()

    def watch(self) -> None:
        """Restart children that died; call it now and then."""
        now = time.monotonic()
        for child in self.children:
            if child.process is None:
                if now >= child.due:
                    self._start(child)
            elif child.process.poll() is not None:
                short = now - child.started < _SHORT_LIFE
                child.restarts = child.restarts + 1 if short else 0
                child.due = now + min(2.0**child.restarts, 30.0) * short
                child.process = None

    def stop(self) -> None:
        """End all children: ask, wait, then kill."""
        running = [child.process for child in self.children if child.process is not None]
        for process in running:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
        limit = time.monotonic() + GRACE
        for process in running:
            try:
                process.wait(max(0.1, limit - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if self._pipe is not None:
            for end in self._pipe:
                os.close(end)
            self._pipe = None


class Stop:
    """Set by SIGTERM or SIGINT."""

    def __init__(self) -> None:
        self.event = threading.Event()

    def listen(self) -> Stop:
        """Take the signals over."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._set)
        return self

    def _set(self, number: int, frame: object) -> None:
        del number, frame
        self.event.set()


def follow_parent(lifeline: int, stop: threading.Event) -> None:
    """Set ``stop`` when the parent is gone."""

    def wait() -> None:
        with contextlib.suppress(OSError):
            os.read(lifeline, 1)
        stop.set()

    threading.Thread(target=wait, daemon=True, name="lifeline").start()


def _is_worth_a_line(record: logging.LogRecord) -> bool:
    return not isinstance(record.args, tuple) or record.args[:1] >= (_LONG_QUEUE,)


def serve_web(
    application: Callable[..., Any], sock: socket.socket, settings: Settings, stop: threading.Event
) -> None:
    """Answer requests on ``sock`` until ``stop`` is set; answers under way are finished first."""
    from waitress.server import create_server  # noqa: PLC0415 - only the web process pays for it

    logging.getLogger("waitress.queue").addFilter(_is_worth_a_line)
    server = create_server(
        application,
        sockets=[sock],
        threads=settings.web_threads,
        connection_limit=1000,
        channel_timeout=30,
        asyncore_use_poll=True,
        max_request_body_size=settings.max_upload + (2 << 20),
        clear_untrusted_proxy_headers=not settings.trusted_proxies,
        ident="khub",
    )
    loop = server.asyncore.loop
    free = time.monotonic()
    while not stop.is_set():
        now = time.monotonic()
        if settings.web_processes == 1 or not turns.busy():
            free = now
        # A process with enough to do leaves visitors to another one that may be free; but not for long, as all
        # may have enough to do, and people with open connections would keep others out.
        server.accepting = not 0 < now - free <= _LEAVING
        timeout = 0.5 if server.accepting else _LEAVING
        loop(timeout=timeout, use_poll=True, map=server._map, count=1)  # noqa: SLF001 - waitress drops answers otherwise
    server.accepting = False
    sock.close()
    # Who goes on asking over an open connection would never let it end.
    server.adj.channel_request_lookahead = -1
    limit = time.monotonic() + GRACE - _ENDING
    while time.monotonic() < limit and any(
        channel.requests or channel.total_outbufs_len for channel in server.active_channels.values()
    ):
        loop(timeout=0.1, use_poll=True, map=server._map, count=1)  # noqa: SLF001
    server.task_dispatcher.shutdown(cancel_pending=False, timeout=_ENDING / 2)
    if not server.task_dispatcher.threads:  # one that hangs may still use what is closed here
        server.asyncore.close_all(server._map, ignore_all=True)  # noqa: SLF001
