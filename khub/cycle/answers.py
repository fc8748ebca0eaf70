"""Answers to commitments as pages show them, and receipts of what was handed in together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub.accounts.models import Person
from khub.audit.models import Event
from khub.cycle import numbers
from khub.cycle.seats import Place
from khub.errors import NotFoundError
from khub.plan.models import Action, Commitment, Letter, Plan
from khub.products.models import Receipt

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from khub.cycle.facts import Unit
    from khub.plan.models import Activity
    from khub.policy import Actor


@dataclass(frozen=True, slots=True)
class ActivityShown:
    """A kegiatan with its target (None: none given)."""

    id: int
    name: str
    unit: str
    target: float | None


@dataclass(frozen=True, slots=True)
class AnswerShown:
    """One answer in the history. ``waits``: entered *atas nama*, not confirmed by the K/L yet."""

    id: int
    answer: str
    reason: str
    expected: str
    contact: str
    at: datetime
    person: str
    on_behalf: bool
    waits: bool
    confirmed_at: datetime | None
    letter: str
    simulated: bool


@dataclass(frozen=True, slots=True)
class ReceiptRow:
    """An answer on a receipt."""

    place: Place
    title: str
    answer: str
    reason: str


@dataclass(frozen=True, slots=True)
class ReceiptShown:
    """What one press of Ajukan handed in; ``event`` is the hash of its link in the audit chain."""

    number: str
    at: datetime
    person: str
    unit: Unit
    plan: str
    year: int
    event: str
    rows: tuple[ReceiptRow, ...]


def receipt(session: Session, _actor: Actor, number: str, now: datetime) -> ReceiptShown:
    """Return the receipt of one press of Ajukan; ``NotFoundError`` when there is none of answers."""
    found = session.scalar(sa.select(Receipt).where(Receipt.number == number[:30]))
    rows = (
        session.execute(
            sa.select(Commitment, Action, Plan)
            .join(Action, Action.id == Commitment.action_id)
            .join(Plan, Plan.id == Action.plan_id)
            .where(
                Commitment.institution_id == found.institution_id,
                Commitment.recorded_by == found.person_id,
                Commitment.recorded_at == found.at,
            )
            .order_by(Action.code)
        ).all()
        if found is not None
        else []
    )
    if found is None or not rows:
        raise NotFoundError
    year, plan = rows[0][0].year, rows[0][2]
    unit = numbers.of_year(session, plan.id, now).unit(found.institution_id)
    return ReceiptShown(
        number=found.number,
        at=found.at,
        person=session.get_one(Person, found.person_id).name,
        unit=unit,
        plan=plan.name,
        year=year,
        event=session.scalar(sa.select(Event.hash).where(Event.seq == found.event_seq)) or "",
        rows=tuple(
            ReceiptRow(
                Place(plan.code, year, unit.code, action.code), action.title, given.answer, given.reason
            )
            for given, action, _ in rows
        ),
    )


def shown(session: Session, rows: Sequence[Commitment]) -> dict[int, AnswerShown]:
    """Return answers as pages show them, by id, in the order given."""
    names: dict[int, str] = {}
    if people := {row.recorded_by for row in rows if row.recorded_by is not None}:
        names.update(
            (key, name)
            for key, name in session.execute(sa.select(Person.id, Person.name).where(Person.id.in_(people)))
        )
    papers: dict[int, str] = {}
    if ids := {row.letter_id for row in rows if row.letter_id is not None}:
        papers.update(
            (key, code)
            for key, code in session.execute(sa.select(Letter.id, Letter.public_id).where(Letter.id.in_(ids)))
        )
    return {
        row.id: AnswerShown(
            row.id,
            row.answer,
            row.reason,
            row.expected,
            row.contact,
            row.recorded_at,
            names.get(row.recorded_by or 0, ""),
            row.on_behalf,
            row.waits,
            row.confirmed_at,
            papers.get(row.letter_id or 0, ""),
            row.simulated,
        )
        for row in rows
    }


def activity(row: Activity) -> ActivityShown:
    """Return a kegiatan as pages show it."""
    return ActivityShown(row.id, row.name, row.unit, row.target)
