"""From an action, a period and a person to the facts a new keluaran starts with."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub.errors import N_, ForbiddenError, InvalidError
from khub.plan.models import (
    Action,
    ActionInstitution,
    ActionYear,
    Branch,
    ExpectedOutput,
    Focus,
    Period,
    Plan,
    Pokja,
)
from khub.policy import Classification, Role

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.orm import Session

    from khub.policy import Actor

_WORD = re.compile(r"[^\W\d_]{4,}")
_MIN_SHARED = 2


@dataclass(frozen=True, slots=True)
class Owner:
    """A K/L within a pokja that the person may upload for."""

    institution_id: int
    pokja_id: int

    @property
    def key(self) -> str:
        """Return the form value of this owner."""
        return f"{self.institution_id}:{self.pokja_id}"


def owners(session: Session, actor: Actor) -> list[Owner]:
    """Return every (K/L, pokja) that ``actor`` may upload for; an open pokja means all of them."""
    found: list[Owner] = []
    pokjas = list(session.scalars(sa.select(Pokja.id).order_by(Pokja.code)))
    for grant in actor.grants:
        if grant.role in (Role.MEMBER, Role.OFFICIAL) and grant.institution_id is not None:
            within = [grant.pokja_id] if grant.pokja_id is not None else pokjas
            found += [Owner(grant.institution_id, pokja) for pokja in within]
    return list(dict.fromkeys(found))


def find_actions(session: Session, keys: Iterable[str]) -> list[Action]:
    """Return actions by ``plan/code`` key, in the order given; raises ``InvalidError`` for an unknown one."""
    found = []
    for key in keys:
        plan, _, code = key.partition("/")
        action = session.scalar(
            sa.select(Action)
            .join(Plan, Plan.id == Action.plan_id)
            .where(Plan.code == plan, Action.code == code)
        )
        if action is None:
            raise InvalidError.one("actions", N_("Aksi %(key)s tidak ada dalam rencana."), key=key[:60])
        found.append(action)
    return found


def find_period(session: Session, key: str) -> Period | None:
    """Return a period by ``plan/code`` key, ``None`` for ""; raises ``InvalidError`` for an unknown one."""
    if not key:
        return None
    plan, _, code = key.partition("/")
    period = session.scalar(
        sa.select(Period).join(Plan, Plan.id == Period.plan_id).where(Plan.code == plan, Period.code == code)
    )
    if period is None:
        raise InvalidError.one("period", N_("Periode %(key)s tidak ada."), key=key[:60])
    return period


def output_of(session: Session, action: Action, output_id: int | None) -> int | None:
    """Return ``output_id`` when it is an expected output of ``action``, else ``None``."""
    output = session.get(ExpectedOutput, output_id) if output_id is not None else None
    return output.id if output is not None and output.action_id == action.id else None


def branch_of(session: Session, action: Action) -> Branch:
    """Return the branch that ``action`` stands under."""
    return session.execute(
        sa.select(Branch).join(Focus, Focus.branch_id == Branch.id).where(Focus.id == action.focus_id)
    ).scalar_one()


def choose_owner(session: Session, actor: Actor, action: Action | None) -> Owner:
    """Return whom a new keluaran belongs to: the person's K/L that answers for the action, else the first.

    Raises ``ForbiddenError`` for somebody who uploads for nobody.
    """
    possible = owners(session, actor)
    if not possible:
        raise ForbiddenError(N_("Hanya anggota K/L dalam pokja yang dapat mengunggah keluaran."))
    if action is None:
        return possible[0]
    tied = set(
        session.scalars(
            sa.select(ActionInstitution.institution_id).where(ActionInstitution.action_id == action.id)
        )
    )
    branch = branch_of(session, action)
    groups = set(session.scalars(sa.select(Pokja.id).where(Pokja.branch_id == branch.id)))
    return max(possible, key=lambda owner: (owner.institution_id in tied, owner.pokja_id in groups))


def default_classification(session: Session, owner: Owner, actions: Iterable[Action]) -> str:
    """Return the strictest default of the branches that the actions (else the pokja) stand under."""
    defaults = [branch_of(session, action).classification for action in actions]
    pokja = session.get(Pokja, owner.pokja_id)
    if not defaults and pokja is not None and pokja.branch_id is not None:
        defaults = [session.get_one(Branch, pokja.branch_id).classification]
    order = [Classification.OPEN, Classification.INTERNAL, Classification.RESTRICTED]
    return max(
        defaults, key=lambda value: order.index(Classification(value)), default=Classification.INTERNAL
    )


def suggest_action(session: Session, owner: Owner, year: int, text: str) -> Action | None:
    """Return the owner's action of ``year`` that shares most words with ``text``, if any is close."""
    words = {word.casefold() for word in _WORD.findall(text)}
    best: tuple[int, Action] | None = None
    rows = session.execute(
        sa.select(Action, sa.func.aggregate_strings(ExpectedOutput.name, " "))
        .join(ActionInstitution, ActionInstitution.action_id == Action.id)
        .join(ActionYear, ActionYear.action_id == Action.id)
        .outerjoin(ExpectedOutput, ExpectedOutput.action_id == Action.id)
        .where(ActionInstitution.institution_id == owner.institution_id, ActionYear.year == year)
        .group_by(Action.id)
        .order_by(Action.code)
    )
    for action, outputs in rows:
        shared = len(words & {word.casefold() for word in _WORD.findall(f"{action.title} {outputs or ''}")})
        if shared >= _MIN_SHARED and (best is None or shared > best[0]):
            best = (shared, action)
    return best[1] if best else None
