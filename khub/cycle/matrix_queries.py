"""What the pages and files of the matrix are drawn from: few statements, one ledger."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub.cycle import ledger as ledgers
from khub.cycle import matrix
from khub.errors import NotFoundError
from khub.plan import queries
from khub.plan.models import Action, Branch, Period, Pokja
from khub.plan.running import current_period
from khub.plan.terms import PeriodState
from khub.policy import Role
from khub.products.lifecycle import State
from khub.reports.models import Report
from khub.reports.queries import readable_reports

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from khub.cycle.facts import ActionFacts, PeriodFacts, Row, Unit
    from khub.cycle.ledger import Ledger
    from khub.cycle.matrix import Matrix, Narrowed
    from khub.plan.queries import PlanRow
    from khub.policy import Actor

#: Periods beside one another; earlier ones are a click away.
COLUMNS = 12


@dataclass(frozen=True, slots=True)
class Wish:
    """What the address asks for. ``period``: one column only; ``until``: the last of the columns."""

    plan: str = ""
    period: str = ""
    until: str = ""
    branch: str = ""
    focus: str = ""
    unit: str = ""
    pokja: str = ""
    state: str = ""
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Choices:
    """What the filters offer; (code, name, number of actions), codes of periods oldest first."""

    branches: tuple[tuple[str, str, int], ...]
    focuses: tuple[tuple[str, str, int], ...]
    units: tuple[Unit, ...]
    pokjas: tuple[tuple[str, str], ...]
    periods: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """A matrix with what it was asked for. ``own``: (action, K/L) ids of the reader's own rows.

    ``earlier``, ``later``: code of the last period of the columns before and after, "" for none.
    """

    plan: PlanRow
    wish: Wish
    at: datetime
    choices: Choices
    own: frozenset[tuple[int, int]]
    current: str
    earlier: str
    later: str


def by_period(
    session: Session, actor: Actor, wish: Wish, now: datetime
) -> tuple[Shown, Matrix[ActionFacts, PeriodFacts]]:
    """Return the matrix of actions × periods; ``NotFoundError`` for a plan or period that is not there."""
    plan = queries.plan_called(session, actor, wish.plan, now)
    every = _periods(session, plan.id)
    codes = [period.code for period in every]
    if any(code and code not in codes for code in (wish.period, wish.until)):
        raise NotFoundError
    last = codes.index(wish.until) + 1 if wish.until else len(codes)
    if wish.period:
        chosen = [period for period in every if period.code == wish.period]
    else:
        chosen = every[max(0, last - COLUMNS) : last]
    ledger = ledgers.read(session, plan.id, now, period_ids=[period.id for period in chosen])
    current = current_period(session, now, plan.id)
    narrowed = _narrowed(session, ledger, wish, current.year if current else plan.year)
    found = matrix.by_period(ledger, [period.id for period in chosen], narrowed)
    shown = Shown(
        plan=plan,
        wish=wish,
        at=now,
        choices=_choices(session, ledger, every, wish),
        own=_own(session, actor, ledger, [period.id for period in chosen]),
        current=current.code if current else "",
        earlier=codes[last - COLUMNS - 1] if last > COLUMNS and not wish.period else "",
        later=codes[min(last + COLUMNS, len(codes)) - 1] if last < len(codes) and not wish.period else "",
    )
    return shown, found


def by_unit(
    session: Session, actor: Actor, wish: Wish, now: datetime
) -> tuple[Shown, Matrix[Unit, ActionFacts], PeriodFacts | None]:
    """Return the matrix of K/L × actions of one period: the one named, else the running or the last one."""
    plan = queries.plan_called(session, actor, wish.plan, now)
    every = _periods(session, plan.id)
    current = current_period(session, now, plan.id)
    code = wish.period or (current.code if current else every[-1].code if every else "")
    chosen = next((period for period in every if period.code == code), None)
    if wish.period and chosen is None:
        raise NotFoundError
    ledger = ledgers.read(session, plan.id, now, period_ids=[chosen.id] if chosen else [])
    narrowed = _narrowed(session, ledger, wish, current.year if current else plan.year)
    empty: Matrix[Unit, ActionFacts] = matrix.Matrix((), (), (), matrix.sums(()))
    found = matrix.by_unit(ledger, chosen.id, narrowed) if chosen else empty
    shown = Shown(
        plan=plan,
        wish=replace(wish, period=code),
        at=now,
        choices=_choices(session, ledger, every, wish),
        own=_own(session, actor, ledger, [chosen.id] if chosen else []),
        current=current.code if current else "",
        earlier="",
        later="",
    )
    return shown, found, ledger.period(chosen.id) if chosen else None


def rows(
    session: Session, actor: Actor, plan_code: str, period_code: str, action: str, unit: str, now: datetime
) -> tuple[ActionFacts, PeriodFacts, tuple[Row, ...], frozenset[str]]:
    """Return the rows behind a cell, and the public ids of the reports among them that may be read.

    Raises ``NotFoundError`` for an action or period that is not there.
    """
    plan = queries.plan_called(session, actor, plan_code, now)
    chosen = next((each for each in _periods(session, plan.id) if each.code == period_code), None)
    if chosen is None:
        raise NotFoundError
    ledger = ledgers.read(session, plan.id, now, period_ids=[chosen.id])
    facts = next((each for each in ledger.actions if each.code == action), None)
    if facts is None:
        raise NotFoundError
    found = tuple(
        row for row in ledger.rows(chosen.id) if row.action.id == facts.id and unit in ("", row.unit.code)
    )
    readable = session.scalars(
        readable_reports(actor)
        .where(Report.public_id.in_([row.report for row in found if row.report]))
        .with_only_columns(Report.public_id, maintain_column_froms=True)
        .distinct()
    )
    return facts, ledger.period(chosen.id), found, frozenset(readable)


def stale_actions(session: Session, ledger: Ledger, year: int) -> frozenset[int]:
    """Return the actions on the table of ``year`` whose newest approved report is of an earlier year.

    The year of its period counts, not the day it was handed in: much of a year comes in the next January.
    An action without any approved report is not stale: nothing was ever there.
    """
    newest = session.execute(
        sa.select(Report.action_id, sa.func.max(Period.year))
        .join(Action, Action.id == Report.action_id)
        .join(Period, Period.id == Report.period_id)
        .where(
            Action.id.in_([action.id for action in ledger.on_table(year)]),
            Report.state.in_((State.APPROVED, State.LOCKED)),
        )
        .group_by(Report.action_id)
    )
    return frozenset(action_id for action_id, of_year in newest if of_year < year)


def _periods(session: Session, plan_id: int) -> list[Period]:
    return list(
        session.scalars(
            sa.select(Period)
            .where(Period.plan_id == plan_id, Period.state != PeriodState.PLANNED)
            .order_by(Period.ends, Period.starts, Period.id)
        )
    )


def _narrowed(session: Session, ledger: Ledger, wish: Wish, year: int) -> Narrowed:
    branches = None
    if wish.pokja:
        branches = frozenset(
            session.scalars(
                sa.select(Branch.code)
                .join(Pokja, Pokja.branch_id == Branch.id)
                .where(Pokja.code == wish.pokja)
            )
        )
    return matrix.Narrowed(
        branch=wish.branch,
        focus=wish.focus,
        branches=branches,
        unit=wish.unit,
        state=wish.state,
        mark=wish.mark,
        stale=stale_actions(session, ledger, year),
    )


def _choices(session: Session, ledger: Ledger, every: list[Period], wish: Wish) -> Choices:
    branches: dict[str, list[ActionFacts]] = {}
    focuses: dict[str, list[ActionFacts]] = {}
    for action in ledger.actions:
        branches.setdefault(action.branch, []).append(action)
        if wish.branch in ("", action.branch):
            focuses.setdefault(action.focus, []).append(action)
    units = {row.unit.id: row.unit for period in ledger.periods for row in ledger.rows(period.id)}
    found = session.execute(
        sa.select(Pokja.code, Pokja.name)
        .join(Branch, Branch.id == Pokja.branch_id)
        .where(Branch.code.in_(branches))
        .order_by(Pokja.code)
    )
    return Choices(
        branches=tuple((code, few[0].branch_name, len(few)) for code, few in branches.items()),
        focuses=tuple((code, few[0].focus_name, len(few)) for code, few in focuses.items()),
        units=tuple(sorted(units.values(), key=lambda unit: unit.short)),
        pokjas=tuple((code, name) for code, name in found),
        periods=tuple((period.code, period.name) for period in every),
    )


def _own(session: Session, actor: Actor, ledger: Ledger, period_ids: list[int]) -> frozenset[tuple[int, int]]:
    """Return the reader's own rows that a running period waits for."""
    grants = [
        (ledger.head(grant.institution_id), grant.pokja_id)
        for grant in actor.grants
        if grant.role in (Role.MEMBER, Role.OFFICIAL) and grant.institution_id is not None
    ]
    if not grants:
        return frozenset()
    branch_of = dict(
        session.execute(sa.select(Pokja.id, Branch.code).join(Branch, Branch.id == Pokja.branch_id)).all()
    )
    return frozenset(
        (row.action.id, row.unit.id)
        for period_id in period_ids
        if ledger.period(period_id).running
        for row in ledger.rows(period_id)
        if row.asks
        and not row.state
        and any(
            head == row.unit.id and (pokja is None or branch_of.get(pokja) == row.action.branch)
            for head, pokja in grants
        )
    )
