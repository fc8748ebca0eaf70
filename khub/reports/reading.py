"""The page of one report: what it says, what proves it, its snapshots, what the reader may do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub import policy
from khub.accounts.models import Person
from khub.errors import NotFoundError
from khub.plan.models import Institution, Letter, Period, Plan
from khub.products import copies as product_copies
from khub.products.lifecycle import State
from khub.products.models import WORKING, Copy, CopyFile, File, Product, Receipt, Version
from khub.reports import evidence, rows
from khub.reports.copies import entered_by, is_refusal, named, subject_of
from khub.reports.earlier import earlier
from khub.reports.forms import page_spans
from khub.reports.gaps import fallen
from khub.reports.models import Report, ReportCopy, ReportOutput
from khub.reports.queries import readable_reports

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from khub.cycle.facts import Row
    from khub.policy import Actor
    from khub.reports.rows import Place, Scene

_OUTCOMES = {"pending": State.SUBMITTED, "returned": State.RETURNED, "withdrawn": "withdrawn"}


@dataclass(frozen=True, slots=True)
class FigureShown:
    """The total since January of a kegiatan, with target, last period's figure, and why it fell."""

    name: str
    unit: str
    target: float | None
    last: float | None
    value: float | None
    why: str
    fallen: bool


@dataclass(frozen=True, slots=True)
class EvidenceShown:
    """A keluaran named as evidence; ``pages`` are (label, public id of the file or "", page number)."""

    public_id: str
    title: str
    version: int
    snapshot: int
    state: str
    pages: tuple[tuple[str, str, int], ...]


