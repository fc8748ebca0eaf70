"""What services share when they touch a report's copies: load, start, freeze, move."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub import policy
from khub.errors import NotFoundError
from khub.kinds import projection
from khub.plan.models import Activity, Institution
from khub.products import copies as product_copies
from khub.products import ids
from khub.products.models import WORKING, Copy, Version
from khub.reports import steps
from khub.reports.models import Report, ReportCopy, ReportOutput

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from khub.policy import Actor
    from khub.products.lifecycle import Act
    from khub.reports.evidence import Output


@dataclass(frozen=True, slots=True)
class Loaded:
    """A report with what an act on it needs."""

    report: Report
    working: ReportCopy
    latest: ReportCopy | None
    subject: policy.Subject


@dataclass(frozen=True, slots=True)
class Entry:
    """What a letter says, in an unsaved copy: it takes nothing of a draft that the K/L has.

    ``outputs``: named with their pages; an entry stands on the copies that its enterer could read.
    """

    copy: ReportCopy
    outputs: Sequence[tuple[Output, str]]


def load(session: Session, actor: Actor, public_id: str) -> Loaded:
    """Return a report, locked for change. 404 when it is not there or ``actor`` may read no copy of it."""
    report, every = _locked(session, public_id)
    if not any(policy.can_read(actor, content_of(report, copy)) for copy in every):
        raise NotFoundError
    return _loaded(session, report, every)


def load_any(session: Session, public_id: str) -> Loaded:
    """Return a report, locked for change, whoever asks: for acts that do not read what it says."""
    return _loaded(session, *_locked(session, public_id))


def _locked(session: Session, public_id: str) -> tuple[Report, Sequence[ReportCopy]]:
    report = session.scalar(sa.select(Report).where(Report.public_id == public_id).with_for_update())
    if report is None:
        raise NotFoundError
    every = session.scalars(
        sa.select(ReportCopy).where(ReportCopy.report_id == report.id).order_by(ReportCopy.number)
    ).all()
    return report, every


def _loaded(session: Session, report: Report, every: Sequence[ReportCopy]) -> Loaded:
    working, *snapshots = every
    latest = snapshots[-1] if snapshots else None
    return Loaded(report, working, latest, subject_of(session, report, latest))


def subject_of(session: Session, report: Report, latest: ReportCopy | None) -> policy.Subject:
    """Return the policy's facts for an act on a report."""
    return policy.Subject(
        institution_id=report.institution_id,
        pokja_id=report.pokja_id,
        submitted_by=latest.submitted_by if latest else None,
        official_submits=session.get_one(Institution, report.institution_id).official_submits,
    )


def entered_by(copy: ReportCopy, actor: Actor) -> bool:
    """Tell whether ``actor`` entered this snapshot *atas nama* its K/L."""
    return copy.on_behalf and copy.submitted_by == actor.person_id


def is_refusal(copy: ReportCopy, actor: Actor) -> bool:
    """Tell whether taking this snapshot back says that its K/L does not confirm what others entered for it."""
    return copy.on_behalf and copy.confirmed_at is None and not entered_by(copy, actor)


def content_of(report: Report, copy: ReportCopy) -> policy.Content:
    """Return the policy's facts about a copy."""
    return policy.Content(copy.access, report.classification, report.institution_id, report.pokja_id)


def start(
    session: Session,
    at: datetime,
    *,
    action_id: int,
    institution_id: int,
    period_id: int,
    pokja_id: int,
    classification: str,
) -> Loaded:
    """Add a report as a draft with an empty working copy."""
    report = Report(
        public_id=ids.report_id(),
        action_id=action_id,
        institution_id=institution_id,
        period_id=period_id,
        pokja_id=pokja_id,
        classification=classification,
        created_at=at,
    )
    steps.begin(session, report, at)
    working = ReportCopy(
        report_id=report.id, number=WORKING, access=policy.Access.DRAFT, values=[], revision=0, saved_at=at
    )
    session.add(working)
    session.flush()
    return Loaded(report, working, None, subject_of(session, report, None))


def freeze(
    session: Session,
    loaded: Loaded,
    at: datetime,
    person_id: int,
    receipt_id: int,
    *,
    entry: Entry | None = None,
) -> ReportCopy:
    """Take the next numbered snapshot and return it; ``entry``: of what was entered *atas nama*."""
    source = entry.copy if entry else loaded.working
    snapshot = ReportCopy(
        report_id=loaded.report.id,
        number=(loaded.latest.number if loaded.latest else 0) + 1,
        access=policy.Access.FROZEN,
        achievement=source.achievement,
        percent=source.percent,
        percent_why=source.percent_why,
        obstacles="" if source.no_obstacles else source.obstacles,
        no_obstacles=source.no_obstacles,
        follow_up=source.follow_up,
        values=named(session, source.values),
        offered_from=source.offered_from,
        revision=loaded.working.revision,
        saved_at=at,
        saved_by=person_id,
        submitted_at=at,
        submitted_by=person_id,
        receipt_id=receipt_id,
        outcome="pending",
    )
    session.add(snapshot)
    session.flush()
    along = (
        [(output.id, output.copy_id, pages) for output, pages in entry.outputs]
        if entry
        else [
            (output.product_id, standing(session, output.product_id), output.pages)
            for output in outputs_of(session, loaded.working.id)
        ]
    )
    for position, (product_id, product_copy_id, pages) in enumerate(along, 1):
        session.add(
            ReportOutput(
                copy_id=snapshot.id,
                product_id=product_id,
                product_copy_id=product_copy_id,
                pages=pages,
                position=position,
            )
        )
    session.flush()
    return snapshot


def move(session: Session, loaded: Loaded, act: Act, snapshot: ReportCopy, at: datetime) -> None:
    """Carry out a transition and give both copies the access groups it names."""
    step = steps.move(session, loaded.report, act, at)
    loaded.working.access = step.working
    snapshot.access = step.snapshot
    snapshot.outcome = step.outcome
    projection.refresh(session, projection.REPORT, [loaded.report.id], at)


def outputs_of(session: Session, copy_id: int) -> list[ReportOutput]:
    """Return the outputs that a copy names, in order."""
    return list(
        session.scalars(
            sa.select(ReportOutput)
            .where(ReportOutput.copy_id == copy_id)
            .order_by(ReportOutput.position, ReportOutput.product_id)
        )
    )


def standing(session: Session, product_id: int) -> int | None:
    """Return the snapshot of a keluaran that evidence stands on now, None while none was handed in."""
    found = session.execute(
        sa.select(Copy, Version)
        .join(Version, Version.id == Copy.version_id)
        .where(Version.product_id == product_id, Copy.number != WORKING, Copy.outcome != "withdrawn")
    ).all()
    ranked = [(product_copies.rank_of(copy, version), copy.id) for copy, version in found]
    return max(ranked)[1] if ranked else None


def named(session: Session, values: Sequence[dict[str, object]]) -> list[dict[str, object]]:
    """Return values with the name, unit and target of each kegiatan as they stand now."""
    ids = [each["activity"] for each in values]
    known = {a.id: a for a in session.scalars(sa.select(Activity).where(Activity.id.in_(ids)))}
    return [
        {**each, "name": activity.name, "unit": activity.unit, "target": activity.target}
        for each in values
        if (activity := known.get(int(str(each["activity"])))) is not None
    ]
