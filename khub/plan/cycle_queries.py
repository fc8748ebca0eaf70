"""Reading periods, the years of a plan, and the imports there were."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub.audit.models import Event
from khub.cycle import numbers
from khub.plan.models import Period, Plan
from khub.plan.queries import plan_called
from khub.plan.running import current_period, days_left
from khub.plan.service import IMPORTED

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from khub.cycle.numbers import Number
    from khub.policy import Actor

_YEARS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class PeriodRow:
    """A reporting period; ``days_left`` counts days in WIB, negative when past."""

    plan: str
    plan_name: str
    code: str
    name: str
    starts: date
    ends: date
    deadline: datetime
    state: str
    running: bool
    days_left: int


@dataclass(frozen=True, slots=True)
class YearRow:
    """A year of a plan's table."""

    year: int
    on_table: Number
    committed: Number
    involved: Number


@dataclass(frozen=True, slots=True)
class ImportRow:
    """An import that was applied; counts are of actions."""

    at: datetime
    person: str
    file: str
    sha256: str
    added: int
    changed: int
    left: int


def period_rows(
    session: Session, _actor: Actor, now: datetime, *, page: int, size: int
) -> tuple[int, tuple[PeriodRow, ...]]:
    """Return how many periods there are and one page of them, newest first."""
    total = session.scalar(sa.select(sa.func.count()).select_from(Period)) or 0
    running = current_period(session, now)
    rows = session.execute(
        sa.select(Period, Plan)
        .join(Plan, Plan.id == Period.plan_id)
        .order_by(Period.ends.desc(), Period.starts, Period.id)
        .limit(size)
        .offset((page - 1) * size)
    )
    return total, tuple(_period_row(period, plan, running, now) for period, plan in rows)


def running_period(session: Session, _actor: Actor, now: datetime) -> PeriodRow | None:
    """Return the period that takes reports now, if any."""
    running = current_period(session, now)
    if running is None:
        return None
    return _period_row(running, session.get_one(Plan, running.plan_id), running, now)


def _period_row(period: Period, plan: Plan, running: Period | None, now: datetime) -> PeriodRow:
    return PeriodRow(
        plan.code,
        plan.name,
        period.code,
        period.name,
        period.starts,
        period.ends,
        period.deadline,
        period.state,
        running is not None and period.id == running.id,
        days_left(period.deadline, now),
    )


def year_rows(session: Session, actor: Actor, plan_code: str, now: datetime) -> tuple[YearRow, ...]:
    """Return the years of a plan with their figures, newest first."""
    plan = plan_called(session, actor, plan_code, now)
    ledger = numbers.of_year(session, plan.id, now)
    return tuple(
        YearRow(
            year,
            numbers.on_table(ledger, year),
            numbers.committed(ledger, year),
            numbers.involved(ledger, year),
        )
        for year in reversed(plan.years[-_YEARS_SHOWN:])
    )


def imports(session: Session, _actor: Actor, *, page: int, size: int) -> tuple[int, tuple[ImportRow, ...]]:
    """Return how many imports were applied and one page of them, newest first."""
    done = Event.act == IMPORTED
    total = session.scalar(sa.select(sa.func.count()).select_from(Event).where(done)) or 0
    rows = session.scalars(
        sa.select(Event).where(done).order_by(Event.seq.desc()).limit(size).offset((page - 1) * size)
    )
    return total, tuple(_import_row(row) for row in rows)


def _import_row(row: Event) -> ImportRow:
    facts = json.loads(row.facts)
    return ImportRow(
        row.at, row.person, facts["file"], facts["sha256"], facts["added"], facts["changed"], facts["left"]
    )
