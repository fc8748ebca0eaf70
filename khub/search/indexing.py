"""What the worker does with the index: one file, one product's titles, or everything anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from indexer.ports import PageText, Title
from khub.products.jobs import unpack
from khub.products.models import File, Page
from khub.search.models import Entry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from sqlalchemy.orm import Session

    from indexer.ports import IndexInfo, IndexWriter
    from khub.db import Database

#: Outbox kind: build the whole index anew; the reference is always 0.
REBUILD = "rebuild"
#: File in the index folder that tells the percent done of a rebuild under way.
PROGRESS = "progress"


def _nothing(session: Session) -> None:
    del session


class IndexFile:
    """Handler of ``jobs.INDEX``: put the stored pages of a file into the index."""

    def __init__(self, db: Database, writer: IndexWriter) -> None:
        self.db = db
        self.writer = writer

    def __call__(self, file_id: int) -> Callable[[Session], None]:
        """Hand the pages of file ``file_id`` to the writer; the lane commits."""
        with self.db.read() as session:
            self.writer.replace_file(file_id, pages_of(session, file_id))
        return _nothing


class IndexTitles:
    """Handler of ``projection.TITLES``: put the titles of a product's copies into the index."""

    def __init__(self, db: Database, writer: IndexWriter) -> None:
        self.db = db
        self.writer = writer

    def __call__(self, product_id: int) -> Callable[[Session], None]:
        """Hand the titles of product ``product_id`` to the writer; the lane commits."""
        with self.db.read() as session:
            entry = session.get(Entry, product_id)
            self.writer.replace_titles(product_id, titles_of(entry) if entry is not None else ())
        return _nothing


class Rebuild:
    """Handler of ``REBUILD``: a new index aside, swapped in when it is whole."""

    def __init__(self, db: Database, writer: IndexWriter, progress: Callable[[int, int], None]) -> None:
        self.db = db
        self.writer = writer
        self.progress = progress

    def __call__(self, ref: int) -> Callable[[Session], None]:
        """Rebuild; ``progress`` is told (done, of) after every file and product."""
        del ref
        self.run()
        return _nothing

    def run(self) -> IndexInfo:
        """Rebuild and return the state of the new index."""
        with self.db.read() as session:
            files = session.scalars(sa.select(Page.file_id).distinct().order_by(Page.file_id)).all()
            products = session.scalars(sa.select(Entry.product_id).order_by(Entry.product_id)).all()
        total = len(files) + len(products)
        return self.writer.rebuild(
            self._files(files), self._titles(products), lambda done: self.progress(done, total)
        )

    def _files(self, files: Sequence[int]) -> Iterator[tuple[int, Sequence[PageText]]]:
        for file_id in files:
            with self.db.read() as session:
                yield file_id, pages_of(session, file_id)

    def _titles(self, products: Sequence[int]) -> Iterator[tuple[int, Sequence[Title]]]:
        for product_id in products:
            with self.db.read() as session:
                entry = session.get(Entry, product_id)
                yield product_id, titles_of(entry) if entry is not None else ()


def keep_progress(folder: Path) -> Callable[[int, int], None]:
    """Return a progress function that leaves the percent where other processes can read it."""
    file = folder / PROGRESS
    last = -1

    def tell(done: int, of: int) -> None:
        nonlocal last
        percent = 100 * done // max(of, 1)
        if percent == last:
            return
        last = percent
        if percent >= 100:  # noqa: PLR2004 - done
            file.unlink(missing_ok=True)
        else:
            file.write_text(str(percent), encoding="ascii")

    return tell


def pages_of(session: Session, file_id: int) -> list[PageText]:
    """Return the stored pages of a file as the index takes them; pages without text are left out."""
    language = session.scalar(sa.select(File.language).where(File.id == file_id)) or ""
    return [
        PageText(page.number, text, language)
        for page in session.scalars(sa.select(Page).where(Page.file_id == file_id).order_by(Page.number))
        if (text := unpack(page.text)).strip()
    ]


def titles_of(entry: Entry) -> list[Title]:
    """Return the titles of an entry's copies."""
    return [Title(int(str(copy["copy"])), str(copy["title"]), str(copy["language"])) for copy in entry.copies]
