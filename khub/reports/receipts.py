"""Report rows on a receipt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub import policy
from khub.plan.models import Action, Period, Plan
from khub.plan.names import natural
from khub.reports.copies import entered_by, is_refusal
from khub.reports.models import Report, ReportCopy, ReportOutput
from khub.reports.queries import readable_reports
from khub.reports.rows import scene

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from khub.policy import Actor
    from khub.reports.rows import Scene


@dataclass(frozen=True, slots=True)
class ReceiptRow:
    """A report row as one press handed it in. ``deadline``: in force for the row.

    ``refuses``: taking it back says that what was entered *atas nama* the K/L is not confirmed.
    """

    public_id: str
    snapshot: int
    plan: str
    code: str
    title: str
    period_id: int
    deadline: datetime
    state: str
    percent: int | None
    no_obstacles: bool
    outputs: int
    on_behalf: bool
    confirmed: bool
    refused: bool
    withdrawable: bool
    refuses: bool
    following_until: datetime | None


def receipt_rows(session: Session, actor: Actor, receipt_id: int, now: datetime) -> tuple[ReceiptRow, ...]:
    """Return the rows of a receipt that ``actor`` may read, by action."""
    found = session.execute(
        readable_reports(actor)
        .add_columns(Action, Plan.code.label("plan"), Period.code.label("period"))
        .join(Action, Action.id == Report.action_id)
        .join(Plan, Plan.id == Action.plan_id)
        .join(Period, Period.id == Report.period_id)
        .where(ReportCopy.receipt_id == receipt_id)
        .order_by(Report.id)
    ).all()
    if not found:
        return ()
    counted = session.execute(
        sa.select(ReportOutput.copy_id, sa.func.count())
        .where(ReportOutput.copy_id.in_([copy.id for copy, *_ in found]))
        .group_by(ReportOutput.copy_id)
    )
    outputs = {copy_id: number for copy_id, number in counted}  # noqa: C416 - rows are not pairs to a type checker
    scenes = {report.period_id: scene(session, plan, period, now) for _, report, _, plan, period in found}
    shown = [
        _row(actor, copy, report, action, plan, scenes[report.period_id], outputs.get(copy.id, 0), now)
        for copy, report, action, plan, _ in found
    ]
    return tuple(sorted(shown, key=lambda each: natural(each.code)))


def _row(
    actor: Actor,
    copy: ReportCopy,
    report: Report,
    action: Action,
    plan: str,
    at: Scene,
    outputs: int,
    now: datetime,
) -> ReceiptRow:
    head = at.heads[report.institution_id]
    deadline = next(
        (
            row.deadline
            for row in at.ledger.rows(report.period_id)
            if row.action.id == action.id and row.unit.id == head
        ),
        at.period.deadline,
    )
    pending = copy.outcome == "pending"
    mine = entered_by(copy, actor) or policy.is_owner(actor, report.institution_id, report.pokja_id)
    following = report.following_until if pending and mine else None
    return ReceiptRow(
        public_id=report.public_id,
        snapshot=copy.number,
        plan=plan,
        code=action.code,
        title=action.title,
        period_id=report.period_id,
        deadline=deadline,
        state=report.state if pending or copy.outcome == "approved" else copy.outcome,
        percent=copy.percent,
        no_obstacles=copy.no_obstacles,
        outputs=outputs,
        on_behalf=copy.on_behalf,
        confirmed=copy.confirmed_at is not None,
        refused=copy.outcome == "withdrawn" and copy.decided_at is not None,
        refuses=is_refusal(copy, actor),
        withdrawable=mine and pending and report.reviewer_id is None and at.period.running,
        following_until=following if following is not None and following >= now else None,
    )
