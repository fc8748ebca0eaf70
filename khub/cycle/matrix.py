"""Matriks bukti: actions × periods, and K/L × actions, as a pure function over the ledger.

A cell shows the least advanced state of the rows it holds and k/n, the K/L that handed in of those
asked. Every sum beside and under the cells is counted from the cells.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

from khub.cycle.facts import HANDED_IN, ORDER
from khub.products.lifecycle import State

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from khub.cycle.facts import ActionFacts, PeriodFacts, Row, Unit
    from khub.cycle.ledger import Ledger

H = TypeVar("H")
C = TypeVar("C")

_PLACE = {state: place for place, state in enumerate(ORDER)}
#: Keys of ``status()``; a cell without a state that is asked is "not_reported".
NOT_REPORTED = "not_reported"
NOT_ASKED = "not_asked"
#: States of a cell in the order of the sums under the matrix.
STATES = (
    State.LOCKED,
    State.APPROVED,
    State.SUBMITTED,
    State.RETURNED,
    State.DRAFT,
    NOT_REPORTED,
    NOT_ASKED,
)
_DONE = frozenset({State.APPROVED, State.LOCKED})
#: Marks that the matrix can be narrowed to. "stale" is a mark of an action, the others are of cells.
MARKS = ("late", NOT_REPORTED, "stale", "in_review", NOT_ASKED)


class Cell(NamedTuple):
    """One place over some ``rows``. ``state``: a key of ``status()``, "" for a blank place.

    ``done`` of ``of`` K/L handed in; ``asked``: it counts in the sums.
    """

    rows: tuple[Row, ...]
    state: str
    done: int
    of: int
    asked: bool
    late: bool
    overdue: bool
    in_review: bool

    @property
    def complete(self) -> bool:
        """Tell whether everything asked here is approved."""
        return self.asked and self.state in _DONE

    def bears(self, mark: str) -> bool:
        """Tell whether the cell bears a mark of ``MARKS`` that is one of cells."""
        return {
            "late": self.late,
            NOT_REPORTED: self.asked and self.done < self.of,
            "in_review": self.in_review,
            NOT_ASKED: self.state == NOT_ASKED,
        }.get(mark, False)


BLANK = Cell((), "", 0, 0, asked=False, late=False, overdue=False, in_review=False)
_UNASKED = Cell((), NOT_ASKED, 0, 0, asked=False, late=False, overdue=False, in_review=False)


@dataclass(frozen=True, slots=True)
class Sums:
    """What a line of cells adds up to. ``counts``: (state, cells) for each of ``STATES``.

    ``complete`` of ``asked`` cells are approved throughout; ``done`` of ``of`` rows were handed in.
    """

    counts: tuple[tuple[str, int], ...]
    complete: int
    asked: int
    done: int
    of: int

    @property
    def cells(self) -> int:
        """Return how many cells were counted, those not asked included."""
        return sum(number for _, number in self.counts)


@dataclass(frozen=True, slots=True)
class Line(Generic[H]):
    """A row of the matrix; ``stale``: the newest approved evidence is older than this year's table."""

    head: H
    cells: tuple[Cell, ...]
    sums: Sums
    stale: bool = False


