"""What the page of an item says whatever it is: where it stands, who holds it, what was answered and decided."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub.plan.models import Action, Institution
from khub.products.models import Copy, Product, Receipt, Version
from khub.products.queries import short_name
from khub.reports.models import Report, ReportCopy
from khub.review import checklist, line
from khub.review.models import Decision, SecondLook

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from khub.policy import Actor
    from khub.review.checklist import Answered
    from khub.review.checks import Check
    from khub.review.line import Holder


@dataclass(frozen=True, slots=True)
class Decided:
    """What was decided on a snapshot. ``bulk``: together with others in one press."""

    state: str
    at: datetime
    by: str
    note: str
    bulk: bool
    due_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """A snapshot as a reviewer reads it. ``case``: "report" or "product"; ``version``: 0 for a report.

    ``deadline``: in force for its row; ``barred``: why the reader may not decide, or "".
    ``blind``: a second reviewer has not decided yet, so the first one's answers and note are not shown.
    """

    case: str
    public_id: str
    title: str
    state: str
    version: int
    snapshot: int
    institution: str
    institution_code: str
    pokja: str
    period: str
    classification: str
    submitted_at: datetime
    submitted_by: str
    receipt: str
    age: int
    deadline: datetime | None
    late: bool
    pending: bool
    holder: Holder | None
    barred: str
    reopenable: bool
    decision: Decided | None
    checks: tuple[Check, ...]
    answers: Mapping[str, Answered]
    blind: bool

    @property
    def mine(self) -> bool:
        """Tell whether the reader holds it and may decide."""
        return self.pending and not self.barred and self.holder is not None and self.holder.me

    @property
    def free(self) -> bool:
        """Tell whether the reader may open it for review."""
        return self.pending and not self.barred and self.holder is None

    @property
    def answered(self) -> int:
        """Return how many items of the checklist have a yes or a no."""
        return checklist.answered(self.answers)


def decided(session: Session, copy: Copy | ReportCopy, state: str, *, blind: bool) -> Decided | None:
    """Return what was decided on a snapshot, None while nothing was."""
    if copy.decided_at is None or copy.outcome in ("pending", "withdrawn"):
        return None
    known = line.names(session, [copy.decided_by])
    about = Decision.report_copy_id if isinstance(copy, ReportCopy) else Decision.copy_id
    batch = session.scalar(
        sa.select(Decision.batch).where(about == copy.id).order_by(Decision.id.desc()).limit(1)
    )
    return Decided(
        state=state,
        at=copy.decided_at,
        by=known.get(copy.decided_by, ""),
        note="" if blind else copy.note,
        bulk=bool(batch) and copy.outcome == "approved",
        due_at=copy.due_at,
    )


def is_blind(session: Session, actor: Actor, copy: Copy | ReportCopy) -> bool:
    """Tell whether ``actor`` must not see yet what the first reviewer answered and noted."""
    about = Decision.report_copy_id if isinstance(copy, ReportCopy) else Decision.copy_id
    first = session.execute(
        sa.select(Decision.person_id)
        .join(SecondLook, SecondLook.decision_id == Decision.id)
        .where(about == copy.id, SecondLook.verdict == "")
    ).first()
    return first is not None and first.person_id != actor.person_id


def receipt_number(session: Session, receipt_id: int | None) -> str:
    """Return the number of a receipt, "" for none."""
    found = session.get(Receipt, receipt_id) if receipt_id is not None else None
    return found.number if found is not None else ""


@dataclass(frozen=True, slots=True)
class Just:
    """What the reader decided a moment ago, for the notice: ``count`` above 1 for a bulk press."""

    act: str
    count: int
    public_id: str
    title: str


def just_decided(session: Session, actor: Actor, decision_id: int) -> Just | None:
    """Return the reader's own decision with that id, with its bulk companions counted."""
    row = session.get(Decision, decision_id)
    if row is None or row.person_id != actor.person_id:
        return None
    count = 1
    if row.batch:
        count = (
            session.scalar(
                sa.select(sa.func.count())
                .select_from(Decision)
                .where(Decision.batch == row.batch, Decision.with_id.is_(None))
            )
            or 1
        )
    public_id, title = _about(session, row)
    return Just(row.act, count, public_id, title)


def _about(session: Session, row: Decision) -> tuple[str, str]:
    """Return the public id of what was decided on and what to call it."""
    if row.report_copy_id is not None:
        found = session.execute(
            sa.select(Report.public_id, Institution, Action.code)
            .join(ReportCopy, ReportCopy.report_id == Report.id)
            .join(Institution, Institution.id == Report.institution_id)
            .join(Action, Action.id == Report.action_id)
            .where(ReportCopy.id == row.report_copy_id)
        ).one()
        return found[0], f"{short_name(found[1])}, {found[2]}"
    product = session.execute(
        sa.select(Product.public_id, Copy.title)
        .join(Version, Version.product_id == Product.id)
        .join(Copy, Copy.version_id == Version.id)
        .where(Copy.id == row.copy_id)
    ).one()
    return product[0], product[1]


def last_of(session: Session, actor: Actor, batch: str) -> int | None:
    """Return the id of one decision of a bulk press."""
    return session.scalar(
        sa.select(sa.func.max(Decision.id)).where(
            Decision.batch == batch, Decision.person_id == actor.person_id, Decision.with_id.is_(None)
        )
    )
