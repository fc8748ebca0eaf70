"""The deadline in force for a row: the period's, or a later one that was granted."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub.db import read_rows
from khub.errors import N_, InvalidError
from khub.plan.directory import Directory
from khub.plan.models import Extension, Period

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session


# Put together once: every page of results asks.
_IDS: sa.BindParameter[list[int]] = sa.bindparam("ids", expanding=True)
_PERIODS = sa.select(Period.id, Period.deadline).where(Period.id.in_(_IDS))
_EXTENSIONS = (
    sa.select(Extension.period_id, Extension.institution_id, Extension.action_id, Extension.deadline)
    .where(Extension.period_id.in_(_IDS), Extension.recorded_at <= sa.bindparam("until"))
    .order_by(Extension.recorded_at, Extension.id)
)


class Deadlines:
    """Deadlines of some periods as they stand at ``now``; K/L that replaced one another share theirs.

    ``periods``: their own deadlines by id; see ``Deadlines.asked`` for who has only the ids.
    """

    def __init__(self, session: Session, periods: Mapping[int, datetime], now: datetime) -> None:
        self._periods = periods
        self._granted = extensions_of(session, sorted(periods), now)
        self._directory = Directory.load(session) if self._granted else None

    @classmethod
    def asked(cls, session: Session, period_ids: Iterable[int | None], now: datetime) -> Deadlines:
        """Return the deadlines of the periods of these ids."""
        wanted = sorted({each for each in period_ids if each is not None})
        found = read_rows(session, _PERIODS, {"ids": wanted}).all() if wanted else []
        return cls(session, dict(found), now)

    @property
    def granted(self) -> bool:
        """Tell whether anybody was given more time in any of the periods."""
        return bool(self._granted)

    def of(
        self, period_id: int | None, institution_id: int, action_ids: Iterable[int] = ()
    ) -> datetime | None:
        """Return the deadline of a K/L's row on any of ``action_ids``, None without a period."""
        if period_id is None or period_id not in self._periods:
            return None
        return in_force(
            self._periods[period_id],
            self._granted.get(period_id, {}),
            set(action_ids),
            lambda each: self._same(each, institution_id),
        )

    def _same(self, one: int, other: int) -> bool:
        return self._directory is not None and self._directory.head(one) == self._directory.head(other)


def in_force(
    deadline: datetime,
    granted: Mapping[tuple[int | None, int | None], datetime],
    action_ids: Collection[int],
    is_unit: Callable[[int], bool],
) -> datetime:
    """Return the deadline of a K/L's row: the period's, or the latest that was granted to either of them.

    ``granted``: of ``extensions_of``. ``is_unit`` tells whether a K/L is the row's, under whatever name.
    """
    fitting = (
        at
        for (institution, action), at in granted.items()
        if (action is None or action in action_ids) and (institution is None or is_unit(institution))
    )
    return max((deadline, *fitting))


def extensions_of(
    session: Session, period_ids: Sequence[int], until: datetime
) -> dict[int, dict[tuple[int | None, int | None], datetime]]:
    """Return, for each period, the last deadline granted to each (K/L, action); None stands for all."""
    found: dict[int, dict[tuple[int | None, int | None], datetime]] = defaultdict(dict)
    if not period_ids:
        return found
    rows = read_rows(session, _EXTENSIONS, {"ids": period_ids, "until": until}).all()
    for period_id, institution_id, action_id, deadline in rows:
        found[period_id][institution_id, action_id] = deadline
    return found


def demand_effect(
    session: Session,
    period: Period,
    whose: tuple[int | None, int | None],
    deadline: datetime,
    now: datetime,
    *,
    shorter: bool,
) -> None:
    """Raise ``InvalidError`` when ``deadline``, granted to (K/L, action), would change nothing.

    Also when it takes back what was granted, unless that is meant (``shorter``).
    """
    granted = extensions_of(session, [period.id], now)[period.id]
    directory = Directory.load(session)
    unit, action_id = whose

    def force(grants: Mapping[tuple[int | None, int | None], datetime]) -> datetime:
        return in_force(
            period.deadline,
            grants,
            () if action_id is None else (action_id,),
            lambda each: unit is not None and directory.head(each) == directory.head(unit),
        )

    before, after = force(granted), force({**granted, whose: deadline})
    if after == before:
        raise InvalidError.one(
            "deadline", N_("Tenggat ini tidak mengubah apa pun: yang berlaku sama atau lebih lama.")
        )
    if after < before and not shorter:
        raise InvalidError.one(
            "shorter",
            N_("Tenggat ini lebih awal daripada yang berlaku. Ubah, atau beri tanda bila memang begitu."),
        )
