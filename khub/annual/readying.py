"""What stands between a draft and its next edition."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub.annual import citations, compose, reading
from khub.annual.citations import Standing
from khub.annual.inspection import Inspection
from khub.annual.models import AnnualComment
from khub.annual.publishing import readiness
from khub.annual.reading import CitedShown
from khub.errors import NotFoundError

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from khub.annual.reading import Head
    from khub.errors import FieldError
    from khub.policy import Actor


@dataclass(frozen=True, slots=True)
class Place:
    """Something to look at: (page, paragraph) where it stands, and its words."""

    page: str
    paragraph: int
    section: str
    text: str


@dataclass(frozen=True, slots=True)
class Ready:
    """``faults`` keep the draft from being frozen; citations ``flagged`` and masukan ``waiting`` do not."""

    head: Head
    faults: tuple[FieldError, ...]
    mismatches: tuple[Place, ...]
    broken: tuple[Place, ...]
    flagged: tuple[CitedShown, ...]
    waiting: int
    phrases: int
    cited: int

    @property
    def number(self) -> int:
        """Return the number that the next edition gets."""
        return self.head.editions + 1


def ready(session: Session, actor: Actor, public_id: str, now: datetime) -> Ready:
    """Return what a freeze would say now; for the Sekretariat."""
    draft = compose.load(session, public_id)
    head = reading.head_of(session, actor, draft.report, draft.plan.name, now)
    if not head.edit:
        raise NotFoundError
    _, trouble = compose.document(session, draft)
    inspection = Inspection.load(session, draft)
    found = [(row, each) for row in draft.sections for each in inspection.of(row)]
    page_of = reading.pages(draft.sections)
    headings = {row.key: f"{row.number} {row.title}".strip() for row in draft.sections}
    numbers = inspection.composer.numbers
    cited = citations.load(session, actor, draft.report.id, list(numbers))
    waiting = session.scalar(
        sa.select(sa.func.count()).where(
            AnnualComment.report_id == draft.report.id, AnnualComment.answer == ""
        )
    )
    return Ready(
        head=head,
        faults=readiness(draft, trouble, inspection).frozen_faults,
        mismatches=tuple(
            Place(page_of[row.key], each.paragraph, headings[row.key], each.finding.text)
            for row, each in found
            if each.open
        ),
        broken=tuple(
            Place(page_of[key], paragraph, headings[key], raw) for key, paragraph, raw in trouble.broken
        ),
        flagged=tuple(
            CitedShown(numbers[key], each)
            for key, each in cited.items()
            if each.standing not in (Standing.OK, Standing.PENDING)
        ),
        waiting=waiting or 0,
        phrases=len(found),
        cited=len(numbers),
    )
