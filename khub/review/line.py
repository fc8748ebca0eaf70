"""The queue: reports with their outputs and keluaran handed in alone, in one line, with its pace."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub import policy, workdays
from khub.accounts.models import Person
from khub.clock import WIB, wib_date
from khub.mail.holidays import calendar
from khub.plan.deadlines import Deadlines
from khub.plan.models import Action, Institution, Period
from khub.plan.terms import RUNNING
from khub.products import lifecycle
from khub.products.models import WORKING, Copy, Product, Version
from khub.products.queries import action_ids, actions_of, first_pressed, readable_copies, short_name
from khub.reports.models import Report, ReportCopy
from khub.reports.queries import readable_reports
from khub.review import cases
from khub.review.evidence import files_of
from khub.review.models import Decision, SecondLook
from khub.review.reserving import lapsed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from khub.mail.holidays import Calendar
    from khub.policy import Actor
    from khub.review.reserving import Held

BY_AGE, BY_DEADLINE = "umur", "tenggat"
#: Working days before today whose decisions tell the pace.
PACE_DAYS = 5
_FAR = datetime.max.replace(tzinfo=WIB)
#: Working days further than which an end is not foretold.
_FORETOLD = 250


@dataclass(frozen=True, slots=True)
class Holder:
    """Who has reserved an item, and since when."""

    name: str
    since: datetime
    me: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """One waiting item, as short as ordering needs. ``barred``: why the reader may not decide, or ""."""

    kind: str
    copy_id: int
    public_id: str
    institution_id: int
    period_id: int | None
    submitted_at: datetime
    deadline: datetime | None
    barred: str
    reviewer_id: int | None
    reserved_at: datetime | None


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One waiting item. ``age``: working days since Ajukan; ``title``: of the keluaran, or of the report's aksi.

    ``outputs``: keluaran that a report names, 0 for a keluaran.
    """

    kind: str
    public_id: str
    title: str
    version: int
    snapshot: int
    institution: str
    codes: tuple[str, ...]
    outputs: int
    files: int
    pages: int
    submitted_at: datetime
    age: int
    deadline: datetime | None
    late: bool
    holder: Holder | None
    barred: str


@dataclass(frozen=True, slots=True)
class Queue:
    """A page of the queue; ``waiting`` counts all, ``done_today`` today's decisions in WIB.

    ``pace``: items decided a working day, of late (0: none); ``done_by``: the working day on which the
    queue is empty at that pace, None where it cannot be told. ``second``: second looks to take.
    """

    waiting: int
    done_today: int
    pace: float
    done_by: date | None
    second: int
    rows: tuple[QueueRow, ...]


def waiting_count(session: Session, actor: Actor) -> int:
    """Return how many items wait for a decision, of those ``actor`` may read."""
    counted = [
        query.with_only_columns(sa.func.count(), maintain_column_froms=True).scalar_subquery()
        for query in (_products(actor), _reports(actor))
    ]
    return session.scalar(sa.select(counted[0] + counted[1])) or 0


def waiting(
    session: Session, actor: Actor, now: datetime, *, by: str = BY_AGE, most: int | None = None
) -> list[Waiting]:
    """Return what waits, the oldest first, or what is due soonest first; four statements.

    ``most``: of the oldest only about so many, and those for certain; with ``BY_AGE`` alone.
    """
    products = session.execute(
        _products(actor)
        .order_by(Copy.submitted_at, Copy.id)
        .limit(most)
        .with_only_columns(
            Copy.id,
            Product.public_id,
            Product.institution_id,
            Product.pokja_id,
            Copy.period_id,
            Copy.submitted_at,
            Copy.submitted_by,
            Version.reviewer_id,
            Version.reserved_at,
            maintain_column_froms=True,
        )
    ).all()
    reports = session.execute(
        _reports(actor)
        .order_by(ReportCopy.submitted_at, ReportCopy.id)
        .limit(most)
        .with_only_columns(
            ReportCopy.id,
            Report.public_id,
            Report.institution_id,
            Report.pokja_id,
            Report.period_id,
            ReportCopy.submitted_at,
            ReportCopy.submitted_by,
            Report.reviewer_id,
            Report.reserved_at,
            Report.action_id,
            maintain_column_froms=True,
        )
    ).all()
    deadlines = Deadlines.asked(session, (row.period_id for row in (*products, *reports)), now)
    served = action_ids(session, (row.id for row in products)) if deadlines.granted else {}
    why = functools.cache(functools.partial(barred, actor))  # many come from the same hands
    found = [
        Waiting(
            kind,
            row.id,
            row.public_id,
            row.institution_id,
            row.period_id,
            row.submitted_at,
            deadlines.of(
                row.period_id,
                row.institution_id,
                (row.action_id,) if kind == cases.REPORT else served.get(row.id, ()),
            ),
            why(row.institution_id, row.pokja_id, row.submitted_by),
            row.reviewer_id,
            row.reserved_at,
        )
        for kind, rows in ((cases.REPORT, reports), (cases.PRODUCT, products))
        for row in rows
    ]
    if by == BY_DEADLINE:
        return sorted(
            found, key=lambda each: (each.deadline or _FAR, each.submitted_at, each.kind, each.copy_id)
        )
    return sorted(found, key=lambda each: (each.submitted_at, each.kind, each.copy_id))


