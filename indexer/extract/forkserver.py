"""The parent's side of the zygote: start it, hand it tasks, read answers against the clock."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import sysconfig
import threading
import time
from dataclasses import dataclass, field
from enum import Enum, auto
from pathlib import Path
from typing import Any

from indexer.extract import wire
from indexer.extract.limits import MB
from indexer.extract.model import Page
from indexer.extract.request import Request, request_out

_START_SECONDS = 60.0
_CLOSE_SECONDS = 5.0
# More than any document may hold in UTF-8, escaped, with its outline.
_MAX_ANSWER = 256 * MB
_CHUNK = 1 << 18
# A crash with this share of the allowed address space resident is the memory limit at work.
_MEMORY_SHARE = 0.5


class Fate(Enum):
    """How a child ended without an answer."""

    CRASH = auto()
    TIMEOUT = auto()
    MEMORY = auto()
    KILLED = auto()  # from outside: it had neither run out of memory nor of time
    LOST = auto()  # the zygote itself was lost
    ENDED = auto()  # by itself, as it should; what it had to say is missing


@dataclass(slots=True)
class Outcome:
    """What one child delivered; ``result`` is an unchecked frame value."""

    pages: list[Page] = field(default_factory=list)
    page_count: int = 0
    result: Any = None
    image: bytes = b""
    verdict: str = ""
    fate: Fate = Fate.CRASH


class ForkServer:
    """Starts the zygote when needed and again when it was lost or this process is a fork."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._owner = 0

    def run(self, request: Request, file: int) -> Outcome:
        """Run one task on an open descriptor (-1 for none). Raise OSError when no zygote starts."""
        data, far_data = socket.socketpair()
        watch, far_watch = socket.socketpair()
        with data, watch:
            with far_data, far_watch:
                fds = [far_data.fileno(), far_watch.fileno(), *([file] if file >= 0 else [])]
                zygote = self._hand_over(fds)
            watch.settimeout(_START_SECONDS)
            try:
                started = watch.recv(1) == b"F"
            except TimeoutError:
                started = False
            if not started:
                self._drop(zygote)
                return Outcome(fate=Fate.LOST)
            return _converse(request, data, watch)

    def close(self) -> None:
        """End the zygote and with it every child."""
        with self._lock:
            self._end()

    def _hand_over(self, fds: list[int]) -> subprocess.Popen[bytes] | None:
        """Give descriptors to a running zygote and return it."""
        with self._lock:
            for _ in range(2):
                control = self._running()
                try:
                    socket.send_fds(control, [b"J"], fds)
                except OSError:
                    self._end()
                else:
                    return self._process
        raise OSError("the extraction process does not start")

    def _drop(self, zygote: subprocess.Popen[bytes] | None) -> None:
        """End a zygote that died or hangs, unless another thread has replaced it already."""
        with self._lock:
            if zygote is not None and zygote is self._process:
                zygote.kill()
                self._end()

    def _running(self) -> socket.socket:
        alive = self._process is not None and self._owner == os.getpid() and self._process.poll() is None
        if self._control is None or not alive:
            self._end()
            self._start()
        assert self._control is not None  # noqa: S101 -- _start sets it or raises
        return self._control

    def _start(self) -> None:
        control, far = socket.socketpair()
        root = str(Path(__file__).parents[2])
        installed = root in {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
        try:
            with far:
                # No secret crosses: the environment is made from nothing.
                self._process = subprocess.Popen(  # noqa: S603 -- our own interpreter and module
                    [
                        sys.executable,
                        "-P",
                        "-W",
                        "ignore",
                        "-m",
                        "indexer.extract.zygote",
                        str(far.fileno()),
                    ],
                    env={
                        "PATH": os.defpath,
                        "LANG": "C.UTF-8",
                        **({} if installed else {"PYTHONPATH": root}),
                        "OPENBLAS_NUM_THREADS": "1",
                        "OMP_NUM_THREADS": "1",
                        "MKL_NUM_THREADS": "1",
                    },
                    cwd="/",
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    pass_fds=(far.fileno(),),
                    start_new_session=True,
                )
            self._owner = os.getpid()
            control.settimeout(_START_SECONDS)
            _expect_ready(control)
            control.settimeout(None)
        except OSError:
            control.close()
            self._end()
            raise
        self._control = control

    def _end(self) -> None:
        control, self._control = self._control, None
        process, self._process = self._process, None
        if control is not None:
            control.close()
        if process is None or self._owner != os.getpid():
            return
        try:
            process.wait(_CLOSE_SECONDS)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()


def _converse(request: Request, data: socket.socket, watch: socket.socket) -> Outcome:
    """Send the request, read frames until the child ends or its time is up, then ask how it ended."""
    outcome = Outcome()
    deadline = time.monotonic() + request.limits.wall_seconds
    buffer = bytearray()
    taken = 0
    try:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            data.settimeout(request.limits.wall_seconds)
            data.sendall(wire.pack(wire.RESULT, request_out(request)))
        while chunk := _receive(data, deadline):
            taken += len(chunk)
            if taken > _MAX_ANSWER:
                outcome.fate = Fate.MEMORY
                return outcome
            buffer += chunk
            while request.task != "recognise" and (frame := wire.unpack(buffer)) is not None:
                _accept(outcome, *frame, following=len(request.pages) + len(outcome.pages) + 1)
    except TimeoutError:
        # Closing the watch socket, on return, has the child killed.
        outcome.fate = Fate.TIMEOUT
        return outcome
    except wire.WireError:
        return outcome
    outcome.fate = _fate(watch, request.limits.address_space)
    if request.task == "recognise" and outcome.fate is Fate.ENDED:
        outcome.result = buffer.decode("utf-8", "replace")
    return outcome


def _receive(data: socket.socket, deadline: float) -> bytes:
    """Return the next bytes, b"" at the end. Raise TimeoutError at the deadline."""
    left = deadline - time.monotonic()
    data.settimeout(max(left, 0.001))
    try:
        return data.recv(_CHUNK)
    except ConnectionResetError:
        return b""


def _expect_ready(control: socket.socket) -> None:
    if control.recv(1) != b"R":
        raise OSError("the extraction process does not start")


def _accept(outcome: Outcome, kind: bytes, body: bytes, *, following: int) -> None:
    """Take one frame; ``following`` is the only number a further page may have."""
    if kind == wire.PAGE:
        page, outcome.page_count = wire.page_in(wire.load(body))
        if page.number != following:
            raise wire.WireError("pages out of order")
        outcome.pages.append(page)
    elif kind in {wire.RESULT, wire.IMAGE}:
        outcome.result = wire.load(body)
    elif kind == wire.BYTES:
        outcome.image = body
    elif kind == wire.VERDICT:
        outcome.verdict = str(wire.load(body))
    else:
        raise wire.WireError("unknown frame")


def _fate(watch: socket.socket, address_space: int) -> Fate:
    watch.settimeout(_CLOSE_SECONDS)
    try:
        message = watch.recv(wire.STATUS.size, socket.MSG_WAITALL)
    except OSError:
        message = b""
    if len(message) < wire.STATUS.size:
        return Fate.LOST
    status, peak_kib = wire.STATUS.unpack(message)
    if status == 0:
        return Fate.ENDED
    if os.WIFEXITED(status):
        return Fate.MEMORY if os.WEXITSTATUS(status) == wire.EXIT_MEMORY else Fate.CRASH
    if os.WTERMSIG(status) == signal.SIGXCPU:
        return Fate.TIMEOUT
    if peak_kib * 1024 > address_space * _MEMORY_SHARE:
        return Fate.MEMORY
    return Fate.KILLED if os.WTERMSIG(status) == signal.SIGKILL else Fate.CRASH
