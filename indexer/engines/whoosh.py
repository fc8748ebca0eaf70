"""The default engine: Whoosh keeps the index, NumPy scores over its postings."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import numpy as np

from indexer.analysis import fold
from indexer.engines import beside, disk, explaining, ranking, store
from indexer.engines.cache import ByteCache
from indexer.engines.corpus import Corpus, Postings
from indexer.engines.scoring import Few, Scorer
from indexer.engines.view import View
from indexer.ports import (
    NO_FILTERS,
    Explanation,
    Extent,
    IndexUnavailableError,
    PageHit,
    ProductHit,
    Results,
)
from indexer.query import correctable, without_stop_words
from indexer.snippets import Snippets

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from indexer.engines.cache import CacheFigures
    from indexer.engines.vocabulary import Vocabulary
    from indexer.query import Query
    from indexer.units import UnitTable

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

#: Seconds between two looks for a newer commit.
FRESH = 0.5
#: Bytes of a hit, a page or a count with its numbers, as measured; a value is shared by all answers.
_PER_PART = 90
#: Longer lists of hits are made for files and not asked for twice.
_PAGE = 100


class WhooshEngine:
    """Answers queries from an index folder; thread-safe.

    ``cache_bytes`` caps what is kept of postings, of words, of what single words scored, of views, of
    whole answers and of snippets, which are asked for again when a reader comes back from a hit. A newer
    commit is looked for at most every ``fresh`` seconds. ``damaged`` is called once for each generation in
    which a reader finds damage: what lies inside postings is seen only by who reads them.
    """

    def __init__(
        self,
        folder: Path,
        *,
        cache_bytes: int = 64 << 20,
        fresh: float = FRESH,
        damaged: Callable[[], None] | None = None,
    ) -> None:
        self.folder = folder
        self.fresh = fresh
        self._damaged = damaged
        self._told = ""
        self.postings: ByteCache[Postings] = ByteCache(cache_bytes * 3 // 8)
        self.words: ByteCache[Vocabulary] = ByteCache(cache_bytes // 8)
        self.scores: ByteCache[Few] = ByteCache(cache_bytes * 5 // 16)
        self.views: ByteCache[View] = ByteCache(cache_bytes // 8)
        self.answers: ByteCache[Results] = ByteCache(cache_bytes // 32)
        self.snippets = Snippets(cache_bytes // 32)
        self._corpus: Corpus | None = None
        self._looked = 0.0
        self._lock = threading.Lock()

    def close(self) -> None:
        """Let the index go."""
        with self._lock:
            if self._corpus is not None:
                self._corpus.close()
            self._corpus = None
            self.views.clear()

    def corpus(self) -> Corpus:
        """Return the newest commit, looked for at most every ``fresh`` seconds."""
        with self._lock:
            now = time.monotonic()
            if self._corpus is not None and now - self._looked < self.fresh:
                return self._corpus
            folder = store.current(self.folder)
            if (
                self._corpus is None
                or self._corpus.folder != folder
                or self._corpus.commit != disk.latest_commit(folder)
            ):
                self._corpus = self._open(folder)
                self.views.clear()
            self._looked = now
            return self._corpus

    def _open(self, folder: Path) -> Corpus:
        try:
            return Corpus(folder, self.postings, self.words, self._tell)
        except IndexUnavailableError:
            newer = store.current(self.folder)
            if newer == folder:
                self._tell(folder)
                raise
            return Corpus(
                newer, self.postings, self.words, self._tell
            )  # replaced and cleaned away in between

    def _tell(self, folder: Path) -> None:
        if self._damaged is not None and self._told != folder.name:
            self._told = folder.name
            self._damaged()

    def extent(self) -> Extent:
        """Return how much the newest commit holds, for operators."""
        corpus = self.corpus()
        pages = corpus.alive & ~corpus.titles
        return Extent(
            files=len(np.unique(corpus.owners[pages])),
            pages=int(pages.sum()),
            titles=int((corpus.alive & corpus.titles).sum()),
        )

    def stats(self) -> dict[str, CacheFigures]:
        """Return the figures of the caches of this process, for operators."""
        return {
            "postings": self.postings.stats(),
            "words": self.words.stats(),
            "scores": self.scores.stats(),
            "views": self.views.stats(),
            "answers": self.answers.stats(),
            "snippets": self.snippets.stats(),
        }

    def _view(self, units: UnitTable, allow: frozenset[str], *, all_versions: bool = False) -> View:
        corpus = self.corpus()
        allowed = allow & frozenset(units.classes)
        # Corpus and table stand in the key themselves: an id could be given out again.
        key = (corpus, units, allowed, all_versions)
        found = self.views.get(key)
        if found is None:
            found = View.of(corpus, units, allowed, all_versions=all_versions)
            self.views.put(key, found, found.nbytes)
        return found

    def search(
        self,
        query: Query,
        *,
        allow: frozenset[str],
        units: UnitTable,
        filters: Mapping[str, frozenset[str]] = NO_FILTERS,
        sort: str = "relevance",
        offset: int = 0,
        limit: int = 10,
        all_versions: bool = False,
    ) -> Results:
        """Return one page of products; see the port."""
        if not allow:
            return Results()
        view = self._view(units, allow, all_versions=all_versions)
        # A view stands for one commit, one state of the columns and one set of rights.
        key = (view.serial, query, frozenset(filters.items()), sort, offset, limit)
        found = self.answers.get(key)
        if found is None:
            found = self._answer(view, query, filters, sort, offset, limit)
            if limit <= _PAGE:
                self.answers.put(key, found, _size(found))
        return found

    def _answer(
        self,
        view: View,
        query: Query,
        filters: Mapping[str, frozenset[str]],
        sort: str,
        offset: int,
        limit: int,
    ) -> Results:
        units = view.units
        query, dropped = without_stop_words(query)
        matched = Scorer(view, self.scores).run(query)
        docs, rows, hit = ranking.found(view, matched)
        chosen = {name: units.having(name, values) for name, values in filters.items() if values}
        kept = hit.copy()
        for of_facet in chosen.values():
            kept &= of_facet
        if chosen:
            inside = np.flatnonzero(kept.take(rows))
            docs, rows = docs.take(inside), rows.take(inside)
        shown = ranking.order(view, matched, docs, rows, kept, sort, offset + limit)[offset:]
        return Results(
            total_products=int(kept.sum()),
            total_pages=len(docs) - int(np.count_nonzero(view.titles.take(docs))),
            hits=ranking.hits(view, matched, shown, docs, rows),
            facets=ranking.facets(view, hit, chosen, filters),
            dropped=dropped,
            months=ranking.months(view.units.dates[kept]),
        )

    def pages(
        self,
        query: Query,
        *,
        allow: frozenset[str],
        units: UnitTable,
        product: int,
        all_versions: bool = False,
    ) -> tuple[PageHit, ...]:
        """Return every matching page of ``product``; see the port."""
        if not allow:
            return ()
        view = self._view(units, allow, all_versions=all_versions)
        query, _ = without_stop_words(query)
        matched = Scorer(view, self.scores).run(query)
        mine = np.flatnonzero(view.heads & (units.products == product))
        docs = np.flatnonzero(matched.mask & ~view.titles & np.isin(view.rows, mine))
        found = [ranking.page_hit(view, matched, int(doc)) for doc in docs]
        return tuple(sorted(found, key=lambda page: (page.file, page.number)))

    def count(
        self,
        queries: Sequence[Query],
        *,
        allow: frozenset[str],
        units: UnitTable,
        filters: Mapping[str, frozenset[str]] = NO_FILTERS,
    ) -> tuple[int, ...]:
        """Return how many products each query finds; see the port."""
        if not allow:
            return (0,) * len(queries)
        scorer = Scorer(self._view(units, allow), self.scores, scored=False)
        key = (scorer.view.serial, "count", frozenset(filters.items()))
        kept: Bools | None = None
        counts = []
        for query in queries:
            found = self.answers.get((*key, query))
            if found is None:
                kept = _kept(scorer.view, filters) if kept is None else kept
                hit = ranking.reached(scorer, without_stop_words(query)[0])
                found = Results(total_products=int((hit & kept).sum()))
                self.answers.put((*key, query), found, _size(found))
            counts.append(found.total_products)
        return tuple(counts)

    def spelling(
        self, words: Sequence[str], *, allow: frozenset[str], units: UnitTable
    ) -> dict[str, tuple[tuple[str, int], ...]]:
        """Return what words hardly found may be misspelt for; see the port."""
        if not allow:
            return {}
        scorer = Scorer(self._view(units, allow), self.scores)
        found = {word: beside.spelling(scorer, fold(word)) for word in words if correctable(fold(word))}
        return {word: offered for word, offered in found.items() if offered}

    def similar(
        self, product: int, *, allow: frozenset[str], units: UnitTable, limit: int = 5
    ) -> tuple[ProductHit, ...]:
        """Return the products most like one; see the port."""
        if not allow:
            return ()
        view = self._view(units, allow)
        matched = beside.similar(Scorer(view, self.scores), product)
        docs, rows, hit = ranking.found(view, matched)
        shown = ranking.order(view, matched, docs, rows, hit, "relevance", limit)
        return ranking.hits(view, matched, shown, docs, rows)

    def explain(self, query: Query, product: int, *, allow: frozenset[str], units: UnitTable) -> Explanation:
        """Return why a query finds a product; see the port."""
        if not allow:
            return Explanation()
        scorer = Scorer(self._view(units, allow), self.scores)
        return explaining.explain(without_stop_words(query)[0], beside.Product(scorer, product))


def _kept(view: View, filters: Mapping[str, frozenset[str]]) -> Bools:
    """Return the rows that a reader sees and ``filters`` let through."""
    kept = view.heads.copy()
    for name, values in filters.items():
        if values:
            kept &= view.units.having(name, values)
    return kept


def _size(results: Results) -> int:
    """Return about how many bytes an answer takes."""
    pages = sum(len(hit.pages) for hit in results.hits)
    counts = sum(len(of_facet) for of_facet in results.facets.values())
    return _PER_PART * (len(results.hits) + pages + counts + len(results.months))