def queue(
    session: Session, actor: Actor, now: datetime, *, offset: int, limit: int, by: str = BY_AGE
) -> Queue:
    """Return one page of what waits."""
    count = waiting_count(session, actor)
    found = waiting(session, actor, now, by=by, most=offset + limit if by == BY_AGE else None)
    pace, done_today, done_by = _pace(session, count, now)
    return Queue(
        waiting=count,
        done_today=done_today,
        pace=pace,
        done_by=done_by,
        second=session.scalar(
            sa.select(sa.func.count()).select_from(SecondLook).where(SecondLook.verdict == "")
        )
        or 0,
        rows=rows(session, actor, found[offset : offset + limit], now),
    )


def rows(session: Session, actor: Actor, wanted: Sequence[Waiting], now: datetime) -> tuple[QueueRow, ...]:
    """Return lines of the queue as pages show them, in at most nine statements."""
    institutions = {
        row.id: short_name(row)
        for row in session.scalars(
            sa.select(Institution).where(Institution.id.in_({each.institution_id for each in wanted}))
        )
    }
    held = holders(session, actor, {each.public_id: each for each in wanted}, now)
    shown = {
        **_report_facts(session, [each for each in wanted if each.kind == cases.REPORT]),
        **_product_facts(session, [each for each in wanted if each.kind == cases.PRODUCT]),
    }
    return tuple(
        QueueRow(
            kind=each.kind,
            public_id=each.public_id,
            institution=institutions[each.institution_id],
            submitted_at=each.submitted_at,
            age=workdays.elapsed(each.submitted_at, now),
            deadline=each.deadline,
            late=each.deadline is not None and facts.pressed_at > each.deadline,
            holder=held.get(each.public_id),
            barred=each.barred,
            title=facts.title,
            version=facts.version,
            snapshot=facts.snapshot,
            codes=facts.codes,
            outputs=facts.outputs,
            files=facts.files,
            pages=facts.pages,
        )
        for each in wanted
        for facts in [shown[each.public_id]]
    )


@dataclass(frozen=True, slots=True)
class _Facts:
    title: str
    version: int
    snapshot: int
    codes: tuple[str, ...]
    outputs: int
    files: int
    pages: int
    pressed_at: datetime


def _report_facts(session: Session, wanted: Sequence[Waiting]) -> dict[str, _Facts]:
    if not wanted:
        return {}
    ids = [each.copy_id for each in wanted]
    evidence = cases.evidence_of_many(session, ids)
    copies = {each.copy.id for held in evidence.values() for each in held if each.copy is not None}
    files = files_of(session, copies)
    found = {}
    for copy, report, action in session.execute(
        sa.select(ReportCopy, Report, Action)
        .join(Report, Report.id == ReportCopy.report_id)
        .join(Action, Action.id == Report.action_id)
        .where(ReportCopy.id.in_(ids))
    ):
        held = [
            file for each in evidence.get(copy.id, ()) if each.copy for file in files.get(each.copy.id, ())
        ]
        found[report.public_id] = _Facts(
            title=action.title,
            version=0,
            snapshot=copy.number,
            codes=(action.code,),
            outputs=len(evidence.get(copy.id, ())),
            files=len(held),
            pages=sum(file.page_count for file in held),
            pressed_at=report.pressed_at or copy.submitted_at or copy.saved_at,
        )
    return found


