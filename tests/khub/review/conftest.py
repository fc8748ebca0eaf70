"""Reports handed in through the copies that the report room freezes, for what reviewers do with them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from khub.plan.models import Action, Activity, Period
from khub.products.ids import receipt_number
from khub.products.lifecycle import Act
from khub.products.models import Product, Receipt, Version
from khub.reports import copies
from khub.reports.models import Report, ReportCopy, ReportOutput
from khub.review import line, report_item
from tests.khub.conftest import PERIOD

if TYPE_CHECKING:
    from khub.review.line import Queue
    from khub.review.report_item import ReportItem
    from tests.khub.conftest import Office

EARLIER = "2023-01-04"
SAID = "Modul pelatihan disusun bersama guru dan dipakai di satuan sasaran."


@dataclass
class Rows:
    """Short ways to hand reports in and to read them as a reviewer does."""

    office: Office
    activity: int

    def hand_in(
        self,
        login: str = "budi",
        *outputs: tuple[str, str],
        action: str = "1.1.01",
        period: str = PERIOD,
        unit: str = "kl-07",
        value: float | None = None,
        why: str = "",
        classification: str = "internal",
        **said: object,
    ) -> str:
        """Hand a report in; ``outputs``: (keluaran, pages). Returns its public id; a minute passes."""
        office, now = self.office, self.office.clock.now()
        with office.services.db.write() as session:
            loaded = copies.start(
                session,
                now,
                action_id=session.scalars(sa.select(Action.id).where(Action.code == action)).one(),
                institution_id=office.institutions[unit],
                period_id=session.scalars(sa.select(Period.id).where(Period.code == period)).one(),
                pokja_id=office.pokjas[action[0]],
                classification=classification,
            )
            public_id = loaded.report.public_id
            for position, (product, pages) in enumerate(outputs):
                session.add(
                    ReportOutput(
                        copy_id=loaded.working.id,
                        product_id=session.scalars(
                            sa.select(Product.id).where(Product.public_id == product)
                        ).one(),
                        pages=pages,
                        position=position,
                    )
                )
        self.say(public_id, **{"achievement": SAID, "percent": 60, "no_obstacles": True, **said})
        if value is not None:
            self.say(public_id, values=[{"activity": self.activity, "value": value, "why": why}])
        self.submit(login, public_id)
        return public_id

    def say(self, public_id: str, **said: object) -> None:
        """Change the working copy."""
        with self.office.services.db.write() as session:
            working = session.scalars(
                sa.select(ReportCopy)
                .join(Report, Report.id == ReportCopy.report_id)
                .where(Report.public_id == public_id, ReportCopy.number == 0)
            ).one()
            for name, value in said.items():
                setattr(working, name, value)

    def submit(self, login: str, public_id: str, *, on_behalf: bool = False) -> None:
        """Press Ajukan; a minute passes."""
        office, now, person = self.office, self.office.clock.now(), self.office.people[login]
        assert person.person_id is not None
        with office.services.db.write() as session:
            loaded = copies.load_any(session, public_id)
            receipt = Receipt(
                number=receipt_number(2023),
                at=now,
                person_id=person.person_id,
                institution_id=loaded.report.institution_id,
            )
            session.add(receipt)
            session.flush()
            snapshot = copies.freeze(session, loaded, now, person.person_id, receipt.id)
            snapshot.on_behalf = on_behalf
            copies.move(session, loaded, Act.SUBMIT, snapshot, now)
        office.clock.forward(minutes=1)

    def close(self, period: str = PERIOD, state: str = "closed") -> None:
        """Move a period."""
        with self.office.services.db.write() as session:
            session.scalars(sa.select(Period).where(Period.code == period)).one().state = state

    def item(self, public_id: str, login: str = "dewi") -> ReportItem:
        with self.office.services.db.read() as session:
            return report_item.item(session, self.office.people[login], public_id, self.office.clock.now())

    def queue(self, login: str = "dewi", by: str = line.BY_AGE) -> Queue:
        with self.office.services.db.read() as session:
            return line.queue(
                session, self.office.people[login], self.office.clock.now(), offset=0, limit=50, by=by
            )

    def state(self, public_id: str) -> str:
        """Return the state of a report or of the newest version of a keluaran."""
        with self.office.services.db.read() as session:
            if public_id.startswith("L-"):
                return session.scalars(sa.select(Report.state).where(Report.public_id == public_id)).one()
            return session.scalars(
                sa.select(Version.state)
                .join(Product, Product.id == Version.product_id)
                .where(Product.public_id == public_id)
                .order_by(Version.number.desc())
            ).first()


@pytest.fixture
def rows(office: Office) -> Rows:
    """Return the office with an earlier period of the same year and a kegiatan of budi's K/L for 1.1.01."""
    with office.services.db.write() as session:
        period = session.scalars(sa.select(Period)).one()
        session.add(
            Period(
                plan_id=period.plan_id,
                code=EARLIER,
                name="Januari–April 2023",
                year=2023,
                starts=date(2023, 1, 1),
                ends=date(2023, 4, 30),
                deadline=datetime(2023, 4, 30, 16, 59, 59, tzinfo=UTC),
                state="open",
            )
        )
        activity = Activity(
            action_id=session.scalars(sa.select(Action.id).where(Action.code == "1.1.01")).one(),
            institution_id=office.institutions["kl-07"],
            year=2023,
            position=1,
            name="Guru terlatih",
            unit="orang",
            target=240,
        )
        session.add(activity)
        session.flush()
        return Rows(office, activity.id)
