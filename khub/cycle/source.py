"""Where the ledger's facts come from: each with the time in which khub held it true."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa

from khub.cycle.facts import ActionFacts, PeriodFacts
from khub.plan import names
from khub.plan.directory import Directory
from khub.plan.models import (
    Action,
    ActionInstitution,
    ActionYear,
    Branch,
    Commitment,
    Focus,
    Institution,
    PastFact,
    Period,
    PeriodStep,
    Plan,
)
from khub.plan.terms import Duty, PeriodState
from khub.products.lifecycle import State
from khub.reports.models import Report, ReportStep
from khub.review.reserving import lapsed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Span:
    """A fact with the time in which khub held it true; None: no beginning, no end."""

    subject: int
    value: int
    since: datetime | None
    until: datetime | None

    def holds(self, at: datetime) -> bool:
        """Tell whether khub held it true at ``at``."""
        return (self.since is None or self.since <= at) and (self.until is None or at < self.until)


class World:
    """What was true, as recorded at one instant."""

    def __init__(self, source: Source, at: datetime) -> None:
        following = {span.subject: span.value for span in source.successors if span.holds(at)}
        self.heads = {each: _last(each, following) for each in source.directory.by_id}
        self.on_table: dict[int, set[int]] = defaultdict(set)
        for span in source.years:
            if span.holds(at):
                self.on_table[span.value].add(span.subject)
        duties: dict[int, dict[int, None]] = defaultdict(dict)
        for span in source.duties:
            if span.holds(at):
                duties[span.subject].setdefault(self.heads[span.value])
        self.duties: Mapping[int, tuple[int, ...]] = {
            action: tuple(heads) for action, heads in duties.items()
        }
        self._at = at
        self._given = source.answers
        self._answers: dict[int, dict[tuple[int, int], tuple[str, datetime]]] = {}

    def answers(self, year: int) -> Mapping[tuple[int, int], tuple[str, datetime]]:
        """Return the answer in force of each (action, K/L) for ``year``, and when it was recorded."""
        if year not in self._answers:
            self._answers[year] = {
                (action, self.heads[institution]): (answer, recorded_at)
                for action, institution, answer, recorded_at in self._given.get(year, ())
                if recorded_at <= self._at
            }
        return self._answers[year]


def _last(institution: int, following: Mapping[int, int]) -> int:
    seen = {institution}
    here = institution
    while (after := following.get(here)) is not None and after not in seen:
        seen.add(after)
        here = after
    return here


@dataclass(frozen=True, slots=True)
class Source:
    """Everything read from the database, each fact with its time.

    ``answers``: year → (action, K/L, answer, recorded), in the order in which they were recorded.
    """

    directory: Directory
    successors: tuple[Span, ...]
    years: tuple[Span, ...]
    duties: tuple[Span, ...]
    answers: Mapping[int, Sequence[tuple[int, int, str, datetime]]]


class Reported(NamedTuple):
    """A report as it stood; ``institution`` is the K/L under the name of its time."""

    public_id: str
    institution: int
    state: str
    pressed_at: datetime | None
    in_review: bool


def actions_of(session: Session, plan_id: int) -> tuple[ActionFacts, ...]:
    """Return the actions of a plan in its order."""
    found = session.execute(
        sa.select(
            Action.id, Plan.code, Action.code, Action.title, Branch.code, Branch.name, Focus.code, Focus.name
        )
        .join(Plan, Plan.id == Action.plan_id)
        .join(Focus, Focus.id == Action.focus_id)
        .join(Branch, Branch.id == Focus.branch_id)
        .where(Action.plan_id == plan_id)
    )
    return tuple(sorted((ActionFacts(*row) for row in found), key=lambda each: names.natural(each.code)))


def periods_of(
    session: Session, plan_id: int, until: datetime, period_ids: Sequence[int] | None
) -> tuple[PeriodFacts, ...]:
    """Return the periods of a plan as they stood at ``until``, oldest first (None: all of them)."""
    query = sa.select(Period).where(Period.plan_id == plan_id)
    if period_ids is not None:
        if not period_ids:
            return ()
        query = query.where(Period.id.in_(period_ids))
    rows = session.scalars(query.order_by(Period.ends, Period.starts, Period.id)).all()
    steps = {
        step.period_id: step
        for step in session.scalars(
            sa.select(PeriodStep).where(
                PeriodStep.period_id.in_([row.id for row in rows]), *_in_force(PeriodStep, until)
            )
        )
    }
    return tuple(period_facts(row, steps.get(row.id)) for row in rows)


def period_facts(row: Period, step: PeriodStep | None = None) -> PeriodFacts:
    """Return a period as it stood during ``step``, or as it stands."""
    state = step.state if step is not None else row.state
    return PeriodFacts(
        row.id,
        row.code,
        row.name,
        row.year,
        row.starts,
        row.ends,
        row.deadline,
        state,
        frozenset(row.parts),
        step.at if step is not None and state == PeriodState.CLOSED else None,
    )


def _in_force(
    model: type[PeriodStep | ReportStep], until: datetime
) -> tuple[sa.ColumnElement[bool], sa.ColumnElement[bool]]:
    return model.at <= until, sa.or_(model.ended_at.is_(None), model.ended_at > until)


def load(session: Session, plan_id: int, until: datetime) -> Source:
    """Return what a plan's duties, years and commitments were, whenever it was up to ``until``."""
    within = sa.select(Action.id).where(Action.plan_id == plan_id)
    past: dict[str, list[Span]] = defaultdict(list)
    for kind, subject, value, since, removed in session.execute(
        sa.select(
            PastFact.kind, PastFact.subject_id, PastFact.value, PastFact.recorded_at, PastFact.removed_at
        ).where(sa.or_(PastFact.kind == "successor", PastFact.subject_id.in_(within)))
    ):
        past[kind].append(Span(subject, value, since, removed))
    years = session.execute(
        sa.select(ActionYear.action_id, ActionYear.year, ActionYear.recorded_at).where(
            ActionYear.action_id.in_(within)
        )
    )
    duties = session.execute(
        sa.select(
            ActionInstitution.action_id, ActionInstitution.institution_id, ActionInstitution.recorded_at
        )
        .where(ActionInstitution.action_id.in_(within), ActionInstitution.role == Duty.RESPONSIBLE)
        .order_by(ActionInstitution.position, ActionInstitution.institution_id)
    )
    successors = session.execute(
        sa.select(Institution.id, Institution.successor_id, Institution.successor_at).where(
            Institution.successor_id.is_not(None)
        )
    )
    answers: dict[int, list[tuple[int, int, str, datetime]]] = defaultdict(list)
    for action, institution, year, answer, recorded_at in session.execute(
        sa.select(
            Commitment.action_id,
            Commitment.institution_id,
            Commitment.year,
            Commitment.answer,
            Commitment.recorded_at,
        )
        .where(Commitment.action_id.in_(within), Commitment.recorded_at <= until)
        .order_by(Commitment.recorded_at, Commitment.id)
    ):
        answers[year].append((action, institution, answer, recorded_at))

    def spans(rows: Iterable[Sequence[Any]], kind: str) -> tuple[Span, ...]:
        return (*(Span(subject, value, since, None) for subject, value, since in rows), *past[kind])

    return Source(
        Directory.load(session),
        spans(successors, "successor"),
        spans(years, "year"),
        spans(duties, "duty"),
        answers,
    )


def reports_of(
    session: Session, period_ids: Sequence[int], until: datetime
) -> dict[int, dict[int, list[Reported]]]:
    """Return the reports as they stood at ``until``: period → action → reports."""
    found: dict[int, dict[int, list[Reported]]] = defaultdict(lambda: defaultdict(list))
    if not period_ids:
        return found
    for period, action, public_id, institution, state, pressed, reserved in session.execute(
        sa.select(
            Report.period_id,
            Report.action_id,
            Report.public_id,
            Report.institution_id,
            ReportStep.state,
            ReportStep.pressed_at,
            sa.case((Report.reviewer_id.is_not(None), Report.reserved_at)),
        )
        .join(ReportStep, ReportStep.report_id == Report.id)
        .where(Report.period_id.in_(period_ids), *_in_force(ReportStep, until))
        .order_by(Report.id)
    ):
        held = reserved is not None and reserved <= until and not lapsed(reserved, until)
        found[period][action].append(
            Reported(public_id, institution, state, pressed, held and state == State.SUBMITTED)
        )
    return found
