"""Reports, actions and K/L → the columns that search masks, counts and groups by.

Written in the transaction of every change, as those of keluaran are: a report taken back, returned or
approved is found or not found from that moment on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub import outbox
from khub.kinds.models import KindEntry
from khub.plan.models import Action, ActionInstitution, ActionYear, Branch, Focus, Institution, Period, Pokja
from khub.policy import Access, Classification, Content
from khub.products.lifecycle import State
from khub.products.models import WORKING
from khub.reports.models import Report, ReportCopy
from khub.search import projection

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

REPORT, ACTION, UNIT = "report", "action", "unit"
#: In this order they number the texts of the index they share.
KINDS = (REPORT, ACTION, UNIT)
#: Outbox kinds: put one text into the index; bring the columns of everything up to the catalogue.
TEXT = "kind-text"
CATALOGUE = "kind-catalogue"
#: The plan and its K/L are read by everybody who reads at all.
OPEN = Content(Access.APPROVED, Classification.OPEN, 0, 0).access_class
_OUTCOMES = {"pending": State.SUBMITTED, "returned": State.RETURNED, "withdrawn": "withdrawn"}
_CHUNK = 500

Described = dict[int, list[dict[str, object]]]


def number_of(kind: str, key: int) -> int:
    """Return the number under which the index knows a text: of a report's copy, an action, a K/L."""
    return key * len(KINDS) + KINDS.index(kind)


def named(number: int) -> tuple[str, int]:
    """Return the kind and the key of a text."""
    return KINDS[number % len(KINDS)], number // len(KINDS)


def refresh(session: Session, kind: str, ids: Iterable[int], at: datetime, *, texts: bool = True) -> None:
    """Rewrite the search columns of these subjects; ask for words that went and, with ``texts``, for the rest."""
    session.flush()
    wanted = sorted(set(ids))
    for first in range(0, len(wanted), _CHUNK):
        part = wanted[first : first + _CHUNK]
        # The epoch's row lock first: what is described then is all that was committed before.
        epoch = projection.tick(session)
        described = describe(session, kind, part)
        known = {
            entry.subject_id: entry
            for entry in session.scalars(
                sa.select(KindEntry).where(KindEntry.kind == kind, KindEntry.subject_id.in_(part))
            )
        }
        for subject in part:
            copies = described.get(subject, [])
            entry = known.get(subject)
            now = {int(str(copy["copy"])) for copy in copies}
            before = {int(str(copy["copy"])) for copy in entry.copies} if entry is not None else set[int]()
            if entry is None:
                session.add(KindEntry(kind=kind, subject_id=subject, epoch=epoch, copies=copies))
            else:
                entry.copies, entry.epoch = copies, epoch
            # A draft that was handed in is found no more: its words leave the index, too.
            for number in sorted((now if texts else set()) | (before - now)):
                outbox.enqueue(session, TEXT, number, at, priority=4)
    session.flush()


def catalogue_changed(session: Session, at: datetime) -> None:
    """Ask for everything that names actions, K/L or periods to be described anew."""
    outbox.enqueue(session, CATALOGUE, 0, at, priority=4)


def stale(session: Session, kind: str) -> list[int]:
    """Return the subjects of a kind whose columns are not what the database says."""
    ids = session.scalars(sa.select(_MODELS[kind].id).order_by(_MODELS[kind].id)).all()
    found: list[int] = []
    for first in range(0, len(ids), _CHUNK):
        part = ids[first : first + _CHUNK]
        described = describe(session, kind, part)
        kept = {
            entry.subject_id: entry.copies
            for entry in session.execute(
                sa.select(KindEntry.subject_id, KindEntry.copies).where(
                    KindEntry.kind == kind, KindEntry.subject_id.in_(part)
                )
            )
        }
        found += [subject for subject in part if kept.get(subject) != described.get(subject, [])]
    return found


def describe(session: Session, kind: str, ids: Sequence[int]) -> Described:
    """Return the searchable copies of each subject: JSON objects with the keys of ``indexer.units``."""
    if kind == REPORT:
        return _reports(session, ids)
    return _actions(session, ids) if kind == ACTION else _units(session, ids)


_MODELS: dict[str, type[Report | Action | Institution]] = {
    REPORT: Report,
    ACTION: Action,
    UNIT: Institution,
}


