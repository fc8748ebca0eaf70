"""Reading for reviewers: one report with its outputs and everything a decision needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from khub import workdays
from khub.errors import N_, NotFoundError
from khub.plan.deadlines import Deadlines
from khub.plan.models import Action, Institution, Letter, Period, Plan, Pokja
from khub.plan.terms import RUNNING
from khub.products import copies, lifecycle
from khub.products.models import WORKING
from khub.products.queries import file_shown, short_name
from khub.reports.forms import page_spans
from khub.reports.models import Report, ReportCopy
from khub.reports.queries import readable_reports
from khub.review import cases, checklist, compare, desk, evidence, line, texts
from khub.review.desk import Desk
from khub.review.evidence import ActionShown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    import sqlalchemy as sa
    from sqlalchemy.orm import Session

    from khub.policy import Actor
    from khub.products.models import File
    from khub.products.queries import FileShown
    from khub.review.cases import Evidence
    from khub.review.compare import Again, ReportChanges

#: Pages named as evidence that are linked one by one.
_LINKED = 20
_CLOSED = N_("Periodenya sudah ditutup; keputusan baru dapat dicatat bila dibuka kembali.")


@dataclass(frozen=True, slots=True)
class Figure:
    """A kegiatan: target, last period's figure, total since January. ``fell``: below the last one."""

    name: str
    unit: str
    target: float | None
    last: float | None
    value: float | None
    why: str

    @property
    def fell(self) -> bool:
        """Tell whether the total is below that of the last period."""
        return self.last is not None and self.value is not None and self.value < self.last


@dataclass(frozen=True, slots=True)
class Output:
    """A keluaran of a report. ``named``: (file, page) of each page named as evidence, the first ones."""

    public_id: str
    title: str
    version: int
    snapshot: int
    state: str
    pages: str
    named: tuple[tuple[str, int], ...]
    files: tuple[FileShown, ...]
    waits: bool
    approved: bool

    @property
    def seen(self) -> str:
        """Return the name of its snapshot in forms."""
        return cases.seen(self.public_id, self.version, self.snapshot)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportItem(Desk):
    """A snapshot of a report. ``title`` is the aksi's; the texts are cut where they were said before.

    ``again``: files that were handed in for an earlier period; ``earlier``: name of the period whose
    approved report the texts were held against, "" for none. ``letter``: name of the file behind an
    entry *atas nama*.
    """

    action: ActionShown
    percent: int | None
    percent_why: str
    achievement: tuple[texts.Run, ...]
    obstacles: tuple[texts.Run, ...]
    no_obstacles: bool
    follow_up: tuple[texts.Run, ...]
    figures: tuple[Figure, ...]
    outputs: tuple[Output, ...]
    earlier: str
    again: tuple[Again, ...]
    changes: ReportChanges | None
    on_behalf: bool
    letter: str
    confirmed: bool

    @property
    def files(self) -> tuple[FileShown, ...]:
        """Return the files of all outputs in order."""
        return tuple(file for output in self.outputs for file in output.files)

    @property
    def seen(self) -> tuple[str, ...]:
        """Return the names of the waiting outputs that a decision takes along."""
        return tuple(output.seen for output in self.outputs if output.waits)

    @property
    def missing(self) -> tuple[Output, ...]:
        """Return the outputs that stand in the way of approving."""
        return tuple(output for output in self.outputs if not output.waits and not output.approved)

    @property
    def repeats(self) -> bool:
        """Tell whether any sentence was said before."""
        return any(run.reused for part in (self.achievement, self.obstacles, self.follow_up) for run in part)


