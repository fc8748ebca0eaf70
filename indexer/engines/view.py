"""The documents one reader may see, and the statistics of just these."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from indexer.engines.corpus import Corpus
    from indexer.units import UnitTable

    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]


@dataclass(slots=True, eq=False)
class View:
    """``rows[doc]`` is the row of the unit a visible document belongs to, else -1.

    ``count`` and ``mean`` are the number and mean length of visible pages, ``title_…`` of titles.
    """

    corpus: Corpus
    units: UnitTable
    heads: Bools
    rows: Ints
    count: int
    mean: float
    title_count: int
    title_mean: float
    frequencies: dict[tuple[str, str], int] = field(default_factory=dict)

    @classmethod
    def of(cls, corpus: Corpus, units: UnitTable, allow: frozenset[str], *, all_versions: bool) -> View:
        """Return what a reader of the classes ``allow`` sees of ``corpus``."""
        heads = units.heads(allow, all_versions=all_versions)
        files = _lookup(units.file_ids, units.file_rows, heads)
        titles = _lookup(units.units, np.arange(len(units.units), dtype=np.int64), heads)
        rows = np.full(corpus.size, -1, dtype=np.int64)
        for wanted, table in ((~corpus.titles, files), (corpus.titles, titles)):
            docs = np.flatnonzero(wanted & corpus.alive)
            owners = corpus.owners[docs]
            known = owners < len(table)
            rows[docs[known]] = table[owners[known]]
        pages = (rows >= 0) & ~corpus.titles
        title_docs = (rows >= 0) & corpus.titles
        return cls(
            corpus=corpus,
            units=units,
            heads=heads,
            rows=rows,
            count=int(pages.sum()),
            mean=_mean(corpus.lengths[pages]),
            title_count=int(title_docs.sum()),
            title_mean=_mean(corpus.lengths[title_docs]),
        )


def _lookup(ids: Ints, rows: Ints, heads: Bools) -> Ints:
    """Return an array from id to row, for visible rows; where several hold an id, the last in order."""
    if not len(ids):
        return np.full(0, -1, dtype=np.int64)
    table = np.full(int(ids.max()) + 1, -1, dtype=np.int64)
    visible = heads[rows]
    table[ids[visible]] = rows[visible]
    return table


def _mean(lengths: NDArray[np.float64]) -> float:
    # Whole numbers summed exactly: the mean must not depend on the order of documents.
    return float(lengths.sum() / len(lengths)) if len(lengths) else 1.0
