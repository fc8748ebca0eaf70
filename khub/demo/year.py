"""The demo's two years of reporting: who reports what when, what is decided, the report of 2022.

Everything goes through the services at simulated times, in the order of those times. Each step looks
first whether it was done.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache, partial
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from khub.accounts.models import Membership, Person
from khub.clock import WIB
from khub.demo import catalogue, people
from khub.demo.reporting import DemoReport, Stage, activities, duties, reports
from khub.mail.models import Message
from khub.mail.terms import MailState
from khub.plan.models import Action, Activity, Branch, Focus, Institution, Period, Pokja
from khub.plan.terms import PeriodState
from khub.policy import Actor, Grant, Role
from khub.products.lifecycle import State
from khub.reports.forms import Said, Value
from khub.reports.models import Report, ReportCopy
from khub.reports.rows import Place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sqlalchemy.orm import Session

    from khub.wiring import Services

#: When khub was set up: plan, periods, people.
BEGAN: Final = datetime(2022, 1, 10, 9, 0, tzinfo=WIB)
#: Domain of everybody's address; no letter can reach it.
_DOMAIN = "contoh.example"
_REVIEWERS: Final = ("sekretariat", "sekretariat2")
#: Days before and after a deadline in which most K/L report.
_SPREAD = 12
#: Nothing is decided after the demo's today: the worker would wait for it.
_LAST_DECISION: Final = datetime(2023, 10, 31, 8, 0, tzinfo=WIB)
#: Days of October 2023 on which the demo's letters leave: 14, 7 and 1 days before the deadline.
_LETTER_DAYS: Final = (17, 24, 30)


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happened at a simulated time."""

    at: datetime
    run: Callable[[], object]


@dataclass(frozen=True, slots=True)
class _Known:
    """A report as it stands, with the words of its working copy."""

    public_id: str
    state: str
    achievement: str
    obstacles: str

    def says(self, row: DemoReport) -> bool:
        """Tell whether it holds the story's words: somebody may have tried out his own meanwhile."""
        return (self.achievement, self.obstacles) == (row.achievement, row.obstacles)


