"""Hands one letter to the mail server (RFC 5321) and says what came of it.

Encryption as the settings ask, checked against the system's authorities and ``KHUB_SMTP_CA``; never
less than asked for.
"""

from __future__ import annotations

import contextlib
import logging
import re
import smtplib
import ssl
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime, parseaddr
from typing import TYPE_CHECKING, Protocol

from khub.errors import N_

if TYPE_CHECKING:
    from datetime import datetime

    from khub.settings import Settings

#: Seconds that a silent server is waited for, at each step.
_PATIENCE = 30
_PERMANENT = range(500, 600)
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u0085\u2028\u2029]+")
_MOST_ERROR = 500
#: Plain addresses only: the standard library stumbles over the stranger ones that RFC 5322 allows.
_ADDRESS = re.compile(r"[^\s@<>\"'(),:;\[\]\\\x00-\x1f\x7f]+@\w(?:[\w-]*\w)?(?:\.\w(?:[\w-]*\w)?)*")

#: Why a letter cannot go to an address, where no server has said it.
BAD_ADDRESS = N_("Alamat surel ini tidak dapat dipakai.")
NOT_ASCII = N_("Server surel tidak menerima alamat dengan huruf selain ASCII.")

log = logging.getLogger("khub.mail")


@dataclass(frozen=True, slots=True)
class Envelope:
    """A letter as it leaves. ``message_id`` is the part before the @ until a domain is put to it."""

    message_id: str
    name: str
    address: str
    subject: str
    text: str
    html: str
    language: str
    at: datetime
    unsubscribe: str = ""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The server took it."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The server will never take it for this address; ``code`` is its reply, None when it was not asked."""

    error: str
    code: int | None = None


@dataclass(frozen=True, slots=True)
class Later:
    """It could not be handed over now: no connection, a temporary refusal, settings that do not fit."""

    error: str
    code: int | None = None


Outcome = Accepted | Refused | Later


class Transport(Protocol):
    """Something that takes letters."""

    def send(self, envelope: Envelope) -> Outcome:
        """Hand one letter over."""
        ...


class SmtpTransport:
    """The server of the settings; a connection for each letter, so that none is lost with a stale one."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def send(self, envelope: Envelope) -> Outcome:
        """Hand one letter over. Never raises for what a server, a network or an address does."""
        try:
            body, utf8 = _written(envelope, self.settings.mail_from)
        except (ValueError, IndexError, AttributeError, HeaderParseError) as error:
            log.warning("a letter cannot be written: %s", error)
            return Refused(BAD_ADDRESS)
        try:
            server = self._connect()
        except (OSError, smtplib.SMTPException) as error:
            return _later(error)
        try:
            return self._hand_over(server, envelope.address, body, utf8=utf8)
        except (OSError, smtplib.SMTPException) as error:
            return _later(error)
        finally:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                server.quit()
            server.close()

    def _connect(self) -> smtplib.SMTP:
        host, port = self.settings.smtp_host, self.settings.smtp_port
        context = ssl.create_default_context()
        if self.settings.smtp_ca:
            context.load_verify_locations(self.settings.smtp_ca)
        if self.settings.smtp_tls == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=_PATIENCE, context=context)
        else:
            server = smtplib.SMTP(host, port, timeout=_PATIENCE)
        try:
            if self.settings.smtp_tls == "starttls":
                server.starttls(context=context)
            if self.settings.smtp_user:
                server.login(self.settings.smtp_user, self.settings.smtp_password)
        except BaseException:
            server.close()
            raise
        return server

    def _hand_over(self, server: smtplib.SMTP, address: str, body: bytes, *, utf8: bool) -> Outcome:
        options = ["SMTPUTF8", "BODY=8BITMIME"] if utf8 else []
        server.ehlo_or_helo_if_needed()
        if utf8 and not server.has_extn("smtputf8"):
            return Refused(NOT_ASCII)
        try:
            server.sendmail(parseaddr(self.settings.mail_from)[1], [address], body, options)
        except smtplib.SMTPRecipientsRefused as error:
            code, reply = error.recipients[address]
            return _refusal(code, reply)
        except smtplib.SMTPDataError as error:
            return _refusal(error.smtp_code, error.smtp_error)
        return Accepted()


def domain(settings: Settings) -> str:
    """Return what stands after the @ of a Message-ID."""
    return parseaddr(settings.mail_from)[1].rpartition("@")[2] or "khub.invalid"


def _written(envelope: Envelope, sender: str) -> tuple[bytes, bool]:
    """Return the letter as bytes, and whether its address needs SMTPUTF8. ``ValueError`` for a bad one."""
    if not _ADDRESS.fullmatch(envelope.address):
        raise ValueError(envelope.address)
    name, _, host = envelope.address.rpartition("@")
    utf8 = not envelope.address.isascii()
    letter = EmailMessage(policy=(SMTPUTF8 if utf8 else SMTP).clone(cte_type="7bit"))
    letter["From"] = sender
    letter["To"] = Address(_one_line(envelope.name), username=name, domain=host)
    letter["Subject"] = _one_line(envelope.subject)
    letter["Date"] = format_datetime(envelope.at)
    letter["Message-ID"] = f"<{envelope.message_id}>"
    letter["Auto-Submitted"] = "auto-generated"
    letter["Content-Language"] = envelope.language
    if envelope.unsubscribe:
        letter["List-Unsubscribe"] = f"<{envelope.unsubscribe}>"
    letter.set_content(envelope.text)
    letter.add_alternative(envelope.html, subtype="html")
    return letter.as_bytes(), utf8


def _one_line(text: str) -> str:
    return _CONTROL.sub(" ", text).strip()


def _refusal(code: int, reply: bytes | str) -> Outcome:
    text = _short(reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply)
    return Refused(text, code) if code in _PERMANENT else Later(text, code)


def _later(error: OSError | smtplib.SMTPException) -> Later:
    if isinstance(error, smtplib.SMTPResponseException):
        reply = error.smtp_error
        text = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else str(reply)
        return Later(_short(text), error.smtp_code)
    return Later(_short(f"{type(error).__name__}: {error}"))


def _short(text: str) -> str:
    return _one_line(text)[:_MOST_ERROR]
