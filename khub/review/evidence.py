"""Gathers from the database what the machine's checks look at, for one item or for many at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub.plan.models import Action, ActionInstitution, ActionYear, Institution, Period, Plan
from khub.products import pages
from khub.products.models import Copy, CopyAction, CopyFile, File, Page, Product, Version
from khub.products.queries import file_shown
from khub.reports.models import Report, ReportCopy
from khub.review import cases, checks

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy.orm import Session

    from khub.review.cases import Case, Evidence
    from khub.review.checks import Check

#: Pages of text that are looked through: the first over all files, and the last of each file.
_PAGES = 30
_LAST = 3
#: Pages without text that are named one by one.
_NAMED = 50


@dataclass(frozen=True, slots=True)
class ActionShown:
    """An action with its measure of success, which the keluaran is to fit."""

    id: int
    plan: str
    code: str
    title: str
    measure: str


@dataclass(frozen=True, slots=True)
class Subject:
    """What is checked: ``key`` names it to the caller; ``answers`` are the owners' on personal data.

    ``names``: of the K/L, as a letterhead may say them. ``report``: it may be without files.
    """

    key: str
    institution_id: int
    names: tuple[str, ...]
    period: Period | None
    actions: tuple[tuple[int, str], ...]
    files: tuple[File, ...]
    answers: tuple[str, ...]
    report: bool = False


def actions_with_measure(session: Session, copy_id: int) -> tuple[ActionShown, ...]:
    """Return the actions of a keluaran's copy in order."""
    rows = session.execute(
        sa.select(Action.id, Plan.code.label("plan"), Action.code, Action.title, Action.measure)
        .join(CopyAction, CopyAction.action_id == Action.id)
        .join(Plan, Plan.id == Action.plan_id)
        .where(CopyAction.copy_id == copy_id)
        .order_by(CopyAction.position, Action.code)
    )
    return tuple(ActionShown(row.id, row.plan, row.code, row.title, row.measure) for row in rows)


def files_of(session: Session, copy_ids: Iterable[int]) -> dict[int, list[File]]:
    """Return the files of several copies in order, by the copy's id, in one statement."""
    found: dict[int, list[File]] = {}
    for copy_id, file in session.execute(
        sa.select(CopyFile.copy_id, File)
        .join(File, File.id == CopyFile.file_id)
        .where(CopyFile.copy_id.in_(list(copy_ids)))
        .order_by(CopyFile.copy_id, CopyFile.position, File.id)
    ):
        found.setdefault(copy_id, []).append(file)
    return found


def of_report(
    report: Report,
    institution: Institution,
    period: Period,
    code: str,
    held: Iterable[Evidence],
    files: Mapping[int, Sequence[File]],
) -> Subject:
    """Return what is checked of a report: all its keluaran. ``files``: see ``files_of``; ``code``: the aksi's."""
    copies = [each.copy for each in held if each.copy is not None]
    return Subject(
        key=report.public_id,
        institution_id=institution.id,
        names=(institution.name, institution.abbreviation),
        period=period,
        actions=((report.action_id, code),),
        files=tuple(file for copy in copies for file in files.get(copy.id, ())),
        answers=tuple(copy.personal_data for copy in copies),
        report=True,
    )


def of_product(
    public_id: str,
    copy: Copy,
    institution: Institution,
    period: Period | None,
    actions: Iterable[tuple[int, str]],
    files: Sequence[File],
) -> Subject:
    """Return what is checked of a keluaran. ``actions``: (id, code)."""
    return Subject(
        key=public_id,
        institution_id=institution.id,
        names=(institution.name, institution.abbreviation),
        period=period,
        actions=tuple(actions),
        files=tuple(files),
        answers=(copy.personal_data,),
    )


def of_waiting(session: Session, wanted: Sequence[tuple[str, int]]) -> list[Subject]:
    """Return what is checked of snapshots of reports and of keluaran, by (kind, copy id); nine statements."""
    reports = session.execute(
        sa.select(ReportCopy.id, Report, Institution, Period, Action.code)
        .join(Report, Report.id == ReportCopy.report_id)
        .join(Institution, Institution.id == Report.institution_id)
        .join(Period, Period.id == Report.period_id)
        .join(Action, Action.id == Report.action_id)
        .where(ReportCopy.id.in_([copy_id for kind, copy_id in wanted if kind == cases.REPORT]))
    ).all()
    products = session.execute(
        sa.select(Copy, Product.public_id, Institution, Period)
        .join(Version, Version.id == Copy.version_id)
        .join(Product, Product.id == Version.product_id)
        .join(Institution, Institution.id == Product.institution_id)
        .outerjoin(Period, Period.id == Copy.period_id)
        .where(Copy.id.in_([copy_id for kind, copy_id in wanted if kind == cases.PRODUCT]))
    ).all()
    held = cases.evidence_of_many(session, [row[0] for row in reports])
    files = files_of(
        session,
        {row[0].id for row in products}
        | {each.copy.id for every in held.values() for each in every if each.copy is not None},
    )
    actions: dict[int, list[tuple[int, str]]] = {}
    for copy_id, action_id, code in session.execute(
        sa.select(CopyAction.copy_id, Action.id, Action.code)
        .join(Action, Action.id == CopyAction.action_id)
        .where(CopyAction.copy_id.in_([row[0].id for row in products]))
        .order_by(CopyAction.position, Action.code)
    ):
        actions.setdefault(copy_id, []).append((action_id, code))
    return [
        *(
            of_report(report, institution, period, code, held.get(copy_id, ()), files)
            for copy_id, report, institution, period, code in reports
        ),
        *(
            of_product(public_id, copy, institution, period, actions.get(copy.id, ()), files.get(copy.id, ()))
            for copy, public_id, institution, period in products
        ),
    ]


