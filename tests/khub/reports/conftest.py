"""An office in the reporting cycle: commitments, kegiatan, and short ways to fill rows in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from khub.plan.models import Action, Activity, Commitment, ExpectedOutput, Period, PeriodStep, Plan
from khub.reports.filling import filling
from khub.reports.forms import Said, Value
from khub.reports.models import Report, ReportCopy
from khub.reports.rows import Place
from khub.reports.tasks import board
from tests.khub.conftest import PERIOD, PLAN, Office

if TYPE_CHECKING:
    from khub.reports.filling import Filling
    from khub.reports.service import Handed
    from khub.reports.tasks import Board, Task

ACHIEVEMENT = "Modul pelatihan disusun bersama 120 guru."


def place(action: str = "1.1.01", unit: str = "kl-07", period: str = PERIOD) -> Place:
    """Return a row of the office."""
    return Place(PLAN, period, unit, action)


def address(action: str = "1.1.01", unit: str = "kl-07", tail: str = "") -> str:
    """Return the address of a row's form."""
    return f"/laporan-aksi/{PLAN}/{PERIOD}/{unit}/{action}{tail}"


@dataclass
class Desk:
    """Short ways to do what people do with rows."""

    office: Office
    activities: dict[str, int]

    def board(self, login: str, unit: str = "", period: str = PERIOD) -> Board:
        with self.office.services.db.read() as session:
            return board(session, self.office.people[login], PLAN, period, unit, self.office.clock.now())

    def task(self, login: str, action: str = "1.1.01") -> Task:
        return next(task for task in self.board(login).tasks if task.spot.row.action.code == action)

    def form(self, login: str, action: str = "1.1.01", **where: str) -> Filling:
        with self.office.services.db.read() as session:
            return filling(
                session, self.office.people[login], place(action, **where), self.office.clock.now()
            )

    def save(
        self, login: str, action: str = "1.1.01", where: dict[str, str] | None = None, **said: object
    ) -> str:
        """Save a complete row with changes; returns the report's public id."""
        where = where or {}
        known = {
            "achievement": ACHIEVEMENT,
            "percent": 60,
            "no_obstacles": True,
            "values": tuple(Value(number, 120, "") for number in self.activities.values()),
            "revision": self.form(login, action, **where).revision,
            **said,
        }
        return self.office.services.reports.save(
            self.office.people[login],
            place(action, **where),
            Said(**known),  # type: ignore[arg-type]
        ).report

    def submit(self, login: str, *reports: str, following: bool = False) -> Handed:
        handed = self.office.services.reports.submit(self.office.people[login], reports, following=following)
        self.office.clock.forward(minutes=1)
        return handed

    def report(self, public_id: str) -> Report:
        with self.office.services.db.read() as session:
            return session.scalars(sa.select(Report).where(Report.public_id == public_id)).one()

    def copies(self, public_id: str) -> list[ReportCopy]:
        with self.office.services.db.read() as session:
            return list(
                session.scalars(
                    sa.select(ReportCopy)
                    .join(Report, Report.id == ReportCopy.report_id)
                    .where(Report.public_id == public_id)
                    .order_by(ReportCopy.number)
                )
            )

    def move_period(self, state: str) -> None:
        """Open or close the running period at this instant."""
        now = self.office.clock.now()
        with self.office.services.db.write() as session:
            period = session.scalars(sa.select(Period).where(Period.code == PERIOD)).one()
            session.execute(
                sa.update(PeriodStep)
                .where(PeriodStep.period_id == period.id, PeriodStep.ended_at.is_(None))
                .values(ended_at=now)
            )
            session.add(PeriodStep(period_id=period.id, state=state, at=now))
            period.state = state


@pytest.fixture
def desk(office: Office) -> Desk:
    """Return the office with commitments: kl-07 said yes to 1.1.01 (with a kegiatan) and 1.1.02."""
    now = datetime(2023, 2, 1, tzinfo=UTC)
    activities = {}
    with office.services.db.write() as session:
        period = session.scalars(sa.select(Period)).one()
        period.parts = ["progress", "obstacles"]
        session.add(PeriodStep(period_id=period.id, state="open", at=now))
        plan_id = session.scalars(sa.select(Plan.id)).one()
        session.add(
            Period(
                plan_id=plan_id,
                code="2023-01-04",
                name="Januari–April 2023",
                year=2023,
                starts=date(2023, 1, 1),
                ends=date(2023, 4, 30),
                deadline=datetime(2023, 12, 30, 16, 59, 59, tzinfo=UTC),
                parts=["progress", "obstacles"],
                state="open",
            )
        )
        for code in ("1.1.01", "1.1.02"):
            action = session.scalars(sa.select(Action).where(Action.code == code)).one()
            session.add(
                Commitment(
                    action_id=action.id,
                    institution_id=office.institutions["kl-07"],
                    year=2023,
                    answer="yes",
                    expected="Laporan pelatihan",
                    recorded_at=now,
                )
            )
            session.add(ExpectedOutput(action_id=action.id, position=1, name="Modul pelatihan"))
            if code == "1.1.01":
                activity = Activity(
                    action_id=action.id,
                    institution_id=office.institutions["kl-07"],
                    year=2023,
                    position=1,
                    name="Guru terlatih",
                    unit="orang",
                    target=240,
                )
                session.add(activity)
                session.flush()
                activities["Guru terlatih"] = activity.id
    return Desk(office, activities)
