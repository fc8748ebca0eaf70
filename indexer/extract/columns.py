"""Columns of running text that a PDF draws row by row: who reads them goes down each column.

Tables are drawn row by row as well, and are read so. Here a page is cut into blocks of lines with free
gutters between them; ``indexer.extract.flow`` tells which of them can be no table.
"""

from __future__ import annotations

import itertools
import re
from collections import deque
from statistics import median
from typing import TYPE_CHECKING

from indexer.extract.flow import Piece, are_columns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

#: (left, bottom, right, top) in points.
Box = tuple[float, float, float, float]

#: A gap in a line is a gutter from so many of its heights on.
_GUTTER = 0.9
#: Points that a gutter keeps from what stands beside it.
_HAIR = 0.5
#: A line of a column is so many times as wide as high; what is narrower stands before one, as bullets do.
_NARROWEST = 6.0
#: Rows in which a gutter is seen, on the page and in a block.
_ROWS = 6
_SEEN = 3
#: Lines that cross a gutter on other parts of the page, for each that it parts.
_CROSSED = 2
#: Gutters that are looked for.
_GUTTERS = 8
#: A line that is further below the one before than so many of the recent distances belongs to something else.
_APART = 2.5
_RECENT = 20
#: What is so far below all columns is the foot of the page.
_FOOT = 1.6
#: Lines are drawn at one height within so many points; a rule of a table runs over so much of its width.
_SAME_LINE = 2.0
_RULED = 0.8
_LINE = re.compile(r"[^\r\n\ufffe]+\ufffe?")
_WORD = re.compile(r"\S+")


def suspected(boxes: Iterable[Box]) -> bool:
    """Tell whether stretches of text, in the order drawn, may be columns row by row; generous and cheap."""
    gaps = []
    before: Box | None = None
    last: Box | None = None
    for box in boxes:
        if last is not None and _goes_on(last, box):
            last = (min(last[0], box[0]), last[1], max(last[2], box[2]), last[3])
            continue
        gaps += _between(before, last)
        before, last = last, box
    return bool(_gutters([*gaps, *_between(before, last)], at_most=1))


def _goes_on(one: Box, other: Box) -> bool:
    """Tell whether a stretch stands close behind another in the same line."""
    is_level = one[1] < (other[1] + other[3]) / 2 < one[3]
    return is_level and abs(other[0] - one[2]) < _GUTTER * (one[3] - one[1])


def _between(one: Box | None, other: Box | None) -> list[tuple[float, float]]:
    """Return the gap between two parts of a line that may be lines of columns."""
    if one is None or other is None:
        return []
    height = other[3] - other[1]
    if abs(one[1] - other[1]) >= height or min(one[2] - one[0], other[2] - other[0]) < _NARROWEST * height:
        return []
    return [(one[2], other[0])]


def order(
    text: str, box: Callable[[int], Box | None], drawings: Callable[[], Iterable[Box]]
) -> list[tuple[int, int]]:
    """Return the stretches of ``text`` in which it is read; none where it is read as it is drawn.

    ``box``: where the character at an offset stands; ``drawings``: where lines and frames are drawn.
    """
    pieces = [piece for line in _LINE.finditer(text) for piece in _pieces(line, box)]
    gaps = [gap for one, other in itertools.pairwise(pieces) for gap in _gap(one, other)]
    gutters = _free(gaps, pieces)
    if not gutters:
        return []
    found: list[tuple[int, int]] = []
    at = 0
    for block, free in _blocks(pieces, gutters):
        if not free:
            continue
        columns = _columns(text, block, free)
        start, end = block[0].start, block[-1].end
        stretches = [(line.start, line.end) for column in columns for line in column]
        if not are_columns(text, columns) or _is_ruled(block, drawings()):
            continue
        if _letters(text, stretches) == _letters(text, [(start, end)]):
            found += [(at, start), *stretches]
            at = end + len(text[end:]) - len(text[end:].lstrip())
    return [each for each in (*found, (at, len(text))) if each[0] < each[1]] if found else []


