"""Postings in large blocks of plain arrays, which NumPy takes over without a step a document.

Whoosh's own blocks hold 128 postings as pickled tuples: 1.1 µs a posting, most of a cold query.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from whoosh.codec.whoosh3 import W3Codec, W3LeafMatcher, W3PostingsWriter

if TYPE_CHECKING:
    from numpy.typing import NDArray

_BLOCK = 8192
_COMPRESSION = 1
#: Bytes of one position.
_PLACE = 2


class TermCodec(W3Codec):  # type: ignore[misc]  # untyped base
    """Whoosh's codec with other blocks. Its name is in every segment: see ``fields.SCHEMA_VERSION``."""

    def __init__(self) -> None:
        super().__init__(blocklimit=_BLOCK, compression=_COMPRESSION)

    def postings_writer(self, dbfile: Any, byteids: bool = False) -> Any:  # noqa: FBT001, FBT002 - Whoosh's signature
        """Return the writer of one field's postings."""
        return _Writer(dbfile, blocklimit=self._blocklimit, byteids=byteids, compression=self._compression)

    def postings_reader(
        self, dbfile: Any, terminfo: Any, format_: Any, term: Any = None, scorer: Any = None
    ) -> Any:
        """Return the postings of one term; none are kept with the term, Whoosh inlines less than one."""
        return BlockMatcher(dbfile, *terminfo.extent(), format_, term=term, scorer=scorer)


class _Writer(W3PostingsWriter):  # type: ignore[misc]  # untyped base
    def _mini_ids(self) -> bytes:
        return np.diff(np.array(self._ids, dtype="<u4"), prepend=np.uint32(0)).astype("<u4").tobytes()

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
