"""Reading frozen editions, what one changed against another, and the files made of a report."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub import policy
from khub.accounts.models import Person
from khub.annual import document as documents
from khub.annual.models import AnnualEdition, AnnualExport, AnnualReport
from khub.annual.queries import Change, compare, editions_of
from khub.annual.reading import Entry, ParagraphShown, SectionShown, segments
from khub.errors import NotFoundError
from khub.policy import Annual, Right, holds

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from khub.annual.document import Block, Document, Section, Table
    from khub.policy import Actor

#: Levels that the list of chapters names; actions below them are not listed.
_LISTED = 3


@dataclass(frozen=True, slots=True)
class Edition:
    """A frozen edition. ``whole``: its content still has the hash it was frozen with."""

    report: str
    title: str
    number: int
    as_of: datetime
    revision: int
    restricted: bool
    sha256: str
    whole: bool
    note: str
    frozen_by: str
    frozen_at: datetime
    numbers: tuple[int, ...]
    document: Document


def edition(session: Session, actor: Actor, public_id: str, number: int) -> Edition:
    """Return an edition of a report. 404 where ``actor`` may not read it."""
    found = session.execute(
        sa.select(AnnualEdition, AnnualReport, Person.name)
        .join(AnnualReport, AnnualReport.id == AnnualEdition.report_id)
        .outerjoin(Person, Person.id == AnnualEdition.frozen_by)
        .where(AnnualReport.public_id == public_id, AnnualEdition.number == number)
    ).one_or_none()
    if found is None:
        raise NotFoundError
    row, report, person = found
    policy.demand(
        policy.can_read_annual(actor, Annual(frozen=True, restricted=row.restricted)), visible=False
    )
    numbers = session.scalars(
        sa.select(AnnualEdition.number)
        .where(AnnualEdition.report_id == report.id, editions_of(actor))
        .order_by(AnnualEdition.number)
    )
    return Edition(
        report=report.public_id,
        title=report.title,
        number=row.number,
        as_of=row.as_of,
        revision=row.revision,
        restricted=row.restricted,
        sha256=row.sha256,
        whole=documents.digest(row.content) == row.sha256,
        note=row.note,
        frozen_by=person or "",
        frozen_at=row.frozen_at,
        numbers=tuple(numbers),
        document=documents.parse(row.content),
    )


# -- exports -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ExportShown:
    """A file that was asked for. ``edition`` 0: of the draft."""

    public_id: str
    format: str
    edition: int
    state: str
    progress: int
    why: str
    name: str
    size: int
    sha256: str
    requested_by: str
    requested_at: datetime


@dataclass(frozen=True, slots=True)
class Exports:
    """The files of a report. ``edit``: whether the reader may ask for more; ``editions`` to choose from."""

    report: str
    title: str
    edit: bool
    editions: tuple[int, ...]
    total: int
    rows: tuple[ExportShown, ...]


def exports(session: Session, actor: Actor, public_id: str, *, offset: int, limit: int) -> Exports:
    """Return the files that ``actor`` may have. 404 for who may read neither draft nor an edition."""
    report = session.scalar(sa.select(AnnualReport).where(AnnualReport.public_id == public_id))
    edit = holds(actor, Right.COMPILE)
    numbers = (
        session.scalars(
            sa.select(AnnualEdition.number)
            .where(AnnualEdition.report_id == report.id, editions_of(actor))
            .order_by(AnnualEdition.number.desc())
        ).all()
        if report is not None
        else []
    )
    if report is None or not (edit or numbers):
        raise NotFoundError
    query = (
        sa.select(AnnualExport, AnnualEdition.number, Person.name)
        .outerjoin(AnnualEdition, AnnualEdition.id == AnnualExport.edition_id)
        .outerjoin(Person, Person.id == AnnualExport.requested_by)
        .where(AnnualExport.report_id == report.id)
    )
    if not edit:
        query = query.where(AnnualExport.edition_id.is_not(None), editions_of(actor))
    total = session.scalar(query.with_only_columns(sa.func.count(), maintain_column_froms=True))
    return Exports(
        report=report.public_id,
        title=report.title,
        edit=edit,
        editions=tuple(numbers),
        total=total or 0,
        rows=tuple(
            ExportShown(
                public_id=row.public_id,
                format=row.format,
                edition=number or 0,
                state=row.state,
                progress=row.progress,
                why=row.why,
                name=row.name,
                size=row.size,
                sha256=row.sha256,
                requested_by=person or "",
                requested_at=row.requested_at,
            )
            for row, number, person in session.execute(
                query.order_by(AnnualExport.id.desc()).offset(offset).limit(limit)
            )
        ),
    )


# -- what changed ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that differs. ``kind``: added, removed, changed (words), figure, table, reference."""

    kind: str
    section: str
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """An edition beside an earlier one."""

    later: Edition
    earlier: int
    differences: tuple[Difference, ...]


