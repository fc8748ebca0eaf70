"""What people do with letters: remind, try again, drop; wishes, secret addresses, holidays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub import outbox
from khub.accounts import sessions
from khub.audit import chain
from khub.errors import N_, ConflictError, ForbiddenError, InvalidError, NotFoundError
from khub.mail import chasing, feeds, forms
from khub.mail.feeds import FeedKind
from khub.mail.models import FeedSecret, Holiday, Message, Preference
from khub.mail.planning import keep
from khub.mail.sending import SEND
from khub.mail.terms import MailState
from khub.mail.writing import Writer
from khub.policy import Right, holds

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from khub.clock import Clock
    from khub.db import Database
    from khub.mail.chasing import Chased
    from khub.policy import Actor
    from khub.settings import Settings

#: Letters in these states can be called off.
_WAITING = (MailState.PREPARED, MailState.QUEUED)


class Mail:
    """Use cases of the room."""

    def __init__(self, db: Database, clock: Clock, settings: Settings) -> None:
        self.db = db
        self.clock = clock
        self.settings = settings

    # -- reminders by hand -----------------------------------------------------------------------

    def remind(
        self,
        actor: Actor,
        period: str,
        units: Sequence[str],
        people: Iterable[int],
        text: str,
        token: str,
    ) -> int:
        """Prepare a reminder to each of ``people`` of what ``units`` (codes) owe in ``period``.

        ``token`` marks one press of the button: pressed again, nothing is prepared twice. Returns how
        many letters it made. Raises ``InvalidError``, ``NotFoundError``, ``ForbiddenError``.
        """
        text, token, wanted = forms.intro(text), forms.token(token), frozenset(people)
        now = self.clock.now()
        with self.db.write() as session:
            choice = chasing.chosen(session, actor, period, now)
            if choice is None:
                raise NotFoundError
            writer = Writer(session, self.settings, now)
            found = chasing.of_period(writer, actor, choice.id, units=units)
            written: list[int] = []
            for person_id in sorted(wanted):
                message = chasing.reminder(found, writer, person_id, choice.id, text, token)
                if message is not None and keep(writer, message, _units_of(found, person_id)):
                    written.append(person_id)
            if not written:
                raise InvalidError.one("orang", N_("Tidak ada yang perlu diingatkan dari pilihan ini."))
            told = sorted({each.unit.code for each in found for p in each.people if p.id in written})
            facts = {"institutions": told, "letters": len(written)}
            chain.append(session, actor, "reminder.prepared", "period", choice.key[:60], now, facts=facts)
            return len(written)

    # -- letters ---------------------------------------------------------------------------------

    def retry(self, actor: Actor, letter_id: int) -> None:
        """Send a letter that did not arrive once more, or one that waits at once. ``ConflictError`` if it left."""
        self._demand(actor)
        now = self.clock.now()
        with self.db.write() as session:
            message = _letter(session, letter_id)
            if message.state not in (MailState.REFUSED, MailState.QUEUED):
                raise ConflictError(N_("Surat ini tidak menunggu dikirim ulang."))
            message.error, message.code, message.next_try_at = "", None, None
            if self.settings.smtp_host:
                message.state, message.queued_at = MailState.QUEUED, now
                outbox.enqueue(session, SEND, message.id, now)
            else:
                message.state = MailState.PREPARED
            message.send_after = now
            chain.append(session, actor, "mail.retried", "mail", str(letter_id), now)

    def drop(self, actor: Actor, letter_id: int) -> None:
        """Call off a letter that has not left. ``ConflictError`` when it has."""
        self._demand(actor)
        now = self.clock.now()
        with self.db.write() as session:
            message = _letter(session, letter_id)
            if message.state not in _WAITING:
                raise ConflictError(N_("Surat ini sudah berangkat atau sudah dibatalkan."))
            message.state, message.error = MailState.DROPPED, N_("Dibatalkan oleh Sekretariat.")
            chain.append(session, actor, "mail.dropped", "mail", str(letter_id), now)

    # -- one's own -------------------------------------------------------------------------------

    def set_wishes(self, actor: Actor, rhythm: str, muted: Iterable[str]) -> None:
        """Keep how the actor wants letters. ``InvalidError`` for what cannot be muted."""
        chosen, quiet = forms.wishes(rhythm, muted)
        person_id = _own(actor)
        now = self.clock.now()
        with self.db.write() as session:
            preference = session.get(Preference, person_id, with_for_update=True)
            if preference is None:
                preference = Preference(person_id=person_id, rhythm=chosen, muted=quiet)
                session.add(preference)
            preference.rhythm, preference.muted = chosen, quiet
            facts = {"rhythm": chosen, "muted": quiet}
            chain.append(session, actor, "mail.wishes-changed", "person", str(person_id), now, facts=facts)

    def open_feed(self, actor: Actor, kind: FeedKind) -> str:
        """Make a new secret address of a kind, end the old one, and return its token (256 bits)."""
        person_id, token, now = _own(actor), sessions.new_token(), self.clock.now()
        with self.db.write() as session:
            _revoke(session, person_id, kind, self.clock)
            session.add(
                FeedSecret(token_hash=sessions.digest(token), person_id=person_id, kind=kind, created_at=now)
            )
            chain.append(session, actor, "feed.opened", "person", str(person_id), now, facts={"kind": kind})
        return token

    def close_feed(self, actor: Actor, kind: FeedKind) -> None:
        """End the secret address of a kind; nothing happens when there is none."""
        person_id, now = _own(actor), self.clock.now()
        with self.db.write() as session:
            if _revoke(session, person_id, kind, self.clock):
                chain.append(
                    session, actor, "feed.closed", "person", str(person_id), now, facts={"kind": kind}
                )

    def feed(self, token: str, kind: FeedKind) -> bytes:
        """Return the feed behind a secret address; ``NotFoundError`` when it leads to nobody."""
        now = self.clock.now()
        with self.db.read() as session:
            who = feeds.subscriber(session, token, kind, now, self.settings)
            if kind is FeedKind.DEADLINES:
                return feeds.calendar_of(session, who, self.settings, now)
            return feeds.atom_of(session, who, self.settings)

    # -- holidays --------------------------------------------------------------------------------

    def add_holidays(self, actor: Actor, days: Mapping[date, str]) -> int:
        """Put days into the table, over those that are there; returns how many were new or renamed."""
        self._demand(actor)
        now = self.clock.now()
        with self.db.write() as session:
            changed = 0
            for day, name in sorted(days.items()):
                known = session.get(Holiday, day)
                if known is None:
                    session.add(Holiday(day=day, name=name))
                elif known.name == name:
                    continue
                else:
                    known.name = name
                changed += 1
            if changed:
                facts = {"days": [str(day) for day in sorted(days)][:60]}
                chain.append(session, actor, "holiday.added", "holiday", str(min(days)), now, facts=facts)
            return changed

    def remove_holiday(self, actor: Actor, day: date) -> None:
        """Take a day out of the table. Raises ``NotFoundError``."""
        self._demand(actor)
        now = self.clock.now()
        with self.db.write() as session:
            holiday = session.get(Holiday, day, with_for_update=True)
            if holiday is None:
                raise NotFoundError
            session.delete(holiday)
            chain.append(
                session, actor, "holiday.removed", "holiday", str(day), now, facts={"name": holiday.name}
            )

    @staticmethod
    def _demand(actor: Actor) -> None:
        if not (actor.system or holds(actor, Right.PLAN)):
            raise ForbiddenError(N_("Bagian ini untuk Sekretariat dan admin."))


def _units_of(found: Sequence[Chased], person_id: int) -> set[int]:
    return {each.unit.id for each in found for person in each.people if person.id == person_id}


def _letter(session: Session, letter_id: int) -> Message:
    message = session.get(Message, letter_id, with_for_update=True)
    if message is None:
        raise NotFoundError
    return message


def _own(actor: Actor) -> int:
    if actor.person_id is None:
        raise NotFoundError
    return actor.person_id


def _revoke(session: Session, person_id: int, kind: FeedKind, clock: Clock) -> bool:
    ended = session.execute(
        sa.update(FeedSecret)
        .where(
            FeedSecret.person_id == person_id,
            FeedSecret.kind == kind,
            FeedSecret.revoked_at.is_(None),
        )
        .values(revoked_at=clock.now())
        .returning(FeedSecret.id)
    )
    return bool(ended.all())
