"""What a decision was about: a report row, a keluaran or a komitmen, as far as a letter may need it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub.mail import links
from khub.plan.directory import Directory
from khub.plan.models import Action, Commitment, Institution, Period, Plan
from khub.policy import Content
from khub.products.lifecycle import State
from khub.products.models import Copy, CopyAction, Product, Version
from khub.reports.models import Report, ReportCopy

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Decided:
    """A decided snapshot. ``outcome`` as it holds now: "" once it was superseded or taken up again.

    ``path``: its page; ``mending``: the page on which its owner mends it, or, where the K/L did not
    confirm a report entered *atas nama* it ("withdrawn"), on which another letter is entered.
    """

    report: bool
    actions: tuple[str, ...]
    period: str
    unit: str
    title: str
    classification: str
    content: Content
    outcome: str
    note: str
    due_at: datetime | None
    path: str
    mending: str


def decided(session: Session, kind: str, copy_id: int) -> Decided | None:
    """Return what "report" or "product" snapshot ``copy_id`` is, None when there is none."""
    return _report(session, copy_id) if kind == "report" else _product(session, copy_id)


def _report(session: Session, copy_id: int) -> Decided | None:
    row = session.execute(
        sa.select(ReportCopy, Report, Action.code, Institution, Period, Plan.code)
        .join(Report, Report.id == ReportCopy.report_id)
        .join(Action, Action.id == Report.action_id)
        .join(Institution, Institution.id == Report.institution_id)
        .join(Period, Period.id == Report.period_id)
        .join(Plan, Plan.id == Period.plan_id)
        .where(ReportCopy.id == copy_id)
    ).one_or_none()
    if row is None:
        return None
    copy, report, code, unit, period, plan = row
    path = links.report(report.public_id)
    outcome = _standing(copy.outcome, report.state)
    entry = links.entry(plan, period.code, unit.code, code)
    content = Content(copy.access, report.classification, report.institution_id, report.pokja_id)
    return Decided(
        report=True,
        actions=(code,),
        period=period.name,
        unit=unit.name,
        title="",
        classification=report.classification,
        content=content,
        outcome=outcome,
        note=copy.note,
        due_at=copy.due_at,
        path=path,
        mending=entry if outcome == "withdrawn" else path,
    )


def _product(session: Session, copy_id: int) -> Decided | None:
    row = session.execute(
        sa.select(Copy, Version, Product, Institution.name, Period.name)
        .join(Version, Version.id == Copy.version_id)
        .join(Product, Product.id == Version.product_id)
        .join(Institution, Institution.id == Product.institution_id)
        .outerjoin(Period, Period.id == Copy.period_id)
        .where(Copy.id == copy_id, Product.discarded_at.is_(None))
    ).one_or_none()
    if row is None:
        return None
    copy, version, product, unit, period = row
    actions = session.scalars(
        sa.select(Action.code)
        .join(CopyAction, CopyAction.action_id == Action.id)
        .where(CopyAction.copy_id == copy.id)
        .order_by(CopyAction.position, Action.id)
    )
    content = Content(copy.access, product.classification, product.institution_id, product.pokja_id)
    return Decided(
        report=False,
        actions=tuple(actions),
        period=period or "",
        unit=unit,
        title=copy.title,
        classification=product.classification,
        content=content,
        outcome=_standing(copy.outcome, version.state),
        note=copy.note,
        due_at=copy.due_at,
        path=links.product(product.public_id),
        mending=links.product_form(product.public_id),
    )


@dataclass(frozen=True, slots=True)
class Answered:
    """A K/L's word on an action and a year; all of it is official but ``note``, why it was returned."""

    action: str
    year: int
    unit: str
    answer: str
    note: str
    path: str


def answered(session: Session, commitment_id: int) -> Answered | None:
    """Return what answer ``commitment_id`` says, None once another has come since."""
    row = session.execute(
        sa.select(Commitment, Action.code, Institution, Plan.code)
        .join(Action, Action.id == Commitment.action_id)
        .join(Plan, Plan.id == Action.plan_id)
        .join(Institution, Institution.id == Commitment.institution_id)
        .where(Commitment.id == commitment_id)
    ).one_or_none()
    if row is None:
        return None
    given, code, unit, plan = row
    since = sa.select(Commitment.id).where(
        Commitment.action_id == given.action_id,
        Commitment.year == given.year,
        Commitment.institution_id.in_(Directory.load(session).family(given.institution_id)),
        Commitment.recorded_at > given.recorded_at,
    )
    if session.scalar(since.limit(1)) is not None:
        return None
    path = links.commitment(plan, given.year, unit.code, code)
    return Answered(code, given.year, unit.name, given.answer, given.reason, path)


def _standing(outcome: str, state: str) -> str:
    """Return the outcome of a snapshot if the thing still stands as it left it."""
    fitting = {
        "returned": (State.RETURNED,),
        "approved": (State.APPROVED, State.LOCKED),
        "withdrawn": (State.DRAFT,),
    }
    return outcome if state in fitting.get(outcome, ()) else ""
