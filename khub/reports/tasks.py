"""The task list of a period: one row for each action, in any order, with what it waits for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub.plan.models import ExpectedOutput, Period, Plan
from khub.plan.running import current_period, days_left
from khub.plan.terms import Part, PeriodState
from khub.products.lifecycle import State
from khub.products.models import WORKING, Receipt
from khub.reports import evidence, gaps
from khub.reports.earlier import Earlier, earlier
from khub.reports.models import Report, ReportCopy, ReportOutput
from khub.reports.queries import readable_reports
from khub.reports.rows import scene

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from khub.cycle.facts import PeriodFacts
    from khub.errors import FieldError
    from khub.plan.models import Activity
    from khub.policy import Actor
    from khub.reports.rows import Scene, Spot

#: Words of the address for a state.
STATES = {
    "belum": "",
    "draf": State.DRAFT,
    "diajukan": State.SUBMITTED,
    "dikembalikan": State.RETURNED,
    "disetujui": State.APPROVED,
    "terkunci": State.LOCKED,
}


@dataclass(frozen=True, slots=True)
class Task:
    """A row with what its owner needs to know. ``missing``: what blocks Ajukan, none when ``ready``.

    ``report`` is "" where the reader may read no copy of it. ``start``: name of the earlier period
    whose text can be taken as a start.
    """

    spot: Spot
    report: str
    days_left: int
    overdue: bool
    ready: bool
    missing: tuple[FieldError, ...]
    saved_at: datetime | None
    percent: int | None
    no_obstacles: bool
    outputs: int
    start: str
    activities: int
    expected: int
    note: str
    returned_at: datetime | None
    due_at: datetime | None
    submitted_at: datetime | None
    receipt: str
    withdrawable: bool
    to_confirm: bool
    following_until: datetime | None

    @property
    def editable(self) -> bool:
        """Tell whether its owner may write in it now."""
        row = self.spot.row
        return (
            self.spot.owner
            and row.period.running
            and bool(row.asks)
            and row.state in ("", State.DRAFT, State.RETURNED)
        )

    @property
    def enterable(self) -> bool:
        """Tell whether somebody may enter it *atas nama* the K/L now."""
        row = self.spot.row
        return self.spot.stands_in and row.period.running and row.state in ("", State.DRAFT, State.RETURNED)


@dataclass(frozen=True, slots=True)
class Board:
    """The task list. ``counts``: rows by word of ``STATES``; ``choices``: periods as (key, name)."""

    plan: str
    period: PeriodFacts
    choices: tuple[tuple[str, str], ...]
    units: tuple[tuple[str, str], ...]
    unit: str
    unit_name: str
    days_left: int
    tasks: tuple[Task, ...]
    counts: dict[str, int]

    @property
    def key(self) -> str:
        """Return the form value "plan/period"."""
        return f"{self.plan}/{self.period.code}"

    @property
    def ready(self) -> tuple[Task, ...]:
        """Return the rows that are complete and that the person may hand in now."""
        return tuple(task for task in self.tasks if task.ready and task.spot.submits)

    @property
    def waiting(self) -> tuple[Task, ...]:
        """Return the rows that wait for the K/L: returned, to be confirmed, drafts, not begun, in that order."""
        open_rows = [task for task in self.tasks if task.editable or task.to_confirm]
        order = (State.RETURNED, State.SUBMITTED, State.DRAFT, "")
        return tuple(
            sorted(
                open_rows,
                key=lambda task: order.index(task.spot.row.state) if task.spot.row.state in order else 1,
            )
        )

    @property
    def handed_in(self) -> int:
        """Return how many rows were handed in."""
        return sum(task.spot.row.handed_in for task in self.tasks)


def board(session: Session, actor: Actor, plan: str, period: str, unit: str, now: datetime) -> Board:
    """Return the task list of the actor's K/L, or of the K/L ``unit`` (code) that he may enter rows for."""
    found = scene(session, plan, period, now)
    spots = found.spots(actor, unit)
    tasks = tasks_of(session, actor, found, spots, now)
    choices = session.execute(
        sa.select(Plan.code, Period.code, Period.name)
        .join(Plan, Plan.id == Period.plan_id)
        .where(Period.state != PeriodState.PLANNED)
        .order_by(Period.ends.desc(), Period.id.desc())
    )
    return Board(
        plan=plan,
        period=found.period,
        choices=tuple((f"{plan_code}/{code}", name) for plan_code, code, name in choices),
        units=_units(actor, found),
        unit=unit,
        unit_name=spots[0].row.unit.name if spots else "",
        days_left=days_left(found.period.deadline, now),
        tasks=tuple(tasks),
        counts={word: sum(spot.row.state == state for spot in spots) for word, state in STATES.items()},
    )


def own_board(session: Session, actor: Actor, now: datetime) -> Board | None:
    """Return the task list of the running period for the home page, ``None`` without one."""
    period = current_period(session, now)
    if period is None:
        return None
    plan = session.scalar(sa.select(Plan.code).where(Plan.id == period.plan_id))
    return board(session, actor, plan or "", period.code, "", now)


def _units(actor: Actor, found: Scene) -> tuple[tuple[str, str], ...]:
    """Return (code, name) of the K/L whose rows ``actor`` may open: own ones and those he stands in for."""
    units = {}
    for row in found.ledger.rows(found.period.id):
        if row.unit.code not in units:
            spot = found.spot(actor, row)
            if spot.owner or spot.stands_in:
                units[row.unit.code] = row.unit.name
    return tuple(sorted(units.items(), key=lambda pair: pair[1].casefold()))


