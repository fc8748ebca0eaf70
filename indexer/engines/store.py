"""Whoosh's part: generations, the one writer.

Layout of an index folder: ``gen-…/`` hold one Whoosh index each, ``current`` names the one in force
(replaced atomically), ``next/`` is one under way (see ``rebuilding``), ``merge-…/`` hold segments that are
being merged, ``writer.lock`` is held by the one writer.
"""

from __future__ import annotations

import fcntl
import json
import math
import os
import shutil
import threading
import time
import uuid
from dataclasses import replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from indexer.analysis import ANALYZER_VERSION
from indexer.engines import building, disk, merging, rebuilding
from indexer.engines.cache import ByteCache
from indexer.engines.corpus import Corpus
from indexer.engines.fields import SCHEMA_VERSION
from indexer.ports import IndexInfo, IndexLockedError, IndexUnavailableError, PageText, Title, Versions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

_CURRENT = "current"
_LOCK = "writer.lock"
#: Seconds between two looks at an index with which all is well.
_LOOK = 5.0
#: Seconds that a generation which was replaced stays.
_LINGER = 60.0


def _same(path: Path, file: IO[str]) -> bool:
    """Tell whether ``path`` still names the open ``file``."""
    try:
        return os.path.samestat(path.stat(), os.fstat(file.fileno()))
    except FileNotFoundError:
        return False


def current(folder: Path) -> Path:
    """Return the generation in force; raises ``IndexUnavailableError`` (missing, version)."""
    try:
        name = (folder / _CURRENT).read_text(encoding="ascii").strip()
        sentinel = json.loads((folder / name / rebuilding.SENTINEL).read_text(encoding="ascii"))
    except (OSError, ValueError) as error:
        raise IndexUnavailableError("missing") from error
    if sentinel != _sentinel():
        raise IndexUnavailableError("version")
    return folder / name


def versions(folder: Path) -> tuple[Versions | None, Versions]:
    """Return (the versions of the generation in force, those that this code writes)."""
    ours = Versions(ANALYZER_VERSION, SCHEMA_VERSION)
    try:
        name = (folder / _CURRENT).read_text(encoding="ascii").strip()
        held = json.loads((folder / name / rebuilding.SENTINEL).read_text(encoding="ascii"))
        return Versions(int(held["analyzer"]), int(held["schema"])), ours
    except (OSError, ValueError, KeyError, TypeError):
        return None, ours


def check(folder: Path, *, deep: bool = False) -> IndexInfo:
    """Return the state of the index in ``folder``; ``deep`` reads every posting of it.

    Raises ``IndexUnavailableError`` (missing, version, damaged).
    """
    generation = current(folder)
    info = describe(generation)
    corpus = Corpus(generation, ByteCache(0), ByteCache(0))
    try:
        if deep:
            corpus.read_all()
    finally:
        corpus.close()
    return info


def _sentinel() -> dict[str, int]:
    return {"schema": SCHEMA_VERSION, "analyzer": ANALYZER_VERSION}


