"""Which actions are on the table of a year: read with its pilar and fokus, and set."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub.audit import chain
from khub.cycle import ledger as ledgers
from khub.errors import N_, ConflictError, InvalidError, NotFoundError
from khub.kinds import projection
from khub.plan import past, queries
from khub.plan.catalogue import FIRST_YEAR, LAST_YEAR
from khub.plan.models import Action, ActionYear, Plan
from khub.plan.service import demand_plan

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from khub.clock import Clock
    from khub.cycle.facts import ActionFacts
    from khub.db import Database
    from khub.plan.queries import PlanRow
    from khub.policy import Actor


class ChangedError(ConflictError):
    """Somebody set the same table in between; what was ticked is kept on the page."""


@dataclass(frozen=True, slots=True)
class TableRow:
    """An action that may be on the table. ``answers``: K/L that answered for that year."""

    action: ActionFacts
    listed: bool
    answers: int


@dataclass(frozen=True, slots=True)
class TableGroup:
    """The actions of one fokus."""

    branch: str
    branch_name: str
    focus: str
    focus_name: str
    rows: tuple[TableRow, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """The table of a year. ``last``: how many actions that of the year before has; ``seen``: its mark."""

    plan: PlanRow
    year: int
    groups: tuple[TableGroup, ...]
    listed: int
    total: int
    last: int
    copied: bool
    seen: str


def table(
    session: Session, actor: Actor, plan_code: str, year: int, now: datetime, *, copy_last: bool = False
) -> Table:
    """Return the table of a year; ``copy_last`` ticks what was on that of the year before as well.

    Raises ``NotFoundError`` for an unknown plan or an impossible year.
    """
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise NotFoundError
    plan = queries.plan_called(session, actor, plan_code, now)
    ledger = ledgers.read(session, plan.id, now, period_ids=())
    listed = {action.id for action in ledger.on_table(year)}
    before = {action.id for action in ledger.on_table(year - 1)}
    answers = Counter(owed.action.id for owed in ledger.owed(year) if owed.answer)
    ticked = listed | before if copy_last else listed
    groups: dict[tuple[str, str], list[TableRow]] = {}
    for action in ledger.actions:
        groups.setdefault((action.branch, action.focus), []).append(
            TableRow(action, action.id in ticked, answers[action.id])
        )
    return Table(
        plan=plan,
        year=year,
        groups=tuple(
            TableGroup(branch, rows[0].action.branch_name, focus, rows[0].action.focus_name, tuple(rows))
            for (branch, focus), rows in groups.items()
        ),
        listed=len(listed),
        total=len(ledger.actions),
        last=len(before),
        copied=copy_last,
        seen=mark(listed),
    )


def mark(action_ids: Iterable[int]) -> str:
    """Return a mark of a set of actions; a change that started from another set is refused."""
    return hashlib.sha256(repr(sorted(action_ids)).encode()).hexdigest()[:16]


class Tables:
    """Write side of the tables of years."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self.db = db
        self.clock = clock

    def put(self, actor: Actor, plan_code: str, year: int, codes: Collection[str], seen: str) -> int:
        """Put exactly the actions ``codes`` on the table of ``year``; returns how many changed.

        ``seen``: the mark of the table the person started from. Raises ``NotFoundError``,
        ``InvalidError`` (unknown action, impossible year), ``ChangedError``.
        """
        demand_plan(actor)
        if not FIRST_YEAR <= year <= LAST_YEAR:
            raise NotFoundError
        now = self.clock.now()
        with self.db.write() as session:
            plan = session.scalar(sa.select(Plan).where(Plan.code == plan_code).with_for_update())
            if plan is None:
                raise NotFoundError
            known = {
                code: action_id
                for action_id, code in session.execute(
                    sa.select(Action.id, Action.code).where(Action.plan_id == plan.id)
                )
            }
            if unknown := sorted(set(codes) - known.keys()):
                raise InvalidError.one(
                    "actions", N_("Aksi %(key)s tidak ada dalam rencana."), key=unknown[0][:60]
                )
            wanted = {known[code] for code in codes}
            present = set(
                session.scalars(
                    sa.select(ActionYear.action_id).where(
                        ActionYear.year == year, ActionYear.action_id.in_(known.values())
                    )
                )
            )
            if mark(present) != seen:
                raise ChangedError(
                    N_(
                        "Daftar tahun ini berubah sejak halaman dibuka. Pilihan Anda masih di bawah; bandingkan."
                    )
                )
            if wanted == present:
                return 0
            name = {action_id: code for code, action_id in known.items()}
            for action_id in sorted(wanted ^ present):
                new, old = ([year], []) if action_id in wanted else ([], [year])
                past.set_years(session, action_id, new, old, removed_at=now, learnt=now)
            projection.refresh(session, projection.ACTION, wanted ^ present, now, texts=False)
            chain.append(
                session,
                actor,
                "year.set",
                "plan",
                plan_code[:60],
                now,
                facts={
                    "year": year,
                    "added": sorted(name[each] for each in wanted - present),
                    "removed": sorted(name[each] for each in present - wanted),
                    "listed": len(wanted),
                },
            )
        return len(wanted ^ present)
