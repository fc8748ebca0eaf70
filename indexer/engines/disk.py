"""Whoosh's files, made safe: synced before they count, and known when they are damaged.

A table of contents ends with its checksum, because Whoosh unpickles it: one flipped bit in a number
would otherwise ask for gigabytes.
"""

from __future__ import annotations

import errno
import os
import struct
import time
import zlib
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from whoosh import index
from whoosh.filedb.filestore import FileStorage
from whoosh.reading import SegmentReader

from indexer.engines import mapping  # noqa: F401 - replaces how Whoosh opens segments
from indexer.ports import IndexUnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

#: Whoosh's name of the index in a folder; every file of it begins so.
NAME = "MAIN"
_CHECKSUM = struct.Struct("<I")
#: A writer that commits takes files away under a reader that opens them; it then tries again.
_TRIES = 8
_PAUSE = 0.01


class SyncedStorage(FileStorage):  # type: ignore[misc]  # untyped base
    """Whoosh never syncs: here everything written is on disk before a table of contents names it."""

    def __init__(self, folder: Path) -> None:
        super().__init__(str(folder))
        self._opened: list[Any] = []

    def open_file(self, name: str, **kwargs: Any) -> Any:
        """Open a file to read, and remember it for ``abandon``."""
        self._opened.append(super().open_file(name, **kwargs))
        return self._opened[-1]

    def create_file(self, name: str, *args: Any, **kwargs: Any) -> Any:
        """Open a file to write, and remember it for ``abandon``."""
        self._opened.append(super().create_file(name, *args, **kwargs))
        return self._opened[-1]

    def abandon(self) -> None:
        """Close what Whoosh left open when it failed."""
        for opened in self._opened:
            if not opened.is_closed:
                with suppress(Exception):  # a full disk refuses what is left to write; the file closes anyway
                    opened.close()
        self._opened.clear()

    def rename_file(self, oldname: str, newname: str, safe: bool = False) -> None:  # noqa: FBT001, FBT002 - Whoosh's signature
        """Put a table of contents in force: checksum it, sync every file that may be new, then rename."""
        del safe
        table = Path(self.folder) / oldname
        with table.open("r+b") as file:
            checksum = zlib.crc32(file.read())
            file.write(_CHECKSUM.pack(checksum))
        for name in self.list():
            if name.endswith((".seg", ".trm", ".pst", ".vps")) or name == oldname:
                sync(Path(self.folder) / name)
        table.replace(Path(self.folder) / newname)
        sync(Path(self.folder))


def sync(path: Path) -> None:
    """Make the content of a file or folder durable; one that is gone needs nothing."""
    try:
        handle = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def damage(storage: SyncedStorage | None = None) -> Iterator[None]:
    """Tell errors of reading an index as damage; those of the machine, like a full disk, stay as they are."""
    try:
        yield
    except Exception as error:  # damaged files fail in Whoosh in every way there is
        if storage is not None:
            storage.abandon()
        if isinstance(error, IndexUnavailableError):
            raise
        if isinstance(error, OSError) and error.errno not in (errno.ENOENT, errno.EINVAL):
            raise
        raise IndexUnavailableError("damaged") from error


def latest_commit(folder: Path) -> int:
    """Return the number of the newest commit of a generation, -1 if there is none."""
    return int(index.TOC._latest_generation(SyncedStorage(folder), NAME))  # noqa: SLF001 - no public way


def open_index(storage: SyncedStorage) -> Any:
    """Return Whoosh's index, its table of contents checked before anything in it is believed."""
    folder = Path(storage.folder)
    commit = latest_commit(folder)
    if commit >= 0:
        data = (folder / index.TOC._filename(NAME, commit)).read_bytes()  # noqa: SLF001 - see ``latest_commit``
        if data[-_CHECKSUM.size :] != _CHECKSUM.pack(zlib.crc32(data[: -_CHECKSUM.size])):
            raise IndexUnavailableError("damaged")
    return index.FileIndex(storage)


def contents(storage: SyncedStorage) -> Any:
    """Return the newest table of contents (schema, segments, generation)."""
    return open_index(storage)._read_toc()  # noqa: SLF001 - segments, which Whoosh hides


def open_segments(folder: Path) -> tuple[int, list[SegmentReader]]:
    """Return (commit number, one reader a segment) of a generation; raises ``IndexUnavailableError``."""
    for _ in range(_TRIES):
        storage = SyncedStorage(folder)
        try:
            with damage(storage):
                toc = contents(storage)
                return toc.generation, [
                    SegmentReader(storage, toc.schema, segment, toc.generation) for segment in toc.segments
                ]
        except IndexUnavailableError as error:
            if not isinstance(error.__cause__, FileNotFoundError | index.EmptyIndexError):
                raise
        time.sleep(_PAUSE)
    raise IndexUnavailableError("damaged")


def put_in_force(storage: SyncedStorage, toc: Any, segments: Sequence[Any]) -> None:
    """Commit ``segments`` in place of those that ``toc``, the newest table of contents, names."""
    commit = toc.generation + 1
    index.TOC(toc.schema, list(segments), commit).write(storage, NAME)
    index.clean_files(storage, NAME, commit, segments)
