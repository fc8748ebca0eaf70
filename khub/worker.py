"""The worker: claim → handler by kind → finish, in lanes, with a signal to stop.

The reading lane drives the sandbox; the index lane is the only writer of the index: it commits at
once when idle, what piled up together under load, and merges when idle. A job's effects and its
finish are one transaction.
"""

from __future__ import annotations

import errno
import logging
import threading
import time
import traceback
from typing import TYPE_CHECKING, Protocol

from sqlalchemy.exc import OperationalError

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
#: The same for a lane that nobody waits for: every look is a query, all day long.
PATIENT = 1.0
#: Jobs that one index commit may carry.
BATCH = 100
#: Looks at an empty queue before it counts as idle, and before what failed is tried again.
CALM = 2
AFTER_FAILURE = 300
#: Seconds of such work between two looks: as ``IDLE`` comes between, it takes a third of a core.
STEP = 0.1
#: Seconds between two renewals of the leases in hand.
PULSE = outbox.LEASE.total_seconds() / 4


_MACHINE = frozenset(
    {
        errno.ENOSPC,
        errno.EDQUOT,
        errno.EINTR,
        errno.EIO,
        errno.EMFILE,
        errno.ENFILE,
        errno.ENOMEM,
        errno.EROFS,
    }
)


class LeaseLostError(Exception):
    """Another worker took the job over; this one's effects are rolled back."""


class Tidy(Protocol):
    """Work that can wait."""

    def __call__(self, seconds: float, *, idle: bool) -> object:
        """Do some of it for about so many seconds; when not ``idle``, only what can wait no longer."""
        ...


class Lane:
    """One thread's worth of work on some kinds of job, and of ``tidy`` when none is due.

    While not ``ready`` its jobs stay where they are.
    """

    def __init__(
        self,
        db: Database,
        clock: Clock,
        handlers: Mapping[str, Handler],
        *,
        commit: Callable[[], None] | None = None,
        batch: int = 1,
        tidy: Tidy | None = None,
        ready: Callable[[], bool] | None = None,
        pause: float = IDLE,
    ) -> None:
        self.db = db
        self.clock = clock
        self.handlers = handlers
        self.commit = commit
        self.batch = batch
        self.tidy = tidy
        self.ready = ready
        self.pause = pause
        self._looks = 0
        self._in_hand: dict[int, outbox.Claim] = {}
        self._lock = threading.Lock()

    def step(self) -> bool:
        """Do what is due, up to a batch; False when nothing was, and then a little of what can wait is done."""
        began = time.monotonic()
        try:
            worked = self._step()
        finally:
            with self._lock:
                self._in_hand.clear()
        self._looks = min(self._looks, 0) if worked else self._looks + 1
        if self.tidy is not None and self._looks >= 0:
            try:
                # Under load at most half of the time goes to it.
                self.tidy(max(STEP, time.monotonic() - began) if worked else STEP, idle=self._looks >= CALM)
            except Exception:
                log.exception("lane %s could not tidy", "/".join(self.handlers))
                self._looks = -AFTER_FAILURE
        return worked

    def _step(self) -> bool:
        done: list[tuple[outbox.Claim, Callable[[Session], None]]] = []
        while len(done) < self.batch:
            claimed = self._claim()
            if claimed is None:
                break
            try:
                done.append((claimed, self.handlers[claimed.kind](claimed.ref)))
            except Exception as error:  # noqa: BLE001 - one bad file never blocks the queue
                self._fail(claimed, error)
                if isinstance(error, InterruptedError):
                    break
        if not done:
            return False
        if self.commit is not None:
            try:
                self.commit()
            except Exception as error:  # noqa: BLE001 - the batch is tried again
                for claimed, _ in done:
                    self._fail(claimed, error)
                return True
        for claimed, effect in done:
            self._finish(claimed, effect)
        return True

    def pulse(self) -> None:
        """Renew the leases of what is in hand, so that long work is not taken for lost."""
        with self._lock:
            held = list(self._in_hand.values())
        if not held:
            return
        now = self.clock.now()
        with self.db.write() as session:
            for claimed in held:
                outbox.extend(session, claimed, now)

    def run(self, stop: threading.Event) -> None:
        """Work until ``stop`` is set; a failing database is waited for."""
        while not stop.is_set():
            try:
                worked = self.step()
            except Exception:
                log.exception("lane %s stumbled", "/".join(self.handlers))
                worked = False
            if not worked:
                stop.wait(self.pause)

    def _claim(self) -> outbox.Claim | None:
        if self.ready is not None and not self.ready():
            return None
        kinds: Sequence[str] = tuple(self.handlers)
        now = self.clock.now()
        with self.db.read() as session:
            if not outbox.due(session, now, kinds):
                return None
        with self.db.write() as session:
            claimed = outbox.claim(session, now, kinds)
        if claimed is not None:
            with self._lock:
                self._in_hand[claimed.id] = claimed
        return claimed

    def _finish(self, claimed: outbox.Claim, effect: Callable[[Session], None]) -> None:
        try:
            with self.db.write() as session:
                effect(session)
                _end(session, claimed)
        except LeaseLostError:
            log.warning("job %s/%s was taken over", claimed.kind, claimed.ref)
        except Exception as error:  # noqa: BLE001 - an effect that fails is a failed job
            self._fail(claimed, error)

    def _fail(self, claimed: outbox.Claim, error: Exception) -> None:
        if isinstance(error, InterruptedError):
            # Being told to stop is no failure: the next worker goes on, and who pressed Ctrl-C reads no traceback.
            text = str(error)
            log.info("job %s/%s: %s", claimed.kind, claimed.ref, error.strerror)
        else:
            text = "".join(traceback.format_exception(error))
            log.error("job %s/%s failed (try %s)\n%s", claimed.kind, claimed.ref, claimed.attempts, text)
        give = outbox.put_back if _blameless(error) else outbox.fail
        with self.db.write() as session:
            give(session, claimed, text, self.clock.now())


def _blameless(error: Exception) -> bool:
    """Tell whether the machine failed and not the job: a full disk must not use up every job's tries."""
    return isinstance(error, OperationalError) or (isinstance(error, OSError) and error.errno in _MACHINE)


def _end(session: Session, claimed: outbox.Claim) -> None:
    if not outbox.finish(session, claimed):
        raise LeaseLostError


def run(lanes: Sequence[Lane], stop: threading.Event) -> None:
    """Run every lane in a thread of its own, and one that renews leases, until ``stop`` is set."""
    threads = [
        threading.Thread(target=lane.run, args=(stop,), name=f"lane-{n}") for n, lane in enumerate(lanes)
    ]
    threads.append(threading.Thread(target=_renew, args=(lanes, stop), name="pulse"))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _renew(lanes: Sequence[Lane], stop: threading.Event) -> None:
    while not stop.wait(PULSE):
        for lane in lanes:
            try:
                lane.pulse()
            except Exception:
                log.exception("leases could not be renewed")
