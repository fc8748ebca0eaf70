"""Whoosh's part: schema, files synced to disk, generations, the one writer.

Layout of an index folder: ``gen-…/`` hold one Whoosh index each, ``current`` names the one in force
(replaced atomically), ``writer.lock`` is held by the one writer.
"""

from __future__ import annotations

import fcntl
import json
import math
import os
import shutil
import uuid
from collections import defaultdict
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from whoosh import index
from whoosh.filedb.filestore import FileStorage
from whoosh.reading import SegmentReader

from indexer.analysis import ANALYZER_VERSION
from indexer.engines import mapping  # noqa: F401 - replaces how Whoosh opens segments
from indexer.engines.codec import TermCodec
from indexer.engines.fields import SCHEMA_VERSION, schema, terms_of
from indexer.ports import IndexInfo, IndexLockedError, IndexUnavailableError, PageText, Title

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

_SENTINEL = "khub.json"
_CURRENT = "current"
_LARGE_SEGMENT = 4_096
_FANOUT = 8
_MEMORY_MB = 256


class SyncedStorage(FileStorage):  # type: ignore[misc]  # untyped base
    """Whoosh never syncs: here everything written is on disk before a table of contents names it."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self._created: list[Any] = []

    def create_file(self, name: str, *args: Any, **kwargs: Any) -> Any:
        """Create a file and remember it; see ``abandon``."""
        created = super().create_file(name, *args, **kwargs)
        self._created.append(created)
        return created

    def abandon(self) -> None:
        """Close the files that a failed writer left open."""
        for created in self._created:
            if not created.is_closed:
                with suppress(Exception):  # a full disk refuses what is left to write; the file closes anyway
                    created.close()
        self._created = []

    def rename_file(self, oldname: str, newname: str, safe: bool = False) -> None:  # noqa: FBT001, FBT002 - Whoosh's signature
        """Sync every file of the folder that may be new, then rename atomically, then sync the folder."""
        del safe
        for name in self.list():
            if name.endswith((".seg", ".trm", ".pst", ".vps")) or name == oldname:
                _sync(Path(self.folder) / name)
        os.replace(self._fpath(oldname), self._fpath(newname))  # noqa: PTH105 - Whoosh gives strings
        _sync(Path(self.folder))


def _sync(path: Path) -> None:
    try:
        handle = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def current(folder: Path) -> Path:
    """Return the generation in force; raises ``IndexUnavailableError`` (missing, version)."""
    try:
        name = (folder / _CURRENT).read_text(encoding="ascii").strip()
        sentinel = json.loads((folder / name / _SENTINEL).read_text(encoding="ascii"))
    except (OSError, ValueError) as error:
        raise IndexUnavailableError("missing") from error
    if sentinel != _sentinel():
        raise IndexUnavailableError("version")
    return folder / name


def _sentinel() -> dict[str, int]:
    return {"schema": SCHEMA_VERSION, "analyzer": ANALYZER_VERSION}


def _merge(writer: Any, segments: list[Any]) -> list[Any]:
    """Merge segments of about one size once there are ``_FANOUT``; never touch large ones.

    A document is so rewritten once a tier, however small the commits are.
    """
    tiers: defaultdict[int, list[Any]] = defaultdict(list)
    for segment in segments:
        if segment.doc_count_all() < _LARGE_SEGMENT:
            tiers[int(math.log(max(1, segment.doc_count_all()), _FANOUT))].append(segment)
    merged = [segment for tier in tiers.values() if len(tier) >= _FANOUT for segment in tier]
    for segment in merged:
        reader = SegmentReader(writer.storage, writer.schema, segment)
        writer.add_reader(reader)
        reader.close()
    return [segment for segment in segments if segment not in merged]


class WhooshWriter:
    """The one writer of an index folder; not thread-safe, one lane uses it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock: IO[str] | None = None
        self._files: dict[int, Sequence[PageText]] = {}
        self._titles: dict[int, Sequence[Title]] = {}

    def open(self) -> bool:
        """Become the writer; returns False when there is no usable index, so that it must be rebuilt.

        Raises ``IndexLockedError`` when another process is the writer.
        """
        if self._lock is None:
            self.folder.mkdir(parents=True, exist_ok=True)
            lock = (self.folder / "writer.lock").open("w")
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                lock.close()
                raise IndexLockedError(str(self.folder)) from error
            self._lock = lock
            self._clean()
        try:
            current(self.folder)
        except IndexUnavailableError:
            return False
        return True

    def close(self) -> None:
        """Stop being the writer."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def replace_file(self, file: int, pages: Sequence[PageText]) -> None:
        """Set the pages of a file; none takes it out."""
        self._files[file] = pages

    def replace_titles(self, product: int, titles: Sequence[Title]) -> None:
        """Set the titles of a product's units."""
        self._titles[product] = titles

    def commit(self) -> None:
        """Make what was replaced visible and durable."""
        if not (self._files or self._titles):
            return
        with damage():
            opened = _open(current(self.folder))
            writer = opened.writer(limitmb=_MEMORY_MB, procs=1, codec=TermCodec())
        try:
            # Whoosh would open a searcher for every deletion.
            with damage(), opened.searcher() as searcher:
                for file in self._files:
                    writer.delete_by_term("ref", f"f{file}", searcher)
                for product in self._titles:
                    writer.delete_by_term("ref", f"p{product}", searcher)
            for file, pages in self._files.items():
                _add_pages(writer, file, pages)
            for product, titles in self._titles.items():
                _add_titles(writer, product, titles)
            with damage():
                writer.commit(mergetype=_merge)
        except BaseException:
            _abandon(writer)
            raise
        self._files, self._titles = {}, {}

    def rebuild(
        self,
        files: Iterable[tuple[int, Sequence[PageText]]],
        titles: Iterable[tuple[int, Sequence[Title]]],
        progress: Callable[[int], None],
    ) -> IndexInfo:
        """Build a new generation aside, verify it, swap it in; see the port."""
        if self._lock is None:
            self.open()
        self._files, self._titles = {}, {}
        self._clean()
        fresh = self.folder / f"gen-{uuid.uuid4().hex[:12]}"
        fresh.mkdir()
        storage = SyncedStorage(str(fresh))
        writer = storage.create_index(schema()).writer(limitmb=_MEMORY_MB, procs=1, codec=TermCodec())
        done = written = 0
        try:
            for file, pages in files:
                written += _add_pages(writer, file, pages)
                done += 1
                progress(done)
            for product, of_product in titles:
                written += _add_titles(writer, product, of_product)
                done += 1
                progress(done)
            writer.commit()
        except BaseException:
            _abandon(writer)
            shutil.rmtree(fresh, ignore_errors=True)
            raise
        (fresh / _SENTINEL).write_text(json.dumps(_sentinel()), encoding="ascii")
        _sync(fresh / _SENTINEL)
        _sync(fresh)
        info = describe(fresh)
        if info.documents != written:
            shutil.rmtree(fresh, ignore_errors=True)
            raise IndexUnavailableError("verification")
        self._swap(fresh)
        return info

    def _swap(self, fresh: Path) -> None:
        pointer = self.folder / f"{_CURRENT}.new"
        pointer.write_text(fresh.name, encoding="ascii")
        _sync(pointer)
        pointer.replace(self.folder / _CURRENT)
        _sync(self.folder)

    def _clean(self) -> None:
        """Remove generations that are not in force: an earlier swap or a stopped rebuild left them.

        The generation just replaced stays until the next rebuild or start, for those who still read it.
        """
        try:
            keep = current(self.folder).name
        except IndexUnavailableError:
            keep = ""
        for path in self.folder.glob("gen-*"):
            if path.name != keep:
                shutil.rmtree(path, ignore_errors=True)


