"""Postings in large blocks of plain arrays, which NumPy takes over without a step a document.

Whoosh's own blocks hold 128 postings as pickled tuples: 1.1 µs a posting, most of a cold query.
"""

from __future__ import annotations

import pickle
import struct
import zlib
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np
from whoosh.codec.whoosh3 import (
    WHOOSH3_HEADER_MAGIC,
    W3Codec,
    W3FieldWriter,
    W3LeafMatcher,
    W3PostingsWriter,
    W3TermInfo,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

#: Postings of a block.
BLOCK = 8192
_COMPRESSION = 1
#: Bytes of one position.
_PLACE = 2
#: Where the postings of a term lie, behind its statistics: offset and length.
_EXTENT = struct.Struct("!qi")
_LENGTH = struct.Struct("!i")
#: What a term's key begins with, the number of its field.
_FIELD = struct.Struct("!H")
#: Bytes from which packing pays: setting it up costs more than writing a short block.
_WORTH = 400


class TermCodec(W3Codec):  # type: ignore[misc]  # untyped base
    """Whoosh's codec with other blocks. Its name is in every segment: see ``fields.SCHEMA_VERSION``."""

    def __init__(self) -> None:
        super().__init__(blocklimit=BLOCK, compression=_COMPRESSION)

    def field_writer(self, storage: Any, segment: Any) -> Any:
        """Return the writer of a segment's terms, which also takes arrays."""
        return _TermWriter(self, storage, segment)

    def postings_writer(self, dbfile: Any, byteids: bool = False) -> Any:  # noqa: FBT001, FBT002 - Whoosh's signature
        """Return the writer of one field's postings."""
        return _Writer(dbfile, blocklimit=self._blocklimit, byteids=byteids, compression=self._compression)

    def postings_reader(
        self, dbfile: Any, terminfo: Any, format_: Any, term: Any = None, scorer: Any = None
    ) -> Any:
        """Return the postings of one term; none are kept with the term, Whoosh inlines less than one."""
        return BlockMatcher(dbfile, *terminfo.extent(), format_, term=term, scorer=scorer)


class _TermWriter(W3FieldWriter):  # type: ignore[misc]  # untyped base
    """Writes whole terms at once, the same bytes as Whoosh's writer, a tenth of its steps."""

    def add_term(self, term: bytes, docs: NDArray[np.int64], counts: bytes, places: bytes) -> None:
        """Add all postings of a term: documents ascending, the rest as ``blocks_of`` gives it."""
        if len(docs) <= BLOCK:
            steps = docs.astype("<u4")
            steps[1:] -= steps[:-1].copy()
            weights = np.frombuffer(counts, dtype="<f4")
            self.add_block(
                term,
                (int(docs[0]), int(docs[-1]), len(docs), float(weights.sum()), float(weights.max())),
                (steps.tobytes(), counts, places),
            )
            return
        weights = np.frombuffer(counts, dtype="<f4")
        blocks, at = [], 0
        for start in range(0, len(docs), BLOCK):
            part = slice(start, start + BLOCK)
            steps = docs[part].astype("<u4")
            steps[1:] -= steps[:-1].copy()
            end = at + int(weights[part].sum()) * _PLACE
            block = steps.tobytes(), weights[part].tobytes(), places[at:end]
            blocks.append((len(steps), int(docs[part][-1]), float(weights[part].max()), block))
            at = end
        about = int(docs[0]), int(docs[-1]), len(docs), float(weights.sum()), float(weights.max())
        self._put(term, about, blocks)

    def add_block(
        self, term: bytes, about: tuple[int, int, int, float, float], block: tuple[bytes, bytes, bytes]
    ) -> None:
        """Add a term that fits a block, ready to write; ``about``: first, last, number, sum and most."""
        _, last, number, _, most = about
        self._put(term, about, [(number, last, most, block)])

    def _put(
        self,
        term: bytes,
        about: tuple[int, int, int, float, float],
        blocks: list[tuple[int, int, float, tuple[bytes, bytes, bytes]]],
    ) -> None:
        parts = [WHOOSH3_HEADER_MAGIC]
        for place, (number, last, most, block) in enumerate(blocks, 1):
            data = pickle.dumps(block, 2)
            level = _COMPRESSION if len(data) >= _WORTH else 0
            if level:
                data = zlib.compress(data, level)
            head = pickle.dumps((number, last, most, level, 0, 0), 2)
            size = len(head) + len(data)
            parts += (_LENGTH.pack(-size if place == len(blocks) else size), head, data)
        written = b"".join(parts)
        offset = self._postfile.tell()
        self._postfile.write(written)
        first, last, number, total, most = about
        self._tindex.add(
            _FIELD.pack(self._fieldid) + term,
            W3TermInfo._struct.pack(0, total, number, 0, 0, most, first, last)  # noqa: SLF001
            + _EXTENT.pack(offset, len(written)),
        )


class _Writer(W3PostingsWriter):  # type: ignore[misc]  # untyped base
    def _mini_ids(self) -> bytes:
        steps = np.array(self._ids, dtype="<u4")
        steps[1:] -= steps[:-1].copy()
        return steps.tobytes()

    def _mini_weights(self) -> bytes:
        return np.array(self._weights, dtype="<f4").tobytes()

    def _mini_values(self) -> bytes:
        return b"".join(self._values)


class BlockMatcher(W3LeafMatcher):  # type: ignore[misc]  # untyped base
    """Whoosh's matcher over these blocks; ``docs``, ``counts`` and ``places`` give a block as arrays."""

    def docs(self) -> NDArray[np.int32]:
        """Return the documents of the block."""
        return np.cumsum(np.frombuffer(self._block()[0], dtype="<u4"), dtype=np.int64).astype(np.int32)

    def counts(self) -> NDArray[np.float32]:
        """Return how often each document of the block holds the term."""
        return np.frombuffer(self._block()[1], dtype="<f4").astype(np.float32)

    def places(self) -> NDArray[np.uint16]:
        """Return all positions in the block, document after document."""
        return np.frombuffer(self._block()[2], dtype="<u2").astype(np.uint16)

    def next_block(self) -> bool:
        """Go to the next block; returns False at the end."""
        self._next_block()
        return not self._atend

    def _block(self) -> tuple[bytes, bytes, bytes]:
        if self._data is None:
            self._read_data()
        data: tuple[bytes, bytes, bytes] = self._data
        return data

    def _read_ids(self) -> None:
        self._ids = self.docs().tolist()

    def _read_weights(self) -> None:
        self._weights = self.counts().tolist()

    def _read_values(self) -> None:
        values = self._block()[2]
        ends = (np.cumsum(self.counts()) * _PLACE).astype(np.int64).tolist()
        starts = [0, *ends[:-1]]
        self._values = [values[start:end] for start, end in zip(starts, ends, strict=True)]


def blocks_of(file: Any, info: bytes) -> Iterator[tuple[bytes, bytes, bytes]]:
    """Yield the blocks of a term: distances of documents, counts, places, as they lie in the file.

    ``info`` is what a segment keeps of the term. Twenty times faster than a matcher, whose construction
    costs more than reading a short block.
    """
    data = BytesIO(file.get(*_EXTENT.unpack_from(info, W3TermInfo._struct.size)))  # noqa: SLF001
    if data.read(len(WHOOSH3_HEADER_MAGIC)) != WHOOSH3_HEADER_MAGIC:
        raise ValueError(info)
    length = 1
    while length > 0:  # that of the last block is negative
        (length,) = _LENGTH.unpack(data.read(_LENGTH.size))
        end = data.tell() + abs(length)
        compressed = pickle.load(data)[3]  # noqa: S301 - our own file, as Whoosh reads it
        packed = data.read(end - data.tell())
        yield pickle.loads(zlib.decompress(packed) if compressed else packed)  # noqa: S301
