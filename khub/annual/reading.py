"""The page of a report: one chapter at a time, its check of figures, its masukan, its citations."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub import policy
from khub.accounts.models import Person
from khub.annual import citations, compose, tokens
from khub.annual.document import Section
from khub.annual.inspection import Inspection
from khub.annual.masukan import subject
from khub.annual.models import AnnualComment, AnnualEdition, AnnualParagraph
from khub.annual.outline import PAGES
from khub.checking.model import Mark
from khub.errors import NotFoundError
from khub.plan.models import Institution
from khub.policy import Right, holds
from khub.products.queries import short_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from khub.annual.citations import Cited
    from khub.annual.compose import Draft
    from khub.annual.document import Block, Table
    from khub.annual.figures import Offer
    from khub.annual.following import SectionRow
    from khub.annual.inspection import Found
    from khub.annual.models import AnnualReport
    from khub.policy import Actor

#: Masukan beside a chapter; the page of all masukan has the rest.
_BESIDE = 20


@dataclass(frozen=True, slots=True)
class Head:
    """What stands above every page of a report. ``editions``: the number of the last, 0 for none."""

    public_id: str
    title: str
    plan: str
    year: int
    as_of: datetime
    revision: int
    saved_at: datetime
    input_until: datetime | None
    input_open: bool
    editions: int
    edit: bool
    comment: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """A place of the report in the list at its side. ``page``: the key of the page it stands on."""

    key: str
    page: str
    level: int
    heading: str
    current: bool
    paragraphs: int
    faults: int
    comments: int


@dataclass(frozen=True, slots=True)
class Segment:
    """Words of a paragraph. ``kind``: text, figure, citation; ``wrong``: which fault of the page, 0 for none."""

    kind: str
    text: str
    number: int = 0
    wrong: int = 0


@dataclass(frozen=True, slots=True)
class ParagraphShown:
    """A paragraph: as readers see it, and as it is written."""

    id: int
    place: int
    segments: tuple[Segment, ...]
    table: Table | None
    text: str
    revision: int
    author: str
    saved_at: datetime | None
    first: bool
    last: bool


@dataclass(frozen=True, slots=True)
class SectionShown:
    """A section of the page with its paragraphs."""

    section: Section
    paragraphs: tuple[ParagraphShown, ...]


@dataclass(frozen=True, slots=True)
class FoundShown:
    """A phrase with the section it stands in; ``index`` is its fault's number on the page, 0 for none."""

    found: Found
    section: str
    index: int


@dataclass(frozen=True, slots=True)
class Checked:
    """Periksa angka on the page: how many phrases of each kind, and those that ask for a look."""

    matches: int
    mismatches: int
    unknowns: int
    shown: tuple[FoundShown, ...]

    @property
    def phrases(self) -> int:
        """Return how many phrases were found."""
        return self.matches + self.mismatches + self.unknowns


@dataclass(frozen=True, slots=True)
class CommentShown:
    """A masukan with its answer. ``section``: number and title of where it belongs; ``page`` its page's key."""

    id: int
    paragraph: int
    section: str
    page: str
    institution: str
    text: str
    at: datetime
    answer: str
    reply: str
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class CitedShown:
    """A citation with the number that readers see, 0 for one that stands nowhere yet."""

    number: int
    cited: Cited


@dataclass(frozen=True, slots=True)
class Chapter:
    """Everything a page of the report shows. ``basket``: all citations, for the open paragraph."""

    head: Head
    entries: tuple[Entry, ...]
    page: str
    heading: str
    sections: tuple[SectionShown, ...]
    checked: Checked
    comments: tuple[CommentShown, ...]
    cited: tuple[CitedShown, ...]
    basket: tuple[CitedShown, ...]
    offers: tuple[Offer, ...]
    editing: int


