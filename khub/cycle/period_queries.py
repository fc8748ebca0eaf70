"""Reading one period: what it asks, how it went, who was given longer, what closing it would leave."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub.accounts.models import Person
from khub.clock import wib_date
from khub.cycle import ledger as ledgers
from khub.cycle import numbers
from khub.errors import NotFoundError
from khub.plan import periods
from khub.plan.models import Action, Extension, Period, PeriodStep, Plan
from khub.plan.running import days_left
from khub.plan.terms import RUNNING
from khub.products.lifecycle import State

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from khub.cycle.facts import ActionFacts, Row, Unit
    from khub.cycle.ledger import Ledger
    from khub.cycle.numbers import Number
    from khub.policy import Actor

#: What closing would leave behind, the most urgent first; "" is not begun.
LEFT = (State.SUBMITTED, State.RETURNED, State.DRAFT, "")


@dataclass(frozen=True, slots=True)
class PeriodFull:
    """A period; ``days_left`` counts days in WIB to its own deadline, negative when past."""

    id: int
    plan_id: int
    plan: str
    plan_name: str
    code: str
    name: str
    year: int
    starts: date
    ends: date
    deadline: datetime
    state: str
    open: bool
    days_left: int
    parts: tuple[str, ...]
    reminders: tuple[int, ...]

    @property
    def early(self) -> bool:
        """Tell whether its own deadline lies before its last day: people report on what is still to come."""
        return wib_date(self.deadline) < self.ends


@dataclass(frozen=True, slots=True)
class StepShown:
    """A state that a period stood in."""

    state: str
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class ExtensionShown:
    """A later deadline. ``institution`` "" is everybody, ``action`` "" all rows of the K/L.

    ``replaced``: the same were given another one since.
    """

    institution: str
    action: str
    deadline: datetime
    reason: str
    person: str
    at: datetime
    replaced: bool


@dataclass(frozen=True, slots=True)
class PeriodLife:
    """A period with its history and who may be given longer."""

    period: PeriodFull
    steps: tuple[StepShown, ...]
    extensions: tuple[ExtensionShown, ...]
    reported: Number
    approved: Number
    units: tuple[Unit, ...]
    actions: tuple[ActionFacts, ...]


@dataclass(frozen=True, slots=True)
class Leftovers:
    """What is not approved in a period. ``counts``: (state, rows), ``approved``: rows that closing locks."""

    period: PeriodFull
    counts: tuple[tuple[str, int], ...]
    approved: int
    state: str
    rows: tuple[Row, ...]
    total: int
    seen: str


def period(session: Session, _actor: Actor, plan: str, code: str, now: datetime) -> PeriodFull:
    """Return a period by plan and code; ``NotFoundError`` when there is none."""
    found = session.execute(
        sa.select(Period, Plan)
        .join(Plan, Plan.id == Period.plan_id)
        .where(Plan.code == plan, Period.code == code)
    ).one_or_none()
    if found is None:
        raise NotFoundError
    row, owner = found
    return PeriodFull(
        row.id,
        owner.id,
        owner.code,
        owner.name,
        row.code,
        row.name,
        row.year,
        row.starts,
        row.ends,
        row.deadline,
        row.state,
        row.state in RUNNING,
        days_left(row.deadline, now),
        tuple(row.parts),
        tuple(row.reminders),
    )


def life(session: Session, actor: Actor, plan: str, code: str, now: datetime) -> PeriodLife:
    """Return a period with its history; ``NotFoundError`` when there is none."""
    found = period(session, actor, plan, code, now)
    ledger = ledgers.read(session, found.plan_id, now, period_ids=(found.id,))
    steps = session.scalars(
        sa.select(PeriodStep).where(PeriodStep.period_id == found.id).order_by(PeriodStep.at, PeriodStep.id)
    )
    asked = [row for row in ledger.rows(found.id) if row.asks]
    return PeriodLife(
        period=found,
        steps=tuple(StepShown(step.state, step.at, step.reason) for step in steps),
        extensions=_extensions(session, ledger, found.id),
        reported=numbers.reported(ledger, found.id),
        approved=numbers.approved(ledger, found.id),
        units=tuple(sorted({row.unit.id: row.unit for row in asked}.values(), key=lambda unit: unit.short)),
        actions=tuple({row.action.id: row.action for row in asked}.values()),
    )


def _extensions(session: Session, ledger: Ledger, period_id: int) -> tuple[ExtensionShown, ...]:
    found = session.execute(
        sa.select(Extension, Action.code, Person.name)
        .outerjoin(Action, Action.id == Extension.action_id)
        .outerjoin(Person, Person.id == Extension.person_id)
        .where(Extension.period_id == period_id)
        .order_by(Extension.recorded_at.desc(), Extension.id.desc())
    ).all()
    newest = {(row.institution_id, row.action_id): row.id for row, _, _ in reversed(found)}
    return tuple(
        ExtensionShown(
            ledger.unit(row.institution_id).name if row.institution_id is not None else "",
            action or "",
            row.deadline,
            row.reason,
            person or "",
            row.recorded_at,
            newest[row.institution_id, row.action_id] != row.id,
        )
        for row, action, person in found
    )


def leftovers(
    session: Session,
    actor: Actor,
    plan: str,
    code: str,
    now: datetime,
    *,
    state: str | None,
    page: int,
    size: int,
) -> Leftovers:
    """Return what is not approved in a period, one page of it; ``state`` None takes the first there is.

    Raises ``NotFoundError`` when there is no such period or state.
    """
    found = period(session, actor, plan, code, now)
    ledger = ledgers.read(session, found.plan_id, now, period_ids=(found.id,))
    rows = [row for row in ledger.rows(found.id) if row.asks or row.state]
    counts = Counter(row.state for row in rows)
    if state is None:
        state = next((each for each in LEFT if counts[each]), "")
    if state not in LEFT:
        raise NotFoundError
    chosen = [row for row in rows if row.state == state]
    return Leftovers(
        period=found,
        counts=tuple((each, counts[each]) for each in LEFT),
        approved=counts[State.APPROVED],
        state=state,
        rows=tuple(chosen[(page - 1) * size : page * size]),
        total=len(chosen),
        seen=periods.open_mark(session, found.id),
    )
