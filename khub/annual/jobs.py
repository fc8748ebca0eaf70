"""What the worker makes of a report: a file in the folder of exports, with progress on the way."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from khub.annual import compose, document, paper, sheets
from khub.annual.models import AnnualEdition, AnnualExport, AnnualReport
from khub.annual.publishing import Format, Readiness, path_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy.orm import Session

    from indexer.extract import Sandbox
    from khub.annual.document import Document
    from khub.clock import Clock
    from khub.db import Database

#: Why no file was made: something in the report must not be handed on; LibreOffice is missing or failed.
RESTRICTED, NO_PROGRAM, NO_PDF = "restricted", "no-libreoffice", "no-pdf"


class RefusedError(Exception):
    """No file can be made, and trying again would not help; ``why`` is one of the codes above."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class MakeExport:
    """Handler of ``publishing.EXPORT``. Repeats are harmless: the file is written anew."""

    def __init__(self, db: Database, clock: Clock, folder: Path, sandbox: Sandbox) -> None:
        self.db = db
        self.clock = clock
        self.folder = folder
        self.sandbox = sandbox

    def __call__(self, export_id: int) -> Callable[[Session], None]:
        """Make the file of export ``export_id``; returns the effect to run in the finishing transaction."""
        try:
            data, target = self._make(export_id)
        except RefusedError as error:
            why = error.why

            def refuse(session: Session) -> None:
                row = session.get_one(AnnualExport, export_id)
                row.state, row.why, row.finished_at = "refused", why, self.clock.now()

            return refuse
        self._keep(data, target)
        sha256 = hashlib.sha256(data).hexdigest()

        def effect(session: Session) -> None:
            row = session.get_one(AnnualExport, export_id)
            row.state, row.progress, row.finished_at = "done", 100, self.clock.now()
            row.size, row.sha256 = len(data), sha256

        return effect

    def _make(self, export_id: int) -> tuple[bytes, Path]:
        self._progress(export_id, 10)
        with self.db.read() as session:
            row = session.get_one(AnnualExport, export_id)
            form, target = row.format, path_of(self.folder, row.public_id, row.format)
            source, sha256 = self._source(session, row)
        self._progress(export_id, 40)
        match form:
            case Format.XLSX:
                return sheets.as_xlsx(source), target
            case Format.CSV:
                return sheets.citations_csv(source), target
        return self._paged(export_id, source, sha256, form), target

    @staticmethod
    def _source(session: Session, row: AnnualExport) -> tuple[Document, str]:
        if row.edition_id is not None:
            edition = session.get_one(AnnualEdition, row.edition_id)
            return document.parse(edition.content), edition.sha256
        report = session.get_one(AnnualReport, row.report_id)
        made, trouble = compose.document(session, compose.load(session, report.public_id))
        # What was free when the file was asked for may have become terbatas since.
        if Readiness(trouble, 0).faults or (trouble.restricted and not row.restricted):
            raise RefusedError(RESTRICTED)
        return made, ""

    def _paged(self, export_id: int, source: Document, sha256: str, form: str) -> bytes:
        """Return DOCX or PDF, written twice where LibreOffice can tell the pages for the contents."""
        from khub.annual import word  # noqa: PLC0415 - python-docx is slow to load, and few jobs need it

        docx = word.write(source, sha256=sha256)
        if paper.program() is None:
            if form == Format.PDF:
                raise RefusedError(NO_PROGRAM)
            return docx
        self._progress(export_id, 60)
        try:
            docx = word.write(
                source, sha256=sha256, pages=word.pages_of(self._outline(paper.render(docx)), source)
            )
            self._progress(export_id, 80)
            return paper.render(docx) if form == Format.PDF else docx
        except paper.RenderingError as error:
            if form == Format.PDF:
                raise RefusedError(NO_PDF) from error
            return docx

    def _outline(self, pdf: bytes) -> Sequence[tuple[str, int]]:
        with tempfile.TemporaryDirectory(prefix="khub-pdf-") as name:
            target = Path(name) / "laporan.pdf"
            target.write_bytes(pdf)
            return self.sandbox.extract(target, name=target.name).outline

    def _progress(self, export_id: int, percent: int) -> None:
        with self.db.write() as session:
            row = session.get_one(AnnualExport, export_id)
            row.state, row.progress = "working", percent

    def _keep(self, data: bytes, target: Path) -> None:
        """Write the file whole or not at all, for the owner only."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=self.folder)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(target)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
