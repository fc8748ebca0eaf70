"""The news item's figures, computed; two clocks; successors counted once."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from khub.cycle import numbers
from khub.errors import ConflictError, ForbiddenError, InvalidError
from khub.plan import forms
from khub.plan.models import Institution, Plan
from khub.plan.periods import Given
from khub.plan.running import current_period, days_left
from khub.plan.terms import Answer, PeriodState
from khub.policy import SYSTEM, Actor, Grant, Role

if TYPE_CHECKING:
    from collections.abc import Callable

    from khub.clock import FixedClock
    from khub.wiring import Services

CODE = "ran-pe-2020-2024"
YEAR = 2023
BEFORE = datetime(2023, 1, 1, tzinfo=UTC)


def _plan_id(services: Services) -> int:
    with services.db.read() as session:
        return session.scalars(sa.select(Plan.id)).one()


@pytest.fixture
def news(services: Services, row: Callable[..., dict[str, str]], csv_of: Any) -> Services:
    """Return the plan of the news item: 50 + 15 + 14 on the table, 44 K/L, of which 36 say yes to 64."""
    counts = {"1": (50, 41), "2": (15, 12), "3": (14, 11)}
    rows, yes = [], []
    number = 0
    for pilar, (total, committed) in counts.items():
        for place in range(total):
            code = f"{pilar}.1.{place + 1:02}"
            keen = place < committed
            # 36 K/L share the actions that get a yes, 8 others the rest.
            kl = number % 36 + 1 if keen else 37 + number % 8
            rows.append(row(code, penanggung_jawab=f"K/L Contoh {kl:02}", tahun="2023"))
            if keen:
                yes.append(Given(CODE, code, f"k-l-contoh-{kl:02}", YEAR, Answer.YES))
            number += 1
    # Every K/L owns something: the 8 share 15 actions, the 36 share 64.
    rows.append(row("1.9.99", penanggung_jawab="K/L Contoh 44", tahun="2022"))
    services.plans.apply(SYSTEM, csv_of(rows), "x.csv")
    services.periods.record(SYSTEM, yes)
    return services


def test_the_figures_of_the_news_item(news: Services, clock: FixedClock) -> None:
    plan_id = _plan_id(news)
    with news.db.read() as session:
        ledger = numbers.of_year(session, plan_id, clock.now())
        branches = numbers.by_branch(ledger, numbers.committed, YEAR)
        assert [
            (each.code, each.figure.count, each.figure.total, each.figure.percent) for each in branches
        ] == [
            ("1", 41, 50, 82),
            ("2", 12, 15, 80),
            ("3", 11, 14, 79),
        ]
        whole = numbers.committed(numbers.of_year(session, plan_id, clock.now()), YEAR)
        assert (whole.count, whole.total, whole.percent) == (64, 79, 81)
        involved = numbers.involved(numbers.of_year(session, plan_id, clock.now()), YEAR)
        assert (involved.count, involved.total, involved.percent) == (36, 44, 82)
        assert numbers.in_plan(ledger).count == 80
        assert numbers.on_table(ledger, YEAR).count == 79


def test_nothing_is_committed_before_it_was_recorded(news: Services, clock: FixedClock) -> None:
    plan_id = _plan_id(news)
    with news.db.read() as session:
        whole = numbers.committed(numbers.of_year(session, plan_id, BEFORE), YEAR)
        assert (whole.count, whole.total) == (0, 79)
        assert numbers.involved(numbers.of_year(session, plan_id, BEFORE), YEAR).count == 0


def test_the_latest_answer_counts_and_the_past_stays(planned: Services, clock: FixedClock) -> None:
    plan_id = _plan_id(planned)

    def count(until: datetime) -> int:
        with planned.db.read() as session:
            return numbers.committed(numbers.of_year(session, plan_id, until), YEAR).count

    def say(answer: Answer) -> datetime:
        clock.forward(hours=1)
        planned.periods.record(SYSTEM, [Given(CODE, "1.1.01", "k-l-contoh-01", YEAR, answer)])
        return clock.now()

    first, second, third = say(Answer.YES), say(Answer.NO), say(Answer.YES)
    assert [count(at) for at in (first, second, third)] == [1, 0, 1]


def test_a_merged_institution_counts_once_and_keeps_its_answer(planned: Services, clock: FixedClock) -> None:
    plan_id = _plan_id(planned)
    planned.periods.record(SYSTEM, [Given(CODE, "1.1.01", "k-l-contoh-01", YEAR, Answer.YES)])
    with planned.db.read() as session:
        assert numbers.involved(numbers.of_year(session, plan_id, clock.now()), YEAR).total == 2
    with planned.db.write() as session:
        ids = {row.code: row for row in session.scalars(sa.select(Institution))}
        for code in ("k-l-contoh-01", "k-l-contoh-02"):
            ids[code].successor_id = ids["k-l-contoh-03"].id
    with planned.db.read() as session:
        involved = numbers.involved(numbers.of_year(session, plan_id, clock.now()), YEAR)
        assert (involved.count, involved.total) == (1, 1)
        assert numbers.committed(numbers.of_year(session, plan_id, clock.now()), YEAR).count == 1


def test_who_may_answer_and_for_what(planned: Services) -> None:
    with planned.db.read() as session:
        own = session.scalars(sa.select(Institution.id).where(Institution.code == "k-l-contoh-01")).one()
    actor = Actor(None, "Budi", (Grant(Role.MEMBER, own, None),))
    ours = Given(CODE, "1.1.01", "k-l-contoh-01", YEAR, Answer.YES)
    assert planned.periods.record(actor, [ours]) == 1
    with pytest.raises(ConflictError):
        planned.periods.record(actor, [ours])
    with pytest.raises(ForbiddenError):
        planned.periods.record(actor, [Given(CODE, "1.1.01", "k-l-contoh-02", YEAR, Answer.YES)])
    with pytest.raises(ForbiddenError):
        planned.periods.record(actor, [ours], BEFORE)
    with pytest.raises(InvalidError):
        planned.periods.record(SYSTEM, [Given(CODE, "1.1.01", "k-l-contoh-03", YEAR, Answer.YES)])
    with pytest.raises(InvalidError):
        planned.periods.record(SYSTEM, [Given(CODE, "1.1.01", "k-l-contoh-01", 2024, Answer.YES)])


def test_the_current_period_is_the_open_one_due_next(planned: Services, clock: FixedClock) -> None:
    def add(starts: str, ends: str, deadline: str) -> str:
        return planned.periods.create(
            SYSTEM,
            forms.period({"plan": CODE, "starts": starts, "ends": ends, "deadline": deadline}),
        )

    july = add("2023-01-01", "2023-07-31", "2023-08-15")
    october = add("2023-01-01", "2023-10-31", "2023-10-31")
    december = add("2023-01-01", "2023-12-31", "2024-01-15")
    with pytest.raises(InvalidError):
        add("2023-01-01", "2023-10-31", "2023-11-30")
    with planned.db.read() as session:
        assert current_period(session, clock.now()) is None
    for code in (july, october, december):
        planned.periods.move(SYSTEM, CODE, code, PeriodState.OPEN)
    with planned.db.read() as session:
        period = current_period(session, clock.now())
        assert period is not None
        assert (period.code, period.name) == ("2023-01-10", "Januari–Oktober 2023")
        # Monday 9 October, 09.00 WIB; the deadline is 31 October 23.59 WIB.
        assert days_left(period.deadline, clock.now()) == 22
        assert days_left(period.deadline, datetime(2023, 10, 31, 16, 59, tzinfo=UTC)) == 0
        assert days_left(period.deadline, datetime(2023, 10, 31, 17, 0, tzinfo=UTC)) == -1
        assert period.deadline.date() == date(2023, 10, 31)


def test_a_period_moves_only_along_its_states(planned: Services) -> None:
    code = planned.periods.create(
        SYSTEM,
        forms.period({"plan": CODE, "starts": "2023-01-01", "ends": "2023-10-31", "deadline": "2023-10-31"}),
    )
    with pytest.raises(ConflictError):
        planned.periods.move(SYSTEM, CODE, code, PeriodState.CLOSED)
    planned.periods.move(SYSTEM, CODE, code, PeriodState.OPEN)
    planned.periods.move(SYSTEM, CODE, code, PeriodState.CLOSED)
    with pytest.raises(InvalidError):
        planned.periods.move(SYSTEM, CODE, code, PeriodState.REOPENED)
    planned.periods.move(SYSTEM, CODE, code, PeriodState.REOPENED, "Surat K/L Contoh 01")
