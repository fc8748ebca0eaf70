"""Reading the plan: plans, one action, one branch. Official, the same for all roles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub.clock import wib_date
from khub.cycle import numbers
from khub.errors import NoPlanError, NotFoundError
from khub.plan import names
from khub.plan.directory import Directory
from khub.plan.models import (
    Action,
    ActionInstitution,
    ActionYear,
    Branch,
    Focus,
    Plan,
    Pokja,
)
from khub.plan.running import current_period
from khub.plan.terms import Duty

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from khub.cycle.numbers import Number
    from khub.policy import Actor

MAX_SEARCH = 200


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A plan; ``label`` is its word for a branch, ``year`` the one its pages start with."""

    id: int
    code: str
    name: str
    label: str
    years: tuple[int, ...]
    year: int


@dataclass(frozen=True, slots=True)
class Unit:
    """A pilar or fokus by code, with the number of actions in it."""

    code: str
    name: str
    actions: int = 0


@dataclass(frozen=True, slots=True)
class InstitutionLink:
    """A K/L as pages link it; ``name`` is that of the day asked for, ``now`` that of today if other."""

    code: str
    short: str
    name: str
    now: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A responsible K/L of an action and its answer for the year ("" = none yet)."""

    institution: InstitutionLink
    answer: str


@dataclass(frozen=True, slots=True)
class ActionFacts:
    """What the plan says of an action."""

    id: int
    plan: PlanRow
    branch: Unit
    focus: Unit
    code: str
    title: str
    measure: str
    source: str
    years: tuple[int, ...]
    responsible: tuple[Asked, ...]
    related: tuple[InstitutionLink, ...]
    year: int
    answered: Number


@dataclass(frozen=True, slots=True)
class BranchFacts:
    """A pilar or tema with its fokus; ``figure`` is None without a single action on the table."""

    plan: PlanRow
    branch: Unit
    classification: str
    pokja: str
    focuses: tuple[Unit, ...]
    figure: Number | None


def plans(session: Session, _actor: Actor, now: datetime) -> tuple[PlanRow, ...]:
    """Return all plans, the one of the running period first, then the newest."""
    running = current_period(session, now)
    years: dict[int, list[int]] = {}
    for plan_id, year in session.execute(
        sa.select(Action.plan_id, ActionYear.year)
        .join(Action, Action.id == ActionYear.action_id)
        .distinct()
        .order_by(ActionYear.year)
    ):
        years.setdefault(plan_id, []).append(year)
    today = wib_date(now).year

    def row(plan: Plan) -> PlanRow:
        known = years.get(plan.id, [])
        past = [year for year in known if year <= today]
        year = past[-1] if past else known[0] if known else today
        return PlanRow(plan.id, plan.code, plan.name, plan.branch_label, tuple(known), year)

    found = session.scalars(sa.select(Plan).order_by(Plan.created_at.desc(), Plan.id.desc()))
    return tuple(
        row(plan) for plan in sorted(found, key=lambda plan: running is None or plan.id != running.plan_id)
    )


def plan_called(session: Session, actor: Actor, code: str, now: datetime) -> PlanRow:
    """Return a plan by code, the first one for "".

    Raises ``NotFoundError`` for an unknown code, ``NoPlanError`` while there is no plan at all.
    """
    return called(plans(session, actor, now), code)


def called(known: Sequence[PlanRow], code: str) -> PlanRow:
    """Return one of all plans by code; see ``plan_called``."""
    for plan in known:
        if code in ("", plan.code):
            return plan
    raise NotFoundError if code or known else NoPlanError


def duties_of(
    session: Session, action_ids: Sequence[int], directory: Directory, now: datetime
) -> dict[tuple[int, str], tuple[InstitutionLink, ...]]:
    """Return the K/L of each (action, code of ``terms.Duty``), in the plan's order."""
    found: dict[tuple[int, str], tuple[InstitutionLink, ...]] = {}
    for action_id, institution_id, role in session.execute(
        sa.select(ActionInstitution.action_id, ActionInstitution.institution_id, ActionInstitution.role)
        .where(ActionInstitution.action_id.in_(action_ids))
        .order_by(ActionInstitution.position, ActionInstitution.institution_id)
    ):
        key = (action_id, role)
        found[key] = (*found.get(key, ()), link(directory, institution_id, now))
    return found


