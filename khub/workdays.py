"""Working days in Jakarta: Monday to Friday."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from khub.clock import wib_date

if TYPE_CHECKING:
    from datetime import datetime

_WEEK, _WORKING = 7, 5


def elapsed(since: datetime, until: datetime) -> int:
    """Return how many working days have begun after the day of ``since``, up to the day of ``until``.

    0 on the same day and over a weekend; never negative.
    """
    first, last = wib_date(since), wib_date(until)
    weeks, rest = divmod(max((last - first).days, 0), _WEEK)
    days = (first + timedelta(days=n) for n in range(1, rest + 1))
    return weeks * _WORKING + sum(day.weekday() < _WORKING for day in days)
