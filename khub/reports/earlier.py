"""What a K/L said of an action in the periods before: a start for the text, a measure for the figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from khub.plan.models import Period
from khub.products.models import WORKING
from khub.reports.models import Report, ReportCopy
from khub.reports.queries import readable_reports

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy.orm import Session

    from khub.cycle.facts import PeriodFacts
    from khub.policy import Actor


@dataclass(frozen=True, slots=True)
class Earlier:
    """The last snapshot of the period before, whichever year; figures only of the same year.

    ``percent`` and ``values`` (kegiatan → total) come from the period before in the same year, since
    totals count from January.
    """

    copy_id: int
    period: str
    achievement: str
    obstacles: str
    follow_up: str
    figures_period: str
    percent: int | None
    values: dict[int, float]


def earlier(
    session: Session,
    actor: Actor,
    period: PeriodFacts,
    plan_id: int,
    action_ids: Collection[int],
    institutions: Collection[int],
) -> dict[int, Earlier]:
    """Return, by action, what these institutions (one K/L under its names) said before ``period``."""
    if not action_ids or not institutions:
        return {}
    found: dict[int, list[tuple[ReportCopy, Period]]] = {}
    for copy, report, before in session.execute(
        readable_reports(actor)
        .add_columns(Period)
        .join(Period, Period.id == Report.period_id)
        .where(
            Report.action_id.in_(action_ids),
            Report.institution_id.in_(institutions),
            Period.plan_id == plan_id,
            Period.ends < period.ends,
            ReportCopy.number != WORKING,
            ReportCopy.outcome != "withdrawn",
        )
        .order_by(Period.ends.desc(), Period.id.desc(), ReportCopy.number.desc())
    ):
        found.setdefault(report.action_id, []).append((copy, before))
    return {action: _earlier(rows, period.year) for action, rows in found.items()}


def _earlier(rows: list[tuple[ReportCopy, Period]], year: int) -> Earlier:
    copy, before = rows[0]
    same = next(((each, at) for each, at in rows if at.year == year), None)
    values: dict[int, float] = {}
    for each in same[0].values if same else ():
        value = each["value"]
        if isinstance(value, int | float):
            values[int(str(each["activity"]))] = value
    return Earlier(
        copy_id=copy.id,
        period=before.name,
        achievement=copy.achievement,
        obstacles=copy.obstacles,
        follow_up=copy.follow_up,
        figures_period=same[1].name if same else "",
        percent=same[0].percent if same else None,
        values=values,
    )