def link(directory: Directory, institution_id: int, now: datetime) -> InstitutionLink:
    """Return how a K/L is shown: by its own name, with its successor's where it was replaced."""
    item = directory.by_id[institution_id]
    today = directory.name_at(institution_id, wib_date(now))
    return InstitutionLink(item.code, item.short, item.name, "" if today == item.name else today)


def units(session: Session, plan_id: int, branch: str = "") -> tuple[Unit, ...]:
    """Return the branches of a plan, or the fokus of one branch, with their numbers of actions."""
    column = Focus if branch else Branch
    query = (
        sa.select(column.code, column.name, sa.func.count(Action.id))
        .select_from(Branch)
        .outerjoin(Focus, Focus.branch_id == Branch.id)
        .outerjoin(Action, Action.focus_id == Focus.id)
        .where(Branch.plan_id == plan_id)
        .group_by(column.id, column.code, column.name)
    )
    if branch:
        query = query.where(Branch.code == branch, Focus.id.is_not(None))
    return tuple(sorted((Unit(*row) for row in session.execute(query)), key=lambda u: names.natural(u.code)))


def action(session: Session, actor: Actor, plan_code: str, code: str, now: datetime) -> ActionFacts:
    """Return the facts of an action; ``NotFoundError`` when there is none."""
    plan = plan_called(session, actor, plan_code, now)
    row = session.execute(
        sa.select(Action, Focus, Branch)
        .join(Focus, Focus.id == Action.focus_id)
        .join(Branch, Branch.id == Focus.branch_id)
        .where(Action.plan_id == plan.id, Action.code == code)
    ).one_or_none()
    if row is None:
        raise NotFoundError
    found, focus, branch = row
    years = tuple(
        session.scalars(
            sa.select(ActionYear.year).where(ActionYear.action_id == found.id).order_by(ActionYear.year)
        )
    )
    year = plan.year if plan.year in years or not years else years[-1]
    directory = Directory.load(session)
    duties = duties_of(session, [found.id], directory, now)
    ledger = numbers.of_year(session, plan.id, now)
    answers = {owed.unit.id: owed.answer for owed in ledger.owed(year) if owed.action.id == found.id}
    responsible = duties.get((found.id, Duty.RESPONSIBLE), ())
    return ActionFacts(
        id=found.id,
        plan=plan,
        branch=Unit(branch.code, branch.name),
        focus=Unit(focus.code, focus.name),
        code=found.code,
        title=found.title,
        measure=found.measure,
        source=found.source,
        years=years,
        responsible=tuple(
            Asked(each, answers.get(directory.head(directory.find(each.code)[0].id), ""))
            for each in responsible
        ),
        related=duties.get((found.id, Duty.RELATED), ()),
        year=year,
        answered=numbers.agreed(ledger, found.id, year),
    )


def branch(session: Session, actor: Actor, plan_code: str, code: str, now: datetime) -> BranchFacts:
    """Return a pilar or tema; ``NotFoundError`` when there is none."""
    plan = plan_called(session, actor, plan_code, now)
    found = session.scalar(sa.select(Branch).where(Branch.plan_id == plan.id, Branch.code == code))
    if found is None:
        raise NotFoundError
    pokja = session.scalar(sa.select(Pokja.name).where(Pokja.branch_id == found.id).order_by(Pokja.id))
    ledger = numbers.of_year(session, plan.id, now)
    by_branch = numbers.by_branch(ledger, numbers.committed, plan.year)
    focuses = units(session, plan.id, code)
    return BranchFacts(
        plan=plan,
        branch=Unit(found.code, found.name, sum(each.actions for each in focuses)),
        classification=found.classification,
        pokja=pokja or "",
        focuses=focuses,
        figure=next((each.figure for each in by_branch if each.code == code), None),
    )
