"""Reading contacts, notes and follow-ups: each passes the policy."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub import policy
from khub.accounts.models import Membership, Person
from khub.accounts.sessions import in_force
from khub.clock import wib_date
from khub.coordination.models import Contact, FollowUp, Note
from khub.coordination.standing import unit_called
from khub.errors import NotFoundError
from khub.plan.models import Institution, Pokja
from khub.policy import Role

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from khub.coordination.standing import UnitPlace
    from khub.policy import Actor

_CONTACTS = 50
_WEEK = timedelta(days=7)
_MEMBERS = (Role.MEMBER, Role.OFFICIAL)


@dataclass(frozen=True, slots=True)
class ContactShown:
    """A contact of a K/L."""

    id: int
    name: str
    role: str
    email: str
    phone: str
    revision: int
    saved_at: datetime
    saved_by: str


@dataclass(frozen=True, slots=True)
class NoteShown:
    """A note; ``pokja`` is whose ketua reads it too, "" for the Sekretariat alone."""

    held_on: date
    channel: str
    text: str
    pokja: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class FollowUpShown:
    """A follow-up. ``overdue``: open and its day is over; ``days``: days in WIB until then."""

    id: int
    text: str
    code: str
    unit: str
    owner: str
    owner_id: int
    mine: bool
    pokja: str
    pokja_id: int | None
    due_on: date
    days: int
    overdue: bool
    done_at: datetime | None
    done_by: str
    revision: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """The open follow-ups on a home page: those of the reader first, then by day; and how many in all."""

    rows: tuple[FollowUpShown, ...]
    total: int
    soon: int


@dataclass(frozen=True, slots=True)
class Choices:
    """What a form of the room may name: (id, name). ``pokja`` ids as text, "" the Sekretariat alone."""

    owners: tuple[tuple[int, str], ...]
    pokja: tuple[tuple[int | None, str], ...]


def contacts(session: Session, actor: Actor, unit: UnitPlace) -> tuple[ContactShown, ...] | None:
    """Return the contacts of a K/L by name, None for those who may not know them."""
    if not policy.can_know_contacts(actor, unit.family):
        return None
    found = session.execute(
        sa.select(Contact, Person.name)
        .outerjoin(Person, Person.id == Contact.saved_by)
        .where(Contact.institution_id.in_(unit.family))
        .order_by(Contact.name, Contact.id)
        .limit(_CONTACTS)
    )
    return tuple(_contact(row, by) for row, by in found)


def contact(session: Session, actor: Actor, code: str, contact_id: int) -> tuple[UnitPlace, ContactShown]:
    """Return one contact of a K/L; 404 where there is none, 403 for those who may not know it."""
    unit = unit_called(session, code)
    policy.demand(policy.can_know_contacts(actor, unit.family))
    found = session.execute(
        sa.select(Contact, Person.name)
        .outerjoin(Person, Person.id == Contact.saved_by)
        .where(Contact.id == contact_id, Contact.institution_id.in_(unit.family))
    ).one_or_none()
    if found is None:
        raise NotFoundError
    return unit, _contact(found[0], found[1])


def notes(
    session: Session, actor: Actor, unit: UnitPlace, *, page: int, size: int
) -> tuple[int, tuple[NoteShown, ...]]:
    """Return how many notes of a K/L ``actor`` reads, and one page of them, the newest day first."""
    readable = (Note.institution_id.in_(unit.family), policy.oversees(actor, Note.pokja_id))
    total = session.scalar(sa.select(sa.func.count()).select_from(Note).where(*readable)) or 0
    found = session.execute(
        sa.select(Note, Person.name, Pokja.name)
        .outerjoin(Person, Person.id == Note.created_by)
        .outerjoin(Pokja, Pokja.id == Note.pokja_id)
        .where(*readable)
        .order_by(Note.held_on.desc(), Note.id.desc())
        .limit(size)
        .offset((page - 1) * size)
    )
    return total, tuple(
        NoteShown(note.held_on, note.channel, note.text, pokja or "", by or "khub", note.created_at)
        for note, by, pokja in found
    )


def follow_ups(
    session: Session,
    actor: Actor,
    now: datetime,
    *,
    unit: UnitPlace | None = None,
    state: str = "",
    mine: bool = False,
    page: int,
    size: int,
) -> tuple[int, tuple[FollowUpShown, ...]]:
    """Return how many follow-ups ``actor`` reads, and one page: open ones by day, done ones newest first.

    ``state``: "open", "overdue", "done", or "" for all.
    """
    today = wib_date(now)
    conditions = [_readable(actor)]
    if unit is not None:
        conditions.append(FollowUp.institution_id.in_(unit.family))
    if mine:
        conditions.append(FollowUp.owner_id == actor.person_id)
    if state == "done":
        conditions.append(FollowUp.done_at.is_not(None))
    elif state:
        conditions.append(FollowUp.done_at.is_(None))
    if state == "overdue":
        conditions.append(FollowUp.due_on < today)
    total = session.scalar(sa.select(sa.func.count()).select_from(FollowUp).where(*conditions)) or 0
    found = session.execute(
        _shown()
        .where(*conditions)
        .order_by(FollowUp.done_at.is_not(None), FollowUp.done_at.desc(), FollowUp.due_on, FollowUp.id)
        .limit(size)
        .offset((page - 1) * size)
    )
    return total, tuple(_follow_up(row, actor, today) for row in found)


def follow_up(session: Session, actor: Actor, follow_up_id: int, now: datetime) -> FollowUpShown:
    """Return a follow-up; 404 where there is none that ``actor`` reads."""
    found = session.execute(_shown().where(FollowUp.id == follow_up_id, _readable(actor))).one_or_none()
    if found is None:
        raise NotFoundError
    return _follow_up(found, actor, wib_date(now))


def waiting(session: Session, actor: Actor, now: datetime, *, limit: int = 5) -> Waiting:
    """Return what a home page shows: the reader's own open follow-ups, then those he coordinates."""
    today = wib_date(now)
    open_ones = (FollowUp.done_at.is_(None), _readable(actor))
    within = sa.case((FollowUp.due_on <= today + _WEEK, 1), else_=0)
    total, soon = session.execute(
        sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(within), 0)).where(*open_ones)
    ).one()
    found = (
        session.execute(
            _shown()
            .where(*open_ones)
            .order_by(FollowUp.owner_id != actor.person_id, FollowUp.due_on, FollowUp.id)
            .limit(limit)
        ).all()
        if total
        else ()
    )
    return Waiting(tuple(_follow_up(row, actor, today) for row in found), total, int(soon))