def _is_ruled(block: Sequence[Piece], drawings: Iterable[Box]) -> bool:
    """Tell whether lines, or frames beside each other, run over all columns between the lines of text."""
    left, right = min(piece.left for piece in block), max(piece.right for piece in block)
    high, low = max(piece.bottom for piece in block), min(piece.top for piece in block)
    covered: dict[int, float] = {}
    for x0, y0, x1, y1 in drawings:
        for at in {round(y0 / _SAME_LINE), round(y1 / _SAME_LINE)}:
            if low < at * _SAME_LINE < high:
                covered[at] = covered.get(at, 0) + max(0.0, min(x1, right) - max(x0, left))
    return any(width >= _RULED * (right - left) for width in covered.values())


def _letters(text: str, stretches: Iterable[tuple[int, int]]) -> int:
    return sum(len("".join(text[start:end].split())) for start, end in stretches)


def _gutters(gaps: Sequence[tuple[float, float]], *, at_most: int = _GUTTERS) -> list[float]:
    """Return the places, from the left, that as many of the ``gaps`` share as columns have rows."""
    found: list[float] = []
    rest = [gap for gap in gaps if gap[0] < gap[1]]
    while len(rest) >= _ROWS and len(found) < at_most:
        ends = sorted([(left, 1) for left, _ in rest] + [(right, -1) for _, right in rest])
        depths = list(itertools.accumulate(step for _, step in ends))
        deepest = max(depths)
        if deepest < _ROWS:
            break
        at = ends[depths.index(deepest)][0]
        edge = min(right for left, right in rest if left <= at < right)
        found.append(edge - _HAIR)
        rest = [(left, right) for left, right in rest if not left <= at < right]
    return sorted(found)


def _free(gaps: Sequence[tuple[float, float]], pieces: Sequence[Piece]) -> list[float]:
    """Return the gutters; blanks of justified lines and behind bullets are none, other lines cross them."""
    found: list[float] = []
    for at in _gutters(gaps):
        shared = sum(left < at < right for left, right in gaps)
        if len(_crossing(at, pieces)) > _CROSSED * shared:
            continue
        if found and at - found[-1] < _NARROWEST * median(piece.height for piece in pieces):
            if len(_crossing(at, pieces)) >= len(_crossing(found[-1], pieces)):
                continue
            found.pop()
        found.append(at)
    return found


def _crossing(gutter: float, pieces: Sequence[Piece]) -> list[Piece]:
    return [piece for piece in pieces if piece.left < gutter < piece.right]


def _pieces(line: re.Match[str], box: Callable[[int], Box | None]) -> Iterator[Piece]:
    """Yield the parts of a line between gaps that may be gutters."""
    last: Piece | None = None
    for word in _WORD.finditer(line[0]):
        start, end = line.start() + word.start(), line.start() + word.end()
        boxes = [found for at in {start, end - 1} if (found := box(at)) is not None]
        if not boxes:
            continue
        lefts, bottoms, rights, tops = zip(*boxes, strict=True)
        piece = Piece(start, end, min(lefts), min(bottoms), max(rights), max(tops))
        if last is not None and last.goes_on_in(piece) and piece.left - last.right < _GUTTER * last.height:
            last = last.joined(piece)
        else:
            if last is not None:
                yield last
            last = piece
    if last is not None:
        yield last


def _gap(one: Piece, other: Piece) -> list[tuple[float, float]]:
    """Return the gap between two pieces that stand beside each other."""
    apart = other.left - one.right >= _GUTTER * one.height
    return [(one.right, other.left)] if apart and abs(one.bottom - other.bottom) < one.height else []


def _blocks(pieces: Sequence[Piece], gutters: Sequence[float]) -> Iterator[tuple[list[Piece], list[float]]]:
    """Yield pieces that follow each other downwards and the gutters that none of them crosses."""
    block = _Block(gutters)
    for piece, following in itertools.zip_longest(pieces, pieces[1:]):
        if block.ends_before(piece):
            yield block.whole()
            block = _Block(gutters)
        if block.is_title(piece, following):
            yield block.whole()
            block = _Block(gutters)
        else:
            block.add(piece)
    yield block.whole()


