"""Which days are worked on in Jakarta: Monday to Friday without the holidays in the table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub.mail.models import Holiday

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

_WORKING = 5
_DAY = timedelta(days=1)
#: No row of holidays is longer than this.
_FAR = 60


@dataclass(frozen=True, slots=True)
class Calendar:
    """Working days, with the holidays in hand."""

    holidays: frozenset[date]

    def is_workday(self, day: date) -> bool:
        """Tell whether ``day`` is worked on."""
        return day.weekday() < _WORKING and day not in self.holidays

    def following(self, day: date) -> date:
        """Return ``day`` itself when it is worked on, else the next day that is."""
        return self._seek(day, _DAY)

    def preceding(self, day: date) -> date:
        """Return ``day`` itself when it is worked on, else the last day before it that is."""
        return self._seek(day, -_DAY)

    def _seek(self, day: date, step: timedelta) -> date:
        found = day
        for _ in range(_FAR):
            if self.is_workday(found):
                return found
            found += step
        return day

    def reminder_day(self, deadline: date, offset: int) -> date:
        """Return the working day of a reminder planned ``offset`` days from the day of the deadline.

        A day off moves it on; one meant to come before the deadline moves back rather than reach it.
        """
        planned = deadline + timedelta(days=offset)
        moved = self.following(planned)
        return self.preceding(planned) if offset < 0 and moved >= deadline else moved


def calendar(session: Session) -> Calendar:
    """Return the calendar with every holiday in the table."""
    return Calendar(frozenset(session.scalars(sa.select(Holiday.day))))


def is_workday(session: Session, day: date) -> bool:
    """Tell whether ``day`` is worked on."""
    return day.weekday() < _WORKING and session.get(Holiday, day) is None
