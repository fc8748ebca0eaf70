"""The deadline in force for a row: the period's, or a later one that was granted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub.cycle.source import extensions_of
from khub.plan.directory import Directory
from khub.plan.models import Period

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy.orm import Session


class Deadlines:
    """Deadlines of some periods as they stand at ``now``; K/L that replaced one another share theirs."""

    def __init__(self, session: Session, period_ids: Iterable[int | None], now: datetime) -> None:
        wanted = sorted({each for each in period_ids if each is not None})
        self.periods = {
            row.id: row for row in session.scalars(sa.select(Period).where(Period.id.in_(wanted)))
        }
        self._granted = extensions_of(session, wanted, now)
        self._directory = Directory.load(session) if self._granted else None

    def of(
        self, period_id: int | None, institution_id: int, action_ids: Iterable[int] = ()
    ) -> datetime | None:
        """Return the deadline of a K/L's row on any of ``action_ids``, None without a period."""
        if period_id is None or period_id not in self.periods:
            return None
        actions = set(action_ids)
        granted = (
            at
            for (institution, action), at in self._granted.get(period_id, {}).items()
            if (institution is None or self._same(institution, institution_id))
            and (action is None or action in actions)
        )
        return max((self.periods[period_id].deadline, *granted))

    def _same(self, one: int, other: int) -> bool:
        return self._directory is not None and self._directory.head(one) == self._directory.head(other)