class WhooshWriter:
    """The one writer of an index folder; not thread-safe, but ``renew`` may run beside all else."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock: IO[str] | None = None
        #: Held by whoever changes the generation in force or puts another in its place.
        self._mutex = threading.RLock()
        self._files: dict[int, Sequence[PageText]] = {}
        self._titles: dict[int, Sequence[Title]] = {}
        #: Begun and not done; one that cannot wait comes after, and is done before, one that can.
        self._merges: list[merging.Merge] = []
        self._tidy = False
        self._looked = 0.0

    def open(self) -> bool:
        """Become the writer; returns False when there is no usable index, so that it must be rebuilt.

        Raises ``IndexLockedError`` when another process is the writer.
        """
        self._hold()
        try:
            current(self.folder)
        except IndexUnavailableError:
            return False
        return True

    def _hold(self) -> None:
        """Be the writer, also where the folder was removed and with it the lock that is held."""
        path = self.folder / _LOCK
        first = self._lock is None
        if self._lock is not None and _same(path, self._lock):
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        lock = path.open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            lock.close()
            raise IndexLockedError(str(self.folder)) from error
        if self._lock is not None:
            self._lock.close()
        self._lock = lock
        if first:
            self._clean()

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
        refs = self._replaced()
        if not refs:
            return
        with self._mutex:
            self._hold()
            generation = current(self.folder)
            # Before the commit: whatever it changes, a rebuild under way will see.
            self._note(refs)
            with disk.damage():
                contents = disk.contents(disk.SyncedStorage(generation))
            builder = building.Builder(generation, contents.schema)
            for file, pages in self._files.items():
                builder.add_pages(file, pages)
            for product, titles in self._titles.items():
                builder.add_titles(product, titles)
            building.apply(generation, builder, contents, refs)
            self._files, self._titles = {}, {}
            self._tidy = False

    def leave_to_rebuild(self) -> None:
        """Let what was replaced wait for the rebuild that the index needs, for good, instead of a commit."""
        with self._mutex:
            rebuilding.Aside.begin(self.folder, _sentinel()).note(self._replaced())
            self._files, self._titles = {}, {}

    def _replaced(self) -> list[str]:
        return [*(f"f{file}" for file in self._files), *(f"p{product}" for product in self._titles)]

    def _note(self, refs: list[str]) -> None:
        aside = rebuilding.Aside(self.folder)
        if aside.path.exists():
            aside.note(refs)

    def tidy(self, seconds: float, *, idle: bool = True) -> bool:
        """Merge segments for about so many seconds; see the port.

        Looks at the index from time to time, even when there is nothing to merge, and raises
        ``IndexUnavailableError`` when it is missing, of another version, or damaged.
        """
        with self._mutex:
            self._hold()
            if idle and self._tidy:
                self._look()
                return False
            return self._merge(seconds, idle=idle)

    def _look(self) -> None:
        if time.monotonic() < self._looked + _LOOK:
            return
        self._looked = time.monotonic()
        generation = current(self.folder)
        describe(generation)
        for path in self.folder.glob("gen-*"):
            # Who still reads an old generation has its files mapped, and opens no more of them.
            if path != generation and time.time() - path.stat().st_ctime > _LINGER:
                shutil.rmtree(path, ignore_errors=True)

    def _merge(self, seconds: float, *, idle: bool) -> bool:
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
        """Build a new generation from what is given and nothing else, and swap it in; see the port."""
        with self._mutex:
            self._hold()
            self._files, self._titles = {}, {}
            shutil.rmtree(self.folder / rebuilding.NEXT, ignore_errors=True)
        source = rebuilding.Given(files, titles)
        try:
            return self.renew(source, lambda done, _: progress(done))
        except BaseException:
            shutil.rmtree(self.folder / rebuilding.NEXT, ignore_errors=True)
            raise

    def renew(self, source: rebuilding.Source, progress: Callable[[int, int], None]) -> IndexInfo:
        """Build a new generation aside from ``source``, verify it, swap it in; see ``rebuilding``.

        In a thread of its own it lets commits go on. What a rebuild that was stopped has built is used.
        Raises ``NoRoomError`` before it begins, ``IndexUnavailableError`` (verification) at the end.
        """
        with self._mutex:
            self._hold()
            aside = rebuilding.Aside.begin(self.folder, _sentinel())
        aside.check_room(source.size())
        aside.build(source, progress)
        aside.verify(source)
        aside.catch_up_nearly(source)
        with self._mutex:
            aside.catch_up(source)
            info = describe(aside.path)
            self._drop_merges()
            self._tidy = False
            self._clean()
            fresh = aside.path.rename(self.folder / f"gen-{uuid.uuid4().hex[:12]}")
            disk.sync(self.folder)
            self._swap(fresh)
            aside.forget(fresh)
        return replace(info, generation=fresh.name)

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
