"""Who a session token stands for."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub.accounts.models import Membership, Person, SignIn
from khub.clock import wib_date
from khub.db import read_rows
from khub.errors import N_, NotFoundError
from khub.plan.models import Institution, Pokja
from khub.policy import Actor, Grant, Role
from khub.words import ROLES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime, timedelta

    from sqlalchemy.orm import Session

    Moment = datetime | sa.BindParameter[datetime]

_TOKEN_BYTES = 32
_UNITS_SHOWN = 2


def new_token() -> str:
    """Return 256 random bits as text that fits a cookie and an address."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


def digest(token: str) -> str:
    """Return what the database keeps of a token: its SHA-256 in hex."""
    return hashlib.sha256(token.encode(errors="backslashreplace")).hexdigest()


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A living session and its person; ``role_labels`` are msgids, ``seen_at`` is the last noted request.

    Flask-Login serves it as ``current_user``, hence the four properties at the end.
    """

    sign_in_id: int
    person_id: int
    login: str
    language: str
    role_labels: tuple[str, ...]
    unit_label: str
    seen_at: datetime
    actor: Actor

    @property
    def is_authenticated(self) -> bool:
        """Tell Flask-Login that somebody is signed in."""
        return True

    @property
    def is_active(self) -> bool:
        """Tell Flask-Login that the account is in use."""
        return True

    @property
    def is_anonymous(self) -> bool:
        """Tell Flask-Login that this is a person."""
        return False

    def get_id(self) -> str:
        """Return the person's id as text."""
        return str(self.person_id)


def living(now: Moment, since: Moment) -> tuple[sa.ColumnElement[bool], ...]:
    """Return the conditions for a session that still counts at ``now``, used after ``since``."""
    return (SignIn.revoked_at.is_(None), SignIn.ends_at > now, SignIn.seen_at > since)


def in_force(day: date | sa.BindParameter[date]) -> tuple[sa.ColumnElement[bool], ...]:
    """Return the conditions for a membership that counts on ``day`` (in WIB)."""
    return (
        Membership.valid_from <= day,
        sa.or_(Membership.valid_to.is_(None), Membership.valid_to >= day),
    )


# Put together once: every request asks.
_SIGNED_IN = (
    sa.select(SignIn.id, SignIn.seen_at, Person.id, Person.login, Person.name, Person.language)
    .join(Person, Person.id == SignIn.person_id)
    .where(
        SignIn.token_hash == sa.bindparam("token"),
        Person.active.is_(True),
        *living(sa.bindparam("now"), sa.bindparam("since")),
    )
)
_MEMBERSHIPS = (
    sa.select(Membership.role, Membership.institution_id, Membership.pokja_id, Institution.name, Pokja.name)
    .outerjoin(Institution, Institution.id == Membership.institution_id)
    .outerjoin(Pokja, Pokja.id == Membership.pokja_id)
    .where(Membership.person_id == sa.bindparam("person"), *in_force(sa.bindparam("day")))
    .order_by(Membership.id)
)


def load(session: Session, token: str, now: datetime, idle: timedelta) -> SignedIn | None:
    """Return who ``token`` stands for, in two look-ups; None when it is not a living session."""
    asked = {"token": digest(token), "now": now, "since": now - idle}
    found = read_rows(session, _SIGNED_IN, asked).one_or_none()
    if found is None:
        return None
    sign_in_id, seen_at, person_id, login, name, language = found
    rows = read_rows(session, _MEMBERSHIPS, {"person": person_id, "day": wib_date(now)}).all()
    grants = tuple(Grant(Role(role), institution, pokja) for role, institution, pokja, _, _ in rows)
    return SignedIn(
        sign_in_id=sign_in_id,
        person_id=person_id,
        login=login,
        language=language,
        role_labels=tuple(dict.fromkeys(ROLES[grant.role] for grant in grants)),
        unit_label=_units([(institution, pokja) for *_, institution, pokja in rows]),
        seen_at=seen_at,
        actor=Actor(person_id, name, grants),
    )


def actor_of(session: Session, login: str, now: datetime) -> Actor:
    """Return what the person with ``login`` may act as today; ``NotFoundError`` without an active account."""
    person = session.execute(
        sa.select(Person.id, Person.name).where(Person.login == login, Person.active.is_(True))
    ).one_or_none()
    if person is None:
        raise NotFoundError(N_("Tidak ada akun aktif bernama %(login)s."), login=login[:60])
    return Actor(person.id, person.name, _grants(session, person.id, now))


def rights_of(session: Session, person_id: int, now: datetime) -> Actor | None:
    """Return what a person may act as today; None without an active account."""
    name = session.scalar(sa.select(Person.name).where(Person.id == person_id, Person.active.is_(True)))
    return None if name is None else Actor(person_id, name, _grants(session, person_id, now))


def _grants(session: Session, person_id: int, now: datetime) -> tuple[Grant, ...]:
    rows = session.execute(
        sa.select(Membership.role, Membership.institution_id, Membership.pokja_id)
        .where(Membership.person_id == person_id, *in_force(wib_date(now)))
        .order_by(Membership.id)
    )
    return tuple(Grant(Role(role), unit, pokja) for role, unit, pokja in rows)


def _units(pairs: Sequence[tuple[str | None, str | None]]) -> str:
    """Return "K/L Contoh 07, Pokja 1"; of many units the first two and how many more."""
    names = list(dict.fromkeys(", ".join(filter(None, pair)) for pair in pairs if any(pair)))
    more = len(names) - _UNITS_SHOWN
    return "; ".join(names[:_UNITS_SHOWN]) + (f" +{more}" if more > 0 else "")


def end_all(session: Session, person_id: int | None, now: datetime, *, but: int | None = None) -> int:
    """Revoke a person's sessions, except the one with id ``but``; returns how many ended."""
    result = session.execute(
        sa.update(SignIn)
        .where(
            SignIn.person_id == person_id,
            SignIn.revoked_at.is_(None),
            SignIn.ends_at > now,
            SignIn.id != (but or 0),
        )
        .values(revoked_at=now)
        .returning(SignIn.id)
    )
    return len(result.all())
