"""Lines that stand at the edge of page after page: numbers of pages, names of documents, watermarks.

Who reads on from one page to the next passes over them, and so does a phrase. They are told by the two
pages alone: a number that stands by itself, or a line that both have at that edge, the number of the page
apart. At the foot of a regulation the first words of the next page may be said beforehand ("Pasal 7 ...").
"""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING, NamedTuple

from indexer.analysis import chosen, cut

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from indexer.analysis import Token

#: So many lines at an edge may be running ones, and so far from it they are looked for.
_LINES = 4
_FAR = 1_000
_LINE = re.compile(r"[^\n]*\w[^\n]*")
_NUMBER = re.compile(
    r"[\s|–—-]*(?:(?:halaman|hal|hlm|page)\b\.?)?\s*(?:\d{1,3}|[ivxl]{1,6})(?:\s*(?:dari|of|/)\s*\d{1,4})?[\s|–—-]*"
)
_DIGITS = re.compile(r"\d+")
_SAID_BEFORE = re.compile(r"(.{1,80}?)\s*(?:(?:\.\s*){2,}|…)")
_WORD = re.compile(r"\w+")
_ENDS_CUT = re.compile(r"\w[-‐‑]\s*\Z")
_A_LINE_ENDS_CUT = re.compile(r"[-‐‑][^\S\n]*(?:\n|\Z)")


class Edge(NamedTuple):
    """How many positions the running lines of a page take at its ``head`` and at its ``foot``.

    ``cut``: the word that goes on on the next page, see ``cut_word``.
    """

    head: int = 0
    foot: int = 0
    cut: Token | None = None

    def cut_at(self, length: int) -> int:
        """Return the position of the first part of ``cut`` on a page of that length, -1 where none is cut."""
        return length - self.foot - 1 if self.cut is not None and self.foot < length else -1


class _Line(NamedTuple):
    """A line with words; ``folded`` as it is compared."""

    start: int
    end: int
    folded: str

    @property
    def is_number(self) -> bool:
        """Tell whether this is but the number of a page."""
        return _NUMBER.fullmatch(self.folded) is not None

    def like(self, other: _Line) -> bool:
        """Tell whether both are the same line, but for the number of the page."""
        if _DIGITS.sub("0", self.folded) != _DIGITS.sub("0", other.folded):
            return False
        numbers = zip(_DIGITS.findall(self.folded), _DIGITS.findall(other.folded), strict=True)
        return all(one == two or abs(int(one) - int(two)) == 1 for one, two in numbers)


def seam(first: str, second: str) -> tuple[int, int]:
    """Return where ``first`` ends and where ``second`` begins for who reads on from one to the other."""
    foot = _running(_feet(first), _feet(second))
    head = _running(_heads(second), _heads(first))
    end = foot.start if foot is not None and first[: foot.start].strip() else len(first)
    begin = head.end if head is not None and second[head.end :].strip() else 0
    return _unsaid(first, end, second[begin : begin + _FAR]), begin


def _unsaid(text: str, end: int, following: str) -> int:
    """Return where ``text[:end]`` ends without the first words of what follows, said beforehand."""
    start = text.rfind("\n", 0, len(text[:end].rstrip())) + 1
    said = _SAID_BEFORE.fullmatch(text[start:end].strip()) if end - start < _FAR else None
    if said is None or not text[:start].strip():
        return end
    words = _WORD.findall(said[1].casefold())
    return start if words and words == _WORD.findall(following.casefold())[: len(words)] else end


def cut_word(first: str, second: str, end: int, begin: int) -> Token | None:
    """Return the word that a hyphen cuts at a ``seam`` of two pages; see ``analysis.cut``."""
    return cut(first[max(0, end - _FAR) : end].rstrip(), second[begin : begin + _FAR].lstrip())


def may_cut(text: str) -> bool:
    """Tell whether a word may be cut where ``text`` ends, whatever the next page is."""
    if not _A_LINE_ENDS_CUT.search(text, max(0, len(text) - 3 * _FAR)):
        return False
    lines = [line.group() for line in _LINE.finditer(text, max(0, len(text) - 3 * _FAR))]
    return any(_ENDS_CUT.search(line) for line in lines[-_LINES - 2 :])


def edges(pages: Sequence[tuple[int, str]]) -> list[Edge]:
    """Return what is at the edges of each page (number, text)."""
    found = [Edge() for _ in pages]
    for at, ((number, text), (following, after)) in enumerate(itertools.pairwise(pages)):
        if following == number + 1:
            end, begin = seam(text, after)
            word = cut_word(text, after, end, begin)
            found[at] = found[at]._replace(foot=_positions(text[end:]), cut=word)
            found[at + 1] = Edge(head=_positions(after[:begin]))
    return found


def _running(lines: Iterator[_Line], others: Iterator[_Line]) -> _Line | None:
    """Return the innermost of the ``lines`` that run; both are given from the edge inwards."""
    last: _Line | None = None
    other = next(others, None)
    for line in lines:
        while other is not None and other.is_number:
            other = next(others, None)
        if line.is_number:
            last = line
            continue
        if other is None or not line.like(other):
            break
        last, other = line, next(others, None)
    return last


def _heads(text: str) -> Iterator[_Line]:
    found = _LINE.finditer(text, 0, _FAR)
    for _, line in zip(range(_LINES), found, strict=False):
        if line.end() < _FAR:
            yield _Line(line.start(), line.end(), _folded(line.group()))


def _feet(text: str) -> Iterator[_Line]:
    far = len(text) - _FAR
    found = list(_LINE.finditer(text, max(0, far)))
    for line in found[: -_LINES - 1 : -1]:
        if line.start() > far:
            yield _Line(line.start(), line.end(), _folded(line.group()))


def _folded(line: str) -> str:
    return " ".join(line.split()).casefold()


def _positions(text: str) -> int:
    """Return how many positions the words of a text take."""
    *_, (_, position, _) = chosen(text, frozenset())
    return position
