"""Reading side of letters: what went out, what did not arrive, when a K/L was last written to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub.accounts.models import Person
from khub.errors import NotFoundError
from khub.mail.models import FeedSecret, Holiday, Message, MessageUnit, Preference
from khub.mail.terms import MailState, Rhythm
from khub.plan.models import Institution
from khub.policy import Right, Role, holds

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from khub.cycle.ledger import Ledger
    from khub.policy import Actor

_MAX_SEARCH = 100
_OWN_SHOWN = 10


@dataclass(frozen=True, slots=True)
class LetterRow:
    """A letter in a list; ``error`` is a msgid or the server's own words."""

    id: int
    person_id: int
    person: str
    address: str
    kind: str
    subject: str
    state: str
    prepared_at: datetime
    sent_at: datetime | None
    next_try_at: datetime | None
    tries: int
    error: str
    code: int | None


@dataclass(frozen=True, slots=True)
class LetterList:
    """One page of letters, and how many there are in each state."""

    total: int
    rows: list[LetterRow]
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class LetterShown:
    """A letter with its text; "" for who may see that it went out but not what it says."""

    row: LetterRow
    text: str
    readable: bool
    message_id: str
    send_after: datetime
    units: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Contact:
    """The last letter that spoke to people of a K/L about what it owes."""

    at: datetime
    state: str
    error: str


@dataclass(frozen=True, slots=True)
class Wishes:
    """How a person wants letters, his living secret addresses, and his latest letters."""

    email: str
    rhythm: str
    muted: tuple[str, ...]
    feeds: Mapping[str, datetime]
    letters: list[LetterRow]


def letters(
    session: Session, actor: Actor, *, state: str, search: str, offset: int, limit: int
) -> LetterList:
    """Return letters, the newest first; ``state`` "" is all, ``search`` is in the person's name or address."""
    del actor
    query = sa.select(Message, Person).join(Person, Person.id == Message.person_id)
    if state:
        query = query.where(Message.state == state)
    if sought := "".join(filter(str.isprintable, search)).strip()[:_MAX_SEARCH]:
        query = query.where(
            sa.or_(
                Person.name.icontains(sought, autoescape=True),
                Message.address.icontains(sought, autoescape=True),
            )
        )
    total = session.scalar(query.with_only_columns(sa.func.count(), maintain_column_froms=True)) or 0
    found = session.execute(query.order_by(Message.id.desc()).offset(offset).limit(limit)).all()
    counts = session.execute(sa.select(Message.state, sa.func.count()).group_by(Message.state)).all()
    return LetterList(
        total, [_row(message, person) for message, person in found], {row[0]: row[1] for row in counts}
    )


def letter(session: Session, actor: Actor, letter_id: int) -> LetterShown:
    """Return one letter: to its person and the Sekretariat with its text, to an admin without."""
    found = session.execute(
        sa.select(Message, Person).join(Person, Person.id == Message.person_id).where(Message.id == letter_id)
    ).one_or_none()
    if found is None:
        raise NotFoundError
    message, person = found
    own = actor.person_id == person.id
    if not (own or holds(actor, Right.PLAN)):
        raise NotFoundError
    readable = own or actor.has(Role.SECRETARIAT)
    units = session.scalars(
        sa.select(Institution.name)
        .join(MessageUnit, MessageUnit.institution_id == Institution.id)
        .where(MessageUnit.message_id == message.id)
        .order_by(Institution.name)
    )
    return LetterShown(
        row=_row(message, person),
        text=message.text if readable else "",
        readable=readable,
        message_id=message.message_id if "@" in message.message_id else "",
        send_after=message.send_after,
        units=tuple(units),
    )


def contacts(session: Session, ledger: Ledger) -> dict[int, Contact]:
    """Return the last letter to each K/L, by the id of its last successor; dropped ones do not count."""
    last = (
        sa.select(MessageUnit.institution_id, sa.func.max(MessageUnit.message_id).label("message_id"))
        .join(Message, Message.id == MessageUnit.message_id)
        .where(Message.state != MailState.DROPPED)
        .group_by(MessageUnit.institution_id)
        .subquery()
    )
    rows = session.execute(
        sa.select(last.c.institution_id, Message)
        .join(Message, Message.id == last.c.message_id)
        .order_by(Message.id)
    )
    found: dict[int, Contact] = {}
    for institution_id, message in rows:
        at = message.sent_at or message.prepared_at
        found[ledger.head(institution_id)] = Contact(at, message.state, message.error)
    return found


def undelivered(session: Session, people: Iterable[int]) -> dict[int, LetterRow]:
    """Return the latest letter of each of ``people`` (ids), where it did not reach its person."""
    last = (
        sa.select(sa.func.max(Message.id))
        .where(Message.person_id.in_(list(people)), Message.state.in_((MailState.SENT, MailState.REFUSED)))
        .group_by(Message.person_id)
    )
    rows = session.execute(
        sa.select(Message, Person)
        .join(Person, Person.id == Message.person_id)
        .where(Message.id.in_(last), Message.state == MailState.REFUSED)
    )
    return {person.id: _row(message, person) for message, person in rows}


def wishes(session: Session, actor: Actor) -> Wishes:
    """Return how the actor wants letters; ``NotFoundError`` without an account."""
    person = session.get(Person, actor.person_id) if actor.person_id is not None else None
    if person is None:
        raise NotFoundError
    preference = session.get(Preference, person.id)
    feeds = session.execute(
        sa.select(FeedSecret.kind, FeedSecret.created_at)
        .where(FeedSecret.person_id == person.id, FeedSecret.revoked_at.is_(None))
        .order_by(FeedSecret.id)
    ).all()
    latest = session.scalars(
        sa.select(Message).where(Message.person_id == person.id).order_by(Message.id.desc()).limit(_OWN_SHOWN)
    )
    return Wishes(
        email=person.email,
        rhythm=preference.rhythm if preference else Rhythm.DIGEST,
        muted=tuple(preference.muted) if preference else (),
        feeds={row[0]: row[1] for row in feeds},
        letters=[_row(message, person) for message in latest],
    )


def holidays(session: Session, actor: Actor, year: int) -> list[tuple[date, str]]:
    """Return the holidays of a year, in order."""
    del actor
    rows = session.execute(
        sa.select(Holiday.day, Holiday.name)
        .where(Holiday.day.between(date(year, 1, 1), date(year, 12, 31)))
        .order_by(Holiday.day)
    )
    return [(row[0], row[1]) for row in rows]


def _row(message: Message, person: Person) -> LetterRow:
    return LetterRow(
        id=message.id,
        person_id=person.id,
        person=person.name,
        address=message.address,
        kind=message.kind,
        subject=message.subject,
        state=message.state,
        prepared_at=message.prepared_at,
        sent_at=message.sent_at,
        next_try_at=message.next_try_at,
        tries=message.tries,
        error=message.error,
        code=message.code,
    )
