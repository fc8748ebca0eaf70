"""What other rooms call, inside the transaction of their own act, to have people told.

Nothing is written or sent here: a row says what to tell whom, and the worker writes the letter from
what holds when it goes out. So a decision costs a few inserts, and a letter never says what is no
longer true.
"""

from __future__ import annotations

import secrets
from itertools import product
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub.accounts import sessions
from khub.accounts.models import Membership, Person
from khub.clock import wib_date
from khub.mail.models import Message, News, Preference
from khub.mail.terms import MailKind, MailState, Rhythm
from khub.policy import Role
from khub.products.models import Copy, Product, Version
from khub.reports.models import Report, ReportCopy

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from khub.plan.models import Commitment

_OWNERS = (Role.MEMBER, Role.OFFICIAL)


def returned(session: Session, copy: Copy | ReportCopy, at: datetime) -> int:
    """Tell the owners of a snapshot that it was returned, at once; gives how many people.

    ``copy`` is the decided snapshot, with ``note``, ``due_at`` and ``decided_by`` as they will stand.
    """
    people = _owners(session, copy, at)
    for person_id in people:
        _write_copy(session, MailKind.RETURNED, person_id, copy, at)
    return len(people)


def approved(session: Session, copy: Copy | ReportCopy, at: datetime) -> int:
    """Tell the owners of a snapshot that it was approved, as each of them likes to hear it.

    Gives how many people: those who muted approvals are left out.
    """
    people = _owners(session, copy, at)
    chosen = {
        row.person_id: row
        for row in session.scalars(sa.select(Preference).where(Preference.person_id.in_(people)))
    }
    told = 0
    for person_id in people:
        preference = chosen.get(person_id)
        if preference is not None and MailKind.APPROVED in preference.muted:
            continue
        told += 1
        if preference is not None and preference.rhythm == Rhythm.SINGLE:
            _write_copy(session, MailKind.APPROVED, person_id, copy, at)
        else:
            key = f"{MailKind.APPROVED}:{_name(copy)}:{person_id}"
            if session.scalar(sa.select(News.id).where(News.key == key)) is None:
                subject = {"copy": list(_subject(copy))}
                session.add(
                    News(key=key, person_id=person_id, kind=MailKind.APPROVED, subject=subject, at=at)
                )
    session.flush()
    return told


def unconfirmed(session: Session, copy: ReportCopy, at: datetime) -> int:
    """Tell who entered a row *atas nama* a K/L that it did not confirm it, at once; gives how many people.

    ``copy`` is the snapshot taken back, with ``decided_by`` as it will stand.
    """
    person = session.get_one(Person, copy.submitted_by) if copy.submitted_by else None
    if person is None or not person.active:
        return 0
    _write_copy(session, MailKind.UNCONFIRMED, person.id, copy, at)
    return 1


def answer_returned(session: Session, answer: Commitment, units: Iterable[int], pokjas: Iterable[int]) -> int:
    """Tell the people of a K/L (``units``: it and what it was) that its komitmen was returned; gives how many.

    ``answer`` is the row that says so, with the note.
    """
    day, at = wib_date(answer.recorded_at), answer.recorded_at
    people = {
        person_id
        for unit, pokja in product(units, pokjas)
        for person_id in owners_of(session, unit, pokja, day, but=answer.recorded_by)
    }
    for person_id in sorted(people):
        _write_answer(session, MailKind.RETURNED, person_id, answer, at)
    return len(people)


def answer_unconfirmed(session: Session, entered: Commitment, own: Commitment) -> int:
    """Tell who entered a komitmen *atas nama* a K/L that it answered otherwise, at once; gives how many people."""
    person = session.get_one(Person, entered.recorded_by) if entered.recorded_by else None
    if person is None or not person.active:
        return 0
    _write_answer(session, MailKind.UNCONFIRMED, person.id, own, own.recorded_at)
    return 1


def _write_answer(session: Session, kind: MailKind, person_id: int, answer: Commitment, at: datetime) -> None:
    _write(session, kind, person_id, f"answer:{answer.id}", {"answer": answer.id}, at)


def _write_copy(
    session: Session, kind: MailKind, person_id: int, copy: Copy | ReportCopy, at: datetime
) -> None:
    _write(session, kind, person_id, _name(copy), {"copy": list(_subject(copy))}, at)


def _write(
    session: Session, kind: MailKind, person_id: int, name: str, facts: dict[str, object], at: datetime
) -> None:
    add(
        session,
        Message(key=f"{kind}:{name}:{person_id}", kind=kind, person_id=person_id, facts=facts, send_after=at),
        at,
    )


def add(session: Session, message: Message, at: datetime) -> Message | None:
    """Add a letter that is to be written; None when one with its key is there already."""
    if session.scalar(sa.select(Message.id).where(Message.key == message.key)) is not None:
        return None
    message.state = MailState.PREPARED
    message.prepared_at = at
    message.message_id = secrets.token_hex(16)
    message.address = message.subject = message.text = message.html = ""
    session.add(message)
    session.flush()
    return message


def _subject(copy: Copy | ReportCopy) -> tuple[str, int]:
    return ("report" if isinstance(copy, ReportCopy) else "product", copy.id)


def _name(copy: Copy | ReportCopy) -> str:
    kind, copy_id = _subject(copy)
    return f"{kind}:{copy_id}"


def _owners(session: Session, copy: Copy | ReportCopy, at: datetime) -> Sequence[int]:
    """Return the ids of the active people of the owning K/L within the pokja, without who decided."""
    if isinstance(copy, ReportCopy):
        report = session.get_one(Report, copy.report_id)
        institution_id, pokja_id = report.institution_id, report.pokja_id
    else:
        version = session.get_one(Version, copy.version_id)
        product = session.get_one(Product, version.product_id)
        institution_id, pokja_id = product.institution_id, product.pokja_id
    return owners_of(session, institution_id, pokja_id, wib_date(at), but=copy.decided_by)


def owners_of(
    session: Session, institution_id: int, pokja_id: int, day: date, *, but: int | None = None
) -> Sequence[int]:
    """Return the ids of the active people who belong to a K/L within a pokja on ``day``."""
    return session.scalars(
        sa.select(Person.id)
        .join(Membership, Membership.person_id == Person.id)
        .where(
            Person.active.is_(True),
            Membership.role.in_(_OWNERS),
            Membership.institution_id == institution_id,
            sa.or_(Membership.pokja_id.is_(None), Membership.pokja_id == pokja_id),
            Person.id != (but or 0),
            *sessions.in_force(day),
        )
        .distinct()
        .order_by(Person.id)
    ).all()
