"""What admins do with people and their memberships."""

from __future__ import annotations

import hashlib
import json
from datetime import date, timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from khub.accounts import rules, sessions
from khub.accounts.models import Membership, PasswordReset, Person
from khub.accounts.part import Part
from khub.audit import chain
from khub.clock import wib_date
from khub.errors import N_, ConflictError, FieldError, InvalidError, NotFoundError
from khub.plan.models import Institution, Pokja
from khub.policy import Role
from khub.words import LANGUAGES

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from khub.policy import Actor


class People(Part):
    """Use cases of the admin, and of the command line as khub itself."""

    def create_person(self, actor: Actor, login: str, name: str, email: str = "", language: str = "") -> int:
        """Create an account without password or role and return its id; ``InvalidError`` with all faults."""
        rules.demand_admin(actor)
        login, name, email = rules.fold_login(login), name.strip(), email.strip()
        faults = rules.login_faults(login) + rules.person_faults(name, email, language)
        if faults:
            raise InvalidError(faults)
        now = self.clock.now()
        person = Person(login=login, name=name, email=email, language=language, created_at=now)
        try:
            with self.db.write() as session:
                session.add(person)
                session.flush()
                facts = {"login": login, "name": name}
                chain.append(session, actor, "person.created", "person", str(person.id), now, facts=facts)
        except IntegrityError as error:
            raise InvalidError.one("login", N_("Nama pengguna ini sudah dipakai.")) from error
        return person.id

    def update_person(
        self, actor: Actor, person_id: int, name: str, email: str, language: str, *, seen: str | None = None
    ) -> None:
        """Change a person's particulars.

        ``seen`` is the ``mark`` of what the editor had before him: ``ConflictError`` when somebody
        else has changed it since.
        """
        rules.demand_admin(actor)
        name, email = name.strip(), email.strip()
        if faults := rules.person_faults(name, email, language):
            raise InvalidError(faults)
        with self.db.write() as session:
            person = _person(session, person_id)
            if seen is not None and seen != mark(person.name, person.email, person.language):
                raise ConflictError(N_("Orang lain mengubah data ini sementara Anda mengisinya."))
            self._change(session, actor, person, name=name, email=email, language=language)

    def set_language(self, actor: Actor, language: str) -> None:
        """Set the language of the actor's own account."""
        if language not in LANGUAGES:
            raise InvalidError.one("language", N_("Bahasa ini tidak tersedia."))
        with self.db.write() as session:
            self._change(session, actor, _person(session, actor.person_id), language=language)

    def set_email(self, actor: Actor, email: str) -> None:
        """Set the address of the actor's own account; "" for none. ``InvalidError`` for a bad one."""
        email = email.strip()
        if faults := rules.person_faults("-", email, ""):
            raise InvalidError(faults)
        with self.db.write() as session:
            self._change(session, actor, _person(session, actor.person_id), email=email)

    def _change(self, session: Session, actor: Actor, person: Person, **values: str) -> None:
        changed = {field: value for field, value in values.items() if getattr(person, field) != value}
        if not changed:
            return
        # The trail can't be unwritten, so an address stays out of it; a name is on every event anyway.
        facts: dict[str, object] = {"changed": sorted(changed)}
        if "name" in changed:
            facts["name"] = [person.name, changed["name"]]
        for field, value in changed.items():
            setattr(person, field, value)
        chain.append(
            session, actor, "person.changed", "person", str(person.id), self.clock.now(), facts=facts
        )

    def set_active(self, actor: Actor, person_id: int, *, active: bool) -> None:
        """Open or close an account; closing ends its sessions and reset links at once.

        ``ConflictError`` when no active admin would be left.
        """
        rules.demand_admin(actor)
        now = self.clock.now()
        with self.db.write() as session:
            if not active:
                _keep_an_admin(session, wib_date(now), person_id=person_id)
            person = _person(session, person_id)
            if person.active == active:
                return
            person.active = active
            if not active:
                sessions.end_all(session, person_id, now)
                session.execute(sa.delete(PasswordReset).where(PasswordReset.person_id == person_id))
            act = "person.activated" if active else "person.deactivated"
            chain.append(session, actor, act, "person", str(person_id), now)

    def add_membership(
        self,
        actor: Actor,
        person_id: int,
        role: Role,
        institution_id: int | None = None,
        pokja_id: int | None = None,
        valid_from: date | None = None,
        valid_to: date | None = None,
    ) -> int:
        """Let a person act as ``role`` from a day (default: today in WIB) to a day, both included.

        Returns the membership's id. ``InvalidError`` names everything wrong with its shape.
        """
        rules.demand_admin(actor)
        now = self.clock.now()
        valid_from = valid_from or wib_date(now)
        faults = rules.membership_faults(role, institution_id, pokja_id, valid_from, valid_to)
        with self.db.write() as session:
            _person(session, person_id)
            if institution_id is not None and session.get(Institution, institution_id) is None:
                faults.append(FieldError("institution", N_("K/L ini tidak ada.")))
            if pokja_id is not None and session.get(Pokja, pokja_id) is None:
                faults.append(FieldError("pokja", N_("Pokja ini tidak ada.")))
            if not faults and _overlaps(
                session, person_id, role, institution_id, pokja_id, valid_from, valid_to
            ):
                faults.append(FieldError("role", N_("Orang ini sudah memegang peran itu pada waktu itu.")))
            if faults:
                raise InvalidError(faults)
            membership = Membership(
                person_id=person_id,
                role=role.value,
                institution_id=institution_id,
                pokja_id=pokja_id,
                valid_from=valid_from,
                valid_to=valid_to,
            )
            session.add(membership)
            session.flush()
            chain.append(
                session,
                actor,
                "membership.added",
                "person",
                str(person_id),
                now,
                facts={
                    "membership": membership.id,
                    "role": role.value,
                    "institution": institution_id,
                    "pokja": pokja_id,
                    "from": valid_from,
                    "to": valid_to,
                },
            )
            return membership.id

    def end_membership(self, actor: Actor, membership_id: int, last_day: date | None = None) -> None:
        """End a membership after ``last_day`` (WIB, today or later), or at once when none is given.

        ``ConflictError`` when it has ended already or no active admin would be left.
        """
        rules.demand_admin(actor)
        now = self.clock.now()
        today = wib_date(now)
        if last_day is not None and last_day < today:
            raise InvalidError.one("last_day", N_("Hari terakhir paling awal hari ini."))
        end = last_day or today - timedelta(days=1)
        with self.db.write() as session:
            _keep_an_admin(session, end + timedelta(days=1), membership_id=membership_id)
            membership = session.get(Membership, membership_id, with_for_update=True)
            if membership is None:
                raise NotFoundError
            if membership.valid_to is not None and membership.valid_to <= end:
                raise ConflictError(N_("Peran ini sudah berakhir."))
            membership.valid_to = end
            chain.append(
                session,
                actor,
                "membership.ended",
                "person",
                str(membership.person_id),
                now,
                facts={"membership": membership_id, "role": membership.role, "to": end},
            )


