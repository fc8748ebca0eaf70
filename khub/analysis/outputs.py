"""Outputs that the reader may read and that were handed in, by jenis and by month."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub.clock import WIB
from khub.cycle import outputs as handed_in
from khub.products.models import Copy, Kind

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

    from khub.analysis.scope import Scope
    from khub.policy import Actor


@dataclass(frozen=True, slots=True)
class KindCount:
    """A jenis with how many outputs are of it."""

    code: str
    name: str
    name_en: str
    count: int


@dataclass(frozen=True, slots=True)
class MonthCount:
    """A month in WIB (its first day) with how many outputs were handed in."""

    month: date
    count: int


@dataclass(frozen=True, slots=True)
class Outputs:
    """Outputs by jenis in its list's order, by month without gaps, and by both: (month, jenis) → count."""

    total: int
    kinds: tuple[KindCount, ...]
    months: tuple[MonthCount, ...]
    both: dict[tuple[date, str], int]


def outputs(session: Session, actor: Actor, scope: Scope) -> Outputs:
    """Return the outputs of the scope's periods; the month is that of the press of Ajukan shown."""
    found = handed_in.snapshots(actor, scope.period_ids, scope.ledger.until, scope.branch).subquery()
    both: Counter[tuple[date, str]] = Counter()
    for kind, at in session.execute(
        sa.select(Copy.kind, Copy.submitted_at).join(found, found.c[1] == Copy.id)
    ):
        if at is not None:
            both[at.astimezone(WIB).date().replace(day=1), kind] += 1
    by_kind: Counter[str] = Counter()
    by_month: Counter[date] = Counter()
    for (month, kind), count in both.items():
        by_kind[kind] += count
        by_month[month] += count
    kinds = session.scalars(sa.select(Kind).order_by(Kind.position, Kind.code)).all()
    return Outputs(
        sum(both.values()),
        tuple(KindCount(kind.code, kind.name, kind.name_en, by_kind[kind.code]) for kind in kinds),
        tuple(MonthCount(month, by_month[month]) for month in _months(by_month)),
        dict(both),
    )


def _months(counted: Counter[date]) -> list[date]:
    """Return every month from the first to the last that has something."""
    if not counted:
        return []
    month, last = min(counted), max(counted)
    found = []
    while month <= last:
        found.append(month)
        month = month.replace(year=month.year + month.month // 12, month=month.month % 12 + 1)
    return found
