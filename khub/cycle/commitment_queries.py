"""Reading commitments: official, the same for every signed-in role, reasons too. Drafts are the K/L's own."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub.cycle import numbers, seats
from khub.cycle.answers import ActivityShown, activity, shown
from khub.cycle.commitments import activities
from khub.errors import NotFoundError
from khub.plan import queries
from khub.plan.directory import Directory
from khub.plan.models import Activity, Commitment
from khub.plan.running import current_period
from khub.plan.terms import Answer
from khub.policy import Role

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from khub.cycle.answers import AnswerShown
    from khub.cycle.facts import ActionFacts, Owed, Unit
    from khub.cycle.ledger import Ledger
    from khub.cycle.numbers import Number
    from khub.cycle.seats import Place, Seat
    from khub.plan.models import CommitmentDraft
    from khub.plan.queries import PlanRow
    from khub.policy import Actor

#: Words of the address for the answers to a commitment; "" is not answered yet.
ANSWER_WORDS = {"ya": Answer.YES, "tidak": Answer.NO, "dikembalikan": Answer.RETURNED, "belum": ""}


@dataclass(frozen=True, slots=True)
class DraftShown:
    """What the K/L has typed. ``revision`` 0: nothing is saved, the fields come from the last answer."""

    answer: str
    reason: str
    expected: str
    contact: str
    activities: tuple[ActivityShown, ...]
    revision: int
    saved_at: datetime | None


@dataclass(frozen=True, slots=True)
class CommitmentFull:
    """One commitment: the answer in force, those before it, and what the reader may do."""

    place: Place
    action: ActionFacts
    unit: Unit
    history: tuple[AnswerShown, ...]
    activities: tuple[ActivityShown, ...]
    last_year: tuple[ActivityShown, ...]
    draft: DraftShown | None
    may_submit: bool
    may_return: bool
    may_stand_in: bool

    @property
    def given(self) -> AnswerShown | None:
        """Return the answer in force."""
        return self.history[-1] if self.history else None


@dataclass(frozen=True, slots=True)
class OwnRow:
    """A row of the K/L's task list. ``state``: draft | yes | no | returned | "" (not begun)."""

    place: Place
    action: ActionFacts
    state: str
    given: AnswerShown | None
    draft: DraftShown
    planned: int


@dataclass(frozen=True, slots=True)
class OwnYear:
    """A K/L's commitments of a year, those within the person's pokja; ``filled`` await Ajukan."""

    plan: PlanRow
    year: int
    unit: Unit | None
    units: tuple[Unit, ...]
    rows: tuple[OwnRow, ...]
    filled: int
    answered: int
    official: bool


@dataclass(frozen=True, slots=True)
class ListRow:
    """A commitment in the reading list."""

    place: Place
    owed: Owed
    given: AnswerShown | None
    activities: tuple[ActivityShown, ...]


@dataclass(frozen=True, slots=True)
class Filters:
    """What the reading list is narrowed to; codes, "" for all. ``answer``: a word of ``ANSWER_WORDS``."""

    plan: str = ""
    year: int = 0
    branch: str = ""
    action: str = ""
    unit: str = ""
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of the reading list; ``counts`` are of all rows before the answer filter."""

    plan: PlanRow
    year: int
    rows: tuple[ListRow, ...]
    total: int
    counts: tuple[tuple[str, int], ...]
    answered: Number
    branches: tuple[tuple[str, str], ...]
    units: tuple[Unit, ...]


def years_of(session: Session, actor: Actor, plan: str, year: int, now: datetime) -> tuple[PlanRow, int]:
    """Return the plan and year meant; year 0: that of the running period, else the plan's own."""
    found = queries.plan_called(session, actor, plan, now)
    if year:
        return found, year
    running = current_period(session, now, found.id)
    return found, running.year if running is not None else found.year


