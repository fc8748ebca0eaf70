"""Months: how a range of whole ones is called, as plans name periods and texts are asked for them, and their words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_MONTHS = (
    "Januari",
    "Februari",
    "Maret",
    "April",
    "Mei",
    "Juni",
    "Juli",
    "Agustus",
    "September",
    "Oktober",
    "November",
    "Desember",
)
#: Other words for them, month by month: English, short, and older spellings.
_OTHERS = (
    "january jan",
    "february feb pebruari",
    "march mar",
    "april apr",
    "may",
    "june jun",
    "july jul",
    "august agu aug ags",
    "september sep sept",
    "october okt oct",
    "november nov nopember",
    "december des dec",
)
#: Month by its folded word, Indonesian or English.
NUMBER_OF: Mapping[str, int] = {
    word: number
    for number, (name, others) in enumerate(zip(_MONTHS, _OTHERS, strict=True), 1)
    for word in (name.casefold(), *others.split())
}


def span(first: int, last: int, year: int) -> str:
    """Return "Januari–Oktober 2023" for months 1 to 10, "Januari 2023" for a single one."""
    name = _MONTHS[first - 1]
    return f"{name} {year}" if first == last else f"{name}–{_MONTHS[last - 1]} {year}"
