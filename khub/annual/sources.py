"""What can be quoted, as the person who compiles the report may read it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub import policy
from khub.annual.models import AnnualReport
from khub.annual.records import ANY_READER
from khub.errors import NotFoundError
from khub.plan.models import Action, Period
from khub.policy import Right, holds
from khub.products import copies, pages
from khub.products.models import Copy, CopyFile, File
from khub.products.queries import readable_copies
from khub.reports.models import Report, ReportCopy
from khub.reports.queries import readable_reports

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from khub.policy import Actor


@dataclass(frozen=True, slots=True)
class Source:
    """What is about to be quoted: a page of a file, or a report row (``page`` 0).

    ``restricted``: not every signed-in reader may read it, so that quoting it asks for a reason.
    """

    name: str
    title: str
    label: str
    text: str
    file: str
    page: int
    version: int
    snapshot: int
    row: str
    sha256: str
    restricted: bool


def page_source(
    session: Session,
    actor: Actor,
    file: str,
    page: int,
    *,
    version: int | None = None,
    snapshot: int | None = None,
) -> Source:
    """Return a page that ``actor`` may quote from, through the snapshot asked for or the one in force."""
    query = (
        readable_copies(actor)
        .add_columns(File)
        .join(CopyFile, CopyFile.copy_id == Copy.id)
        .join(File, File.id == CopyFile.file_id)
        .where(File.public_id == file)
    )
    found = [
        row
        for row in session.execute(query)
        if version in (None, row[1].number) and snapshot in (None, row[0].number)
    ]
    if not found:
        raise NotFoundError
    copy, its_version, product, source = max(found, key=lambda row: copies.rank_of(row[0], row[1]))
    stored = pages.page_texts(session, [(source.id, page)]).get((source.id, page))
    if stored is None:
        raise NotFoundError
    return Source(
        name=f"{product.public_id} v{its_version.number}",
        title=copy.title,
        label=f"hlm. {stored.label}",
        text=stored.text,
        file=file,
        page=page,
        version=its_version.number,
        snapshot=copy.number,
        row="",
        sha256=source.sha256,
        restricted=not policy.can_read(ANY_READER, copies.content_of(product, copy)),
    )


def row_source(session: Session, actor: Actor, row: str) -> Source:
    """Return a report row that ``actor`` may quote from, in its newest readable snapshot."""
    found = session.execute(
        readable_reports(actor)
        .add_columns(Action.code, Period.name)
        .join(Action, Action.id == Report.action_id)
        .join(Period, Period.id == Report.period_id)
        .where(Report.public_id == row, ReportCopy.outcome.in_(("approved", "pending", "returned")))
        .order_by(ReportCopy.number.desc())
        .limit(1)
    ).one_or_none()
    if found is None:
        raise NotFoundError
    copy, report, code, period = found
    content = policy.Content(copy.access, report.classification, report.institution_id, report.pokja_id)
    return Source(
        name=row,
        title=f"Laporan {code}, {period}",
        label=f"cuplikan {copy.number}",
        text="\n\n".join(text for text in (copy.achievement, copy.obstacles, copy.follow_up) if text),
        file="",
        page=0,
        version=copy.number,
        snapshot=copy.number,
        row=row,
        sha256="",
        restricted=not policy.can_read(ANY_READER, content),
    )


def open_reports(session: Session, actor: Actor, limit: int = 50) -> Sequence[tuple[str, str]]:
    """Return (public id, title) of the newest reports, for the select of the quoting page."""
    if not holds(actor, Right.COMPILE):
        return ()
    found = session.execute(
        sa.select(AnnualReport.public_id, AnnualReport.title)
        .order_by(AnnualReport.year.desc(), AnnualReport.id.desc())
        .limit(limit)
    )
    return [(row.public_id, row.title) for row in found]
