"""What a reviewer decides on: a keluaran that was handed in alone, or a report with its outputs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub import policy
from khub.errors import N_, ConflictError, NotFoundError
from khub.plan.models import Period
from khub.plan.terms import RUNNING
from khub.products import copies as product_copies
from khub.products import lifecycle
from khub.products.lifecycle import Act
from khub.products.models import WORKING, Copy, Product, Version
from khub.reports import copies as report_copies
from khub.reports import steps
from khub.reports.models import Report, ReportCopy, ReportOutput
from khub.reports.queries import COLUMNS, readable_reports

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from khub.policy import Actor
    from khub.products.lifecycle import Reviewed

PRODUCT, REPORT = "product", "report"
_REPORT_ID = "L-"


@dataclass(frozen=True, slots=True)
class Case:
    """A snapshot with what an act on it needs. ``version`` is 0 for a report.

    ``outputs``: the keluaran that wait with a report; ``missing``: public ids of those that were
    returned or taken back, so that the report cannot be approved with them.
    """

    public_id: str
    thing: Reviewed
    version: int
    snapshot: Copy | ReportCopy
    subject: policy.Subject
    loaded: product_copies.Loaded | report_copies.Loaded
    outputs: tuple[Case, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """Return "report" or "product"."""
        return REPORT if isinstance(self.loaded, report_copies.Loaded) else PRODUCT

    @property
    def seen(self) -> str:
        """Return what a form says to tell which snapshots the reviewer had before his eyes."""
        return seen(self.public_id, self.version, self.snapshot.number)

    @property
    def products(self) -> tuple[int, ...]:
        """Return the database id of the keluaran, nothing for a report."""
        loaded = self.loaded
        return () if isinstance(loaded, report_copies.Loaded) else (loaded.product.id,)

    def move(self, session: Session, act: Act, at: datetime) -> None:
        """Carry out a transition of the case itself, not of its outputs."""
        if isinstance(self.loaded, report_copies.Loaded):
            assert isinstance(self.snapshot, ReportCopy)  # noqa: S101 - the two are loaded together
            report_copies.move(session, self.loaded, act, self.snapshot, at)
        else:
            assert isinstance(self.snapshot, Copy)  # noqa: S101 - the two are loaded together
            product_copies.move(self.loaded, act, self.snapshot)


def seen(public_id: str, version: int, snapshot: int) -> str:
    """Return the name of one snapshot in forms, such as ``K-7QX2M4A:1:2``."""
    return f"{public_id}:{version}:{snapshot}"


def is_report(public_id: str) -> bool:
    """Tell whether a public id is that of a report."""
    return public_id.startswith(_REPORT_ID)


def load(session: Session, actor: Actor, public_id: str, act: Act) -> Case:
    """Return what ``act`` is to be done to, locked for change, with its latest snapshot.

    Raises ``NotFoundError``, ``ForbiddenError`` for one's own or one's unit's, and ``ConflictError``
    when the state does not allow the act, or the period of a report was closed meanwhile.
    """
    if is_report(public_id):
        return _report(session, actor, public_id, act)
    return _product(session, actor, public_id, act)


def _product(session: Session, actor: Actor, public_id: str, act: Act) -> Case:
    loaded = product_copies.load(session, actor, public_id)
    if loaded.latest is None and loaded.version.number > 1:  # the next version is still a draft
        if act is Act.REOPEN:
            raise ConflictError(
                N_("Pemilik sudah menyusun versi berikutnya; versi ini tidak dibuka kembali.")
            )
        loaded = product_copies.load(session, actor, public_id, loaded.version.number - 1)
    policy.demand(policy.can_review(actor, loaded.subject))
    if loaded.latest is None:
        raise NotFoundError
    lifecycle.check(loaded.version.state, act)
    if act is Act.REOPEN:
        _demand_no_report(session, loaded.latest)
    return Case(public_id, loaded.version, loaded.version.number, loaded.latest, loaded.subject, loaded)


def _demand_no_report(session: Session, copy: Copy) -> None:
    """Raise where an approved report stands on the copy: it would be approved without its evidence."""
    found = session.scalar(
        sa.select(Report.public_id)
        .join(ReportCopy, ReportCopy.report_id == Report.id)
        .join(ReportOutput, ReportOutput.copy_id == ReportCopy.id)
        .where(
            ReportOutput.product_copy_id == copy.id,
            ReportCopy.number != WORKING,
            ReportCopy.outcome == "approved",
        )
        .order_by(Report.id)
        .limit(1)
    )
    if found is not None:
        raise ConflictError(
            N_("Keluaran ini data dukung laporan %(report)s yang disetujui. Buka kembali laporannya dahulu."),
            report=found,
        )


def _report(session: Session, actor: Actor, public_id: str, act: Act) -> Case:
    loaded = report_copies.load(session, actor, public_id)
    if loaded.latest is None or not policy.can_read(
        actor, report_copies.content_of(loaded.report, loaded.latest)
    ):
        raise NotFoundError
    policy.demand(policy.can_review(actor, loaded.subject))
    lifecycle.check(loaded.report.state, act, steps.REFUSALS)
    # A shared lock: whoever closes the period waits for this decision, or this decision sees it closed.
    name, state = session.execute(
        sa.select(Period.name, Period.state)
        .where(Period.id == loaded.report.period_id)
        .with_for_update(read=True)
    ).one()
    if state not in RUNNING:
        raise ConflictError(
            N_("Periode %(period)s sudah ditutup. Keputusan baru dapat dicatat bila periode dibuka kembali."),
            period=name,
        )
    outputs, missing = [], []
    if act is not Act.REOPEN:
        for each in evidence_of(session, loaded.latest.id):
            if each.waits:
                case = _product(session, actor, each.public_id, Act.APPROVE)
                outputs.append(case)
            elif not each.approved:
                missing.append(each.public_id)
    return Case(
        public_id,
        loaded.report,
        0,
        loaded.latest,
        loaded.subject,
        loaded,
        tuple(outputs),
        tuple(missing),
    )


@dataclass(frozen=True, slots=True)
class Evidence:
    """A keluaran that a snapshot of a report names, and the copy it stands on now (None: none).

    The copy is the one that was frozen with the report, unless that was returned or taken back and
    something newer stands in its place.
    """

    product: Product
    version: Version | None
    copy: Copy | None
    pages: str

    @property
    def public_id(self) -> str:
        """Return the public id of the keluaran."""
        return self.product.public_id

    @property
    def approved(self) -> bool:
        """Tell whether the copy was approved."""
        return self.copy is not None and self.copy.outcome == "approved"

    @property
    def waits(self) -> bool:
        """Tell whether the copy waits for a decision."""
        return self.copy is not None and self.copy.outcome == "pending"


def evidence_of(session: Session, report_copy_id: int) -> list[Evidence]:
    """Return the keluaran of a report's snapshot in their order, in two statements."""
    return evidence_of_many(session, [report_copy_id]).get(report_copy_id, [])


