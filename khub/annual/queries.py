"""Reading around the report: the list, one paragraph's past, all masukan."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub import policy
from khub.annual import compose, reading
from khub.annual.models import (
    AnnualComment,
    AnnualEdition,
    AnnualParagraph,
    AnnualReport,
    AnnualRevision,
)
from khub.db import read_rows
from khub.errors import NotFoundError
from khub.plan.models import Action, ActionInstitution, ActionYear, Institution, Plan
from khub.policy import Annual, Right, Role, holds

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from khub.annual.reading import CommentShown, Head
    from khub.policy import Actor

_WORDS = re.compile(r"\s+|[^\s]+")
#: Longest text that is compared word by word; a longer one is shown whole before and after.
_COMPARED = 20_000


@dataclass(frozen=True, slots=True)
class ReportRow:
    """A report in the list. ``draft``: whether the reader may open the draft; ``editions``: those he may read."""

    public_id: str
    title: str
    plan: str
    year: int
    as_of: datetime
    revision: int
    saved_at: datetime
    input_until: datetime | None
    draft: bool
    editions: tuple[tuple[int, datetime], ...]


def report_list(
    session: Session, actor: Actor, now: datetime, *, offset: int, limit: int
) -> tuple[int, tuple[ReportRow, ...]]:
    """Return (how many, one page) of the reports of which ``actor`` may read the draft or an edition."""
    drafts, editions = drafts_of(actor, now), editions_of(actor)
    allowed = sa.or_(
        drafts,
        sa.exists(sa.select(AnnualEdition.id).where(AnnualEdition.report_id == AnnualReport.id, editions)),
    )
    total = session.scalar(sa.select(sa.func.count()).select_from(AnnualReport).where(allowed)) or 0
    found = session.execute(
        sa.select(AnnualReport, Plan.name, drafts.label("draft"))
        .join(Plan, Plan.id == AnnualReport.plan_id)
        .where(allowed)
        .order_by(AnnualReport.year.desc(), AnnualReport.id.desc())
        .offset(offset)
        .limit(limit)
    ).all()
    frozen: dict[int, tuple[tuple[int, datetime], ...]] = {}
    for report_id, number, at in session.execute(
        sa.select(AnnualEdition.report_id, AnnualEdition.number, AnnualEdition.frozen_at)
        .where(AnnualEdition.report_id.in_([report.id for report, _, _ in found]), editions)
        .order_by(AnnualEdition.number.desc())
    ):
        frozen[report_id] = (*frozen.get(report_id, ()), (number, at))
    return total, tuple(
        ReportRow(
            public_id=report.public_id,
            title=report.title,
            plan=plan,
            year=report.year,
            as_of=report.as_of,
            revision=report.revision,
            saved_at=report.saved_at,
            input_until=report.input_until,
            draft=bool(draft),
            editions=frozen.get(report.id, ()),
        )
        for report, plan, draft in found
    )


def anything(session: Session, actor: Actor, now: datetime) -> bool:
    """Tell whether there is a report that ``actor`` may read, for the menu; in one look-up."""
    if holds(actor, Right.COMPILE) or actor.has(Role.AUDITOR):
        return True
    if not policy.reads_content(actor):
        return False
    return read_rows(session, _any(actor), {"now": now}).scalar() is not None


@lru_cache(maxsize=256)
def _any(actor: Actor) -> sa.Select[int]:
    edition = sa.exists(
        sa.select(AnnualEdition.id).where(AnnualEdition.report_id == AnnualReport.id, editions_of(actor))
    )
    drafts = drafts_of(actor, sa.bindparam("now"))
    return sa.select(AnnualReport.id).where(sa.or_(drafts, edition)).limit(1)


def drafts_of(actor: Actor, now: datetime | sa.BindParameter[datetime]) -> sa.ColumnElement[bool]:
    """Return the SQL face of ``policy.can_read_annual`` on drafts."""
    if actor.has(Role.SECRETARIAT):
        return sa.true()
    mine = sorted(
        {
            grant.institution_id
            for grant in actor.grants
            if grant.institution_id is not None
            and policy.can_comment_annual(
                actor, Annual(institutions=frozenset({grant.institution_id}), input_open=True)
            )
        }
    )
    if not mine:
        return sa.false()
    responsible = sa.exists(
        sa.select(ActionInstitution.action_id)
        .join(Action, Action.id == ActionInstitution.action_id)
        .join(Institution, Institution.id == ActionInstitution.institution_id)
        .where(
            Action.plan_id == AnnualReport.plan_id,
            sa.or_(Institution.id.in_(mine), Institution.successor_id.in_(mine)),
        )
    )
    return sa.and_(AnnualReport.input_until >= now, responsible)


def editions_of(actor: Actor) -> sa.ColumnElement[bool]:
    """Return the SQL face of ``policy.can_read_annual`` on editions."""
    if policy.can_read_annual(actor, Annual(frozen=True, restricted=True)):
        return sa.true()
    if policy.can_read_annual(actor, Annual(frozen=True)):
        return AnnualEdition.restricted.is_(False)
    return sa.false()


def startable(session: Session, actor: Actor) -> tuple[tuple[str, str, int], ...]:
    """Return (plan code, plan name, year) of every year with a table that has no report yet, newest first."""
    del actor
    written = sa.exists(
        sa.select(AnnualReport.id).where(
            AnnualReport.plan_id == Plan.id, AnnualReport.year == ActionYear.year
        )
    )
    found = session.execute(
        sa.select(Plan.code, Plan.name, ActionYear.year)
        .join(Action, Action.plan_id == Plan.id)
        .join(ActionYear, ActionYear.action_id == Action.id)
        .where(~written)
        .distinct()
        .order_by(ActionYear.year.desc(), Plan.code)
    )
    return tuple((code, name, year) for code, name, year in found)


# -- one paragraph's past ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Change:
    """Words of a comparison: "" as before, "+" added, "-" taken out."""

    sign: str
    text: str


@dataclass(frozen=True, slots=True)
class RevisionShown:
    """One save of a paragraph, and what it changed against the one before."""

    id: int
    number: int
    act: str
    person: str
    at: datetime
    text: str
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Past:
    """A paragraph's revisions, newest first."""

    head: Head
    paragraph: int
    section: str
    page: str
    deleted: bool
    total: int
    revisions: tuple[RevisionShown, ...]


