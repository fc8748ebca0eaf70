"""The life of a report row: the only writer of ``Report.state``, ``pressed_at`` and of its steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub.errors import N_
from khub.products import lifecycle
from khub.products.lifecycle import Act, State
from khub.reports.models import ReportCopy, ReportStep

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from khub.products.lifecycle import Step
    from khub.reports.models import Report

REFUSALS = {
    Act.SUBMIT: N_("Laporan ini sudah diajukan."),
    Act.WITHDRAW: N_("Laporan ini tidak sedang diajukan, jadi tidak ada yang ditarik."),
    Act.RETURN: N_("Laporan ini tidak sedang menunggu keputusan."),
    Act.APPROVE: N_("Laporan ini tidak sedang menunggu keputusan."),
    Act.REOPEN: N_("Hanya laporan yang disetujui dapat dibuka kembali."),
    Act.LOCK: N_("Hanya laporan yang disetujui dapat dikunci."),
    Act.UNLOCK: N_("Laporan ini tidak terkunci."),
}


def begin(session: Session, report: Report, at: datetime) -> None:
    """Make a new report a draft and open its first step."""
    report.state = State.DRAFT
    session.add(report)
    session.flush()
    session.add(ReportStep(report_id=report.id, state=State.DRAFT, at=at))
    session.flush()


def move(session: Session, report: Report, act: Act, at: datetime) -> Step:
    """Carry ``act`` out; the caller applies the step's access groups to the copies (``copies.move``).

    A first press of Ajukan is remembered through returns, so that handing in again is never late
    when the first was not; taking it back forgets it, unless something older was returned.
    """
    step = lifecycle.move(report, act, REFUSALS)
    if act is Act.SUBMIT:
        report.pressed_at = report.pressed_at or at
    elif act is Act.WITHDRAW:
        report.pressed_at = session.scalar(
            sa.select(sa.func.min(ReportCopy.submitted_at)).where(
                ReportCopy.report_id == report.id, ReportCopy.outcome.in_(("returned", "approved"))
            )
        )
        report.following_until = None
    session.execute(
        sa.update(ReportStep)
        .where(ReportStep.report_id == report.id, ReportStep.ended_at.is_(None))
        .values(ended_at=at)
    )
    session.add(ReportStep(report_id=report.id, state=report.state, pressed_at=report.pressed_at, at=at))
    session.flush()
    return step
