"""khub's real process tree on a folder, and what runs below a process."""

from __future__ import annotations

import contextlib
import http.client
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from khub import migrations, wiring
from khub.demo import load
from khub.settings import environment
from khub.settings import load as load_settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from khub.settings import Settings
    from khub.wiring import Services


class Installation:
    """``khub serve`` on a folder, started again whenever it was killed."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.log = folder / "log"
        self.settings: Settings = load_settings(
            {},
            mode="test",
            data=folder / "data",
            uploads=folder / "uploads",
            secret_key="for-kill-tests-only-" + "x" * 32,
            port=self.port,
        )
        self.services: Services = wiring.build(self.settings)
        migrations.upgrade(self.services.db)
        load.foundation(self.services)
        self.process: subprocess.Popen[bytes] | None = None
        self.seen: dict[int, str] = {}

    def start(self) -> None:
        """Start the tree and wait until it answers."""
        limit = time.monotonic() + 60
        while True:
            with self.log.open("ab") as log:
                self.process = subprocess.Popen(
                    [sys.executable, "-m", "khub", "serve"],
                    env=environment(self.settings),
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
            # A server that was left alone by its parent's death may hold the port for a moment more.
            if until(lambda: self.ready() or self.process.poll() is not None, 60) and self.ready():
                return
            self.process.wait(30)
            if time.monotonic() > limit:
                raise AssertionError(f"khub does not start: {self.log.read_text()[-2000:]}")

    def ready(self) -> bool:
        """Tell whether the web server answers."""
        asked = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        with contextlib.closing(asked), contextlib.suppress(OSError, http.client.HTTPException):
            asked.request("GET", "/readyz")
            return asked.getresponse().status == 200
        return False

    def find(self, kind: str) -> list[int]:
        """Return the processes of a kind that live now: web, worker, helper, tree."""
        assert self.process is not None
        below = children_of(self.process.pid)
        self.seen.update({pid: started for pid, (started, _) in below.items()})
        named = {
            role: [pid for pid, (_, words) in below.items() if words[1:4] == ["-m", "khub", role]]
            for role in ("web", "worker")
        }
        if kind == "tree":
            return [self.process.pid, *below]
        if kind == "helper":
            return [pid for worker in named["worker"] for pid in children_of(worker)]
        return named[kind]

    def stop(self) -> None:
        """End the tree in order."""
        if self.process is not None and self.process.poll() is None:
            self.find("tree")
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(60)

    def left(self) -> list[int]:
        """Return the processes of this installation that still run."""
        marks = (f"KHUB_PORT={self.port}".encode(), str(self.settings.data).encode())
        found = {pid for pid, started in self.seen.items() if stat_of(pid)[1:] == (started,)}
        for path in Path("/proc").glob("[0-9]*/environ"):
            with contextlib.suppress(OSError):
                if all(mark in path.read_bytes() for mark in marks):
                    found.add(int(path.parent.name))
        return sorted(pid for pid in found if stat_of(pid))


def stat_of(pid: int) -> tuple[int, str] | tuple[()]:
    """Return (parent, start time) of a living process, () of one that is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ()
    return () if fields[0] == "Z" else (int(fields[1]), fields[19])


def children_of(pid: int) -> dict[int, tuple[str, list[str]]]:
    """Return every process below ``pid``: its start time and its command line."""
    parents: dict[int, list[tuple[int, str]]] = {}
    for path in Path("/proc").glob("[0-9]*"):
        if stat := stat_of(int(path.name)):
            parents.setdefault(stat[0], []).append((int(path.name), stat[1]))
    found: dict[int, tuple[str, list[str]]] = {}
    queue = [pid]
    while queue:
        for child, started in parents.get(queue.pop(), ()):
            with contextlib.suppress(OSError):
                words = Path(f"/proc/{child}/cmdline").read_bytes().decode(errors="replace").split("\0")
                found[child] = (started, words)
                queue.append(child)
    return found


def until(condition: Callable[[], object], seconds: float) -> bool:
    """Wait until ``condition`` holds; False when it did not in time."""
    pause, limit = threading.Event(), time.monotonic() + seconds
    while not condition():
        if time.monotonic() > limit:
            return False
        pause.wait(0.05)
    return True
