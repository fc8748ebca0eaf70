"""An office that has promised something, reported something, and is spoken to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from khub.plan.models import Action, Commitment, Period
from khub.policy import Access
from khub.products.lifecycle import State
from khub.reports.models import Report, ReportCopy, ReportStep

if TYPE_CHECKING:
    from tests.khub.conftest import Office


@dataclass
class Cycle:
    """Short ways to put commitments and reports where they stand."""

    office: Office

    def commit(
        self, unit: str, code: str, answer: str = "yes", *, year: int = 2023, days_ago: int = 30
    ) -> None:
        """Record an answer of a K/L for an action."""
        with self.office.services.db.write() as session:
            session.add(
                Commitment(
                    action_id=_action(session, code),
                    institution_id=self.office.institutions[unit],
                    year=year,
                    answer=answer,
                    recorded_at=self.office.clock.now() - timedelta(days=days_ago),
                )
            )

    def report(
        self,
        unit: str,
        code: str,
        state: State = State.SUBMITTED,
        *,
        obstacles: str = "",
        percent: int | None = 50,
        at: datetime | None = None,
        decided_at: datetime | None = None,
        period: str = "2023-01-10",
        pokja: str = "",
        classification: str = "internal",
    ) -> str:
        """Put a report of a K/L where it stands; returns its public id."""
        at = at or self.office.clock.now() - timedelta(days=5)
        branch = pokja or code.partition(".")[0]
        with self.office.services.db.write() as session:
            report = Report(
                public_id=f"L-{unit[3:]}{code.replace('.', '')}{period[-2:]}{period[:4]}",
                action_id=_action(session, code),
                institution_id=self.office.institutions[unit],
                period_id=session.scalars(sa.select(Period.id).where(Period.code == period)).one(),
                pokja_id=self.office.pokjas[branch],
                classification=classification,
                state=state,
                pressed_at=None if state is State.DRAFT else at,
                created_at=at - timedelta(days=1),
            )
            session.add(report)
            session.flush()
            said = {
                "achievement": "Sudah berjalan.",
                "percent": percent,
                "obstacles": obstacles,
                "no_obstacles": not obstacles,
                "saved_at": at,
                "values": [],
            }
            step = ReportStep(report_id=report.id, state=State.DRAFT, at=report.created_at)
            session.add(step)
            session.add(
                ReportCopy(
                    report_id=report.id,
                    number=0,
                    access=Access.FROZEN if state in _HANDED_IN else Access.DRAFT,
                    **said,
                )
            )
            if state is not State.DRAFT:
                step.ended_at = at
                done = state in (State.APPROVED, State.LOCKED)
                decided = (decided_at or at + timedelta(days=1)) if state is not State.SUBMITTED else None
                session.add(
                    ReportStep(
                        report_id=report.id,
                        state=State.SUBMITTED,
                        pressed_at=at,
                        at=at,
                        ended_at=decided,
                    )
                )
                if decided is not None:
                    session.add(ReportStep(report_id=report.id, state=state, pressed_at=at, at=decided))
                session.add(
                    ReportCopy(
                        report_id=report.id,
                        number=1,
                        access=Access.APPROVED if done else Access.SUBMITTED,
                        submitted_at=at,
                        decided_at=decided,
                        outcome="approved" if done else "returned" if decided else "pending",
                        **said,
                    )
                )
            return report.public_id


_HANDED_IN = (State.SUBMITTED, State.APPROVED, State.LOCKED)


def _action(session: sa.orm.Session, code: str) -> int:
    return session.scalars(sa.select(Action.id).where(Action.code == code)).one()


@pytest.fixture
def cycle(office: Office) -> Cycle:
    """Return the office's cycle: nothing is promised or reported yet."""
    return Cycle(office)
