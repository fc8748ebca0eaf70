"""Capaian over periods: the mean percent of approved reports that the reader may read.

Beside it stands how many rows are approved of those asked for, which is official and the same for all.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from khub.cycle import numbers, parts
from khub.plan import names
from khub.policy import Access
from khub.reports.models import Report, ReportCopy
from khub.reports.queries import readable_reports

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from khub.analysis.scope import Scope
    from khub.cycle.numbers import Number
    from khub.policy import Actor


@dataclass(frozen=True, slots=True)
class Cell:
    """A group in a period: mean percent of ``read`` approved reports (None: none), and the official count."""

    mean: int | None
    read: int
    approved: Number


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A group with a cell for each period of the scope."""

    code: str
    name: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Achievement:
    """Every group, in natural order of its code (K/L: of its name), and all of them together."""

    rows: tuple[GroupRow, ...]
    whole: GroupRow


def achievement(session: Session, actor: Actor, scope: Scope, by: str) -> Achievement:
    """Return the achievement by ``by``, one of ``scope.BY``."""
    wanted = scope.action_ids()
    said: dict[tuple[str, int], list[int]] = defaultdict(list)
    together: dict[int, list[int]] = defaultdict(list)
    for action_id, institution_id, period_id, percent in session.execute(
        readable_reports(actor)
        .where(
            ReportCopy.access == Access.APPROVED,
            ReportCopy.percent.is_not(None),
            Report.period_id.in_(scope.period_ids),
        )
        .with_only_columns(
            Report.action_id,
            Report.institution_id,
            Report.period_id,
            ReportCopy.percent,
            maintain_column_froms=True,
        )
    ):
        if action_id in wanted and percent is not None:
            said[scope.group(by, action_id, institution_id)[0], period_id].append(percent)
            together[period_id].append(percent)
    names_of: dict[str, str] = {}

    def key(action_id: int, institution_id: int) -> str:
        code, name = scope.group(by, action_id, institution_id)
        names_of[code] = name
        return code

    by_group = parts.split(
        scope.ledger,
        lambda action, unit: key(action.id, unit.id) if action.id in wanted else None,
        period_ids=scope.period_ids,
    )
    groups = {code: part for code, part in by_group.items() if code is not None}
    order = sorted(
        groups,
        key=lambda code: names.natural(names.fold(names_of[code]) if by == "kl" else code),
    )
    rows = tuple(
        GroupRow(
            code,
            names_of[code],
            tuple(
                _cell(said[code, period.id], numbers.approved(groups[code], period.id))
                for period in scope.periods
            ),
        )
        for code in order
    )
    whole = GroupRow(
        "",
        "",
        tuple(
            _cell(together[period.id], numbers.approved(scope.ledger, period.id, scope.branch))
            for period in scope.periods
        ),
    )
    return Achievement(rows, whole)


def _cell(percents: list[int], approved: Number) -> Cell:
    return Cell(mean(percents), len(percents), approved)


def mean(values: list[int]) -> int | None:
    """Return the mean in whole numbers, half rounded up; None of nothing."""
    return (2 * sum(values) + len(values)) // (2 * len(values)) if values else None
