"""Counting failed sign-ins in the database, so that every process sees the same count."""

from __future__ import annotations

import hashlib
import ipaddress
from datetime import timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub.accounts.models import SignInAttempt
from khub.errors import N_, ThrottledError

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from khub.clock import Clock
    from khub.db import Database

WINDOW = timedelta(minutes=5)
PER_LOGIN = 10
PER_ADDRESS = 10
OVERALL = 1000


class Throttle:
    """At most so many failed tries per account, per address and over all in ``WINDOW``.

    A try is written down before the password is looked at and struck out when it was right:
    many tries sent at the same moment cannot slip past the count.
    """

    def __init__(self, db: Database, clock: Clock) -> None:
        self.db = db
        self.clock = clock

    def enter(self, login: str, address: str) -> None:
        """Write a try down; raises ``ThrottledError`` above a limit. An empty address has no limit."""
        now = self.clock.now()
        key, place = _key(login), _place(address)
        with self.db.read() as session:
            _refuse(_wait(session, key, place, now, already=0))
        with self.db.write() as session:
            session.execute(sa.delete(SignInAttempt).where(SignInAttempt.at <= now - WINDOW))
            attempt = SignInAttempt(login=key, address=place, at=now)
            session.add(attempt)
            session.flush()
            number = attempt.id
        with self.db.read() as session:
            wait = _wait(session, key, place, now, already=1)
        if wait is not None:
            with self.db.write() as session:
                session.execute(sa.delete(SignInAttempt).where(SignInAttempt.id == number))
        _refuse(wait)


def forgive(session: Session, login: str) -> None:
    """Forget the failed tries of an account that has just proved itself."""
    session.execute(sa.delete(SignInAttempt).where(SignInAttempt.login == _key(login)))


def _key(login: str) -> str:
    """Return what is stored for a login: people type passwords into the wrong field."""
    return hashlib.sha256(login.encode(errors="backslashreplace")).hexdigest()


def _place(address: str) -> str:
    """Return what counts as one address: of IPv6 the /64, which one subscriber holds whole."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address[:64]
    if parsed.version == 6:  # noqa: PLR2004 - IPv6
        return str(ipaddress.ip_network((parsed.packed, 64), strict=False))
    return str(parsed)


def _wait(session: Session, key: str, place: str, now: datetime, *, already: int) -> timedelta | None:
    """Return how long until the fullest count has room again; None when all have."""
    scopes: list[tuple[int, sa.ColumnElement[bool]]] = [
        (PER_LOGIN, SignInAttempt.login == key),
        (OVERALL, sa.true()),
    ]
    if place:
        scopes.append((PER_ADDRESS, SignInAttempt.address == place))
    waits = []
    for limit, scope in scopes:
        # Room comes when the limit-th newest try leaves the window.
        oldest = session.scalar(
            sa.select(SignInAttempt.at)
            .where(SignInAttempt.at > now - WINDOW, scope)
            .order_by(SignInAttempt.at.desc())
            .offset(limit - 1 + already)
            .limit(1)
        )
        if oldest is not None:
            waits.append(oldest + WINDOW - now)
    return max(waits, default=None)


def _refuse(wait: timedelta | None) -> None:
    if wait is not None:
        raise ThrottledError(
            N_("Terlalu sering dicoba. Coba lagi dalam %(minutes)s menit."),
            retry_after=max(1, int(wait.total_seconds()) + 1),
        )
