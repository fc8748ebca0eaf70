"""A commit of the index as arrays: documents in columns, postings decoded once and cached.

Segments never change, so what was decoded of one stays good over commits; deletions are a mask.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from indexer.engines import disk
from indexer.engines.fields import MAX_POSITION
from indexer.ports import IndexUnavailableError
from indexer.query import MAX_TERMS

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray
    from whoosh.reading import SegmentReader

    from indexer.engines.cache import ByteCache

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

#: Room for positions in a key that holds document and position, and for a phrase to reach beyond.
STRIDE = MAX_POSITION + 1 + 2 * MAX_TERMS
_NONE: Ints = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Postings:
    """Documents that hold a term, ascending, with how often; or, decoded apart, all its ``places``."""

    docs: NDArray[np.int32]
    counts: NDArray[np.uint16]
    places: NDArray[np.uint16]

    @property
    def nbytes(self) -> int:
        """Return the memory these arrays take."""
        return self.docs.nbytes + self.counts.nbytes + self.places.nbytes


_NO_PLACES = np.zeros(0, dtype=np.uint16)
#: A word counts so often on one page at most.
_MANY = 65_535
EMPTY = Postings(np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.uint16), _NO_PLACES)


@dataclass(slots=True)
class _Segment:
    """One segment with its columns; ``base`` is the number of its first document."""

    id: str
    reader: SegmentReader
    base: int
    lock: threading.Lock


class Corpus:
    """One commit. Thread-safe: readers are used under a lock, arrays are never written again."""

    def __init__(self, folder: Path, cache: ByteCache[Postings]) -> None:
        self.folder = folder
        self.cache = cache
        self.commit, readers = disk.open_segments(folder)
        self._segments: list[_Segment] = []
        owners, pages, lengths, alive = [], [], [], []
        base = 0
        with disk.damage():
            for reader in readers:
                count = reader.doc_count_all()
                self._segments.append(_Segment(reader.segment().segment_id(), reader, base, threading.Lock()))
                owners.append(column(reader, "owner", count, 0))
                pages.append(column(reader, "page", count, 0))
                lengths.append(column(reader, "length", count, 1))
                living = np.ones(count, dtype=np.bool_)
                living[sorted(reader.segment().deleted_docs())] = False
                alive.append(living)
                base += count
        self.size = base
        self.owners: Ints = np.concatenate(owners) if owners else _NONE
        self.pages: Ints = np.concatenate(pages) if pages else _NONE
        self.lengths: Floats = (np.concatenate(lengths) if lengths else _NONE).astype(np.float64)
        self.titles: Bools = self.pages == 0
        self.alive: Bools = np.concatenate(alive) if alive else np.zeros(0, dtype=np.bool_)

    def close(self) -> None:
        """Let the files go."""
        for segment in self._segments:
            segment.reader.close()

    def postings(self, field: str, term: str) -> Postings:
        """Return the postings of a term over all segments, deleted documents included."""
        found = [
            (segment.base, postings)
            for segment in self._segments
            if len((postings := self._of_segment(segment, field, term, places=False)).docs)
        ]
        if not found:
            return EMPTY
        if len(found) == 1 and found[0][0] == 0:
            return found[0][1]
        return Postings(
            np.concatenate([base + postings.docs for base, postings in found]),
            np.concatenate([postings.counts for _, postings in found]),
            _NO_PLACES,
        )

    def keys(self, field: str, term: str, wanted: Bools) -> Ints:
        """Return document × ``STRIDE`` + position of a term in the documents ``wanted``, ascending."""
        found: list[Ints] = []
        for segment in self._segments:
            postings = self._of_segment(segment, field, term, places=False)
            docs = postings.docs.astype(np.int64) + segment.base
            inside = wanted[docs]
            if not inside.any():
                continue
            places = self._of_segment(segment, field, term, places=True).places
            counts = postings.counts.astype(np.int64)
            if counts.sum() != len(places):
                raise IndexUnavailableError("damaged")
            if not inside.all():
                places = places[np.repeat(inside, counts)]
                docs, counts = docs[inside], counts[inside]
            found.append(np.repeat(docs * STRIDE, counts) + places)
        return np.concatenate(found) if found else _NONE

    def _of_segment(self, segment: _Segment, field: str, term: str, *, places: bool) -> Postings:
        key = (segment.id, field, term, places)
        cached = self.cache.get(key)
        if cached is not None:
            return cached
        with segment.lock, disk.damage():
            decoded = _decode(segment.reader, field, term, places=places)
        self.cache.put(key, decoded, decoded.nbytes)
        return decoded

    def expand(self, field: str, prefix: str) -> list[str]:
        """Return every term of ``field`` that begins with ``prefix``, in order."""
        found: set[str] = set()
        for segment in self._segments:
            with segment.lock, disk.damage():
                found.update(term.decode() for term in segment.reader.expand_prefix(field, prefix.encode()))
        return sorted(found)


def column(reader: SegmentReader, name: str, count: int, least: int) -> Ints:
    """Return a numeric column as an array, straight from its bytes; no value is below ``least``."""
    kind: Any = reader.schema[name].column_type
    width, code = (8, ">i8") if name == "owner" else (4, ">i4")
    values = np.zeros(count, dtype=np.int64)
    perdoc = reader._perdoc  # noqa: SLF001 - iterating a column costs a Python call a document
    if not perdoc.has_column(name):
        if count and least:
            raise ValueError(name)
        return values
    raw = perdoc.column_reader(name, kind)
    stored = min(count, raw._count)  # noqa: SLF001
    if stored:
        data = raw._dbfile.get(raw._basepos, stored * width)  # noqa: SLF001
        values[:stored] = np.frombuffer(data, dtype=code, count=stored)
    if count and values.min() < least:
        raise ValueError(name)
    return values


def _decode(reader: SegmentReader, field: str, term: str, *, places: bool) -> Postings:
    data = term.encode()
    terms = reader._terms  # noqa: SLF001 - Whoosh's own way to postings goes document by document
    if field not in reader.schema or (field, data) not in terms:
        return EMPTY
    matcher = terms.matcher(field, data, reader.schema[field].format)
    docs: list[NDArray[np.int32]] = []
    counts: list[NDArray[np.float32]] = []
    found: list[NDArray[np.uint16]] = []
    while True:
        if places:
            found.append(matcher.places())
        else:
            docs.append(matcher.docs())
            counts.append(matcher.counts())
        if not matcher.next_block():
            break
    if places:
        return Postings(EMPTY.docs, EMPTY.counts, np.concatenate(found))
    all_docs, all_counts = np.concatenate(docs), np.concatenate(counts)
    if all_docs[0] < 0 or all_docs[-1] >= reader.doc_count_all() or (np.diff(all_docs) <= 0).any():
        raise ValueError(term)
    return Postings(all_docs, np.minimum(all_counts, _MANY).astype(np.uint16), _NO_PLACES)