def chapter(
    session: Session, actor: Actor, public_id: str, now: datetime, *, part: str = "", editing: int = 0
) -> Chapter:
    """Return the page ``part`` of a draft ("": the first). 404 where ``actor`` may not read it."""
    draft = compose.load(session, public_id)
    head = head_of(session, actor, draft.report, draft.plan.name, now)
    page_of = pages(draft.sections)
    chosen = page_of.get(part) if part else draft.sections[0].key
    if chosen is None:
        raise NotFoundError
    inspection = Inspection.load(session, draft)
    on_page = [row for row in draft.sections if page_of[row.key] == chosen]
    checked = _checked(inspection, on_page) if head.edit else Checked(0, 0, 0, ())
    composed = {each.key: each for each in inspection.composer.sections(optional=True)}
    waiting = _waiting(session, draft)
    authors = _authors(session, [p for row in on_page for p in draft.paragraphs.get(row.id, ())])
    shown = tuple(_section(draft, row, composed[row.key], checked, authors) for row in on_page)
    numbers = inspection.composer.numbers
    here = _keys(draft, on_page)
    cited = citations.load(session, actor, draft.report.id, None if editing and head.edit else here)
    return Chapter(
        head=head,
        entries=_entries(draft, inspection, page_of, chosen, waiting, with_faults=head.edit),
        page=chosen,
        heading=composed[chosen].heading,
        sections=shown,
        checked=checked,
        comments=comments_on(session, draft, [p.id for each in shown for p in each.paragraphs], _BESIDE),
        cited=tuple(
            CitedShown(numbers[key], cited[key])
            for key in sorted(here, key=numbers.__getitem__)
            if key in cited
        ),
        basket=tuple(
            CitedShown(numbers.get(key, 0), each) for key, each in sorted(cited.items(), reverse=True)
        ),
        offers=draft.figures.offers() if editing and head.edit else (),
        editing=editing if head.edit else 0,
    )


def head_of(session: Session, actor: Actor, report: AnnualReport, plan: str, now: datetime) -> Head:
    """Return the head of a draft. 404 where ``actor`` may not read it."""
    its = subject(session, report, now)
    policy.demand(policy.can_read_annual(actor, its), visible=False)
    last = session.scalar(
        sa.select(sa.func.max(AnnualEdition.number)).where(AnnualEdition.report_id == report.id)
    )
    return Head(
        public_id=report.public_id,
        title=report.title,
        plan=plan,
        year=report.year,
        as_of=report.as_of,
        revision=report.revision,
        saved_at=report.saved_at,
        input_until=report.input_until,
        input_open=its.input_open,
        editions=last or 0,
        edit=holds(actor, Right.COMPILE),
        comment=bool(policy.can_comment_annual(actor, its)),
    )


def pages(sections: Iterable[SectionRow | Section]) -> dict[str, str]:
    """Return section key → key of the section whose page it stands on."""
    found, at = {}, ""
    for row in sections:
        if row.kind in PAGES:
            at = row.key
        elif row.kind == "branch":
            at = "capaian"
        found[row.key] = at
    return found


def _keys(draft: Draft, rows: Iterable[SectionRow]) -> list[int]:
    texts = [p.text for row in rows for p in draft.paragraphs.get(row.id, ())]
    return list(dict.fromkeys(key for text in texts for key in tokens.citations_in(text)))


def _checked(inspection: Inspection, rows: Sequence[SectionRow]) -> Checked:
    found = [(row, each) for row in rows for each in inspection.of(row)]
    marks = [each.finding.mark for _, each in found]
    shown, index = [], 0
    for row, each in found:
        if each.finding.mark == Mark.MATCH:
            continue
        index += each.open
        shown.append(FoundShown(each, row.number or row.title, index if each.open else 0))
    return Checked(
        matches=marks.count(Mark.MATCH),
        mismatches=marks.count(Mark.MISMATCH),
        unknowns=marks.count(Mark.UNKNOWN),
        shown=tuple(sorted(shown, key=lambda each: (each.index == 0, each.index))),
    )


def _section(
    draft: Draft,
    row: SectionRow,
    section: Section,
    checked: Checked,
    authors: Mapping[int, str],
) -> SectionShown:
    paragraphs = draft.paragraphs.get(row.id, ())
    return SectionShown(
        replace(section, blocks=()),
        tuple(
            ParagraphShown(
                id=paragraph.id,
                place=place,
                segments=segments(
                    block, [each for each in checked.shown if each.found.paragraph == block.id]
                ),
                table=block.table,
                text=paragraph.text,
                revision=paragraph.revision,
                author=authors.get(paragraph.saved_by or 0, ""),
                saved_at=paragraph.saved_at,
                first=place == 1,
                last=place == len(paragraphs),
            )
            for place, (paragraph, block) in enumerate(zip(paragraphs, section.blocks, strict=True), 1)
        ),
    )


def segments(block: Block, found: Sequence[FoundShown] = ()) -> tuple[Segment, ...]:
    """Return a paragraph's words cut where a live figure or a wrong phrase begins or ends."""
    wrong = [(each.found.first, each.found.last, each.index) for each in found if each.index]
    cut, at = [], 0
    for run in block.runs:
        until = at + len(run.text)
        edges = sorted({at, until, *(e for pair in wrong for e in pair[:2] if at < e < until)})
        for first, last in pairwise(edges):
            index = next((i for start, end, i in wrong if start <= first < end), 0)
            cut.append(Segment(run.kind, block.text[first:last], run.number, index))
        at = until
    return tuple(cut)


