"""What every act on a report shares: who may, the locked row, the counter of changes, the trail."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub.annual.models import AnnualParagraph, AnnualReport, AnnualRevision
from khub.audit import chain
from khub.errors import N_, ForbiddenError, InvalidError, NotFoundError
from khub.policy import Right, holds
from khub.products.forms import clean

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from khub.clock import Clock
    from khub.db import Database
    from khub.policy import Actor

#: Longest paragraph, in characters.
LONGEST = 100_000
#: Longest quote, reason, masukan or answer, in characters.
NOTE = 10_000


class Desk:
    """Base of the room's write side."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self.db = db
        self.clock = clock

    @staticmethod
    def demand(actor: Actor) -> None:
        """Raise ``ForbiddenError`` for who does not compile reports."""
        if not holds(actor, Right.COMPILE):
            raise ForbiddenError(N_("Laporan Pelaksanaan disusun oleh Sekretariat."))

    def opened(self, session: Session, actor: Actor, public_id: str) -> AnnualReport:
        """Return a report locked for change by the Sekretariat. Raises ``ForbiddenError``, ``NotFoundError``."""
        self.demand(actor)
        return self.locked(session, public_id)

    @staticmethod
    def locked(session: Session, public_id: str) -> AnnualReport:
        """Return a report locked for change, whoever asks."""
        report = session.scalar(
            sa.select(AnnualReport).where(AnnualReport.public_id == public_id).with_for_update()
        )
        if report is None:
            raise NotFoundError
        return report

    @staticmethod
    def paragraph(
        session: Session, report: AnnualReport, paragraph_id: int, *, deleted: bool = False
    ) -> AnnualParagraph:
        """Return a paragraph of a report; 404 where it is another's, or (un)deleted against ``deleted``."""
        found = session.get(AnnualParagraph, paragraph_id)
        if found is None or found.report_id != report.id or (found.deleted_at is not None) != deleted:
            raise NotFoundError
        return found

    @staticmethod
    def revise(
        session: Session, actor: Actor, paragraph: AnnualParagraph, act: str, at: datetime, text: str
    ) -> None:
        """Keep what a paragraph says now, who made it say so, and when."""
        session.add(
            AnnualRevision(
                paragraph_id=paragraph.id,
                number=paragraph.revision,
                act=act,
                text=text,
                person_id=actor.person_id,
                person=actor.name,
                at=at,
            )
        )

    @staticmethod
    def record(
        session: Session,
        actor: Actor,
        act: str,
        report: AnnualReport,
        at: datetime,
        *,
        reason: str = "",
        facts: Mapping[str, object] | None = None,
    ) -> None:
        """Count the change and write it to the trail."""
        report.revision += 1
        report.saved_at = at
        Desk.tell(session, actor, act, report, at, reason=reason, facts=facts)

    @staticmethod
    def tell(
        session: Session,
        actor: Actor,
        act: str,
        report: AnnualReport,
        at: datetime,
        *,
        reason: str = "",
        facts: Mapping[str, object] | None = None,
    ) -> None:
        """Write to the trail what was made of a report; its text stays as it is."""
        chain.append(session, actor, act, "annual", report.public_id, at, reason=reason, facts=facts)


def said(text: str, name: str, missing: str, *, longest: int = NOTE) -> str:
    """Return a cleaned text that must not be empty. Raises ``InvalidError`` with the msgid ``missing``."""
    text = clean(text)
    if not text:
        raise InvalidError.one(name, missing)
    return limited(text, name, longest=longest)


def limited(text: str, name: str, *, longest: int = LONGEST) -> str:
    """Return a cleaned text. Raises ``InvalidError`` when it is longer than ``longest`` characters."""
    text = clean(text)
    if len(text) > longest:
        raise InvalidError.one(name, N_("Teks ini lebih panjang dari %(limit)s huruf."), limit=longest)
    return text
