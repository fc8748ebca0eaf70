"""A query over a view, compiled to arrays: which documents match and how well.

Only visible documents enter: their number, mean length and frequencies make the scores, so that a
person's ranking is the same whether or not there are documents he may not read.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from indexer.analysis import LANGUAGES, is_stop_word, stem_term
from indexer.engines import formula
from indexer.engines.corpus import STRIDE
from indexer.query import Clause, Field, Group, Occur, Phrase, Prefix, Query, Range, Word, words_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from indexer.engines.view import View
    from indexer.query import Node

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]


@dataclass(slots=True)
class Matched:
    """For every document of the corpus: whether it matches, and its score."""

    mask: Bools
    scores: Floats


@dataclass(frozen=True, slots=True)
class _Fields:
    """A pair of fields (words, stems) with the statistics of the documents that have them."""

    words: str
    stems: str
    count: int
    mean: float


class Scorer:
    """Evaluates queries on one view."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.pairs = (
            _Fields("t", "s", view.count, view.mean),
            _Fields("tt", "ts", view.title_count, view.title_mean),
        )
        self.visible: Bools = view.rows >= 0
        self.pages: Bools = self.visible & ~view.corpus.titles

    def run(self, query: Query) -> Matched:
        """Return the documents that match ``query``."""
        return self._clauses(query.clauses)

    def _clauses(self, clauses: Sequence[Clause]) -> Matched:
        size = self.view.corpus.size
        scores = np.zeros(size, dtype=np.float64)
        required: Bools | None = None
        wanted: Bools | None = None
        excluded: Bools | None = None
        held, whole = np.zeros(size, dtype=np.float64), 0.0
        for clause in clauses:
            found = self._node(clause.node)
            if clause.occur is Occur.NOT:
                excluded = found.mask if excluded is None else excluded | found.mask
                continue
            scores += found.scores
            if not isinstance(clause.node, Field | Range) and found.mask.any():
                weight = formula.idf(int((found.mask & self.pages).sum()), self.view.count)
                held[found.mask] += weight
                whole += weight
            if clause.occur is Occur.MUST:
                required = found.mask if required is None else required & found.mask
            else:
                wanted = found.mask if wanted is None else wanted | found.mask
        self._adjacent(clauses, scores)
        if whole:
            scores *= np.sqrt(held / whole)  # formula.coverage, for all documents at once
        mask = required if required is not None else wanted
        mask = self.visible.copy() if mask is None else mask & self.visible
        if excluded is not None:
            mask &= ~excluded
        scores[~mask] = 0.0
        return Matched(mask, scores)

    def _adjacent(self, clauses: Sequence[Clause], scores: Floats) -> None:
        """Add a little where two plain words of the query stand side by side in a document."""
        words = [clause.node if clause.occur is not Occur.NOT else None for clause in clauses]
        for first, second in itertools.pairwise(words):
            if isinstance(first, Word) and isinstance(second, Word) and not (first.parts or second.parts):
                scores += formula.ADJACENT * self._phrase((first.term, second.term)).scores

    def _node(self, node: Node) -> Matched:  # noqa: PLR0911 - one return a kind of node
        match node:
            case Word():
                return self._word(node)
            case Prefix():
                return self._prefix(node.term)
            case Phrase():
                return self._phrase(node.terms)
            case Group():
                return self._clauses(node.clauses)
            case Field("judul", values):
                return self._title(values)
            case Field():
                return self._rows(self._field_rows(node))
            case Range():
                return self._rows(self._range_rows(node))

    # -- words -----------------------------------------------------------------------------------

    def _word(self, word: Word) -> Matched:
        found = self._nothing()
        for pair in self.pairs:
            self._term(pair.words, pair, (word.term,), formula.SURFACE, found)
            stems = dict.fromkeys(stem_term(word.term, language) for language in LANGUAGES)
            for stem in stems:
                self._term(pair.stems, pair, (stem,), formula.STEM, found)
        if word.parts:
            together = self._phrase(word.parts)
            found.mask |= together.mask
            found.scores = np.maximum(found.scores, together.scores)
        return found

    def _prefix(self, prefix: str) -> Matched:
        found = self._nothing()
        for pair in self.pairs:
            terms = self.view.corpus.expand(pair.words, prefix)
            self._term(pair.words, pair, terms, 1.0, found)
        return found

    def _term(self, field: str, pair: _Fields, terms: Sequence[str], weight: float, found: Matched) -> None:
        """Add the documents that hold any of ``terms``; several terms count as one."""
        docs, counts = self._held(field, terms)
        if not len(docs):
            return
        found.mask[docs] = True
        found.scores[docs] += weight * self._saturated(docs, counts, len(docs), pair)

    def _held(self, field: str, terms: Iterable[str]) -> tuple[Ints, Floats]:
        """Return the visible documents that hold any of ``terms``, with how often."""
        lists = [self.view.corpus.postings(field, term) for term in terms]
        lists = [postings for postings in lists if len(postings.docs)]
        if not lists:
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float64)
        if len(lists) == 1:
            docs, counts = lists[0].docs, lists[0].counts
        else:
            every = np.concatenate([postings.docs for postings in lists])
            docs, inverse = np.unique(every, return_inverse=True)
            counts = np.bincount(inverse, np.concatenate([postings.counts for postings in lists])).astype(
                np.float64
            )
        seen = self.visible[docs]
        return docs[seen], counts[seen]

    def _saturated(self, docs: Ints, counts: Floats, frequency: int, pair: _Fields) -> Floats:
        lengths = self.view.corpus.lengths[docs]
        norm = formula.K1 * (1.0 - formula.B + formula.B * lengths / pair.mean)
        weight = formula.idf(frequency, pair.count) * (formula.K1 + 1.0)
        result: Floats = weight * counts / (counts + norm)
        return result

    # -- phrases ---------------------------------------------------------------------------------

    def _phrase(self, terms: Sequence[str]) -> Matched:
        found = self._nothing()
        for pair in self.pairs:
            keys: Ints | None = None
            for offset, term in enumerate(terms):
                here = self.view.corpus.postings(pair.words, term, positions=True).keys - offset
                keys = here if keys is None else keys[_contained(keys, here)]
                if not len(keys):
                    break
            if keys is None or not len(keys):
                continue
            docs, times = np.unique(keys // STRIDE, return_counts=True)
            seen = self.visible[docs]
            docs, counts = docs[seen], times[seen].astype(np.float64)
            if len(docs):
                found.mask[docs] = True
                found.scores[docs] += self._saturated(docs, counts, len(docs), pair)
        return found

    # -- columns ---------------------------------------------------------------------------------

    def _title(self, values: Sequence[str]) -> Matched:
        """Match the pages and title of every product whose title holds all words of a value."""
        rows = np.zeros(len(self.view.heads), dtype=np.bool_)
        for value in values:
            hit: Bools | None = None
            for word in words_of(value):
                docs = np.flatnonzero(self._word(word).mask & self.view.corpus.titles)
                of_word = np.zeros(len(rows), dtype=np.bool_)
                of_word[self.view.rows[docs]] = True
                hit = of_word if hit is None else hit & of_word
            if hit is not None:
                rows |= hit
        return self._rows(rows)

    def _field_rows(self, node: Field) -> Bools:
        rows = np.zeros(len(self.view.heads), dtype=np.bool_)
        facet = self.view.units.facets.get(node.name)
        if facet is not None:
            codes = [code for value in node.values if (code := facet.code(value)) >= 0]
            rows[facet.rows[np.isin(facet.codes, codes)]] = True
        return rows

    def _range_rows(self, node: Range) -> Bools:
        units = self.view.units
        if node.name == "tanggal":
            inside: Bools = (units.dates >= node.low) & (units.dates <= (node.high or np.iinfo(np.int64).max))
            return inside
        rows = np.zeros(len(self.view.heads), dtype=np.bool_)
        facet = units.facets.get("tahun")
        if facet is not None:
            years = np.array([int(year) if year.isdigit() else 0 for year in facet.values], dtype=np.int64)
            good = (years >= node.low) & (years <= (node.high or np.iinfo(np.int64).max))
            rows[facet.rows[good[facet.codes]]] = True
        return rows

    def _rows(self, rows: Bools) -> Matched:
        mask = self.visible.copy()
        seen = np.flatnonzero(mask)
        mask[seen] = rows[self.view.rows[seen]]
        return Matched(mask, np.zeros(len(mask), dtype=np.float64))

    def _nothing(self) -> Matched:
        size = self.view.corpus.size
        return Matched(np.zeros(size, dtype=np.bool_), np.zeros(size, dtype=np.float64))


def without_stop_words(query: Query) -> tuple[Query, tuple[str, ...]]:
    """Return the query without plain words that say nothing, and these; untouched if nothing remains."""
    kept = tuple(clause for clause in query.clauses if not _says_nothing(clause))
    if not any(
        clause.occur is not Occur.NOT and not isinstance(clause.node, Field | Range) for clause in kept
    ):
        return query, ()
    dropped = tuple(
        clause.node.term
        for clause in query.clauses
        if _says_nothing(clause) and isinstance(clause.node, Word)
    )
    return Query(kept), dropped


def _says_nothing(clause: Clause) -> bool:
    return (
        clause.occur is Occur.SHOULD
        and isinstance(clause.node, Word)
        and not clause.node.parts
        and is_stop_word(clause.node.term)
    )


def _contained(keys: Ints, other: Ints) -> Bools:
    """Return which of sorted ``keys`` are in sorted ``other``."""
    if not len(other):
        return np.zeros(len(keys), dtype=np.bool_)
    places = np.minimum(np.searchsorted(other, keys), len(other) - 1)
    result: Bools = other[places] == keys
    return result
