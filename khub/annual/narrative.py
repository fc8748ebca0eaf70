"""Writing the report: chapters from the plan, paragraphs one at a time, every save kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub.annual import outline
from khub.annual.desk import LONGEST, limited, said
from khub.annual.laying import Laying
from khub.annual.models import (
    AnnualException,
    AnnualParagraph,
    AnnualReport,
    AnnualRevision,
    AnnualSection,
)
from khub.cycle import ledger as ledgers
from khub.errors import N_, ConflictError, InvalidError, NotFoundError
from khub.plan.models import Plan
from khub.products import ids

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from khub.policy import Actor


class StaleParagraphError(ConflictError):
    """Somebody saved the paragraph in between: ``revision`` and ``stored`` are what holds now.

    What was typed is kept among the paragraph's revisions.
    """

    def __init__(self, revision: int, stored: str) -> None:
        super().__init__(
            N_("Orang lain menyimpan paragraf ini sementara Anda menulis. Kedua teks tersimpan; bandingkan.")
        )
        self.revision = revision
        self.stored = stored


@dataclass(frozen=True, slots=True)
class Saved:
    """What a save left behind."""

    revision: int
    at: datetime


class Narrative(Laying):
    """Use cases on a report and its paragraphs. Every method is one transaction with its event."""

    def create(
        self, actor: Actor, plan: str, year: int, *, title: str = "", as_of: datetime | None = None
    ) -> str:
        """Start the report on a year of a plan with chapters from the plan; returns its public id.

        ``as_of`` defaults to now. Raises ``InvalidError`` for an unknown plan or a year without a
        table, ``ConflictError`` when that report is there already.
        """
        self.demand(actor)
        now = self.clock.now()
        as_of = self._past(as_of or now, now)
        with self.db.write() as session:
            found = session.scalar(sa.select(Plan).where(Plan.code == plan).with_for_update())
            if found is None:
                raise InvalidError.one("plan", N_("Rencana ini tidak ada."))
            known = sa.select(AnnualReport.id).where(
                AnnualReport.plan_id == found.id, AnnualReport.year == year
            )
            if session.scalar(known) is not None:
                raise ConflictError(N_("Laporan tahun itu sudah ada."))
            actions = ledgers.read(session, found.id, as_of, period_ids=()).on_table(year)
            if not actions:
                raise InvalidError.one("year", N_("Belum ada daftar aksi untuk tahun itu."))
            report = AnnualReport(
                public_id=ids.annual_id(),
                plan_id=found.id,
                year=year,
                title=limited(title, "title", longest=300)
                or f"Laporan Pelaksanaan {found.name} Tahun {year}",
                as_of=as_of,
                saved_at=now,
                created_by=actor.person_id,
                created_at=now,
            )
            session.add(report)
            session.flush()
            planned = outline.chapters(found.name, found.branch_label, year, actions)
            self.lay_out(
                session, actor, report, [(each, place) for place, each in enumerate(planned, 1)], now
            )
            facts = {"plan": plan, "year": year, "sections": len(planned)}
            self.record(session, actor, "annual.created", report, now, facts=facts)
            report.revision = 1
            return report.public_id

    def set_as_of(self, actor: Actor, public_id: str, as_of: datetime) -> None:
        """Let live figures be those recorded until ``as_of``. Raises ``InvalidError`` for a time to come."""
        now = self.clock.now()
        with self.db.write() as session:
            report = self.opened(session, actor, public_id)
            before, report.as_of = report.as_of, self._past(as_of, now)
            session.flush()
            self.follow(session, actor, report, now)
            facts = {"from": before.isoformat(), "to": report.as_of.isoformat()}
            self.record(session, actor, "annual.date-set", report, now, facts=facts)

    @staticmethod
    def _past(as_of: datetime, now: datetime) -> datetime:
        if as_of > now:
            raise InvalidError.one(
                "as_of", N_("Tanggal ini belum tiba; angka hanya dapat tercatat sampai kini.")
            )
        return as_of

    # -- paragraphs ----------------------------------------------------------------------------------

    def save(self, actor: Actor, public_id: str, paragraph_id: int, text: str, revision: int) -> Saved:
        """Save a paragraph that was read as ``revision``; the same text again changes nothing.

        Raises ``StaleParagraphError`` when another save came first, ``InvalidError`` above
        ``LONGEST`` characters.
        """
        text = limited(text, "text", longest=LONGEST)
        now = self.clock.now()
        stale: StaleParagraphError | None = None
        with self.db.write() as session:
            report = self.opened(session, actor, public_id)
            paragraph = self.paragraph(session, report, paragraph_id)
            if text == paragraph.text:
                return Saved(paragraph.revision, paragraph.saved_at)
            if revision != paragraph.revision:
                stale = StaleParagraphError(paragraph.revision, paragraph.text)
                self._keep_aside(session, actor, report, paragraph, text, revision, now)
            else:
                self._write(session, actor, report, paragraph, text, now, "saved")
        if stale is not None:
            raise stale
        return Saved(paragraph.revision, now)

    def _write(
        self,
        session: Session,
        actor: Actor,
        report: AnnualReport,
        paragraph: AnnualParagraph,
        text: str,
        now: datetime,
        act: str,
    ) -> None:
        paragraph.text = text
        self._stamp(session, actor, report, paragraph, now, act)

    def _stamp(
        self,
        session: Session,
        actor: Actor,
        report: AnnualReport,
        paragraph: AnnualParagraph,
        now: datetime,
        act: str,
    ) -> None:
        paragraph.revision += 1
        paragraph.saved_at, paragraph.saved_by = now, actor.person_id
        self.revise(session, actor, paragraph, act, now, paragraph.text)
        facts = {"paragraph": paragraph.id, "revision": paragraph.revision}
        self.record(session, actor, f"annual.paragraph-{act}", report, now, facts=facts)

    def _keep_aside(
        self,
        session: Session,
        actor: Actor,
        report: AnnualReport,
        paragraph: AnnualParagraph,
        text: str,
        revision: int,
        now: datetime,
    ) -> None:
        """Keep a text that came too late, once, so that no word of either writer is lost."""
        known = sa.select(AnnualRevision.id).where(
            AnnualRevision.paragraph_id == paragraph.id,
            AnnualRevision.act == "conflict",
            AnnualRevision.person_id == actor.person_id,
            AnnualRevision.text == text,
        )
        if session.scalar(known.limit(1)) is not None:
            return
        self.revise(session, actor, paragraph, "conflict", now, text)
        facts = {"paragraph": paragraph.id, "revision": revision}
        self.record(session, actor, "annual.paragraph-conflict", report, now, facts=facts)

    def add(
        self, actor: Actor, public_id: str, section: str, *, after: int | None = None, text: str = ""
    ) -> int:
        """Add a paragraph to the section with key ``section``, after one of its own or at the end."""
        text = limited(text, "text", longest=LONGEST)
        now = self.clock.now()
        with self.db.write() as session:
            report = self.opened(session, actor, public_id)
            self.follow(session, actor, report, now)
            its = session.scalar(
                sa.select(AnnualSection).where(
                    AnnualSection.report_id == report.id, AnnualSection.key == section
                )
            )
            if its is None:
                raise NotFoundError
            row = self._standing(session, its.id)
            ids = [each.id for each in row]
            if after is not None and after not in ids:
                raise NotFoundError
            fresh = self.fresh(report, its, 0, text, actor, now)
            session.add(fresh)
            session.flush()
            row.insert(len(row) if after is None else ids.index(after) + 1, fresh)
            self._renumber(row)
            self.revise(session, actor, fresh, "added", now, text)
            facts = {"paragraph": fresh.id, "section": section}
            self.record(session, actor, "annual.paragraph-added", report, now, facts=facts)
            return fresh.id

    def move(self, actor: Actor, public_id: str, paragraph_id: int, *, up: bool) -> None:
        """Move a paragraph one place up or down within its section; at the edge it stays."""
        now = self.clock.now()
        with self.db.write() as session:
            report = self.opened(session, actor, public_id)
            paragraph = self.paragraph(session, report, paragraph_id)
            row = self._standing(session, paragraph.section_id)
            at = row.index(paragraph)
            to = at + (-1 if up else 1)
            if not 0 <= to < len(row):
                return
            row[at], row[to] = row[to], row[at]
            self._renumber(row)
            facts = {"paragraph": paragraph.id}
            self.record(session, actor, "annual.paragraph-moved", report, now, facts=facts)

    def remove(self, actor: Actor, public_id: str, paragraph_id: int) -> None:
        """Take a paragraph out of the report; its revisions and masukan stay, ``restore`` brings it back."""
        now = self.clock.now()
        with self.db.write() as session:
            report = self.opened(session, actor, public_id)
            paragraph = self.paragraph(session, report, paragraph_id)
            paragraph.deleted_at = now
            self._stamp(session, actor, report, paragraph, now, "deleted")

    def restore(self, actor: Actor, public_id: str, paragraph_id: int, revision_id: int) -> None:
        """Let a paragraph say again what a revision of it said; one that was taken out comes back."""
        now = self.clock.now()
        with self.db.write() as session:
            report = self.opened(session, actor, public_id)
            paragraph = session.get(AnnualParagraph, paragraph_id)
            revision = session.get(AnnualRevision, revision_id)
            if (
                paragraph is None
                or revision is None
                or paragraph.report_id != report.id
                or revision.paragraph_id != paragraph.id
            ):
                raise NotFoundError
            paragraph.deleted_at = None
            self._write(session, actor, report, paragraph, revision.text, now, "restored")

    def swap(
        self, actor: Actor, public_id: str, paragraph_id: int, *, phrase: str, start: int, token: str
    ) -> None:
        """Put a live figure in the place of ``phrase``, written at ``start`` of the paragraph.

        Raises ``ConflictError`` when it no longer stands there.
        """
        now = self.clock.now()
        with self.db.write() as session:
            report = self.opened(session, actor, public_id)
            paragraph = self.paragraph(session, report, paragraph_id)
            end = start + len(phrase)
            if not phrase or start < 0 or paragraph.text[start:end] != phrase:
                raise ConflictError(N_("Paragraf ini sudah berubah. Muat ulang halaman, lalu periksa lagi."))
            text = paragraph.text[:start] + token + paragraph.text[end:]
            self._write(session, actor, report, paragraph, text, now, "saved")

    def keep_phrase(self, actor: Actor, public_id: str, paragraph_id: int, phrase: str, reason: str) -> None:
        """Let a phrase stand that Periksa angka does not agree with. Raises ``InvalidError`` without a reason."""
        reason = said(reason, "reason", N_("Tulis mengapa angka ini dibiarkan; alasannya dicatat."))
        phrase = said(phrase, "phrase", N_("Frasa ini tidak ada lagi. Muat ulang halaman."))
        now = self.clock.now()
        with self.db.write() as session:
            report = self.opened(session, actor, public_id)
            paragraph = self.paragraph(session, report, paragraph_id)
            session.add(
                AnnualException(
                    report_id=report.id,
                    paragraph_id=paragraph.id,
                    phrase=phrase,
                    reason=reason,
                    person_id=actor.person_id,
                    at=now,
                )
            )
            facts = {"paragraph": paragraph.id, "phrase": phrase[:200]}
            self.record(session, actor, "annual.phrase-kept", report, now, reason=reason, facts=facts)

    @staticmethod
    def _standing(session: Session, section_id: int) -> list[AnnualParagraph]:
        return list(
            session.scalars(
                sa.select(AnnualParagraph)
                .where(AnnualParagraph.section_id == section_id, AnnualParagraph.deleted_at.is_(None))
                .order_by(AnnualParagraph.position, AnnualParagraph.id)
            )
        )

    @staticmethod
    def _renumber(row: Sequence[AnnualParagraph]) -> None:
        for place, paragraph in enumerate(row, 1):
            paragraph.position = place
