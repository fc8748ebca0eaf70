"""What the worker does every few seconds: look for new hits, prepare the day's letters, write and queue what is due."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub import outbox
from khub.errors import N_
from khub.mail import planning
from khub.mail.models import Message
from khub.mail.sending import NO_ADDRESS, NOTHING_LEFT, SEND
from khub.mail.terms import MailState
from khub.mail.writing import Writer

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from khub.clock import Clock
    from khub.db import Database
    from khub.settings import Settings

#: A letter that waited longer than this for a server to be named is no longer news.
STALE = timedelta(days=7)
TOO_OLD = N_("Surat ini menunggu lebih dari tujuh hari tanpa server surel.")
_BATCH = 200


class Clockwork:
    """Keeps letters moving; every step may be repeated, and dies without a trace when it is cut short."""

    def __init__(
        self, db: Database, clock: Clock, settings: Settings, after: Callable[[], int] | None = None
    ) -> None:
        self.db = db
        self.clock = clock
        self.settings = settings
        self.after = after

    def tick(self) -> int:
        """Do what is due and return how many letters were prepared, written or queued."""
        now = self.clock.now()
        with self.db.read() as session:
            day = planning.due_day(session, now)
            waiting = session.scalar(self._waiting(now).limit(1))
        moved = 0
        if day is not None:
            with self.db.write() as session:
                moved += planning.prepare(session, self.settings, now)
        if day is not None or waiting is not None:
            with self.db.write() as session:
                moved += self._move(session, now)
        # Last: letters already owed never wait for what comes after them.
        return moved + (self.after() if self.after is not None else 0)

    def _waiting(self, now: datetime) -> sa.Select[int]:
        """Return the query for prepared letters whose time has come: all with a server, else unwritten ones."""
        query = sa.select(Message.id).where(Message.state == MailState.PREPARED, Message.send_after <= now)
        return query if self.settings.smtp_host else query.where(Message.subject == "")

    def _move(self, session: Session, now: datetime) -> int:
        ids = session.scalars(self._waiting(now).order_by(Message.send_after, Message.id).limit(_BATCH)).all()
        writer = Writer(session, self.settings, now)
        for message_id in ids:
            message = session.get_one(Message, message_id, with_for_update=True)
            if message.state == MailState.PREPARED:
                self._advance(writer, message)
        return len(ids)

    def _advance(self, writer: Writer, message: Message) -> None:
        if writer.now - message.send_after > STALE and self.settings.smtp_host:
            message.state, message.error = MailState.DROPPED, TOO_OLD
        elif not (message.subject and message.address) and not writer.write(message):
            message.state, message.error = MailState.DROPPED, NOTHING_LEFT
        elif not message.address:
            message.state, message.error = MailState.REFUSED, NO_ADDRESS
        elif self.settings.smtp_host:
            message.state, message.queued_at = MailState.QUEUED, writer.now
            outbox.enqueue(writer.session, SEND, message.id, writer.now)
