"""Quoting: exact snapshot, page and words; what not every reader may read only by choice, with a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub import policy
from khub.annual import citations
from khub.annual.desk import Desk, said
from khub.annual.models import AnnualCitation, AnnualParagraph, AnnualReport
from khub.annual.records import ANY_READER
from khub.annual.tokens import citation
from khub.errors import N_, ConflictError, InvalidError, NotFoundError
from khub.products import copies
from khub.products.jobs import unpack
from khub.products.models import Copy, CopyFile, File, Page, Product, Version
from khub.products.queries import readable_copies
from khub.reports.models import Report, ReportCopy
from khub.reports.queries import readable_reports

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from khub.policy import Actor, Content

_NEEDS_REASON = N_(
    "Sumber ini tidak dapat dibaca semua orang yang masuk (terbatas, atau belum disetujui). "
    "Bila tetap dikutip, tulis alasannya; pilihan ini dicatat."
)
_NO_WORDS = N_("Kata yang dikutip masih kosong.")
_NOT_THERE = N_("Kata ini tidak ada di halaman itu. Salin persis dari teks halaman.")


class Citing(Desk):
    """Use cases on citations. Every method is one transaction with its event."""

    def cite_page(
        self,
        actor: Actor,
        public_id: str,
        file: str,
        page: int,
        quote: str,
        *,
        version: int | None = None,
        snapshot: int | None = None,
        reason: str = "",
    ) -> int:
        """Quote ``quote`` from page ``page`` of a file; returns the key for ``[[kutipan:key]]``.

        ``version`` and ``snapshot`` name the copy of the keluaran that holds the file; without them it
        is the one that stands for it now. 404 where ``actor`` may not read it; ``InvalidError`` for
        words that are not on the page, and without a ``reason`` where not every reader may read it.
        """
        quote = said(quote, "quote", _NO_WORDS)
        now = self.clock.now()
        with self.db.write() as session:
            report = self.opened(session, actor, public_id)
            copy, its_version, product, source = self._source(session, actor, file, version, snapshot)
            stored = session.get(Page, (source.id, page))
            if stored is None:
                raise NotFoundError
            if not citations.holds(unpack(stored.text), quote):
                raise InvalidError.one("quote", _NOT_THERE)
            reason = self._choice(copies.content_of(product, copy), reason)
            row = AnnualCitation(
                copy_id=copy.id, file_id=source.id, page=page, sha256=source.sha256, quote=quote
            )
            facts = {
                "product": product.public_id,
                "version": its_version.number,
                "snapshot": copy.number,
                "page": page,
            }
            return self._keep(session, actor, report, row, reason, now, facts)

    @staticmethod
    def _source(
        session: Session, actor: Actor, file: str, version: int | None, snapshot: int | None
    ) -> tuple[Copy, Version, Product, File]:
        query = (
            readable_copies(actor)
            .add_columns(File)
            .join(CopyFile, CopyFile.copy_id == Copy.id)
            .join(File, File.id == CopyFile.file_id)
            .where(File.public_id == file)
        )
        if version is not None:
            query = query.where(Version.number == version)
        if snapshot is not None:
            query = query.where(Copy.number == snapshot)
        found = session.execute(query).all()
        if not found:
            raise NotFoundError
        copy, its_version, product, source = max(found, key=lambda row: copies.rank_of(row[0], row[1]))
        return copy, its_version, product, source

    def cite_report(self, actor: Actor, public_id: str, row: str, quote: str, *, reason: str = "") -> int:
        """Quote what a report row says (public id ``row``) in its newest readable snapshot; returns the key.

        Refuses as ``cite_page`` does.
        """
        quote = said(quote, "quote", _NO_WORDS)
        now = self.clock.now()
        with self.db.write() as session:
            report = self.opened(session, actor, public_id)
            found = session.execute(
                readable_reports(actor)
                .where(Report.public_id == row, ReportCopy.outcome.in_(("approved", "pending", "returned")))
                .order_by(ReportCopy.number.desc())
                .limit(1)
            ).one_or_none()
            if found is None:
                raise NotFoundError
            copy, its = found
            if not citations.holds(f"{copy.achievement}\n{copy.obstacles}\n{copy.follow_up}", quote):
                raise InvalidError.one("quote", N_("Kata ini tidak ada dalam laporan itu. Salin persis."))
            content = policy.Content(copy.access, its.classification, its.institution_id, its.pokja_id)
            reason = self._choice(content, reason)
            facts = {"report": row, "snapshot": copy.number}
            cited = AnnualCitation(report_copy_id=copy.id, quote=quote)
            return self._keep(session, actor, report, cited, reason, now, facts)

    @staticmethod
    def _choice(content: Content, reason: str) -> str:
        """Return the reason that is needed, "" where everybody may read what is quoted."""
        if policy.can_read(ANY_READER, content):
            return ""
        return said(reason, "reason", _NEEDS_REASON)

    def _keep(
        self,
        session: Session,
        actor: Actor,
        report: AnnualReport,
        row: AnnualCitation,
        reason: str,
        now: datetime,
        facts: Mapping[str, object],
    ) -> int:
        last = session.scalar(
            sa.select(sa.func.max(AnnualCitation.key)).where(AnnualCitation.report_id == report.id)
        )
        row.report_id, row.key = report.id, (last or 0) + 1
        row.created_by, row.created_at = actor.person_id, now
        if reason:
            row.allowed_reason, row.allowed_by, row.allowed_at = reason, actor.person_id, now
        session.add(row)
        act = "annual.cited-restricted" if reason else "annual.cited"
        self.record(session, actor, act, report, now, reason=reason, facts={**facts, "citation": row.key})
        return row.key

    def allow(self, actor: Actor, public_id: str, key: int, reason: str) -> None:
        """Let a citation stand that not every reader may read any more. Raises ``InvalidError``."""
        reason = said(reason, "reason", _NEEDS_REASON)
        now = self.clock.now()
        with self.db.write() as session:
            report = self.opened(session, actor, public_id)
            row = self._citation(session, report, key)
            row.allowed_reason, row.allowed_by, row.allowed_at = reason, actor.person_id, now
            facts = {"citation": key}
            self.record(session, actor, "annual.citation-allowed", report, now, reason=reason, facts=facts)

    def drop(self, actor: Actor, public_id: str, key: int) -> None:
        """Forget a citation that no paragraph uses. Raises ``ConflictError`` while one does."""
        now = self.clock.now()
        with self.db.write() as session:
            report = self.opened(session, actor, public_id)
            row = self._citation(session, report, key)
            used = session.scalar(
                sa.select(AnnualParagraph.id)
                .where(
                    AnnualParagraph.report_id == report.id,
                    AnnualParagraph.deleted_at.is_(None),
                    AnnualParagraph.text.contains(citation(key), autoescape=True),
                )
                .limit(1)
            )
            if used is not None:
                raise ConflictError(N_("Kutipan ini masih dipakai sebuah paragraf."))
            row.dropped_at = now
            self.record(session, actor, "annual.citation-dropped", report, now, facts={"citation": key})

    @staticmethod
    def _citation(session: Session, report: AnnualReport, key: int) -> AnnualCitation:
        row = session.scalar(
            sa.select(AnnualCitation).where(
                AnnualCitation.report_id == report.id,
                AnnualCitation.key == key,
                AnnualCitation.dropped_at.is_(None),
            )
        )
        if row is None:
            raise NotFoundError
        return row
