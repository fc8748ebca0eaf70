"""Postings in large blocks of plain arrays, which NumPy takes over without a step a document.

Whoosh's own blocks hold 128 postings as pickled tuples: 1.1 µs a posting, most of a cold query. In ours,
numbers are as narrow as the block allows and only counts, mostly ones, are packed: to unpack the others
takes longer than to read what they save. Each block carries its checksum.
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
    W3TermInfo,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Numbers = NDArray[np.unsignedinteger[Any]]

#: Postings of a block.
BLOCK = 8192
#: Times that a word counts on one page at most: counts and positions are given as numbers of two bytes.
MANY = 65_535
_PLACE, _STEP = 2, 4
_KINDS = {1: "<u1", 2: "<u2", 4: "<u4"}
#: Where the postings of a term lie, behind its statistics: offset and length.
_EXTENT = struct.Struct("!qi")
_LENGTH = struct.Struct("!i")
#: What a term's key begins with, the number of its field.
_FIELD = struct.Struct("!H")
#: Bytes from which narrowing pays: setting it up costs more than writing a short block.
_WORTH = 400
_COMPRESSION = 1


class TermCodec(W3Codec):  # type: ignore[misc]  # untyped base
    """Whoosh's codec with other blocks. Its name is in every segment: see ``fields.SCHEMA_VERSION``."""

    def field_writer(self, storage: Any, segment: Any) -> Any:
        """Return the writer of a segment's terms, which also takes arrays."""
        return _TermWriter(self, storage, segment)


class _TermWriter(W3FieldWriter):  # type: ignore[misc]  # untyped base
    """Writes whole terms at once, the same bytes as Whoosh's writer, a tenth of its steps."""

    def add_term(self, term: bytes, docs: NDArray[np.int64], counts: bytes, places: bytes) -> None:
        """Add all postings of a term: documents ascending, how often in each, and all its positions."""
        weights = np.frombuffer(counts, dtype="<u2")
        if len(docs) <= BLOCK:
            steps = docs.astype("<u4")
            steps[1:] -= steps[:-1].copy()
            self.add_block(
                term,
                (int(docs[0]), int(docs[-1]), len(docs), float(weights.sum()), float(weights.max())),
                (steps.tobytes(), counts, places),
            )
            return
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
        for at, (number, last, most, block) in enumerate(blocks, 1):
            steps, counts, places = block
            packed = int(len(steps) + len(counts) + len(places) >= _WORTH)
            if packed:
                # Only steps: where they begin is told by the last document, and would widen them all.
                steps = _narrowed(bytes(_STEP) + steps[_STEP:], _STEP)
                counts = zlib.compress(_narrowed(counts, _PLACE), _COMPRESSION)
                block = steps, counts, _narrowed(places, _PLACE)  # noqa: PLW2901
            data = pickle.dumps(block, 2)
            head = pickle.dumps((number, last, most, packed, zlib.crc32(data), 0), 2)
            size = len(head) + len(data)
            parts += (_LENGTH.pack(-size if at == len(blocks) else size), head, data)
        written = b"".join(parts)
        offset = self._postfile.tell()
        self._postfile.write(written)
        first, last, number, total, most = about
        self._tindex.add(
            _FIELD.pack(self._fieldid) + term,
            W3TermInfo._struct.pack(0, total, number, 0, 0, most, first, last)  # noqa: SLF001
            + _EXTENT.pack(offset, len(written)),
        )


def blocks_of(file: Any, info: bytes) -> Iterator[tuple[NDArray[np.int64], Numbers, Numbers]]:
    """Yield the blocks of a term: documents, how often in each, all positions; these as narrow as they were kept.

    ``info`` is what a segment keeps of the term. Raises ``ValueError`` where a block is not as it was written.
    """
    data = BytesIO(file.get(*_EXTENT.unpack_from(info, W3TermInfo._struct.size)))  # noqa: SLF001
    if data.read(len(WHOOSH3_HEADER_MAGIC)) != WHOOSH3_HEADER_MAGIC:
        raise ValueError(info)
    length = 1
    while length > 0:  # that of the last block is negative
        (length,) = _LENGTH.unpack(data.read(_LENGTH.size))
        end = data.tell() + abs(length)
        number, last, _, packed, check, _ = pickle.load(data)  # noqa: S301 - our own file, as Whoosh reads it
        block = data.read(end - data.tell())
        if zlib.crc32(block) != check:
            raise ValueError(info)
        steps, counts, places = pickle.loads(block)  # noqa: S301
        docs = np.cumsum(_numbers(steps, number), dtype=np.int64)
        docs += last - docs[-1]
        often = _numbers(zlib.decompress(counts) if packed else counts, number)
        yield docs, often, _numbers(places, int(often.sum()))


def _narrowed(data: bytes, width: int) -> bytes:
    """Return numbers of ``width`` bytes in as few bytes each as the largest needs."""
    numbers = np.frombuffer(data, dtype=_KINDS[width])
    largest = int(numbers.max()) if len(numbers) else 0
    kind = next(kind for kind in _KINDS.values() if largest <= np.iinfo(kind).max)
    return numbers.astype(kind).tobytes()


def _numbers(data: bytes, number: int) -> Numbers:
    """Return so many numbers, whose width their bytes tell; none of a field without places."""
    width, rest = divmod(len(data), number)
    if rest or (width and width not in _KINDS):
        raise ValueError(number)
    return np.frombuffer(data, dtype=_KINDS[width or _PLACE])
