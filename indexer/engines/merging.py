"""Merging of segments, aside and in small steps, so that commits and searches go on meanwhile.

Whoosh merges inside a commit: every posting by itself, then all of them sorted. Here the terms of the
segments, which are in order already, are joined one after the other with their postings as arrays.
"""

from __future__ import annotations

import heapq
import itertools
import math
import shutil
import time
from collections import defaultdict
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import numpy as np
from whoosh.reading import SegmentReader

from indexer.engines import disk
from indexer.engines.codec import TermCodec, blocks_of
from indexer.engines.corpus import column, gists

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

#: Segments of about one size that are merged once there are so many.
FANOUT = 4
#: Segments with fewer documents count as of one size; those above, as of one size up to ``_GROWTH`` times it.
SMALL = 512
_GROWTH = 8
#: Share of deleted documents from which a segment is written anew without them.
WORN = 0.5
#: Segments above which merging cannot wait: each adds about 0.4 ms to a query, 3 % of one over one segment.
MOST = 16
#: Documents whose columns are written in one step.
_DOCUMENTS = 500
_COLUMNS = {"owner": 0, "page": 0, "length": 1, "head": 0, "foot": 0}


def choose(segments: Sequence[Any], *, forced: bool = False) -> list[Any]:
    """Return the segments to merge next; none when all is in order.

    A tier that is full goes whole, the smallest first, so a document is rewritten about once a tier;
    then a segment that is half deleted. When ``forced``, the smallest: what lowers the number soonest.
    """
    if forced:
        return sorted(segments, key=_alive)[: MOST // 2]
    tiers: defaultdict[int, list[Any]] = defaultdict(list)
    for segment in segments:
        tiers[_tier(_alive(segment))].append(segment)
    for _, tier in sorted(tiers.items()):
        if len(tier) >= FANOUT:
            return tier
    worn = [each for each in segments if each.deleted_count() >= WORN * each.doc_count_all()]
    return sorted(worn, key=_alive)[:1]


def _tier(documents: int) -> int:
    return 0 if documents < SMALL else 1 + math.floor(math.log(documents / SMALL, _GROWTH))


def _alive(segment: Any) -> int:
    return int(segment.doc_count())


class Merge:
    """One merge under way. Its segments stay in force until ``put_in`` replaces them in a commit's list.

    ``folder`` is the generation, ``aside`` a folder of the same file system that this merge has for itself.
    """

    def __init__(
        self, folder: Path, schema: Any, segments: Sequence[Any], aside: Path, *, forced: bool
    ) -> None:
        self.aside = aside
        self.forced = forced
        self._storage = disk.SyncedStorage(aside)
        self._schema = schema
        self._old = list(segments)
        self._kept: list[Ints] = []
        self._segment = TermCodec().new_segment(self._storage, disk.NAME)
        self._source = disk.SyncedStorage(folder)
        # At once: a commit takes the files of a segment away when all in it is deleted.
        with disk.damage(self._source):
            self._readers = [SegmentReader(self._source, schema, segment) for segment in self._old]
        aside.mkdir()
        self._steps = self._run()

    @property
    def ids(self) -> set[str]:
        """Return the segments that are merged."""
        return {segment.segment_id() for segment in self._old}

    def step(self, until: float) -> bool:
        """Go on until a time of the monotonic clock; True when all is written and synced.

        Raises ``IndexUnavailableError`` (damaged).
        """
        with disk.damage():
            for _ in self._steps:
                if time.monotonic() >= until:
                    return False
        return True

    def put_in(self, segments: Sequence[Any], folder: Path) -> list[Any]:
        """Move the new segment to ``folder`` and return ``segments`` with it in place of the merged.

        What was deleted of these since the merge began is deleted in the new one.
        """
        now = {segment.segment_id(): segment for segment in segments}
        for old, places in zip(self._old, self._kept, strict=True):
            segment = now.get(old.segment_id())
            gone = range(len(places)) if segment is None else sorted(segment.deleted_docs())
            for place in places[gone].tolist():
                if place >= 0:
                    self._segment.delete_document(place)
        kept = [segment for segment in segments if segment.segment_id() not in self.ids]
        if not _alive(self._segment):
            return kept
        name = self._segment.make_filename(self._segment.COMPOUND_EXT)
        (self.aside / name).replace(folder / name)
        return [*kept, self._segment]

    def close(self) -> None:
        """Let the files go, and remove what is aside."""
        self._steps.close()
        for reader in self._readers:
            reader.close()
        self._source.abandon()
        self._storage.abandon()
        shutil.rmtree(self.aside, ignore_errors=True)

    def _run(self) -> Generator[None]:
        yield from self._documents()
        if not self._segment.doc_count_all():
            return
        yield from self._terms()
        self._segment.create_compound_file(self._storage)
        yield
        disk.sync(self.aside / self._segment.make_filename(self._segment.COMPOUND_EXT))

    def _documents(self) -> Iterator[None]:
        writer = TermCodec().per_document_writer(self._storage, self._segment)
        done = 0
        for reader in self._readers:
            count = reader.doc_count_all()
            alive = np.ones(count, dtype=np.bool_)
            alive[sorted(reader.segment().deleted_docs())] = False
            self._kept.append(np.where(alive, done + np.cumsum(alive) - 1, -1))
            values = [column(reader, name, count, least)[alive].tolist() for name, least in _COLUMNS.items()]
            values.append(gists(reader, np.flatnonzero(alive)))
            for row in zip(*values, strict=True):
                writer.start_doc(done)
                for name, value in zip((*_COLUMNS, "gist"), row, strict=True):
                    writer.add_column_value(name, self._schema[name].column_type, value)
                writer.finish_doc()
                done += 1
                if done % _DOCUMENTS == 0:
                    yield
        writer.close()
        self._segment.set_doc_count(done)

    def _terms(self) -> Iterator[None]:
        writer = TermCodec().field_writer(self._storage, self._segment)
        found = heapq.merge(*(_terms_of(reader, number) for number, reader in enumerate(self._readers)))
        for field, of_field in itertools.groupby(found, itemgetter(0)):
            writer.start_field(field, self._schema[field])
            for term, of_term in itertools.groupby(of_field, itemgetter(1)):
                parts = [self._postings(number, info) for _, _, number, info in of_term]
                docs = np.concatenate([part[0] for part in parts])
                if len(docs):
                    writer.add_term(
                        term,
                        docs,
                        b"".join([part[1] for part in parts]),
                        b"".join([part[2] for part in parts]),
                    )
                yield
            writer.finish_field()
        writer.close()
        yield

    def _postings(self, number: int, info: bytes) -> tuple[Ints, bytes, bytes]:
        """Return the postings of a term in a segment, by the documents' new numbers, deleted ones left out."""
        kept = self._kept[number]
        found = []
        for old, counts, places in blocks_of(self._readers[number]._terms._postfile, info):  # noqa: SLF001
            docs = kept[old]
            if self._old[number].has_deletions():
                alive = docs >= 0
                docs = docs[alive]
                places = places[np.repeat(alive, counts)] if len(places) else places  # noqa: PLW2901
                counts = counts[alive]  # noqa: PLW2901
            found.append((docs, counts.astype("<u2").tobytes(), places.astype("<u2").tobytes()))
        if len(found) == 1:
            return found[0]
        return (
            np.concatenate([docs for docs, _, _ in found]),
            b"".join([counts for _, counts, _ in found]),
            b"".join([places for _, _, places in found]),
        )


def _terms_of(reader: SegmentReader, number: int) -> Iterator[tuple[str, bytes, int, bytes]]:
    """Yield (field, term, ``number``, what is kept of the term) in order of field and term."""
    terms = reader._terms  # noqa: SLF001 - Whoosh's own ways decode more of each term than is needed
    for key, info in terms._tindex.items():  # noqa: SLF001
        yield terms._fieldunmap[key[0] << 8 | key[1]], key[2:], number, info  # noqa: SLF001