def one(session: Session, actor: Actor, place: Place, now: datetime) -> CommitmentFull:
    """Return one commitment; ``NotFoundError`` where none is asked for."""
    seat = seats.find(session, place)
    plan = queries.plan_called(session, actor, place.plan, now)
    ledger = numbers.of_year(session, plan.id, now)
    given = seats.answers(session, [seat]).get(seat.action_id, [])
    history = tuple(shown(session, given).values())
    owned = bool(seat.owned(actor))
    now_planned = tuple(activity(row) for row in activities(session, seat, place.year))
    last = given[-1] if given else None
    draft = None
    if owned:
        draft = _draft(seats.drafts(session, [seat]).get(seat.action_id), history, now_planned)
    return CommitmentFull(
        place=seat.place,
        action=next(each for each in ledger.actions if each.id == seat.action_id),
        unit=ledger.unit(seat.head),
        history=history,
        activities=now_planned,
        last_year=tuple(activity(row) for row in activities(session, seat, place.year - 1)) if owned else (),
        draft=draft,
        may_submit=bool(seat.submitted(actor)),
        may_return=last is not None
        and last.answer != Answer.RETURNED
        and bool(seat.reviewed(actor, last.recorded_by)),
        may_stand_in=bool(seat.stood_in(actor)),
    )


def own(
    session: Session, actor: Actor, now: datetime, *, plan: str = "", year: int = 0, unit: str = ""
) -> OwnYear:
    """Return the task list of the person's K/L (the first one, or that of code ``unit``)."""
    chosen, year = years_of(session, actor, plan, year, now)
    ledger = numbers.of_year(session, chosen.id, now)
    directory = Directory.load(session)
    heads = own_heads(actor, directory)
    units = tuple(sorted((ledger.unit(head) for head in heads), key=lambda each: each.short))
    mine = next((each for each in units if unit in ("", each.code)), None)
    if mine is None:
        if unit:
            raise NotFoundError
        return OwnYear(chosen, year, None, units, (), 0, 0, official=False)
    among = [seat for seat in seats.seats(session, chosen.code, year, mine.code) if seat.owned(actor)]
    rows = _own_rows(session, ledger, among)
    return OwnYear(
        plan=chosen,
        year=year,
        unit=mine,
        units=units,
        rows=rows,
        filled=sum(1 for row in rows if row.draft.revision and row.draft.answer),
        answered=sum(
            1 for row in rows if row.given is not None and row.given.answer in (Answer.YES, Answer.NO)
        ),
        official=bool(among) and not all(seat.submitted(actor) for seat in among),
    )


def own_heads(actor: Actor, directory: Directory) -> list[int]:
    """Return the ids of the K/L that ``actor`` answers for, each by its last successor."""
    heads = {
        directory.head(grant.institution_id)
        for grant in actor.grants
        if grant.role in (Role.MEMBER, Role.OFFICIAL) and grant.institution_id in directory.by_id
    }
    return sorted(heads)


def _own_rows(session: Session, ledger: Ledger, among: Sequence[Seat]) -> tuple[OwnRow, ...]:
    given = seats.answers(session, among)
    history = shown(session, [row for rows in given.values() for row in rows])
    drafts = seats.drafts(session, among)
    planned = _activities_of(session, among)
    place = {action.id: (at, action) for at, action in enumerate(ledger.actions)}
    rows = []
    for seat in sorted(among, key=lambda each: place[each.action_id][0]):
        past = tuple(history[row.id] for row in given.get(seat.action_id, ()))
        last = past[-1] if past else None
        draft = _draft(drafts.get(seat.action_id), past, planned.get(seat.action_id, ()))
        state = "draft" if draft.revision else last.answer if last else ""
        rows.append(OwnRow(seat.place, place[seat.action_id][1], state, last, draft, len(draft.activities)))
    return tuple(rows)


