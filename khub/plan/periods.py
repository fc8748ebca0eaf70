"""Reporting periods and their deadlines, and answers on commitment as records bring them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub.audit import chain
from khub.errors import N_, ConflictError, FieldError, ForbiddenError, InvalidError, NotFoundError
from khub.kinds import projection
from khub.plan import deadlines
from khub.plan.directory import Directory
from khub.plan.models import (
    Action,
    ActionInstitution,
    ActionYear,
    Commitment,
    Extension,
    Institution,
    Period,
    PeriodStep,
    Plan,
)
from khub.plan.service import demand_plan
from khub.plan.terms import RUNNING, Answer, Duty, PeriodState
from khub.policy import Right, holds
from khub.products.lifecycle import Act, State
from khub.reports import steps
from khub.reports.models import Report

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from khub.clock import Clock
    from khub.db import Database
    from khub.plan.forms import ExtensionForm, PeriodForm
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


class Periods:
    """Write side of periods and commitments."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self.db = db
        self.clock = clock

    def create(self, actor: Actor, form: PeriodForm) -> str:
        """Add a period in state Rencana and return its code. Raises ``InvalidError`` for one that is there."""
        demand_plan(actor)
        _demand_january(form)
        now = self.clock.now()
        with self.db.write() as session:
            plan = session.scalar(sa.select(Plan).where(Plan.code == form.plan).with_for_update())
            if plan is None:
                raise InvalidError([FieldError("plan", N_("Rencana ini tidak ada."))])
            if session.scalar(
                sa.select(Period.id).where(Period.plan_id == plan.id, Period.code == form.code)
            ):
                raise InvalidError([FieldError("ends", N_("Periode untuk bulan-bulan ini sudah ada."))])
            period = Period(
                plan_id=plan.id,
                code=form.code,
                name=form.name,
                year=form.ends.year,
                starts=form.starts,
                ends=form.ends,
                deadline=form.deadline,
                state=PeriodState.PLANNED,
                parts=list(form.parts),
                reminders=list(form.reminders),
            )
            session.add(period)
            session.flush()
            session.add(PeriodStep(period_id=period.id, state=PeriodState.PLANNED, at=now))
            self._tell(session, actor, "period.created", f"{plan.code}/{form.code}", facts=_facts(form))
        return form.code

    def edit(self, actor: Actor, plan: str, code: str, form: PeriodForm) -> None:
        """Change a period. What decides who is late or asked is fixed once it was opened: extend instead.

        Raises ``NotFoundError``, ``ConflictError`` for a change that comes too late, ``InvalidError``
        for months that another period has.
        """
        demand_plan(actor)
        _demand_january(form)
        with self.db.write() as session:
            period = _load(session, plan, code)
            same_minute = form.deadline.replace(second=0) == period.deadline.replace(second=0)
            deadline = period.deadline if same_minute else form.deadline
            if period.state != PeriodState.PLANNED and (
                (form.ends, deadline, set(form.parts)) != (period.ends, period.deadline, set(period.parts))
            ):
                raise ConflictError(
                    N_("Rentang, tenggat, dan bagian periode yang pernah dibuka tidak diubah; perpanjanglah.")
                )
            taken = sa.select(Period.id).where(
                Period.plan_id == period.plan_id, Period.code == form.code, Period.id != period.id
            )
            if session.scalar(taken) is not None:
                raise InvalidError([FieldError("ends", N_("Periode untuk bulan-bulan ini sudah ada."))])
            period.code, period.name, period.year = form.code, form.name, form.ends.year
            period.ends, period.deadline = form.ends, deadline
            period.parts, period.reminders = list(form.parts), list(form.reminders)
            self._tell(session, actor, "period.changed", f"{plan}/{code}", facts=_facts(form))

    def move(
        self, actor: Actor, plan: str, code: str, target: PeriodState, reason: str = "", seen: str = ""
    ) -> None:
        """Open, close or reopen a period; reopening needs a reason.

        Closing locks what is approved, its evidence with it; reopening unlocks it. ``seen``: the mark
        of the list that was shown before closing ("" takes what there is). Raises ``NotFoundError``,
        ``InvalidError``, ``ConflictError`` when its state or that list changed.
        """
        demand_plan(actor)
        if target is PeriodState.REOPENED and not reason:
            raise InvalidError([FieldError("reason", N_("Tulis mengapa periode dibuka kembali."))])
        now = self.clock.now()
        with self.db.write() as session:
            period = _load(session, plan, code)
            if period.state not in _STEPS.get(target, ()):
                raise ConflictError(N_("Keadaan periode ini sudah berubah. Muat ulang halaman."))
            if seen and seen != open_mark(session, period.id):
                raise ConflictError(
                    N_("Ada baris yang berubah sejak daftar ini dibuka. Lihat sekali lagi, lalu tutup.")
                )
            facts: dict[str, object] = {"from": period.state, "to": target}
            self._step(session, period, target, now, reason)
            if target is PeriodState.CLOSED:
                facts["locked"] = _move_reports(session, period.id, State.APPROVED, Act.LOCK, now)
            elif target is PeriodState.REOPENED:
                facts["unlocked"] = _move_reports(session, period.id, State.LOCKED, Act.UNLOCK, now)
            self._tell(session, actor, "period.moved", f"{plan}/{code}", reason=reason, facts=facts)

    @staticmethod
    def _step(session: Session, period: Period, target: PeriodState, now: datetime, reason: str) -> None:
        before = session.scalar(
            sa.select(PeriodStep).where(PeriodStep.period_id == period.id, PeriodStep.ended_at.is_(None))
        )
        if before is None:  # from before periods had steps: it stood so for as long as its plan
            since = session.get_one(Plan, period.plan_id).created_at
            before = PeriodStep(period_id=period.id, state=period.state, at=min(since, now))
            session.add(before)
        before.ended_at = now
        session.add(PeriodStep(period_id=period.id, state=target, at=now, reason=reason))
        period.state = target
        session.flush()

    def extend(self, actor: Actor, plan: str, code: str, form: ExtensionForm) -> None:
        """Give a K/L, one of its rows, or everybody a later deadline while the period is open.

        Raises ``NotFoundError``, ``ConflictError`` (not open), ``InvalidError`` (not later than the
        period's own deadline, without effect, less than was granted before and not meant to be, a K/L
        or row that the period does not ask).
        """
        demand_plan(actor)
        now = self.clock.now()
        with self.db.write() as session:
            period = _load(session, plan, code)
            if period.state not in RUNNING:
                raise ConflictError(N_("Hanya tenggat periode yang dibuka dapat diperpanjang."))
            if form.deadline <= period.deadline:
                raise InvalidError([FieldError("deadline", N_("Tenggat baru harus sesudah tenggat semula."))])
            institution_id, action_id = _whose(session, period, plan, form)
            deadlines.demand_effect(
                session, period, (institution_id, action_id), form.deadline, now, shorter=form.shorter
            )
            session.add(
                Extension(
                    period_id=period.id,
                    institution_id=institution_id,
                    action_id=action_id,
                    deadline=form.deadline,
                    reason=form.reason,
                    person_id=actor.person_id,
                    recorded_at=now,
                )
            )
            self._tell(
                session,
                actor,
                "period.extended",
                f"{plan}/{code}",
                reason=form.reason,
                facts={
                    "institution": form.institution,
                    "action": form.action,
                    "deadline": chain.instant(form.deadline),
                },
            )

    def _tell(
        self,
        session: Session,
        actor: Actor,
        act: str,
        key: str,
        *,
        reason: str = "",
        facts: dict[str, object],
    ) -> None:
        chain.append(session, actor, act, "period", key[:60], self.clock.now(), reason=reason, facts=facts)

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