class Year:
    """Tells the reporting of both years; ``actor`` gives a person by login."""

    def __init__(self, services: Services, plan: str, actor: Callable[[str], Actor]) -> None:
        self.services = services
        self.plan = plan
        self.person = actor
        self._operator = cache(self._operator_of)
        self._activities: dict[tuple[str, str, int], tuple[int, ...]] = defaultdict(tuple)
        with services.db.read() as session:
            self.codes = dict(session.execute(sa.select(Institution.name, Institution.code)).all())
            self.periods = {row.name: row.code for row in session.scalars(sa.select(Period))}
            self._ids = {
                model: dict(session.execute(sa.select(name, model.id)).all())
                for model, name in (
                    (Action, Action.code),
                    (Institution, Institution.name),
                    (Period, Period.name),
                )
            }
            for action, institution, year, activity in session.execute(
                sa.select(Action.code, Institution.name, Activity.year, Activity.id)
                .join(Action, Action.id == Activity.action_id)
                .join(Institution, Institution.id == Activity.institution_id)
                .order_by(Activity.id)
            ):
                self._activities[action, institution, year] += (activity,)

    def happenings(self) -> list[Happening]:
        """Return everything in any order; the caller sorts by time."""
        found: list[Happening] = []
        grouped: dict[tuple[str, str], list[DemoReport]] = defaultdict(list)
        for report in reports():
            grouped[report.period, report.institution].append(report)
        for period in catalogue.periods():
            for (name, institution), rows in grouped.items():
                if name == period.name:
                    found += self._of_unit(period, institution, rows)
            if not period.current:
                found.append(Happening(closing(period), partial(self._close, period.name)))
        found.append(Happening(datetime(2023, 9, 18, 7, 0, tzinfo=WIB), self._addresses))
        found += [
            Happening(datetime(2023, 10, day, 7, 5, tzinfo=WIB), self.services.clockwork.tick)
            for day in _LETTER_DAYS
        ]
        return found

    def _of_unit(
        self, period: catalogue.PeriodRow, institution: str, rows: Sequence[DemoReport]
    ) -> list[Happening]:
        place = int(self.codes[institution].rpartition("-")[2])
        offset = place * 5 % _SPREAD
        first = (
            datetime(2023, 10, 9, 10, 0, tzinfo=WIB) + timedelta(days=offset * 1.6, minutes=place * 7)
            if period.current
            else period.deadline - timedelta(days=offset + 2, minutes=place * 7)
        )
        late = [row for row in rows if row.late]
        found = [
            Happening(first, partial(self._write, institution, [row for row in rows if not row.late])),
            Happening(first + timedelta(hours=1), partial(self._hand_in, institution, period.name)),
        ]
        if late:
            after = period.deadline + timedelta(days=1, hours=9, minutes=place)
            found += [
                Happening(after, partial(self._write, institution, late)),
                Happening(after + timedelta(hours=1), partial(self._hand_in, institution, period.name)),
            ]
        for number, row in enumerate(rows):
            if row.stage not in (Stage.APPROVED, Stage.RETURNED):
                continue
            pressed = period.deadline + timedelta(days=1, hours=10) if row.late else first
            decided = pressed + timedelta(days=2 + (place + number) % 4, hours=1, minutes=number)
            if period.current:
                decided = min(decided, _LAST_DECISION + timedelta(minutes=number))
            found.append(Happening(decided, partial(self._decide, row, _REVIEWERS[(place + number) % 2])))
        return found

    # -- the K/L ---------------------------------------------------------------------------------

    def _write(self, institution: str, rows: Iterable[DemoReport]) -> None:
        actor = self._operator(institution)
        for row in rows:
            if self._report(row) is None:
                self.services.reports.save(actor, self._place(row), self._said(row))

    def _hand_in(self, institution: str, period: str) -> None:
        drafts = []
        for row in reports():
            if (row.institution, row.period) == (institution, period) and row.stage is not Stage.DRAFT:
                known = self._report(row)
                if known is not None and known.state == State.DRAFT and known.says(row):
                    drafts.append(known.public_id)
        if drafts:
            self.services.reports.submit(self._operator(institution), drafts)

    def _place(self, row: DemoReport) -> Place:
        return Place(self.plan, self.periods[row.period], self.codes[row.institution], row.action)

    def _said(self, row: DemoReport) -> Said:
        values: tuple[Value, ...] = ()
        if row.value is not None:
            known = self._activities[row.action, row.institution, int(row.period[-4:])]
            values = tuple(Value(each, float(row.value), "") for each in known)
        return Said(
            achievement=row.achievement,
            percent=row.percent,
            obstacles=row.obstacles,
            no_obstacles=row.no_obstacles,
            follow_up=row.follow_up,
            values=values,
        )

    # -- the Sekretariat --------------------------------------------------------------------------

    def _decide(self, row: DemoReport, login: str) -> None:
        known = self._report(row)
        if known is None or known.state != State.SUBMITTED or not known.says(row):
            return
        actor = self.person(login)
        self.services.review.open(actor, known.public_id)
        if row.stage is Stage.RETURNED:
            self.services.review.send_back(actor, known.public_id, 1, row.note)
        else:
            self.services.review.approve(actor, known.public_id, 1)

    def _close(self, period: str) -> None:
        with self.services.db.read() as session:
            state = session.scalar(sa.select(Period.state).where(Period.name == period))
        if state == PeriodState.OPEN:
            self.services.periods.move(
                self.person("sekretariat"), self.plan, self.periods[period], PeriodState.CLOSED
            )

    def _addresses(self) -> None:
        """Give everybody an address: letters are prepared from here on, and shown, as no server is named."""
        with self.services.db.write() as session:
            for person in session.scalars(sa.select(Person).where(Person.email == "")):
                person.email = f"{person.login}@{_DOMAIN}"
            for letter in session.scalars(sa.select(Message).where(Message.state == MailState.PREPARED)):
                letter.state = MailState.DROPPED

    # -- looking up --------------------------------------------------------------------------------

    def _report(self, row: DemoReport) -> _Known | None:
        with self.services.db.read() as session:
            found = session.execute(
                sa.select(Report.public_id, Report.state, ReportCopy.achievement, ReportCopy.obstacles)
                .join(ReportCopy, sa.and_(ReportCopy.report_id == Report.id, ReportCopy.number == 0))
                .where(
                    Report.action_id == self._ids[Action][row.action],
                    Report.institution_id == self._ids[Institution][row.institution],
                    Report.period_id == self._ids[Period][row.period],
                )
            ).one_or_none()
        return _Known(*found) if found is not None else None

    def _operator_of(self, institution: str) -> Actor:
        login = operator(institution)
        with self.services.db.read() as session:
            person = session.execute(sa.select(Person).where(Person.login == login)).scalar_one()
            grants = tuple(
                Grant(Role(each.role), each.institution_id, each.pokja_id)
                for each in session.scalars(sa.select(Membership).where(Membership.person_id == person.id))
            )
            return Actor(person.id, person.name, grants, simulated=True)