def past(
    session: Session,
    actor: Actor,
    public_id: str,
    paragraph_id: int,
    now: datetime,
    *,
    offset: int,
    limit: int,
) -> Past:
    """Return who wrote what in a paragraph, one page of it; for the Sekretariat."""
    draft = compose.load(session, public_id)
    head = reading.head_of(session, actor, draft.report, draft.plan.name, now)
    paragraph = session.get(AnnualParagraph, paragraph_id)
    if not head.edit or paragraph is None or paragraph.report_id != draft.report.id:
        raise NotFoundError
    section = next(row for row in draft.sections if row.id == paragraph.section_id)
    query = sa.select(AnnualRevision).where(AnnualRevision.paragraph_id == paragraph_id)
    total = session.scalar(sa.select(sa.func.count()).select_from(query.subquery())) or 0
    rows = session.scalars(query.order_by(AnnualRevision.id.desc()).offset(offset).limit(limit + 1)).all()
    shown = []
    for place, row in enumerate(rows[:limit]):
        before = next((other.text for other in rows[place + 1 :] if other.act != "conflict"), "")
        shown.append(
            RevisionShown(
                row.id, row.number, row.act, row.person, row.at, row.text, compare(before, row.text)
            )
        )
    return Past(
        head=head,
        paragraph=paragraph_id,
        section=f"{section.number} {section.title}".strip(),
        page=reading.pages(draft.sections)[section.key],
        deleted=paragraph.deleted_at is not None,
        total=total,
        revisions=tuple(shown),
    )


def compare(before: str, after: str) -> tuple[Change, ...]:
    """Return what turns ``before`` into ``after``, word by word; very long texts whole."""
    if before == after:
        return (Change("", after),) if after else ()
    if max(len(before), len(after)) > _COMPARED:
        return tuple(each for each in (Change("-", before), Change("+", after)) if each.text)
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    changes = []
    for act, i1, i2, j1, j2 in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if act == "equal":
            changes.append(Change("", "".join(new[j1:j2])))
            continue
        if i2 > i1:
            changes.append(Change("-", "".join(old[i1:i2])))
        if j2 > j1:
            changes.append(Change("+", "".join(new[j1:j2])))
    return tuple(changes)


# -- masukan -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Comments:
    """Masukan on a whole report, unanswered first."""

    head: Head
    total: int
    rows: tuple[CommentShown, ...]


def comments(
    session: Session, actor: Actor, public_id: str, now: datetime, *, offset: int, limit: int
) -> Comments:
    """Return one page of the masukan on a report. 404 for who may not read the draft."""
    draft = compose.load(session, public_id)
    head = reading.head_of(session, actor, draft.report, draft.plan.name, now)
    total = session.scalar(sa.select(sa.func.count()).where(AnnualComment.report_id == draft.report.id))
    return Comments(head, total or 0, reading.comments_on(session, draft, None, limit, offset))
