"""One commitment asked for: aksi × K/L × year, found by an address, and who acts on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub import policy
from khub.errors import NotFoundError
from khub.plan.directory import Directory
from khub.plan.models import (
    Action,
    ActionInstitution,
    ActionYear,
    Branch,
    Commitment,
    CommitmentDraft,
    Focus,
    Institution,
    Plan,
    Pokja,
)
from khub.plan.terms import Duty

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy.orm import Session

    from khub.policy import Actor, Verdict


@dataclass(frozen=True, slots=True)
class Place:
    """Where a commitment stands, as its address says it; ``unit`` and ``action`` are codes."""

    plan: str
    year: int
    unit: str
    action: str


@dataclass(frozen=True, slots=True)
class Seat:
    """A commitment asked for. ``head`` is the id of the K/L's last successor, ``family`` all its ids.

    ``pokjas``: ids of the pokja of the action's pilar, never empty (0 stands for none).
    """

    place: Place
    action_id: int
    head: int
    family: frozenset[int]
    pokjas: tuple[int, ...]
    official_submits: bool

    def owned(self, actor: Actor) -> Verdict:
        """Return whether ``actor`` may fill the answer in for the K/L."""
        return self._first(actor, lambda subject: policy.can_edit(actor, subject))

    def submitted(self, actor: Actor) -> Verdict:
        """Return whether ``actor`` may press Ajukan for the K/L."""
        return self._first(actor, lambda subject: policy.can_submit(actor, subject))

    def reviewed(self, actor: Actor, recorded_by: int | None) -> Verdict:
        """Return whether ``actor`` may send an answer back."""
        own = next((each for each in sorted(self.family) if each in actor.institutions), self.head)
        return policy.can_review(actor, policy.Subject(own, self.pokjas[0], submitted_by=recorded_by))

    def stood_in(self, actor: Actor) -> Verdict:
        """Return whether ``actor`` may answer *atas nama* the K/L."""
        verdicts = [
            policy.can_stand_in(actor, each, pokja) for each in sorted(self.family) for pokja in self.pokjas
        ]
        own = self.owned(actor)
        return next(
            (each for each in verdicts if each and not own), next((v for v in verdicts if not v), own)
        )

    def _first(self, actor: Actor, rule: Callable[[policy.Subject], Verdict]) -> Verdict:
        mine = [each for each in sorted(self.family) if each in actor.institutions] or [self.head]
        verdicts = [
            rule(policy.Subject(each, pokja, official_submits=self.official_submits))
            for each in mine
            for pokja in self.pokjas
        ]
        return next((each for each in verdicts if each), verdicts[-1])


def find(session: Session, place: Place) -> Seat:
    """Return the seat of a place. Raises ``NotFoundError`` where no commitment is asked for."""
    found = seats(session, place.plan, place.year, place.unit, place.action)
    if not found:
        raise NotFoundError
    return found[0]


def seats(
    session: Session, plan: str, year: int, unit: str, action: str = "", *, directory: Directory | None = None
) -> list[Seat]:
    """Return every commitment asked of a K/L for a year (of one action), in the order of its code."""
    directory = directory or Directory.load(session)
    named = next((item for item in directory.by_id.values() if item.code == unit), None)
    if named is None:
        return []
    head = directory.head(named.id)
    family = directory.family(head)
    query = (
        sa.select(Action.id, Action.code, Branch.id)
        .join(Plan, Plan.id == Action.plan_id)
        .join(Focus, Focus.id == Action.focus_id)
        .join(Branch, Branch.id == Focus.branch_id)
        .join(ActionYear, sa.and_(ActionYear.action_id == Action.id, ActionYear.year == year))
        .where(
            Plan.code == plan,
            Action.id.in_(
                sa.select(ActionInstitution.action_id).where(
                    ActionInstitution.institution_id.in_(family),
                    ActionInstitution.role == Duty.RESPONSIBLE,
                )
            ),
        )
        .order_by(Action.code)
    )
    if action:
        query = query.where(Action.code == action)
    pokjas: dict[int | None, tuple[int, ...]] = {}
    for pokja_id, branch_id in session.execute(sa.select(Pokja.id, Pokja.branch_id).order_by(Pokja.id)):
        pokjas[branch_id] = (*pokjas.get(branch_id, ()), pokja_id)
    official = session.get_one(Institution, head).official_submits
    head_code = directory.by_id[head].code
    return [
        Seat(
            Place(plan, year, head_code, code),
            action_id,
            head,
            family,
            pokjas.get(branch_id) or (0,),
            official,
        )
        for action_id, code, branch_id in session.execute(query)
    ]


def answers(session: Session, among: Sequence[Seat]) -> dict[int, list[Commitment]]:
    """Return the answers of each seat's action, the oldest first."""
    found: dict[int, list[Commitment]] = {}
    if not among:
        return found
    for row in session.scalars(
        sa.select(Commitment)
        .where(
            Commitment.action_id.in_([seat.action_id for seat in among]),
            Commitment.institution_id.in_(among[0].family),
            Commitment.year == among[0].place.year,
        )
        .order_by(Commitment.recorded_at, Commitment.id)
    ):
        found.setdefault(row.action_id, []).append(row)
    return found


def drafts(session: Session, among: Sequence[Seat], *, lock: bool = False) -> dict[int, CommitmentDraft]:
    """Return the draft of each seat's action, if there is one."""
    if not among:
        return {}
    query = (
        sa.select(CommitmentDraft)
        .where(
            CommitmentDraft.action_id.in_([seat.action_id for seat in among]),
            CommitmentDraft.institution_id.in_(among[0].family),
            CommitmentDraft.year == among[0].place.year,
        )
        .order_by(CommitmentDraft.id)
    )
    return {row.action_id: row for row in session.scalars(query.with_for_update() if lock else query)}
