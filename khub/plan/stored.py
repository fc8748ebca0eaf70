"""What is stored of a plan, in the words of the import format."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from khub.plan import names
from khub.plan.catalogue import LABELS
from khub.plan.models import (
    Action,
    ActionInstitution,
    ActionYear,
    Branch,
    ExpectedOutput,
    Focus,
    Plan,
    Pokja,
)
from khub.plan.terms import Duty

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.orm import Session

_CODE_LIMIT = 60


@dataclass(frozen=True, slots=True)
class StoredAction:
    """An action as stored, in the words of the format."""

    id: int
    plan_id: int
    code: str
    title: str
    measure: str
    source: str
    branch_code: str
    focus_code: str
    responsible: tuple[int, ...]
    related: tuple[int, ...]
    outputs: tuple[str, ...]
    years: tuple[int, ...]


def plan_code(name: str) -> str:
    """Return the code of a plan called ``name`` in a file."""
    return names.slug(name, _CODE_LIMIT)


def find_plan(session: Session, name: str) -> Plan | None:
    """Return the plan whose code, or whose name's code, a file's ``plan`` column says."""
    return session.scalar(sa.select(Plan).where(Plan.code == plan_code(name)))


def free_pokja(
    session: Session, label: str, branch_code: str, plan_name: str, promised: Iterable[str] = ()
) -> tuple[str, str]:
    """Return the code and name of the pokja that a new pilar or tema ("Pilar", "1") gets.

    ``promised``: codes that are as good as taken.
    """
    word = "Pokja" if label == LABELS["pilar"] else f"Pokja {label}"
    name = f"{word} {branch_code}"
    base = names.slug(name, 30)
    taken = {*session.scalars(sa.select(Pokja.code).where(Pokja.code.startswith(base))), *promised}
    code, number = base, 1
    while code in taken:
        number += 1
        code = f"{base}-{number}"
    return code, name if number == 1 else f"{name} ({plan_name})"[:250]


def actions(session: Session, plan_id: int) -> dict[str, StoredAction]:
    """Return the actions of a plan by code, in five queries."""

    def lists(query: sa.Select[int, Any]) -> dict[int, list[Any]]:
        found: dict[int, list[Any]] = defaultdict(list)
        for action_id, value in session.execute(query):
            found[action_id].append(value)
        return found

    def duty(role: Duty) -> dict[int, list[Any]]:
        return lists(
            sa.select(ActionInstitution.action_id, ActionInstitution.institution_id)
            .join(Action, Action.id == ActionInstitution.action_id)
            .where(Action.plan_id == plan_id, ActionInstitution.role == role)
            .order_by(ActionInstitution.position, ActionInstitution.institution_id)
        )

    responsible, related = duty(Duty.RESPONSIBLE), duty(Duty.RELATED)
    outputs = lists(
        sa.select(ExpectedOutput.action_id, ExpectedOutput.name)
        .join(Action, Action.id == ExpectedOutput.action_id)
        .where(Action.plan_id == plan_id, ExpectedOutput.retired.is_(False))
        .order_by(ExpectedOutput.position, ExpectedOutput.id)
    )
    years = lists(
        sa.select(ActionYear.action_id, ActionYear.year)
        .join(Action, Action.id == ActionYear.action_id)
        .where(Action.plan_id == plan_id)
        .order_by(ActionYear.year)
    )
    rows = session.execute(
        sa.select(Action, Focus.code, Branch.code)
        .join(Focus, Focus.id == Action.focus_id)
        .join(Branch, Branch.id == Focus.branch_id)
        .where(Action.plan_id == plan_id)
    )
    return {
        action.code: StoredAction(
            action.id,
            plan_id,
            action.code,
            action.title,
            action.measure,
            action.source,
            branch_code,
            focus_code,
            tuple(responsible.get(action.id, ())),
            tuple(related.get(action.id, ())),
            tuple(outputs.get(action.id, ())),
            tuple(years.get(action.id, ())),
        )
        for action, focus_code, branch_code in rows
    }
