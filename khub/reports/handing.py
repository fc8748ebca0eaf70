"""What a press of Ajukan looks at and takes along, and what taking it back takes back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub import policy
from khub.errors import N_, ConflictError, FieldError
from khub.plan.models import Action, Period, Plan
from khub.plan.terms import RUNNING
from khub.products import copies as product_copies
from khub.products import service as products
from khub.products.lifecycle import State
from khub.products.models import Copy, Product, Receipt, Version
from khub.reports import copies, evidence, gaps, rows
from khub.reports.models import ReportCopy, ReportOutput

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from khub.policy import Actor
    from khub.reports.models import Report
    from khub.reports.rows import Scene


def demand_running(session: Session, period_id: int) -> None:
    """Raise ``ConflictError`` for a period that takes no reports; it cannot close until the caller is done."""
    state = session.scalar(sa.select(Period.state).where(Period.id == period_id).with_for_update(read=True))
    if state not in RUNNING:
        raise ConflictError(N_("Periode ini sudah ditutup. Minta Sekretariat membukanya kembali."))


def demand_following(loaded: copies.Loaded, now: datetime) -> None:
    """Raise ``ConflictError`` unless files may still follow this row."""
    until = loaded.report.following_until
    if loaded.report.state != State.SUBMITTED or until is None:
        raise ConflictError(N_("Baris ini tidak menunggu berkas susulan."))
    if now > until:
        raise ConflictError(N_("Waktu 24 jam untuk berkas susulan sudah lewat."))


def keys(session: Session, report: Report) -> tuple[str, str]:
    """Return the form values (action, period) of a report."""
    action = session.get_one(Action, report.action_id)
    plan = session.get_one(Plan, action.plan_id)
    period = session.get_one(Period, report.period_id)
    return f"{plan.code}/{action.code}", f"{plan.code}/{period.code}"


def held(
    session: Session, actor: Actor, batch: Sequence[copies.Loaded], now: datetime
) -> dict[str, list[FieldError]]:
    """Return, by report, what each still lacks."""
    scenes: dict[int, Scene] = {}
    found: dict[str, list[FieldError]] = {}
    for loaded in batch:
        report = loaded.report
        if report.period_id not in scenes:
            _, period_key = keys(session, report)
            plan, _, period = period_key.partition("/")
            scenes[report.period_id] = rows.scene(session, plan, period, now)
        scene = scenes[report.period_id]
        demand_running(session, scene.period.id)
        head = scene.heads[report.institution_id]
        asks = next(
            (
                row.asks
                for row in scene.ledger.rows(scene.period.id)
                if row.action.id == report.action_id and row.unit.id == head
            ),
            frozenset[str](),
        )
        key = (report.action_id, head)
        activities = gaps.activities_of(session, [key], scene.period.year, scene.family(head)).get(key, [])
        links = copies.outputs_of(session, loaded.working.id)
        known = evidence.described(session, actor, [link.product_id for link in links], report.period_id)
        lacks = gaps.missing(
            loaded.working,
            asks,
            activities,
            [(known[link.product_id], link.pages) for link in links if link.product_id in known],
        )
        found[report.public_id] = [
            FieldError(f"{report.public_id}.{each.name}", each.message, each.params) for each in lacks
        ]
    return found


def hand_over(
    session: Session, actor: Actor, batch: Sequence[copies.Loaded], receipt: Receipt, now: datetime
) -> None:
    """Hand in every draft that one of the rows names, once."""
    along: dict[str, None] = {}
    for loaded in batch:
        links = copies.outputs_of(session, loaded.working.id)
        known = evidence.described(
            session, actor, [link.product_id for link in links], loaded.report.period_id
        )
        along |= {output.public_id: None for output in known.values() if output.goes_along}
    drafts = [product_copies.load(session, actor, public_id) for public_id in along]
    for draft in drafts:
        policy.demand(policy.can_submit(actor, draft.subject))
    if drafts:
        products.hand_over(session, actor, drafts, receipt, now)


def take_back(session: Session, actor: Actor, snapshot: ReportCopy, now: datetime) -> None:
    """Take back the outputs that came in with a row, unless a reviewer has them or another row stands on them."""
    others = sa.exists(
        sa.select(ReportOutput.copy_id)
        .join(ReportCopy, ReportCopy.id == ReportOutput.copy_id)
        .where(
            ReportOutput.product_copy_id == Copy.id,
            ReportCopy.id != snapshot.id,
            ReportCopy.outcome == "pending",
        )
        .correlate(Copy)
    )
    found = session.scalars(
        sa.select(Product.public_id)
        .join(Version, Version.product_id == Product.id)
        .join(Copy, Copy.version_id == Version.id)
        .join(ReportOutput, ReportOutput.product_copy_id == Copy.id)
        .where(
            ReportOutput.copy_id == snapshot.id,
            Copy.receipt_id == snapshot.receipt_id,
            Copy.outcome == "pending",
            Version.reviewer_id.is_(None),
            Version.state == State.SUBMITTED,
            ~others,
        )
        .order_by(Product.id)
    ).all()
    for public_id in found:
        products.take_back(session, actor, product_copies.load(session, actor, public_id), now)
