"""Reporting periods and commitments: the minimal records that the cycle stands on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub.audit import chain
from khub.clock import wib_date
from khub.errors import N_, ConflictError, FieldError, ForbiddenError, InvalidError, NotFoundError
from khub.plan.models import Action, ActionInstitution, ActionYear, Commitment, Institution, Period, Plan
from khub.plan.service import demand_plan
from khub.plan.terms import RUNNING, Answer, Duty, PeriodState
from khub.policy import Right, holds

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from khub.clock import Clock
    from khub.db import Database
    from khub.plan.forms import PeriodForm
    from khub.policy import Actor

#: From which states a period may enter a state.
_STEPS = {
    PeriodState.OPEN: (PeriodState.PLANNED,),
    PeriodState.CLOSED: RUNNING,
    PeriodState.REOPENED: (PeriodState.CLOSED,),
}


@dataclass(frozen=True, slots=True)
class Given:
    """A K/L's answer for an action and a year; codes as in the plan.

    ``recorded_at`` other than ``None`` (now) is a simulated record and only for the system.
    """

    plan: str
    action: str
    institution: str
    year: int
    answer: Answer
    reason: str = ""
    recorded_at: datetime | None = None


def current_period(session: Session, now: datetime, plan_id: int | None = None) -> Period | None:
    """Return the running period with the nearest deadline still to come, else the one just past."""
    query = sa.select(Period).where(Period.state.in_(RUNNING))
    if plan_id is not None:
        query = query.where(Period.plan_id == plan_id)
    return session.scalar(
        query.where(Period.deadline >= now).order_by(Period.deadline, Period.id).limit(1)
    ) or session.scalar(query.order_by(Period.deadline.desc(), Period.id).limit(1))


def days_left(deadline: datetime, now: datetime) -> int:
    """Return the calendar days in WIB until the day of the deadline; negative when it has passed."""
    days = (wib_date(deadline) - wib_date(now)).days
    return min(days, -1) if now > deadline else days


class Periods:
    """Write side of periods and commitments."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self.db = db
        self.clock = clock

    def create(self, actor: Actor, form: PeriodForm) -> str:
        """Add a period in state Rencana and return its code. Raises ``InvalidError`` for one that is there."""
        demand_plan(actor)
        now = self.clock.now()
        with self.db.write() as session:
            plan = session.scalar(sa.select(Plan).where(Plan.code == form.plan).with_for_update())
            if plan is None:
                raise InvalidError([FieldError("plan", N_("Rencana ini tidak ada."))])
            if session.scalar(
                sa.select(Period.id).where(Period.plan_id == plan.id, Period.code == form.code)
            ):
                raise InvalidError([FieldError("ends", N_("Periode untuk bulan-bulan ini sudah ada."))])
            session.add(
                Period(
                    plan_id=plan.id,
                    code=form.code,
                    name=form.name,
                    year=form.ends.year,
                    starts=form.starts,
                    ends=form.ends,
                    deadline=form.deadline,
                    state=PeriodState.PLANNED,
                )
            )
            facts = {"name": form.name, "starts": form.starts, "ends": form.ends, "deadline": form.deadline}
            chain.append(
                session, actor, "period.created", "period", f"{plan.code}/{form.code}"[:60], now, facts=facts
            )
        return form.code

    def move(self, actor: Actor, plan: str, code: str, target: PeriodState, reason: str = "") -> None:
        """Open, close or reopen a period; reopening needs a reason.

        Raises ``NotFoundError``, ``InvalidError``, ``ConflictError`` when its state does not allow it.
        """
        demand_plan(actor)
        if target is PeriodState.REOPENED and not reason:
            raise InvalidError([FieldError("reason", N_("Tulis mengapa periode dibuka kembali."))])
        now = self.clock.now()
        with self.db.write() as session:
            period = session.scalar(
                sa.select(Period)
                .join(Plan, Plan.id == Period.plan_id)
                .where(Plan.code == plan, Period.code == code)
                .with_for_update(of=Period)
            )
            if period is None:
                raise NotFoundError
            if period.state not in _STEPS.get(target, ()):
                raise ConflictError(N_("Keadaan periode ini sudah berubah. Muat ulang halaman."))
            facts = {"from": period.state, "to": target}
            period.state = target
            chain.append(
                session,
                actor,
                "period.moved",
                "period",
                f"{plan}/{code}"[:60],
                now,
                reason=reason,
                facts=facts,
            )

    def record(self, actor: Actor, answers: Iterable[Given], recorded_at: datetime | None = None) -> int:
        """Record answers on commitment in one transaction and return how many.

        ``recorded_at`` stands for every answer that has none of its own. Raises ``NotFoundError``,
        ``ForbiddenError``, ``InvalidError`` (not responsible, not on that year's table).
        """
        now = self.clock.now()
        count = 0
        with self.db.write() as session:
            for given in answers:
                simulated = given.recorded_at or recorded_at
                if simulated is not None and not actor.system:
                    raise ForbiddenError(N_("Waktu pencatatan tidak dapat dipilih."))
                self._record(session, actor, given, simulated or now, simulated=simulated is not None)
                count += 1
        return count

    def _record(self, session: Session, actor: Actor, given: Given, at: datetime, *, simulated: bool) -> None:
        found = session.execute(
            sa.select(Action.id, Institution.id)
            .join(Plan, Plan.id == Action.plan_id)
            .join(Institution, Institution.code == given.institution)
            .where(Plan.code == given.plan, Action.code == given.action)
        ).one_or_none()
        if found is None:
            raise NotFoundError
        action_id, institution_id = found
        if not (actor.system or holds(actor, Right.PLAN) or institution_id in actor.institutions):
            raise ForbiddenError(N_("Komitmen dijawab oleh K/L itu sendiri atau Sekretariat."))
        if session.get(ActionInstitution, (action_id, institution_id, Duty.RESPONSIBLE)) is None:
            raise InvalidError([FieldError("institution", N_("K/L ini bukan penanggung jawab aksi itu."))])
        if session.get(ActionYear, (action_id, given.year)) is None:
            raise InvalidError([FieldError("year", N_("Aksi ini tidak ada dalam daftar tahun itu."))])
        same = (
            Commitment.action_id == action_id,
            Commitment.institution_id == institution_id,
            Commitment.year == given.year,
            Commitment.recorded_at == at,
        )
        if session.scalar(sa.select(Commitment.id).where(*same)) is not None:
            raise ConflictError(N_("Jawaban untuk aksi dan tahun ini baru saja dicatat."))
        session.add(
            Commitment(
                action_id=action_id,
                institution_id=institution_id,
                year=given.year,
                answer=given.answer,
                reason=given.reason,
                recorded_at=at,
                simulated=simulated,
            )
        )
        chain.append(
            session,
            actor,
            "commitment.recorded",
            "action",
            f"{given.plan}/{given.action}"[:60],
            self.clock.now(),
            reason=given.reason,
            facts={
                "institution": given.institution,
                "year": given.year,
                "answer": given.answer,
                "recorded_at": at,
                "simulated": simulated,
            },
        )