def open_mark(session: Session, period_id: int) -> str:
    """Return a mark of the reports of a period that are not approved; it changes when one of them does."""
    rows = session.execute(
        sa.select(Report.id, Report.state)
        .where(Report.period_id == period_id, Report.state.not_in((State.APPROVED, State.LOCKED)))
        .order_by(Report.id)
    ).all()
    return hashlib.sha256(repr([tuple(row) for row in rows]).encode()).hexdigest()[:16]


def _load(session: Session, plan: str, code: str) -> Period:
    period = session.scalar(
        sa.select(Period)
        .join(Plan, Plan.id == Period.plan_id)
        .where(Plan.code == plan, Period.code == code)
        .with_for_update(of=Period)
    )
    if period is None:
        raise NotFoundError
    return period


def _move_reports(session: Session, period_id: int, state: State, act: Act, now: datetime) -> int:
    reports = session.scalars(
        sa.select(Report)
        .where(Report.period_id == period_id, Report.state == state)
        .order_by(Report.id)
        .with_for_update()
    ).all()
    for report in reports:
        steps.move(session, report, act, now)
    projection.refresh(session, projection.REPORT, [report.id for report in reports], now, texts=False)
    return len(reports)


def _whose(session: Session, period: Period, plan: str, form: ExtensionForm) -> tuple[int | None, int | None]:
    """Return (K/L, action) ids of an extension; raises ``InvalidError`` for what the period does not ask."""
    if not form.institution:
        return None, None
    directory = Directory.load(session)
    found = next((item for item in directory.by_id.values() if item.code == form.institution), None)
    if found is None:
        raise InvalidError([FieldError("institution", N_("K/L ini tidak dikenali."))])
    head = directory.head(found.id)
    asked = sa.select(Action.id).where(
        Action.plan_id == period.plan_id,
        Action.id.in_(
            sa.select(ActionInstitution.action_id).where(
                ActionInstitution.institution_id.in_(directory.family(head)),
                ActionInstitution.role == Duty.RESPONSIBLE,
            )
        ),
        Action.id.in_(sa.select(ActionYear.action_id).where(ActionYear.year == period.year)),
    )
    if not form.action:
        if session.scalar(asked.limit(1)) is None:
            raise InvalidError(
                [FieldError("institution", N_("Periode ini tidak meminta apa pun dari K/L ini."))]
            )
        return head, None
    action_id = session.scalar(asked.where(Action.code == form.action.removeprefix(f"{plan}/")))
    if action_id is None:
        raise InvalidError(
            [FieldError("action", N_("K/L ini bukan penanggung jawab aksi itu pada tahun ini."))]
        )
    return head, action_id


def _demand_january(form: PeriodForm) -> None:
    if (form.starts.month, form.starts.day) != (1, 1) or form.starts.year != form.ends.year:
        raise InvalidError([FieldError("starts", N_("Periode dihitung kumulatif sejak 1 Januari."))])


def _facts(form: PeriodForm) -> dict[str, object]:
    return {
        "name": form.name,
        "starts": form.starts,
        "ends": form.ends,
        "deadline": form.deadline,
        "parts": list(form.parts),
        "reminders": list(form.reminders),
    }
