"""What the live tables take from content: only what every signed-in reader may read.

Nothing *terbatas* and nothing that is not approved gets into a table, whoever compiles the report.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub.cycle.facts import Row
from khub.policy import Actor, Grant, Role
from khub.products.models import Copy, CopyAction, Kind, Product
from khub.products.queries import readable_copies
from khub.reports.models import Report, ReportCopy
from khub.reports.queries import readable_reports

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from khub.cycle.numbers import Number

#: Somebody who is signed in and belongs to no K/L: what he may read, every reader may.
ANY_READER = Actor(None, "", (Grant(Role.MEMBER),))
_BATCH = 500


def obstacles(
    session: Session, approved: Number | None, until: datetime
) -> tuple[list[tuple[str, str, str, str]], int]:
    """Return (action, K/L, kendala, tindak lanjut) of approved rows, and how many were kept back as terbatas.

    Rows without a kendala are left out.
    """
    rows = [row for row in (approved.counted if approved else ()) if isinstance(row, Row) and row.report]
    said: dict[str, tuple[str, str]] = {}
    seen: set[str] = set()
    for public_ids in _batches([row.report for row in rows]):
        for public_id, obstacle, follow_up in session.execute(
            readable_reports(ANY_READER)
            .with_only_columns(
                Report.public_id, ReportCopy.obstacles, ReportCopy.follow_up, maintain_column_froms=True
            )
            .where(Report.public_id.in_(public_ids), ReportCopy.decided_at <= until)
            .order_by(ReportCopy.number)
        ):
            seen.add(public_id)
            said[public_id] = (obstacle, follow_up)
    found = [
        (row.action.code, row.unit.short, *said[row.report])
        for row in rows
        if row.report in said and said[row.report][0].strip()
    ]
    return found, sum(row.report not in seen for row in rows)


def outputs_by_kind(
    session: Session, action_ids: Sequence[int], period_ids: Sequence[int], until: datetime
) -> list[tuple[str, int]]:
    """Return (jenis, how many keluaran) that serve one of the actions in one of the periods.

    Counted are keluaran with a snapshot approved by ``until`` that every signed-in reader may read.
    """
    if not period_ids:
        return []
    serves = sa.exists(
        sa.select(CopyAction.copy_id)
        .where(CopyAction.copy_id == Copy.id, CopyAction.action_id.in_(action_ids))
        .correlate(Copy)
    )
    approved = session.execute(
        readable_copies(ANY_READER)
        .with_only_columns(Product.id, Copy.kind, maintain_column_froms=True)
        .where(Copy.period_id.in_(period_ids), Copy.decided_at <= until, serves)
        .order_by(Copy.decided_at, Copy.id)
    )
    newest = {row.id: row.kind for row in approved}
    kinds = session.execute(sa.select(Kind.code, Kind.name).order_by(Kind.position)).all()
    counted = [(name, sum(found == code for found in newest.values())) for code, name in kinds]
    return [(name, count) for name, count in counted if count]


def _batches(values: Sequence[str]) -> Iterator[Iterable[str]]:
    """Yield lists short enough for one statement on every database."""
    for start in range(0, len(values), _BATCH):
        yield values[start : start + _BATCH]