def mark(name: str, email: str, language: str) -> str:
    """Return a short mark of a person's particulars, to notice that two people edit at once."""
    return hashlib.sha256(json.dumps([name, email, language]).encode()).hexdigest()[:16]


def _person(session: Session, person_id: int | None) -> Person:
    person = session.get(Person, person_id, with_for_update=True) if person_id is not None else None
    if person is None:
        raise NotFoundError
    return person


def _overlaps(
    session: Session,
    person_id: int,
    role: Role,
    institution_id: int | None,
    pokja_id: int | None,
    valid_from: date,
    valid_to: date | None,
) -> bool:
    same = (
        Membership.person_id == person_id,
        Membership.role == role.value,
        Membership.institution_id.is_not_distinct_from(institution_id),
        Membership.pokja_id.is_not_distinct_from(pokja_id),
        sa.or_(Membership.valid_to.is_(None), Membership.valid_to >= valid_from),
        Membership.valid_from <= (valid_to or date.max),
    )
    return session.scalar(sa.select(sa.exists().where(*same))) is True


def _keep_an_admin(
    session: Session, day: date, *, person_id: int | None = None, membership_id: int | None = None
) -> None:
    """Raise ``ConflictError`` when the change would leave nobody who is an active admin on ``day``.

    Locks the admins' memberships first, so that two admins cannot remove each other at once.
    """
    rows = session.execute(
        sa.select(Membership.id, Membership.person_id)
        .where(Membership.role == Role.ADMIN.value, *sessions.in_force(day))
        .order_by(Membership.id)
        .with_for_update()
    ).all()
    active = set(
        session.scalars(
            sa.select(Person.id).where(Person.active.is_(True), Person.id.in_({person for _, person in rows}))
        )
    )
    admins = [(number, person) for number, person in rows if person in active]
    left = [row for row in admins if row[0] != membership_id and row[1] != person_id]
    if admins and not left:
        raise ConflictError(N_("Harus ada paling sedikit satu admin yang aktif. Angkat admin lain dahulu."))
