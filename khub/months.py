"""How a range of whole months is called: plans name periods so, and texts are asked for them so."""

from __future__ import annotations

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


def span(first: int, last: int, year: int) -> str:
    """Return "Januari–Oktober 2023" for months 1 to 10, "Januari 2023" for a single one."""
    name = _MONTHS[first - 1]
    return f"{name} {year}" if first == last else f"{name}–{_MONTHS[last - 1]} {year}"
