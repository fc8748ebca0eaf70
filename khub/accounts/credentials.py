"""Changing and resetting passwords."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub.accounts import passwords, rules, sessions, throttle
from khub.accounts.models import PasswordReset, Person, SignIn
from khub.accounts.part import Part
from khub.audit import chain
from khub.errors import N_, ConflictError, FieldError, InvalidError, NotFoundError
from khub.policy import Actor

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

RESET_LIFE = timedelta(minutes=30)
_GONE = N_("Tautan ini sudah dipakai atau kedaluwarsa. Minta tautan baru kepada admin.")
_SAME = N_("Kata sandi baru harus berbeda dari yang lama.")


class Credentials(Part):
    """Use cases on passwords."""

    def change_password(self, actor: Actor, old: str, new: str, *, sign_in_id: int) -> str:
        """Change the actor's own password; his other sessions end and this one gets the token returned.

        Raises ``InvalidError`` (fields ``old_password``, ``new_password``) and ``ThrottledError``.
        """
        person = self._person(actor.person_id)
        faults = passwords.faults(new, login=person.login, name=person.name, field="new_password")
        if new == old and not faults:
            faults.append(FieldError("new_password", _SAME))
        if not old:
            faults.insert(0, FieldError("old_password", N_("Isi kata sandi yang sekarang.")))
        if faults:
            raise InvalidError(faults)
        counter = f"#{person.id}"
        self.throttle.enter(counter, "")
        if not passwords.verify(person.password_hash, old):
            raise InvalidError.one("old_password", N_("Kata sandi yang sekarang tidak cocok."))
        encoded = passwords.hashed(new)
        token = sessions.new_token()
        now = self.clock.now()
        with self.db.write() as session:
            current = session.get(Person, person.id, with_for_update=True)
            if current is None or current.password_hash != person.password_hash:
                raise ConflictError(N_("Kata sandi baru saja diubah di tempat lain. Masuk lagi."))
            throttle.forgive(session, counter)
            _store(session, current, encoded, now, keep=sign_in_id)
            session.execute(
                sa.update(SignIn)
                .where(SignIn.id == sign_in_id, SignIn.person_id == person.id)
                .values(token_hash=sessions.digest(token))
            )
            chain.append(session, actor, "password.changed", "person", str(person.id), now)
        return token

    def set_password(self, actor: Actor, person_id: int, password: str, *, checked: bool = True) -> None:
        """Give a person a password from the command line or the demo; all his sessions end.

        ``checked=False`` lets the demo use its short, printed password.
        """
        rules.demand_admin(actor)
        person = self._person(person_id)
        if checked and (
            faults := passwords.faults(password, login=person.login, name=person.name, field="password")
        ):
            raise InvalidError(faults)
        encoded = passwords.hashed(password)
        now = self.clock.now()
        with self.db.write() as session:
            current = session.get_one(Person, person_id, with_for_update=True)
            _store(session, current, encoded, now)
            chain.append(session, actor, "password.set", "person", str(person_id), now)

    def issue_reset(self, actor: Actor, person_id: int) -> str:
        """Return the token of a link that sets a new password once within ``RESET_LIFE``.

        Earlier links of that person stop working.
        """
        rules.demand_admin(actor)
        now = self.clock.now()
        token = sessions.new_token()
        with self.db.write() as session:
            person = session.get(Person, person_id, with_for_update=True)
            if person is None:
                raise NotFoundError
            if not person.active:
                raise ConflictError(N_("Akun ini tidak aktif. Aktifkan dahulu, lalu buat tautannya."))
            session.execute(sa.delete(PasswordReset).where(PasswordReset.person_id == person_id))
            session.add(
                PasswordReset(
                    token_hash=sessions.digest(token),
                    person_id=person_id,
                    issued_by=actor.person_id,
                    ends_at=now + RESET_LIFE,
                )
            )
            chain.append(session, actor, "password.reset-issued", "person", str(person_id), now)
        return token

    def reset_login(self, token: str) -> str:
        """Return the login that a reset link is for; ``NotFoundError`` when it no longer works."""
        with self.db.read() as session:
            return _by_reset(session, token, self.clock.now())[1].login

    def use_reset(self, token: str, new: str) -> None:
        """Set the password by a reset link, once; all sessions of the person end.

        Raises ``NotFoundError`` for a dead link, ``InvalidError`` (field ``new_password``).
        """
        with self.db.read() as session:
            _, person = _by_reset(session, token, self.clock.now())
        if faults := passwords.faults(new, login=person.login, name=person.name, field="new_password"):
            raise InvalidError(faults)
        encoded = passwords.hashed(new)
        now = self.clock.now()
        with self.db.write() as session:
            reset, _ = _by_reset(session, token, now, lock=True)
            current = session.get_one(Person, reset.person_id, with_for_update=True)
            reset.used_at = now
            _store(session, current, encoded, now)
            throttle.forgive(session, current.login)
            chain.append(
                session,
                Actor(current.id, current.name),
                "password.reset-used",
                "person",
                str(current.id),
                now,
            )

    def _person(self, person_id: int | None) -> Person:
        with self.db.read() as session:
            person = session.get(Person, person_id) if person_id is not None else None
        if person is None:
            raise NotFoundError
        return person


def _by_reset(
    session: Session, token: str, now: datetime, *, lock: bool = False
) -> tuple[PasswordReset, Person]:
    query = (
        sa.select(PasswordReset, Person)
        .join(Person, Person.id == PasswordReset.person_id)
        .where(
            PasswordReset.token_hash == sessions.digest(token),
            PasswordReset.used_at.is_(None),
            PasswordReset.ends_at > now,
            Person.active.is_(True),
        )
    )
    if lock:
        query = query.with_for_update(of=PasswordReset)
    found = session.execute(query).one_or_none()
    if found is None:
        raise NotFoundError(_GONE)
    return found[0], found[1]


def _store(session: Session, person: Person, encoded: str, now: datetime, *, keep: int | None = None) -> None:
    """Write the new hash; sessions and reset links that the old one opened end."""
    person.password_hash = encoded
    sessions.end_all(session, person.id, now, but=keep)
    session.execute(
        sa.update(PasswordReset)
        .where(PasswordReset.person_id == person.id, PasswordReset.used_at.is_(None))
        .values(used_at=now)
    )
