"""The unit table of this process, kept in step with the database by epoch."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from indexer.analysis import fold
from indexer.units import Unit, UnitTable
from khub.db import read_rows
from khub.search.models import Entry, Epoch

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    Source = sa.Select[int, int, list[dict[str, object]]]

_EPOCH = "search-epoch"
#: The columns of keluaran.
KEPT = sa.select(Entry.product_id, Entry.epoch, Entry.copies)
_NOW = sa.select(Epoch.value).where(Epoch.id == 1)


def epoch_of(session: Session) -> int:
    """Return the epoch of search, asked for once a session: before anything that it stamps is read."""
    found = session.info.get(_EPOCH)
    if found is None:
        found = session.info[_EPOCH] = read_rows(session, _NOW).scalar() or 0
    return int(found)


class Columns:
    """Holds the newest ``UnitTable``; when the epoch has moved on the database is asked for what changed since.

    ``source``: the query for (subject, epoch, copies) of everything it holds.
    """

    def __init__(self, source: Source | None = None) -> None:
        self._source = source if source is not None else KEPT
        self._table = UnitTable.empty()
        self._known = -1
        self._lock = threading.Lock()

    def table(self, session: Session) -> UnitTable:
        """Return the table as ``session`` sees the database."""
        now = epoch_of(session)
        with self._lock:
            if now <= self._known:
                return self._table
            seen = self._table.epoch
            rows = read_rows(session, self._source.where(self._source.selected_columns[1] > seen)).all()
            if rows:
                changed = {subject: [_unit(subject, copy) for copy in copies] for subject, _, copies in rows}
                self._table = self._table.apply(changed, max(epoch for _, epoch, _ in rows))
            self._known = now
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