def evidence_of_many(session: Session, report_copy_ids: Iterable[int]) -> dict[int, list[Evidence]]:
    """Return the keluaran of several snapshots of reports, by the snapshot's id, in two statements."""
    links = session.execute(
        sa.select(ReportOutput, Product)
        .join(Product, Product.id == ReportOutput.product_id)
        .where(ReportOutput.copy_id.in_(list(report_copy_ids)))
        .order_by(ReportOutput.copy_id, ReportOutput.position, Product.id)
    ).all()
    rows = session.execute(
        sa.select(Copy, Version)
        .join(Version, Version.id == Copy.version_id)
        .where(Version.product_id.in_({product.id for _, product in links}), Copy.number != WORKING)
    ).all()
    found: dict[int, list[Evidence]] = {}
    for link, product in links:
        own = [(copy, version) for copy, version in rows if version.product_id == product.id]
        frozen = next((row for row in own if row[0].id == link.product_copy_id), None)
        if frozen is None or frozen[0].outcome not in ("pending", "approved"):
            frozen = max(own, key=lambda row: product_copies.rank_of(row[0], row[1]), default=None)
        copy, version = frozen or (None, None)
        found.setdefault(link.copy_id, []).append(Evidence(product, version, copy, link.pages))
    return found


def with_a_report(actor: Actor) -> sa.ColumnElement[bool]:
    """Return the condition that a waiting keluaran is decided on together with a waiting report.

    ``evidence_of`` says the same of one report.
    """
    frozen = sa.orm.aliased(Copy)
    return sa.exists(
        sa.select(ReportOutput.copy_id)
        .join(ReportCopy, ReportCopy.id == ReportOutput.copy_id)
        .join(Report, Report.id == ReportCopy.report_id)
        .join(Period, Period.id == Report.period_id)
        .outerjoin(frozen, frozen.id == ReportOutput.product_copy_id)
        .where(
            ReportOutput.product_id == Product.id,
            ReportCopy.outcome == "pending",
            ReportCopy.number != WORKING,
            Report.state == lifecycle.State.SUBMITTED,
            Period.state.in_(RUNNING),
            policy.readable(actor, COLUMNS),
            sa.or_(frozen.id.is_(None), frozen.outcome != "approved"),
        )
        .correlate(Product)
    )


def report_of(session: Session, actor: Actor, product_id: int) -> str:
    """Return the public id of the waiting report that a waiting keluaran is decided on with, or ""."""
    found = session.execute(
        readable_reports(actor)
        .join(Period, Period.id == Report.period_id)
        .join(ReportOutput, ReportOutput.copy_id == ReportCopy.id)
        .where(
            ReportOutput.product_id == product_id,
            ReportCopy.outcome == "pending",
            ReportCopy.number != WORKING,
            Report.state == lifecycle.State.SUBMITTED,
            Period.state.in_(RUNNING),
        )
        .order_by(ReportCopy.submitted_at)
    ).all()
    for copy, report in found:
        if any(each.product.id == product_id and each.waits for each in evidence_of(session, copy.id)):
            return report.public_id
    return ""
