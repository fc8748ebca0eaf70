"""The home page of those who upload: what waits for them, what they handed in, what is new."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub import policy
from khub.plan.models import Action, ActionInstitution, ActionYear, Branch, Focus, Plan, Pokja
from khub.plan.terms import Duty
from khub.policy import Access, Role
from khub.products import copies, forms
from khub.products.lifecycle import State
from khub.products.models import WORKING, Copy, CopyAction, CopyFile, File, Product, Receipt, Version
from khub.products.queries import ActionRef, actions_of, head_condition, listed, readable_copies

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from khub.main.queries import PeriodHead
    from khub.policy import Actor
    from khub.products.queries import ProductRow

_SHOWN = 10
_FRESH = 5
#: Least advanced first: an action's row shows the most advanced of what there is.
_ORDER = ("withdrawn", State.DRAFT, State.RETURNED, State.SUBMITTED, State.APPROVED, State.LOCKED)
_HANDED_IN = (State.SUBMITTED, State.APPROVED, State.LOCKED)


@dataclass(frozen=True, slots=True)
class Returned:
    """A version that came back, with why."""

    public_id: str
    title: str
    version: int
    note: str
    at: datetime | None
    due_at: datetime | None
    actions: tuple[ActionRef, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft; ``missing`` are msgids of what it lacks before it can be handed in."""

    public_id: str
    title: str
    version: int
    saved_at: datetime
    missing: tuple[str, ...]
    actions: tuple[ActionRef, ...]


@dataclass(frozen=True, slots=True)
class Waiting:
    """What was handed in and not decided on; ``withdrawable`` until a reviewer opens it."""

    public_id: str
    title: str
    version: int
    submitted_at: datetime
    receipt: str
    in_review: bool
    withdrawable: bool
    actions: tuple[ActionRef, ...]


@dataclass(frozen=True, slots=True)
class OwnAction:
    """An action of the person's K/L and the most advanced state of its keluaran, "" for none."""

    action: ActionRef
    state: str


@dataclass(frozen=True, slots=True)
class OwnWork:
    """Everything; lists are cut, ``counts`` (state, number) are whole and equal what a click shows."""

    returned: tuple[Returned, ...]
    drafts: tuple[Draft, ...]
    waiting: tuple[Waiting, ...]
    actions: tuple[OwnAction, ...]
    actions_done: int
    actions_total: int
    counts: tuple[tuple[str, int], ...]
    fresh: tuple[ProductRow, ...]
    pokja: str

    def count(self, state: str) -> int:
        """Return how many keluaran of the person's K/L are in ``state``."""
        return dict(self.counts).get(state, 0)


def own_work(session: Session, actor: Actor, now: datetime, period: PeriodHead | None) -> OwnWork:
    """Return the home page of a member or official."""
    actions = _own_actions(session, actor, period) if period is not None else []
    open_actions = [row for row in actions if row.state not in _HANDED_IN]
    pokjas = _own_pokjas(actor)
    return OwnWork(
        returned=_returned(session, actor),
        drafts=_drafts(session, actor),
        waiting=_waiting(session, actor),
        actions=tuple(open_actions[:_SHOWN]),
        actions_done=len(actions) - len(open_actions),
        actions_total=len(actions),
        counts=_counts(session, actor),
        fresh=_fresh(session, actor, pokjas, now),
        pokja=", ".join(
            session.scalars(sa.select(Pokja.name).where(Pokja.id.in_(pokjas)).order_by(Pokja.code))
        )
        if pokjas
        else "",
    )


def _editable(actor: Actor, state: State) -> sa.Select[Copy, Version, Product]:
    """Return the working copies in ``state``; only their owners may read a working copy at all."""
    return (
        readable_copies(actor)
        .where(Copy.number == WORKING, Copy.access == Access.DRAFT, Version.state == state)
        .order_by(Copy.saved_at.desc(), Copy.id)
        .limit(_SHOWN)
    )


def _returned(session: Session, actor: Actor) -> tuple[Returned, ...]:
    found = session.execute(_editable(actor, State.RETURNED)).all()
    actions = actions_of(session, [copy.id for copy, _, _ in found])
    notes = {
        version_id: (note, at, due_at)
        for version_id, note, at, due_at in session.execute(
            sa.select(Copy.version_id, Copy.note, Copy.decided_at, Copy.due_at)
            .where(Copy.version_id.in_([v.id for _, v, _ in found]), Copy.outcome == "returned")
            .order_by(Copy.number)
        )
    }
    return tuple(
        Returned(
            product.public_id,
            copy.title,
            version.number,
            *notes.get(version.id, ("", None, None)),
            actions.get(copy.id, ()),
        )
        for copy, version, product in found
    )


