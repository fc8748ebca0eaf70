"""A query over a view, compiled to arrays: which documents match and how well.

Only visible documents enter: their number, mean length and frequencies make the scores, so that a
person's ranking is the same whether or not there are documents he may not read.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from indexer.analysis import LANGUAGES, stem_term
from indexer.engines import formula
from indexer.engines.corpus import STRIDE
from indexer.engines.explaining import near_terms
from indexer.engines.phrases import NONE, begins, firsts, union
from indexer.query import (
    Clause,
    Field,
    Fuzzy,
    Group,
    Joined,
    Occur,
    Phrase,
    Prefix,
    Query,
    Range,
    Word,
    parted,
    words_of,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from indexer.engines.cache import ByteCache
    from indexer.engines.view import View
    from indexer.query import Node

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]


@dataclass(slots=True)
class Matched:
    """For every document of the view: whether it matches, and its score."""

    mask: Bools
    scores: Floats


@dataclass(frozen=True, slots=True)
class Few:
    """The visible documents that hold a word or phrase, with their scores."""

    docs: Ints | NDArray[np.int32]
    scores: Floats

    @property
    def nbytes(self) -> int:
        """Return the memory these arrays take."""
        return self.docs.nbytes + self.scores.nbytes


@dataclass(frozen=True, slots=True)
class _Near:
    """Two words, each or what is joined to it, that follow each other closely."""

    first: tuple[str, ...]
    second: tuple[str, ...]


_Leaf: TypeAlias = Word | Prefix | Fuzzy | Phrase | Joined | _Near


@dataclass(frozen=True, slots=True)
class _Fields:
    """The fields of pages or of titles, and how many visible documents have them."""

    words: str
    joined: str
    stems: str
    count: int


class Scorer:
    """Evaluates queries on one view; ``kept`` holds what words and phrases gave in earlier queries.

    ``scored`` False: only which documents match is asked for.
    """

    def __init__(self, view: View, kept: ByteCache[Few], *, scored: bool = True) -> None:
        self.view = view
        self.kept = kept
        self.scored = scored
        self.pairs = (_Fields("t", "j", "s", view.count), _Fields("tt", "tj", "ts", view.title_count))

    def run(self, query: Query) -> Matched:
        """Return the documents that match ``query``."""
        return self._clauses(query.clauses)

    def _clauses(self, clauses: Sequence[Clause]) -> Matched:
        size = self.view.size
        scored: list[Few | Matched] = []
        required: Bools | None = None
        wanted: Bools | None = None
        excluded: Bools | None = None
        for clause in clauses:
            found = self.node(clause.node)
            # As wide as an index is: else numpy widens them each time anew.
            at = found.docs.astype(np.intp) if isinstance(found, Few) else found.mask
            if clause.occur is Occur.NOT:
                excluded = np.zeros(size, dtype=np.bool_) if excluded is None else excluded
                excluded[at] = True
                continue
            if self.scored and not isinstance(clause.node, Field | Range):
                scored.append(found)
            if clause.occur is Occur.MUST:
                here = np.zeros(size, dtype=np.bool_)
                here[at] = True
                required = here if required is None else required & here
            else:
                wanted = np.zeros(size, dtype=np.bool_) if wanted is None else wanted
                wanted[at] = True
        scores = self._weighed(clauses, scored) if self.scored else np.zeros(size, dtype=np.float64)
        mask = required if required is not None else wanted
        mask = self.view.visible.copy() if mask is None else mask
        if excluded is not None:
            mask &= ~self._spread(excluded)
        if required is not None or excluded is not None:  # else only what is wanted has scores
            scores *= mask
        return Matched(mask, scores)

    def _weighed(self, clauses: Sequence[Clause], scored: Sequence[Few | Matched]) -> Floats:
        """Return the sum of the scores of parts, times the share of the query that a document holds."""
        few = [found for found in scored if isinstance(found, Few)]
        more = [found for found in scored if isinstance(found, Matched)]
        scores = self._added(few)
        for found in more:
            scores += found.scores
        if len(scored) < 2:  # noqa: PLR2004 - one part has no neighbour, and who holds it holds the whole
            return scores
        self._adjacent(clauses, scores)
        weights, wide = [self.weight(found) for found in few], [self.weight(found) for found in more]
        if whole := sum(weights) + sum(wide):
            held = self._added(few, np.repeat(weights, [len(each.docs) for each in few]))
            for found, weight in zip(more, wide, strict=True):
                held += weight * found.mask
            held /= whole
            scores *= held
        return scores

    def _added(self, parts: Sequence[Few], scores: Floats | None = None) -> Floats:
        """Return the sum of the scores of every document, or of other ``scores`` for the documents of all parts.

        In one pass, where adding part to part takes twice that.
        """
        if not parts:
            return np.zeros(self.view.size, dtype=np.float64)
        docs = np.concatenate([part.docs for part in parts])
        scores = np.concatenate([part.scores for part in parts]) if scores is None else scores
        # Of nothing at all it makes whole numbers.
        return np.bincount(docs, scores, self.view.size).astype(np.float64, copy=False)

    def _spread(self, excluded: Bools) -> Bools:
        """Return what is excluded with these: all of a copy with its title, the title with any page."""
        view, wide = self.view, excluded.copy()
        for held, given in ((view.titles, ~view.titles), (~view.titles, view.titles)):
            rows = np.zeros(len(view.heads), dtype=np.bool_)
            rows[view.rows[excluded & held]] = True
            also = np.flatnonzero(view.visible & given)
            wide[also] |= rows[view.rows[also]]
        return wide

    def weight(self, found: Few | Matched) -> float:
        """Return what a part of the query weighs: the idf of the pages that hold it, nothing if none does."""
        titles = self.view.titles
        of_titles = titles.take(found.docs) if isinstance(found, Few) else found.mask & titles
        number = len(found.docs) if isinstance(found, Few) else int(np.count_nonzero(found.mask))
        return formula.idf(number - int(np.count_nonzero(of_titles)), self.view.count) if number else 0.0

    def _adjacent(self, clauses: Sequence[Clause], scores: Floats) -> None:
        """Add a little where two plain words of the query follow each other closely in a document."""
        for first, second in itertools.pairwise(map(near_terms, clauses)):
            if first and second:
                found = self.near(first, second)
                scores[found.docs] += formula.NEAR * found.scores

    def near(self, first: tuple[str, ...], second: tuple[str, ...]) -> Few:
        """Return what words give that follow each other closely."""
        return self.found(_Near(first, second))

    def node(self, node: Node) -> Few | Matched:
        """Return the documents that hold a part of a query, with their scores."""
        match node:
            case Word() | Prefix() | Fuzzy() | Phrase() | Joined():
                return self.found(node)
            case Group():
                return self._clauses(node.clauses)
            case Field("judul", values):
                return self._rows(self._titled(values))
            case Field(name, values):
                return self._rows(self.view.units.having(name, values))
            case Range():
                return self._rows(self._in_range(node))

    def found(self, node: _Leaf) -> Few:
        """Return the documents that hold a word, or what counts as one, with their scores."""
        key = (self.view.serial, node)
        found = self.kept.get(key)
        if found is None:
            found = self._scored(node)
            self.kept.put(key, found, found.nbytes)
        return found

    def _scored(self, node: _Leaf) -> Few:
        match node:
            case Word():
                return self._word(node)
            case Prefix(term):
                return self._sum(
                    [self.terms(f.words, self.prefixed(f.words, term), 1.0, f.count) for f in self.pairs]
                )
            case Fuzzy(term):
                exact = self._word(Word(term))
                nearly = [self.terms(f.words, self.misspelt(f.words, node), 1.0, f.count) for f in self.pairs]
                return self._best(exact, [(self._sum(nearly), formula.FUZZY)])
            case Phrase(terms, slop):
                return self._sum([self._phrase([(t,) for t in terms], f, slop) for f in self.pairs])
            case Joined(asked, others):
                return self._joined(self.found(asked), [self.found(other) for other in others])
            case _Near(first, second):
                return self._sum(
                    [self._phrase([first, second], f, formula.BETWEEN, crossing=False) for f in self.pairs]
                )

    def _word(self, node: Word) -> Few:
        stems = stems_of(node.term)
        parts = []
        for fields in self.pairs:
            parts.append(self.terms(fields.words, [node.term], formula.SURFACE, fields.count))
            parts.append(self.terms(fields.stems, stems, formula.STEM, fields.count))
        found = self._sum(parts)
        if not node.parts:
            return found
        return self._best(found, [(self._sum([self._together(node, f) for f in self.pairs]), 1.0)])

    def stem(self, stem: str) -> Few:
        """Return the documents that hold a stem."""
        return self._sum([self.terms(f.stems, [stem], 1.0, f.count) for f in self.pairs])

    def pages(self, term: str) -> int:
        """Return on how many visible pages a word stands as it is."""
        return len(self.terms("t", [term], 1.0, self.view.count).docs)

    def _joined(self, asked: Few, others: list[Few]) -> Few:
        """Return one word of all: others score less, and as often as if all were one word."""
        docs = union([each.docs.astype(np.int64) for each in (asked, *others)])
        whole = self.weight(Few(docs, _NO_SCORES))
        return self._best(
            asked,
            [(each, formula.JOINED * whole / self.weight(each)) for each in others if len(each.docs)],
        )

    def prefixed(self, field: str, prefix: str) -> list[str]:
        """Return the words that begin with ``prefix``."""
        return self.view.corpus.expand(field, prefix)

    def misspelt(self, field: str, node: Fuzzy) -> list[str]:
        """Return the words that are nearly spelt as asked, without it."""
        found = {
            term
            for words in self.view.corpus.vocabularies(field)
            for term in words.near(node.term, node.distance)
        }
        return sorted(found - {node.term})

    def _sum(self, parts: Sequence[Few]) -> Few:
        return _few(self._added(parts))

    def _best(self, found: Few, others: Sequence[tuple[Few, float]]) -> Few:
        """Return for every document the best of its scores, those of ``others`` times a factor."""
        scores = np.zeros(self.view.size, dtype=np.float64)
        scores[found.docs] = found.scores
        for other, factor in others:
            scores[other.docs] = np.maximum(scores[other.docs], factor * other.scores)
        return _few(scores)

    def terms(self, field: str, terms: Sequence[str], weight: float, count: int) -> Few:
        """Return the documents that hold any of ``terms``; several terms count as one."""
        lists = [postings for term in terms if len((postings := self.view.corpus.postings(field, term)).docs)]
        if not lists:
            return Few(NONE, _NO_SCORES)
        docs, counts = lists[0].docs.astype(np.int64), lists[0].counts.astype(np.float64)
        if len(lists) > 1:
            docs = np.concatenate([docs, *(each.docs for each in lists[1:])])
            counts = np.concatenate([counts, *(each.counts for each in lists[1:])])
            order = np.argsort(docs, kind="stable")  # which sees that they ascend, and merges them
            docs = docs.take(order)
            first = firsts(docs)
            docs, counts = docs.take(first), np.add.reduceat(counts.take(order), first)
        return self._saturated(docs, counts, weight, count)

    def _saturated(self, docs: Ints, counts: Floats, weight: float, count: int) -> Few:
        """Return the visible of ``docs`` with their scores; ``counts`` is given away."""
        docs, counts = self.view.seen(docs, counts)
        below = self.view.norms.take(docs)
        below += counts
        counts *= weight * formula.idf(len(docs), count) * (formula.K1 + 1.0)
        counts /= below
        return Few(docs, counts)

    def _phrase(
        self, terms: Sequence[tuple[str, ...]], fields: _Fields, slop: int = 0, *, crossing: bool = True
    ) -> Few:
        """Return the documents in which ``terms`` begin to follow each other."""
        corpus = self.view.corpus
        keys = begins(
            corpus,
            (fields.words, fields.joined),
            terms,
            self.view.visible[: corpus.size],
            slop,
            crossing=crossing and fields is self.pairs[0],
        )
        return self._counted(keys, fields)

    def _together(self, node: Word, fields: _Fields) -> Few:
        """Return the documents in which the parts of a word follow each other; see ``parted``."""
        over_breaks = parted(node) if fields is self.pairs[0] else ()
        keys = [
            begins(
                self.view.corpus,
                (fields.words, fields.joined),
                [(part,) for part in way],
                self.view.visible[: self.view.corpus.size],
                within=way == node.parts,
                crossing=way in over_breaks,
            )
            for way in dict.fromkeys((node.parts, *over_breaks))
        ]
        return self._counted(union(keys), fields)

    def _counted(self, keys: Ints, fields: _Fields) -> Few:
        docs = keys // STRIDE
        first = firsts(docs)
        times = np.empty(len(first), dtype=np.float64)
        np.subtract(first[1:], first[:-1], out=times[:-1])
        times[-1:] = len(docs) - first[-1:]
        return self._saturated(docs.take(first), times, 1.0, fields.count)

    # -- columns ---------------------------------------------------------------------------------

    def _titled(self, values: Sequence[str]) -> Bools:
        """Return the rows whose title holds all words of a value."""
        rows = np.zeros(len(self.view.heads), dtype=np.bool_)
        for value in values:
            hit: Bools | None = None
            for word in words_of(value):
                docs = self.found(word).docs
                of_word = np.zeros(len(rows), dtype=np.bool_)
                of_word[self.view.rows[docs[self.view.titles[docs]]]] = True
                hit = of_word if hit is None else hit & of_word
            if hit is not None:
                rows |= hit
        return rows

    def _in_range(self, node: Range) -> Bools:
        units, high = self.view.units, node.high or np.iinfo(np.int64).max
        if node.name == "tanggal":
            inside: Bools = (units.dates >= node.low) & (units.dates <= high)
            return inside
        facet = units.facets.get("tahun")
        years = facet.values if facet is not None else ()
        return units.having(
            "tahun", [year for year in years if year.isdecimal() and node.low <= int(year) <= high]
        )

    def _rows(self, rows: Bools) -> Matched:
        mask = self.view.visible.copy()
        mask[mask] = rows[self.view.rows[mask]]
        return Matched(mask, np.zeros(len(mask), dtype=np.float64))


_NO_SCORES: Floats = np.zeros(0, dtype=np.float64)


def stems_of(term: str) -> list[str]:
    """Return the stems of a word in every language."""
    return list(dict.fromkeys(stem_term(term, language) for language in LANGUAGES))


def _few(scores: Floats) -> Few:
    docs = np.flatnonzero(scores > 0.0)  # every score is: idf is
    return Few(docs.astype(np.int32), scores[docs])
