"""Two columns of running text that a PDF draws row by row: who reads them goes down each column.

Tables are drawn row by row as well, and are read so. Only what can be no table is put in another order:
columns of about one width with a gutter that nothing crosses, whose lines are full, go on in the middle of
sentences, and do not begin anew side by side.
"""

from __future__ import annotations

import itertools
import re
from collections import deque
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

#: (left, bottom, right, top) in points.
Box = tuple[float, float, float, float]

#: A gap in a line is a gutter from so many of its heights on.
_GUTTER = 1.0
#: A gap beside the gutter up to so many heights is a blank of a justified line.
_BLANK = 2.0
#: Points that a gutter keeps from what stands beside it.
_HAIR = 0.5
#: A full line of a column is so many times as wide as high.
_NARROWEST = 6.0
#: Rows that two columns have at least.
_ROWS = 6
#: The narrower of the columns, a full line, the share of full ones, and of those within sentences.
_EQUAL = 0.7
_FULL = 0.75
_FULL_LINES = 0.65
_GOING_ON = 0.5
_WORDS = 3
#: Beginnings of sentences side by side: so many, and such a share of them, are rows of a table.
_ABREAST = 3
_ABREAST_SHARE = 0.75
#: Rows that stand apart, by more than so many usual distances or behind a side that was empty, and begin anew.
_WIDER = 1.15
_ANEW_SHARE = 0.4
#: A row that is further below the one before than so many of the recent distances belongs to something else.
_APART = 2.5
_RECENT = 20
_LINE = re.compile(r"[^\r\n\ufffe]+\ufffe?")
_WORD = re.compile(r"\S+")


class _Piece(NamedTuple):
    """``text[start:end]``: a line, or the part of one beside a gutter, and where it stands."""

    start: int
    end: int
    left: float
    bottom: float
    right: float
    top: float


def suspected(boxes: Iterable[Box]) -> bool:
    """Tell whether stretches of text, in the order drawn, may be columns row by row; generous and cheap."""
    gaps = []
    before: Box | None = None
    last: Box | None = None
    for box in boxes:
        if last is not None and last[1] < (box[1] + box[3]) / 2 < last[3]:
            if box[0] - last[2] < _GUTTER * (last[3] - last[1]):
                last = (min(last[0], box[0]), last[1], max(last[2], box[2]), last[3])
                continue
            following = last
        else:
            following = None
        gaps += _between(before, last)
        before, last = following, box
    return _gutter([*gaps, *_between(before, last)]) is not None


def _between(one: Box | None, other: Box | None) -> list[tuple[float, float]]:
    """Return the gap between two parts of a line that may be lines of columns."""
    if one is None or other is None:
        return []
    widths = (one[2] - one[0], other[2] - other[0])
    wide = min(widths) >= _NARROWEST * (other[3] - other[1])
    return [(one[2], other[0])] if wide else []


def order(text: str, box: Callable[[int], Box | None]) -> list[tuple[int, int]]:
    """Return the stretches of ``text`` in which it is read; none where it is read as it is drawn.

    ``box``: where the character at an offset stands.
    """
    rows = [row for line in _LINE.finditer(text) if (row := list(_pieces(line, box)))]
    gutter = _gutter([(one.right, other.left) for row in rows for one, other in itertools.pairwise(row)])
    if gutter is None:
        return []
    found: list[tuple[int, int]] = []
    at = 0
    for block in _blocks([_filled(row, gutter) for row in rows], gutter):
        columns = (
            [piece for row in block for piece in row if piece.right < gutter],
            [piece for row in block for piece in row if piece.left > gutter],
        )
        start, end = block[0][0].start, block[-1][-1].end
        pieces = [(piece.start, piece.end) for column in columns for piece in column]
        if _are_columns(text, block, columns) and _letters(text, pieces) == _letters(text, [(start, end)]):
            found += [(at, start), *pieces]
            at = end + len(text[end:]) - len(text[end:].lstrip())
    return [each for each in (*found, (at, len(text))) if each[0] < each[1]] if found else []


def _letters(text: str, stretches: Iterable[tuple[int, int]]) -> int:
    return sum(len("".join(text[start:end].split())) for start, end in stretches)


def _gutter(gaps: Sequence[tuple[float, float]]) -> float | None:
    """Return the place that most of the ``gaps`` share, if there are as many as columns have rows."""
    if len(gaps) < _ROWS:
        return None
    at = median((left + right) / 2 for left, right in gaps)
    shared = [gap for gap in gaps if gap[0] < at < gap[1]]
    if len(shared) < _ROWS:
        return None
    return min(right for _, right in shared) - _HAIR