def _abandon(writer: Any) -> None:
    """Leave a writer that failed at whatever point: no lock and no file stays."""
    if not writer.is_closed:
        with suppress(Exception):  # the first error is the one to tell
            writer.cancel()
    writer.storage.abandon()


@contextmanager
def damage() -> Iterator[None]:
    """Tell errors of reading an index as damage; those of the machine, like a full disk, stay as they are."""
    try:
        yield
    except (IndexUnavailableError, MemoryError):
        raise
    except Exception as error:  # damaged files fail in Whoosh in every way there is
        if isinstance(error, OSError) and not isinstance(error, FileNotFoundError):
            raise
        raise IndexUnavailableError("damaged") from error


def _open(folder: Path) -> Any:
    return index.FileIndex(SyncedStorage(str(folder)))


def open_segments(folder: Path) -> tuple[int, list[SegmentReader]]:
    """Return (commit number, one reader a segment) of a generation."""
    opened = _open(folder)
    toc = opened._read_toc()  # noqa: SLF001 - one reader a segment, which Whoosh's own reader hides
    readers = [SegmentReader(opened.storage, toc.schema, segment, toc.generation) for segment in toc.segments]
    return toc.generation, readers


def latest_commit(folder: Path) -> int:
    """Return the number of the newest commit of a generation."""
    return int(index.TOC._latest_generation(SyncedStorage(str(folder)), "MAIN"))  # noqa: SLF001 - no public way


def describe(folder: Path) -> IndexInfo:
    """Return the state of a generation; raises ``IndexUnavailableError`` (damaged)."""
    with damage():
        _, readers = open_segments(folder)
        try:
            total = sum(reader.doc_count_all() for reader in readers)
            alive = sum(reader.doc_count() for reader in readers)
        finally:
            for reader in readers:
                reader.close()
    size = sum(path.stat().st_size for path in folder.iterdir() if path.is_file())
    return IndexInfo(alive, total - alive, len(readers), size, folder.name)


def _add_pages(writer: Any, file: int, pages: Sequence[PageText]) -> int:
    for page in pages:
        if page.number < 1:
            raise ValueError(f"page {page.number} of file {file}: pages are counted from 1")
        found = terms_of(page.text, page.language)
        writer.add_document(
            ref=f"f{file}",
            t=found.words,
            j=found.joined,
            s=found.stems,
            owner=file,
            page=page.number,
            length=found.length,
        )
    return len(pages)


def _add_titles(writer: Any, product: int, titles: Sequence[Title]) -> int:
    for title in titles:
        found = terms_of(title.text, title.language)
        writer.add_document(
            ref=f"p{product}",
            tt=found.words,
            tj=found.joined,
            ts=found.stems,
            owner=title.unit,
            length=found.length,
        )
    return len(titles)
