"""A query over a view, compiled to arrays: which documents match and how well.

Only visible documents enter: their number, mean length and frequencies make the scores, so that a
person's ranking is the same whether or not there are documents he may not read.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from indexer.analysis import LANGUAGES, stem_term
from indexer.engines import formula
from indexer.engines.corpus import STRIDE
from indexer.query import Clause, Field, Group, Occur, Phrase, Prefix, Query, Range, Word, words_of

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
    """Two words that follow each other closely."""

    terms: tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Fields:
    """The fields of pages or of titles, and how many visible documents have them."""

    words: str
    joined: str
    stems: str
    count: int


class Scorer:
    """Evaluates queries on one view; ``kept`` holds what words and phrases gave in earlier queries."""

    def __init__(self, view: View, kept: ByteCache[Few]) -> None:
        self.view = view
        self.kept = kept
        self.pairs = (_Fields("t", "j", "s", view.count), _Fields("tt", "tj", "ts", view.title_count))

    def run(self, query: Query) -> Matched:
        """Return the documents that match ``query``."""
        return self._clauses(query.clauses)

    def _clauses(self, clauses: Sequence[Clause]) -> Matched:
        size = self.view.size
        scores = np.zeros(size, dtype=np.float64)
        held, whole = np.zeros(size, dtype=np.float64), 0.0
        required: Bools | None = None
        wanted: Bools | None = None
        excluded: Bools | None = None
        for clause in clauses:
            found = self._node(clause.node)
            at = found.docs if isinstance(found, Few) else found.mask
            if clause.occur is Occur.NOT:
                excluded = np.zeros(size, dtype=np.bool_) if excluded is None else excluded
                excluded[at] = True
                continue
            if not isinstance(clause.node, Field | Range):
                weight = self._weight(found)
                whole += weight
                if isinstance(found, Few):
                    scores[at] += found.scores
                    held[at] += weight
                else:
                    scores += found.scores
                    held += weight * found.mask
            if clause.occur is Occur.MUST:
                here = np.zeros(size, dtype=np.bool_)
                here[at] = True
                required = here if required is None else required & here
            else:
                wanted = np.zeros(size, dtype=np.bool_) if wanted is None else wanted
                wanted[at] = True
        self._adjacent(clauses, scores)
        if whole:
            scores *= held / whole
        mask = required if required is not None else wanted
        mask = self.view.visible.copy() if mask is None else mask
        if excluded is not None:
            mask &= ~self._spread(excluded)
        scores[~mask] = 0.0
        return Matched(mask, scores)

    def _spread(self, excluded: Bools) -> Bools:
        """Return what is excluded with these: all of a copy with its title, the title with any page."""
        view, wide = self.view, excluded.copy()
        for held, given in ((view.titles, ~view.titles), (~view.titles, view.titles)):
            rows = np.zeros(len(view.heads), dtype=np.bool_)
            rows[view.rows[excluded & held]] = True
            also = np.flatnonzero(view.visible & given)
            wide[also] |= rows[view.rows[also]]
        return wide

    def _weight(self, found: Few | Matched) -> float:
        """Return what a part of the query weighs: the idf of the pages that hold it, nothing if none does."""
        titles = self.view.titles
        pages = ~titles[found.docs] if isinstance(found, Few) else found.mask & ~titles
        if not (len(found.docs) if isinstance(found, Few) else found.mask.any()):
            return 0.0
        return formula.idf(int(np.count_nonzero(pages)), self.view.count)

    def _adjacent(self, clauses: Sequence[Clause], scores: Floats) -> None:
        """Add a little where two plain words of the query follow each other closely in a document."""
        words = [clause.node if clause.occur is not Occur.NOT else None for clause in clauses]
        for first, second in itertools.pairwise(words):
            if isinstance(first, Word) and isinstance(second, Word) and not (first.parts or second.parts):
                found = self._leaf(_Near((first.term, second.term)))
                scores[found.docs] += formula.NEAR * found.scores

    def _node(self, node: Node) -> Few | Matched:
        match node:
            case Word() | Prefix() | Phrase():
                return self._leaf(node)
            case Group():
                return self._clauses(node.clauses)
            case Field("judul", values):
                return self._rows(self._titled(values))
            case Field(name, values):
                return self._rows(self.view.units.having(name, values))
            case Range():
                return self._rows(self._in_range(node))

    def _leaf(self, node: Word | Prefix | Phrase | _Near) -> Few:
        key = (self.view.serial, node)
        found = self.kept.get(key)
        if found is None:
            found = self._scored(node)
            self.kept.put(key, found, found.nbytes)
        return found

    def _scored(self, node: Word | Prefix | Phrase | _Near) -> Few:
        parts: list[Few] = []
        for fields in self.pairs:
            if isinstance(node, Word):
                stems = list(dict.fromkeys(stem_term(node.term, language) for language in LANGUAGES))
                parts.append(self._terms(fields.words, [node.term], formula.SURFACE, fields.count))
                parts.append(self._terms(fields.stems, stems, formula.STEM, fields.count))
            elif isinstance(node, Prefix):
                found = self.view.corpus.expand(fields.words, node.term)
                parts.append(self._terms(fields.words, found, 1.0, fields.count))
            else:
                between = formula.BETWEEN if isinstance(node, _Near) else 0
                parts.append(self._phrase(node.terms, fields, between))
        scores = _added(parts, self.view.size)
        if isinstance(node, Word) and node.parts:
            for fields in self.pairs:
                together = self._phrase(node.parts, fields)
                scores[together.docs] = np.maximum(scores[together.docs], together.scores)
        docs = np.flatnonzero(scores > 0.0)  # every score is: idf is
        return Few(docs.astype(np.int32), scores[docs])

    def _terms(self, field: str, terms: Sequence[str], weight: float, count: int) -> Few:
        """Return the documents that hold any of ``terms``; several terms count as one."""
        lists = [postings for term in terms if len((postings := self.view.corpus.postings(field, term)).docs)]
        if not lists:
            return Few(_NONE, np.zeros(0, dtype=np.float64))
        docs = np.concatenate([each.docs for each in lists]).astype(np.int64)
        counts = np.concatenate([each.counts for each in lists]).astype(np.float64)
        if len(lists) > 1:
            docs, inverse = np.unique(docs, return_inverse=True)
            counts = np.bincount(inverse, counts).astype(np.float64)
        return self._saturated(docs, counts, weight, count)

    def _saturated(self, docs: Ints, counts: Floats, weight: float, count: int) -> Few:
        docs, counts = self.view.seen(docs, counts)
        factor = weight * formula.idf(len(docs), count) * (formula.K1 + 1.0)
        return Few(docs, factor * counts / (counts + self.view.norms[docs]))

    # -- phrases ---------------------------------------------------------------------------------

    def _phrase(self, terms: Sequence[str], fields: _Fields, between: int = 0) -> Few:
        """Return the documents in which ``terms`` follow each other with at most so many words ``between``.

        A word written in two parts ("kontra-narasi", "pence-" at the end of a line) is also one word
        that takes two places: its postings in the field of joined words say where it ends.
        """
        corpus = self.view.corpus
        wanted = self.view.visible[: corpus.size].copy()
        for term in dict.fromkeys(terms):
            holding = np.zeros(corpus.size, dtype=np.bool_)
            for field in (fields.words, fields.joined):
                holding[corpus.postings(field, term).docs] = True
            wanted &= holding
        ends: Ints | None = None
        for term in terms if wanted.any() else ():
            single = corpus.keys(fields.words, term, wanted)
            joined = corpus.keys(fields.joined, term, wanted)
            if ends is None:
                ends = np.union1d(single, joined) if len(joined) else single
            else:
                steps = [(single, 1 + words) for words in range(between + 1)]
                steps += [(joined, 2 + words) for words in range(between + 1) if len(joined)]
                ends = _union([_common(ends, keys, step) for keys, step in steps])
        docs, times = np.unique((_NONE if ends is None else ends) // STRIDE, return_counts=True)
        return self._saturated(docs, times.astype(np.float64), 1.0, fields.count)

    # -- columns ---------------------------------------------------------------------------------

    def _titled(self, values: Sequence[str]) -> Bools:
        """Return the rows whose title holds all words of a value."""
        rows = np.zeros(len(self.view.heads), dtype=np.bool_)
        for value in values:
            hit: Bools | None = None
            for word in words_of(value):
                docs = self._leaf(word).docs
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


_NONE: Ints = np.zeros(0, dtype=np.int64)


def _added(parts: Sequence[Few], size: int) -> Floats:
    scores = np.zeros(size, dtype=np.float64)
    for part in parts:
        scores[part.docs] += part.scores
    return scores


def _union(keys: list[Ints]) -> Ints:
    return keys[0] if len(keys) == 1 else np.unique(np.concatenate(keys))


def _common(ends: Ints, keys: Ints, step: int) -> Ints:
    """Return which of ``keys`` follow any of ``ends`` by ``step`` places; both are ascending."""
    if len(ends) <= len(keys):
        return ends[_contained(ends + step, keys)] + step
    return keys[_contained(keys - step, ends)]


def _contained(keys: Ints, other: Ints) -> Bools:
    """Return which of sorted ``keys`` are in sorted ``other``."""
    if not len(other):
        return np.zeros(len(keys), dtype=np.bool_)
    places = np.minimum(np.searchsorted(other, keys), len(other) - 1)
    result: Bools = other[places] == keys
    return result
