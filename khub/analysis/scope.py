"""What an analysis looks at: a plan, a year or one period, a branch; and who is who in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub.cycle import ledger as ledgers
from khub.errors import N_, InvalidError, NotFoundError
from khub.plan.models import Period
from khub.plan.queries import called, plans
from khub.plan.running import current_period
from khub.plan.terms import PeriodState

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from khub.cycle.facts import ActionFacts, PeriodFacts
    from khub.cycle.ledger import Ledger
    from khub.plan.queries import PlanRow
    from khub.policy import Actor

#: By what things are grouped: branch (pilar, tema), fokus, K/L.
BY = ("pilar", "fokus", "kl")
#: All years of a plan, in the address.
ALL_YEARS = "semua"
#: Periods that stand side by side at most, the newest.
_SHOWN = 12
_DIGITS = 4


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for; "" is the default: the running plan and year, every period and branch."""

    plan: str = ""
    year: str = ""
    period: str = ""
    branch: str = ""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Asked:
        """Return what a request's address holds. Raises ``InvalidError`` for a year that is none."""
        year = query.get("tahun", "").strip()
        if year not in ("", ALL_YEARS) and not (year.isascii() and year.isdigit() and len(year) == _DIGITS):
            raise InvalidError.one("tahun", N_("Tahun tidak dikenali."))
        return cls(
            query.get("rencana", "").strip()[:60],
            year,
            query.get("periode", "").strip()[:40],
            query.get("pilar", "").strip()[:40],
        )


@dataclass(frozen=True, slots=True)
class Scope:
    """A plan with the periods that are looked at, oldest first, and everything there is to choose from.

    ``year`` is None for all years, ``period`` "" for all periods of it, ``branch`` "" for all branches.
    """

    plan: PlanRow
    plans: tuple[PlanRow, ...]
    year: int | None
    years: tuple[int, ...]
    period: str
    choices: tuple[PeriodFacts, ...]
    periods: tuple[PeriodFacts, ...]
    branch: str
    branches: tuple[tuple[str, str], ...]
    ledger: Ledger
    actions: Mapping[int, ActionFacts]

    @property
    def period_ids(self) -> list[int]:
        """Return the ids of the periods looked at."""
        return [period.id for period in self.periods]

    def group(self, by: str, action_id: int, institution_id: int) -> tuple[str, str]:
        """Return (code, name) of the group that an action and a K/L fall into; ``by`` is one of ``BY``."""
        action = self.actions[action_id]
        if by == "pilar":
            return action.branch, action.branch_name
        if by == "fokus":
            # The same code may stand under two branches.
            inside = action.focus.startswith(f"{action.branch}.")
            return action.focus if inside else f"{action.branch}.{action.focus}", action.focus_name
        unit = self.ledger.unit(institution_id)
        return unit.code, unit.short

    def action_ids(self) -> set[int]:
        """Return the ids of the actions of the branch looked at, all of the plan's without one."""
        return {each.id for each in self.actions.values() if self.branch in ("", each.branch)}


def scope(session: Session, actor: Actor, asked: Asked, now: datetime) -> Scope:
    """Return what ``asked`` means; ``NotFoundError`` for a plan, period or branch that is not there."""
    known = plans(session, actor, now)
    plan = called(known, asked.plan)
    rows = session.scalars(
        sa.select(Period)
        .where(Period.plan_id == plan.id, Period.state != PeriodState.PLANNED)
        .order_by(Period.ends, Period.starts, Period.id)
    ).all()
    years = tuple(sorted({*plan.years, *(row.year for row in rows)}, reverse=True))
    if asked.year == ALL_YEARS:
        year = None
    elif asked.year:
        year = int(asked.year)
    else:
        running = current_period(session, now, plan.id)
        year = running.year if running is not None else rows[-1].year if rows else plan.year
    choices = [row for row in rows if year in (None, row.year)]
    chosen = [row for row in choices if asked.period in ("", row.code)][-_SHOWN:]
    if asked.period and not chosen:
        raise NotFoundError
    ledger = ledgers.read(session, plan.id, now, period_ids=[row.id for row in choices])
    branches = tuple({each.branch: each.branch_name for each in ledger.actions}.items())
    if asked.branch and asked.branch not in dict(branches):
        raise NotFoundError
    ids = {row.id for row in chosen}
    return Scope(
        plan=plan,
        plans=known,
        year=year,
        years=years,
        period=asked.period,
        choices=ledger.periods,
        periods=tuple(period for period in ledger.periods if period.id in ids),
        branch=asked.branch,
        branches=branches,
        ledger=ledger,
        actions={each.id: each for each in ledger.actions},
    )
