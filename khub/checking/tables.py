"""Tables as text: rows of cells between bars or tabs, whose total row, total column and percents are recomputed.

What a column is of is told by its head and by its other rows; where these leave a doubt, nothing is said.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from khub.checking import lexicon
from khub.checking.model import Kind, Percent
from khub.checking.tokens import Token, as_percent, tokens
from khub.checking.trials import Quotient, Sum, Triple, rounded

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from khub.checking.trials import Trial

#: A table that says something has a head, two rows and a total; longer ones are data, not prose.
_FEWEST, _MOST = 3, 400
_COLUMNS = 40
#: How many columns before a percent may hold its counts.
_NEAR = 4
_LONGEST_LINE = 4_000
_RULE = re.compile(r"[\s|:+=-]*")
_EMPTY = frozenset({"", "-", "–", "—"})
_TOTALS = re.compile(
    r"(?:grand |sub ?)?(?:total|jumlah|keseluruhan|sum|totals|total keseluruhan|jumlah total|jumlah keseluruhan|nasional)\b",
    re.IGNORECASE,
)
_PARTIAL = re.compile(r"sub\s?-?(?:total|jumlah)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Told:
    """A cell at [start, end) that its table says something of."""

    start: int
    end: int
    kind: Kind
    triple: Triple
    trials: tuple[Trial, ...]


@dataclass(frozen=True, slots=True)
class _Cell:
    text: str
    start: int
    number: int | None
    percent: Percent | None

    @property
    def end(self) -> int:
        return self.start + len(self.text)

    @property
    def empty(self) -> bool:
        return self.text in _EMPTY


def tables(text: str) -> list[Told]:
    """Return the cells of all tables of ``text`` that can be recomputed, in their order."""
    out: dict[int, Told] = {}
    for told in (told for rows in _tables(text) for told in _Table(rows).told()):
        other = out.get(told.start)  # the corner is the sum of its row and of its column
        out[told.start] = told if other is None else replace(told, trials=(*other.trials, *told.trials))
    return [out[start] for start in sorted(out)]


def _tables(text: str) -> Iterator[list[list[_Cell]]]:
    """Return blocks of lines of cells, each line with as many cells as the first; others are left out whole."""
    block: list[list[_Cell]] = []
    at = 0
    for line in [*text.splitlines(keepends=True), ""]:
        cells = _cells(line, at) if len(line) <= _LONGEST_LINE else []
        at += len(line)
        if len(cells) > 1:
            if not _RULE.fullmatch(line):
                block.append(cells)
            continue
        if (rows := _even(block)) and _FEWEST <= len(rows) <= _MOST:
            yield rows
        block = []


def _even(block: list[list[_Cell]]) -> list[list[_Cell]]:
    """Return the rows under the heads of several lines, the total row with its merged cells apart; [] for ragged ones."""
    if len(block) < _FEWEST:
        return []
    width = len(block[-2])
    first = next(at for at, row in enumerate(block) if len(row) == width)
    rows, last = block[first:], block[-1]
    if any(cell.number is not None for row in block[:first] for cell in row) or width > _COLUMNS:
        return []
    if len(last) < width and _named_total(last):  # "Total" over the cells of number and name
        gap = [_Cell("", last[0].end, None, None)] * (width - len(last))
        rows = [*rows[:-1], [last[0], *gap, *last[1:]]]
    return rows if all(len(row) == width for row in rows) else []


def _cells(line: str, at: int) -> list[_Cell]:
    bare = line.strip()
    mark = "|" if "|" in bare else "\t"
    if mark not in bare:
        return []
    start = at + len(line) - len(line.lstrip())
    if mark == "|":
        start += bare.startswith("|")
        bare = bare.removeprefix("|").removesuffix("|")
    out = []
    for piece in bare.split(mark):
        lead = len(piece) - len(piece.lstrip(" *_\t"))
        inner = piece.strip(" *_\t\r\n")
        out.append(_cell(inner, start + lead))
        start += len(piece) + 1
    return out


def _cell(inner: str, start: int) -> _Cell:
    number, percent = None, None
    if inner[:1].isdigit() and len(inner) <= 20:  # noqa: PLR2004 - a number, perhaps with its percent sign
        found: list[Token] = tokens(inner)
        if len(found) == 1:
            number = found[0].whole
        elif len(found) == 2 and found[1].sort.name == "PERCENT":  # noqa: PLR2004
            read = as_percent(found[0])
            percent = None if read is None else Percent(*read)
    return _Cell(inner, start, number, percent)


class _Table:
    def __init__(self, rows: Sequence[Sequence[_Cell]]) -> None:
        head = rows[0] if all(cell.number is None for cell in rows[0][1:]) else None
        self.heads = [cell.text.casefold() for cell in head] if head else [""] * len(rows[0])
        self.rows = list(rows[1:] if head else rows)
        totals = [at for at, row in enumerate(self.rows) if _named_total(row)]
        last = len(self.rows) - 1
        self.total = self.rows[last] if totals == [last] and last > 1 else None
        # with totals in between nobody can tell which rows a sum is of
        self.body = [] if totals and self.total is None else self.rows[:last] if self.total else self.rows

    def told(self) -> list[Told]:
        """Return what the total row, the total column and the percents say."""
        return [*self._total_row(), *self._total_column(), *self._percents()]

    def _total_row(self) -> Iterator[Told]:
        if self.total is None:
            return
        for column in range(1, len(self.heads)):
            values = self._column(column)
            if values is None or len(values) < 2 or not self._adds(column):  # noqa: PLR2004
                continue
            yield from _sum(self.total[column], values)

    def _column(self, column: int) -> list[int] | None:
        """Return the numbers of a column, None where a cell has something else in it."""
        cells = [row[column] for row in self.body if not row[column].empty]
        values = [cell.number for cell in cells if cell.number is not None]
        return values if len(values) == len(cells) else None

    def _adds(self, column: int) -> bool:
        words = re.split(r"[\s()%.,:\-]+", self.heads[column])
        numbered = self._column(column) == list(range(1, len(self.body) + 1)) and not self.heads[column]
        return not (numbered or "%" in self.heads[column] or lexicon.NOT_ADDED.intersection(words))

    def _total_column(self) -> Iterator[Told]:
        """Read a last column headed "Total" over at least two others; most rows have to show that it is their sum."""
        last = len(self.heads) - 1
        columns = [at for at in range(1, last) if self._column(at) and self._adds(at)]
        if len(columns) < 2 or not _TOTALS.fullmatch(self.heads[last]):  # noqa: PLR2004
            return
        cells = [(row[last], [row[at].number or 0 for at in columns]) for row in self.rows]
        cells = [(cell, values) for cell, values in cells if cell.number is not None]
        right = sum(sum(values) == cell.number for cell, values in cells)
        if 2 * right > len(cells) and right > 1:
            for cell, values in cells:
                yield from _sum(cell, values)

    def _percents(self) -> Iterator[Told]:
        """Read a percent behind two counts: which of them it is of, the other rows tell."""
        for column in range(1, len(self.heads)):
            rows = [row for row in self.rows if row[column].percent is not None]
            best: tuple[int, int] | None = None
            most = 0
            for count, whole in itertools.permutations(range(max(0, column - _NEAR), column), 2):
                right = sum(_fits(row, count, whole, column) for row in rows)
                if right > most:
                    best, most = (count, whole), right
            if best is None or len(rows) < 3 or most < 2 or 2 * most <= len(rows):  # noqa: PLR2004
                continue
            for row in rows:
                count_, whole_ = row[best[0]].number, row[best[1]].number
                if count_ is not None and whole_:
                    cell = row[column]
                    yield Told(
                        cell.start,
                        cell.end,
                        Kind.RATIO,
                        Triple(count_, whole_, cell.percent),
                        (Quotient(whole_),),
                    )


def _named_total(row: Sequence[_Cell]) -> bool:
    """Tell whether a row's first words call it a total."""
    names = [cell.text for cell in row[:2] if cell.number is None]
    return any(_TOTALS.match(name) or _PARTIAL.match(name) for name in names)


def _sum(cell: _Cell, values: Sequence[int]) -> Iterator[Told]:
    if cell.number is not None:
        trial = Sum("count", tuple(values), None)
        yield Told(cell.start, cell.end, Kind.COUNT, Triple(cell.number, None, None), (trial,))


def _fits(row: Sequence[_Cell], count: int, whole: int, column: int) -> bool:
    part, of, percent = row[count].number, row[whole].number, row[column].percent
    if part is None or not of or percent is None or part > of:
        return False
    return percent.value in rounded(part, of, percent.digits)