def of_case(session: Session, case: Case) -> tuple[Check, ...]:
    """Return the machine's side of the checklist of what is about to be decided on."""
    return gather(session, of_waiting(session, [(case.kind, case.snapshot.id)]))[case.public_id]


def gather(session: Session, subjects: Sequence[Subject]) -> dict[str, tuple[Check, ...]]:
    """Return the machine's side of the checklist of each subject, in five statements for all of them."""
    files = [file for subject in subjects for file in subject.files]
    read, failed = _reading(session, files)
    first = {subject.key: _first(subject.files) for subject in subjects}
    last = {subject.key: _last(subject.files) for subject in subjects}
    texts = pages.page_texts(
        session,
        {
            (file.id, number)
            for subject in subjects
            for file, number in (*first[subject.key], *last[subject.key])
        },
    )

    def read_of(wanted: Iterable[tuple[File, int]]) -> list[checks.PageRead]:
        return [
            checks.PageRead(file_shown(file), number, texts[file.id, number].text)
            for file, number in wanted
            if (file.id, number) in texts
        ]

    ids = {action for subject in subjects for action, _ in subject.actions}
    years = {subject.period.year for subject in subjects if subject.period is not None}
    on_table = {
        (action, year)
        for action, year in session.execute(
            sa.select(ActionYear.action_id, ActionYear.year).where(
                ActionYear.action_id.in_(ids), ActionYear.year.in_(years)
            )
        )
    }
    tied = {
        (action, institution)
        for action, institution in session.execute(
            sa.select(ActionInstitution.action_id, ActionInstitution.institution_id).where(
                ActionInstitution.action_id.in_(ids)
            )
        )
    }
    return {
        subject.key: _checks(
            subject,
            read_of(first[subject.key]),
            read_of((*last[subject.key], *first[subject.key])),
            (read, failed),
            [code for key, code in subject.actions if (key, _year(subject)) not in on_table],
            [code for key, code in subject.actions if (key, subject.institution_id) not in tied],
        )
        for subject in subjects
    }


def _checks(
    subject: Subject,
    first: list[checks.PageRead],
    both: list[checks.PageRead],
    reading: tuple[dict[str, int], dict[str, tuple[int, ...]]],
    off_table: list[str],
    strangers: list[str],
) -> tuple[Check, ...]:
    fits = checks.of_actions(_year(subject), off_table, strangers)
    if subject.report and not subject.files:
        rest = ("period", "signed", "letterhead", "reading", "personal")
        return (fits, *(checks.without_files(name) for name in rest))
    period, shown = subject.period, [file_shown(file) for file in subject.files]
    span = checks.Range(period.name, period.starts, period.ends) if period is not None else None
    return (
        fits,
        checks.of_period(span, first),
        checks.of_signature(both),
        checks.of_letterhead(subject.names, first),
        checks.of_reading(shown, *reading),
        checks.of_personal_data(shown, _answer(subject)),
    )


def _answer(subject: Subject) -> str:
    """Return what the owners answered together: the answer that all gave, else none."""
    return subject.answers[0] if len(set(subject.answers)) == 1 else ""


def _year(subject: Subject) -> int | None:
    return subject.period.year if subject.period is not None else None


def _first(files: Sequence[File]) -> list[tuple[File, int]]:
    """Return every file's first page before more of any, up to the limit, in the order of the files."""
    heads = [(file, 1) for file in files if file.page_count]
    rest = [(file, number) for file in files for number in range(2, file.page_count + 1)]
    kept = {(file.id, number) for file, number in (*heads, *rest)[:_PAGES]}
    return [
        (file, number)
        for file in files
        for number in range(1, min(file.page_count, _PAGES) + 1)
        if (file.id, number) in kept
    ]


def _last(files: Sequence[File]) -> list[tuple[File, int]]:
    """Return the last pages of the first files, where a signature stands."""
    return [
        (file, number)
        for file in files[:_PAGES]
        for number in range(file.page_count, max(file.page_count - _LAST, 0), -1)
    ]


def _reading(session: Session, files: Sequence[File]) -> tuple[dict[str, int], dict[str, tuple[int, ...]]]:
    ids = {file.id: file.public_id for file in files}
    read = {
        ids[file_id]: count
        for file_id, count in session.execute(
            sa.select(Page.file_id, sa.func.count())
            .where(Page.file_id.in_(ids), Page.error == "")
            .group_by(Page.file_id)
        )
    }
    failed: dict[str, tuple[int, ...]] = {}
    for file_id, number in session.execute(
        sa.select(Page.file_id, Page.number)
        .where(Page.file_id.in_(ids), Page.error != "")
        .order_by(Page.file_id, Page.number)
        .limit(_NAMED)
    ):
        failed[ids[file_id]] = (*failed.get(ids[file_id], ()), number)
    return read, failed
