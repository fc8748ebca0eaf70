"""Codes that the room's tables keep, and their words on screen."""

from __future__ import annotations

from khub.errors import N_

#: How a K/L was spoken to.
CHANNELS: dict[str, str] = {
    "meeting": N_("rapat"),
    "phone": N_("telepon"),
    "mail": N_("surel"),
    "letter": N_("surat resmi"),
    "chat": N_("obrolan"),
    "visit": N_("kunjungan"),
    "other": N_("lainnya"),
}
#: A reminder that was sent, and one that the mail server refused.
REMINDED, REFUSED = "reminder", "refused"
CONTACTED: dict[str, str] = {
    **CHANNELS,
    REMINDED: N_("pengingat lewat surel"),
    REFUSED: N_("surel ditolak"),
}
