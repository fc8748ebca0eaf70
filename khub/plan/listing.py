"""The filtered list of actions, in its tree of branch and fokus."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub.cycle import numbers
from khub.cycle.facts import ActionFacts
from khub.plan import names
from khub.plan.directory import Directory
from khub.plan.models import Action, ActionInstitution, ActionYear, Branch, Focus
from khub.plan.queries import (
    MAX_SEARCH,
    InstitutionLink,
    PlanRow,
    Unit,
    duties_of,
    plan_called,
    plans,
    units,
)
from khub.plan.terms import Duty

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from khub.policy import Actor

_MAX_WORDS = 8


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


def actions(
    session: Session, actor: Actor, filters: Filters, now: datetime, *, page: int, size: int
) -> ActionList:
    """Return one page of the actions that ``filters`` leave, in the order of their codes."""
    plan = plan_called(session, actor, filters.plan, now)
    directory = Directory.load(session)
    year = filters.year or plan.year
    agreed = frozenset(
        action.id
        for action in numbers.committed(numbers.of_year(session, plan.id, now), year).counted
        if isinstance(action, ActionFacts)
    )
    found = sorted(
        session.execute(_narrowed(plan, filters, directory, agreed)),
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
        groups=_grouped(session, plan, shown, directory, (year, agreed), now),
    )


def _narrowed(
    plan: PlanRow, filters: Filters, directory: Directory, agreed: frozenset[int]
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
            said = Action.id.in_(agreed)
            query = query.where(said if filters.answer == "yes" else sa.not_(said))
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
    committed: tuple[int, frozenset[int]],
    now: datetime,
) -> tuple[BranchGroup, ...]:
    ids = [each.id for each in shown]
    titles = dict(session.execute(sa.select(Action.id, Action.title).where(Action.id.in_(ids))).all())
    year, agreed = committed
    listed = set(
        session.scalars(
            sa.select(ActionYear.action_id).where(ActionYear.year == year, ActionYear.action_id.in_(ids))
        )
    )
    duties = duties_of(session, ids, directory, now)
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
                each.id in agreed if each.id in listed else None,
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
