"""Where a page's text holds what the query asks, and the piece of it to show."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from indexer.analysis import JOINED, LANGUAGES, pieces, stem_term, stem_token
from indexer.query import Group, Occur, Phrase, Prefix, Word, without_stop_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from indexer.analysis import Token
    from indexer.query import Clause, Query

#: Length that a snippet aims at, in characters.
WIDTH = 220
_KNOWN_LIMIT = 20_000


@dataclass(frozen=True, slots=True)
class Fragment:
    """A piece of text, as is; ``is_match`` for what the query asks."""

    text: str
    is_match: bool


@dataclass(frozen=True, slots=True)
class Snippet:
    """Fragments in order; ``starts`` and ``ends`` tell whether the page goes on before and after."""

    fragments: tuple[Fragment, ...]
    starts: bool
    ends: bool


@dataclass(frozen=True, slots=True)
class _Span:
    start: int
    end: int
    term: str


class _Wanted:
    """What a query asks of words; knows after a while which words of a language it asks for."""

    def __init__(self, query: Query, language: str) -> None:
        self.language = language
        self.words: dict[str, str] = {}
        self.stems: dict[str, str] = {}
        self.prefixes: list[str] = []
        self.phrases: list[tuple[str, ...]] = []
        self._known: dict[tuple[str, bool], str | None] = {}
        self._collect(without_stop_words(query)[0].clauses)
        self.of_phrases = frozenset(term for phrase in self.phrases for term in phrase)

    def _collect(self, clauses: Iterable[Clause]) -> None:
        for clause in clauses:
            if clause.occur is Occur.NOT:
                continue
            match clause.node:
                case Word(term, parts, _):
                    self.words[term] = term
                    for each in LANGUAGES:
                        self.stems[stem_term(term, each)] = term
                    if parts:
                        self.phrases.append(parts)
                case Prefix(term):
                    self.prefixes.append(term)
                case Phrase(terms):
                    self.phrases.append(terms)
                case Group(members):
                    self._collect(members)

    def term(self, token: Token) -> str | None:
        """Return the word of the query that ``token`` answers."""
        key = (token.term, token.acronym)
        try:
            return self._known[key]
        except KeyError:
            found = self._term(token)
        if len(self._known) >= _KNOWN_LIMIT:
            self._known.clear()
        self._known[key] = found
        return found

    def _term(self, token: Token) -> str | None:
        found = self.words.get(token.term)
        if found is None and not token.whole:
            found = self.stems.get(stem_token(token, self.language))
        if found is None:
            found = next((prefix for prefix in self.prefixes if token.term.startswith(prefix)), None)
        return found


@lru_cache(maxsize=64)
def _wanted(query: Query, language: str) -> _Wanted:
    return _Wanted(query, language)


def spans(text: str, query: Query, language: str = "") -> tuple[tuple[int, int], ...]:
    """Return the (start, end) of every match in ``text``, ascending and without overlap."""
    return tuple((span.start, span.end) for span in _spans(text, query, language))


def snippet(text: str, query: Query, language: str = "", width: int = WIDTH) -> Snippet:
    """Return the piece of ``text`` that shows most different words of ``query``, in whole words."""
    found = _spans(text, query, language)
    start, end = _window(text, found, width)
    inside = [span for span in found if span.start >= start and span.end <= end]
    return Snippet(tuple(_cut(text, start, end, inside)), start > 0, end < len(text.rstrip()))


def fragments(text: str, found: Iterable[tuple[int, int]]) -> tuple[Fragment, ...]:
    """Return the whole text cut at ``found`` spans."""
    return tuple(_cut(text, 0, len(text), [_Span(start, end, "") for start, end in found]))


def _spans(text: str, query: Query, language: str) -> list[_Span]:
    wanted = _wanted(query, language)
    found: list[_Span] = []
    of_phrases: dict[int, list[Token]] = {}
    for start, position, tokens in pieces(text):
        for token in tokens:
            if (term := wanted.term(token)) is not None:
                found.append(_Span(start + token.start, start + token.end, term))
            if token.term in wanted.of_phrases:
                place = position + token.position
                at = token._replace(start=start + token.start, end=start + token.end, position=place)
                of_phrases.setdefault(place, []).append(at)
    for phrase in wanted.phrases:
        found += _phrases(of_phrases, phrase)
    return _joined(found)


def _phrases(at: dict[int, list[Token]], phrase: tuple[str, ...]) -> Iterator[_Span]:
    """Yield where the words of ``phrase`` follow each other; a word in two parts takes two places."""
    for position, tokens in at.items():
        for first in tokens:
            if first.term != phrase[0]:
                continue
            reached = {position + places: first for places in _places(first)}
            for term in phrase[1:]:
                reached = {
                    next_place + places: token
                    for next_place in reached
                    for token in at.get(next_place, ())
                    if token.term == term
                    for places in _places(token)
                }
            for last in reached.values():
                yield _Span(first.start, last.end, " ".join(phrase))


def _places(token: Token) -> tuple[int, ...]:
    """Return after how many positions the next word of a phrase may stand."""
    return (1, token.places) if token.places == JOINED else (1,)


def _joined(found: list[_Span]) -> list[_Span]:
    """Return spans in order; of overlapping ones the longest stays."""
    kept: list[_Span] = []
    for span in sorted(found, key=lambda s: (s.start, -s.end)):
        if kept and span.start < kept[-1].end:
            if span.end > kept[-1].end:
                kept[-1] = _Span(kept[-1].start, span.end, kept[-1].term)
            continue
        kept.append(span)
    return kept


def _window(text: str, found: list[_Span], width: int) -> tuple[int, int]:
    """Return the bounds of the stretch of about ``width`` characters with most different terms."""
    if not found:
        return _widened(text, 0, min(len(text), width))
    best: tuple[int, int, int, int] | None = None
    right = 0
    for left, span in enumerate(found):
        right = max(right, left)
        while right + 1 < len(found) and found[right + 1].end - span.start <= width:
            right += 1
        inside = found[left : right + 1]
        key = (len({each.term for each in inside}), len(inside))
        if best is None or key > best[:2]:
            best = (*key, span.start, inside[-1].end)
    if best is None:
        return 0, min(len(text), width)
    _, _, start, end = best
    room = max(0, width - (end - start))
    return _widened(text, max(0, start - room // 3), min(len(text), end + room - room // 3))


def _widened(text: str, start: int, end: int) -> tuple[int, int]:
    """Move bounds outwards to the ends of words, but not for ever through text without spaces."""
    while start > 0 and not text[start - 1].isspace() and end - start < 4 * WIDTH:
        start -= 1
    while end < len(text) and not text[end].isspace() and end - start < 4 * WIDTH:
        end += 1
    return start, end


def _cut(text: str, start: int, end: int, found: list[_Span]) -> Iterator[Fragment]:
    at = start
    for span in found:
        if span.start > at:
            yield Fragment(text[at : span.start], is_match=False)
        yield Fragment(text[span.start : span.end], is_match=True)
        at = span.end
    if at < end:
        yield Fragment(text[at:end], is_match=False)