def _product_facts(session: Session, wanted: Sequence[Waiting]) -> dict[str, _Facts]:
    if not wanted:
        return {}
    ids = [each.copy_id for each in wanted]
    files = files_of(session, ids)
    actions = actions_of(session, ids)
    versions = session.execute(
        sa.select(Copy, Version, Product.public_id)
        .join(Version, Version.id == Copy.version_id)
        .join(Product, Product.id == Version.product_id)
        .where(Copy.id.in_(ids))
    ).all()
    pressed = first_pressed(session, [version.id for _, version, _ in versions])
    return {
        public_id: _Facts(
            title=copy.title,
            version=version.number,
            snapshot=copy.number,
            codes=tuple(action.code for action in actions.get(copy.id, ())),
            outputs=0,
            files=len(files.get(copy.id, ())),
            pages=sum(file.page_count for file in files.get(copy.id, ())),
            pressed_at=pressed.get(version.id, copy.submitted_at or copy.saved_at),
        )
        for copy, version, public_id in versions
    }


def usual_due(session: Session, actor: Actor, now: datetime) -> date:
    """Return the day until which a return usually gives time to mend: a week of working days ahead."""
    del actor
    days, day = calendar(session), wib_date(now)
    for _ in range(PACE_DAYS):
        day = days.following(day + timedelta(days=1))
    return day


def barred(actor: Actor, institution_id: int, pokja_id: int, submitted_by: int | None) -> str:
    """Return why ``actor`` may not decide on something handed in, or ""."""
    verdict = policy.can_review(actor, policy.Subject(institution_id, pokja_id, submitted_by=submitted_by))
    return "" if verdict else verdict.why


def holders(session: Session, actor: Actor, things: Mapping[str, Held], now: datetime) -> dict[str, Holder]:
    """Return who holds each thing; a lapsed reservation holds nothing, except for its own reviewer."""
    held = {
        key: (thing.reviewer_id, thing.reserved_at)
        for key, thing in things.items()
        if thing.reviewer_id is not None
        and thing.reserved_at is not None
        and (thing.reviewer_id == actor.person_id or not lapsed(thing.reserved_at, now))
    }
    known = names(session, (reviewer for reviewer, _ in held.values()))
    return {
        key: Holder(known.get(reviewer, ""), since, reviewer == actor.person_id)
        for key, (reviewer, since) in held.items()
    }


def names(session: Session, ids: Iterable[int | None]) -> dict[int | None, str]:
    """Return the names of people by id."""
    wanted = {person for person in ids if person is not None}
    if not wanted:
        return {}
    found = session.execute(sa.select(Person.id, Person.name).where(Person.id.in_(wanted)))
    return {row.id: row.name for row in found}


def _products(actor: Actor) -> sa.Select[Copy, Version, Product]:
    return readable_copies(actor).where(
        Version.state == lifecycle.State.SUBMITTED,
        Copy.outcome == "pending",
        Copy.number != WORKING,
        ~cases.with_a_report(actor),
    )


def _reports(actor: Actor) -> sa.Select[ReportCopy, Report]:
    return (
        readable_reports(actor)
        .join(Period, Period.id == Report.period_id)
        .where(
            Report.state == lifecycle.State.SUBMITTED,
            ReportCopy.outcome == "pending",
            ReportCopy.number != WORKING,
            Period.state.in_(RUNNING),
        )
    )


def _pace(session: Session, left: int, now: datetime) -> tuple[float, int, date | None]:
    """Return items decided a day over the last working days, those of today, and when nothing is left."""
    days, today = calendar(session), wib_date(now)
    first = today
    for _ in range(PACE_DAYS):
        first = days.preceding(first - timedelta(days=1))
    midnight = datetime.combine(today, time(), WIB)
    before, done_today = session.execute(
        sa.select(
            sa.func.count(sa.case((Decision.at < midnight, 1))),
            sa.func.count(sa.case((Decision.at >= midnight, 1))),
        ).where(Decision.at >= datetime.combine(first, time(), WIB), Decision.with_id.is_(None))
    ).one()
    pace = before / PACE_DAYS
    return pace, done_today, _ahead(days, today, left, pace)


def _ahead(days: Calendar, today: date, left: int, pace: float) -> date | None:
    """Return the working day on which ``left`` items are done at ``pace`` a day."""
    needed = math.ceil(left / pace) if pace else 0
    if not needed or needed > _FORETOLD:
        return None
    day = today
    for _ in range(needed):
        day = days.following(day + timedelta(days=1))
    return day
