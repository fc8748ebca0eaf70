"""The unit table of this process, kept in step with the database by epoch."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from indexer.analysis import fold
from indexer.units import Unit, UnitTable
from khub.search.models import Entry

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


class Columns:
    """Holds the newest ``UnitTable``; every query asks the database for what changed since."""

    def __init__(self) -> None:
        self._table = UnitTable.empty()
        self._lock = threading.Lock()

    def table(self, session: Session) -> UnitTable:
        """Return the table as ``session`` sees the database."""
        with self._lock:
            seen = self._table.epoch
            rows = session.execute(
                sa.select(Entry.product_id, Entry.epoch, Entry.copies).where(Entry.epoch > seen)
            ).all()
            if rows:
                changed = {
                    row.product_id: [_unit(row.product_id, copy) for copy in row.copies] for row in rows
                }
                self._table = self._table.apply(changed, max(row.epoch for row in rows))
            return self._table


def _unit(product_id: int, copy: dict[str, Any]) -> Unit:
    return Unit(
        unit=copy["copy"],
        product=product_id,
        rank=copy["rank"],
        access=copy["access"],
        files=tuple(copy["files"]),
        date=copy["date"],
        facets={name: tuple(fold(value) for value in values) for name, values in copy["facets"].items()},
    )
