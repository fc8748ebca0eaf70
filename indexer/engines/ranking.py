"""From documents that match to what an answer says of products: order, hits, facets, months."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from indexer.engines import formula
from indexer.engines.phrases import firsts
from indexer.engines.scoring import Few
from indexer.ports import FACETS, PAGES_PER_PRODUCT, FacetCount, PageHit, ProductHit
from indexer.query import Occur

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from indexer.engines.scoring import Matched, Scorer
    from indexer.engines.view import View
    from indexer.query import Query

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]


def found(view: View, matched: Matched) -> tuple[Ints, Ints, Bools]:
    """Return the documents that match, the row of each, and which rows have any."""
    docs = np.flatnonzero(matched.mask)
    rows = view.rows.take(docs).astype(np.int64)
    hit = np.zeros(len(view.heads), dtype=np.bool_)
    hit[rows] = True
    return docs, rows, hit


def reached(scorer: Scorer, query: Query) -> Bools:
    """Return which rows have a document that ``query`` finds."""
    if len(query.clauses) == 1 and query.clauses[0].occur is not Occur.NOT:
        single = scorer.node(query.clauses[0].node)
        if isinstance(single, Few):
            hit = np.zeros(len(scorer.view.heads), dtype=np.bool_)
            hit[scorer.view.rows.take(single.docs)] = True
            return hit
    return found(scorer.view, scorer.run(query))[2]


def months(dates: Ints) -> tuple[tuple[int, int], ...]:
    """Return (yyyymm, how many) of ``dates`` (yyyymmdd), in order."""
    if not len(dates):
        return ()
    found = dates // 100
    first = int(found.min())
    counts = np.bincount(found - first)
    some = np.flatnonzero(counts)
    return tuple(zip((some + first).tolist(), counts[some].tolist(), strict=True))


def order(
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
        ranked = np.lexsort((some, newest[some], -scores))
        if len(some) == len(candidates):
            break
        # No product left out can reach the last one shown: its pages are all below the worst best page in.
        ceiling = float(best[some].min()) * (sum(formula.DECAY) + formula.TITLE)
        if ceiling < float(scores[ranked[wanted - 1]]):
            break
        count *= 4
    first = ranked[:wanted]
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
    best_first = pages.take(np.argsort(-scores.take(pages)))
    # Numbers of two bytes are sorted without comparing them.
    narrow = np.uint16 if len(some) <= np.iinfo(np.uint16).max else np.int32
    best_first = best_first.take(np.argsort(places.take(best_first).astype(narrow), kind="stable"))
    of_row = places.take(best_first)
    starts = firsts(of_row)
    rank = np.arange(len(of_row))
    rank -= np.repeat(starts, np.diff(starts, append=len(of_row)))
    for position, share in enumerate(formula.DECAY):
        at = np.flatnonzero(rank == position)
        total[of_row.take(at)] += share * scores.take(best_first.take(at))
    total[places[titles]] += formula.TITLE * scores[titles]
    return total


def hits(
    view: View, matched: Matched, shown: Sequence[tuple[int, float]], docs: Ints, rows: Ints
) -> tuple[ProductHit, ...]:
    """Return the products ``shown`` (row, score) with their pages, of the documents that match."""
    wanted = np.zeros(len(view.heads), dtype=np.bool_)
    wanted[[row for row, _ in shown]] = True
    inside = np.flatnonzero(wanted.take(rows) & ~view.titles.take(docs))
    pages: dict[int, list[PageHit]] = {row: [] for row, _ in shown}
    for row, doc in zip(rows.take(inside).tolist(), docs.take(inside).tolist(), strict=True):
        pages[row].append(page_hit(view, matched, doc))
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


def page_hit(view: View, matched: Matched, doc: int) -> PageHit:
    """Return a page that matches, with its score."""
    return PageHit(*view.number(doc), float(matched.scores[doc]))


def facets(
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
