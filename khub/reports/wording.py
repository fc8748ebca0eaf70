"""Words of the report room: states, and events of the trail."""

from __future__ import annotations

from khub.errors import N_
from khub.i18n import gettext
from khub.products.lifecycle import State

_STATES: dict[str, str] = {
    "": N_("Belum lapor"),
    State.DRAFT: N_("Draf"),
    State.SUBMITTED: N_("Diajukan"),
    State.RETURNED: N_("Dikembalikan"),
    State.APPROVED: N_("Disetujui"),
    State.LOCKED: N_("Terkunci"),
}

ACTS: dict[str, str] = {
    "report.created": N_("Memulai laporan"),
    "report.submitted": N_("Mengajukan laporan"),
    "report.withdrawn": N_("Menarik kembali laporan"),
    "report.refused": N_("Tidak membenarkan isian atas nama K/L"),
    "report.entered": N_("Mengisi laporan atas nama K/L"),
    "report.confirmed": N_("Membenarkan isian atas nama K/L"),
    "report.classified": N_("Mengubah klasifikasi"),
    "report.followed": N_("Menyusulkan berkas"),
    "report.brought": N_("Membawa kembali lembar luring"),
}


def state_word(state: str) -> str:
    """Return the word for a state of a row."""
    return str(gettext(_STATES[state]))