def item(
    session: Session,
    actor: Actor,
    public_id: str,
    now: datetime,
    *,
    copy_id: int | None = None,
    second: bool = False,
) -> ReportItem:
    """Return the latest snapshot of a report that ``actor`` may read, or the one with ``copy_id``.

    404 where nothing was handed in. ``second``: see ``queries.item``.
    """
    found = _snapshots(session, actor, public_id)
    if copy_id is not None:
        ids = [copy.id for copy, _ in found]
        found = found[ids.index(copy_id) :] if copy_id in ids else []
    if not found:
        raise NotFoundError
    copy, report = found[0]
    institution = session.get_one(Institution, report.institution_id)
    period = session.get_one(Period, report.period_id)
    action = session.get_one(Action, report.action_id)
    held = cases.evidence_of(session, copy.id)
    files = evidence.files_of(session, [each.copy.id for each in held if each.copy is not None])
    before = compare.last_period(session, actor, report, period)
    pending = report.state == lifecycle.State.SUBMITTED and copy.outcome == "pending"
    running = period.state in RUNNING
    barred = line.barred(actor, report.institution_id, report.pokja_id, copy.submitted_by)
    if pending and not running:
        barred = barred or _CLOSED
    state = _state(copy, report)
    blind = second or desk.is_blind(session, actor, copy)
    submitted_at = copy.submitted_at or copy.saved_at
    deadline = Deadlines(session, {period.id: period.deadline}, now).of(
        period.id, institution.id, [action.id]
    )
    subject = evidence.of_report(report, institution, period, action.code, held, files)
    letter = session.get(Letter, copy.letter_id) if copy.letter_id is not None else None
    said = [getattr(before[0], name) for name in compare.TEXTS] if before is not None else []
    return ReportItem(
        case=cases.REPORT,
        public_id=public_id,
        title=action.title,
        state=state,
        version=0,
        snapshot=copy.number,
        institution=short_name(institution),
        institution_code=institution.code,
        pokja=session.get_one(Pokja, report.pokja_id).name,
        period=period.name,
        classification=report.classification,
        submitted_at=submitted_at,
        submitted_by=line.names(session, [copy.submitted_by]).get(copy.submitted_by, ""),
        receipt=desk.receipt_number(session, copy.receipt_id),
        age=workdays.elapsed(submitted_at, now),
        deadline=deadline,
        late=deadline is not None and (report.pressed_at or submitted_at) > deadline,
        pending=pending,
        holder=line.holders(session, actor, {public_id: report}, now).get(public_id) if pending else None,
        barred=barred,
        reopenable=not barred and running and report.state == lifecycle.State.APPROVED,
        decision=desk.decided(session, copy, state, blind=blind) if not pending and not second else None,
        checks=evidence.gather(session, [subject])[public_id] if pending or second else (),
        answers=checklist.stored(session, copy, second=second) if second or not blind else {},
        blind=blind,
        action=ActionShown(
            action.id, session.get_one(Plan, action.plan_id).code, action.code, action.title, action.measure
        ),
        percent=copy.percent,
        percent_why=copy.percent_why,
        achievement=texts.reused(copy.achievement, said),
        obstacles=texts.reused(copy.obstacles, said),
        no_obstacles=copy.no_obstacles,
        follow_up=texts.reused(copy.follow_up, said),
        figures=_figures(copy, before[0] if before is not None else None),
        outputs=tuple(_output(each, files) for each in held if each.copy is not None),
        earlier=before[2].name if before is not None else "",
        again=compare.handed_in_before(
            session, actor, report, period, [file for each in files.values() for file in each]
        ),
        changes=compare.reports(session, copy, found[1][0], report, period.name) if len(found) > 1 else None,
        on_behalf=copy.on_behalf,
        letter=letter.name if letter is not None else "",
        confirmed=copy.confirmed_at is not None,
    )


@dataclass(frozen=True, slots=True)
class Comparison:
    """A report beside the approved one of the last period."""

    public_id: str
    snapshot: int
    institution: str
    code: str
    title: str
    period: str
    changes: ReportChanges
    achievement: tuple[tuple[texts.Run, ...], tuple[texts.Run, ...]]
    obstacles: tuple[tuple[texts.Run, ...], tuple[texts.Run, ...]]
    follow_up: tuple[tuple[texts.Run, ...], tuple[texts.Run, ...]]
    again: tuple[Again, ...]


