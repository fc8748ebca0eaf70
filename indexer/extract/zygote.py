"""The process that has everything imported and forks one short-lived child for each file.

It speaks over one socket: each message is a byte with the descriptors of (data, watch[, file]). The
child reads its request from data and answers there. The zygote keeps watch: it sends "F" once forked and
the child's wait status at its end; when the parent closes it, the child is killed. End of file on the
main socket ends the zygote and all children.
"""

import contextlib
import gc
import importlib
import logging
import os
import pkgutil
import select
import signal
import socket
import sys
import time
from typing import NoReturn

from indexer.extract import confine, images, language, request, tasks, wire

_MAX_FDS = 3
# What reads scans gives way to everything else on the machine.
_NICE = 10
# Packages that import parts of themselves late.
_LATE_PACKAGES = ("pypdf", "docx")
# How often the zygote looks whether it was orphaned while someone else still holds its socket.
_LOOK_SECONDS = 5.0
# Imported on first use by the readers or by Python itself, when the child may no longer open files.
_LATE_IMPORTS = (
    "encodings.cp437", "encodings.cp1250", "encodings.cp1252", "encodings.utf_16", "encodings.utf_16_le",
    "encodings.utf_16_be", "encodings.utf_32_le", "encodings.utf_32_be", "encodings.latin_1",
    "encodings.iso8859_1", "encodings.iso8859_15", "encodings.ascii", "encodings.mac_roman",
    "encodings.unicode_escape", "encodings.raw_unicode_escape", "encodings.charmap", "encodings.idna",
    "encodings.utf_8_sig", "bz2", "lzma", "stringprep", "heapq", "colorsys",
)  # fmt: skip


