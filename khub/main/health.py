"""The admin's view of the installation: accounts, background work, room on the disk."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub.accounts.models import Person
from khub.outbox import Job

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy.orm import Session

    from khub.policy import Actor

_ERROR_SHOWN = 300


@dataclass(frozen=True, slots=True)
class Health:
    """Counts. ``oldest``: since when the oldest open job has been due, None when none is."""

    people: int
    active: int
    open_jobs: int
    oldest: datetime | None
    given_up: int


@dataclass(frozen=True, slots=True)
class Disk:
    """Room where one of our folders stands, in bytes; ``name`` says which."""

    name: str
    free: int
    total: int


@dataclass(frozen=True, slots=True)
class FailedJob:
    """A job that the worker gave up; ``error`` is the last line of what it met."""

    id: int
    kind: str
    ref: int
    attempts: int
    at: datetime
    error: str


def health(session: Session, actor: Actor, now: datetime) -> Health:
    """Return how the installation does."""
    del actor
    people, active = session.execute(
        sa.select(sa.func.count(), sa.func.count(sa.case((Person.active.is_(True), 1)))).select_from(Person)
    ).one()
    waiting, oldest = session.execute(
        sa.select(sa.func.count(), sa.func.min(Job.run_at)).where(Job.open.is_(True), Job.run_at <= now)
    ).one()
    given_up = session.scalar(sa.select(sa.func.count()).select_from(Job).where(*_given_up()))
    return Health(people, active, waiting, oldest, given_up or 0)


def failed_jobs(
    session: Session, actor: Actor, *, offset: int, limit: int
) -> tuple[int, tuple[FailedJob, ...]]:
    """Return (how many, one page) of the jobs that were given up, the latest first."""
    del actor
    total = session.scalar(sa.select(sa.func.count()).select_from(Job).where(*_given_up())) or 0
    found = session.scalars(
        sa.select(Job).where(*_given_up()).order_by(Job.run_at.desc(), Job.id).offset(offset).limit(limit)
    )
    return total, tuple(
        FailedJob(job.id, job.kind, job.ref, job.attempts, job.run_at, _last_line(job.error)) for job in found
    )


def disks(folders: Iterable[tuple[str, Path]]) -> list[Disk]:
    """Return the room left where each folder stands, or will stand; one row for each disk."""
    found: dict[int, Disk] = {}
    for name, folder in folders:
        place = next(path for path in (folder, *folder.parents) if path.exists())
        usage = shutil.disk_usage(place)
        found.setdefault(place.stat().st_dev, Disk(name, usage.free, usage.total))
    return list(found.values())


def _given_up() -> tuple[sa.ColumnElement[bool], ...]:
    return (Job.open.is_(False), Job.wanted > Job.done)


def _last_line(error: str) -> str:
    """Return the last line only: a traceback is for the log, and says nothing to an admin."""
    lines = error.strip().splitlines()
    return lines[-1][:_ERROR_SHOWN] if lines else ""
