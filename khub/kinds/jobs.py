"""What the worker does with the index of reports, actions and K/L."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from indexer.ports import PageText, Title
from khub.kinds import projection
from khub.kinds.models import KindEntry
from khub.kinds.texts import LANGUAGE, texts
from khub.search import indexing

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from sqlalchemy.orm import Session

    from indexer.ports import IndexInfo, IndexWriter
    from khub.clock import Clock
    from khub.db import Database
    from khub.search.indexing import Renewer

#: Outbox kind: build the whole index anew; the reference is always 0.
REBUILD = "kind-rebuild"
#: Subjects whose columns are rewritten in one transaction.
_BATCH = 200


def _nothing(session: Session) -> None:
    del session


class IndexText:
    """Handler of ``projection.TEXT``: put the words of one text into the index."""

    def __init__(self, db: Database, writer: IndexWriter) -> None:
        self.db = db
        self.writer = writer

    def __call__(self, number: int) -> Callable[[Session], None]:
        """Hand text ``number`` to the writer; the lane commits."""
        source = Texts(self.db)
        self.writer.replace_file(number, source.pages(number))
        self.writer.replace_titles(number, source.titles(number))
        return _nothing


class FollowCatalogue:
    """Handler of ``projection.CATALOGUE``: columns and words follow a changed plan or K/L."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self.db = db
        self.clock = clock

    def __call__(self, ref: int) -> Callable[[Session], None]:
        """Bring everything up to date; words of the plan may have changed where columns have not."""
        del ref
        catch_up(self.db, self.clock)
        for kind in (projection.ACTION, projection.UNIT):
            with self.db.read() as session:
                ids = session.scalars(sa.select(KindEntry.subject_id).where(KindEntry.kind == kind)).all()
            for first in range(0, len(ids), _BATCH):
                with self.db.write() as session:
                    projection.refresh(session, kind, ids[first : first + _BATCH], self.clock.now())
        return _nothing


def catch_up(db: Database, clock: Clock) -> None:
    """Rewrite the columns that are not what the database says, in small transactions."""
    for kind in projection.KINDS:
        with db.read() as session:
            stale = projection.stale(session, kind)
        for first in range(0, len(stale), _BATCH):
            with db.write() as session:
                projection.refresh(session, kind, stale[first : first + _BATCH], clock.now(), texts=False)


class RebuildKinds:
    """Handler of ``REBUILD``: columns first, then a new index aside, swapped in when it is whole."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        writer: Renewer,
        *,
        folder: Path,
        stop: threading.Event | None = None,
    ) -> None:
        self.db = db
        self.clock = clock
        self.rebuild = indexing.Rebuild(
            db,
            writer,
            indexing.keep_progress(folder),
            clock=clock,
            folder=folder,
            stop=stop,
            source=Texts(db),
        )

    def __call__(self, ref: int) -> Callable[[Session], None]:
        """Rebuild."""
        del ref
        self.run()
        return _nothing

    def run(self) -> IndexInfo:
        """Rebuild and return the state of the new index."""
        catch_up(self.db, self.clock)
        return self.rebuild.run()


class Texts:
    """Where the index of kinds reads: what there is, and what it says now."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def files(self) -> Sequence[int]:
        """Return the numbers of all texts."""
        return list(self._numbers())

    def products(self) -> Sequence[int]:
        """Return the same: each text has the title of its own."""
        return self.files()

    def _numbers(self) -> Iterator[int]:
        with self.db.read() as session:
            for copies in session.scalars(
                sa.select(KindEntry.copies).order_by(KindEntry.kind, KindEntry.subject_id)
            ):
                for copy in copies:
                    yield int(str(copy["copy"]))

    def pages(self, number: int) -> Sequence[PageText]:
        """Return the parts of a text."""
        with self.db.read() as session:
            found = texts(session, [number]).get(number)
        return [PageText(part, text, LANGUAGE) for part, text in found.parts.items()] if found else []

    def titles(self, number: int) -> Sequence[Title]:
        """Return the title of a text; a report has none."""
        with self.db.read() as session:
            found = texts(session, [number]).get(number)
        return [Title(number, found.title, LANGUAGE)] if found is not None and found.title else []

    def documents(self) -> int:
        """Return how many pages and titles an index of all texts holds."""
        count, numbers = 0, self.files()
        for first in range(0, len(numbers), _BATCH):
            with self.db.read() as session:
                found = texts(session, numbers[first : first + _BATCH])
            count += sum(len(text.parts) + bool(text.title) for text in found.values())
        return count

    def size(self) -> int:
        """Return about how many bytes the index will take."""
        return 2048 * len(self.files())
