"""The one transition table of versions and report rows, pure, and the only writer of ``Version.state``."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from khub.errors import N_, ConflictError
from khub.policy import Access

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


class Reviewed(Protocol):
    """What the table moves: a version of a keluaran, a report row."""

    state: str
    reviewer_id: int | None
    reserved_at: datetime | None


class State(StrEnum):
    """State of a version or of a report row."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    APPROVED = "approved"
    LOCKED = "locked"


class Act(StrEnum):
    """What moves a version from state to state."""

    SUBMIT = "submit"
    WITHDRAW = "withdraw"
    RETURN = "return"
    APPROVE = "approve"
    REOPEN = "reopen"
    LOCK = "lock"
    UNLOCK = "unlock"


@dataclass(frozen=True, slots=True)
class Step:
    """One row of the table. ``working`` and ``snapshot``: access groups that the copies get."""

    act: Act
    sources: frozenset[State]
    target: State
    working: Access
    snapshot: Access
    outcome: str


_STEPS = (
    Step(
        Act.SUBMIT,
        frozenset({State.DRAFT, State.RETURNED}),
        State.SUBMITTED,
        Access.FROZEN,
        Access.SUBMITTED,
        "pending",
    ),
    Step(
        Act.WITHDRAW,
        frozenset({State.SUBMITTED}),
        State.DRAFT,
        Access.DRAFT,
        Access.WITHDRAWN,
        "withdrawn",
    ),
    Step(
        Act.RETURN,
        frozenset({State.SUBMITTED}),
        State.RETURNED,
        Access.DRAFT,
        Access.SUBMITTED,
        "returned",
    ),
    Step(
        Act.APPROVE,
        frozenset({State.SUBMITTED}),
        State.APPROVED,
        Access.FROZEN,
        Access.APPROVED,
        "approved",
    ),
    Step(
        Act.REOPEN,
        frozenset({State.APPROVED}),
        State.RETURNED,
        Access.DRAFT,
        Access.SUBMITTED,
        "returned",
    ),
    Step(Act.LOCK, frozenset({State.APPROVED}), State.LOCKED, Access.FROZEN, Access.APPROVED, "approved"),
    Step(Act.UNLOCK, frozenset({State.LOCKED}), State.APPROVED, Access.FROZEN, Access.APPROVED, "approved"),
)
STEPS = {step.act: step for step in _STEPS}

#: States in which the working copy may be changed by its owner.
EDITABLE = frozenset({State.DRAFT, State.RETURNED})

_REFUSALS = {
    Act.SUBMIT: N_("Keluaran ini sudah diajukan."),
    Act.WITHDRAW: N_("Keluaran ini tidak sedang diajukan, jadi tidak ada yang ditarik."),
    Act.RETURN: N_("Keluaran ini tidak sedang menunggu keputusan."),
    Act.APPROVE: N_("Keluaran ini tidak sedang menunggu keputusan."),
    Act.REOPEN: N_("Hanya keluaran yang disetujui dapat dibuka kembali."),
    Act.LOCK: N_("Hanya keluaran yang disetujui dapat dikunci."),
    Act.UNLOCK: N_("Keluaran ini tidak terkunci."),
}


def check(state: str, act: Act, refusals: Mapping[Act, str] = _REFUSALS) -> Step:
    """Return the step of ``act`` from ``state``, or raise ``ConflictError`` with the reason."""
    step = STEPS[act]
    if state not in step.sources:
        raise ConflictError(refusals[act])
    return step


def move(thing: Reviewed, act: Act, refusals: Mapping[Act, str] = _REFUSALS) -> Step:
    """Carry ``act`` out on ``thing``; the caller applies the step's access groups to its copies."""
    step = check(thing.state, act, refusals)
    thing.state = step.target
    thing.reviewer_id = None
    thing.reserved_at = None
    return step
