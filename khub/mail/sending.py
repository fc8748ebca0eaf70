"""The worker's part: letters that are due go out one by one, at least once and practically never twice.

A letter is marked "sending" with its Message-ID before the server hears of it, and "sent" in the
transaction that ends its job. A worker that dies in between sends the very same letter again; the
second copy carries the same Message-ID.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from khub import outbox
from khub.errors import N_
from khub.mail import links, smtp
from khub.mail.models import Message
from khub.mail.smtp import Accepted, Envelope, Later, Outcome, Refused
from khub.mail.terms import MailState
from khub.mail.writing import Writer, may_be_muted
from khub.tongue import Tongue

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from khub.clock import Clock
    from khub.db import Database
    from khub.mail.smtp import Transport
    from khub.settings import Settings

    Effect = Callable[[Session], None]

SEND = "mail"
#: A server that does not answer is tried again after so long, twice that, … up to the longest pause.
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=1)
#: So long a letter is tried before it counts as not delivered.
PATIENCE = timedelta(days=5)
#: Doublings after which the pause has long been the longest.
_DOUBLINGS = 10

#: Why a letter did not reach its person, where the server has not said it.
NO_ADDRESS = N_("Akun ini tidak punya alamat surel.")
GAVE_UP = N_("Server surel tidak menerima surat ini selama lima hari.")
NOTHING_LEFT = N_("Yang diingatkan sudah selesai sebelum surat ini berangkat.")

log = logging.getLogger("khub.mail")


class SendMail:
    """Handler of ``SEND`` jobs; ``ref`` is the id of a ``Message``."""

    def __init__(self, db: Database, clock: Clock, settings: Settings, transport: Transport) -> None:
        self.db = db
        self.clock = clock
        self.settings = settings
        self.transport = transport
        #: Handed over, but the note of it could not be written: not sent again by this worker.
        self._accepted: set[int] = set()
        self._down_until: datetime | None = None

    def __call__(self, message_id: int) -> Effect:
        """Send one letter and return the note of what came of it."""
        if message_id in self._accepted:
            return self._note(message_id, Accepted())
        now = self.clock.now()
        if self._down_until is not None and now < self._down_until:
            return _put_off(message_id, self._down_until)
        envelope = self._take(message_id, now)
        if envelope is None:
            return lambda _: None
        outcome = self.transport.send(envelope)
        match outcome:
            case Accepted():
                self._accepted.add(message_id)
                self._down_until = None
            case Later(code=None):
                self._down_until = self.clock.now() + FIRST_PAUSE
                log.warning("mail server: %s", outcome.error)
            case Later() | Refused():
                log.warning("letter %s: %s %s", message_id, outcome.code or "", outcome.error)
        return self._note(message_id, outcome)

    def _take(self, message_id: int, now: datetime) -> Envelope | None:
        """Mark a letter as being sent and return it; None when it is not to be sent any more."""
        with self.db.write() as session:
            message = session.get(Message, message_id, with_for_update=True)
            if message is None or message.state not in (MailState.QUEUED, MailState.SENDING):
                return None
            writer = Writer(session, self.settings, now)
            if message.state == MailState.QUEUED:
                if not writer.write(message):
                    message.state, message.error = MailState.DROPPED, NOTHING_LEFT
                    return None
                if not message.address:
                    message.state, message.error = MailState.REFUSED, NO_ADDRESS
                    return None
                message.state = MailState.SENDING
                message.sending_at = message.sending_at or now
                message.facts = {**message.facts, "muteable": may_be_muted(message)}
            if "@" not in message.message_id:
                message.message_id = f"{message.message_id}@{smtp.domain(self.settings)}"
            name, language = writer.greeting(message.person_id)
            muteable = bool(message.facts.get("muteable"))
            return Envelope(
                message_id=message.message_id,
                name=name,
                address=message.address,
                subject=message.subject,
                text=message.text,
                html=message.html,
                language=Tongue(language).code,
                at=message.sending_at or now,
                unsubscribe=f"{self.settings.address}{links.SETTINGS}" if muteable else "",
            )

    def _note(self, message_id: int, outcome: Outcome) -> Effect:
        def effect(session: Session) -> None:
            message = session.get_one(Message, message_id, with_for_update=True)
            now = self.clock.now()
            message.tries += 1
            message.next_try_at = None
            match outcome:
                case Accepted():
                    message.state, message.sent_at = MailState.SENT, now
                    message.error, message.code = "", None
                case Refused():
                    message.state, message.error, message.code = (
                        MailState.REFUSED,
                        outcome.error,
                        outcome.code,
                    )
                case Later():
                    _again(session, message, outcome, now)

        return effect


def _again(session: Session, message: Message, outcome: Later, now: datetime) -> None:
    if now - (message.queued_at or message.prepared_at) >= PATIENCE:
        message.state, message.code = MailState.REFUSED, outcome.code
        message.error = GAVE_UP
        return
    pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(message.tries - 1, _DOUBLINGS))
    message.state, message.error, message.code = MailState.QUEUED, outcome.error, outcome.code
    message.next_try_at = now + pause
    outbox.enqueue(session, SEND, message.id, message.next_try_at)


def _put_off(message_id: int, until: datetime) -> Effect:
    """Return the note that a letter waits for a server which has just not answered another."""

    def effect(session: Session) -> None:
        message = session.get_one(Message, message_id, with_for_update=True)
        message.next_try_at = until
        outbox.enqueue(session, SEND, message_id, until)

    return effect
