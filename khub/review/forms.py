"""What a reviewer sends: notes, a deadline for mending, the snapshots that were before his eyes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from typing import TYPE_CHECKING

from khub.clock import WIB, wib_date
from khub.errors import N_, FieldError, InvalidError
from khub.products.forms import note as clean_note

if TYPE_CHECKING:
    from collections.abc import Sequence

    from khub.review.cases import Case

_YEAR = 366
#: Reports and keluaran that one bulk press takes.
MOST_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Return:
    """A return: why, until when it is to be mended, and which outputs go back with a report (None: all)."""

    note: str
    due_at: datetime | None = None
    outputs: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """Which snapshots a reviewer had before his eyes. ``version`` None: whichever waits.

    ``outputs``: names of the snapshots of a report's waiting outputs (see ``cases.seen``), None: any.
    """

    snapshot: int
    version: int | None = None
    outputs: frozenset[str] | None = None

    def is_of(self, case: Case) -> bool:
        """Tell whether ``case`` is still what was seen."""
        return (
            case.snapshot.number == self.snapshot
            and self.version in (None, case.version)
            and self.outputs in (None, frozenset(each.seen for each in case.outputs))
        )


def returned(note: str, due: str, outputs: Sequence[str] | None, now: datetime) -> Return:
    """Read the form of a return; raises ``InvalidError`` with every fault at once."""
    errors: list[FieldError] = []
    due_at = None
    try:
        note = clean_note(note, required=True)
    except InvalidError as error:
        errors += error.errors
    try:
        due_at = deadline(due, now)
    except InvalidError as error:
        errors += error.errors
    if errors:
        raise InvalidError(errors)
    return Return(note, due_at, None if outputs is None else frozenset(outputs))


def deadline(typed: str, now: datetime) -> datetime | None:
    """Return the end, in WIB, of the day that was typed as 2023-10-16; None where nothing was."""
    typed = typed.strip()
    if not typed:
        return None
    try:
        day = datetime.strptime(typed, "%Y-%m-%d").date()  # noqa: DTZ007 - a day, its zone is given below
    except ValueError:
        raise InvalidError.one("due", N_("Tulis batas perbaikan sebagai tanggal.")) from None
    ahead = (day - wib_date(now)).days
    if not 0 <= ahead <= _YEAR:
        raise InvalidError.one("due", N_("Batas perbaikan dimulai hari ini, paling lama setahun."))
    return datetime.combine(day, time(23, 59, 59), WIB)


def chosen(values: Sequence[str]) -> list[tuple[str, Seen]]:
    """Read what was ticked for a bulk approval: (public id, what was seen) in order.

    A value is ``report or keluaran|output|output``, each as ``cases.seen`` names it. Raises
    ``InvalidError`` when nothing was ticked, too much, or something that no form of ours says.
    """
    values = list(dict.fromkeys(values))
    if not values:
        raise InvalidError.one("pilih", N_("Centang sekurangnya satu."))
    if len(values) > MOST_AT_ONCE:
        raise InvalidError.one("pilih", N_("Paling banyak %(limit)s sekaligus."), limit=MOST_AT_ONCE)
    found = []
    for value in values:
        head, *outputs = value.split("|")
        public_id, _, numbers = head.partition(":")
        version, _, snapshot = numbers.partition(":")
        if not (_number(version) and _number(snapshot)):
            raise InvalidError.one("pilih", N_("Formulir ini tidak lengkap. Muat ulang halaman."))
        found.append((public_id, Seen(int(snapshot), int(version), frozenset(outputs))))
    return found


def _number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 8  # noqa: PLR2004 - fits any column