@dataclass(frozen=True, slots=True)
class SnapshotShown:
    """One readable copy of the report; ``number`` 0 is the working copy."""

    number: int
    state: str
    date: datetime
    by: str
    on_behalf: bool
    letter: str
    confirmed_at: datetime | None
    confirmed_by: str
    outcome: str
    note: str
    due_at: datetime | None
    decided_at: datetime | None
    decided_by: str
    bulk: bool
    receipt: str
    current: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything the page of a report shows. ``row`` holds the official facts (state, deadline, late).

    ``refuses``: taking it back says that what was entered *atas nama* the K/L is not confirmed.
    """

    public_id: str
    place: Place
    row: Row
    institution: str
    classification: str
    number: int
    achievement: str
    percent: int | None
    percent_why: str
    last_percent: int | None
    figures_period: str
    obstacles: str
    no_obstacles: bool
    follow_up: str
    offered: str
    figures: tuple[FigureShown, ...]
    outputs: tuple[EvidenceShown, ...]
    snapshots: tuple[SnapshotShown, ...]
    following_until: datetime | None
    may_edit: bool
    may_withdraw: bool
    refuses: bool
    may_confirm: bool
    may_classify: bool
    may_follow: bool

    @property
    def current(self) -> SnapshotShown:
        """Return the copy that the page shows."""
        return next(each for each in self.snapshots if each.current)


def reading(session: Session, actor: Actor, public_id: str, now: datetime, number: int | None) -> Reading:
    """Return the page of a report; copy ``number``, else the one that stands. 404 for none to read."""
    found = session.execute(
        readable_reports(actor).where(Report.public_id == public_id[:20]).order_by(ReportCopy.number)
    ).all()
    if not found:
        raise NotFoundError
    report = found[0][1]
    every = [copy for copy, _ in found]
    chosen = max((c for c in every if number in (None, c.number)), key=_rank, default=None)
    if chosen is None:
        raise NotFoundError
    scene, row = _row(session, report, now)
    family = scene.family(row.unit.id)
    before = earlier(session, actor, scene.period, scene.plan_id, [report.action_id], family).get(
        report.action_id
    )
    latest = session.scalar(
        sa.select(ReportCopy)
        .where(ReportCopy.report_id == report.id, ReportCopy.number != WORKING)
        .order_by(ReportCopy.number.desc())
        .limit(1)
    )
    subject = subject_of(session, report, latest)
    reports_it = policy.can_report(actor, subject).allowed
    entered_it = latest is not None and entered_by(latest, actor)
    unconfirmed = bool(reports_it and latest and latest.on_behalf and latest.confirmed_at is None)
    waiting = report.state == State.SUBMITTED and row.period.running
    return Reading(
        public_id=report.public_id,
        place=rows.Place(scene.plan, scene.period.code, row.unit.code, row.action.code),
        row=row,
        institution=session.get_one(Institution, report.institution_id).name,
        classification=report.classification,
        number=chosen.number,
        achievement=chosen.achievement,
        percent=chosen.percent,
        percent_why=chosen.percent_why,
        last_percent=before.percent if before is not None else None,
        figures_period=before.figures_period if before is not None else "",
        obstacles=chosen.obstacles,
        no_obstacles=chosen.no_obstacles,
        follow_up=chosen.follow_up,
        offered=_offered(session, chosen),
        figures=_figures(session, chosen, before.values if before is not None else {}),
        outputs=_outputs(session, actor, report, chosen),
        snapshots=_snapshots(session, report, every, chosen),
        following_until=report.following_until if waiting else None,
        may_edit=policy.can_fill(actor, subject).allowed
        and row.period.running
        and report.state in (State.DRAFT, State.RETURNED),
        may_withdraw=(reports_it or entered_it) and waiting and report.reviewer_id is None,
        refuses=reports_it and latest is not None and is_refusal(latest, actor),
        may_confirm=bool(
            unconfirmed and latest and latest.outcome != "withdrawn" and latest.number == chosen.number
        ),
        may_classify=policy.can_classify(actor, subject).allowed,
        may_follow=bool(reports_it and waiting and report.following_until and report.following_until >= now),
    )


def _rank(copy: ReportCopy) -> tuple[bool, int]:
    return copy.outcome != "withdrawn", copy.number if copy.number != WORKING else 9_999


def _row(session: Session, report: Report, now: datetime) -> tuple[Scene, Row]:
    plan, period = session.execute(
        sa.select(Plan.code, Period.code)
        .join(Plan, Plan.id == Period.plan_id)
        .where(Period.id == report.period_id)
    ).one()
    scene = rows.scene(session, plan, period, now)
    head = scene.heads[report.institution_id]
    for row in scene.ledger.rows(report.period_id):
        if row.action.id == report.action_id and row.unit.id == head:
            return scene, row
    raise NotFoundError


def _offered(session: Session, copy: ReportCopy) -> str:
    if copy.offered_from is None:
        return ""
    return (
        session.scalar(
            sa.select(Period.name)
            .join(Report, Report.period_id == Period.id)
            .join(ReportCopy, ReportCopy.report_id == Report.id)
            .where(ReportCopy.id == copy.offered_from)
        )
        or ""
    )


def _figures(session: Session, copy: ReportCopy, last: dict[int, float]) -> tuple[FigureShown, ...]:
    """Return figures under the names of their time; a draft's under those in force."""
    values = copy.values if copy.number != WORKING else named(session, copy.values)
    shown = []
    for each in values:
        value, target = each["value"], each["target"]
        before = last.get(int(str(each["activity"])))
        shown.append(
            FigureShown(
                name=str(each["name"]),
                unit=str(each["unit"]),
                target=target if isinstance(target, int | float) else None,
                last=before,
                value=value if isinstance(value, int | float) else None,
                why=str(each["why"]),
                fallen=fallen(value, before),
            )
        )
    return tuple(shown)