class Zygote:
    """The fork server's loop."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._parent = os.getppid()
        self._children: dict[int, socket.socket] = {}
        self._killed: set[int] = set()
        self._wake, wake = socket.socketpair()
        self._wake.settimeout(0)
        wake.settimeout(0)
        self._wake_out = wake
        self._rules = confine.file_rules()

    def serve(self) -> None:
        """Serve until the parent is gone, then end every child."""
        signal.signal(signal.SIGCHLD, lambda _signum, _frame: None)
        signal.set_wakeup_fd(self._wake_out.fileno(), warn_on_full_buffer=False)
        try:
            while os.getppid() == self._parent and self._round():
                pass
        finally:
            for pid in self._children:
                _kill(pid)
            while self._children:
                self._reap(os.WNOHANG)
                time.sleep(0.005)

    def _round(self) -> bool:
        watches = {watch: pid for pid, watch in self._children.items() if pid not in self._killed}
        poll = select.poll()
        poll.register(self._control, select.POLLIN)
        poll.register(self._wake, select.POLLIN)
        by_fd = {watch.fileno(): pid for watch, pid in watches.items()}
        for fd in by_fd:
            poll.register(fd, select.POLLIN)
        for fd, _event in poll.poll(_LOOK_SECONDS * 1000):
            if fd == self._wake.fileno():
                with contextlib.suppress(BlockingIOError):
                    self._wake.recv(4096)
            elif fd == self._control.fileno():
                if not self._take():
                    return False
            else:
                # The parent says nothing on it: readable means closed.
                self._killed.add(by_fd[fd])
                _kill(by_fd[fd])
        self._reap(os.WNOHANG)
        return True

    def _take(self) -> bool:
        try:
            message, fds, _flags, _address = socket.recv_fds(self._control, 1, _MAX_FDS)
        except OSError:
            return False
        if not message:
            return False
        if len(fds) >= 2:  # noqa: PLR2004 -- data and watch
            self._fork(fds)
        return True

    def _fork(self, fds: list[int]) -> None:
        data, watch, *file = fds
        try:
            pid = os.fork()
        except OSError:
            for fd in fds:
                os.close(fd)
            return
        if pid == 0:
            _child(data, file[0] if file else -1, os.getppid(), self._rules)
        for fd in (data, *file):
            os.close(fd)
        sock = socket.socket(fileno=watch)
        self._children[pid] = sock
        with contextlib.suppress(OSError):
            sock.send(b"F", socket.MSG_DONTWAIT)

    def _reap(self, options: int) -> None:
        while self._children:
            try:
                pid, status, usage = os.wait4(-1, options)
            except ChildProcessError:
                self._children.clear()
                return
            if pid == 0:
                return
            watch = self._children.pop(pid, None)
            self._killed.discard(pid)
            if watch is not None:
                with contextlib.suppress(OSError), watch:
                    watch.send(wire.STATUS.pack(status, usage.ru_maxrss), socket.MSG_DONTWAIT)


def _kill(pid: int) -> None:
    for kill in (os.killpg, os.kill):
        with contextlib.suppress(OSError):
            kill(pid, signal.SIGKILL)


def _child(data: int, file: int, zygote: int, rules: int) -> None:
    """Run one task and end the process; never returns."""
    code = wire.EXIT_FAILED
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.setsid()
        _keep_only({data, file, rules})
        confine.offer_to_oom_killer()
        with socket.socket(fileno=data) as sock:
            task = request.request_in(_receive(sock))
            if task.task in {"scan", "recognise"}:
                os.nice(_NICE)
            if task.task == "recognise":
                _become_tool(task, file, sock.fileno(), zygote)
            confine.confine(task.limits, zygote, rules)
            if file >= 0:
                with os.fdopen(file, "rb") as stream:
                    tasks.run(task, stream, sock.sendall)
            else:
                tasks.run(task, None, sock.sendall)
        code = 0
    except MemoryError:
        code = wire.EXIT_MEMORY
    except BaseException:  # noqa: BLE001 -- whatever a parser raised, the exit code says "failed"
        code = wire.EXIT_FAILED
    finally:
        os._exit(code)


def _become_tool(task: request.Request, image: int, answer: int, zygote: int) -> NoReturn:
    """Turn this process into tesseract, confined, between the image and the answer."""
    program, languages, tessdata = task.tool
    confine.confine(task.limits, zygote, confine.tool_rules(program, tessdata))
    os.dup2(image, 0)
    os.dup2(answer, 1)
    # A bar is no letter of any text; tesseract takes the I of "Pilar I" for one in fonts without serifs.
    settings = ("-c", "tessedit_create_tsv=1", "-c", "tessedit_char_blacklist=|")
    options = ("-l", languages, "--dpi", "300", *settings)
    os.execve(  # noqa: S606 -- no shell, a program that this installation named
        program,
        [program, "stdin", "stdout", *options],
        # One thread: more would be refused, and take the processor from people.
        {"OMP_THREAD_LIMIT": "1", "LC_ALL": "C", **({"TESSDATA_PREFIX": tessdata} if tessdata else {})},
    )


def _keep_only(kept: set[int]) -> None:
    """Close inherited descriptors and silence the standard ones."""
    null = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(null, fd)
    os.close(null)
    low = 3
    for fd in sorted(fd for fd in kept if fd > 2):  # noqa: PLR2004 -- standard descriptors
        os.closerange(low, fd)
        low = fd + 1
    os.closerange(low, max(low, os.sysconf("SC_OPEN_MAX")))


def _receive(sock: socket.socket) -> dict[str, object]:
    buffer = bytearray()
    while True:
        chunk = sock.recv(1 << 20)
        if not chunk:
            raise wire.WireError("no request")
        buffer += chunk
        frame = wire.unpack(buffer)
        if frame is not None:
            value = wire.load(frame[1])
            return dict(value)


def load_everything() -> None:
    """Import and load whatever a child could want: it may not be able to open files itself."""
    # Parsers report every oddity of a file, at a cost, to nobody.
    logging.disable(logging.CRITICAL)
    for module in _LATE_IMPORTS:
        importlib.import_module(module)
    for name in _LATE_PACKAGES:
        package = importlib.import_module(name)
        for module_info in pkgutil.walk_packages(package.__path__, f"{name}."):
            with contextlib.suppress(ImportError):
                importlib.import_module(module_info.name)
    language.load_model()
    images.load_codecs()


def main() -> None:
    """Load everything, say so, serve."""
    control = socket.socket(fileno=int(sys.argv[1]))
    load_everything()
    confine.leave_network()
    gc.collect()
    # Shared pages stay shared: the collector no longer touches what exists now.
    gc.freeze()
    with contextlib.suppress(OSError):
        control.send(b"R")
        Zygote(control).serve()


if __name__ == "__main__":
    main()