def operator(institution: str) -> str:
    """Return the login that reports for a demo K/L."""
    return f"operator{institution[-2:]}"


def closing(period: catalogue.PeriodRow) -> datetime:
    """Return when the demo's Sekretariat closed a period."""
    day = (period.deadline + timedelta(days=14)).astimezone(WIB).date()
    return datetime.combine(day, time(16, 0), WIB)


def opening(period: catalogue.PeriodRow) -> datetime:
    """Return when the demo's Sekretariat opened a period."""
    day = (
        date(2023, 9, 18) if period.current else (period.deadline - timedelta(days=32)).astimezone(WIB).date()
    )
    return datetime.combine(day, time(8, 0), WIB)


def operators(services: Services, actor: Actor, known: set[str]) -> None:
    """Make an operator for every demo K/L, a member in each pokja in which it answers for an action."""
    with services.db.read() as session:
        units = dict(session.execute(sa.select(Institution.name, Institution.id)).all())
        branches = dict(
            session.execute(
                sa.select(Action.code, Pokja.id)
                .join(Focus, Focus.id == Action.focus_id)
                .join(Branch, Branch.id == Focus.branch_id)
                .join(Pokja, Pokja.branch_id == Branch.id)
            ).all()
        )
    seats: dict[str, set[int]] = defaultdict(set)
    for year in (2022, catalogue.YEAR):
        for action, _, institution, _ in duties(year):
            seats[institution].add(branches[action])
    named = {person.institution: person.name for person in people.people() if person.role is Role.MEMBER}
    for number, institution in enumerate(sorted(seats)):
        login = operator(institution)
        if login not in known:
            name = f"{_NAMES[number % len(_NAMES)]} Contoh {institution[-2:]}"
            person_id = services.accounts.create_person(actor, login, named.get(institution, name))
        else:
            person_id = _person_id(services, login)
        taken = _memberships(services, person_id)
        for pokja in sorted(seats[institution] - taken):
            services.accounts.add_membership(
                actor, person_id, Role.MEMBER, units[institution], pokja, valid_from=BEGAN.date()
            )


_NAMES = ("Ayu", "Budiman", "Cahya", "Dian", "Eka", "Farid", "Galih", "Hesti", "Irfan", "Joko")


def _person_id(services: Services, login: str) -> int:
    with services.db.read() as session:
        return session.execute(sa.select(Person.id).where(Person.login == login)).scalar_one()


def _memberships(services: Services, person_id: int) -> set[int]:
    with services.db.read() as session:
        found = session.scalars(sa.select(Membership.pokja_id).where(Membership.person_id == person_id))
        return {each for each in found if each is not None}


def plan_activities(session: Session) -> None:
    """Put the demo's kegiatan in, unless they are there."""
    if session.scalar(sa.select(Activity.id).limit(1)) is not None:
        return
    actions = dict(session.execute(sa.select(Action.code, Action.id)).all())
    units = dict(session.execute(sa.select(Institution.name, Institution.id)).all())
    session.add_all(
        Activity(
            action_id=actions[each.action],
            institution_id=units[each.institution],
            year=each.year,
            position=1,
            name=each.name,
            unit=each.unit,
            target=float(each.target),
        )
        for each in activities()
    )
