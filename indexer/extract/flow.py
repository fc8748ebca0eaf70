"""Whether lines that stand in columns are running text, which may be read downwards, or cells of a table.

Cells of a row begin side by side, and beside the longer ones stay blanks of any height. Running text goes on
from the foot of a column at the head of the next, begins anew wherever it happens to, and knows one blank
between paragraphs. What is in doubt is a table: read downwards, it would be lost.
"""

from __future__ import annotations

import itertools
import math
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

#: Points; what has no height is taken for so high.
_HAIR = 0.5
#: Columns at most, lines in each; a last one may be shorter if the others have so many.
_MOST = 3
_ROWS = 6
_LAST = 3
_LONG = 12
#: More lines than a column of a page has; what is compared with each other stays little.
_TOO_LONG = 300
#: The narrowest of the columns; a full line, the share of full ones and of those within sentences; words in one.
_EQUAL = 0.7
_FULL = 0.75
_FULL_LINES = 0.5
_GOING_ON = 0.35
_WORDS = 3
#: A line stands apart by so many usual distances; a blank is so many lines high, and like another within so many.
_WIDER = 1.15
_BLANK = 0.6
_LIKE = 0.25
#: The blank between paragraphs or above a heading is at most so many lines high.
_USUAL = 1.5
#: A column ends early, or begins late, by so many lines.
_EARLY = 2.0
_LATE = 1.0
#: Blanks unlike the others that a page of columns, with pictures in it, has at most.
_ODD = 1
#: Lines stand in one row whose feet differ by so much of their height; a blank is seen so much larger.
_LEVEL = 0.15
_SLACK = 0.3
#: How often cells beside each other are found to begin in the same row; the bounds of chance for other lines.
_ABREAST = 0.85
_CHANCE = (0.12, 0.6)
#: What the head of a column says for a table, in the same measure: going on with a sentence or beginning anew.
_FLOWS = -1.8
_ANEW = 1.2
#: From so much evidence on it is a table: in general, and where there are few lines or odd blanks to go by.
_TABLE = 3.5
_TABLE_IF_FEW = 0.9
_FEW = 12
_STOPS = (".", ":", ";", "!", "?")


class Piece(NamedTuple):
    """``text[start:end]``: a line, or the part of one beside a gutter, and where it stands in points."""

    start: int
    end: int
    left: float
    bottom: float
    right: float
    top: float

    @property
    def height(self) -> float:
        """Return the height of the line, never nothing."""
        return max(self.top - self.bottom, _HAIR)

    def goes_on_in(self, other: Piece) -> bool:
        """Tell whether another piece stands to the right in the same row."""
        off = min(abs(other.bottom - self.bottom), abs(other.top - self.top))
        return off < self.height / 2 and other.left > self.right - self.height

    def joined(self, other: Piece) -> Piece:
        """Return this piece and one that follows it as one."""
        return Piece(
            self.start,
            other.end,
            min(self.left, other.left),
            min(self.bottom, other.bottom),
            max(self.right, other.right),
            max(self.top, other.top),
        )


class _Column:
    """The lines of a column, from the top; ``starts`` tells of each whether text surely begins anew there."""

    def __init__(self, text: str, lines: Sequence[Piece]) -> None:
        self.lines = lines
        self.left = min(line.left for line in lines)
        self.right = max(line.right for line in lines)
        steps = [one.bottom - other.bottom for one, other in itertools.pairwise(lines)]
        self.step = max(median(steps), _HAIR) if steps else _HAIR
        self.texts = [text[line.start : line.end] for line in lines]
        self.blanks = [0.0, *(step / self.step - 1 for step in steps)]
        self.starts = [False, *(self._starts_at(at) for at in range(1, len(lines)))]

    @property
    def width(self) -> float:
        return self.right - self.left

    def _starts_at(self, at: int) -> bool:
        """Tell whether a line stands apart, follows a sentence, or would have gone on in the line above."""
        if self.blanks[at] > _WIDER - 1:
            return True
        if self.texts[at - 1].endswith(_STOPS) and not self.texts[at][0].islower():
            return True
        line, (word, *_) = self.lines[at], self.texts[at].split()
        room = (len(word) + 1) * (line.right - line.left) / len(self.texts[at])
        return self.right - self.lines[at - 1].right > room

    def may_start(self, at: int) -> bool:
        """Tell whether a line, but for the first, may begin anew."""
        return at > 0 and (self.starts[at] or not self.texts[at][0].islower())

    def is_text(self) -> bool:
        """Tell whether the lines may be running text: full ones, of words, mostly within sentences."""
        count = len(self.lines)
        full = sum(line.right - line.left >= _FULL * self.width for line in self.lines)
        words = median(len(text.split()) for text in self.texts)
        within = sum(
            text[0].islower() and not start for text, start in zip(self.texts, self.starts, strict=True)
        )
        return full >= _FULL_LINES * count and within >= _GOING_ON * count and words >= _WORDS

    def beside(self, line: Piece) -> int | None:
        """Return which line stands in one row with a line of another column."""
        return next(
            (
                at
                for at, own in enumerate(self.lines)
                if abs(own.bottom - line.bottom) <= _LEVEL * line.height
            ),
            None,
        )

    def fills(self, low: float, high: float) -> bool:
        """Tell whether a line stands between two heights."""
        return any(low < (line.bottom + line.top) / 2 < high for line in self.lines)


