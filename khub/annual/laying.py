"""Storing the chapters of a draft: as they start, and as the plan has them now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from khub.annual import compose
from khub.annual.desk import Desk
from khub.annual.models import AnnualParagraph, AnnualSection

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from khub.annual.models import AnnualReport
    from khub.annual.outline import Planned
    from khub.policy import Actor


class Laying(Desk):
    """Brings the stored sections of a report in line with its plan."""

    def lay_out(
        self,
        session: Session,
        actor: Actor,
        report: AnnualReport,
        planned: Sequence[tuple[Planned, int]],
        now: datetime,
    ) -> None:
        """Store new sections, each at its position, with the paragraphs that they start with."""
        sections = [
            AnnualSection(
                report_id=report.id,
                key=each.key,
                position=place,
                level=each.level,
                number=each.number,
                kind=each.kind,
                branch=each.branch,
                title=each.title,
            )
            for each, place in planned
        ]
        session.add_all(sections)
        session.flush()
        paragraphs = [
            self.fresh(report, section, place, text, actor, now)
            for section, (each, _) in zip(sections, planned, strict=True)
            for place, text in enumerate(each.paragraphs, 1)
        ]
        session.add_all(paragraphs)
        session.flush()
        for paragraph in paragraphs:
            self.revise(session, actor, paragraph, "added", now, paragraph.text)

    def follow(self, session: Session, actor: Actor, report: AnnualReport, now: datetime) -> None:
        """Store the sections as the plan has them now (see ``following``); what is in line stays untouched."""
        rows = compose.load(session, report.public_id).sections
        stored = {row.id: session.get_one(AnnualSection, row.id) for row in rows if row.id}
        renamed = [(stored[row.id], row.key) for row in rows if row.id and stored[row.id].key != row.key]
        if renamed:
            for section, _ in renamed:  # two may have changed places, and a key is there once
                section.key = f"~{section.id}"
            session.flush()
            for section, key in renamed:
                section.key = key
        fresh = []
        for place, row in enumerate(rows, 1):
            if row.planned is not None and not row.id:
                fresh.append((row.planned, place))
                continue
            section = stored[row.id]
            section.position = place
            if row.planned is not None:
                section.level, section.number, section.title = row.level, row.number, row.title
                section.branch = row.branch
        session.flush()
        self.lay_out(session, actor, report, fresh, now)

    @staticmethod
    def fresh(
        report: AnnualReport, section: AnnualSection, place: int, text: str, actor: Actor, now: datetime
    ) -> AnnualParagraph:
        """Return a paragraph that is new in a section."""
        return AnnualParagraph(
            report_id=report.id,
            section_id=section.id,
            position=place,
            text=text,
            revision=1,
            saved_at=now,
            saved_by=actor.person_id,
        )
