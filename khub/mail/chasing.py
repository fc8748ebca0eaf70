"""Who has not handed in, for those who may remind: the Sekretariat of everything, a ketua of his pokja."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub.errors import N_, ForbiddenError, NotFoundError
from khub.mail import queries
from khub.mail.models import Message
from khub.mail.roster import pokjas_of_branches
from khub.mail.terms import MailKind
from khub.mail.writing import Writer
from khub.plan.models import Period, Plan
from khub.plan.terms import RUNNING
from khub.policy import Role

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from khub.cycle.facts import Unit
    from khub.mail.queries import Contact, LetterRow
    from khub.mail.roster import Addressee, Debt
    from khub.policy import Actor
    from khub.settings import Settings


@dataclass(frozen=True, slots=True)
class Choice:
    """A running period that can be reminded of; ``key`` is "plan/code"."""

    id: int
    key: str
    name: str
    deadline: datetime


@dataclass(frozen=True, slots=True)
class Chased:
    """A K/L that owes something in a period, who answers for it there, and its last letter."""

    unit: Unit
    debts: tuple[Debt, ...]
    people: tuple[Addressee, ...]
    contact: Contact | None

    @property
    def reports(self) -> int:
        """Return how many reports are missing."""
        return sum(debt.report and not debt.returned for debt in self.debts)

    @property
    def returned(self) -> int:
        """Return how many reports wait to be mended."""
        return sum(debt.report and debt.returned for debt in self.debts)

    @property
    def answers(self) -> int:
        """Return how many commitments are not answered."""
        return sum(debt.answer for debt in self.debts)

    @property
    def deadline(self) -> datetime:
        """Return the earliest deadline in force among its rows."""
        return min(debt.row.deadline for debt in self.debts)

    @property
    def reachable(self) -> int:
        """Return how many of its people have an address."""
        return sum(bool(person.email) for person in self.people)


def choices(session: Session, actor: Actor) -> list[Choice]:
    """Return the running periods, the nearest deadline first."""
    _scope(actor)
    rows = session.execute(
        sa.select(Period.id, Plan.code, Period.code, Period.name, Period.deadline)
        .join(Plan, Plan.id == Period.plan_id)
        .where(Period.state.in_(RUNNING))
        .order_by(Period.deadline, Period.id)
    )
    return [Choice(row[0], f"{row[1]}/{row[2]}", row[3], row[4]) for row in rows]


def chosen(session: Session, actor: Actor, key: str, now: datetime) -> Choice | None:
    """Return the running period called ``key``; for "" the one with the nearest deadline to come, if any."""
    found = choices(session, actor)
    if not key:
        coming = [choice for choice in found if choice.deadline >= now]
        return next(iter(coming or found[::-1]), None)
    for choice in found:
        if choice.key == key:
            return choice
    raise NotFoundError(N_("Periode ini tidak ada, atau tidak sedang dibuka."))


def chased(
    session: Session,
    actor: Actor,
    period_id: int,
    now: datetime,
    settings: Settings,
    *,
    units: Sequence[str] | None = None,
) -> list[Chased]:
    """Return the K/L that owe something in a period, in name order; ``units``: only these codes."""
    return of_period(Writer(session, settings, now), actor, period_id, units=units)


def of_period(
    writer: Writer, actor: Actor, period_id: int, *, units: Sequence[str] | None = None
) -> list[Chased]:
    """Return as ``chased`` does, over a writer that goes on to write the letters."""
    session, scope = writer.session, _scope(actor)
    standing = writer.standing(period_id)
    pokjas = pokjas_of_branches(session) if scope is not None else {}
    grouped: dict[int, list[Debt]] = defaultdict(list)
    for debt in standing.open.values():
        action = debt.row.action
        if scope is not None and scope.isdisjoint(pokjas.get((action.plan, action.branch), ())):
            continue
        if units is None or debt.row.unit.code in units:
            grouped[debt.row.unit.id].append(debt)
    contacts = queries.contacts(session, standing.ledger)
    found = []
    for unit_id, debts in grouped.items():
        people = {person.id: person for debt in debts for person in standing.roster.of(debt.row)}
        found.append(Chased(debts[0].row.unit, tuple(debts), tuple(people.values()), contacts.get(unit_id)))
    return sorted(found, key=lambda each: (each.unit.name.casefold(), each.unit.id))


def _scope(actor: Actor) -> frozenset[int] | None:
    """Return the pokja that ``actor`` may remind, None for all."""
    if actor.has(Role.SECRETARIAT):
        return None
    chaired = {g.pokja_id for g in actor.grants if g.role is Role.CHAIR and g.pokja_id is not None}
    if not chaired:
        raise ForbiddenError(N_("Ini untuk Sekretariat dan ketua pokja yang bersangkutan."))
    return frozenset(chaired)


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who would get a reminder: ``units`` are names of the K/L it speaks of, ``count`` what it lists.

    ``failed``: his latest letter, where it did not reach him.
    """

    person: Addressee
    units: tuple[str, ...]
    count: int
    chosen: bool
    failed: LetterRow | None


@dataclass(frozen=True, slots=True)
class Preview:
    """Reminders before they are prepared; ``sample`` is the first chosen person's as it would read now."""

    choice: Choice
    units: tuple[Unit, ...]
    recipients: tuple[Recipient, ...]
    sample: Message | None


def preview(
    session: Session,
    actor: Actor,
    key: str,
    units: Sequence[str],
    people: frozenset[int] | None,
    text: str,
    now: datetime,
    settings: Settings,
) -> Preview:
    """Return who would get what; ``people`` None chooses everybody with an address."""
    choice = chosen(session, actor, key, now)
    if choice is None:
        raise NotFoundError
    writer = Writer(session, settings, now)
    found = of_period(writer, actor, choice.id, units=units)
    roster = writer.standing(choice.id).roster
    known: dict[int, Addressee] = {}
    shares: dict[int, list[Debt]] = defaultdict(list)
    for each in found:
        for debt in each.debts:
            for person in roster.of(debt.row):
                known[person.id] = person
                shares[person.id].append(debt)
    failed = queries.undelivered(session, known)
    recipients = tuple(
        Recipient(
            person,
            tuple(dict.fromkeys(debt.row.unit.name for debt in shares[person.id])),
            len(shares[person.id]),
            bool(person.email) if people is None else person.id in people,
            failed.get(person.id),
        )
        for person in sorted(known.values(), key=lambda each: (each.name.casefold(), each.id))
    )
    first = next((each.person.id for each in recipients if each.chosen), None)
    sample = None if first is None else reminder(found, writer, first, choice.id, text, "")
    if sample is not None and not writer.write(sample):
        sample = None
    return Preview(choice, tuple(each.unit for each in found), recipients, sample)


def reminder(
    found: Sequence[Chased], writer: Writer, person_id: int, period_id: int, text: str, token: str
) -> Message | None:
    """Return the letter to one person of what the chosen K/L owe, not written yet; None if it is not his."""
    roster = writer.standing(period_id).roster
    rows = [
        list(debt.key)
        for each in found
        for debt in each.debts
        if any(person.id == person_id for person in roster.of(debt.row))
    ]
    if not rows:
        return None
    return Message(
        key=f"{MailKind.REMINDER}:{token}:{person_id}",
        kind=MailKind.REMINDER,
        person_id=person_id,
        period_id=period_id,
        facts={"rows": rows, "intro": text},
        send_after=writer.now,
    )
