"""Checking a text or a file: the file is read in the sandbox, from a temporary copy, and not kept."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from indexer.extract import FileState
from khub.checking.check import LONGEST, check
from khub.checking.ledgered import LedgerRecords
from khub.clock import WIB
from khub.errors import N_, FieldError, InvalidError, NotFoundError, TooLargeError
from khub.plan.queries import plan_called, plans

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from indexer.extract import Extraction, Sandbox
    from khub.checking.model import Report
    from khub.clock import Clock
    from khub.db import Database
    from khub.plan.queries import PlanRow
    from khub.policy import Actor

#: Longest text, in characters, that may be pasted.
LONGEST_TYPED = 100_000
_CHUNK = 1 << 16
_UNREAD: dict[str, str] = {
    FileState.NEEDS_OCR: N_("Berkas ini gambar tanpa teks: perlu OCR dahulu."),
    FileState.LOCKED: N_("Berkas ini terkunci kata sandi."),
    FileState.NO_TEXT: N_("Tidak ada teks dalam berkas ini."),
    FileState.BROKEN: N_("Berkas ini rusak dan tidak terbaca."),
    FileState.TOO_RISKY: N_("Berkas ini terlalu besar atau berisiko untuk dibaca."),
    FileState.TIMEOUT: N_("Membaca berkas ini terlalu lama."),
    FileState.UNSUPPORTED: N_("Jenis berkas ini tidak didukung. Pakai TXT, DOCX, PDF, atau HTML."),
    FileState.EVIDENCE: N_("Berkas ini gambar tanpa teks: perlu OCR dahulu."),
}

#: Reasons of the extractor that say more than its state.
_PLAINER = {"empty": FileState.NO_TEXT, "executable": FileState.UNSUPPORTED}


@dataclass(frozen=True, slots=True)
class Choice:
    """What to hold a text against: plan by code ("" the running one), year (None: the plan's), day (None: now)."""

    plan: str = ""
    year: int | None = None
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """A text with where its pages begin ((), where there are none) and what they are called.

    ``partial``: some of the file could not be read, or was left out.
    """

    text: str
    page_starts: tuple[int, ...] = ()
    labels: tuple[str, ...] = ()
    partial: bool = False


@dataclass(frozen=True, slots=True)
class Checked:
    """A report with what it was held against; ``plan`` None: the text was held against itself only."""

    report: Report
    source: Source
    plan: PlanRow | None
    year: int | None
    until: datetime | None

    def page_label(self, page: int | None) -> str:
        """Return what the document calls a page, "" where pages are unknown."""
        return "" if page is None else self.source.labels[page - 1]


class Checking:
    """Holds texts against khub's official numbers; changes nothing, keeps nothing."""

    def __init__(self, db: Database, clock: Clock, sandbox: Sandbox, *, limit: int) -> None:
        self.db = db
        self.clock = clock
        self.sandbox = sandbox
        self.limit = limit

    def plans(self, actor: Actor) -> tuple[PlanRow, ...]:
        """Return the plans that a text can be held against."""
        with self.db.read() as session:
            return plans(session, actor, self.clock.now())

    def check(self, actor: Actor, source: Source, choice: Choice) -> Checked:
        """Return the report of a text. Raises ``InvalidError`` for a plan or year that is not there."""
        with self.db.read() as session:
            plan = self._plan(session, actor, choice)
            if plan is None:
                report = check(source.text, None, page_starts=source.page_starts)
                return Checked(report, source, None, None, None)
            until = self._until(choice.day)
            year = choice.year or plan.year
            records = LedgerRecords(session, plan, until, year)
            if choice.year is not None and choice.year not in records.years:
                raise InvalidError.one("tahun", N_("Rencana ini tidak punya daftar tahun itu."))
            report = check(source.text, records, page_starts=source.page_starts)
            return Checked(report, source, plan, year, until)

    def read(self, stream: BinaryIO, name: str) -> Source:
        """Return the text of an uploaded file, field "berkas" of a form.

        Raises ``InvalidError`` when there is no text to be had, ``TooLargeError`` above the limit.
        """
        with tempfile.TemporaryDirectory(prefix="khub-") as folder:
            path = Path(folder) / "berkas"
            size = 0
            with path.open("wb") as file:
                while chunk := stream.read(_CHUNK):
                    size += len(chunk)
                    if size > self.limit:
                        raise TooLargeError(N_("Berkas terlalu besar."))
                    file.write(chunk)
            return source_of(self.sandbox.extract(path, name=name))

    def _plan(self, session: Session, actor: Actor, choice: Choice) -> PlanRow | None:
        try:
            return plan_called(session, actor, choice.plan, self.clock.now())
        except NotFoundError:
            if choice.plan:
                raise InvalidError.one("rencana", N_("Rencana ini tidak ada.")) from None
            return None

    def _until(self, day: date | None) -> datetime:
        now = self.clock.now()
        return now if day is None else min(now, datetime.combine(day, time.max, WIB))


def typed(text: str) -> Source:
    """Return what was pasted into a form, field "teks". Raises ``InvalidError``."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise InvalidError([FieldError("teks", N_("Tempel teks atau pilih berkas."))])
    if len(text) > LONGEST_TYPED:
        raise InvalidError.one(
            "teks",
            N_("Teks terlalu panjang: paling panjang 100.000 karakter. Unggah sebagai berkas."),
        )
    return Source(text)


def source_of(found: Extraction) -> Source:
    """Return the text of an extracted file with its pages. Raises ``InvalidError`` (field "berkas")."""
    if found.state in _UNREAD and not any(page.text.strip() for page in found.pages):
        raise InvalidError.one("berkas", _UNREAD[_PLAINER.get(found.reason, found.state)])
    texts = [page.text for page in found.pages]
    starts = _starts(texts)
    whole = "\n".join(texts)
    if not whole.strip():
        raise InvalidError.one("berkas", _UNREAD[FileState.NO_TEXT])
    return Source(
        whole[:LONGEST],
        starts,
        tuple(page.label or str(page.number) for page in found.pages),
        partial=found.state is not FileState.READ or len(whole) > LONGEST,
    )


def _starts(texts: Sequence[str]) -> tuple[int, ...]:
    starts, at = [], 0
    for text in texts:
        starts.append(at)
        at += len(text) + 1
    return tuple(starts)
