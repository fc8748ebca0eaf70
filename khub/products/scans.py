"""Pages whose text is read from their picture: which wait for it, and where their words stand."""

from __future__ import annotations

import json
import zlib
from typing import TYPE_CHECKING

import sqlalchemy as sa

from indexer.extract import WordBox
from indexer.extract.collect import GARBLED, SCAN
from indexer.extract.model import PageKind
from khub import outbox
from khub.products.models import File, Page, PageWords

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

#: Outbox kind: read the next page of a file that is a scan; after everything else.
OCR = "ocr"
PRIORITY = 9
#: ``Page.source`` of a page whose text was read from its picture.
SOURCE = "ocr"
#: ``Page.error`` of pages that wait for it.
PENDING = (SCAN, GARBLED)
PICTURES = ("image/jpeg", "image/png")
#: Boxes are kept as fractions of the page in steps of this.
_GRID = 10_000


def ask(session: Session, file: File, now: datetime) -> None:
    """Ask for the scanned pages of a file that was just read; a picture is a page of its own."""
    if file.media_type in PICTURES and file.state == "evidence":
        session.add(
            Page(
                file_id=file.id,
                number=1,
                label="1",
                kind=PageKind.PAGE,
                approximate=False,
                heading="",
                error=SCAN,
                text=zlib.compress(b""),
            )
        )
        file.page_count = 1
    elif not pending(session, file.id):
        return
    outbox.enqueue(session, OCR, file.id, now, priority=PRIORITY)


def catch_up(session: Session, now: datetime) -> int:
    """Ask for the pictures that were stored before pictures were read as pages; returns how many there were."""
    stored = session.scalars(
        sa.select(File).where(File.state == "evidence", File.page_count == 0, File.media_type.in_(PICTURES))
    ).all()
    for file in stored:
        ask(session, file, now)
    return len(stored)


def again(session: Session, file: File, now: datetime) -> bool:
    """Ask for the pages that OCR failed on once more; False where there are none."""
    failed = session.scalars(
        sa.select(Page).where(Page.file_id == file.id, Page.source == SOURCE, Page.error != "")
    ).all()
    for page in failed:
        page.error, page.source = SCAN, ""
    if failed:
        if file.state == "ocr_failed":
            file.state = "needs_ocr"
        outbox.enqueue(session, OCR, file.id, now, priority=PRIORITY)
    return bool(failed)


def words_of(session: Session, file_id: int, number: int) -> tuple[WordBox, ...]:
    """Return the boxes of the words of a page that was read from its picture."""
    found = session.get(PageWords, (file_id, number))
    if found is None:
        return ()
    return tuple(
        WordBox(start, end, *(edge / _GRID for edge in edges))
        for start, end, *edges in json.loads(zlib.decompress(found.words))
    )


def pack_words(words: tuple[WordBox, ...]) -> bytes:
    """Return what ``words_of`` reads."""
    rows = [(w.start, w.end, *(round(edge * _GRID) for edge in (w.x0, w.y0, w.x1, w.y1))) for w in words]
    return zlib.compress(json.dumps(rows).encode(), 6)


def pending(session: Session, file_id: int) -> int:
    """Return how many pages of a file wait to be read from their pictures."""
    count = sa.select(sa.func.count()).select_from(Page)
    return session.scalar(count.where(Page.file_id == file_id, Page.error.in_(PENDING))) or 0
