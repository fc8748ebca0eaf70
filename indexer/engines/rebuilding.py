"""A new generation, built aside beside the one in force, in pieces that a death does not undo.

``next/`` in the index folder is a generation under way: its sentinel says of which version its terms are,
each piece of it is a commit, and so whole or absent. ``changes`` in it names, synced before every commit of
the index in force, what was changed since it was begun; that is read again at the end. So a builder that
is killed goes on where the last piece ended, and nothing that happened meanwhile is missing at the swap.
"""

from __future__ import annotations

import errno
import json
import math
import os
import shutil
import uuid
from typing import TYPE_CHECKING, Protocol

import numpy as np

from indexer import running
from indexer.engines import building, disk, merging
from indexer.engines.cache import ByteCache
from indexer.engines.corpus import STRIDE, Corpus
from indexer.engines.fields import schema, terms_of
from indexer.ports import IndexUnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from indexer.ports import PageText, Title

NEXT = "next"
SENTINEL = "khub.json"
_CHANGES = "changes"
#: Runs of letters that a piece holds: 2,500 pages of 400 words, some 200 MB and eight seconds of work.
CHUNK = 1_000_000
#: Pieces that are merged once there are so many, so that their files stay few.
_PIECES = 64
#: Changed documents that are read while commits wait.
_FEW = 50
_ROUNDS = 5
#: Documents that are read again and compared word by word before the swap, and words of each.
SAMPLE = 50
_SAMPLED_WORDS = 40
_SPARE = 64 << 20


class Source(Protocol):
    """Where a rebuild reads: what there is, and what it holds now."""

    def files(self) -> Sequence[int]:
        """Return the files that have pages."""
        ...

    def products(self) -> Sequence[int]:
        """Return the products that have titles."""
        ...

    def pages(self, file: int) -> Sequence[PageText]:
        """Return the pages of a file as they are now."""
        ...

    def titles(self, product: int) -> Sequence[Title]:
        """Return the titles of a product as they are now."""
        ...

    def size(self) -> int:
        """Return about how many bytes the index will take."""
        ...


class Given:
    """A source of what is given once, in order: asked again, it answers from what it gave."""

    def __init__(
        self,
        files: Iterable[tuple[int, Sequence[PageText]]],
        titles: Iterable[tuple[int, Sequence[Title]]],
    ) -> None:
        self._files = dict(files)
        self._titles = dict(titles)

    def files(self) -> Sequence[int]:
        """Return the files given."""
        return list(self._files)

    def products(self) -> Sequence[int]:
        """Return the products given."""
        return list(self._titles)

    def pages(self, file: int) -> Sequence[PageText]:
        """Return the pages given of a file."""
        return self._files.get(file, ())

    def titles(self, product: int) -> Sequence[Title]:
        """Return the titles given of a product."""
        return self._titles.get(product, ())

    def size(self) -> int:
        """Return nothing: all of it is in memory, so it is little."""
        return 0


class _Watched:
    """A source that knows of which documents it answered differently at different times."""

    def __init__(self, source: Source) -> None:
        self.files, self.products, self.size = source.files, source.products, source.size
        self._source = source
        self._answers: dict[str, set[int]] = {}

    def pages(self, file: int) -> Sequence[PageText]:
        pages = self._source.pages(file)
        self._answers.setdefault(f"f{file}", set()).add(hash(tuple(pages)))
        return pages

    def titles(self, product: int) -> Sequence[Title]:
        titles = self._source.titles(product)
        self._answers.setdefault(f"p{product}", set()).add(hash(tuple(titles)))
        return titles

    def has_changed(self, ref: str) -> bool:
        return len(self._answers.get(ref, ())) > 1


class NoRoomError(OSError):
    """The disk has no room for a second index; ``needed`` and ``free`` in bytes."""

    def __init__(self, needed: int, free: int) -> None:
        super().__init__(
            errno.ENOSPC,
            f"a rebuild of the index needs about {needed >> 20} MB beside the old one, "
            f"and {free >> 20} MB are free",
        )
        self.needed = needed
        self.free = free


