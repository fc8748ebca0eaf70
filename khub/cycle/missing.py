"""Belum lapor: which K/L has sent no commitment, report or keluaran, computed from the ledger.

A returned commitment is missing until it is answered again; a report is missing while nothing is handed in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub.audit.models import Head
from khub.cycle import ledger as ledgers
from khub.cycle import numbers
from khub.plan.models import Branch, Pokja
from khub.plan.running import current_period, days_left
from khub.plan.terms import Answer, Part
from khub.policy import Role
from khub.products.models import WORKING, Copy, CopyAction, Product
from khub.products.queries import readable_copies
from khub.reports.models import ReportStep

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy.orm import Session

    from khub.cycle.facts import ActionFacts, Owed, PeriodFacts, Row, Unit
    from khub.cycle.ledger import Ledger
    from khub.plan.running import Running
    from khub.policy import Actor

#: What may be missing, by the word in the address.
KINDS = ("komitmen", "realisasi", "kendala", "keluaran")


@dataclass(frozen=True, slots=True)
class Missed:
    """One aksi of a K/L with what is missing of it (words of ``KINDS``) and its deadline in force."""

    action: ActionFacts
    kinds: tuple[str, ...]
    deadline: datetime
    overdue: bool


@dataclass(frozen=True, slots=True)
class UnitMissing:
    """A K/L and what it has not sent. ``counts``: (word of ``KINDS``, missing, asked).

    ``days``: to its nearest deadline, in WIB days, negative when past.
    """

    unit: Unit
    counts: tuple[tuple[str, int, int], ...]
    rows: tuple[Missed, ...]
    days: int
    overdue: bool

    def missing(self, kind: str) -> int:
        """Return how many of ``kind`` are missing."""
        return next(missing for word, missing, _ in self.counts if word == kind)

    def asked(self, kind: str) -> int:
        """Return how many of ``kind`` are asked."""
        return next(asked for word, _, asked in self.counts if word == kind)


@dataclass(frozen=True, slots=True)
class Belum:
    """Who has not sent what in a period, the longest lists first. ``outputs``: as far as the reader may see."""

    period: PeriodFacts
    plan: str
    units: tuple[UnitMissing, ...]
    branches: frozenset[str] | None
    reports: int
    until: datetime


def belum(session: Session, actor: Actor, now: datetime) -> Belum | None:
    """Return who has not sent what in the running period, ``None`` without one.

    A ketua pokja sees the pilar of the pokja, the Sekretariat everything.
    """
    period = current_period(session, now)
    if period is None:
        return None
    return of_ledger(
        session, actor, ledgers.read(session, period.plan_id, now, period_ids=[period.id]), period.id
    )


def of_ledger(session: Session, actor: Actor, ledger: Ledger, period_id: int) -> Belum:
    """Return who has not sent what in a period of ``ledger``."""
    branches = scope(session, actor)
    facts = ledger.period(period_id)
    return Belum(
        period=facts,
        plan=ledger.actions[0].plan if ledger.actions else "",
        units=compute(ledger, facts, _handed_in(session, actor, ledger, period_id), branches),
        branches=branches,
        reports=_reports_missing(ledger, period_id, branches),
        until=ledger.until,
    )


def compute(
    ledger: Ledger,
    period: PeriodFacts,
    handed: Collection[tuple[int, int]],
    branches: Collection[str] | None = None,
) -> tuple[UnitMissing, ...]:
    """Return every K/L that misses something; ``handed``: (action, K/L) ids with a keluaran handed in.

    ``branches``: codes of the pilar that count, None for all.
    """
    units: dict[int, Unit] = {}
    asked: dict[int, dict[str, int]] = {}
    rows: dict[int, dict[int, list[str]]] = {}
    deadlines: dict[tuple[int, int], datetime] = {}
    actions = {action.id: action for action in ledger.actions}

    def note(unit: Unit, action: ActionFacts, kind: str, *, missing: bool) -> None:
        units.setdefault(unit.id, unit)
        counts = asked.setdefault(unit.id, dict.fromkeys(KINDS, 0))
        counts[kind] += 1
        if missing:
            rows.setdefault(unit.id, {}).setdefault(action.id, []).append(kind)

    for owed in ledger.owed(period.year):
        if branches is None or owed.action.branch in branches:
            note(owed.unit, owed.action, "komitmen", missing=not _answered(owed))
    for row in ledger.rows(period.id):
        if branches is not None and row.action.branch not in branches:
            continue
        deadlines[row.unit.id, row.action.id] = row.deadline
        for kind, missing in _parts(row, handed):
            note(row.unit, row.action, kind, missing=missing)

    found = []
    for unit_id, by_action in rows.items():
        missed = tuple(
            _missed(
                action, by_action[action.id], deadlines.get((unit_id, action.id), period.deadline), ledger
            )
            for action in actions.values()
            if action.id in by_action
        )
        counts = tuple(
            (kind, sum(kind in each.kinds for each in missed), asked[unit_id][kind]) for kind in KINDS
        )
        nearest = min(each.deadline for each in missed)
        found.append(
            UnitMissing(
                units[unit_id],
                counts,
                missed,
                days_left(nearest, ledger.until),
                any(each.overdue for each in missed),
            )
        )
    return tuple(sorted(found, key=lambda each: (-sum(n for _, n, _ in each.counts), each.unit.short)))


def scope(session: Session, actor: Actor) -> frozenset[str] | None:
    """Return the codes of the pilar that ``actor`` oversees, None for all of them."""
    if actor.system or actor.has(Role.SECRETARIAT):
        return None
    chaired = {grant.pokja_id for grant in actor.grants if grant.role is Role.CHAIR}
    return frozenset(
        session.scalars(
            sa.select(Branch.code)
            .join(Pokja, Pokja.branch_id == Branch.id)
            .where(Pokja.id.in_(chaired - {None}))
        )
    )


class Tally:
    """How many reports are missing, for the menu of every page: counted again only when something was recorded."""

    def __init__(self) -> None:
        self._kept: tuple[tuple[object, ...], int] | None = None

    def __call__(self, session: Session, actor: Actor, period: Running, now: datetime) -> int:
        """Return the number for a period, as far as ``actor`` oversees it."""
        branches = scope(session, actor)
        recorded = session.execute(
            sa.select(
                sa.select(Head.seq).where(Head.id == 1).scalar_subquery(),
                sa.select(sa.func.max(ReportStep.id)).scalar_subquery(),
            )
        ).one()
        key = (period.id, branches, *recorded)
        kept = self._kept
        if kept is not None and kept[0] == key:
            return kept[1]
        ledger = ledgers.read(session, period.plan_id, now, period_ids=[period.id])
        number = _reports_missing(ledger, period.id, branches)
        self._kept = (key, number)
        return number


def _reports_missing(ledger: Ledger, period_id: int, branches: Collection[str] | None) -> int:
    if branches is None:
        return len(numbers.reported(ledger, period_id).missing)
    return sum(len(numbers.reported(ledger, period_id, branch).missing) for branch in sorted(branches))


def _answered(owed: Owed) -> bool:
    return owed.answer in (Answer.YES, Answer.NO)


def _parts(row: Row, handed: Collection[tuple[int, int]]) -> list[tuple[str, bool]]:
    found = []
    if Part.PROGRESS in row.asks:
        found.append(("realisasi", not row.handed_in))
    if Part.OBSTACLES in row.asks:
        found.append(("kendala", not row.handed_in))
    if Part.PROGRESS in row.asks:
        found.append(("keluaran", (row.action.id, row.unit.id) not in handed))
    return found


def _missed(action: ActionFacts, kinds: list[str], deadline: datetime, ledger: Ledger) -> Missed:
    return Missed(action, tuple(kinds), deadline, ledger.until > deadline)


def _handed_in(session: Session, actor: Actor, ledger: Ledger, period_id: int) -> frozenset[tuple[int, int]]:
    """Return (action, K/L) with a keluaran handed in for the period that ``actor`` may see."""
    found = session.execute(
        readable_copies(actor)
        .join(CopyAction, CopyAction.copy_id == Copy.id)
        .where(
            Copy.period_id == period_id,
            Copy.number != WORKING,
            Copy.outcome.in_(("pending", "approved")),
        )
        .with_only_columns(CopyAction.action_id, Product.institution_id, maintain_column_froms=True)
        .distinct()
    )
    return frozenset((action_id, ledger.head(institution_id)) for action_id, institution_id in found)