class _Block:
    """Pieces that follow each other downwards, and which gutters are still free of them."""

    def __init__(self, gutters: Sequence[float]) -> None:
        self.pieces: list[Piece] = []
        self.free = list(gutters)
        self.seen = dict.fromkeys(gutters, 0)
        self.steps: deque[float] = deque(maxlen=_RECENT)

    def ends_before(self, piece: Piece) -> bool:
        """Tell whether a piece stands above, far below, or across gutters that the block has shown."""
        if not self.pieces:
            return False
        step = self.pieces[-1].bottom - piece.bottom
        if step < -piece.height or (self.steps and step > _APART * median(self.steps)):
            return True
        crossed = _crossed(piece, self.free)
        return len(crossed) == len(self.free) or any(self.seen[at] >= _SEEN for at in crossed)

    def is_title(self, piece: Piece, following: Piece | None) -> bool:
        """Tell whether a piece stands alone across gutters that the block has yet to show."""
        crossed = _crossed(piece, self.free)
        alone = not any(self.seen.values()) and (following is None or not _gap(piece, following))
        return len(crossed) == len(self.free) or (bool(crossed) and alone)

    def add(self, piece: Piece) -> None:
        """Take the next piece; gutters that it crosses are none."""
        for left, right in _gap(self.pieces[-1], piece) if self.pieces else ():
            for at in self.free:
                self.seen[at] += left < at < right
        above = next((each for each in self.pieces[:-_RECENT:-1] if _is_under(piece, each)), None)
        if above is not None:
            self.steps.append(above.bottom - piece.bottom)
        crossed = _crossed(piece, self.free)
        self.free = [at for at in self.free if at not in crossed]
        self.pieces.append(piece)

    def whole(self) -> tuple[list[Piece], list[float]]:
        """Return the pieces, without a foot of the page below all columns, and the gutters shown."""
        body = self.pieces
        last = [piece for piece in body if piece.bottom < body[-1].bottom + body[-1].height / 2]
        rest = body[: -len(last)]
        if rest and len(self.steps) > len(last):
            step = min(piece.bottom for piece in rest) - max(piece.bottom for piece in last)
            if step > max(_FOOT * median(self.steps), *list(self.steps)[: -len(last)]):
                body = rest
        return body, [at for at in self.free if self.seen[at] >= _SEEN]


def _crossed(piece: Piece, gutters: Sequence[float]) -> list[float]:
    return [at for at in gutters if piece.left < at < piece.right]


def _is_under(piece: Piece, other: Piece) -> bool:
    return (
        piece.bottom < other.bottom - other.height / 2
        and piece.left < other.right
        and other.left < piece.right
    )


def _columns(text: str, block: Sequence[Piece], gutters: Sequence[float]) -> list[list[Piece]]:
    """Return the lines of each column of ``block``; bullets belong to what they stand before."""
    edges = [*gutters, float("inf")]
    columns: list[list[Piece]] = [[] for _ in edges]
    for piece in block:
        columns[next(at for at, edge in enumerate(edges) if piece.right < edge)].append(piece)
    found: list[list[Piece]] = []
    narrow: list[Piece] = []
    for column in columns:
        pieces = sorted([*narrow, *column])
        narrow = []
        if not pieces:
            continue
        width = max(piece.right for piece in pieces) - min(piece.left for piece in pieces)
        if width < _NARROWEST * pieces[0].height and column is not columns[-1]:
            narrow = pieces
        else:
            found.append(_lines(text, pieces))
    return found


def _lines(text: str, pieces: Sequence[Piece]) -> list[Piece]:
    """Return pieces of a column with those joined that only blanks part."""
    lines: list[Piece] = []
    for piece in pieces:
        if lines and not text[lines[-1].end : piece.start].strip() and lines[-1].goes_on_in(piece):
            lines[-1] = lines[-1].joined(piece)
        else:
            lines.append(piece)
    return lines
