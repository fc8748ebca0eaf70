"""khub's numbers for the check, from the ledger as of a moment; nothing is counted here."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from khub import months
from khub.checking import lexicon, numerals
from khub.checking.model import Role
from khub.checking.records import Known
from khub.clock import wib_date
from khub.cycle import ledger as ledgers
from khub.cycle import numbers

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from khub.cycle.ledger import Ledger
    from khub.plan.queries import PlanRow

_OF_PERIOD = (Role.REPORTED, Role.APPROVED)


class LedgerRecords:
    """``Records`` of a plan as recorded ``until``; reads reports only when a text speaks of them.

    Lives as long as its ``session``. ``year``: what a text without a year speaks of.
    """

    def __init__(self, session: Session, plan: PlanRow, until: datetime, year: int) -> None:
        self._session = session
        self._plan = plan
        self._until = until
        self._year = year
        self._years_only = ledgers.read(session, plan.id, until, period_ids=())
        self._whole: Ledger | None = None
        self._known: dict[tuple[Role, int, str | None, str], Known | None] = {}
        names = {action.branch: action.branch_name for action in self._years_only.actions}
        self._codes = _codes(names)
        self._branches = {said: names[code] for said, code in self._codes.items()}

    @property
    def year(self) -> int:
        """Return the year that a text without one speaks of."""
        return self._year

    @property
    def years(self) -> tuple[int, ...]:
        """Return the years that have a table."""
        return self._years_only.years()

    @property
    def day(self) -> tuple[int, int, int]:
        """Return the as-of day in Jakarta."""
        at = wib_date(self._until)
        return at.year, at.month, at.day

    @property
    def branch_label(self) -> str:
        """Return the plan's word for its branches."""
        label = self._plan.label.casefold()
        return lexicon.BRANCHES.get(label, label)

    @property
    def branches(self) -> Mapping[str, str]:
        """Return names of branches by the number that texts call them by."""
        return self._branches

    def number(self, role: Role, *, year: int, branch: str | None = None, period: str = "") -> Known | None:
        """Return khub's number, None where there is none."""
        key = (role, year, branch, period)
        if key not in self._known:
            self._known[key] = self._compute(role, year, branch, period)
        return self._known[key]

    def _compute(self, role: Role, year: int, branch: str | None, period: str) -> Known | None:
        code = self._codes.get(branch) if branch is not None else ""
        if code is None:
            return None
        if role in _OF_PERIOD:
            found = self._period_id(year, period)
            if found is None:
                return None
            number = numbers.compute(self._reports(), role.value, period_id=found, branch=code)
        elif role is Role.IN_PLAN:
            number = numbers.compute(self._years_only, role.value, branch=code)
        elif year in self.years:
            number = numbers.compute(self._years_only, role.value, year=year, branch=code)
        else:
            return None
        return Known(number.count, number.total)

    def _reports(self) -> Ledger:
        if self._whole is None:
            self._whole = ledgers.read(self._session, self._plan.id, self._until)
        return self._whole

    def _period_id(self, year: int, period: str) -> int | None:
        """Return the one period of ``year`` over the months named, or the only one there is for ""."""
        fitting = [
            each.id
            for each in self._reports().periods
            if each.year == year and period in ("", months.span(each.starts.month, each.ends.month, year))
        ]
        return fitting[0] if len(fitting) == 1 else None


def _codes(names: Mapping[str, str]) -> dict[str, str]:
    """Return branch codes by the number in them: "1" of "1", "P1", "Pilar-1", "I"; none where two share one."""
    found: dict[str, list[str]] = {}
    for code in names:
        digits = re.findall(r"\d+", code)
        place = (
            int(digits[0]) if len(digits) == 1 else numerals.ordinal(code.casefold()) if not digits else None
        )
        if place is not None:
            found.setdefault(str(place), []).append(code)
    return {said: codes[0] for said, codes in found.items() if len(codes) == 1}
