"""What stands around every page: the running period, how much waits for review."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub.annual.queries import anything
from khub.plan.models import Plan
from khub.plan.running import current_period, days_left, running_period
from khub.policy import Right, holds
from khub.review.line import waiting_count

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from khub.cycle.missing import Tally
    from khub.policy import Actor


@dataclass(frozen=True, slots=True)
class PeriodHead:
    """The running period. ``days_left``: calendar days in WIB, negative after the deadline."""

    id: int
    plan_id: int
    plan: str
    code: str
    name: str
    year: int
    starts: date
    ends: date
    deadline: datetime
    days_left: int

    @property
    def key(self) -> str:
        """Return the form value of this period."""
        return f"{self.plan}/{self.code}"


@dataclass(frozen=True, slots=True)
class Around:
    """What the menu says: the running period ("" for none), for those who review the length of the queue.

    ``annual``: whether there is an annual report to read.
    """

    period: str
    days_left: int
    waiting: int | None
    belum: int | None
    annual: bool


def around(session: Session, actor: Actor, now: datetime, tally: Tally, waiting: int | None = None) -> Around:
    """Return what the menu says, in three look-ups: it runs with every page.

    ``waiting``: the length of the queue, where the page has counted it.
    """
    period = running_period(session, now)
    return Around(
        period=period.name if period is not None else "",
        days_left=days_left(period.deadline, now) if period is not None else 0,
        waiting=(waiting_count(session, actor) if waiting is None else waiting)
        if holds(actor, Right.REVIEW)
        else None,
        belum=tally(session, actor, period, now)
        if period is not None and holds(actor, Right.COORDINATE)
        else None,
        annual=anything(session, actor, now),
    )


def running(session: Session, actor: Actor, now: datetime) -> PeriodHead | None:
    """Return the running period, ``None`` where there is none."""
    del actor
    period = current_period(session, now)
    if period is None:
        return None
    plan = session.scalar(sa.select(Plan.code).where(Plan.id == period.plan_id))
    return PeriodHead(
        id=period.id,
        plan_id=period.plan_id,
        plan=plan or "",
        code=period.code,
        name=period.name,
        year=period.year,
        starts=period.starts,
        ends=period.ends,
        deadline=period.deadline,
        days_left=days_left(period.deadline, now),
    )
