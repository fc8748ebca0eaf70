"""The worker: claim → handler by kind → finish, in lanes, with a signal to stop.

The reading lane drives the sandbox; the index lane is the only writer of the index and commits
what piled up together. A job's effects and its finish are one transaction.
"""

from __future__ import annotations

import logging
import threading
import traceback
from typing import TYPE_CHECKING

from khub import outbox

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy.orm import Session

    from khub.clock import Clock
    from khub.db import Database

    Handler = Callable[[int], Callable[[Session], None]]

log = logging.getLogger("khub.worker")

#: Seconds between two looks at an empty queue.
IDLE = 0.2
#: Jobs that one index commit may carry.
BATCH = 100


class LeaseLostError(Exception):
    """Another worker took the job over; this one's effects are rolled back."""


class Lane:
    """One thread's worth of work on some kinds of job."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        handlers: Mapping[str, Handler],
        *,
        commit: Callable[[], None] | None = None,
        batch: int = 1,
    ) -> None:
        self.db = db
        self.clock = clock
        self.handlers = handlers
        self.commit = commit
        self.batch = batch

    def step(self) -> bool:
        """Do what is due, up to a batch; False when nothing was."""
        done: list[tuple[outbox.Claim, Callable[[Session], None]]] = []
        while len(done) < self.batch:
            claimed = self._claim()
            if claimed is None:
                break
            try:
                done.append((claimed, self.handlers[claimed.kind](claimed.ref)))
            except Exception:  # noqa: BLE001 - one bad file never blocks the queue
                self._fail(claimed)
        if not done:
            return False
        if self.commit is not None:
            try:
                self.commit()
            except Exception:  # noqa: BLE001 - the batch is tried again
                for claimed, _ in done:
                    self._fail(claimed)
                return True
        for claimed, effect in done:
            self._finish(claimed, effect)
        return True

    def run(self, stop: threading.Event) -> None:
        """Work until ``stop`` is set; a failing database is waited for."""
        while not stop.is_set():
            try:
                worked = self.step()
            except Exception:
                log.exception("lane %s stumbled", "/".join(self.handlers))
                worked = False
            if not worked:
                stop.wait(IDLE)

    def _claim(self) -> outbox.Claim | None:
        kinds: Sequence[str] = tuple(self.handlers)
        now = self.clock.now()
        with self.db.read() as session:
            if not outbox.due(session, now, kinds):
                return None
        with self.db.write() as session:
            return outbox.claim(session, now, kinds)

    def _finish(self, claimed: outbox.Claim, effect: Callable[[Session], None]) -> None:
        try:
            with self.db.write() as session:
                effect(session)
                _end(session, claimed)
        except LeaseLostError:
            log.warning("job %s/%s was taken over", claimed.kind, claimed.ref)
        except Exception:  # noqa: BLE001 - an effect that fails is a failed job
            self._fail(claimed)

    def _fail(self, claimed: outbox.Claim) -> None:
        error = traceback.format_exc()
        log.error("job %s/%s failed (try %s)\n%s", claimed.kind, claimed.ref, claimed.attempts, error)
        with self.db.write() as session:
            outbox.fail(session, claimed, error, self.clock.now())


def _end(session: Session, claimed: outbox.Claim) -> None:
    if not outbox.finish(session, claimed):
        raise LeaseLostError


def run(lanes: Sequence[Lane], stop: threading.Event) -> None:
    """Run every lane in a thread of its own until ``stop`` is set."""
    threads = [
        threading.Thread(target=lane.run, args=(stop,), name=f"lane-{n}") for n, lane in enumerate(lanes)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
