"""Reading side: one's own account, and people as the admin sees them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub.accounts import people as acts
from khub.accounts import sessions
from khub.accounts.models import Membership, Person, SignIn
from khub.clock import wib_date
from khub.errors import NotFoundError
from khub.plan.models import Branch, Institution, InstitutionAlias, Pokja
from khub.policy import Role
from khub.words import ROLES

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime, timedelta

    from sqlalchemy.orm import Session

    from khub.policy import Actor

_MAX_SEARCH = 100


@dataclass(frozen=True, slots=True)
class MembershipRow:
    """A membership; ``role`` is a msgid; ``state`` is "now", "coming" or "over"."""

    id: int
    role: str
    unit: str
    valid_from: date
    valid_to: date | None
    state: str


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A living session; ``device`` is "Firefox, Windows" or ""."""

    id: int
    created_at: datetime
    seen_at: datetime
    address: str
    device: str
    current: bool


@dataclass(frozen=True, slots=True)
class SessionList:
    """One page of a person's living sessions and how many there are."""

    total: int
    rows: list[SessionRow]


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """An account with all its memberships, those in force first."""

    id: int
    login: str
    name: str
    email: str
    language: str
    active: bool
    has_password: bool
    created_at: datetime
    mark: str
    memberships: list[MembershipRow]


@dataclass(frozen=True, slots=True)
class PersonRow:
    """An account in the admin's list with what it acts as today; ``roles`` are (msgid, unit)."""

    id: int
    login: str
    name: str
    active: bool
    roles: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class PersonList:
    """One page of the accounts that a search finds, by login, and how many it finds."""

    total: int
    rows: list[PersonRow]


@dataclass(frozen=True, slots=True)
class Units:
    """What a membership may name: (id, name) of the K/L that exist today and of every pokja."""

    institutions: list[tuple[int, str]]
    pokja: list[tuple[int, str]]


def account(session: Session, actor: Actor, now: datetime) -> PersonFacts:
    """Return the actor's own account."""
    if actor.person_id is None:
        raise NotFoundError
    return person(session, actor, actor.person_id, now)


def person(session: Session, actor: Actor, person_id: int, now: datetime) -> PersonFacts:
    """Return an account; ``NotFoundError`` unless it is the actor's own or an admin asks."""
    found = session.get(Person, person_id)
    if found is None or not (person_id == actor.person_id or actor.system or actor.has(Role.ADMIN)):
        raise NotFoundError
    rows = session.execute(
        _memberships().where(Membership.person_id == person_id).order_by(Membership.valid_from.desc())
    ).all()
    memberships = [_membership_row(row, wib_date(now)) for row in rows]
    order = ("now", "coming", "over")
    return PersonFacts(
        id=found.id,
        login=found.login,
        name=found.name,
        email=found.email,
        language=found.language,
        active=found.active,
        has_password=bool(found.password_hash),
        created_at=found.created_at,
        mark=acts.mark(found.name, found.email, found.language),
        memberships=sorted(memberships, key=lambda row: order.index(row.state)),
    )


def own_sessions(
    session: Session, actor: Actor, current: int, now: datetime, idle: timedelta, *, page: int, size: int
) -> SessionList:
    """Return the actor's living sessions, the latest used first; ``current`` is the asking one's id."""
    mine = (SignIn.person_id == actor.person_id, *sessions.living(now, now - idle))
    total = session.scalar(sa.select(sa.func.count()).select_from(SignIn).where(*mine)) or 0
    found = session.scalars(
        sa.select(SignIn)
        .where(*mine)
        .order_by(SignIn.seen_at.desc(), SignIn.id.desc())
        .limit(size)
        .offset((page - 1) * size)
    )
    rows = [
        SessionRow(row.id, row.created_at, row.seen_at, row.address, device(row.agent), row.id == current)
        for row in found
    ]
    return SessionList(total, rows)