def _pieces(line: re.Match[str], box: Callable[[int], Box | None]) -> Iterator[_Piece]:
    """Yield the parts of a line between gaps that may be gutters."""
    last: _Piece | None = None
    for word in _WORD.finditer(line[0]):
        start, end = line.start() + word.start(), line.start() + word.end()
        boxes = [found for at in {start, end - 1} if (found := box(at)) is not None]
        if not boxes:
            continue
        lefts, bottoms, rights, tops = zip(*boxes, strict=True)
        piece = _Piece(start, end, min(lefts), min(bottoms), max(rights), max(tops))
        if last is None or _gap(last, piece) >= _GUTTER:
            if last is not None:
                yield last
            last = piece
        else:
            last = _joined(last, piece)
    if last is not None:
        yield last


def _gap(one: _Piece, other: _Piece) -> float:
    """Return how far apart two pieces of a line are, in heights of the line."""
    return (other.left - one.right) / max(one.top - one.bottom, _HAIR)


def _joined(one: _Piece, other: _Piece) -> _Piece:
    return _Piece(
        one.start,
        other.end,
        min(one.left, other.left),
        min(one.bottom, other.bottom),
        max(one.right, other.right),
        max(one.top, other.top),
    )


def _filled(row: list[_Piece], gutter: float) -> list[_Piece]:
    """Return a row with the wide blanks of justified lines taken for blanks."""
    found: list[_Piece] = []
    for piece in row:
        if found and (piece.right < gutter or found[-1].left > gutter) and _gap(found[-1], piece) < _BLANK:
            found[-1] = _joined(found[-1], piece)
        else:
            found.append(piece)
    return found


def _blocks(rows: Sequence[list[_Piece]], gutter: float) -> Iterator[list[list[_Piece]]]:
    """Yield rows that follow each other downwards on either side of the gutter, the first on both."""
    block: list[list[_Piece]] = []
    steps: deque[float] = deque(maxlen=_RECENT)
    for row in rows:
        if block:
            step = block[-1][0].bottom - row[0].bottom
            if _beside(row, gutter) and step > 0 and (not steps or step <= _APART * median(steps)):
                steps.append(step)
                block.append(row)
                continue
            yield block
        block = [row] if len(row) > 1 and _beside(row, gutter) else []
        steps.clear()
    if block:
        yield block


def _beside(row: list[_Piece], gutter: float) -> bool:
    """Tell whether a row is at most one piece on either side of the gutter."""
    sides = [piece.left > gutter for piece in row]
    return sides in ([False], [True], [False, True]) and all(
        side or piece.right < gutter for side, piece in zip(sides, row, strict=True)
    )


def _are_columns(text: str, block: list[list[_Piece]], columns: Sequence[list[_Piece]]) -> bool:
    """Tell whether the rows of ``block`` can be no table."""
    if any(len(column) < _ROWS for column in columns):
        return False
    edges = [
        (min(piece.left for piece in column), max(piece.right for piece in column)) for column in columns
    ]
    widths = [right - left for left, right in edges]
    if min(widths) < _EQUAL * max(widths):
        return False
    for column, (left, _), width in zip(columns, edges, widths, strict=True):
        full = sum(piece.right - left >= _FULL * width for piece in column)
        going_on = sum(not _begins(text, piece) for piece in column)
        words = median(len(text[piece.start : piece.end].split()) for piece in column)
        if full < _FULL_LINES * len(column) or going_on < _GOING_ON * len(column) or words < _WORDS:
            return False
    return not _are_entries(text, block)


def _are_entries(text: str, block: list[list[_Piece]]) -> bool:
    """Tell whether sentences begin side by side, at all or where a row stands apart: so they do in a table."""
    begun = [_begins(text, row[0]) for row in block if len(row) > 1]
    abreast = [all(_begins(text, piece) for piece in row) for row in block if len(row) > 1]
    if sum(abreast) >= _ABREAST and sum(abreast) >= _ABREAST_SHARE * sum(begun):
        return True
    steps = [one[0].bottom - other[0].bottom for one, other in itertools.pairwise(block)]
    usual = median(steps)
    anew = [
        all(_begins(text, piece) for piece in row)
        for before, row, step in zip(block, block[1:], steps, strict=False)
        if len(row) > 1 and (len(before) == 1 or step > _WIDER * usual)
    ]
    return sum(anew) > _ANEW_SHARE * len(anew)


def _begins(text: str, piece: _Piece) -> bool:
    """Tell whether a piece begins as a sentence, an entry or a number does."""
    return not text[piece.start].islower()
