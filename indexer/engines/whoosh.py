"""The default engine: Whoosh keeps the index, NumPy scores over its postings."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import numpy as np

from indexer.analysis import fold
from indexer.engines import beside, disk, explaining, formula, store
from indexer.engines.cache import ByteCache
from indexer.engines.corpus import Corpus, Postings
from indexer.engines.phrases import firsts
from indexer.engines.scoring import Few, Scorer
from indexer.engines.view import View
from indexer.ports import (
    FACETS,
    NO_FILTERS,
    PAGES_PER_PRODUCT,
    Explanation,
    Extent,
    FacetCount,
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
    from indexer.engines.scoring import Matched
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
        docs, rows, hit = _found(view, matched)
        chosen = {name: units.having(name, values) for name, values in filters.items() if values}
        kept = hit.copy()
        for of_facet in chosen.values():
            kept &= of_facet
        if chosen:
            inside = np.flatnonzero(kept.take(rows))
            docs, rows = docs.take(inside), rows.take(inside)
        shown = _order(view, matched, docs, rows, kept, sort, offset + limit)[offset:]
        return Results(
            total_products=int(kept.sum()),
            total_pages=len(docs) - int(np.count_nonzero(view.titles.take(docs))),
            hits=_hits(view, matched, shown, docs, rows),
            facets=_facets(view, hit, chosen, filters),
            dropped=dropped,
            months=_months(view.units.dates[kept]),
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
        found = [_page(view, matched, int(doc)) for doc in docs]
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
                _, _, hit = _found(scorer.view, scorer.run(without_stop_words(query)[0]))
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
        docs, rows, hit = _found(view, matched)
        shown = _order(view, matched, docs, rows, hit, "relevance", limit)
        return _hits(view, matched, shown, docs, rows)

    def explain(self, query: Query, product: int, *, allow: frozenset[str], units: UnitTable) -> Explanation:
        """Return why a query finds a product; see the port."""
        if not allow:
            return Explanation()
        scorer = Scorer(self._view(units, allow), self.scores)
        return explaining.explain(without_stop_words(query)[0], beside.Product(scorer, product))


def _found(view: View, matched: Matched) -> tuple[Ints, Ints, Bools]:
    """Return the documents that match, the row of each, and which rows have any."""
    docs = np.flatnonzero(matched.mask)
    rows = view.rows.take(docs).astype(np.int64)
    hit = np.zeros(len(view.heads), dtype=np.bool_)
    hit[rows] = True
    return docs, rows, hit


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


def _months(dates: Ints) -> tuple[tuple[int, int], ...]:
    """Return (yyyymm, how many) of ``dates`` (yyyymmdd)."""
    if not len(dates):
        return ()
    months = dates // 10_000 * 12 + dates // 100 % 100
    first = int(months.min())
    counts = np.bincount(months - first)
    some = np.flatnonzero(counts)
    return tuple(
        ((month - 1) // 12 * 100 + (month - 1) % 12 + 1, count)
        for month, count in zip((some + first).tolist(), counts[some].tolist(), strict=True)
    )


def _order(
    view: View,
    matched: Matched,
    docs: Ints,
    rows: Ints,
    kept: Bools,
    sort: str,
    wanted: int,
) -> list[tuple[int, float]]:
    """Return the first ``wanted`` (row, score), best or newest first."""
    candidates = np.flatnonzero(kept)
    newest = -view.units.dates
    best = np.zeros(len(kept), dtype=np.float64)
    if sort == "relevance":
        np.maximum.at(best, rows, matched.scores.take(docs))
    if not best.any():
        # Of one day, in the order of the table.
        some = candidates[np.argsort(newest[candidates], kind="stable")[:wanted]]
        return list(zip(some.tolist(), _fold(view, matched, docs, rows, some).tolist(), strict=True))
    count = 4 * wanted + 100
    while True:
        some = candidates
        if count < len(candidates):
            some = candidates[np.argpartition(-best[candidates], count)[:count]]
        scores = _fold(view, matched, docs, rows, some)
        order = np.lexsort((some, newest[some], -scores))
        if len(some) == len(candidates):
            break
        # No product left out can reach the last one shown: its pages are all below the worst best page in.
        ceiling = float(best[some].min()) * (sum(formula.DECAY) + formula.TITLE)
        if ceiling < float(scores[order[wanted - 1]]):
            break
        count *= 4
    first = order[:wanted]
    return list(zip(some[first].tolist(), scores[first].tolist(), strict=True))


def _fold(view: View, matched: Matched, docs: Ints, rows: Ints, some: Ints) -> Floats:
    """Return the score of every row in ``some``: its best pages in falling shares, and its title."""
    place_of = np.full(len(view.heads), -1, dtype=np.int32)
    place_of[some] = np.arange(len(some))
    places = place_of.take(rows)
    inside = np.flatnonzero(places >= 0)
    docs, places = docs.take(inside), places.take(inside)
    scores, titles = matched.scores.take(docs), view.titles.take(docs)
    total = np.zeros(len(some), dtype=np.float64)
    # Best first within a row: added in this order, a sum is the same whatever numbers documents have.
    pages = np.flatnonzero(~titles)
    order = pages.take(np.argsort(-scores.take(pages)))
    # Numbers of two bytes are sorted without comparing them.
    narrow = np.uint16 if len(some) <= np.iinfo(np.uint16).max else np.int32
    order = order.take(np.argsort(places.take(order).astype(narrow), kind="stable"))
    of_row = places.take(order)
    starts = firsts(of_row)
    rank = np.arange(len(of_row))
    rank -= np.repeat(starts, np.diff(starts, append=len(of_row)))
    for position, share in enumerate(formula.DECAY):
        at = np.flatnonzero(rank == position)
        total[of_row.take(at)] += share * scores.take(order.take(at))
    total[places[titles]] += formula.TITLE * scores[titles]
    return total


def _hits(
    view: View, matched: Matched, shown: Sequence[tuple[int, float]], docs: Ints, rows: Ints
) -> tuple[ProductHit, ...]:
    """Return the products ``shown`` (row, score) with their pages, of the documents that match."""
    wanted = np.zeros(len(view.heads), dtype=np.bool_)
    wanted[[row for row, _ in shown]] = True
    inside = np.flatnonzero(wanted.take(rows) & ~view.titles.take(docs))
    pages: dict[int, list[PageHit]] = {row: [] for row, _ in shown}
    for row, doc in zip(rows.take(inside).tolist(), docs.take(inside).tolist(), strict=True):
        pages[row].append(_page(view, matched, doc))
    for of_row in pages.values():
        of_row.sort(key=lambda page: (-page.score, page.file, page.number))
    return tuple(
        ProductHit(
            product=int(view.units.products[row]),
            unit=int(view.units.units[row]),
            score=score,
            pages=tuple(pages[row][:PAGES_PER_PRODUCT]),
            more=max(0, len(pages[row]) - PAGES_PER_PRODUCT),
        )
        for row, score in shown
    )


def _page(view: View, matched: Matched, doc: int) -> PageHit:
    return PageHit(*view.number(doc), float(matched.scores[doc]))


def _facets(
    view: View, hit: Bools, chosen: Mapping[str, Bools], filters: Mapping[str, frozenset[str]]
) -> dict[str, tuple[FacetCount, ...]]:
    """Count products by value; see ``FacetCount``."""
    counted: dict[str, tuple[FacetCount, ...]] = {}
    for name in FACETS:
        rows = hit.copy()
        for other, of_facet in chosen.items():
            if other != name:
                rows &= of_facet
        selected = filters.get(name, frozenset())
        counts = dict.fromkeys(selected, 0)
        if (facet := view.units.facets.get(name)) is not None:
            counted_rows = rows.take(facet.rows)
            if name in chosen:
                counted_rows &= facet.among(selected).take(facet.codes) | ~chosen[name].take(facet.rows)
            held = np.bincount(facet.codes.take(np.flatnonzero(counted_rows)), minlength=len(facet.values))
            codes = np.flatnonzero(held)
            counts |= zip([facet.values[code] for code in codes.tolist()], held[codes].tolist(), strict=True)
        ranked = sorted([(-count, value) for value, count in counts.items()])
        counted[name] = tuple([FacetCount(value, -count, value in selected) for count, value in ranked])
    return counted
