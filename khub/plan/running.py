"""Which period runs, and how long still: what every page says."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa

from khub.clock import wib_date
from khub.db import read_rows
from khub.plan.models import Period
from khub.plan.terms import RUNNING

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session


class Running(NamedTuple):
    """What every page says of the period that ``current_period`` returns."""

    id: int
    plan_id: int
    name: str
    deadline: datetime


def current_period(session: Session, now: datetime, plan_id: int | None = None) -> Period | None:
    """Return the running period with the nearest deadline still to come, else the one just past."""
    coming, past = _CURRENT[plan_id is not None]
    facts = {"now": now, "plan": plan_id}
    return session.scalar(coming, facts) or session.scalar(past, facts)


def running_period(session: Session, now: datetime) -> Running | None:
    """Return what every page says of the running period; see ``current_period``."""
    for query in _RUNNING:
        if (row := read_rows(session, query, {"now": now}).first()) is not None:
            return Running(*row)
    return None


def _current(*conditions: sa.ColumnElement[bool]) -> tuple[sa.Select[Period], sa.Select[Period]]:
    query = sa.select(Period).where(Period.state.in_(RUNNING), *conditions)
    return (
        query.where(Period.deadline >= sa.bindparam("now")).order_by(Period.deadline, Period.id).limit(1),
        query.order_by(Period.deadline.desc(), Period.id).limit(1),
    )


#: Whether of one plan → what comes next, and what is just past.
_CURRENT = {False: _current(), True: _current(Period.plan_id == sa.bindparam("plan"))}
_RUNNING = tuple(
    query.with_only_columns(Period.id, Period.plan_id, Period.name, Period.deadline)
    for query in _CURRENT[False]
)


def days_left(deadline: datetime, now: datetime) -> int:
    """Return the calendar days in WIB until the day of the deadline; negative when it has passed."""
    days = (wib_date(deadline) - wib_date(now)).days
    return min(days, -1) if now > deadline else days
