"""The matrix as CSV and XLSX: the same cells, states in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from khub.errors import NotFoundError
from khub.i18n import gettext
from khub.plan import export, workbook
from khub.plan.service import Download

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from khub.cycle.facts import ActionFacts, PeriodFacts, Unit
    from khub.cycle.matrix import Cell, Line, Matrix, Sums

    H = TypeVar("H")

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_SHEET = "Matriks"
_CODE, _TITLE, _CELL = 12, 60, 18


def period_rows(found: Matrix[ActionFacts, PeriodFacts], words: Mapping[str, str]) -> list[list[str]]:
    """Return head, lines and sums of actions × periods."""
    head = [gettext("Aksi"), gettext("Judul"), *(period.name for period in found.columns), gettext("Lengkap")]
    lines = [[line.head.code, line.head.title, *_cells(line, words)] for line in found.lines]
    return [head, *lines, *_sums(found.under, found.whole, words, ["", ""])]


def unit_rows(found: Matrix[Unit, ActionFacts], words: Mapping[str, str]) -> list[list[str]]:
    """Return head, lines and sums of K/L × actions."""
    head = [gettext("K/L"), gettext("Nama"), *(action.code for action in found.columns), gettext("Lengkap")]
    lines = [[line.head.short, line.head.name, *_cells(line, words)] for line in found.lines]
    return [head, *lines, *_sums(found.under, found.whole, words, ["", ""])]


def render(table: Sequence[Sequence[str]], kind: str) -> Download:
    """Return a table as "csv" or "xlsx"; ``NotFoundError`` for anything else. No cell becomes a formula."""
    if kind == "csv":
        return Download("matriks.csv", "text/csv; charset=utf-8", export.as_csv(table))
    if kind == "xlsx":
        widths = [_CODE, _TITLE, *[_CELL] * (len(table[0]) - 2)]
        return Download("matriks.xlsx", _XLSX, workbook.write([(_SHEET, table)], widths))
    raise NotFoundError


def _cells(line: Line[H], words: Mapping[str, str]) -> list[str]:
    return [*(_text(cell, words) for cell in line.cells), f"{line.sums.complete}/{line.sums.asked}"]


def _text(cell: Cell, words: Mapping[str, str]) -> str:
    if not cell.state:
        return ""
    share = f" {cell.done}/{cell.of}" if cell.of else ""
    late = f" ({gettext('Terlambat')})" if cell.late else ""
    return f"{words[cell.state]}{share}{late}"


def _sums(under: Sequence[Sums], whole: Sums, words: Mapping[str, str], lead: list[str]) -> list[list[str]]:
    every = [*under, whole]
    counts = [
        [words[state], *lead[1:], *(str(sums.counts[place][1]) for sums in every)]
        for place, (state, _) in enumerate(whole.counts)
    ]
    handed = [gettext("Laporan masuk"), *lead[1:], *(f"{sums.done}/{sums.of}" for sums in every)]
    return [*counts, handed]
