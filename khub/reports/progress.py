"""What was reported on an action, period by period, for its page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub.plan.models import Institution, Period
from khub.products.models import WORKING
from khub.reports.models import Report, ReportCopy
from khub.reports.queries import readable_reports

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from khub.policy import Actor

#: Letters of a text that the page of an action shows, and reports at most.
EXCERPT = 400
MOST = 60


@dataclass(frozen=True, slots=True)
class Progress:
    """A report's newest snapshot that the reader may read; texts are cut to ``EXCERPT`` letters."""

    public_id: str
    period: str
    institution: str
    state: str
    percent: int | None
    achievement: str
    obstacles: str
    no_obstacles: bool
    submitted_at: datetime | None


def of_action(session: Session, actor: Actor, action_id: int) -> tuple[Progress, ...]:
    """Return what K/L said of an action, the newest period first, K/L by name."""
    found = session.execute(
        readable_reports(actor)
        .join(Period, Period.id == Report.period_id)
        .join(Institution, Institution.id == Report.institution_id)
        .with_only_columns(
            Report.public_id,
            Period.name,
            Institution.name,
            Report.state,
            ReportCopy.percent,
            sa.func.substr(ReportCopy.achievement, 1, EXCERPT + 1),
            sa.func.substr(ReportCopy.obstacles, 1, EXCERPT + 1),
            ReportCopy.no_obstacles,
            ReportCopy.submitted_at,
            maintain_column_froms=True,
        )
        .where(Report.action_id == action_id, ReportCopy.number != WORKING, _newest())
        .order_by(Period.ends.desc(), Period.id.desc(), Institution.name, Report.id)
        .limit(MOST)
    )
    return tuple(Progress(*row) for row in found)


def _newest() -> sa.ColumnElement[bool]:
    """Return the condition that a snapshot is the last of its report that was not taken back."""
    later = sa.orm.aliased(ReportCopy)
    return sa.and_(
        ReportCopy.outcome != "withdrawn",
        ~sa.exists(
            sa.select(later.id)
            .where(
                later.report_id == ReportCopy.report_id,
                later.number > ReportCopy.number,
                later.outcome != "withdrawn",
                later.number != WORKING,
            )
            .correlate(ReportCopy)
        ),
    )