def are_columns(text: str, lines: Sequence[Sequence[Piece]]) -> bool:
    """Tell whether ``lines``, those of each column from the top, are running text and can be no table."""
    if not 1 < len(lines) <= _MOST or not _are_long(lines):
        return False
    columns = [_Column(text, each) for each in lines]
    widths = [column.width for column in columns]
    if min(widths) < _EQUAL * max(widths) or not all(column.is_text() for column in columns):
        return False
    odd = _odd(columns)
    if not odd and _are_one_row(columns):
        return True
    chance = sum(sum(column.starts) for column in columns) / sum(map(len, lines))
    evidence = _heads(columns) + max(_abreast(columns, chance), _after_blanks(columns, chance))
    few = odd > 0 or min(map(len, lines)) < _FEW
    return odd <= _ODD and evidence <= (_TABLE_IF_FEW if few else _TABLE)


def _are_one_row(columns: Sequence[_Column]) -> bool:
    """Tell whether nothing parts rows: no blank, no lines side by side that may begin anew, no new heads."""
    return (
        all(column.texts[0][0].islower() for column in columns[1:])
        and not list(_blanks(columns))
        and not any(
            one.may_start(at) and other.may_start(there)
            for one, other in itertools.combinations(columns, 2)
            for at, there in _rows(one, other)
        )
    )


def _rows(one: _Column, other: _Column) -> Iterator[tuple[int, int]]:
    """Yield the lines of two columns that stand in one row."""
    for at, line in enumerate(one.lines):
        there = other.beside(line)
        if there is not None:
            yield at, there


def _are_long(lines: Sequence[Sequence[Piece]]) -> bool:
    *others, last = map(len, lines)
    if max(map(len, lines)) > _TOO_LONG:
        return False
    return min(others) >= _ROWS and last >= (_LAST if min(others) >= _LONG else _ROWS)


def _evidence(found: int, of: int, chance: float) -> float:
    """Return how much likelier it is in a table than elsewhere, as a logarithm, that so many begin abreast."""
    chance = min(max(chance, _CHANCE[0]), _CHANCE[1])
    return found * math.log(_ABREAST / chance) + (of - found) * math.log((1 - _ABREAST) / (1 - chance))


def _abreast(columns: Sequence[_Column], chance: float) -> float:
    """Return what lines that begin anew beside such ones say for a table: the two columns that say most."""
    return max(_pair(one, other, chance) for one, other in itertools.combinations(columns, 2))


def _pair(one: _Column, other: _Column, chance: float) -> float:
    rows = [(one.starts[at], other.starts[there]) for at, there in _rows(one, other)]
    both = sum(left and right for left, right in rows)
    return _evidence(both, min(sum(left for left, _ in rows), sum(right for _, right in rows)), chance)


def _blanks(columns: Sequence[_Column]) -> Iterator[tuple[float, bool]]:
    """Yield blanks that have text beside them: how many lines high, and whether all begins anew below."""
    for column in columns:
        others = [each for each in columns if each is not column]
        for at, blank in enumerate(column.blanks):
            if blank <= _BLANK:
                continue
            above, line = column.lines[at - 1], column.lines[at]
            slack = _SLACK * line.height
            if any(each.fills(line.top - slack, above.bottom + slack) for each in others):
                found = [(each, there) for each in others if (there := each.beside(line)) is not None]
                yield blank, any(each.starts[there] for each, there in found)


def _after_blanks(columns: Sequence[_Column], chance: float) -> float:
    """Return what blanks below which a row begins say for a table."""
    begun = [anew for _, anew in _blanks(columns)]
    return _evidence(sum(begun), len(begun), chance)


def _odd(columns: Sequence[_Column]) -> int:
    """Return how many blanks are unlike the most usual one; cells that are shorter than others leave such."""
    blanks = [blank for blank, _ in _blanks(columns)]
    usual = [blank for blank in blanks if blank <= _USUAL]
    odd = [sum(abs(blank - other) >= _LIKE for other in blanks) for blank in usual]
    step = median(column.step for column in columns)
    high = max(column.lines[0].bottom for column in columns)
    low = min(column.lines[-1].bottom for column in columns)
    early = sum(column.lines[-1].bottom - low >= _EARLY * step for column in columns[:-1])
    late = sum(high - column.lines[0].bottom >= _LATE * step for column in columns)
    return min(odd, default=len(blanks)) + early + late


def _heads(columns: Sequence[_Column]) -> float:
    """Return what the heads of columns, below the feet of those before, say for a table."""
    said = [
        _FLOWS if other.texts[0][0].islower() and not one.texts[-1].endswith(_STOPS) else _ANEW
        for one, other in itertools.pairwise(columns)
    ]
    return sum(said) / len(said)
