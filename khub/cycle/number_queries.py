"""Official numbers as pages show them: a table of all, and for each exactly the rows behind it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub.clock import WIB
from khub.cycle import ledger as ledgers
from khub.cycle import numbers, outputs
from khub.cycle.facts import ActionFacts, HandedIn, Owed, PeriodFacts, Row, Unit
from khub.cycle.source import period_facts
from khub.errors import N_, InvalidError, NotFoundError
from khub.plan.models import Period
from khub.plan.queries import plan_called, plans
from khub.plan.running import current_period
from khub.plan.terms import PeriodState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from khub.cycle.ledger import Ledger
    from khub.cycle.numbers import Item, Number
    from khub.plan.queries import PlanRow
    from khub.policy import Actor


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for: plan and period by code ("" the running one), year, branch, day ("" now)."""

    plan: str = ""
    year: int | None = None
    period: str = ""
    branch: str = ""
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Which plan, year, period and instant the numbers are of, and what else could be chosen."""

    plan: PlanRow
    plans: tuple[PlanRow, ...]
    year: int
    years: tuple[int, ...]
    period: PeriodFacts | None
    periods: tuple[PeriodFacts, ...]
    branches: tuple[tuple[str, str], ...]
    until: datetime
    day: date | None
    ledger: Ledger


@dataclass(frozen=True, slots=True)
class NumberRow:
    """A number over the whole plan and by branch, in the order of ``Place.branches``."""

    whole: Number
    branches: tuple[Number, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that a number counts or misses; what does not apply to it is None or ""."""

    action: ActionFacts | None
    unit: Unit | None
    answer: str | None
    state: str | None
    late: bool
    pressed_at: datetime | None
    deadline: datetime | None
    report: str
    product: HandedIn | None = None


def place(session: Session, actor: Actor, asked: Asked, now: datetime) -> Place:
    """Return where the numbers are read. Raises ``NotFoundError`` for a plan or period that is not there."""
    plan = plan_called(session, actor, asked.plan, now)
    until = now
    if asked.day is not None:
        until = min(now, datetime.combine(asked.day, time.max, WIB))
    running = current_period(session, now, plan.id)
    wanted = (
        session.scalar(sa.select(Period).where(Period.plan_id == plan.id, Period.code == asked.period))
        if asked.period
        else _of_year(session, plan.id, asked.year) or running
    )
    if wanted is None and asked.period:
        raise NotFoundError
    ledger = ledgers.read(session, plan.id, until, period_ids=[wanted.id] if wanted is not None else ())
    every = session.scalars(
        sa.select(Period)
        .where(Period.plan_id == plan.id, Period.state != PeriodState.PLANNED)
        .order_by(Period.ends.desc(), Period.id)
    ).all()
    years = ledger.years() or (plan.year,)
    year = asked.year or (wanted.year if wanted is not None else plan.year)
    return Place(
        plan=plan,
        plans=plans(session, actor, now),
        year=year,
        years=tuple(sorted({*years, year}, reverse=True)),
        period=ledger.periods[0] if ledger.periods else None,
        periods=tuple(period_facts(row) for row in every),
        branches=tuple({action.branch: action.branch_name for action in ledger.actions}.items()),
        until=until,
        day=asked.day,
        ledger=ledger,
    )


def table(session: Session, actor: Actor, asked: Asked, now: datetime) -> tuple[Place, tuple[NumberRow, ...]]:
    """Return every number, whole and by branch."""
    here = place(session, actor, asked, now)
    branches = [code for code, _ in here.branches]
    found = [
        NumberRow(_number(here, key, ""), tuple(_number(here, key, code) for code in branches))
        for key in numbers.KEYS
        if here.period is not None or key not in numbers.OF_PERIOD
    ]
    if here.period is not None:
        whole, *parts = (
            outputs.number(session, actor, here.period, here.until, code) for code in ("", *branches)
        )
        found.append(NumberRow(whole, tuple(parts)))
    return here, tuple(found)


def one(session: Session, actor: Actor, key: str, asked: Asked, now: datetime) -> tuple[Place, Number]:
    """Return one number with the things it counts. Raises ``NotFoundError`` for an unknown key or branch."""
    here = place(session, actor, asked, now)
    if asked.branch and asked.branch not in dict(here.branches):
        raise NotFoundError
    if key == outputs.KEY and here.period is not None:
        return here, outputs.number(session, actor, here.period, here.until, asked.branch)
    return here, _number(here, key, asked.branch)


def _number(here: Place, key: str, branch: str) -> Number:
    return numbers.compute(
        here.ledger,
        key,
        year=here.year,
        period_id=here.period.id if here.period is not None else None,
        branch=branch,
    )


def lines(items: Sequence[Item]) -> list[Line]:
    """Return what a table says of the things counted."""
    return [_line(item) for item in items]


def _line(item: Item) -> Line:
    if isinstance(item, ActionFacts):
        return Line(item, None, None, None, late=False, pressed_at=None, deadline=None, report="")
    if isinstance(item, Unit):
        return Line(None, item, None, None, late=False, pressed_at=None, deadline=None, report="")
    if isinstance(item, Owed):
        return Line(
            item.action,
            item.unit,
            item.answer,
            None,
            late=False,
            pressed_at=item.recorded_at,
            deadline=None,
            report="",
        )
    if isinstance(item, HandedIn):
        return Line(
            None,
            None,
            None,
            None,
            late=False,
            pressed_at=item.submitted_at,
            deadline=None,
            report="",
            product=item,
        )
    return _of_row(item)


def _of_row(row: Row) -> Line:
    return Line(
        row.action, row.unit, row.answer, row.state, row.late, row.pressed_at, row.deadline, row.report
    )


def day(text: str) -> date | None:
    """Return the day that ``per`` names, ``None`` for ""; raises ``InvalidError`` for anything else."""
    if not text:
        return None
    try:
        return date.fromisoformat(text[:20])
    except ValueError:
        raise InvalidError.one(
            "per", N_("Tulis tanggal sebagai tahun-bulan-hari, misalnya 2023-10-31.")
        ) from None


def _of_year(session: Session, plan_id: int, year: int | None) -> Period | None:
    if year is None:
        return None
    return session.scalar(
        sa.select(Period)
        .where(Period.plan_id == plan_id, Period.year == year, Period.state != PeriodState.PLANNED)
        .order_by(Period.ends.desc(), Period.id)
        .limit(1)
    )
