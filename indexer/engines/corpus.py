"""A commit of the index as arrays: documents in columns, postings decoded once and cached.

Segments never change, so what was decoded of one stays good over commits; deletions are a mask.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from indexer.engines import disk
from indexer.engines.cache import ByteCache
from indexer.engines.codec import blocks_of
from indexer.engines.fields import MAX_POSITION, TERMS
from indexer.engines.gist import unpacked
from indexer.engines.vocabulary import Vocabulary
from indexer.ports import IndexUnavailableError
from indexer.query import MAX_TERMS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray
    from whoosh.reading import SegmentReader

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

    def __init__(
        self,
        folder: Path,
        cache: ByteCache[Postings],
        words: ByteCache[Vocabulary] | None = None,
        damaged: Callable[[Path], None] | None = None,
    ) -> None:
        self.folder = folder
        self._damaged = damaged
        self.cache = cache
        self.words: ByteCache[Vocabulary] = ByteCache(0) if words is None else words
        self.commit, readers = disk.open_segments(folder)
        self._segments: list[_Segment] = []
        owners, pages, lengths, begins, ends, alive = [], [], [], [], [], []
        base = 0
        with disk.damage():
            for reader in readers:
                count = reader.doc_count_all()
                self._segments.append(_Segment(reader.segment().segment_id(), reader, base, threading.Lock()))
                owners.append(column(reader, "owner", count, 0))
                pages.append(column(reader, "page", count, 0))
                lengths.append(column(reader, "length", count, 1))
                begins.append(column(reader, "head", count, 0))
                ends.append(lengths[-1] - column(reader, "foot", count, 0))
                living = np.ones(count, dtype=np.bool_)
                living[sorted(reader.segment().deleted_docs())] = False
                alive.append(living)
                base += count
        self.size = base
        self.owners: Ints = np.concatenate(owners) if owners else _NONE
        self.pages: Ints = np.concatenate(pages) if pages else _NONE
        self.lengths: Floats = (np.concatenate(lengths) if lengths else _NONE).astype(np.float64)
        #: Between which positions that is read on from the page before and to the next.
        self.begins: Ints = np.concatenate(begins) if begins else _NONE
        self.ends: Ints = np.concatenate(ends) if ends else _NONE
        self.titles: Bools = self.pages == 0
        self.alive: Bools = np.concatenate(alive) if alive else np.zeros(0, dtype=np.bool_)

    def close(self) -> None:
        """Let the files go."""
        for segment in self._segments:
            segment.reader.close()

    def _tell(self) -> None:
        if self._damaged is not None:
            self._damaged(self.folder)

    @contextmanager
    def _reading(self, segment: _Segment) -> Iterator[None]:
        """Read from a segment, one thread at a time; damage found by it is told before it is raised."""
        try:
            with segment.lock, disk.damage():
                yield
        except IndexUnavailableError:
            self._tell()
            raise

    def read_all(self) -> None:
        """Read every posting of every term; raises ``IndexUnavailableError`` (damaged)."""
        everything = np.ones(self.size, dtype=np.bool_)
        for field, places in TERMS.items():
            for term in self.expand(field, ""):
                self.postings(field, term)
                if places:
                    self.keys(field, term, everything)

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
            # Places by number: picking by a mask takes several times as long.
            inside = np.flatnonzero(wanted.take(docs))
            if not len(inside):
                continue
            places = self._of_segment(segment, field, term, places=True).places
            counts = postings.counts
            ends = np.cumsum(counts, dtype=np.int64)
            if ends[-1] != len(places):
                self._tell()
                raise IndexUnavailableError("damaged")
            if len(inside) < len(docs):
                docs, counts = docs.take(inside), counts.take(inside)
                at = np.repeat(ends.take(inside) - np.cumsum(counts, dtype=np.int64), counts)
                at += np.arange(len(at))
                places = places.take(at)
            found.append(np.repeat(docs * STRIDE, counts) + places)
        if len(found) == 1:
            return found[0]
        return np.concatenate(found) if found else _NONE

    def _of_segment(self, segment: _Segment, field: str, term: str, *, places: bool) -> Postings:
        key = (segment.id, field, term, places)
        cached = self.cache.get(key)
        if cached is not None:
            return cached
        with self._reading(segment):
            decoded = _decode(segment.reader, field, term, places=places)
        self.cache.put(key, decoded, decoded.nbytes)
        return decoded

    def expand(self, field: str, prefix: str) -> list[str]:
        """Return every term of ``field`` that begins with ``prefix``, in order."""
        found: set[str] = set()
        for segment in self._segments:
            with self._reading(segment):
                found.update(term.decode() for term in segment.reader.expand_prefix(field, prefix.encode()))
        return sorted(found)

    def vocabularies(self, field: str) -> Iterable[Vocabulary]:
        """Yield the words of ``field``, segment by segment."""
        for segment in self._segments:
            key = (segment.id, field)
            found = self.words.get(key)
            if found is None:
                with self._reading(segment):
                    found = Vocabulary(term.decode() for term in segment.reader.expand_prefix(field, b""))
                self.words.put(key, found, found.nbytes)
            yield found

    def gists(self, docs: Ints) -> Iterable[tuple[str, int]]:
        """Yield (stem, how often) of what some documents are about."""
        for segment in self._segments:
            inside = docs[(docs >= segment.base) & (docs < segment.base + segment.reader.doc_count_all())]
            if len(inside):
                with self._reading(segment):
                    found = gists(segment.reader, inside - segment.base)
                for packed in found:
                    yield from unpacked(packed)

    @cached_property
    def following(self) -> NDArray[np.int32]:
        """The document of the next page of the same file, or -1, for each document."""
        following = np.full(self.size, -1, dtype=np.int32)
        docs = np.flatnonzero(self.alive & ~self.titles)
        docs = docs[np.lexsort((self.pages[docs], self.owners[docs]))]
        first, second = docs[:-1], docs[1:]
        next_page = (self.owners[first] == self.owners[second]) & (
            self.pages[first] + 1 == self.pages[second]
        )
        following[first[next_page]] = second[next_page]
        return following


def gists(reader: SegmentReader, docs: Ints) -> list[bytes]:
    """Return what each of ``docs`` of a segment is about, packed."""
    perdoc = reader._perdoc  # noqa: SLF001 - a reader of the column without a cache around it
    if not perdoc.has_column("gist"):
        return [b""] * len(docs)
    kept = perdoc.column_reader("gist", reader.schema["gist"].column_type)
    return [bytes(kept[doc]) for doc in docs.tolist()]


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
    terms = reader._terms  # noqa: SLF001 - Whoosh's own way to postings goes document by document
    if field not in reader.schema:
        return EMPTY
    info = terms._tindex.get(terms._keycoder(field, term.encode()))  # noqa: SLF001
    if info is None:
        return EMPTY
    blocks = list(blocks_of(terms._postfile, info))  # noqa: SLF001
    if places:
        return Postings(
            EMPTY.docs, EMPTY.counts, np.concatenate([each[2] for each in blocks]).astype(np.uint16)
        )
    docs = np.concatenate([docs for docs, _, _ in blocks])
    counts = np.concatenate([counts for _, counts, _ in blocks])
    if docs[0] < 0 or docs[-1] >= reader.doc_count_all() or (np.diff(docs) <= 0).any():
        raise ValueError(term)
    return Postings(docs.astype(np.int32), counts.astype(np.uint16), _NO_PLACES)
