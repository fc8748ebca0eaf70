"""The documents one reader may see, and the statistics of just these."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from indexer.engines import formula

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from indexer.engines.corpus import Corpus
    from indexer.units import UnitTable

    Ints = NDArray[np.int64]
    Small = NDArray[np.int32]
    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

_serials = itertools.count()


@dataclass(slots=True, eq=False)
class View:
    """Documents as a reader of some access classes sees them.

    The first ``corpus.size`` documents are those of the corpus. Where a file belongs to several visible
    units, its pages count once in each: such repeats follow, ``repeated`` names the document they repeat
    (ascending). ``rows[doc]`` is the row of the unit a visible document belongs to, else -1;
    ``norms`` is its length in BM25's denominator.
    """

    corpus: Corpus
    units: UnitTable
    heads: Bools
    rows: Small
    repeated: Ints
    titles: Bools
    visible: Bools
    norms: Floats
    count: int
    title_count: int
    serial: int = field(default_factory=lambda: next(_serials))

    @classmethod
    def of(cls, corpus: Corpus, units: UnitTable, allow: frozenset[str], *, all_versions: bool) -> View:
        """Return what a reader of the classes ``allow`` sees of ``corpus``."""
        heads = units.heads(allow, all_versions=all_versions)
        rows = np.full(corpus.size, -1, dtype=np.int32)
        firsts, more = _pairs(units, heads)
        own_rows = np.flatnonzero(heads)
        for docs, ids, of_ids in (
            (np.flatnonzero(corpus.alive & ~corpus.titles), *firsts),
            (np.flatnonzero(corpus.alive & corpus.titles), units.units[own_rows], own_rows),
        ):
            table = np.full(int(ids.max()) + 1 if len(ids) else 0, -1, dtype=np.int32)
            table[ids] = of_ids
            owners = corpus.owners[docs]
            known = owners < len(table)
            rows[docs[known]] = table[owners[known]]
        repeated, repeat_rows = _repeats(corpus, *more)
        rows = np.concatenate((rows, repeat_rows))
        titles, lengths = corpus.titles, corpus.lengths
        if len(repeated):
            titles = np.concatenate((titles, np.zeros(len(repeated), dtype=np.bool_)))
            lengths = np.concatenate((lengths, lengths[repeated]))
        visible: Bools = rows >= 0
        pages = visible & ~titles
        title_docs = visible & titles
        means = np.where(titles, _mean(lengths[title_docs]), _mean(lengths[pages]))
        return cls(
            corpus=corpus,
            units=units,
            heads=heads,
            rows=rows,
            repeated=repeated,
            titles=titles,
            visible=visible,
            norms=formula.K1 * (1.0 - formula.B + formula.B * lengths / means),
            count=int(pages.sum()),
            title_count=int(title_docs.sum()),
        )

    @property
    def size(self) -> int:
        """Return the number of documents, visible or not."""
        return len(self.rows)

    @property
    def nbytes(self) -> int:
        """Return the memory of the arrays that belong to this view alone."""
        return self.rows.nbytes + self.norms.nbytes + self.visible.nbytes + self.repeated.nbytes

    def seen(self, docs: Ints, counts: Floats) -> tuple[Ints, Floats]:
        """Return the visible of ``docs`` (ascending, of the corpus), repeats included, and their counts."""
        inside = np.flatnonzero(self.visible.take(docs))  # picking by a mask takes several times as long
        found, held = docs, counts
        if len(inside) < len(docs):
            found, held = docs.take(inside), counts.take(inside)
        if not len(self.repeated) or not len(docs):
            return found, held
        places = np.minimum(np.searchsorted(docs, self.repeated), len(docs) - 1)
        again = np.flatnonzero(docs[places] == self.repeated)
        return (
            np.concatenate((found, self.corpus.size + again)),
            np.concatenate((held, counts[places[again]])),
        )

    def originals(self, docs: Ints) -> Ints:
        """Return the documents of the corpus that ``docs`` are or repeat."""
        again = docs >= self.corpus.size
        found = docs.copy()
        found[again] = self.repeated[docs[again] - self.corpus.size]
        return found

    def number(self, doc: int) -> tuple[int, int]:
        """Return (file, page) of a document."""
        if doc >= self.corpus.size:
            doc = int(self.repeated[doc - self.corpus.size])
        return int(self.corpus.owners[doc]), int(self.corpus.pages[doc])


def _pairs(units: UnitTable, heads: Bools) -> tuple[tuple[Ints, Ints], tuple[Ints, Ints]]:
    """Return (files, rows) of visible units: one row for each file, and what is left over."""
    visible = heads[units.file_rows] if len(heads) else np.zeros(0, dtype=np.bool_)
    ids, rows = units.file_ids[visible], units.file_rows[visible]
    order = np.lexsort((rows, ids))
    ids, rows = ids[order], rows[order]
    same_file = np.r_[False, ids[1:] == ids[:-1]] if len(ids) else np.zeros(0, dtype=np.bool_)
    twice = np.r_[False, same_file[1:] & (rows[1:] == rows[:-1])] if len(ids) else same_file
    return (ids[~same_file], rows[~same_file]), (ids[same_file & ~twice], rows[same_file & ~twice])


def _repeats(corpus: Corpus, files: Ints, rows: Ints) -> tuple[Ints, Small]:
    """Return the documents of ``files`` once more, ascending, with the row each counts in."""
    if not len(files):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int32)
    docs = np.flatnonzero(corpus.alive & ~corpus.titles)
    docs = docs[np.argsort(corpus.owners[docs], kind="stable")]
    owners = corpus.owners[docs]
    starts = np.searchsorted(owners, files, side="left")
    lengths = np.searchsorted(owners, files, side="right") - starts
    before = np.cumsum(lengths) - lengths
    places = np.arange(int(lengths.sum())) + np.repeat(starts - before, lengths)
    repeated, of_rows = docs[places], np.repeat(rows, lengths)
    order = np.argsort(repeated, kind="stable")
    return repeated[order], of_rows[order].astype(np.int32)


def _mean(lengths: Floats) -> float:
    # Whole numbers summed exactly: the mean must not depend on the order of documents.
    return float(lengths.sum() / len(lengths)) if len(lengths) else 1.0
