"""One page about a K/L for a meeting: its rows, what it says of obstacles, what is still to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub.coordination import queries, standing
from khub.products.models import WORKING
from khub.reports.models import Report, ReportCopy
from khub.reports.queries import head_condition, readable_reports

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from khub.coordination.queries import FollowUpShown
    from khub.coordination.standing import Place, Standing, UnitPlace
    from khub.policy import Actor

_FOLLOW_UPS = 20


@dataclass(frozen=True, slots=True)
class Obstacles:
    """What the reports that the reader may read say of obstacles.

    ``told``: public id of a report → whether it tells of one.
    """

    told: dict[str, bool]

    @property
    def read(self) -> int:
        """Return how many reports the reader may read."""
        return len(self.told)

    @property
    def some(self) -> int:
        """Return how many of them tell of an obstacle."""
        return sum(self.told.values())


@dataclass(frozen=True, slots=True)
class Recap:
    """What lies on the table; ``open_total`` counts the open follow-ups, of which some are shown."""

    standing: Standing
    obstacles: Obstacles
    follow_ups: tuple[FollowUpShown, ...]
    open_total: int
    at: datetime


def recap(session: Session, actor: Actor, code: str, plan: str, period: str, now: datetime) -> Recap:
    """Return the page about a K/L (404 for an unknown one) for a period, the running one by default."""
    unit = standing.unit_called(session, code)
    place = standing.place_of(session, actor, now, plan, period)
    total, todo = queries.follow_ups(session, actor, now, unit=unit, state="open", page=1, size=_FOLLOW_UPS)
    return Recap(
        standing.standing(session, unit, place), _obstacles(session, actor, unit, place), todo, total, now
    )


def _obstacles(session: Session, actor: Actor, unit: UnitPlace, place: Place) -> Obstacles:
    if place.period_id is None:
        return Obstacles({})
    found = session.execute(
        readable_reports(actor)
        .where(
            head_condition(actor),
            ReportCopy.number != WORKING,
            ReportCopy.outcome != "withdrawn",
            Report.period_id == place.period_id,
            Report.institution_id.in_(unit.family),
        )
        .with_only_columns(
            Report.public_id,
            sa.and_(ReportCopy.no_obstacles.is_(False), ReportCopy.obstacles != ""),
            maintain_column_froms=True,
        )
    )
    return Obstacles({row[0]: bool(row[1]) for row in found})
