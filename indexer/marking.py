"""Which words of a text answer which part of a query, and why."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from indexer.analysis import JOINED, LANGUAGES, chosen, pieces, skim, stem_term, stem_token
from indexer.query import (
    Fuzzy,
    Group,
    Joined,
    Occur,
    Phrase,
    Prefix,
    Word,
    correctable,
    distance,
    parted,
    without_stop_words,
)
from indexer.running import cut_word, seam

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from indexer.analysis import Token
    from indexer.query import Clause, Node, Query

#: Why a word is marked, the plainest reason first: of several, the first is told.
CAUSES = ("form", "phrase", "stem", "synonym", "prefix", "fuzzy")
_KNOWN_LIMIT = 4_000
#: For so many letters a word of a phrase is looked for beyond the end of a page.
_LETTERS = 100


class Span(NamedTuple):
    """``text[start:end]`` answers part ``part`` of the query."""

    start: int
    end: int
    part: int
    cause: str


class _Answer(NamedTuple):
    part: int
    cause: str


class _Found(NamedTuple):
    """What of a query the tokens of a run of joined words answer, and which of them are in its phrases."""

    tokens: tuple[Token, ...]
    answers: tuple[tuple[Token, _Answer], ...]
    in_runs: tuple[Token, ...]


class _Run(NamedTuple):
    """Words in order, with so many others between in all; not ``within`` a page: only over its end."""

    terms: tuple[str, ...]
    slop: int
    answer: _Answer
    within: bool = True


class _Wanted:
    """What a query asks of words; knows after a while what it asks for of the words of a language."""

    def __init__(self, query: Query, language: str) -> None:
        self.language = language
        self.words: dict[str, _Answer] = {}
        self.stems: dict[str, _Answer] = {}
        self.prefixes: list[tuple[str, _Answer]] = []
        self.fuzzy: list[tuple[Fuzzy, _Answer]] = []
        self.runs: list[_Run] = []
        self._parts = 0
        #: By identity of the tokens, which are the same object wherever a run is met again.
        self.known: dict[int, _Found] = {}
        self._collect(without_stop_words(query)[0].clauses)
        self.of_runs = frozenset(term for run in self.runs for term in run.terms)
        self.reach = _LETTERS * max((len(run.terms) + run.slop for run in self.runs), default=0)
        self.keys = frozenset((*self.words, *self.stems, *self.of_runs))

    def _collect(self, clauses: Iterable[Clause]) -> None:
        for clause in clauses:
            if clause.occur is Occur.NOT:
                continue
            if isinstance(clause.node, Group):
                self._collect(clause.node.clauses)
            else:
                self._part(clause.node, self._parts)
                self._parts += 1

    def _part(self, node: Node, part: int, cause: str = "") -> None:
        match node:
            case Word(term, parts, _):
                form = _Answer(part, cause or "form")
                _put(self.words, term, form)
                for each in LANGUAGES:
                    _put(self.stems, stem_term(term, each), _Answer(part, cause or "stem"))
                if parts:
                    self.runs.append(_Run(parts, 0, form))
                    self.runs += (_Run(way, 0, form, within=False) for way in parted(node) if way != parts)
            case Prefix(term):
                self.prefixes.append((term, _Answer(part, "prefix")))
            case Fuzzy(term, _):
                self._part(Word(term), part)
                self.fuzzy.append((node, _Answer(part, "fuzzy")))
            case Phrase(terms, slop):
                self.runs.append(_Run(terms, slop, _Answer(part, cause or "phrase")))
            case Joined(asked, others):
                self._part(asked, part)
                for other in others:
                    self._part(other, part, "synonym")

    def pieces(self, text: str) -> Iterable[tuple[int, int, tuple[Token, ...]]]:
        """Return what of ``text`` may answer the query, with positions where these are asked for."""
        if self.prefixes or self.fuzzy:
            return pieces(text)
        if self.runs:
            return chosen(text, self.keys)
        return ((start, 0, tokens) for start, tokens in skim(text, self.keys))

    def found(self, tokens: tuple[Token, ...]) -> _Found:
        """Return what of the query ``tokens`` answer, and keep it in ``known``."""
        if len(self.known) >= _KNOWN_LIMIT:
            self.known.clear()
        answers = tuple((token, answer) for token in tokens if (answer := self.answer(token)) is not None)
        in_runs = tuple(token for token in tokens if token.term in self.of_runs)
        found = self.known[id(tokens)] = _Found(tokens, answers, in_runs)
        return found

    def answer(self, token: Token) -> _Answer | None:
        """Return what of the query a word answers."""
        found = [self.words.get(token.term)]
        if not token.whole:
            found.append(self.stems.get(stem_token(token, self.language)))
        found += [answer for prefix, answer in self.prefixes if token.term.startswith(prefix)]
        found += [answer for node, answer in self.fuzzy if _nearly(token.term, node)]
        return min((answer for answer in found if answer), key=_rank, default=None)


def _put(table: dict[str, _Answer], term: str, answer: _Answer) -> None:
    known = table.get(term)
    if known is None or _rank(answer) < _rank(known):
        table[term] = answer


def _rank(answer: _Answer | Span) -> int:
    return CAUSES.index(answer.cause)


def _nearly(term: str, node: Fuzzy) -> bool:
    return (
        abs(len(term) - len(node.term)) <= node.distance
        and correctable(term)
        and distance(node.term, term) <= node.distance
    )


@lru_cache(maxsize=64)
def _wanted(query: Query, language: str) -> _Wanted:
    return _Wanted(query, language)


def spans(text: str, query: Query, language: str, before: str, after: str) -> list[Span]:
    """Return all that answers ``query``, in order; spans may overlap.

    ``before`` and ``after`` are the texts of the pages before and after, for phrases and words that go on
    there.
    """
    wanted = _wanted(query, language)
    known = wanted.known
    found: list[Span] = []
    places: dict[int, list[Token]] = {}
    for start, position, tokens in wanted.pieces(text):
        seen = known.get(id(tokens))
        if seen is None or seen.tokens is not tokens:
            seen = wanted.found(tokens)
        for token, answer in seen.answers:
            found.append(Span(start + token.start, start + token.end, *answer))
        for token in seen.in_runs:
            _keep(places, token, start, position)
    for run in wanted.runs:
        if run.within:
            for path in _paths(places, run):
                found += _spans(path, run)
    if before:
        found += _over_break(before, text, wanted, of_second=True)
    if after:
        found += _over_break(text, after, wanted, of_second=False)
    return sorted(found)


def crosses(text: str, query: Query, language: str, after: str) -> bool:
    """Tell whether something that answers ``query`` begins in ``text`` and ends in ``after``."""
    found = _over_break(text, after, _wanted(query, language), of_second=False) if after else ()
    return any(True for _ in found)


def _keep(places: dict[int, list[Token]], token: Token, start: int, position: int) -> None:
    place = position + token.position
    places.setdefault(place, []).append(
        token._replace(start=start + token.start, end=start + token.end, position=place)
    )


def _over_break(first: str, second: str, wanted: _Wanted, *, of_second: bool) -> Iterator[Span]:
    """Yield what answers a query over the end of a page, as far as it stands in one of the two."""
    end, begin = seam(first, second)
    cut = cut_word(first, second, end, begin)
    end = len(first[:end].rstrip())
    begin = len(second) - len(second[begin:].lstrip())
    found: list[Span] = []
    if cut is not None and (answer := wanted.answer(cut)) is not None:
        found.append(Span(cut.start, cut.end, *answer))
    if wanted.runs:
        tail, head = first[max(0, end - wanted.reach) : end], second[begin : begin + wanted.reach]
        places = _at_break(tail, head, cut, wanted)
        paths = ((path, run) for run in wanted.runs for path in _paths(places, run))
        found += (
            span for path, run in paths if path[0].start < 0 < path[-1].end for span in _spans(path, run)
        )
    for span in found:
        if of_second and span.end > 0:
            yield span._replace(start=begin + max(span.start, 0), end=begin + span.end)
        elif not of_second and span.start < 0:
            yield span._replace(start=end + span.start, end=end + min(span.end, 0))


def _at_break(tail: str, head: str, cut: Token | None, wanted: _Wanted) -> dict[int, list[Token]]:
    """Return the words of runs by place, characters and places counted from the break between two pages."""
    places: dict[int, list[Token]] = {}
    if cut is not None and cut.term in wanted.of_runs:
        _keep(places, cut._replace(places=JOINED), 0, 0)
    earlier = list(chosen(tail, wanted.of_runs))
    for found, chars, back in ((earlier, len(tail), earlier[-1][1]), (chosen(head, wanted.of_runs), 0, 0)):
        for start, position, tokens in found:
            for token in tokens:
                if token.term in wanted.of_runs:
                    _keep(places, token, start - chars, position - back)
    return places


def _paths(places: dict[int, list[Token]], run: _Run) -> Iterator[tuple[Token, ...]]:
    """Yield the words of a run where they follow each other."""
    for tokens in list(places.values()):
        for first in tokens:
            if first.term != run.terms[0]:
                continue
            # (position after the last word, words between so far) → the words
            reached: dict[tuple[int, int], tuple[Token, ...]]
            reached = {(first.position + size, 0): (first,) for size in _sizes(first)}
            for term in run.terms[1:]:
                reached = {
                    (token.position + size, used + between): (*path, token)
                    for (place, used), path in reached.items()
                    for between in range(run.slop - used + 1)
                    for token in places.get(place + between, ())
                    if token.term == term
                    for size in _sizes(token)
                }
            if reached:
                yield reached[min(reached, key=lambda state: (state[1], state[0]))]


def _spans(path: tuple[Token, ...], run: _Run) -> Iterator[Span]:
    """Yield one stretch or, where words may stand between, each word."""
    if run.slop:
        for token in path:
            yield Span(token.start, token.end, *run.answer)
    else:
        yield Span(min(t.start for t in path), max(t.end for t in path), *run.answer)


def _sizes(token: Token) -> tuple[int, ...]:
    """Return after how many positions the next word of a phrase may stand; see ``JOINED``."""
    return (1, token.places) if token.places == JOINED else (1,)


def joined(found: Iterable[Span]) -> list[Span]:
    """Return spans without overlap; of overlapping ones the longest stays, of equal ones the plainest."""
    kept: list[Span] = []
    for span in sorted(found, key=lambda s: (s.start, -s.end, _rank(s))):
        if kept and span.start < kept[-1].end:
            if span.end > kept[-1].end:
                kept[-1] = kept[-1]._replace(end=span.end)
            continue
        kept.append(span)
    return kept
