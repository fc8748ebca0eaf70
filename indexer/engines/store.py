"""Whoosh's part: generations, the one writer.

Layout of an index folder: ``gen-…/`` hold one Whoosh index each, ``current`` names the one in force
(replaced atomically), ``merge-…/`` hold segments that are being merged, ``writer.lock`` is held by the
one writer.
"""

from __future__ import annotations

import fcntl
import json
import math
import shutil
import time
import uuid
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from indexer.analysis import ANALYZER_VERSION
from indexer.engines import disk, merging
from indexer.engines.codec import TermCodec
from indexer.engines.fields import SCHEMA_VERSION, schema, terms_of
from indexer.ports import IndexInfo, IndexLockedError, IndexUnavailableError, PageText, Title

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

_SENTINEL = "khub.json"
_CURRENT = "current"
_MEMORY_MB = 256


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


def _living(writer: Any, segments: list[Any]) -> list[Any]:
    """Merge nothing in a commit (see ``tidy``), but let go of segments in which all is deleted."""
    del writer
    return [segment for segment in segments if segment.doc_count()]


class WhooshWriter:
    """The one writer of an index folder; not thread-safe, one lane uses it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock: IO[str] | None = None
        self._files: dict[int, Sequence[PageText]] = {}
        self._titles: dict[int, Sequence[Title]] = {}
        #: Begun and not done; one that cannot wait comes after, and is done before, one that can.
        self._merges: list[merging.Merge] = []
        self._tidy = False

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
        """Stop being the writer; a merge under way is given up."""
        self._drop_merges()
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def replace_file(self, file: int, pages: Sequence[PageText]) -> None:
        """Set the pages of a file; none takes it out."""
        _check(file, pages)
        self._files[file] = pages

    def replace_titles(self, product: int, titles: Sequence[Title]) -> None:
        """Set the titles of a product's units."""
        self._titles[product] = titles

    def commit(self) -> None:
        """Make what was replaced visible and durable."""
        if not (self._files or self._titles):
            return
        if self._lock is None:
            self.open()
        storage = disk.SyncedStorage(current(self.folder))
        with disk.damage(storage):
            opened = disk.open_index(storage)
            writer = opened.writer(limitmb=_MEMORY_MB, procs=1, codec=TermCodec())
        try:
            # Whoosh would open a searcher for every deletion.
            with disk.damage(), opened.searcher() as searcher:
                for file in self._files:
                    writer.delete_by_term("ref", f"f{file}", searcher)
                for product in self._titles:
                    writer.delete_by_term("ref", f"p{product}", searcher)
            for file, pages in self._files.items():
                _add_pages(writer, file, pages)
            for product, titles in self._titles.items():
                _add_titles(writer, product, titles)
            with disk.damage():
                writer.commit(mergetype=_living)
        except BaseException:
            _abandon(writer)
            raise
        self._files, self._titles = {}, {}
        self._tidy = False

    def tidy(self, seconds: float, *, idle: bool = True) -> bool:
        """Merge segments for about so many seconds; see the port."""
        if self._lock is None:
            self.open()
        if idle and self._tidy:
            return False
        generation = current(self.folder)
        storage = disk.SyncedStorage(generation)
        with disk.damage(storage):
            contents = disk.contents(storage)
        count = len(contents.segments)
        if not idle and count <= merging.MOST:
            return False
        if not idle and count > 2 * merging.MOST:
            seconds = math.inf
        try:
            return self._go_on(storage, contents, seconds, idle=idle)
        except BaseException:
            storage.abandon()
            self._drop_merges()
            raise

    def _go_on(self, storage: disk.SyncedStorage, contents: Any, seconds: float, *, idle: bool) -> bool:
        if not (self._merges and (idle or self._merges[-1].forced)):
            taken = {name for merge in self._merges for name in merge.ids}
            chosen = merging.choose(contents.segments, forced=not idle)
            # One that cannot wait is of the smallest; where a merge has some of these, that one goes on.
            if chosen and taken.isdisjoint(segment.segment_id() for segment in chosen):
                aside = self.folder / f"merge-{uuid.uuid4().hex[:12]}"
                self._merges.append(
                    merging.Merge(Path(storage.folder), contents.schema, chosen, aside, forced=not idle)
                )
        if not self._merges:
            self._tidy = idle
            return False
        merge = self._merges[-1]
        if merge.step(time.monotonic() + seconds):
            disk.put_in_force(storage, contents, merge.put_in(contents.segments, Path(storage.folder)))
            self._merges.pop().close()
        return True

    def _drop_merges(self) -> None:
        while self._merges:
            self._merges.pop().close()

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
        self._drop_merges()
        self._tidy = False
        self._clean()
        fresh = self.folder / f"gen-{uuid.uuid4().hex[:12]}"
        fresh.mkdir()
        storage = disk.SyncedStorage(fresh)
        writer = storage.create_index(schema()).writer(limitmb=_MEMORY_MB, procs=1, codec=TermCodec())
        done = written = 0
        try:
            for file, pages in files:
                _check(file, pages)
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
        disk.sync(fresh / _SENTINEL)
        disk.sync(fresh)
        info = describe(fresh)
        if info.documents != written:
            shutil.rmtree(fresh, ignore_errors=True)
            raise IndexUnavailableError("verification")
        self._swap(fresh)
        return info

    def _swap(self, fresh: Path) -> None:
        pointer = self.folder / f"{_CURRENT}.new"
        pointer.write_text(fresh.name, encoding="ascii")
        disk.sync(pointer)
        pointer.replace(self.folder / _CURRENT)
        disk.sync(self.folder)

    def _clean(self) -> None:
        """Remove what a writer that died left of merges, and generations that are not in force.

        The generation just replaced stays until the next rebuild or start, for those who still read it.
        """
        try:
            keep = current(self.folder).name
        except IndexUnavailableError:
            keep = ""
        for path in [*self.folder.glob("gen-*"), *self.folder.glob("merge-*")]:
            if path.name != keep:
                shutil.rmtree(path, ignore_errors=True)


def _abandon(writer: Any) -> None:
    """Leave a writer that failed at whatever point: no lock and no file stays."""
    if not writer.is_closed:
        with suppress(Exception):  # the first error is the one to tell
            writer.cancel()
    writer.storage.abandon()


def describe(folder: Path) -> IndexInfo:
    """Return the state of a generation; raises ``IndexUnavailableError`` (damaged)."""
    with disk.damage():
        _, readers = disk.open_segments(folder)
        try:
            total = sum(reader.doc_count_all() for reader in readers)
            alive = sum(reader.doc_count() for reader in readers)
        finally:
            for reader in readers:
                reader.close()
    size = sum(path.stat().st_size for path in folder.iterdir() if path.is_file())
    return IndexInfo(alive, total - alive, len(readers), size, folder.name)


def _check(file: int, pages: Sequence[PageText]) -> None:
    for page in pages:
        if page.number < 1:
            raise ValueError(f"page {page.number} of file {file}: pages are counted from 1")


def _add_pages(writer: Any, file: int, pages: Sequence[PageText]) -> int:
    for page in pages:
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
