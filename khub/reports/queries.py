"""Reading reports: everything that people wrote passes the policy's SQL face."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub import policy
from khub.policy import ContentColumns
from khub.products.models import WORKING
from khub.reports.models import Report, ReportCopy

if TYPE_CHECKING:
    from khub.policy import Actor

COLUMNS = ContentColumns(ReportCopy.access, Report.classification, Report.institution_id, Report.pokja_id)


def readable_reports(actor: Actor) -> sa.Select[ReportCopy, Report]:
    """Return the query over every copy of a report that ``actor`` may read."""
    return (
        sa.select(ReportCopy, Report)
        .join(Report, Report.id == ReportCopy.report_id)
        .where(policy.readable(actor, COLUMNS))
    )


def head_condition(actor: Actor) -> sa.ColumnElement[bool]:
    """Return the condition that a copy is the one that stands for its report before ``actor``.

    The owner's open draft comes first, then the newest snapshot that was not taken back.
    """
    other = sa.orm.aliased(ReportCopy)
    columns = ContentColumns(other.access, Report.classification, Report.institution_id, Report.pokja_id)
    return ~sa.exists(
        sa.select(other.id)
        .where(
            other.report_id == Report.id, policy.readable(actor, columns), _rank(other) > _rank(ReportCopy)
        )
        .correlate(ReportCopy, Report)
    )


def _rank(copy: type[ReportCopy]) -> sa.ColumnElement[int]:
    taken_back = sa.and_(copy.number != WORKING, copy.outcome == "withdrawn")
    return sa.case((copy.number == WORKING, 9_999), else_=copy.number) + sa.case(
        (taken_back, 0), else_=100_000
    )
