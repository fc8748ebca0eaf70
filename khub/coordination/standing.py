"""Where K/L stand: what they owe, promised and delivered. Every number is the ledger's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub.coordination import reached
from khub.coordination.models import FollowUp
from khub.cycle import ledger as ledgers
from khub.cycle import numbers, parts
from khub.errors import NotFoundError
from khub.plan import names
from khub.plan.directory import Directory
from khub.plan.models import Period, Plan
from khub.plan.queries import plan_called
from khub.plan.running import current_period, days_left
from khub.plan.terms import PeriodState
from khub.policy import oversees

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from khub.coordination.reached import LastContact
    from khub.cycle.facts import PeriodFacts, Row
    from khub.cycle.ledger import Ledger
    from khub.cycle.numbers import Number
    from khub.cycle.parts import Part
    from khub.policy import Actor

_MAX_SEARCH = 200


@dataclass(frozen=True, slots=True)
class Place:
    """The plan, year and period that the room speaks of; ``period`` None where the plan has none."""

    plan_id: int
    plan: str
    plan_name: str
    year: int
    period_id: int | None
    now: datetime


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A K/L in the list. ``delivered`` is None without a period; ``overdue``: rows past their deadline."""

    code: str
    name: str
    short: str
    promised: Number
    answered: Number
    delivered: Number | None
    overdue: int
    follow_ups: int
    contact: LastContact | None


@dataclass(frozen=True, slots=True)
class UnitList:
    """One page of K/L, how many there are, and the period their figures are of."""

    total: int
    rows: tuple[UnitRow, ...]
    place: Place
    period: PeriodFacts | None


@dataclass(frozen=True, slots=True)
class PeriodStanding:
    """A K/L in one period."""

    period: PeriodFacts
    reported: Number
    approved: Number
    late: Number


@dataclass(frozen=True, slots=True)
class YearStanding:
    """A K/L in one year: commitments answered and promised, then its periods, newest first."""

    year: int
    promised: Number
    answered: Number
    periods: tuple[PeriodStanding, ...]


@dataclass(frozen=True, slots=True)
class RowShown:
    """A row of the running period. ``days_left`` counts days in WIB, negative when late."""

    row: Row
    overdue: bool
    days_left: int


@dataclass(frozen=True, slots=True)
class UnitPlace:
    """A K/L (the last of its successors) with the database ids of all its names."""

    id: int
    code: str
    name: str
    short: str
    family: frozenset[int]


@dataclass(frozen=True, slots=True)
class Standing:
    """A K/L over the years, newest first, and its rows of one period in the plan's order."""

    unit: UnitPlace
    place: Place
    until: datetime
    period: PeriodFacts | None
    now: YearStanding | None
    years: tuple[YearStanding, ...]
    rows: tuple[RowShown, ...]


def place_of(
    session: Session, actor: Actor, now: datetime, plan_code: str = "", period_code: str = ""
) -> Place:
    """Return the plan asked for (default: that of the running period) and its period to look at.

    Without ``period_code`` that is the running one, else the last to have ended. 404 for unknown codes.
    """
    running = current_period(session, now)
    if not plan_code and running is not None:
        plan_code = session.scalars(sa.select(Plan.code).where(Plan.id == running.plan_id)).one()
    plan = plan_called(session, actor, plan_code, now)
    query = sa.select(Period).where(Period.plan_id == plan.id)
    if period_code:
        period = session.scalar(query.where(Period.code == period_code))
        if period is None:
            raise NotFoundError
    else:
        period = current_period(session, now, plan.id) or session.scalar(
            query.order_by(Period.ends.desc(), Period.starts, Period.id).limit(1)
        )
    year = period.year if period is not None else plan.year
    return Place(plan.id, plan.code, plan.name, year, period.id if period is not None else None, now)


def unit_called(session: Session, code: str) -> UnitPlace:
    """Return a K/L by code, as its last successor; ``NotFoundError`` when there is none."""
    directory = Directory.load(session)
    found = next((item for item in directory.by_id.values() if item.code == code), None)
    if found is None:
        raise NotFoundError
    head = directory.by_id[directory.head(found.id)]
    return UnitPlace(head.id, head.code, head.name, head.short, directory.family(head.id))