@dataclass(frozen=True, slots=True)
class Matrix(Generic[H, C]):
    """Lines of cells under ``columns``; ``under``: the sums of each column, ``whole`` of all cells."""

    columns: tuple[C, ...]
    lines: tuple[Line[H], ...]
    under: tuple[Sums, ...]
    whole: Sums


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What a matrix is narrowed to; codes, "" for all. ``branches`` None: any pilar.

    ``state``: one of ``STATES``; ``mark``: one of ``MARKS``; ``stale``: ids of the actions that are.
    """

    branch: str = ""
    focus: str = ""
    branches: frozenset[str] | None = None
    unit: str = ""
    state: str = ""
    mark: str = ""
    stale: frozenset[int] = frozenset()

    def holds(self, action: ActionFacts) -> bool:
        """Tell whether an action is within pilar, fokus and pokja."""
        return (
            self.branch in ("", action.branch)
            and self.focus in ("", action.focus)
            and (self.branches is None or action.branch in self.branches)
            and (self.mark != "stale" or action.id in self.stale)
        )

    def shows(self, cells: Iterable[Cell]) -> bool:
        """Tell whether a line has a cell in the state and with the mark."""
        if not self.state and self.mark in ("", "stale"):
            return True
        return any(
            (not self.state or cell.state == self.state)
            and (self.mark in ("", "stale") or cell.bears(self.mark))
            for cell in cells
        )


def by_period(
    ledger: Ledger, period_ids: Sequence[int], chosen: Narrowed
) -> Matrix[ActionFacts, PeriodFacts]:
    """Return actions × periods (oldest first). Actions that no shown period knows are left out.

    A K/L narrows the cells to its own rows, and the lines to the actions it is asked for.
    """
    wanted = set(period_ids)
    columns = tuple(period for period in ledger.periods if period.id in wanted)
    found = [_cells(ledger, period, chosen.unit, lambda row: row.action.id) for period in columns]
    lines = []
    for action in ledger.actions:
        if not chosen.holds(action) or not any(action.id in column for column in found):
            continue
        cells = tuple(column.get(action.id, _UNASKED) for column in found)
        if chosen.shows(cells):
            lines.append(Line(action, cells, sums(cells), action.id in chosen.stale))
    return _matrix(columns, lines)


def by_unit(ledger: Ledger, period_id: int, chosen: Narrowed) -> Matrix[Unit, ActionFacts]:
    """Return K/L × actions of one period; what a K/L is not asked for is blank."""
    by_unit: dict[int, dict[int, list[Row]]] = {}
    units: dict[int, Unit] = {}
    for row in ledger.rows(period_id):
        if chosen.holds(row.action) and chosen.unit in ("", row.unit.code):
            units[row.unit.id] = row.unit
            by_unit.setdefault(row.unit.id, {}).setdefault(row.action.id, []).append(row)
    made = {
        unit_id: {action_id: cell(rows, ledger.until) for action_id, rows in places.items()}
        for unit_id, places in by_unit.items()
    }
    shown = sorted(
        (unit for unit in units.values() if chosen.shows(made[unit.id].values())),
        key=lambda unit: (unit.short, unit.code),
    )
    kept = [
        action
        for action in ledger.actions
        if chosen.shows([made[unit.id][action.id] for unit in shown if action.id in made[unit.id]])
        and any(action.id in made[unit.id] for unit in shown)
    ]
    lines = []
    for unit in shown:
        cells = tuple(made[unit.id].get(action.id, BLANK) for action in kept)
        lines.append(Line(unit, cells, sums(cells)))
    return _matrix(tuple(kept), lines)


def cell(rows: Sequence[Row], at: datetime) -> Cell:
    """Return the cell over some rows: those asked for count, where none is those reported all the same."""
    shown = [row for row in rows if row.asks]
    asked = bool(shown)
    if not asked:
        shown = [row for row in rows if row.state]
    if not shown:
        return Cell(tuple(rows), NOT_ASKED, 0, 0, asked=False, late=False, overdue=False, in_review=False)
    least, place, done = "", len(ORDER), 0
    late = overdue = in_review = False
    for row in shown:  # once over: a page has thousands of rows
        state = row.state
        if _PLACE[state] < place:
            least, place = state, _PLACE[state]
        if state in HANDED_IN:
            done += 1
            late = late or row.late
            in_review = in_review or row.in_review
        elif at > row.deadline:
            overdue = overdue or bool(row.asks)
    return Cell(tuple(rows), least or NOT_REPORTED, done, len(shown), asked, late, overdue, in_review)


def sums(cells: Iterable[Cell]) -> Sums:
    """Add cells up; blank ones count nowhere."""
    counts: Counter[str] = Counter()
    complete = asked = done = of = 0
    for each in cells:
        if each.state:
            counts[each.state] += 1
        if each.asked:
            asked += 1
            complete += each.complete
            done += each.done
            of += each.of
    return Sums(tuple((state, counts[state]) for state in STATES), complete, asked, done, of)


def _cells(ledger: Ledger, period: PeriodFacts, unit: str, key: Callable[[Row], int]) -> dict[int, Cell]:
    found: dict[int, list[Row]] = {}
    for row in ledger.rows(period.id):
        if unit in ("", row.unit.code):
            found.setdefault(key(row), []).append(row)
    return {place: cell(rows, ledger.until) for place, rows in found.items()}


def _matrix(columns: tuple[C, ...], lines: Sequence[Line[H]]) -> Matrix[H, C]:
    under = tuple(sums(line.cells[at] for line in lines) for at in range(len(columns)))
    return Matrix(columns, tuple(lines), under, sums(each for line in lines for each in line.cells))
