"""Signing in and out, sessions, passwords."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from khub.accounts import passwords, sessions, throttle
from khub.accounts.models import Person, SignIn
from khub.accounts.sessions import SignedIn
from khub.audit import chain
from khub.errors import N_, FieldError, InvalidError
from khub.policy import Actor

if TYPE_CHECKING:
    from khub.clock import Clock
    from khub.db import Database
    from khub.settings import Settings

__all__ = ["Accounts", "SignedIn"]

log = logging.getLogger("khub.accounts")

_NOTE_EVERY = timedelta(minutes=1)
_KEEP_ENDED = timedelta(days=30)
_MAX_LOGIN = 80
_WRONG = N_("Nama pengguna atau kata sandi tidak cocok.")


def fold_login(text: str) -> str:
    """Return a login as it is stored, or "" for text that cannot be one."""
    folded = text.strip().casefold()
    return folded if len(folded) <= _MAX_LOGIN and folded.isprintable() else ""


class Accounts:
    """What people do with their accounts."""

    def __init__(self, db: Database, clock: Clock, settings: Settings) -> None:
        self.db = db
        self.clock = clock
        self.idle = timedelta(minutes=settings.session_idle_minutes)
        self.longest = timedelta(hours=settings.session_hours)
        self.throttle = throttle.Throttle(db, clock)

    def identify(self, token: str) -> SignedIn | None:
        """Return the living session of ``token`` with its person's rights as of now, or None."""
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
                #: Reading must go on while nothing can be written (disk full, database locked).
                log.warning("could not note the time of session %s", found.sign_in_id, exc_info=True)
        return found

    def sign_in(self, login: str, password: str, *, address: str, agent: str) -> str:
        """Open a session and return its token (256 bits).

        Unknown login, wrong password and inactive account give one and the same ``InvalidError``,
        in the same time. Raises ``ThrottledError`` after too many failures.
        """
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
        folded = fold_login(login)
        self.throttle.enter(folded or login, address)
        with self.db.read() as session:
            found = session.execute(
                sa.select(Person.id, Person.password_hash).where(Person.login == folded)
            ).one_or_none()
        right = passwords.verify(found.password_hash if found else "", password)
        now = self.clock.now()
        token = sessions.new_token()
        with self.db.write() as session:
            person = session.get(Person, found.id, with_for_update=True) if found else None
            #: Compared again: the password may have been reset while it was being checked.
            if (
                right
                and person is not None
                and person.active
                and found is not None
                and person.password_hash == found.password_hash
            ):
                throttle.forgive(session, folded)
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
                chain.append(
                    session, Actor(person.id, person.name), "session.opened", "person", str(person.id), now
                )
                return token
            chain.append(
                session,
                Actor(None, ""),
                "session.refused",
                "person",
                str(person.id) if person is not None else "",
                now,
            )
        raise InvalidError.one("login", _WRONG)

    def sign_out(self, token: str) -> None:
        """End the session of ``token``; nothing happens when it has ended already."""
        now = self.clock.now()
        with self.db.write() as session:
            row = session.execute(
                sa.select(SignIn, Person)
                .join(Person, Person.id == SignIn.person_id)
                .where(SignIn.token_hash == sessions.digest(token), SignIn.revoked_at.is_(None))
                .with_for_update(of=SignIn)
            ).one_or_none()
            if row is None:
                return
            sign_in, person = row
            sign_in.revoked_at = now
            chain.append(
                session, Actor(person.id, person.name), "session.closed", "person", str(person.id), now
            )
