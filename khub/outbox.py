"""Jobs, written in the transaction of the change that asks for them.

One row per (kind, ref). ``wanted`` counts the changes, ``done`` the last one served: a change
that comes while a job runs leaves ``wanted`` ahead, so it is neither lost nor served twice.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from khub.db import Base, UTCDateTime

if TYPE_CHECKING:
    from collections.abc import Sequence

LEASE = timedelta(seconds=180)
MAX_ATTEMPTS = 5
#: Tries after which a job in hand when its worker died is given up: it may be what kills workers.
MAX_DEATHS = 20
#: Seconds until work is tried again that failed through no fault of its own.
_PAUSE = 10
#: A worker that died this often with a job in hand takes it up later each time.
_PATIENCE = 3
#: Seconds that such a job waits at most: somebody may be waiting for it.
LONGEST_PAUSE = 60


class Job(Base):
    """A piece of work for the worker; ``ref`` is an id, never a payload."""

    __tablename__ = "job"
    __table_args__ = (
        sa.UniqueConstraint("kind", "ref"),
        sa.Index("ix_job_open_priority_run_at", "open", "priority", "run_at"),
        sa.Index(
            "ix_job_given_up",
            "id",
            sqlite_where=sa.text("open IS 0 AND wanted > done"),
            postgresql_where=sa.text("open IS false AND wanted > done"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(30))
    ref: Mapped[int]
    open: Mapped[bool]
    priority: Mapped[int] = mapped_column(default=5)
    wanted: Mapped[int] = mapped_column(default=1)
    done: Mapped[int] = mapped_column(default=0)
    attempts: Mapped[int] = mapped_column(default=0)
    run_at: Mapped[datetime] = mapped_column(UTCDateTime)
    lease_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    token: Mapped[str] = mapped_column(sa.String(32), default="")
    error: Mapped[str] = mapped_column(sa.Text, default="")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)


@dataclass(frozen=True, slots=True)
class Claim:
    """A job in hand. ``token`` fences off a worker whose lease has run out."""

    id: int
    kind: str
    ref: int
    wanted: int
    attempts: int
    token: str


def enqueue(session: Session, kind: str, ref: int, at: datetime, *, priority: int = 5) -> None:
    """Ask for ``kind`` on ``ref`` in the caller's transaction; lower ``priority`` runs first."""
    known = sa.select(Job).where(Job.kind == kind, Job.ref == ref).with_for_update()
    job = session.scalar(known)
    if job is None:
        try:
            with session.begin_nested():
                session.add(Job(kind=kind, ref=ref, open=True, priority=priority, run_at=at, created_at=at))
        except IntegrityError:  # another transaction asked for the same at the same moment
            job = session.scalars(known).one()
        else:
            return
    job.wanted += 1
    job.open = True
    job.attempts = 0
    job.error = ""
    job.run_at = at
    job.priority = min(priority, job.priority) if job.wanted - job.done > 1 else priority


_NOW: sa.BindParameter[datetime] = sa.bindparam("now")
_CLAIMABLE = (
    Job.open.is_(True),
    Job.kind.in_(sa.bindparam("kinds", expanding=True)),
    Job.run_at <= _NOW,
    sa.or_(Job.lease_until.is_(None), Job.lease_until < _NOW),
)
# Put together once: every lane asks several times a second.
_DUE = sa.select(Job.id).where(*_CLAIMABLE).limit(1)
_MOST_URGENT = (
    sa.select(Job)
    .where(*_CLAIMABLE)
    .order_by(Job.priority, Job.run_at, Job.id)
    .limit(1)
    .with_for_update(skip_locked=True)
)


def due(session: Session, now: datetime, kinds: Sequence[str]) -> bool:
    """Tell, without the write lock, whether a claim could succeed."""
    return session.scalar(_DUE, {"now": now, "kinds": kinds}) is not None


def claim(session: Session, now: datetime, kinds: Sequence[str]) -> Claim | None:
    """Take the most urgent due job of ``kinds`` under a lease, or nothing."""
    job = session.scalar(_MOST_URGENT, {"now": now, "kinds": kinds})
    if job is None:
        return None
    job.lease_until = now + LEASE
    job.token = secrets.token_hex(16)
    job.attempts += 1
    session.flush()
    return Claim(job.id, job.kind, job.ref, job.wanted, job.attempts, job.token)


def extend(session: Session, claimed: Claim, now: datetime) -> bool:
    """Renew the lease; False when another worker has taken over."""
    job = _held(session, claimed)
    if job is None:
        return False
    job.lease_until = now + LEASE
    return True


def finish(session: Session, claimed: Claim) -> bool:
    """Mark the claimed change as served; call it in the transaction of the job's own effects.

    False means the lease was lost: the caller must roll back.
    """
    job = _held(session, claimed)
    if job is None:
        return False
    job.done = claimed.wanted
    job.open = job.wanted > claimed.wanted
    job.lease_until = None
    job.token = ""
    job.attempts = 0
    job.error = ""
    return True


def fail(session: Session, claimed: Claim, error: str, now: datetime) -> bool:
    """Put a failed job back with growing delay; True when it was given up for a person to see."""
    job = _held(session, claimed)
    if job is None:
        return False
    job.error = error[-2000:]
    job.lease_until = None
    job.token = ""
    job.run_at = now + timedelta(seconds=2**job.attempts)
    job.open = job.attempts < MAX_ATTEMPTS
    return not job.open


def put_back(session: Session, claimed: Claim, error: str, now: datetime) -> None:
    """Return a job that failed through no fault of its own (disk full): tried until it works, not counted."""
    job = _held(session, claimed)
    if job is not None:
        job.error = error[-2000:]
        job.lease_until = None
        job.token = ""
        job.attempts -= 1
        job.run_at = now + timedelta(seconds=_PAUSE)


def release_all(session: Session, now: datetime) -> int:
    """Free every lease and return how many there were; only for who knows that no worker holds one.

    A job that was in hand at many deaths waits longer each time and is given up at ``MAX_DEATHS``.
    """
    jobs = session.scalars(sa.select(Job).where(Job.lease_until.is_not(None)).with_for_update()).all()
    for job in jobs:
        job.lease_until = None
        job.token = ""
        if job.attempts > _PATIENCE:
            job.run_at = now + timedelta(seconds=min(2**job.attempts, LONGEST_PAUSE))
        if job.attempts >= MAX_DEATHS:
            job.open = False
            job.error = f"the worker ended {job.attempts} times with this in hand"
    return len(jobs)


def retry(session: Session, job_id: int, now: datetime) -> None:
    """Open a given-up job again."""
    job = session.get(Job, job_id, with_for_update=True)
    if job is not None and not job.open and job.wanted > job.done:
        job.open, job.attempts, job.run_at = True, 0, now


def _held(session: Session, claimed: Claim) -> Job | None:
    return session.scalar(
        sa.select(Job).where(Job.id == claimed.id, Job.token == claimed.token).with_for_update()
    )