def tasks_of(
    session: Session, actor: Actor, found: Scene, spots: Sequence[Spot], now: datetime
) -> list[Task]:
    """Return rows with what waits in them; statements do not grow with their number."""
    copies: dict[str, list[tuple[ReportCopy, Report]]] = {}
    for copy, report in session.execute(
        readable_reports(actor)
        .where(Report.public_id.in_([spot.row.report for spot in spots if spot.row.report]))
        .order_by(Report.id, ReportCopy.number)
    ):
        copies.setdefault(report.public_id, []).append((copy, report))
    own = [spot for spot in spots if spot.owner]
    outputs = _outputs(session, actor, found.period.id, [row for rows in copies.values() for row in rows])
    before: dict[tuple[int, int], Earlier] = {}
    activities: dict[tuple[int, int], list[Activity]] = {}
    for unit_id in {spot.row.unit.id for spot in own}:
        family = found.family(unit_id)
        actions = [spot.row.action.id for spot in own if spot.row.unit.id == unit_id]
        said = earlier(session, actor, found.period, found.plan_id, actions, family)
        before |= {(action, unit_id): each for action, each in said.items()}
        activities |= gaps.activities_of(
            session, [(action, unit_id) for action in actions], found.period.year, family
        )
    receipts = _receipts(session, [copy for rows in copies.values() for copy, _ in rows])
    expected = _expected(session, [spot.row.action.id for spot in own])
    return [
        _task(
            spot,
            copies.get(spot.row.report, []),
            outputs,
            before.get((spot.row.action.id, spot.row.unit.id)),
            activities.get((spot.row.action.id, spot.row.unit.id), []),
            receipts,
            expected.get(spot.row.action.id, 0),
            now,
        )
        for spot in spots
    ]


def _outputs(
    session: Session, actor: Actor, period_id: int, rows: Sequence[tuple[ReportCopy, Report]]
) -> dict[int, list[tuple[evidence.Output, str]]]:
    ids = [copy.id for copy, _ in rows if copy.number == WORKING]
    links = session.scalars(
        sa.select(ReportOutput).where(ReportOutput.copy_id.in_(ids)).order_by(ReportOutput.position)
    ).all()
    known = evidence.described(session, actor, {link.product_id for link in links}, period_id)
    found: dict[int, list[tuple[evidence.Output, str]]] = {}
    for link in links:
        if link.product_id in known:
            found.setdefault(link.copy_id, []).append((known[link.product_id], link.pages))
    return found


def _receipts(session: Session, copies: Sequence[ReportCopy]) -> dict[int, str]:
    ids = {copy.receipt_id for copy in copies if copy.receipt_id is not None}
    found = session.execute(sa.select(Receipt.id, Receipt.number).where(Receipt.id.in_(ids)))
    return {receipt_id: number for receipt_id, number in found}  # noqa: C416 - rows are not pairs to a type checker


def _expected(session: Session, action_ids: Sequence[int]) -> dict[int, int]:
    found = session.execute(
        sa.select(ExpectedOutput.action_id, sa.func.count())
        .where(ExpectedOutput.action_id.in_(action_ids), ExpectedOutput.retired.is_(False))
        .group_by(ExpectedOutput.action_id)
    )
    return {action_id: number for action_id, number in found}  # noqa: C416 - rows are not pairs to a type checker


def _task(
    spot: Spot,
    copies: Sequence[tuple[ReportCopy, Report]],
    outputs: Mapping[int, Sequence[tuple[evidence.Output, str]]],
    before: Earlier | None,
    activities: Sequence[Activity],
    receipts: Mapping[int, str],
    expected: int,
    now: datetime,
) -> Task:
    row = spot.row
    report = copies[0][1] if copies else None
    working = next((copy for copy, _ in copies if copy.number == WORKING), None)
    snapshot = next((copy for copy, _ in reversed(copies) if copy.number != WORKING), None)
    said = working if working is not None else snapshot
    open_for_text = working is not None and spot.owner and row.period.running and bool(row.asks)
    lacks = (
        gaps.missing(working, row.asks, activities, outputs.get(working.id, ()))
        if working is not None and open_for_text
        else []
    )
    returned = snapshot if snapshot is not None and row.state == State.RETURNED else None
    pending = snapshot if snapshot is not None and snapshot.outcome == "pending" else None
    return Task(
        spot=spot,
        report=report.public_id if report is not None else "",
        days_left=days_left(row.deadline, now),
        overdue=row.overdue(now),
        ready=open_for_text and not lacks,
        missing=tuple(lacks),
        saved_at=working.saved_at if working is not None else None,
        percent=said.percent if said is not None else None,
        no_obstacles=bool(said and said.no_obstacles),
        outputs=len(outputs.get(working.id, ())) if working is not None else 0,
        start=before.period if before is not None and not row.state and Part.PROGRESS in row.asks else "",
        activities=len(activities),
        expected=expected,
        note=returned.note if returned is not None else "",
        returned_at=returned.decided_at if returned is not None else None,
        due_at=returned.due_at if returned is not None else None,
        submitted_at=snapshot.submitted_at if snapshot is not None else None,
        receipt=receipts.get(snapshot.receipt_id or 0, "") if snapshot is not None else "",
        withdrawable=bool(
            pending and report and report.reviewer_id is None and spot.owner and row.period.running
        ),
        to_confirm=bool(
            spot.owner
            and snapshot
            and snapshot.on_behalf
            and snapshot.confirmed_at is None
            and snapshot.outcome != "withdrawn"
        ),
        following_until=report.following_until
        if report is not None and pending and report.following_until and report.following_until >= now
        else None,
    )
