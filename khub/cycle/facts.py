"""What the ledger says: actions, K/L, periods, commitments asked for, rows of reports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from khub.plan.terms import PeriodState
from khub.products.lifecycle import State

if TYPE_CHECKING:
    from datetime import date, datetime

#: States of a report that was handed in and not withdrawn.
HANDED_IN = frozenset({State.SUBMITTED, State.RETURNED, State.APPROVED, State.LOCKED})
_DONE = frozenset({State.APPROVED, State.LOCKED})
#: Least advanced first; "" is Belum.
ORDER = ("", State.DRAFT, State.RETURNED, State.SUBMITTED, State.APPROVED, State.LOCKED)


@dataclass(frozen=True, slots=True)
class ActionFacts:
    """An action with where it stands in the plan."""

    id: int
    plan: str
    code: str
    title: str
    branch: str
    branch_name: str
    focus: str
    focus_name: str

    @property
    def key(self) -> str:
        """Return the form value "plan/code"."""
        return f"{self.plan}/{self.code}"


@dataclass(frozen=True, slots=True)
class Unit:
    """A K/L that owes something. ``id`` is that of its last successor; the name is that of its time."""

    id: int
    code: str
    name: str
    short: str


@dataclass(frozen=True, slots=True)
class PeriodFacts:
    """A period as it stood. ``closed_at``: since when it is closed, None while it is not."""

    id: int
    code: str
    name: str
    year: int
    starts: date
    ends: date
    deadline: datetime
    state: str
    parts: frozenset[str]
    closed_at: datetime | None

    @property
    def running(self) -> bool:
        """Tell whether it takes reports."""
        return self.state in (PeriodState.OPEN, PeriodState.REOPENED)


@dataclass(frozen=True, slots=True)
class Owed:
    """A commitment asked of a K/L for an action and a year; ``answer`` "" means not answered yet."""

    action: ActionFacts
    unit: Unit
    year: int
    answer: str
    recorded_at: datetime | None


class HandedIn(NamedTuple):
    """A keluaran that was handed in, under the title of its newest such snapshot; content, not official."""

    product: str
    title: str
    institution: str
    submitted_at: datetime


class Row(NamedTuple):
    """One aksi × K/L × period. ``asks``: parts asked of it, none means *Tidak diminta*."""

    action: ActionFacts
    unit: Unit
    period: PeriodFacts
    answer: str
    asks: frozenset[str]
    state: str
    report: str
    pressed_at: datetime | None
    deadline: datetime
    in_review: bool

    @property
    def handed_in(self) -> bool:
        """Tell whether something was handed in and not withdrawn."""
        return self.state in HANDED_IN

    @property
    def done(self) -> bool:
        """Tell whether it is approved (locked ones are)."""
        return self.state in _DONE

    @property
    def late(self) -> bool:
        """Tell whether Ajukan was pressed after the deadline in force for this row."""
        return self.pressed_at is not None and self.pressed_at > self.deadline

    def overdue(self, at: datetime) -> bool:
        """Tell whether it is asked for, not handed in, and its deadline has passed."""
        return bool(self.asks) and not self.handed_in and at > self.deadline