def _outputs(session: Session, actor: Actor, report: Report, chosen: ReportCopy) -> tuple[EvidenceShown, ...]:
    """Return the outputs that the reader may read: a draft's as they are, a snapshot's as handed in."""
    if chosen.number == WORKING:
        links = session.scalars(
            sa.select(ReportOutput).where(ReportOutput.copy_id == chosen.id).order_by(ReportOutput.position)
        ).all()
        known = evidence.described(session, actor, [link.product_id for link in links], report.period_id)
        return tuple(
            EvidenceShown(
                output.public_id,
                output.title,
                output.version,
                0,
                output.state,
                _pages(link.pages, [(file.public_id, file.page_count) for file in output.files]),
            )
            for link in links
            if (output := known.get(link.product_id)) is not None
        )
    found = session.execute(
        sa.select(ReportOutput, Copy, Version, Product)
        .join(Copy, Copy.id == ReportOutput.product_copy_id)
        .join(Version, Version.id == Copy.version_id)
        .join(Product, Product.id == Version.product_id)
        .where(ReportOutput.copy_id == chosen.id, Product.discarded_at.is_(None))
        .order_by(ReportOutput.position)
    ).all()
    readable = [row for row in found if policy.can_read(actor, product_copies.content_of(row[3], row[1]))]
    files: dict[int, list[tuple[str, int]]] = {}
    for copy_id, file_id, pages in session.execute(
        sa.select(CopyFile.copy_id, File.public_id, File.page_count)
        .join(File, File.id == CopyFile.file_id)
        .where(CopyFile.copy_id.in_([copy.id for _, copy, _, _ in readable]))
        .order_by(CopyFile.position, File.id)
    ):
        files.setdefault(copy_id, []).append((file_id, pages))
    return tuple(
        EvidenceShown(
            product.public_id,
            copy.title,
            version.number,
            copy.number,
            product_copies.status_of(copy, version),
            _pages(link.pages, files.get(copy.id, [])),
        )
        for link, copy, version, product in readable
    )


def _pages(said: str, files: Sequence[tuple[str, int]]) -> tuple[tuple[str, str, int], ...]:
    """Return where each part of the pages leads: the first file that has such a page."""
    return tuple(
        (
            str(first) if first == last else f"{first}–{last}",
            next((file for file, count in files if count >= first), ""),
            first,
        )
        for first, last in page_spans(said)
    )


def _snapshots(
    session: Session, report: Report, every: Sequence[ReportCopy], chosen: ReportCopy
) -> tuple[SnapshotShown, ...]:
    people = _names(session, Person.id, Person.name, (p for c in every for p in _people(c)))
    receipts = _names(session, Receipt.id, Receipt.number, (c.receipt_id for c in every))
    letters = _names(session, Letter.id, Letter.public_id, (c.letter_id for c in every))
    return tuple(
        SnapshotShown(
            number=copy.number,
            state=_state(copy, report),
            date=copy.submitted_at or copy.saved_at,
            by=people.get(copy.submitted_by or copy.saved_by or 0, ""),
            on_behalf=copy.on_behalf,
            letter=letters.get(copy.letter_id or 0, ""),
            confirmed_at=copy.confirmed_at,
            confirmed_by=people.get(copy.confirmed_by or 0, ""),
            outcome=copy.outcome,
            note=copy.note,
            due_at=copy.due_at,
            decided_at=copy.decided_at,
            decided_by=people.get(copy.decided_by or 0, ""),
            bulk=copy.bulk,
            receipt=receipts.get(copy.receipt_id or 0, ""),
            current=copy is chosen,
        )
        for copy in sorted(every, key=lambda each: each.number or 9_999, reverse=True)
    )


def _people(copy: ReportCopy) -> tuple[int | None, ...]:
    return copy.submitted_by, copy.saved_by, copy.decided_by, copy.confirmed_by


def _state(copy: ReportCopy, report: Report) -> str:
    if copy.number == WORKING:
        return report.state
    if copy.outcome == "approved":
        return State.LOCKED if report.state == State.LOCKED else State.APPROVED
    return _OUTCOMES[copy.outcome]


def _names(
    session: Session,
    key: sa.orm.InstrumentedAttribute[int],
    name: sa.orm.InstrumentedAttribute[str],
    ids: Iterable[int | None],
) -> dict[int, str]:
    wanted = {each for each in ids if each is not None}
    found = session.execute(sa.select(key, name).where(key.in_(wanted)))
    return {row_id: text for row_id, text in found}  # noqa: C416 - rows are not pairs to a type checker