def people(session: Session, actor: Actor, text: str, now: datetime, *, page: int, size: int) -> PersonList:
    """Return accounts whose login or name holds ``text``."""
    del actor
    sought = "".join(filter(str.isprintable, text)).strip()[:_MAX_SEARCH]
    found = sa.or_(
        Person.login.contains(sought.casefold(), autoescape=True),
        Person.name.icontains(sought, autoescape=True),
    )
    condition = found if sought else sa.true()
    total = session.scalar(sa.select(sa.func.count()).select_from(Person).where(condition)) or 0
    rows = session.scalars(
        sa.select(Person).where(condition).order_by(Person.login).limit(size).offset((page - 1) * size)
    ).all()
    today = wib_date(now)
    roles: dict[int, list[tuple[str, str]]] = {row.id: [] for row in rows}
    for row in session.execute(
        _memberships()
        .where(Membership.person_id.in_(roles), *sessions.in_force(today))
        .order_by(Membership.id)
    ):
        shown = _membership_row(row, today)
        roles[row[0].person_id].append((shown.role, shown.unit))
    return PersonList(
        total, [PersonRow(row.id, row.login, row.name, row.active, roles[row.id]) for row in rows]
    )


def units(session: Session, actor: Actor, now: datetime) -> Units:
    """Return the K/L and pokja that a new membership may name."""
    del actor
    today = wib_date(now)
    institutions = session.execute(
        sa.select(Institution.id, Institution.name)
        .where(sa.or_(Institution.valid_to.is_(None), Institution.valid_to >= today))
        .order_by(Institution.name)
    )
    pokja = session.execute(sa.select(Pokja.id, Pokja.name).order_by(Pokja.code))
    return Units([(row[0], row[1]) for row in institutions], [(row[0], row[1]) for row in pokja])


def find_institution(session: Session, actor: Actor, text: str) -> int | None:
    """Return the id of the K/L with this code, name, abbreviation or alias, in any case."""
    del actor
    key = text.strip().casefold()
    query = (
        sa.select(Institution.id)
        .outerjoin(InstitutionAlias, InstitutionAlias.institution_id == Institution.id)
        .where(
            sa.or_(
                *(
                    sa.func.lower(column) == key
                    for column in (
                        Institution.code,
                        Institution.name,
                        Institution.abbreviation,
                        InstitutionAlias.alias,
                    )
                )
            )
        )
    )
    return session.scalar(query.order_by(Institution.id).limit(1)) if key else None


def find_pokja(session: Session, actor: Actor, text: str) -> int | None:
    """Return the id of the pokja with this code or name, in any case, or of the one pokja of that pilar."""
    del actor
    key = text.strip().casefold()
    query = sa.select(Pokja.id).where(
        sa.or_(sa.func.lower(Pokja.code) == key, sa.func.lower(Pokja.name) == key)
    )
    if (named := session.scalar(query.order_by(Pokja.id).limit(1))) is not None:
        return named
    of_branch = session.scalars(
        sa.select(Pokja.id)
        .join(Branch, Branch.id == Pokja.branch_id)
        .where(sa.func.lower(Branch.code) == key)
        .limit(2)
    ).all()
    return of_branch[0] if len(of_branch) == 1 else None


def device(agent: str) -> str:
    """Return "Firefox, Windows" for a User-Agent header, as far as it tells."""
    return ", ".join(filter(None, (_first(_BROWSERS, agent), _first(_SYSTEMS, agent))))


#: Marks in the order in which they tell: Edge also says Chrome, Chrome also says Safari.
_BROWSERS = {"Edg": "Edge", "OPR/": "Opera", "Firefox/": "Firefox", "Chrome/": "Chrome", "Safari/": "Safari"}
_SYSTEMS = {
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Windows": "Windows",
    "Mac OS X": "macOS",
    "Linux": "Linux",
}


def _first(marks: dict[str, str], agent: str) -> str:
    return next((name for mark, name in marks.items() if mark in agent), "")


def _memberships() -> sa.Select[Membership, str, str]:
    return (
        sa.select(Membership, Institution.name, Pokja.name)
        .outerjoin(Institution, Institution.id == Membership.institution_id)
        .outerjoin(Pokja, Pokja.id == Membership.pokja_id)
    )


def _membership_row(row: sa.Row[Membership, str, str], today: date) -> MembershipRow:
    membership, institution, pokja = row
    over = membership.valid_to is not None and membership.valid_to < today
    state = "over" if over else "coming" if membership.valid_from > today else "now"
    return MembershipRow(
        id=membership.id,
        role=ROLES[Role(membership.role)],
        unit=_joined((institution, pokja)),
        valid_from=membership.valid_from,
        valid_to=membership.valid_to,
        state=state,
    )


def _joined(names: Iterable[str | None]) -> str:
    return ", ".join(filter(None, names))
