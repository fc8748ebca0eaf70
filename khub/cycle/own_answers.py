"""Commitments that wait for a person's K/L: not answered yet, returned, or entered for it and not confirmed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub.cycle import seats
from khub.cycle.commitment_queries import own_heads, years_of
from khub.errors import NotFoundError
from khub.plan.directory import Directory
from khub.plan.models import Action
from khub.plan.terms import Answer

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from khub.cycle.seats import Place
    from khub.policy import Actor

#: Answers that wait, the most urgent first.
_ORDER = {Answer.RETURNED.value: 0, Answer.YES.value: 1, Answer.NO.value: 1, "": 2}


@dataclass(frozen=True, slots=True)
class WaitingAnswer:
    """One that waits. ``waits``: entered *atas nama* the K/L, to be confirmed; ``note``: why it was returned."""

    place: Place
    title: str
    answer: str
    waits: bool
    note: str


@dataclass(frozen=True, slots=True)
class OwnAnswers:
    """What waits in a year, and how much of what is asked was answered."""

    plan: str
    year: int
    rows: tuple[WaitingAnswer, ...]
    asked: int
    answered: int


def own_answers(
    session: Session, actor: Actor, now: datetime, known: tuple[str, int] | None
) -> OwnAnswers | None:
    """Return what waits for the K/L of ``actor`` within his pokja; None where nothing does.

    ``known``: plan and year of the running period, None without one.
    """
    try:
        plan, year = known or _usual(session, actor, now)
    except NotFoundError:
        return None
    directory = Directory.load(session)
    waiting: list[tuple[int, WaitingAnswer]] = []
    asked = answered = 0
    for head in own_heads(actor, directory):
        among = [
            seat
            for seat in seats.seats(session, plan, year, directory.by_id[head].code, directory=directory)
            if seat.owned(actor)
        ]
        given = seats.answers(session, among)
        asked += len(among)
        for seat in among:
            last = given[seat.action_id][-1] if seat.action_id in given else None
            answer = last.answer if last is not None else ""
            waits = last is not None and last.waits
            answered += answer in (Answer.YES, Answer.NO)
            if waits or answer in ("", Answer.RETURNED):
                note = last.reason if last is not None and answer == Answer.RETURNED else ""
                waiting.append((seat.action_id, WaitingAnswer(seat.place, "", answer, waits, note)))
    if not waiting:
        return None
    named = session.execute(
        sa.select(Action.id, Action.title).where(Action.id.in_({key for key, _ in waiting}))
    )
    titles = {row[0]: row[1] for row in named}
    rows = [replace(each, title=titles[key]) for key, each in waiting]
    rows.sort(key=lambda each: _ORDER[each.answer])
    return OwnAnswers(plan, year, tuple(rows), asked, answered)


def _usual(session: Session, actor: Actor, now: datetime) -> tuple[str, int]:
    plan, year = years_of(session, actor, "", 0, now)
    return plan.code, year
