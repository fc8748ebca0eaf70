"""The ledger taken apart: rows of one K/L, one fokus, …; numbers of a part are the ledger's numbers."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, TypeVar

from khub.cycle.ledger import Ledger

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import date

    from khub.cycle.facts import ActionFacts, Owed, Row, Unit

K = TypeVar("K")


class Part(Ledger):
    """Some commitments asked for and some rows of a ledger, as recorded until the same instant.

    Its actions are those they are about. It knows the years and periods it was taken apart for.
    """

    def __init__(
        self, whole: Ledger, owed: Mapping[int, tuple[Owed, ...]], rows: Mapping[int, tuple[Row, ...]]
    ) -> None:
        self._whole = whole
        self._owed = owed
        self._rows_of = rows
        self.until = whole.until
        self.periods = tuple(period for period in whole.periods if period.id in rows)
        about = {each.action.id for few in owed.values() for each in few}
        about |= {row.action.id for few in rows.values() for row in few}
        self.actions = tuple(action for action in whole.actions if action.id in about)

    def on_table(self, year: int) -> tuple[ActionFacts, ...]:
        """Return the actions of this part that are asked for in ``year``, in the plan's order."""
        return tuple({each.action.id: each.action for each in self._owed.get(year, ())}.values())

    def years(self) -> tuple[int, ...]:
        """Return the years in which this part is asked for something, oldest first."""
        return tuple(sorted(year for year, few in self._owed.items() if few))

    def owed(self, year: int) -> tuple[Owed, ...]:
        """Return the commitments asked of this part for ``year``."""
        return self._owed.get(year, ())

    def rows(self, period_id: int) -> tuple[Row, ...]:
        """Return the rows of this part in a period."""
        return self._rows_of.get(period_id, ())

    def head(self, institution_id: int) -> int:
        """Return the last successor of a K/L that khub knew of."""
        return self._whole.head(institution_id)

    def unit(self, institution_id: int, day: date | None = None) -> Unit:
        """Return a K/L under its last successor's id, called as it was on ``day`` (None: as it is)."""
        return self._whole.unit(institution_id, day)


def split(
    ledger: Ledger,
    key: Callable[[ActionFacts, Unit], K],
    *,
    years: Iterable[int] = (),
    period_ids: Iterable[int] = (),
) -> dict[K, Part]:
    """Return ``ledger`` taken apart by ``key`` of (action, K/L), for some years and periods.

    Keys come in the order in which they first appear.
    """
    wanted_years, wanted_periods = tuple(years), tuple(period_ids)
    owed: dict[K, dict[int, list[Owed]]] = defaultdict(lambda: defaultdict(list))
    rows: dict[K, dict[int, list[Row]]] = defaultdict(lambda: defaultdict(list))
    seen: dict[K, None] = {}
    for year in wanted_years:
        for each in ledger.owed(year):
            name = key(each.action, each.unit)
            seen.setdefault(name)
            owed[name][year].append(each)
    for period_id in wanted_periods:
        for row in ledger.rows(period_id):
            name = key(row.action, row.unit)
            seen.setdefault(name)
            rows[name][period_id].append(row)
    return {
        name: Part(
            ledger,
            {year: tuple(owed[name][year]) for year in wanted_years},
            {period_id: tuple(rows[name][period_id]) for period_id in wanted_periods},
        )
        for name in seen
    }


def nothing(ledger: Ledger, *, years: Iterable[int] = (), period_ids: Iterable[int] = ()) -> Part:
    """Return the part of a ledger in which nothing is asked and nothing was reported."""
    return Part(ledger, dict.fromkeys(years, ()), dict.fromkeys(period_ids, ()))
