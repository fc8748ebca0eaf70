"""Searching reports, actions and K/L as a person: the same grammar, rights and statistics as for documents."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import sqlalchemy as sa

from indexer import highlight
from indexer.ports import IndexUnavailableError
from indexer.query import parse
from khub.db import read_rows
from khub.kinds.jobs import REBUILD
from khub.kinds.models import KindEntry
from khub.kinds.projection import ACTION, KINDS, REPORT, UNIT, named, number_of, status_of
from khub.kinds.texts import LANGUAGE, texts
from khub.outbox import Job
from khub.plan.models import Action, Institution, Period, Plan
from khub.reports.models import Report, ReportCopy
from khub.reports.queries import readable_reports
from khub.search.columns import Columns
from khub.search.service import Search

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from sqlalchemy.orm import Session

    from indexer.ports import FacetCount, ProductHit, Results, SearchEngine
    from indexer.query import Query
    from khub.policy import Actor
    from khub.search.advice import Advice
    from khub.search.service import Request, World

DOCUMENT = "document"
#: Before the first build there are no columns either: nothing found would be a wrong answer then.
_BUILDING = sa.select(Job.id).where(Job.kind == REBUILD, Job.open)
_BUILD = "kinds-build"


@dataclass(frozen=True, slots=True)
class Part:
    """A matching part of a text (its number within the kind) with the piece of it to show."""

    number: int
    snippet: highlight.Snippet


@dataclass(frozen=True, slots=True)
class KindFound:
    """A report, action or K/L that matches.

    ``ref``: how its page is named. Of a report: ``state``, ``unit``, ``period``, the ``copy`` that matches.
    """

    kind: str
    ref: tuple[str, ...]
    title: tuple[highlight.Fragment, ...]
    parts: tuple[Part, ...]
    state: str = ""
    unit: str = ""
    period: str = ""
    classification: str = ""
    copy: int = 0


@dataclass(frozen=True, slots=True)
class KindAnswer:
    """One page of the results of a kind; as ``Answer`` for documents."""

    asked: Query
    total: int
    found: tuple[KindFound, ...]
    facets: Mapping[str, tuple[FacetCount, ...]]
    dropped: tuple[str, ...]
    advice: Advice | None


class KindSearch(Search):
    """A search whose documents are texts of one kind."""

    def __init__(self, engine: SearchEngine, documents: Search, kind: str) -> None:
        rows = sa.select(KindEntry.subject_id, KindEntry.epoch, KindEntry.copies)
        columns = Columns(rows.where(KindEntry.kind == kind))
        super().__init__(documents.db, documents.clock, engine, columns, documents.snippets)
        self.kind = kind

    def results(
        self, session: Session, actor: Actor, request: Request, *, advised: bool
    ) -> tuple[Query, Results, Advice | None]:
        """Return what the engine was asked, its answer, and advice if that is wanted; raises as ``run`` does."""
        query = parse(request.text)
        world = self._ready(session, actor, self._said(session, query, request), request)
        found = self._ranked(world, replace(request, all_versions=False))
        wanted = advised and query
        return (
            world.said,
            found,
            self._advice(session, world, request, query, found.total_products) if wanted else None,
        )

    def _written(self, session: Session, found: ProductHit, query: Query) -> Iterator[str]:
        del query
        for text in texts(session, [found.unit]).values():
            yield from (text.title, *text.parts.values())

    def total(self, session: Session, actor: Actor, request: Request, said: Query) -> int:
        """Return how much ``request``, understood as ``said``, finds, without ranking it; raises as ``run`` does."""
        world = self._ready(session, actor, said, request)
        return self.engine.count([world.query], allow=world.allow, units=world.table, filters=world.filters)[
            0
        ]

    def _ready(self, session: Session, actor: Actor, said: Query, request: Request) -> World:
        world = self._world(session, actor, said, request)
        if not len(world.table.units) and _building(session):
            raise IndexUnavailableError("missing")
        return world


def _building(session: Session) -> bool:
    """Tell whether the first build is still to come, asked for once a session."""
    found = session.info.get(_BUILD)
    if found is None:
        found = session.info[_BUILD] = read_rows(session, _BUILDING).first() is not None
    return bool(found)


class Kinds:
    """All kinds of things beside documents; ``documents`` is the search for those."""

    def __init__(self, engine: SearchEngine, documents: Search) -> None:
        self.db = documents.db
        self.documents = documents
        self.searches = {kind: KindSearch(engine, documents, kind) for kind in KINDS}

    def run(self, actor: Actor, kind: str, request: Request, *, advised: bool = False) -> KindAnswer:
        """Answer ``request`` with texts of ``kind``; raises ``QueryError`` and ``IndexUnavailableError``."""
        with self.db.read() as session:
            said, results, advice = self.searches[kind].results(session, actor, request, advised=advised)
            return KindAnswer(
                asked=said,
                total=results.total_products,
                found=tuple(_found(session, actor, kind, results.hits, said)),
                facets=results.facets,
                dropped=results.dropped,
                advice=advice,
            )

    def counts(
        self,
        session: Session,
        actor: Actor,
        request: Request,
        known: Mapping[str, int],
        said: Query | None = None,
    ) -> dict[str, int]:
        """Return how much of each kind ``request`` finds, documents included; ``known`` is not counted again.

        ``said``: how it was understood, where that is known.
        """
        counts = dict(known)
        if DOCUMENT not in known:
            one = replace(request, page=1, size=1)
            counts[DOCUMENT] = self.documents.answer(session, actor, one).total_products
        said = self.documents.said(session, request) if said is None else said
        for kind, search in self.searches.items():
            if kind not in known:
                counts[kind] = search.total(session, actor, request, said)
        return counts


def _found(
    session: Session, actor: Actor, kind: str, hits: Collection[ProductHit], query: Query
) -> Iterable[KindFound]:
    said = texts(session, [hit.unit for hit in hits])
    rows = _ROWS[kind](session, actor, [named(hit.unit)[1] for hit in hits])
    for hit in hits:
        row, text = rows.get(hit.unit), said.get(hit.unit)
        if row is None or text is None:
            continue
        title = text.title or row.title
        parts = tuple(
            Part(page.number, highlight.snippet(text.parts[page.number], query, LANGUAGE))
            for page in sorted(hit.pages, key=lambda page: page.number)
            if page.number in text.parts
        )
        spans = highlight.spans(title, query, LANGUAGE) if text.title else ()
        yield KindFound(
            kind,
            row.ref,
            tuple(highlight.fragments(title, spans)),
            parts,
            row.state,
            row.unit,
            row.period,
            row.classification,
            row.copy,
        )


@dataclass(frozen=True, slots=True)
class _Row:
    ref: tuple[str, ...]
    title: str = ""
    state: str = ""
    unit: str = ""
    period: str = ""
    classification: str = ""
    copy: int = 0


def _reports(session: Session, actor: Actor, ids: Collection[int]) -> dict[int, _Row]:
    """Return those of these copies that the database, asked again, lets ``actor`` read."""
    readable = readable_reports(actor).where(ReportCopy.id.in_(ids)).subquery()
    return {
        number_of(REPORT, copy.id): _Row(
            (report.public_id,),
            f"{code} {title}",
            status_of(copy.number, copy.outcome, report.state),
            unit,
            period,
            report.classification,
            copy.number,
        )
        for copy, report, code, title, unit, period in session.execute(
            sa.select(ReportCopy, Report, Action.code, Action.title, Institution.name, Period.name)
            .join(Report, Report.id == ReportCopy.report_id)
            .join(Action, Action.id == Report.action_id)
            .join(Institution, Institution.id == Report.institution_id)
            .join(Period, Period.id == Report.period_id)
            .where(ReportCopy.id.in_(sa.select(readable.c.id)))
        )
    }


def _actions(session: Session, actor: Actor, ids: Collection[int]) -> dict[int, _Row]:
    del actor
    return {
        number_of(ACTION, key): _Row((plan, code))
        for key, plan, code in session.execute(
            sa.select(Action.id, Plan.code, Action.code)
            .join(Plan, Plan.id == Action.plan_id)
            .where(Action.id.in_(ids))
        )
    }


def _units(session: Session, actor: Actor, ids: Collection[int]) -> dict[int, _Row]:
    del actor
    return {
        number_of(UNIT, key): _Row((code,))
        for key, code in session.execute(
            sa.select(Institution.id, Institution.code).where(Institution.id.in_(ids))
        )
    }


_ROWS = {REPORT: _reports, ACTION: _actions, UNIT: _units}
