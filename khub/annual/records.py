"""What the live tables take from content: only what every signed-in reader may read.

Nothing *terbatas* and nothing that is not approved gets into a table, whoever compiles the report.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub.cycle import outputs
from khub.cycle.facts import Row
from khub.policy import Actor, Grant, Role
from khub.products.models import Copy, Kind
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
    session: Session, period_ids: Sequence[int], until: datetime, branch: str = ""
) -> list[tuple[str, int]]:
    """Return (jenis, how many keluaran) handed in for one of the periods, approved and open to every reader."""
    found = outputs.snapshots(ANY_READER, period_ids, until, branch, approved=True).subquery()
    counted = session.execute(
        sa.select(Kind.name, sa.func.count())
        .join(Copy, Copy.kind == Kind.code)
        .join(found, found.c[1] == Copy.id)
        .group_by(Kind.name, Kind.position)
        .order_by(Kind.position)
    )
    return [(name, count) for name, count in counted]


def _batches(values: Sequence[str]) -> Iterator[Iterable[str]]:
    """Yield lists short enough for one statement on every database."""
    for start in range(0, len(values), _BATCH):
        yield values[start : start + _BATCH]
