"""Reading the plan: actions in their tree, one action, one branch. Official, the same for all roles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub.clock import wib_date
from khub.errors import NotFoundError
from khub.plan import figures, names, periods
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
from khub.plan.terms import Duty

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from khub.plan.figures import Figure
    from khub.policy import Actor

MAX_SEARCH = 200
_MAX_WORDS = 8


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
class Filters:
    """What a list of actions is narrowed to; "" and 0 mean all. ``answer``: "yes", "none" or ""."""

    plan: str = ""
    branch: str = ""
    focus: str = ""
    institution: str = ""
    year: int = 0
    answer: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class ActionRow:
    """An action in a list; ``committed`` is None when it is not on the table of the year shown."""

    code: str
    title: str
    responsible: tuple[InstitutionLink, ...]
    committed: bool | None


@dataclass(frozen=True, slots=True)
class FocusGroup:
    """Actions of one fokus."""

    focus: Unit
    actions: tuple[ActionRow, ...]


@dataclass(frozen=True, slots=True)
class BranchGroup:
    """Fokus of one branch that have actions on the page."""

    branch: Unit
    focuses: tuple[FocusGroup, ...]


@dataclass(frozen=True, slots=True)
class ActionList:
    """One page of a filtered list, and what the filters can be set to."""

    plan: PlanRow
    plans: tuple[PlanRow, ...]
    branches: tuple[Unit, ...]
    focuses: tuple[Unit, ...]
    institutions: tuple[InstitutionLink, ...]
    total: int
    groups: tuple[BranchGroup, ...]


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
    answered: Figure


@dataclass(frozen=True, slots=True)
class BranchFacts:
    """A pilar or tema with its fokus; ``figure`` is None without a single action on the table."""

    plan: PlanRow
    branch: Unit
    classification: str
    pokja: str
    focuses: tuple[Unit, ...]
    figure: Figure | None


def plans(session: Session, _actor: Actor, now: datetime) -> tuple[PlanRow, ...]:
    """Return all plans, the one of the running period first, then the newest."""
    running = periods.current_period(session, now)
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
    """Return a plan by code, the first one for ""; ``NotFoundError`` when there is none."""
    for plan in plans(session, actor, now):
        if code in ("", plan.code):
            return plan
    raise NotFoundError


def actions(
    session: Session, actor: Actor, filters: Filters, now: datetime, *, page: int, size: int
) -> ActionList:
    """Return one page of the actions that ``filters`` leave, in the order of their codes."""
    plan = plan_called(session, actor, filters.plan, now)
    directory = Directory.load(session)
    found = sorted(
        session.execute(_narrowed(plan, filters, directory, now)),
        key=lambda each: tuple(map(names.natural, (each.branch, each.focus, each.code))),
    )
    shown = found[(page - 1) * size : page * size]
    branches = units(session, plan.id)
    focuses = units(session, plan.id, filters.branch) if filters.branch else ()
    return ActionList(
        plan=plan,
        plans=plans(session, actor, now),
        branches=branches,
        focuses=focuses,
        institutions=_involved(session, plan.id, directory),
        total=len(found),
        groups=_grouped(session, plan, shown, directory, filters.year or plan.year, now),
    )


def _narrowed(
    plan: PlanRow, filters: Filters, directory: Directory, now: datetime
) -> sa.Select[int, str, str, str]:
    query = (
        sa.select(
            Action.id, Branch.code.label("branch"), Focus.code.label("focus"), Action.code.label("code")
        )
        .join(Focus, Focus.id == Action.focus_id)
        .join(Branch, Branch.id == Focus.branch_id)
        .where(Action.plan_id == plan.id)
    )
    if filters.branch:
        query = query.where(Branch.code == filters.branch)
    if filters.focus:
        query = query.where(Focus.code == filters.focus)
    if filters.institution:
        ids = [each for code in directory.resolve(filters.institution) for each in _ids(directory, code)]
        query = query.where(
            Action.id.in_(
                sa.select(ActionInstitution.action_id).where(ActionInstitution.institution_id.in_(ids))
            )
        )
    if filters.year or filters.answer:
        year = filters.year or plan.year
        on_table = sa.select(ActionYear.action_id).where(ActionYear.year == year)
        query = query.where(Action.id.in_(on_table))
        if filters.answer:
            agreed = Action.id.in_(sa.select(figures.committed_actions(year, now).c.action_id))
            query = query.where(agreed if filters.answer == "yes" else sa.not_(agreed))
    for word in filters.text[:MAX_SEARCH].split()[:_MAX_WORDS]:
        query = query.where(
            sa.or_(
                Action.title.icontains(word, autoescape=True), Action.code.istartswith(word, autoescape=True)
            )
        )
    return query


def _ids(directory: Directory, code: str) -> list[int]:
    return [item.id for item in directory.find(code)]


def _grouped(
    session: Session,
    plan: PlanRow,
    shown: Sequence[sa.Row[int, str, str, str]],
    directory: Directory,
    year: int,
    now: datetime,
) -> tuple[BranchGroup, ...]:
    ids = [each.id for each in shown]
    titles = dict(session.execute(sa.select(Action.id, Action.title).where(Action.id.in_(ids))).all())
    agreed = figures.committed_actions(year, now)
    state: dict[int, int | None] = dict(
        session.execute(
            sa.select(ActionYear.action_id, agreed.c.action_id)
            .outerjoin(agreed, agreed.c.action_id == ActionYear.action_id)
            .where(ActionYear.year == year, ActionYear.action_id.in_(ids))
        ).all()
    )
    duties = _duties(session, ids, directory, now)
    named = {unit.code: unit for unit in units(session, plan.id)}
    focus_names = {
        (branch, focus): name
        for branch, focus, name in session.execute(
            sa.select(Branch.code, Focus.code, Focus.name)
            .join(Focus, Focus.branch_id == Branch.id)
            .where(Branch.plan_id == plan.id)
        )
    }
    groups: dict[str, dict[str, list[ActionRow]]] = {}
    for each in shown:
        groups.setdefault(each.branch, {}).setdefault(each.focus, []).append(
            ActionRow(
                each.code,
                titles[each.id],
                duties.get((each.id, Duty.RESPONSIBLE), ()),
                state[each.id] is not None if each.id in state else None,
            )
        )
    return tuple(
        BranchGroup(
            named[branch],
            tuple(
                FocusGroup(Unit(focus, focus_names[branch, focus]), tuple(rows))
                for focus, rows in focuses.items()
            ),
        )
        for branch, focuses in groups.items()
    )


def _duties(
    session: Session, action_ids: Sequence[int], directory: Directory, now: datetime
) -> dict[tuple[int, str], tuple[InstitutionLink, ...]]:
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


def _involved(session: Session, plan_id: int, directory: Directory) -> tuple[InstitutionLink, ...]:
    ids = session.scalars(
        sa.select(ActionInstitution.institution_id)
        .join(Action, Action.id == ActionInstitution.action_id)
        .where(Action.plan_id == plan_id)
        .distinct()
    )
    found = [directory.by_id[each] for each in ids]
    found.sort(key=lambda item: names.natural(names.fold(item.name)))
    return tuple(InstitutionLink(item.code, item.short, item.name) for item in found)


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
    duties = _duties(session, [found.id], directory, now)
    answers = figures.answers_given(session, found.id, year, now)
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
        answered=figures.answers_of_action(session, found.id, year, now),
    )


def branch(session: Session, actor: Actor, plan_code: str, code: str, now: datetime) -> BranchFacts:
    """Return a pilar or tema; ``NotFoundError`` when there is none."""
    plan = plan_called(session, actor, plan_code, now)
    found = session.scalar(sa.select(Branch).where(Branch.plan_id == plan.id, Branch.code == code))
    if found is None:
        raise NotFoundError
    pokja = session.scalar(sa.select(Pokja.name).where(Pokja.branch_id == found.id).order_by(Pokja.id))
    by_branch = figures.committed_by_branch(session, plan.id, plan.year, now)
    focuses = units(session, plan.id, code)
    return BranchFacts(
        plan=plan,
        branch=Unit(found.code, found.name, sum(each.actions for each in focuses)),
        classification=found.classification,
        pokja=pokja or "",
        focuses=focuses,
        figure=next((each.figure for each in by_branch if each.code == code), None),
    )