def choices(session: Session, actor: Actor, unit: UnitPlace, now: datetime) -> Choices:
    """Return who may own a follow-up about a K/L, and with which pokja ``actor`` may share it.

    Owners: the Sekretariat, every ketua pokja, and the people of that K/L, as of today.
    """
    owners = session.execute(
        sa.select(Person.id, Person.name)
        .where(Person.active.is_(True), Person.id.in_(eligible(unit.family, wib_date(now))))
        .order_by(Person.name, Person.id)
    )
    pokja = session.execute(
        sa.select(Pokja.id, Pokja.name).where(policy.oversees(actor, Pokja.id)).order_by(Pokja.code)
    )
    shared: list[tuple[int | None, str]] = [(row[0], row[1]) for row in pokja]
    if policy.can_oversee(actor, None):
        shared.insert(0, (None, ""))
    return Choices(tuple((row[0], row[1]) for row in owners), tuple(shared))


def eligible(family: Iterable[int], today: date) -> sa.Select[int]:
    """Return the query over the ids of those who may own a follow-up about a K/L."""
    return sa.select(Membership.person_id).where(
        *in_force(today),
        sa.or_(
            Membership.role.in_((Role.SECRETARIAT, Role.CHAIR)),
            sa.and_(Membership.role.in_(_MEMBERS), Membership.institution_id.in_(family)),
        ),
    )


def _readable(actor: Actor) -> sa.ColumnElement[bool]:
    return sa.or_(FollowUp.owner_id == actor.person_id, policy.oversees(actor, FollowUp.pokja_id))


_doer = sa.orm.aliased(Person)


def _shown() -> sa.Select[FollowUp, Institution, str, str, str]:
    return (
        sa.select(FollowUp, Institution, Person.name, Pokja.name, _doer.name)
        .join(Institution, Institution.id == FollowUp.institution_id)
        .join(Person, Person.id == FollowUp.owner_id)
        .outerjoin(Pokja, Pokja.id == FollowUp.pokja_id)
        .outerjoin(_doer, _doer.id == FollowUp.done_by)
    )


def _follow_up(row: sa.Row[FollowUp, Institution, str, str, str], actor: Actor, today: date) -> FollowUpShown:
    found, institution, owner, pokja, doer = row
    return FollowUpShown(
        found.id,
        found.text,
        institution.code,
        institution.abbreviation or institution.name,
        owner,
        found.owner_id,
        found.owner_id == actor.person_id,
        pokja or "",
        found.pokja_id,
        found.due_on,
        (found.due_on - today).days,
        found.done_at is None and found.due_on < today,
        found.done_at,
        doer or "",
        found.revision,
    )


def _contact(row: Contact, by: str | None) -> ContactShown:
    return ContactShown(
        row.id, row.name, row.role, row.email, row.phone, row.revision, row.saved_at, by or "khub"
    )