def comparison(session: Session, actor: Actor, public_id: str) -> Comparison:
    """Hold the latest snapshot of a report against the last period's approved report; 404 without one."""
    found = _snapshots(session, actor, public_id)
    if not found:
        raise NotFoundError
    copy, report = found[0]
    period = session.get_one(Period, report.period_id)
    before = compare.last_period(session, actor, report, period)
    if before is None:
        raise NotFoundError
    action = session.get_one(Action, report.action_id)
    files = evidence.files_of(
        session, [each.copy.id for each in cases.evidence_of(session, copy.id) if each.copy is not None]
    )
    earlier, earlier_report, earlier_period = before

    def both(name: str) -> tuple[tuple[texts.Run, ...], tuple[texts.Run, ...]]:
        old, new = getattr(earlier, name), getattr(copy, name)
        return (
            texts.reused(old, [getattr(copy, each) for each in compare.TEXTS]),
            texts.reused(new, [getattr(earlier, each) for each in compare.TEXTS]),
        )

    return Comparison(
        public_id=public_id,
        snapshot=copy.number,
        institution=short_name(session.get_one(Institution, report.institution_id)),
        code=action.code,
        title=action.title,
        period=period.name,
        changes=compare.reports(session, copy, earlier, earlier_report, earlier_period.name),
        achievement=both("achievement"),
        obstacles=both("obstacles"),
        follow_up=both("follow_up"),
        again=compare.handed_in_before(
            session, actor, report, period, [file for each in files.values() for file in each]
        ),
    )


def _snapshots(session: Session, actor: Actor, public_id: str) -> Sequence[sa.Row[ReportCopy, Report]]:
    return session.execute(
        readable_reports(actor)
        .where(Report.public_id == public_id, ReportCopy.number != WORKING)
        .order_by(ReportCopy.number.desc())
    ).all()


def _state(copy: ReportCopy, report: Report) -> str:
    """Return what a snapshot counts as: a state of the row, or "withdrawn"."""
    if copy.outcome == "approved":
        locked = report.state == lifecycle.State.LOCKED
        return lifecycle.State.LOCKED if locked else lifecycle.State.APPROVED
    return {"pending": lifecycle.State.SUBMITTED, "returned": lifecycle.State.RETURNED}.get(
        copy.outcome, copy.outcome
    )


def _figures(copy: ReportCopy, before: ReportCopy | None) -> tuple[Figure, ...]:
    last = compare.figures_of(before) if before is not None else {}
    return tuple(
        Figure(
            name=str(each.get("name", "")),
            unit=str(each.get("unit", "")),
            target=compare.number(each.get("target")),
            last=last.get(int(str(each["activity"])), ("", None))[1],
            value=compare.number(each.get("value")),
            why=str(each.get("why") or ""),
        )
        for each in copy.values
    )


def _output(each: Evidence, files: Mapping[int, Sequence[File]]) -> Output:
    assert each.copy is not None  # noqa: S101 - the caller leaves others out
    assert each.version is not None  # noqa: S101 - a copy has its version
    held = files.get(each.copy.id, ())
    numbers = [
        number
        for first, last in page_spans(each.pages)
        for number in range(first, min(last, first + _LINKED) + 1)
    ]
    named = [
        (file.public_id, number)
        for number in numbers[:_LINKED]
        for file in [next((file for file in held if file.page_count >= number), None)]
        if file is not None
    ]
    return Output(
        public_id=each.public_id,
        title=each.copy.title,
        version=each.version.number,
        snapshot=each.copy.number,
        state=copies.status_of(each.copy, each.version),
        pages=each.pages,
        named=tuple(named),
        files=tuple(file_shown(file) for file in held),
        waits=each.waits,
        approved=each.approved,
    )
