"""When a K/L was last spoken to: its newest note, or the newest letter of khub's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub.clock import wib_date
from khub.coordination.models import Note
from khub.coordination.words import REFUSED, REMINDED
from khub.mail.models import Message, MessageUnit
from khub.mail.terms import MailState
from khub.plan.models import Institution

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from sqlalchemy.orm import Session

_TRIED: dict[str, str] = {MailState.SENT: REMINDED, MailState.REFUSED: REFUSED}


@dataclass(frozen=True, slots=True)
class LastContact:
    """The day (WIB) and how: a code of ``words.CONTACTED``. Never what was said."""

    on: date
    channel: str


def last_contact(session: Session, institution_ids: Iterable[int]) -> dict[int, LastContact]:
    """Return the last contact with each K/L, its former names counted; none where there never was any.

    Three statements, however many K/L are asked for.
    """
    families = families_of(session, institution_ids)
    owner = {member: head for head, family in families.items() for member in family}
    found: dict[int, LastContact] = {}

    def learn(institution_id: int, on: date, channel: str) -> None:
        head = owner[institution_id]
        if head not in found or on >= found[head].on:
            found[head] = LastContact(on, channel)

    newest_letter = sa.func.max(_moment)
    for institution_id, state, at in session.execute(
        sa.select(MessageUnit.institution_id, Message.state, newest_letter)
        .join(Message, Message.id == MessageUnit.message_id)
        .where(MessageUnit.institution_id.in_(owner), Message.state.in_(_TRIED))
        .group_by(MessageUnit.institution_id, Message.state)
        .order_by(newest_letter, Message.state)
    ):
        learn(institution_id, wib_date(at), _TRIED[state])
    newest = (
        sa.select(Note.institution_id, sa.func.max(Note.id).label("id"))
        .join(
            days := sa.select(Note.institution_id.label("of"), sa.func.max(Note.held_on).label("on"))
            .where(Note.institution_id.in_(owner))
            .group_by(Note.institution_id)
            .subquery(),
            sa.and_(days.c.of == Note.institution_id, days.c.on == Note.held_on),
        )
        .group_by(Note.institution_id)
        .subquery()
    )
    for institution_id, on, channel in session.execute(
        sa.select(Note.institution_id, Note.held_on, Note.channel)
        .join(newest, newest.c.id == Note.id)
        .order_by(Note.held_on, Note.id)
    ):
        learn(institution_id, on, channel)
    return found


#: A refused letter has no time of sending.
_moment = sa.func.coalesce(Message.sent_at, Message.sending_at, Message.prepared_at)


def families_of(session: Session, institution_ids: Iterable[int]) -> dict[int, frozenset[int]]:
    """Return each K/L's id with the ids of all that it has replaced, directly or not, itself included."""
    replaced: dict[int, list[int]] = {}
    for old, new in session.execute(
        sa.select(Institution.id, Institution.successor_id).where(Institution.successor_id.is_not(None))
    ):
        replaced.setdefault(new or 0, []).append(old)
    families = {}
    for head in institution_ids:
        family, queue = {head}, [head]
        while queue:
            for old in replaced.get(queue.pop(), ()):
                if old not in family:
                    family.add(old)
                    queue.append(old)
        families[head] = frozenset(family)
    return families