def _drafts(session: Session, actor: Actor) -> tuple[Draft, ...]:
    found = session.execute(_editable(actor, State.DRAFT)).all()
    ids = [copy.id for copy, _, _ in found]
    actions = actions_of(session, ids)
    files: dict[int, list[bool]] = {}
    for copy_id, personal in session.execute(
        sa.select(CopyFile.copy_id, File.personal)
        .join(File, File.id == CopyFile.file_id)
        .where(CopyFile.copy_id.in_(ids))
    ):
        files.setdefault(copy_id, []).append(bool(personal))
    return tuple(
        Draft(
            product.public_id,
            copy.title,
            version.number,
            copy.saved_at,
            tuple(
                gap.message
                for gap in forms.gaps(
                    title=copy.title,
                    files=len(files.get(copy.id, ())),
                    actions=len(actions.get(copy.id, ())),
                    period=copy.period_id is not None,
                    unanswered=not copy.personal_data and any(files.get(copy.id, ())),
                )
            ),
            actions.get(copy.id, ()),
        )
        for copy, version, product in found
    )


def _waiting(session: Session, actor: Actor) -> tuple[Waiting, ...]:
    found = session.execute(
        readable_copies(actor)
        .add_columns(Receipt.number)
        .outerjoin(Receipt, Receipt.id == Copy.receipt_id)
        .where(
            Version.state == State.SUBMITTED,
            Copy.outcome == "pending",
            Product.institution_id.in_(sorted(actor.institutions)),
        )
        .order_by(Copy.submitted_at.desc().nulls_last(), Product.id.desc())
        .limit(_SHOWN)
    ).all()
    actions = actions_of(session, [row[0].id for row in found])
    return tuple(
        Waiting(
            product.public_id,
            copy.title,
            version.number,
            copy.submitted_at or copy.saved_at,
            receipt or "",
            version.reviewer_id is not None,
            version.reviewer_id is None and policy.is_owner(actor, product.institution_id, product.pokja_id),
            actions.get(copy.id, ()),
        )
        for copy, version, product, receipt in found
    )


def _own_actions(session: Session, actor: Actor, period: PeriodHead) -> list[OwnAction]:
    """Return the actions on the table that the person's K/L answers for, within his pokja."""
    mine = {g.institution_id for g in actor.grants if g.role in (Role.MEMBER, Role.OFFICIAL)}
    query = (
        sa.select(Action.id, Plan.code.label("plan"), Action.code, Action.title)
        .join(Plan, Plan.id == Action.plan_id)
        .join(Focus, Focus.id == Action.focus_id)
        .join(Branch, Branch.id == Focus.branch_id)
        .join(ActionYear, ActionYear.action_id == Action.id)
        .where(
            Action.plan_id == period.plan_id,
            ActionYear.year == period.year,
            Action.id.in_(
                sa.select(ActionInstitution.action_id).where(
                    ActionInstitution.institution_id.in_(mine - {None}),
                    ActionInstitution.role == Duty.RESPONSIBLE,
                )
            ),
        )
        .order_by(Action.code)
    )
    if pokjas := _own_pokjas(actor):
        query = query.where(Branch.id.in_(sa.select(Pokja.branch_id).where(Pokja.id.in_(pokjas))))
    found = session.execute(query).all()
    states = _states(session, actor, period, [row.id for row in found], mine - {None})
    return [
        OwnAction(ActionRef(f"{row.plan}/{row.code}", row.plan, row.code, row.title), states.get(row.id, ""))
        for row in found
    ]


def _states(
    session: Session,
    actor: Actor,
    period: PeriodHead,
    action_ids: list[int],
    institutions: Iterable[int | None],
) -> dict[int, str]:
    found: dict[int, str] = {}
    for copy, version, _, action_id in session.execute(
        readable_copies(actor)
        .add_columns(CopyAction.action_id)
        .join(CopyAction, CopyAction.copy_id == Copy.id)
        .where(
            CopyAction.action_id.in_(action_ids),
            Copy.period_id == period.id,
            Product.institution_id.in_(institutions),
            head_condition(actor),
        )
    ):
        state = copies.status_of(copy, version)
        found[action_id] = max(found.get(action_id, state), state, key=_ORDER.index)
    return found


def _own_pokjas(actor: Actor) -> list[int]:
    """Return the pokja a person works in; none where a grant is for all of them."""
    grants = [g for g in actor.grants if g.role in (Role.MEMBER, Role.OFFICIAL)]
    if any(g.pokja_id is None for g in grants):
        return []
    return sorted({g.pokja_id for g in grants if g.pokja_id is not None})


def _counts(session: Session, actor: Actor) -> tuple[tuple[str, int], ...]:
    """Count by state exactly what the list of keluaran shows under that state and "milik saya"."""
    counted = session.execute(
        readable_copies(actor)
        .where(head_condition(actor), Product.institution_id.in_(sorted(actor.institutions)))
        .with_only_columns(Version.state, sa.func.count(), maintain_column_froms=True)
        .group_by(Version.state)
    )
    found = {state: number for state, number in counted}  # noqa: C416 - rows are not pairs to a type checker
    return tuple(
        (state, found.get(state, 0))
        for state in (State.APPROVED, State.SUBMITTED, State.RETURNED, State.DRAFT)
    )


def _fresh(session: Session, actor: Actor, pokjas: list[int], now: datetime) -> tuple[ProductRow, ...]:
    query = readable_copies(actor).where(Copy.access == Access.APPROVED, head_condition(actor))
    if pokjas:
        query = query.where(Product.pokja_id.in_(pokjas))
    part = query.order_by(Copy.submitted_at.desc().nulls_last(), Product.id.desc()).limit(_FRESH)
    return tuple(listed(session, part, now))
