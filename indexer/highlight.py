"""Where a page's text holds what the query asks, and the pieces of it to show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from indexer import marking, running

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from indexer.marking import Span
    from indexer.query import Query

#: Length that a snippet aims at, in characters.
WIDTH = 220
#: Two pieces of a page that stand nearer to each other than so many characters are shown as one.
_NEAR = 40


class Fragment(NamedTuple):
    """A piece of text, as is; ``is_match`` for what the query asks, with its ``cause``.

    The cause is form, phrase, stem, synonym, prefix or fuzzy.
    """

    text: str
    is_match: bool
    cause: str = ""


#: Stands between two pieces of a page.
GAP = Fragment(" … ", is_match=False)


@dataclass(frozen=True, slots=True)
class Snippet:
    """Fragments in order; ``starts`` and ``ends`` tell whether the page goes on before and after."""

    fragments: tuple[Fragment, ...]
    starts: bool
    ends: bool


class Mark(NamedTuple):
    """``text[start:end]`` is what the query asks, because of ``cause``."""

    start: int
    end: int
    cause: str


class _Window(NamedTuple):
    """A stretch of text and the parts of the query that it answers."""

    start: int
    end: int
    parts: frozenset[int]


_NOTHING = _Window(0, 0, frozenset())


def marks(
    text: str, query: Query, language: str = "", *, before: str = "", after: str = ""
) -> tuple[Mark, ...]:
    """Return every match in ``text``, ascending and without overlap.

    ``before`` and ``after`` are the texts of the pages before and after: a phrase or a word that goes on
    there is marked as far as it stands here.
    """
    found = marking.joined(marking.spans(text, query, language, before, after))
    return tuple(Mark(span.start, span.end, span.cause) for span in found)


def spans(
    text: str, query: Query, language: str = "", *, before: str = "", after: str = ""
) -> tuple[tuple[int, int], ...]:
    """Return the (start, end) of every match in ``text``; see ``marks``."""
    return tuple((mark.start, mark.end) for mark in marks(text, query, language, before=before, after=after))


def goes_on(text: str, query: Query, language: str, after: str) -> bool:
    """Tell whether what begins in ``text`` and answers goes on in ``after``, the text of the next page."""
    return marking.crosses(text, query, language, after)


def may_go_on(text: str) -> bool:
    """Tell whether even a single word may begin in ``text`` and go on on the next page: where one is cut."""
    return running.may_cut(text)


def snippet(
    text: str,
    query: Query,
    language: str = "",
    width: int = WIDTH,
    *,
    before: str = "",
    after: str = "",
    whole: bool = False,
) -> Snippet:
    """Return the piece of ``text`` that answers most parts of ``query``, in whole words.

    Two shorter pieces, with ``GAP`` between them, where these answer more; only one if ``whole``.
    """
    found = marking.spans(text, query, language, before, after)
    shown = _pieces(text, found, width, whole=whole)
    fragments: list[Fragment] = []
    for start, end in shown:
        if fragments:
            fragments.append(GAP)
        inside = marking.joined(span for span in found if span.start >= start and span.end <= end)
        fragments += _cut(text, start, end, [Mark(span.start, span.end, span.cause) for span in inside])
    return Snippet(tuple(fragments), shown[0][0] > 0, shown[-1][1] < len(text.rstrip()))


def fragments(text: str, found: Iterable[Mark | tuple[int, int]]) -> tuple[Fragment, ...]:
    """Return the whole text cut at ``found`` marks (or spans, whose cause is not told)."""
    return tuple(
        _cut(text, 0, len(text), [each if isinstance(each, Mark) else Mark(*each, "") for each in found])
    )


def _pieces(text: str, found: list[Span], width: int, *, whole: bool) -> list[tuple[int, int]]:
    """Return the bounds of one or two stretches of about ``width`` characters in all."""
    if not found:
        return [_widened(text, 0, min(len(text), width))]
    best = _best(found, width)
    if whole or len(best.parts) == len({span.part for span in found}):
        return [_roomy(text, best, width)]
    first = _best(found, width // 2)
    second = _best([span for span in found if span.part not in first.parts], width // 2)
    if len(first.parts | second.parts) <= len(best.parts):
        return [_roomy(text, best, width)]
    one, other = sorted(_roomy(text, each, width // 2) for each in (first, second))
    if other[0] - one[1] < _NEAR:
        return [(one[0], max(one[1], other[1]))]
    return [one, other]


def _best(found: Sequence[Span], width: int) -> _Window:
    """Return the stretch of at most ``width`` characters that answers most parts, and these best."""
    best, chosen = (0, 0), (0, -1)
    counts: dict[int, int] = {}
    worth, right = 0, -1
    for left, span in enumerate(found):
        while right < left or (right + 1 < len(found) and found[right + 1].end - span.start <= width):
            right += 1
            counts[found[right].part] = counts.get(found[right].part, 0) + 1
            worth += _WORTH[found[right].cause]
        if (len(counts), worth) > best:
            best, chosen = (len(counts), worth), (left, right)
        counts[span.part] -= 1
        if not counts[span.part]:
            del counts[span.part]
        worth -= _WORTH[span.cause]
    inside = found[chosen[0] : chosen[1] + 1]
    if not inside:
        return _NOTHING
    parts = frozenset(each.part for each in inside)
    return _Window(inside[0].start, max(each.end for each in inside), parts)


#: What shows best why a page was found.
_WORTH = {"phrase": 4, "form": 3, "stem": 2, "synonym": 2, "prefix": 2, "fuzzy": 1}


def _roomy(text: str, window: _Window, width: int) -> tuple[int, int]:
    room = max(0, width - (window.end - window.start))
    return _widened(text, max(0, window.start - room // 3), min(len(text), window.end + room - room // 3))


def _widened(text: str, start: int, end: int) -> tuple[int, int]:
    """Move bounds outwards to the ends of words, but not for ever through text without spaces."""
    while start > 0 and not text[start - 1].isspace() and end - start < 4 * WIDTH:
        start -= 1
    while end < len(text) and not text[end].isspace() and end - start < 4 * WIDTH:
        end += 1
    return start, end


def _cut(text: str, start: int, end: int, found: list[Mark]) -> Iterator[Fragment]:
    at = start
    for mark in found:
        if mark.start > at:
            yield Fragment(text[at : mark.start], is_match=False)
        yield Fragment(text[mark.start : mark.end], is_match=True, cause=mark.cause)
        at = mark.end
    if at < end:
        yield Fragment(text[at:end], is_match=False)
