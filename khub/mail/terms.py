"""Codes that the mail tables keep, and their words on screen."""

from __future__ import annotations

from enum import StrEnum

from khub.errors import N_


class MailState(StrEnum):
    """Where a letter stands.

    Prepared → queued → sending → sent; refused by the server (or for want of an address), or
    dropped because there was nothing left to say. Only a refused one is ever taken up again.
    """

    PREPARED = "prepared"
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    REFUSED = "refused"
    DROPPED = "dropped"


class MailKind(StrEnum):
    """Why a letter is written."""

    DIGEST = "digest"
    REMINDER = "reminder"
    RETURNED = "returned"
    APPROVED = "approved"
    UNCONFIRMED = "unconfirmed"
    FOLLOW_UP = "follow-up"
    ALERT = "alert"


class Rhythm(StrEnum):
    """How a person wants what is not urgent."""

    DIGEST = "digest"
    SINGLE = "single"


#: Kinds that a person may switch off; returns and deadlines always come.
MUTABLE = (MailKind.APPROVED, MailKind.FOLLOW_UP, MailKind.ALERT)

STATES: dict[str, str] = {
    MailState.PREPARED: N_("Akan dikirim"),
    MailState.QUEUED: N_("Dalam antrean"),
    MailState.SENDING: N_("Sedang dikirim"),
    MailState.SENT: N_("Terkirim"),
    MailState.REFUSED: N_("Tidak sampai"),
    MailState.DROPPED: N_("Tidak jadi dikirim"),
}
KINDS: dict[str, str] = {
    MailKind.DIGEST: N_("Ringkasan harian"),
    MailKind.REMINDER: N_("Pengingat"),
    MailKind.RETURNED: N_("Dikembalikan"),
    MailKind.APPROVED: N_("Disetujui"),
    MailKind.UNCONFIRMED: N_("Tidak dibenarkan"),
    MailKind.FOLLOW_UP: N_("Tindak lanjut"),
    MailKind.ALERT: N_("Hasil baru pencarian tersimpan"),
}
