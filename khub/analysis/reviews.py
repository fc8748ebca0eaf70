"""How long a decision takes, in working days from Ajukan, and how many are taken a week. Official."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub import workdays
from khub.clock import wib_date
from khub.mail.holidays import calendar
from khub.products.models import WORKING, Copy, CopyAction
from khub.reports.models import Report, ReportCopy

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from khub.analysis.scope import Scope
    from khub.policy import Actor

#: Waits above this many working days share the last column.
LONGEST = 15
#: Weeks shown, the newest last.
_WEEKS = 16
_RECENT = 4
_WORKING = 5
_DECIDED = ("approved", "returned")
_HALF, _MOST = 50, 90


@dataclass(frozen=True, slots=True)
class Waits:
    """Decisions on one sort of thing; median and p90 in working days, None without a decision."""

    sort: str
    decided: int
    returned: int
    bulk: int
    median: int | None
    p90: int | None
    waiting: int
    oldest: int


@dataclass(frozen=True, slots=True)
class Week:
    """A week (its Monday, WIB) with how many decisions it saw."""

    monday: date
    count: int


@dataclass(frozen=True, slots=True)
class Reviews:
    """Waits of reports and of outputs; ``days``: working days (the last: that or more) with decisions.

    ``pace``: decisions a week, the mean of the last four whole weeks, in tenths.
    """

    sorts: tuple[Waits, ...]
    days: tuple[tuple[int, int], ...]
    weeks: tuple[Week, ...]
    pace: int


def reviews(session: Session, actor: Actor, scope: Scope, now: datetime) -> Reviews:
    """Return the times of review of what belongs to the scope's periods and branch."""
    del actor
    counted = _Calendar(calendar(session).holidays)
    wanted = sorted(scope.action_ids())
    reports = session.execute(
        sa.select(ReportCopy.submitted_at, ReportCopy.decided_at, ReportCopy.outcome, ReportCopy.bulk)
        .join(Report, Report.id == ReportCopy.report_id)
        .where(
            ReportCopy.number != WORKING,
            ReportCopy.submitted_at.is_not(None),
            ReportCopy.outcome.in_((*_DECIDED, "pending")),
            Report.period_id.in_(scope.period_ids),
            Report.action_id.in_(wanted),
        )
    ).all()
    products = (
        sa.select(Copy.submitted_at, Copy.decided_at, Copy.outcome, sa.false())
        .where(
            Copy.number != WORKING,
            Copy.submitted_at.is_not(None),
            Copy.outcome.in_((*_DECIDED, "pending")),
            Copy.period_id.in_(scope.period_ids),
        )
        .order_by(Copy.id)
    )
    if scope.branch:
        products = products.where(
            Copy.id.in_(sa.select(CopyAction.copy_id).where(CopyAction.action_id.in_(wanted)))
        )
    rows = {
        "report": [(row[0], row[1], row[2], bool(row[3])) for row in reports],
        "product": [(row[0], row[1], row[2], bool(row[3])) for row in session.execute(products)],
    }
    spent: Counter[int] = Counter()
    weeks: Counter[date] = Counter()
    sorts = []
    for sort, few in rows.items():
        days = []
        for submitted, decided, _, _ in few:
            if submitted is not None and decided is not None:
                days.append(counted.between(submitted, decided))
                day = wib_date(decided)
                weeks[day - timedelta(days=day.weekday())] += 1
        spent.update(min(each, LONGEST) for each in days)
        waiting = [counted.between(row[0], now) for row in few if row[2] == "pending" and row[0] is not None]
        sorts.append(
            Waits(
                sort,
                len(days),
                sum(row[2] == "returned" for row in few),
                sum(row[3] for row in few),
                percentile(days, _HALF),
                percentile(days, _MOST),
                len(waiting),
                max(waiting, default=0),
            )
        )
    today = wib_date(now)
    monday = today - timedelta(days=today.weekday())
    shown = [monday - timedelta(weeks=back) for back in reversed(range(_WEEKS))]
    recent = [weeks[monday - timedelta(weeks=back)] for back in range(1, _RECENT + 1)]
    return Reviews(
        tuple(sorts),
        tuple((day, spent[day]) for day in range(max(spent, default=0) + 1)) if spent else (),
        tuple(Week(each, weeks[each]) for each in shown) if weeks else (),
        sum(recent) * 10 // _RECENT,
    )


def percentile(values: Sequence[int], percent: int) -> int | None:
    """Return the smallest value that at least ``percent`` of them do not exceed; None of nothing."""
    if not values:
        return None
    ordered = sorted(values)
    return ordered[max(0, -(-percent * len(ordered) // 100) - 1)]


class _Calendar:
    """Counts working days without the holidays."""

    def __init__(self, holidays: frozenset[date]) -> None:
        self._holidays = sorted(day for day in holidays if day.weekday() < _WORKING)

    def between(self, since: datetime, until: datetime) -> int:
        """Return the working days that began after the day of ``since``, up to the day of ``until``."""
        first, last = wib_date(since), wib_date(until)
        return workdays.elapsed(since, until) - sum(first < day <= last for day in self._holidays)