def _waiting(session: Session, draft: Draft) -> dict[int, int]:
    """Return section id → how many masukan wait for an answer."""
    found = session.execute(
        sa.select(AnnualParagraph.section_id, sa.func.count())
        .join(AnnualComment, AnnualComment.paragraph_id == AnnualParagraph.id)
        .where(AnnualComment.report_id == draft.report.id, AnnualComment.answer == "")
        .group_by(AnnualParagraph.section_id)
    )
    return {row[0]: row[1] for row in found}


def _authors(session: Session, paragraphs: Sequence[AnnualParagraph]) -> dict[int, str]:
    ids = {paragraph.saved_by for paragraph in paragraphs if paragraph.saved_by is not None}
    found = session.execute(sa.select(Person.id, Person.name).where(Person.id.in_(ids)))
    return {row.id: row.name for row in found}


def _entries(
    draft: Draft,
    inspection: Inspection,
    page_of: Mapping[str, str],
    chosen: str,
    waiting: Mapping[int, int],
    *,
    with_faults: bool,
) -> tuple[Entry, ...]:
    """Return chapters with the sums of all their parts, and the parts of the chapter one is in."""
    chapters: list[list[SectionRow]] = []
    for row in draft.sections:
        if row.level == 1:
            chapters.append([])
        chapters[-1].append(row)
    entries = []
    for rows in chapters:
        here = any(page_of[row.key] == chosen for row in rows)
        entries.append(_entry(draft, inspection, page_of, chosen, waiting, rows, with_faults=with_faults))
        parts = [(place, row) for place, row in enumerate(rows) if 1 < row.level < 4] if here else []  # noqa: PLR2004 - actions are not listed
        for place, row in parts:
            own = [row, *_under(rows[place + 1 :], row.level)]
            entries.append(_entry(draft, inspection, page_of, chosen, waiting, own, with_faults=with_faults))
    return tuple(entries)


def _under(rows: Sequence[SectionRow], level: int) -> list[SectionRow]:
    found = []
    for row in rows:
        if row.level <= level:
            break
        found.append(row)
    return found


def _entry(
    draft: Draft,
    inspection: Inspection,
    page_of: Mapping[str, str],
    chosen: str,
    waiting: Mapping[int, int],
    rows: Sequence[SectionRow],
    *,
    with_faults: bool,
) -> Entry:
    row = rows[0]
    section = Section(row.key, row.level, row.number, row.title, row.kind)
    return Entry(
        key=row.key,
        page=page_of[row.key],
        level=row.level,
        heading=section.heading,
        current=row.key == chosen,
        paragraphs=sum(len(draft.paragraphs.get(each.id, ())) for each in rows),
        faults=sum(inspection.open_faults(each) for each in rows) if with_faults else 0,
        comments=sum(waiting.get(each.id, 0) for each in rows),
    )


def comments_on(
    session: Session, draft: Draft, paragraph_ids: Sequence[int] | None, limit: int, offset: int = 0
) -> tuple[CommentShown, ...]:
    """Return masukan on these paragraphs (None: on the whole report), unanswered first, newest first."""
    query = (
        sa.select(AnnualComment, AnnualParagraph.section_id, Institution)
        .join(AnnualParagraph, AnnualParagraph.id == AnnualComment.paragraph_id)
        .join(Institution, Institution.id == AnnualComment.institution_id)
        .where(AnnualComment.report_id == draft.report.id)
    )
    if paragraph_ids is not None:
        query = query.where(AnnualComment.paragraph_id.in_(paragraph_ids))
    sections = {row.id: row for row in draft.sections}
    page_of = pages(draft.sections)
    return tuple(
        CommentShown(
            id=comment.id,
            paragraph=comment.paragraph_id,
            section=sections[section_id].number or sections[section_id].title,
            page=page_of[sections[section_id].key],
            institution=short_name(institution),
            text=comment.text,
            at=comment.at,
            answer=comment.answer,
            reply=comment.reply,
            answered_at=comment.answered_at,
        )
        for comment, section_id, institution in session.execute(
            query.order_by(AnnualComment.answer != "", AnnualComment.id.desc()).offset(offset).limit(limit)
        )
    )