class Aside:
    """The generation under way in an index folder."""

    def __init__(self, folder: Path) -> None:
        self.root = folder
        self.path = folder / NEXT
        self._read = 0

    @classmethod
    def begin(cls, folder: Path, sentinel: Mapping[str, int]) -> Aside:
        """Go on with what is there, if its terms are the same and it can be read; else begin anew."""
        aside = cls(folder)
        if not aside._usable(sentinel):
            shutil.rmtree(aside.path, ignore_errors=True)
            aside.path.mkdir(parents=True)
            disk.SyncedStorage(aside.path).create_index(schema())
            (aside.path / _CHANGES).touch()
            file = aside.path / SENTINEL
            file.write_text(json.dumps(sentinel), encoding="ascii")
            disk.sync(file)
            disk.sync(aside.path)
            disk.sync(folder)
        return aside

    def _usable(self, sentinel: Mapping[str, int]) -> bool:
        try:
            same = json.loads((self.path / SENTINEL).read_text(encoding="ascii")) == sentinel
            return same and (self.path / _CHANGES).exists() and self.refs() is not None
        except (OSError, ValueError, IndexUnavailableError):
            return False

    def refs(self) -> set[str]:
        """Return the refs that have been built."""
        return building.refs_of(self.path)

    def size(self) -> int:
        """Return the bytes that are built."""
        return sum(file.stat().st_size for file in self.path.iterdir())

    def check_room(self, expected: int) -> None:
        """Raise ``NoRoomError`` when the rest, and its merge, will not fit."""
        needed = 2 * expected + _SPARE - min(self.size(), expected)
        free = shutil.disk_usage(self.root).free
        if free < needed:
            raise NoRoomError(needed, free)

    # -- changes meanwhile -------------------------------------------------------------------------

    def note(self, refs: Iterable[str]) -> None:
        """Name what changes, for good, before it is changed in the index in force."""
        with (self.path / _CHANGES).open("a", encoding="ascii") as file:
            file.write("".join(f"{ref}\n" for ref in refs))
            file.flush()
            os.fsync(file.fileno())

    def changed(self) -> list[str]:
        """Return what was changed and not caught up with; a line that a death cut short counts for none."""
        data = (self.path / _CHANGES).read_bytes()[self._read :]
        whole = data[: data.rfind(b"\n") + 1]
        lines = whole.decode("ascii", "replace").split()
        return [ref for ref in dict.fromkeys(lines) if ref[:1] in ("f", "p") and ref[1:].isdecimal()]

    def catch_up(self, source: Source) -> int:
        """Read again all that was changed; return how much."""
        end = (self.path / _CHANGES).stat().st_size
        refs = self.changed()
        for start in range(0, len(refs), 500):
            part = refs[start : start + 500]
            contents = disk.contents(disk.SyncedStorage(self.path))
            builder = building.Builder(self.path, contents.schema)
            for ref in part:
                _add(builder, ref, source)
            building.apply(self.path, builder, contents, part)
        self._read = end
        return len(refs)

    def catch_up_nearly(self, source: Source) -> None:
        """Catch up until so little is left that commits can wait for the rest."""
        for _ in range(_ROUNDS):
            if self.catch_up(source) <= _FEW:
                return

    def forget(self, fresh: Path) -> None:
        """Remove, from where the generation is now, what was needed only until the swap."""
        (fresh / _CHANGES).unlink(missing_ok=True)

    # -- building ----------------------------------------------------------------------------------

    def build(self, source: Source, progress: Callable[[int, int], None]) -> None:
        """Build all that is not built yet, piece by piece, then merge the pieces to one segment."""
        refs = [*(f"f{file}" for file in source.files()), *(f"p{product}" for product in source.products())]
        built = self.refs()
        total, done = len(refs), 0
        builder = building.Builder(self.path, schema())
        for ref in refs:
            done += 1
            if ref in built:
                continue
            _add(builder, ref, source)
            if builder.size >= CHUNK:
                builder = self._piece(builder)
            progress(done - 1, total)
        self._piece(builder)
        if self._pieces() > 1:
            self._merge()

    def _piece(self, builder: building.Builder) -> building.Builder:
        if builder.documents:
            building.apply(self.path, builder, disk.contents(disk.SyncedStorage(self.path)), ())
            if self._pieces() >= _PIECES:
                self._merge()
        return building.Builder(self.path, schema())

    def _pieces(self) -> int:
        return len(disk.contents(disk.SyncedStorage(self.path)).segments)

    def _merge(self) -> None:
        storage = disk.SyncedStorage(self.path)
        contents = disk.contents(storage)
        merge = merging.Merge(
            self.path,
            contents.schema,
            contents.segments,
            self.root / f"merge-{uuid.uuid4().hex[:12]}",
            forced=False,
        )
        try:
            merge.step(math.inf)
            disk.put_in_force(storage, contents, merge.put_in(contents.segments, self.path))
        finally:
            merge.close()

    # -- verifying ---------------------------------------------------------------------------------

    def verify(self, source: Source) -> None:
        """Hold the new index against the source; what differs is read again, once.

        Raises ``IndexUnavailableError`` (verification) when it differs then from what was read. What the
        source says differently since is no fault: its change is on its way, and noted before it is indexed.
        """
        wrong = self.differing(source)
        if not wrong:
            return
        self.note(wrong)
        watched = _Watched(source)
        self.catch_up(watched)
        if not all(watched.has_changed(ref) for ref in self.differing(watched, wrong)):
            raise IndexUnavailableError("verification")

    def differing(self, source: Source, among: Iterable[str] | None = None) -> list[str]:
        """Return refs whose documents are not those of the source, but for those that change meanwhile.

        Every file is compared by its pages, every product by its titles, and a sample by all words.
        """
        corpus = Corpus(self.path, ByteCache(0), ByteCache(0))
        try:
            return self._differing(corpus, source, among)
        finally:
            corpus.close()

    def _differing(self, corpus: Corpus, source: Source, among: Iterable[str] | None) -> list[str]:
        held: dict[int, dict[int, int]] = {}
        titles: set[int] = set()
        for doc in np.flatnonzero(corpus.alive).tolist():
            owner, page = int(corpus.owners[doc]), int(corpus.pages[doc])
            if page:
                held.setdefault(owner, {})[page] = doc
            else:
                titles.add(owner)
        files, checked = set(source.files()), among is not None
        if among is None:
            among = [
                *(f"f{file}" for file in files | held.keys()),
                *(f"p{product}" for product in source.products()),
            ]
        refs = list(among)
        step = max(1, len(refs) // SAMPLE)
        wrong = [] if checked else [ref for ref in self.refs().difference(refs) if ref.startswith("p")]
        for number, ref in enumerate(refs):
            owner = int(ref[1:])
            if ref.startswith("p"):
                good = all(title.unit in titles for title in source.titles(owner))
            else:
                pages = source.pages(owner)
                docs = held.get(owner, {})
                good = {page.number for page in pages} == docs.keys()
                if good and pages and number % step == 0:
                    place = number // step % len(pages)
                    edge = running.edges([(page.number, page.text) for page in pages])[place]
                    good = _same(corpus, docs[pages[place].number], pages[place], edge)
            if not good:
                wrong.append(ref)
        changing = set(self.changed())
        return [ref for ref in wrong if ref not in changing]


def _add(builder: building.Builder, ref: str, source: Source) -> None:
    number = int(ref[1:])
    if ref.startswith("f"):
        builder.add_pages(number, source.pages(number))
    else:
        builder.add_titles(number, source.titles(number))


def _same(corpus: Corpus, doc: int, page: PageText, edge: running.Edge) -> bool:
    """Tell whether the index holds the words of a page where they stand."""
    wanted = np.zeros(corpus.size, dtype=np.bool_)
    wanted[doc] = True
    found = terms_of(page.text, page.language, edge)
    if int(corpus.lengths[doc]) != found.length:
        return False
    return all(
        (corpus.keys("t", term, wanted) - doc * STRIDE).tolist() == places
        for term, places in list(found.words.items())[:_SAMPLED_WORDS]
    )
