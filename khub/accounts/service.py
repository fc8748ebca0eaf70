"""Signing in and out, and one's own sessions."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from khub.accounts import passwords, rules, sessions, throttle
from khub.accounts.credentials import Credentials
from khub.accounts.models import Person, SignIn
from khub.accounts.parked import ParkedForms
from khub.accounts.people import People
from khub.accounts.sessions import SignedIn
from khub.audit import chain
from khub.errors import N_, FieldError, InvalidError, NotFoundError
from khub.policy import Actor

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

__all__ = ["Accounts", "SignedIn"]

log = logging.getLogger("khub.accounts")

_NOTE_EVERY = timedelta(minutes=1)
#: Ended sessions stay a while: a form sent too late still finds its person by them.
_KEEP_ENDED = timedelta(days=30)


class Accounts(Credentials, People, ParkedForms):
    """What people do with their accounts, and what admins do with people."""

    def identify(self, token: str) -> SignedIn | None:
        """Return the living session of ``token`` with its person's rights as of now, or None.

        Runs at every request: two look-ups, and once a minute one update.
        """
        now = self.clock.now()
        with self.db.read() as session:
            found = sessions.load(session, token, now, self.idle)
        if found is not None and now - found.seen_at >= _NOTE_EVERY:
            try:
                with self.db.write() as session:
                    session.execute(
                        sa.update(SignIn).where(SignIn.id == found.sign_in_id).values(seen_at=now)
                    )
            except OperationalError:
                # Reading must go on while nothing can be written (disk full, database locked).
                log.warning("could not note the time of session %s", found.sign_in_id, exc_info=True)
        return found

    def actor_of(self, login: str) -> Actor:
        """Return what the person with ``login`` may act as today; raises ``NotFoundError``."""
        with self.db.read() as session:
            return sessions.actor_of(session, rules.fold_login(login), self.clock.now())

    def sign_in(self, login: str, password: str, *, address: str, agent: str) -> str:
        """Open a session and return its token (256 bits).

        Unknown login, wrong password and inactive account give one and the same ``InvalidError``,
        in the same time. Raises ``ThrottledError`` after too many failures.
        """
        _demand_both(login, password)
        folded = rules.fold_login(login)
        self.throttle.enter(folded or login, address)
        with self.db.read() as session:
            found = session.execute(
                sa.select(Person.id, Person.password_hash).where(Person.login == folded)
            ).one_or_none()
        person_id, known_hash = found or (None, "")
        right = passwords.verify(known_hash, password)
        now = self.clock.now()
        with self.db.write() as session:
            person = session.get(Person, person_id, with_for_update=True) if person_id else None
            # Compared again: the password may have been changed while it was being checked.
            if right and person is not None and person.active and person.password_hash == known_hash:
                throttle.forgive(session, folded)
                return self._open(session, person, now, address, agent)
            chain.append(session, Actor(None, ""), "session.refused", "person", str(person_id or ""), now)
        raise InvalidError.one("login", N_("Nama pengguna atau kata sandi tidak cocok."))

    def _open(self, session: Session, person: Person, now: datetime, address: str, agent: str) -> str:
        token = sessions.new_token()
        session.execute(
            sa.delete(SignIn).where(SignIn.person_id == person.id, SignIn.ends_at < now - _KEEP_ENDED)
        )
        session.add(
            SignIn(
                token_hash=sessions.digest(token),
                person_id=person.id,
                created_at=now,
                seen_at=now,
                ends_at=now + self.longest,
                address=address[:64],
                agent="".join(filter(str.isprintable, agent))[:300],
            )
        )
        actor = Actor(person.id, person.name)
        chain.append(session, actor, "session.opened", "person", str(person.id), now)
        return token

    def named(self, token: str) -> int | None:
        """Return the id of the person whose session ``token`` is or was."""
        with self.db.read() as session:
            return session.scalar(
                sa.select(SignIn.person_id).where(SignIn.token_hash == sessions.digest(token))
            )

    def sign_out(self, token: str) -> None:
        """End the session of ``token``; nothing happens when there is none."""
        now = self.clock.now()
        with self.db.write() as session:
            sign_in = session.scalar(
                sa.select(SignIn)
                .where(SignIn.token_hash == sessions.digest(token), SignIn.revoked_at.is_(None))
                .with_for_update()
            )
            person = session.get(Person, sign_in.person_id) if sign_in else None
            if sign_in is None or person is None:
                return
            sign_in.revoked_at = now
            actor = Actor(person.id, person.name)
            chain.append(session, actor, "session.closed", "person", str(person.id), now)

    def revoke(self, actor: Actor, sign_in_id: int) -> None:
        """End one of the actor's own sessions; ``NotFoundError`` for any other."""
        now = self.clock.now()
        with self.db.write() as session:
            sign_in = session.get(SignIn, sign_in_id, with_for_update=True)
            if sign_in is None or actor.person_id is None or sign_in.person_id != actor.person_id:
                raise NotFoundError
            if sign_in.revoked_at is None:
                sign_in.revoked_at = now
                chain.append(session, actor, "session.revoked", "person", str(actor.person_id), now)

    def revoke_others(self, actor: Actor, current: int) -> int:
        """End all of the actor's sessions but ``current``; returns how many there were."""
        now = self.clock.now()
        with self.db.write() as session:
            ended = sessions.end_all(session, actor.person_id, now, but=current)
            if ended:
                chain.append(
                    session,
                    actor,
                    "session.revoked",
                    "person",
                    str(actor.person_id),
                    now,
                    facts={"sessions": ended},
                )
            return ended


def _demand_both(login: str, password: str) -> None:
    missing = [
        FieldError(name, message)
        for name, value, message in (
            ("login", login.strip(), N_("Isi nama pengguna.")),
            ("password", password, N_("Isi kata sandi.")),
        )
        if not value
    ]
    if missing:
        raise InvalidError(missing)
