"""Codes that the plan's tables keep, and their words on screen."""

from __future__ import annotations

from enum import StrEnum

from khub.errors import N_


class Duty(StrEnum):
    """What a K/L is to an action."""

    RESPONSIBLE = "responsible"
    RELATED = "related"


class Answer(StrEnum):
    """What a K/L answered when asked for its commitment."""

    YES = "yes"
    NO = "no"
    RETURNED = "returned"


class PeriodState(StrEnum):
    """Where a reporting period stands."""

    PLANNED = "planned"
    OPEN = "open"
    CLOSED = "closed"
    REOPENED = "reopened"


class Part(StrEnum):
    """What a period asks for: realisasi with keluaran of who said yes, kendala of all responsible K/L."""

    PROGRESS = "progress"
    OBSTACLES = "obstacles"


#: States in which a period takes reports.
RUNNING = (PeriodState.OPEN, PeriodState.REOPENED)

DUTIES: dict[str, str] = {
    Duty.RESPONSIBLE: N_("Penanggung jawab"),
    Duty.RELATED: N_("Instansi terkait"),
}
ANSWERS: dict[str, str] = {
    Answer.YES: N_("Ya"),
    Answer.NO: N_("Tidak"),
    Answer.RETURNED: N_("Dikembalikan"),
}
PARTS: dict[str, str] = {Part.PROGRESS: N_("Realisasi dan keluaran"), Part.OBSTACLES: N_("Kendala")}
PERIOD_STATES: dict[str, str] = {
    PeriodState.PLANNED: N_("Rencana"),
    PeriodState.OPEN: N_("Dibuka"),
    PeriodState.CLOSED: N_("Ditutup"),
    PeriodState.REOPENED: N_("Dibuka kembali"),
}
