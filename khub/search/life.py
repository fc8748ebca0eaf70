"""How the two indexes do, for the index page and ``khub doctor``, and the wish to have one built anew."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from indexer.engines import store
from indexer.ports import IndexUnavailableError
from khub.audit import chain
from khub.errors import N_, ConflictError, ForbiddenError, NotFoundError
from khub.kinds import jobs as kinds
from khub.kinds.projection import CATALOGUE, TEXT
from khub.outbox import Job
from khub.policy import Right, holds
from khub.products.jobs import INDEX
from khub.search.indexing import REBUILD, ask_rebuild, last_rebuild, percent
from khub.search.projection import TITLES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy.orm import Session

    from indexer.engines.cache import CacheFigures
    from indexer.engines.whoosh import WhooshEngine
    from indexer.ports import Extent, IndexInfo, Versions
    from khub.clock import Clock
    from khub.db import Database
    from khub.policy import Actor
    from khub.search.indexing import Last
    from khub.settings import Settings


@dataclass(frozen=True, slots=True)
class Index:
    """An index: its folder, the job that builds it anew, and the jobs that bring changes into it."""

    name: str
    folder: Path
    rebuild: str
    changes: tuple[str, ...]


def indexes(settings: Settings) -> tuple[Index, Index]:
    """Return the index of documents, and that of reports, actions and K/L."""
    return (
        Index("documents", settings.index, REBUILD, (INDEX, TITLES)),
        Index("kinds", settings.kind_index, kinds.REBUILD, (TEXT, CATALOGUE)),
    )


@dataclass(frozen=True, slots=True)
class Condition:
    """How an index does.

    ``reason``: "" when it can be used, else missing, version, damaged; ``info`` only when it can.
    ``held`` and ``wanted``: versions of the index and of this code. ``waiting``: changes that are due and
    not in it, since ``oldest``. ``rebuild``: "" none asked for, waiting, running, failed (given up);
    ``percent`` of one that is waiting or running, where known.
    """

    name: str
    reason: str
    info: IndexInfo | None
    held: Versions | None
    wanted: Versions
    last: Last | None
    waiting: int
    oldest: datetime | None
    rebuild: str
    percent: int | None


def condition(session: Session, index: Index, now: datetime, *, deep: bool = False) -> Condition:
    """Return how ``index`` does; ``deep`` reads every posting of it."""
    reason, info = "", None
    try:
        info = store.check(index.folder, deep=deep)
    except IndexUnavailableError as error:
        reason = error.reason
    held, wanted = store.versions(index.folder)
    waiting, oldest = session.execute(
        sa.select(sa.func.count(), sa.func.min(Job.run_at)).where(
            Job.open.is_(True), Job.run_at <= now, Job.kind.in_(index.changes)
        )
    ).one()
    job = session.scalar(sa.select(Job).where(Job.kind == index.rebuild))
    if job is None or not (job.open or job.wanted > job.done):
        rebuild = ""
    elif not job.open:
        rebuild = "failed"
    else:
        rebuild = "running" if job.lease_until is not None else "waiting"
    return Condition(
        name=index.name,
        reason=reason,
        info=info,
        held=held,
        wanted=wanted,
        last=last_rebuild(index.folder),
        waiting=waiting,
        oldest=oldest,
        rebuild=rebuild,
        percent=percent(index.folder) if rebuild in ("waiting", "running") else None,
    )


@dataclass(frozen=True, slots=True)
class State:
    """An index as this process sees it: how it does, what it holds, and how the caches before it do."""

    condition: Condition
    extent: Extent | None
    caches: Mapping[str, CacheFigures]


class IndexLife:
    """What an operator sees of the indexes and may ask for."""

    def __init__(self, db: Database, clock: Clock, engines: Sequence[tuple[Index, WhooshEngine]]) -> None:
        self.db = db
        self.clock = clock
        self.engines = engines

    def states(self, actor: Actor) -> list[State]:
        """Return the state of each index: totals over everything, no title, no word, no name."""
        _demand(actor)
        found = []
        for index, engine in self.engines:
            with self.db.read() as session:
                told = condition(session, index, self.clock.now())
            try:
                extent = engine.extent() if told.info is not None else None
            except IndexUnavailableError:  # damaged or replaced since it was looked at
                extent = None
            found.append(State(told, extent, engine.stats()))
        return found

    def rebuild(self, actor: Actor, name: str) -> None:
        """Ask the worker to build an index anew; refused while that is asked for or under way."""
        _demand(actor)
        index = next((index for index, _ in self.engines if index.name == name), None)
        if index is None:
            raise NotFoundError
        now = self.clock.now()
        with self.db.write() as session:
            if not ask_rebuild(session, now, index.rebuild):
                raise ConflictError(N_("Indeks ini sedang, atau akan segera, dibangun ulang."))
            chain.append(session, actor, "index.rebuild-asked", "index", name, now)


def _demand(actor: Actor) -> None:
    if not holds(actor, Right.PLAN):
        raise ForbiddenError(N_("Bagian ini untuk Sekretariat dan admin."))
