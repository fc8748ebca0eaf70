"""What the worker does with files: read their text in the sandbox, keep it page by page."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub import outbox
from khub.products import scans
from khub.products.lifecycle import EDITABLE
from khub.products.models import (
    WORKING,
    Copy,
    CopyAction,
    CopyFile,
    File,
    Page,
    PageWords,
    Product,
    Version,
)
from khub.search import projection

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sqlalchemy.orm import Session

    from indexer.extract import Extraction, Sandbox
    from khub.clock import Clock
    from khub.db import Database
    from khub.storage import Storage

#: Outbox kind: put a file's pages into the index.
INDEX = "index"
#: Outbox kind: an action moved or was renamed; its keluaran's search columns follow.
ENTRIES = "entries"

TITLE_LIMIT = 300


def pack(text: str) -> bytes:
    """Return page text as the database keeps it."""
    return zlib.compress(text.encode(), 6)


def unpack(data: bytes) -> str:
    """Return page text from what ``pack`` made."""
    return zlib.decompress(data).decode()


class ReadFile:
    """Handler of ``uploads.READ``. Repeats are harmless: it replaces what an earlier run wrote."""

    def __init__(self, db: Database, storage: Storage, clock: Clock, sandbox: Sandbox) -> None:
        self.db = db
        self.storage = storage
        self.clock = clock
        self.sandbox = sandbox

    def __call__(self, file_id: int) -> Callable[[Session], None]:
        """Read file ``file_id``; returns the effect to run in the finishing transaction."""
        path, name = self._start(file_id)
        extraction = self.sandbox.extract(path, name=name)

        def effect(session: Session) -> None:
            self._keep(session, file_id, extraction)

        return effect

    def _start(self, file_id: int) -> tuple[Path, str]:
        with self.db.write() as session:
            file = session.get_one(File, file_id)
            file.state = "processing"
            return self.storage.path(file.sha256), file.name

    def _keep(self, session: Session, file_id: int, extraction: Extraction) -> None:
        now = self.clock.now()
        file = session.get_one(File, file_id)
        lock_product(session, file)
        session.execute(sa.delete(PageWords).where(PageWords.file_id == file_id))
        session.execute(sa.delete(Page).where(Page.file_id == file_id))
        session.add_all(
            Page(
                file_id=file_id,
                number=page.number,
                label=page.label[:60],
                kind=page.kind,
                approximate=page.approximate,
                heading=page.heading,
                error=page.error[:60],
                text=pack(page.text),
                language=page.language,
            )
            for page in extraction.pages
        )
        file.state = extraction.state
        file.reason = extraction.reason
        file.detail = dict(extraction.detail)
        file.warnings = list(extraction.warnings)
        file.personal = [
            {"kind": found.kind, "count": found.count, "pages": list(found.pages)}
            for found in extraction.personal
        ]
        file.outline = [list(entry) for entry in extraction.outline]
        file.title = extraction.title[:TITLE_LIMIT]
        file.language = extraction.language
        file.page_count = extraction.page_count
        file.media_type = extraction.media_type or file.media_type
        file.read_at = now
        file.extractor = extraction.version
        session.flush()
        scans.ask(session, file, now)
        outbox.enqueue(session, INDEX, file_id, now, priority=2)
        prefill(session, file)
        projection.refresh(session, [file.product_id], now)


def lock_product(session: Session, file: File) -> None:
    """Lock the keluaran of ``file`` as people's changes do: what they type meanwhile is not overwritten.

    While waiting the file may have moved to another one by a join or split.
    """
    locked = 0
    while locked != file.product_id:
        locked = file.product_id
        session.execute(sa.select(Product.id).where(Product.id == locked).with_for_update())
        session.refresh(file)


def prefill(session: Session, file: File) -> None:
    """Give a working copy the title and language found in its first file, unless a person chose them."""
    for copy in session.scalars(
        sa.select(Copy)
        .join(CopyFile, CopyFile.copy_id == Copy.id)
        .join(Version, Version.id == Copy.version_id)
        .where(CopyFile.file_id == file.id, Copy.number == WORKING, Version.state.in_(EDITABLE))
    ):
        first = session.scalar(
            sa.select(CopyFile.file_id)
            .where(CopyFile.copy_id == copy.id)
            .order_by(CopyFile.position, CopyFile.file_id)
            .limit(1)
        )
        if first != file.id:
            continue
        if file.title and not copy.title_typed:
            copy.title = file.title
        if file.language and not copy.language_chosen:
            copy.language = file.language


class RefreshEntries:
    """Handler of ``ENTRIES``: rewrite the search columns of every keluaran of an action."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self.db = db
        self.clock = clock

    def __call__(self, action_id: int) -> Callable[[Session], None]:
        """Return the effect for action ``action_id``."""

        def effect(session: Session) -> None:
            products = session.scalars(
                sa.select(Version.product_id)
                .join(Copy, Copy.version_id == Version.id)
                .join(CopyAction, CopyAction.copy_id == Copy.id)
                .where(CopyAction.action_id == action_id)
                .distinct()
            ).all()
            projection.refresh(session, products, self.clock.now())

        return effect
