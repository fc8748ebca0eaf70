"""What the worker does with the index: one file, one product's titles, or everything anew."""

from __future__ import annotations

import errno
import json
import logging
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from indexer.engines.rebuilding import NoRoomError
from indexer.ports import PageText, Title
from khub import outbox
from khub.outbox import Job
from khub.products.jobs import unpack
from khub.products.models import File, Page
from khub.search import languages
from khub.search.models import Entry

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from sqlalchemy.orm import Session

    from indexer.engines.rebuilding import Source
    from indexer.ports import IndexInfo, IndexWriter
    from khub.clock import Clock
    from khub.db import Database

#: Outbox kind: build the whole index anew; the reference is always 0.
REBUILD = "rebuild"
#: File in the index folder that tells the percent done of a rebuild under way.
PROGRESS = "progress"
#: File there that tells how the last rebuild ended.
LAST = "rebuilt.json"
#: Bytes of index, at most, for a byte of compressed text.
_SIZE_OF_TEXT = 2


log = logging.getLogger("khub")


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


class Renewer(Protocol):
    """The part of a writer that builds a new index aside."""

    def renew(self, source: Source, progress: Callable[[int, int], None]) -> IndexInfo:
        """Build from ``source``, verify, swap in; go on with what a rebuild that was stopped has built."""
        ...


class InterruptedRebuildError(InterruptedError):
    """The worker is told to stop: what is built is kept, and the next worker goes on."""

    def __init__(self) -> None:
        super().__init__(errno.EINTR, "stopped; the next worker goes on where this one was")


class Stored:
    """What the database holds for the index, read as it is at that moment."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def files(self) -> Sequence[int]:
        """Return the files that have pages."""
        with self.db.read() as session:
            return session.scalars(sa.select(Page.file_id).distinct().order_by(Page.file_id)).all()

    def products(self) -> Sequence[int]:
        """Return the products that have search columns."""
        with self.db.read() as session:
            return session.scalars(sa.select(Entry.product_id).order_by(Entry.product_id)).all()

    def pages(self, file: int) -> Sequence[PageText]:
        """Return the pages of a file as they are now; a page without a language is given its own first."""
        languages.tell(self.db, file)
        with self.db.read() as session:
            return pages_of(session, file)

    def titles(self, product: int) -> Sequence[Title]:
        """Return the titles of a product as they are now."""
        with self.db.read() as session:
            entry = session.get(Entry, product)
            return titles_of(entry) if entry is not None else ()

    def size(self) -> int:
        """Return about how many bytes the index will take: somewhat more than its texts, compressed."""
        with self.db.read() as session:
            packed = session.scalar(sa.select(sa.func.coalesce(sa.func.sum(sa.func.length(Page.text)), 0)))
        return _SIZE_OF_TEXT * int(packed or 0)


class Rebuild:
    """Handler of ``REBUILD``: a new index aside, swapped in when it is whole.

    It leaves how far it is, and how the last one ended, in ``folder``, where other processes read it.
    """

    def __init__(
        self,
        db: Database,
        writer: Renewer,
        progress: Callable[[int, int], None],
        *,
        clock: Clock | None = None,
        folder: Path | None = None,
        stop: threading.Event | None = None,
        source: Source | None = None,
    ) -> None:
        self.source = source or Stored(db)
        self.writer = writer
        self.progress = progress
        self.clock = clock
        self.folder = folder
        self.stop = stop

    def __call__(self, ref: int) -> Callable[[Session], None]:
        """Rebuild; ``progress`` is told (done, of) after every file and product."""
        del ref
        self.run()
        return _nothing

    def run(self) -> IndexInfo:
        """Rebuild and return the state of the new index."""
        began = time.monotonic()
        try:
            info = self.writer.renew(self.source, self._tell)
        except InterruptedRebuildError:
            raise
        except Exception as error:
            self._note(began, 0, error)
            raise
        self.progress(1, 1)
        self._note(began, info.documents)
        return info

    def _tell(self, done: int, of: int) -> None:
        if self.stop is not None and self.stop.is_set():
            raise InterruptedRebuildError
        self.progress(min(99 * max(of, 1), 100 * done), 100 * max(of, 1))

    def _note(self, began: float, documents: int, error: Exception | None = None) -> None:
        if self.folder is None or self.clock is None:
            return
        noted = {
            "at": self.clock.now().isoformat(),
            "seconds": round(time.monotonic() - began, 1),
            "documents": documents,
            "error": "" if error is None else (str(error) or type(error).__name__)[:300],
            "needed": error.needed if isinstance(error, NoRoomError) else 0,
            "free": error.free if isinstance(error, NoRoomError) else 0,
        }
        fresh = self.folder / f"{LAST}.new"
        with suppress(OSError):  # a full disk is what may be told here
            fresh.write_text(json.dumps(noted), encoding="utf-8")
            fresh.replace(self.folder / LAST)


@dataclass(frozen=True, slots=True)
class Last:
    """How the last rebuild ended: when, after how long, with how many documents or with what ``error``.

    When the disk was too small: how many bytes it ``needed`` and how many were ``free``, else 0.
    """

    at: datetime
    seconds: float
    documents: int
    error: str
    needed: int
    free: int


def last_rebuild(folder: Path) -> Last | None:
    """Return how the last rebuild in this index folder ended."""
    try:
        noted = json.loads((folder / LAST).read_text(encoding="utf-8"))
        at = datetime.fromisoformat(noted["at"])
        return Last(
            at,
            float(noted["seconds"]),
            int(noted["documents"]),
            str(noted["error"]),
            int(noted["needed"]),
            int(noted["free"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def ask_rebuild(session: Session, at: datetime, kind: str = REBUILD) -> bool:
    """Ask the worker for a rebuild unless one is asked for or under way; tell whether it was asked now."""
    if rebuild_is_open(session, kind):
        return False
    outbox.enqueue(session, kind, 0, at, priority=1)
    return True


def rebuild_is_open(session: Session, kind: str = REBUILD) -> bool:
    """Tell whether a rebuild is asked for or under way."""
    return session.scalar(sa.select(Job.id).where(Job.kind == kind, Job.open)) is not None


def heal(db: Database, clock: Clock, kind: str = REBUILD) -> bool:
    """Ask for a rebuild of an index that cannot be used; False when one is asked for or under way already."""
    with db.read() as session:  # looked at all the time until the new index is in force
        if rebuild_is_open(session, kind):
            return False
    with db.write() as session:
        return ask_rebuild(session, clock.now(), kind)


def report_damage(db: Database, clock: Clock, kind: str) -> None:
    """Ask for a rebuild because a reader found damage; what it was reading for fails in its own way."""
    try:
        if heal(db, clock, kind):
            log.warning("a reader found damage: %s is asked for", kind)
    except OperationalError:
        log.exception("%s could not be asked for", kind)


def percent(folder: Path) -> int | None:
    """Return how far a rebuild in this index folder is, or None when none is known."""
    try:
        return int((folder / PROGRESS).read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None


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
        PageText(page.number, text, page.language or language)
        for page in session.scalars(sa.select(Page).where(Page.file_id == file_id).order_by(Page.number))
        if (text := unpack(page.text)).strip()
    ]


def titles_of(entry: Entry) -> list[Title]:
    """Return the titles of an entry's copies."""
    return [Title(int(str(copy["copy"])), str(copy["title"]), str(copy["language"])) for copy in entry.copies]