def listing(
    session: Session, actor: Actor, now: datetime, chosen: Filters, *, page: int, size: int
) -> Listing:
    """Return one page of the commitments asked for in a year."""
    plan, year = years_of(session, actor, chosen.plan, chosen.year, now)
    if chosen.answer and chosen.answer not in ANSWER_WORDS:
        raise NotFoundError
    ledger = numbers.of_year(session, plan.id, now)
    owed = [
        each
        for each in ledger.owed(year)
        if chosen.branch in ("", each.action.branch)
        and chosen.action in ("", each.action.code)
        and chosen.unit in ("", each.unit.code)
    ]
    counts = Counter(str(each.answer) for each in owed)
    if chosen.answer:
        owed = [each for each in owed if each.answer == ANSWER_WORDS[chosen.answer]]
    rows = owed[(page - 1) * size : page * size]
    units = {each.unit.id: each.unit for each in ledger.owed(year)}
    return Listing(
        plan=plan,
        year=year,
        rows=_list_rows(session, ledger, plan, year, rows),
        total=len(owed),
        counts=tuple((word, counts[str(answer)]) for word, answer in ANSWER_WORDS.items()),
        answered=numbers.answered(ledger, year, chosen.branch),
        branches=tuple({each.branch: each.branch_name for each in ledger.actions}.items()),
        units=tuple(sorted(units.values(), key=lambda each: each.short)),
    )


def _list_rows(
    session: Session, ledger: Ledger, plan: PlanRow, year: int, rows: Sequence[Owed]
) -> tuple[ListRow, ...]:
    ids = {each.action.id for each in rows}
    last: dict[tuple[int, int], Commitment] = {}
    for given in session.scalars(
        sa.select(Commitment)
        .where(Commitment.action_id.in_(ids), Commitment.year == year, Commitment.recorded_at <= ledger.until)
        .order_by(Commitment.recorded_at, Commitment.id)
    ):
        last[given.action_id, ledger.head(given.institution_id)] = given
    history = shown(session, list(last.values()))
    planned: dict[tuple[int, int], list[ActivityShown]] = {}
    for row in session.scalars(
        sa.select(Activity)
        .where(Activity.action_id.in_(ids), Activity.year == year, Activity.retired.is_(False))
        .order_by(Activity.position, Activity.id)
    ):
        key = (row.action_id, ledger.head(row.institution_id))
        planned.setdefault(key, []).append(activity(row))
    found = []
    for each in rows:
        found_answer = last.get((each.action.id, each.unit.id))
        found.append(
            ListRow(
                seats.Place(plan.code, year, each.unit.code, each.action.code),
                each,
                history[found_answer.id] if found_answer is not None else None,
                tuple(planned.get((each.action.id, each.unit.id), ())),
            )
        )
    return tuple(found)


def _activities_of(session: Session, among: Sequence[Seat]) -> dict[int, tuple[ActivityShown, ...]]:
    found: dict[int, tuple[ActivityShown, ...]] = {}
    if not among:
        return found
    for row in session.scalars(
        sa.select(Activity)
        .where(
            Activity.action_id.in_([seat.action_id for seat in among]),
            Activity.institution_id.in_(among[0].family),
            Activity.year == among[0].place.year,
            Activity.retired.is_(False),
        )
        .order_by(Activity.position, Activity.id)
    ):
        found[row.action_id] = (*found.get(row.action_id, ()), activity(row))
    return found


def _draft(
    row: CommitmentDraft | None, history: Sequence[AnswerShown], planned: tuple[ActivityShown, ...]
) -> DraftShown:
    """Return the draft, or what the form starts with: the last answer that was not a return."""
    if row is not None:
        typed = tuple(
            ActivityShown(
                int(str(each["id"] or 0)),
                str(each["name"]),
                str(each["unit"]),
                float(str(each["target"])) if each["target"] is not None else None,
            )
            for each in row.activities
        )
        return DraftShown(
            row.answer, row.reason, row.expected, row.contact, typed, row.revision, row.saved_at
        )
    last = next((each for each in reversed(history) if each.answer != Answer.RETURNED), None)
    if last is None:
        return DraftShown("", "", "", "", planned, 0, None)
    return DraftShown(last.answer, last.reason, last.expected, last.contact, planned, 0, None)
