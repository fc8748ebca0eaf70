"""Segments read where they lie in the memory map.

Whoosh maps a segment, then copies every file in it to the heap: 400 MB for 100,000 pages, in each
process and again for every commit. Importing this module replaces that for all of Whoosh.
"""

from __future__ import annotations

import os
from typing import Any

from whoosh.codec import base
from whoosh.filedb.compound import CompoundStorage
from whoosh.filedb.structfile import BufferFile


class _View:
    """The part of a file's interface that Whoosh and pickle use, over a view of the map."""

    def __init__(self, buffer: memoryview) -> None:
        self._buffer = buffer
        self._at = 0

    def read(self, size: int = -1) -> bytes:
        end = len(self._buffer) if size < 0 else self._at + size
        data = bytes(self._buffer[self._at : end])
        self._at += len(data)
        return data

    def readline(self) -> bytes:
        found = bytearray()
        while (byte := self.read(1)) and not found.endswith(b"\n"):
            found += byte
            if byte == b"\n":
                break
        return bytes(found)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: len(self._buffer)}[whence]
        self._at = max(0, start + offset)
        return self._at

    def tell(self) -> int:
        return self._at

    def close(self) -> None:
        self._buffer = memoryview(b"")


class _MappedFile(BufferFile):  # type: ignore[misc]  # untyped base
    def __init__(self, buffer: memoryview, name: str) -> None:
        super().__init__(b"", name=name)
        self._buf = buffer
        self.file = _View(buffer)


class _MappedSegment(CompoundStorage):  # type: ignore[misc]  # untyped base
    def open_file(self, name: str, *args: Any, **kwargs: Any) -> Any:
        if self._source is None:
            return super().open_file(name, *args, **kwargs)
        offset, length = self.range(name)
        return _MappedFile(memoryview(self._source)[offset : offset + length], name)


def _open_compound_file(segment: Any, storage: Any) -> CompoundStorage:
    file = storage.open_file(segment.make_filename(segment.COMPOUND_EXT))
    try:
        return _MappedSegment(file, use_mmap=storage.supports_mmap)
    except BaseException:
        if not file.is_closed:
            file.close()
        raise


base.Segment.open_compound_file = _open_compound_file