def unit_list(
    session: Session, actor: Actor, text: str, shown: str, place: Place, *, page: int, size: int
) -> UnitList:
    """Return one page of the K/L whose names hold every word of ``text``, with the year's figures.

    ``shown``: "owing" something this year, still "missing" something, or "all".
    """
    directory = Directory.load(session)
    ids = () if place.period_id is None else (place.period_id,)
    ledger = ledgers.read(session, place.plan_id, place.now, period_ids=ids)
    by_unit = parts.split(ledger, lambda _, unit: unit.id, years=(place.year,), period_ids=ids)
    words = names.fold(text[:_MAX_SEARCH]).split()
    found = []
    for item in directory.by_id.values():
        if directory.head(item.id) != item.id:
            continue
        part = by_unit.get(item.id)
        if shown != "all" and (part is None or (shown == "missing" and not _misses(part, place))):
            continue
        keys = [key for each in directory.family(item.id) for key in directory.by_id[each].keys]
        if all(any(word in key for key in keys) for word in words):
            found.append(item)
    found.sort(key=lambda item: names.natural(names.fold(item.short)))
    on_page = found[(page - 1) * size : page * size]
    contacts = reached.last_contact(session, [item.id for item in on_page])
    todo = _open_follow_ups(session, actor, directory, [item.id for item in on_page])
    empty = parts.nothing(ledger, years=(place.year,), period_ids=ids)
    rows = []
    for item in on_page:
        part = by_unit.get(item.id, empty)
        rows.append(
            UnitRow(
                item.code,
                item.name,
                item.short,
                numbers.committed(part, place.year),
                numbers.answered(part, place.year),
                numbers.reported(part, place.period_id) if place.period_id is not None else None,
                _overdue(part, place),
                todo.get(item.id, 0),
                contacts.get(item.id),
            )
        )
    period = ledger.period(place.period_id) if place.period_id is not None else None
    return UnitList(len(found), tuple(rows), place, period)


def standing(session: Session, unit: UnitPlace, place: Place) -> Standing:
    """Return where a K/L stands over all years and periods of a plan."""
    ledger = ledgers.read(session, place.plan_id, place.now)
    years = tuple(sorted({*ledger.years(), *(period.year for period in ledger.periods)}, reverse=True))
    ids = [period.id for period in ledger.periods]
    by_unit = parts.split(ledger, lambda _, each: each.id, years=years, period_ids=ids)
    part = by_unit.get(unit.id) or parts.nothing(ledger, years=years, period_ids=ids)
    found = tuple(_year(part, year) for year in years)
    period = ledger.period(place.period_id) if place.period_id is not None else None
    rows = part.rows(period.id) if period is not None else ()
    return Standing(
        unit,
        place,
        ledger.until,
        period,
        next((each for each in found if each.year == place.year), None),
        tuple(
            each for each in found if each.promised.total or any(one.reported.total for one in each.periods)
        ),
        tuple(
            RowShown(row, row.overdue(place.now), days_left(row.deadline, place.now))
            for row in rows
            if row.asks or row.handed_in
        ),
    )


def _year(part: Part, year: int) -> YearStanding:
    return YearStanding(
        year,
        numbers.committed(part, year),
        numbers.answered(part, year),
        tuple(
            PeriodStanding(
                period,
                numbers.reported(part, period.id),
                numbers.approved(part, period.id),
                numbers.late(part, period.id),
            )
            for period in reversed(part.periods)
            if period.year == year and period.state != PeriodState.PLANNED
        ),
    )


def _misses(part: Ledger, place: Place) -> bool:
    """Tell whether an answer or a report is still missing."""
    if numbers.answered(part, place.year).missing:
        return True
    return place.period_id is not None and bool(numbers.reported(part, place.period_id).missing)


def _overdue(part: Ledger, place: Place) -> int:
    if place.period_id is None:
        return 0
    return sum(row.overdue(place.now) for row in part.rows(place.period_id))


def _open_follow_ups(
    session: Session, actor: Actor, directory: Directory, heads: Sequence[int]
) -> dict[int, int]:
    owner = {member: head for head in heads for member in directory.family(head)}
    counted: dict[int, int] = {}
    for institution_id, number in session.execute(
        sa.select(FollowUp.institution_id, sa.func.count())
        .where(
            FollowUp.institution_id.in_(owner),
            FollowUp.done_at.is_(None),
            sa.or_(FollowUp.owner_id == actor.person_id, oversees(actor, FollowUp.pokja_id)),
        )
        .group_by(FollowUp.institution_id)
    ):
        counted[owner[institution_id]] = counted.get(owner[institution_id], 0) + number
    return counted