def compared(session: Session, actor: Actor, public_id: str, number: int, earlier: int) -> Compared:
    """Return what edition ``number`` changed against ``earlier``. 404 where ``actor`` may not read both."""
    later = edition(session, actor, public_id, number)
    if earlier >= number:
        raise NotFoundError
    before = edition(session, actor, public_id, earlier)
    return Compared(later, earlier, tuple(differences(before.document, later.document)))


def differences(before: Document, after: Document) -> Iterator[Difference]:
    """Yield what differs between two documents: figures first, then paragraphs and tables in order."""
    for token in [*before.figures, *(new for new in after.figures if new not in before.figures)]:
        old, new = before.figures.get(token), after.figures.get(token)
        if old is not None and new is not None and old != new:
            yield Difference("figure", token, (Change("-", old), Change("+", new)))
    old_blocks, new_blocks = _blocks(before), _blocks(after)
    for key, (heading, block) in new_blocks.items():
        old_block = old_blocks.get(key, ("", None))[1]
        if old_block is None:
            yield Difference("added", heading, (Change("+", _said(block)),))
        elif block.table is not None or old_block.table is not None:
            if _said(block) != _said(old_block):
                yield Difference("table", heading, compare(_said(old_block), _said(block)))
        elif _narrative(block) != _narrative(old_block):
            yield Difference("changed", heading, compare(old_block.text, block.text))
    for key, (heading, block) in old_blocks.items():
        if key not in new_blocks:
            yield Difference("removed", heading, (Change("-", _said(block)),))
    yield from _references(before, after)


def _references(before: Document, after: Document) -> Iterator[Difference]:
    def listed(which: Document) -> dict[tuple[str, str, str], str]:
        return {
            (each.source, each.place, each.quote): f"{each.source}, {each.place}: {each.quote}"
            for each in which.references
        }

    old, new = listed(before), listed(after)
    for key, words in new.items():
        if key not in old:
            yield Difference("reference", "", (Change("+", words),))
    for key, words in old.items():
        if key not in new:
            yield Difference("reference", "", (Change("-", words),))


def _blocks(which: Document) -> dict[int, tuple[str, Block]]:
    return {block.id: (part.heading, block) for part in which.sections for block in part.blocks}


def _narrative(block: Block) -> tuple[str, ...]:
    """Return a paragraph without what its live figures say: those are told apart."""
    return tuple(
        run.token if run.kind == "figure" else run.text for run in block.runs if run.kind != "citation"
    )


def _said(block: Block) -> str:
    return block.text if block.table is None else _lines(block.table)


def _lines(table: Table) -> str:
    rows = (table.head, *table.rows, *((table.foot,) if table.foot else ()))
    return "\n".join((table.caption, *(" | ".join(row) for row in rows)))


# -- an edition as pages show it -----------------------------------------------------------------------


def shown(part: Section) -> SectionShown:
    """Return a section of a frozen document as the pages of drafts show theirs."""
    return SectionShown(
        replace(part, blocks=()),
        tuple(
            ParagraphShown(
                id=block.id,
                place=place,
                segments=segments(block),
                table=block.table,
                text="",
                revision=0,
                author="",
                saved_at=None,
                first=place == 1,
                last=place == len(part.blocks),
            )
            for place, block in enumerate(part.blocks, 1)
        ),
    )


def entries(parts: Sequence[Section], page_of: Mapping[str, str], chosen: str) -> tuple[Entry, ...]:
    """Return the chapters of a frozen document, with the parts of the one that is open."""
    found = []
    chapter = ""
    for part in parts:
        if part.level == 1:
            chapter = part.key
        inside = _of_chapter(parts, chapter)
        here = any(page_of[key] == chosen for key in inside)
        if part.level == 1 or (here and part.level <= _LISTED):
            found.append(
                Entry(
                    key=part.key,
                    page=page_of[part.key],
                    level=part.level,
                    heading=part.heading,
                    current=part.key == chosen,
                    paragraphs=sum(len(each.blocks) for each in parts if each.key in inside),
                    faults=0,
                    comments=0,
                )
            )
    return tuple(found)


def _of_chapter(parts: Sequence[Section], chapter: str) -> list[str]:
    keys, inside = [], False
    for part in parts:
        if part.level == 1:
            inside = part.key == chapter
        if inside:
            keys.append(part.key)
    return keys
