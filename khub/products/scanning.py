"""Reading scans: one page a job, so that each becomes searchable when it is done and files take turns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from indexer.extract import Page as ReadPage
from indexer.extract import PageKind, Recognised
from indexer.extract.language import language_of, language_of_page
from indexer.extract.personal import find_personal
from indexer.extract.titles import opening_title
from khub import outbox
from khub.products import jobs, scans
from khub.products.models import File, Page, PageWords
from khub.products.scans import OCR, PENDING, PRIORITY, SOURCE
from khub.search import projection

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from indexer.extract import RenderFailure, Sandbox
    from khub.clock import Clock
    from khub.db import Database
    from khub.ocr import Ocr
    from khub.storage import Storage

#: Pages of a long scan are handed to the index in steps that grow with what is there already.
_AT_ONCE = 20
#: A photo with fewer words, or read with less confidence, is no page of text.
_TEXT_WORDS, _TEXT_CONFIDENCE = 8, 60
_FAILED = "ocr."


@dataclass(frozen=True, slots=True)
class _Task:
    """The page in hand. ``read_at`` tells whether the file was read anew meanwhile."""

    number: int
    sha256: str
    media_type: str
    read_at: datetime | None


class ReadScan:
    """Handler of ``OCR``. Repeats are harmless: a page that is read waits for nothing any more."""

    def __init__(self, db: Database, storage: Storage, clock: Clock, sandbox: Sandbox, ocr: Ocr) -> None:
        self.db = db
        self.storage = storage
        self.clock = clock
        self.sandbox = sandbox
        self.ocr = ocr

    def __call__(self, file_id: int) -> Callable[[Session], None]:
        """Read the next waiting page of file ``file_id``; the effect keeps it and asks for the one after."""
        with self.db.read() as session:
            task = _next(session, file_id)
        tool = self.ocr.state().tool
        if task is None:
            return lambda session: _end(session, file_id, self.clock.now())
        if tool is None:
            raise OSError("tesseract is gone")
        outcome = self.sandbox.recognise(
            self.storage.path(task.sha256),
            media_type=task.media_type,
            page=task.number,
            tool=tool,
            limits=self.ocr.limits,
        )

        def effect(session: Session) -> None:
            _keep(session, file_id, task, outcome, self.clock.now())

        return effect


def _next(session: Session, file_id: int) -> _Task | None:
    found = session.execute(
        sa.select(Page.number, File.sha256, File.media_type, File.read_at)
        .join(File, File.id == Page.file_id)
        .where(File.id == file_id, Page.error.in_(PENDING))
        .order_by(Page.number)
        .limit(1)
    ).one_or_none()
    return None if found is None else _Task(*found)


def _keep(
    session: Session, file_id: int, task: _Task, outcome: Recognised | RenderFailure, now: datetime
) -> None:
    file = session.get_one(File, file_id)
    jobs.lock_product(session, file)
    page = session.get(Page, (file_id, task.number))
    if page is not None and page.error in PENDING and file.read_at == task.read_at:
        page.source = SOURCE
        if isinstance(outcome, Recognised):
            page.error = ""
            page.text = jobs.pack(outcome.text)
            page.confidence = outcome.confidence
            page.language = language_of_page(outcome.text)
            session.merge(
                PageWords(file_id=file_id, number=task.number, words=scans.pack_words(outcome.words))
            )
        else:
            page.error = f"{_FAILED}{outcome.reason}"[:60]
        session.flush()
    left = scans.pending(session, file_id)
    if not left:
        _end(session, file_id, now)
        return
    done = _counts(session, file_id)[0]
    if done and file.state == "needs_ocr":
        file.state = "ocr_running"
    file.detail = {**file.detail, "done": done, "scans": done + left}
    if done <= _AT_ONCE or done % (1 + done // _AT_ONCE) == 0:
        outbox.enqueue(session, jobs.INDEX, file_id, now, priority=4)
    outbox.enqueue(session, OCR, file_id, now, priority=PRIORITY)


def _counts(session: Session, file_id: int) -> tuple[int, int, int]:
    """Return how many pages OCR has done, how many of them it failed on, and the mean confidence."""
    done, failed, confidence = session.execute(
        sa.select(
            sa.func.count(),
            sa.func.count(sa.case((Page.error != "", 1))),
            sa.func.avg(sa.case((Page.confidence > 0, Page.confidence))),
        ).where(Page.file_id == file_id, Page.source == SOURCE)
    ).one()
    return done, failed, round(confidence or 0)


def _end(session: Session, file_id: int, now: datetime) -> None:
    """Say what became of the file, and learn from its text what is learnt from any."""
    file = session.get(File, file_id)
    if file is None:
        return
    jobs.lock_product(session, file)
    done, failed, confidence = _counts(session, file_id)
    if not done:
        return
    pages = _pages(session, file_id)
    if file.media_type in scans.PICTURES:
        _judge_picture(session, file, pages[0], confidence)
    else:
        _judge(file, pages, done, failed)
    file.detail = {
        "scans": done,
        "pages": file.page_count,
        "confidence": confidence,
        **({"failed": failed} if failed else {}),
    }
    file.language = language_of(page.text for page in pages) or file.language
    file.title = file.title or opening_title(pages)[: jobs.TITLE_LIMIT]
    file.personal = [
        {"kind": found.kind, "count": found.count, "pages": list(found.pages)}
        for found in find_personal(pages)
    ]
    outbox.enqueue(session, jobs.INDEX, file_id, now, priority=2)
    jobs.prefill(session, file)
    projection.refresh(session, [file.product_id], now)


def _judge(file: File, pages: list[ReadPage], done: int, failed: int) -> None:
    if failed:
        only = failed == done and not any(page.text for page in pages if not page.error)
        file.state = "ocr_failed" if only else "partial"
        file.reason = next(page.error for page in pages if page.error.startswith(_FAILED))
    elif not any(page.text for page in pages):
        file.state, file.reason = "no_text", "ocr.blank"
    elif file.state != "partial" or file.reason.startswith(_FAILED):
        file.state, file.reason = "read", "ocr.read"


def _judge_picture(session: Session, file: File, page: ReadPage, confidence: int) -> None:
    """Tell a letter from a photo: what OCR makes out in a photo is no text, and is not kept."""
    if not page.error and len(page.text.split()) >= _TEXT_WORDS and confidence >= _TEXT_CONFIDENCE:
        file.state, file.reason = "read", "ocr.read"
        return
    file.state, file.reason = "evidence", page.error or "ocr.photo"
    if not page.error:
        stored = session.get_one(Page, (file.id, 1))
        stored.text, stored.language = jobs.pack(""), ""
        session.execute(sa.delete(PageWords).where(PageWords.file_id == file.id))


def _pages(session: Session, file_id: int) -> list[ReadPage]:
    return [
        ReadPage(
            page.number,
            page.label,
            PageKind(page.kind),
            page.approximate,
            page.heading,
            "" if page.error in PENDING else jobs.unpack(page.text),
            page.error,
            page.language,
        )
        for page in session.scalars(sa.select(Page).where(Page.file_id == file_id).order_by(Page.number))
    ]