def _reports(session: Session, ids: Collection[int]) -> Described:
    found: Described = {}
    for row in session.execute(
        sa.select(
            ReportCopy.id,
            ReportCopy.number,
            ReportCopy.access,
            ReportCopy.outcome,
            ReportCopy.submitted_at,
            Report,
            Action.code.label("action"),
            Focus.code.label("focus"),
            Branch.code.label("branch"),
            Institution.code.label("unit"),
            Pokja.code.label("pokja"),
            Period.code.label("period"),
            Period.year,
        )
        .join(Report, Report.id == ReportCopy.report_id)
        .join(Action, Action.id == Report.action_id)
        .join(Focus, Focus.id == Action.focus_id)
        .join(Branch, Branch.id == Focus.branch_id)
        .join(Institution, Institution.id == Report.institution_id)
        .join(Pokja, Pokja.id == Report.pokja_id)
        .join(Period, Period.id == Report.period_id)
        .where(Report.id.in_(ids), ReportCopy.access != Access.FROZEN)
        .order_by(Report.id, ReportCopy.number)
    ):
        report = row.Report
        content = Content(row.access, report.classification, report.institution_id, report.pokja_id)
        found.setdefault(report.id, []).append(
            _copy(
                REPORT,
                row.id,
                rank=_rank(row.number, row.outcome),
                access=content.access_class,
                date=int(f"{row.submitted_at or report.created_at:%Y%m%d}"),
                pilar=[row.branch],
                fokus=[row.focus],
                aksi=[row.action],
                kl=[row.unit],
                pokja=[row.pokja],
                periode=[row.period],
                tahun=[str(row.year)],
                status=[status_of(row.number, row.outcome, report.state)],
                klasifikasi=[report.classification],
            )
        )
    return found


def _rank(number: int, outcome: str) -> int:
    """Return which copy stands for its report: the open draft, then the newest that was not taken back."""
    if number == WORKING:
        return 109_999
    return number if outcome == "withdrawn" else 100_000 + number


def status_of(number: int, outcome: str, state: str) -> str:
    """Return the state that a copy of a report shows."""
    if number == WORKING:
        return state
    if outcome == "approved":
        return State.LOCKED if state == State.LOCKED else State.APPROVED
    return _OUTCOMES[outcome]


def _actions(session: Session, ids: Collection[int]) -> Described:
    units: dict[int, list[str]] = {}
    for action, code in session.execute(
        sa.select(ActionInstitution.action_id, Institution.code)
        .join(Institution, Institution.id == ActionInstitution.institution_id)
        .where(ActionInstitution.action_id.in_(ids))
    ):
        units.setdefault(action, []).append(code)
    years: dict[int, list[str]] = {}
    for action, year in session.execute(
        sa.select(ActionYear.action_id, ActionYear.year).where(ActionYear.action_id.in_(ids))
    ):
        years.setdefault(action, []).append(str(year))
    return {
        action: [
            _copy(
                ACTION,
                action,
                pilar=[branch],
                fokus=[focus],
                aksi=[code],
                kl=sorted(set(units.get(action, []))),
                tahun=sorted(years.get(action, [])),
            )
        ]
        for action, code, focus, branch in session.execute(
            sa.select(Action.id, Action.code, Focus.code, Branch.code)
            .join(Focus, Focus.id == Action.focus_id)
            .join(Branch, Branch.id == Focus.branch_id)
            .where(Action.id.in_(ids))
        )
    }


def _units(session: Session, ids: Collection[int]) -> Described:
    places: dict[int, list[tuple[str, str, str]]] = {}
    for unit, branch, focus, action in session.execute(
        sa.select(ActionInstitution.institution_id, Branch.code, Focus.code, Action.code)
        .join(Action, Action.id == ActionInstitution.action_id)
        .join(Focus, Focus.id == Action.focus_id)
        .join(Branch, Branch.id == Focus.branch_id)
        .where(ActionInstitution.institution_id.in_(ids))
    ):
        places.setdefault(unit, []).append((branch, focus, action))
    return {
        unit: [
            _copy(
                UNIT,
                unit,
                pilar=sorted({branch for branch, _, _ in places.get(unit, [])}),
                fokus=sorted({focus for _, focus, _ in places.get(unit, [])}),
                aksi=sorted({action for _, _, action in places.get(unit, [])}),
                kl=[code],
            )
        ]
        for unit, code in session.execute(
            sa.select(Institution.id, Institution.code).where(Institution.id.in_(ids))
        )
    }


def _copy(
    kind: str, key: int, *, rank: int = 0, access: str = OPEN, date: int = 0, **facets: list[str]
) -> dict[str, object]:
    number = number_of(kind, key)
    return {
        "copy": number,
        "rank": rank,
        "access": access,
        "files": [number],
        "date": date,
        "facets": facets,
    }
