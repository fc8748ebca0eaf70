"""From rows to the document: tokens resolved, citations numbered, tables numbered by chapter."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub import policy
from khub.annual import citations, figures, following, outline, tokens
from khub.annual.document import Block, Document, Run, Section
from khub.annual.models import AnnualParagraph, AnnualReport, AnnualSection
from khub.annual.tokens import Kind
from khub.errors import NotFoundError
from khub.plan.models import Plan

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from khub.annual.citations import Cited
    from khub.annual.figures import Figures
    from khub.annual.following import SectionRow

#: Sections that a document leaves out while they hold nothing: a report need not speak of every action.
_OPTIONAL = ("action",)


@dataclass(frozen=True, slots=True)
class Draft:
    """All rows of a report in reading order, and its live figures."""

    report: AnnualReport
    plan: Plan
    sections: tuple[SectionRow, ...]
    paragraphs: Mapping[int, tuple[AnnualParagraph, ...]]
    figures: Figures

    @property
    def keys(self) -> tuple[int, ...]:
        """Return the keys of all citations in order of appearance, repeated ones too."""
        return tuple(
            key
            for section in self.sections
            for paragraph in self.paragraphs.get(section.id, ())
            for key in tokens.citations_in(paragraph.text)
        )


def load(session: Session, public_id: str) -> Draft:
    """Return a report whoever asks, in four statements and those of the ledger. 404 when it is not there."""
    found = session.execute(
        sa.select(AnnualReport, Plan)
        .join(Plan, Plan.id == AnnualReport.plan_id)
        .where(AnnualReport.public_id == public_id)
    ).one_or_none()
    if found is None:
        raise NotFoundError
    report, plan = found
    sections = session.scalars(
        sa.select(AnnualSection).where(AnnualSection.report_id == report.id).order_by(AnnualSection.position)
    ).all()
    paragraphs: dict[int, tuple[AnnualParagraph, ...]] = {}
    written = set()
    for paragraph in session.scalars(
        sa.select(AnnualParagraph)
        .where(AnnualParagraph.report_id == report.id)
        .order_by(AnnualParagraph.section_id, AnnualParagraph.position, AnnualParagraph.id)
    ):
        written.add(paragraph.section_id)
        if paragraph.deleted_at is None:
            paragraphs[paragraph.section_id] = (*paragraphs.get(paragraph.section_id, ()), paragraph)
    live = figures.load(session, plan.id, report.year, report.as_of, plan.branch_label)
    planned = outline.chapters(plan.name, plan.branch_label, report.year, live.ledger.on_table(report.year))
    return Draft(report, plan, following.follow(sections, planned, written), paragraphs, live)


class Composer:
    """Turns paragraphs into blocks, in reading order: tables are numbered as they come."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.numbers = citations.numbered(draft.keys)
        self.said: dict[str, str] = {}
        self.broken: list[tuple[SectionRow, AnnualParagraph, str]] = []

    def sections(self, *, optional: bool) -> tuple[Section, ...]:
        """Return every section; ``optional``: those too that hold nothing and need not be there."""
        found = []
        chapter, tables = 0, 0
        for row in self.draft.sections:
            if row.level == 1:
                chapter, tables = chapter + 1, 0
            blocks = []
            for paragraph in self.draft.paragraphs.get(row.id, ()):
                block = self.block(row, paragraph)
                if block.table is not None:
                    tables += 1
                    prefix = "L" if self._in_appendix(row) else str(chapter)
                    block = replace(block, table=replace(block.table, number=f"{prefix}.{tables}"))
                blocks.append(block)
            if blocks or optional or not (row.gone or row.kind in _OPTIONAL):
                found.append(Section(row.key, row.level, row.number, row.title, row.kind, tuple(blocks)))
        return tuple(found)

    def block(self, section: SectionRow, paragraph: AnnualParagraph) -> Block:
        """Return a paragraph with its tokens resolved; one that names nothing shows as written."""
        piece = tokens.table_of(paragraph.text)
        if piece is not None:
            table = self.draft.figures.table(piece)
            if table is not None:
                return Block(paragraph.id, table=table)
        runs = []
        for each in tokens.split(paragraph.text):
            run = self._run(each)
            if run.broken:
                self.broken.append((section, paragraph, each.raw))
            runs.append(run)
        return Block(paragraph.id, tuple(runs))

    def _run(self, piece: tokens.Piece) -> Run:
        run = Run("text", piece.raw)
        match piece.kind:
            case Kind.CITATION:
                number = self.numbers[piece.number]
                run = Run("citation", f"[{number}]", piece.raw, number)
            case Kind.FIGURE:
                said = self.draft.figures.words(piece)
                if said is not None:
                    self.said[piece.raw] = said
                run = Run("figure", said or piece.raw, piece.raw, broken=said is None)
            case Kind.TABLE:
                run = Run("figure", piece.raw, piece.raw, broken=True)
        return replace(run, at=piece.start, length=piece.end - piece.start)

    @staticmethod
    def _in_appendix(section: SectionRow) -> bool:
        return section.kind == "appendix"


@dataclass(frozen=True, slots=True)
class Trouble:
    """What stands in the way of a document.

    ``blocked``: quoted without the choice that it needs; ``missing``: citation marks without a citation;
    ``broken``: (section, paragraph, token) that names no figure. ``restricted``: it quotes, by choice,
    what not every signed-in reader may read.
    """

    blocked: tuple[Cited, ...]
    missing: tuple[int, ...]
    broken: tuple[tuple[str, int, str], ...]
    restricted: bool


def document(session: Session, draft: Draft, *, edition: int = 0) -> tuple[Document, Trouble]:
    """Return the whole document, and what stands in the way of handing it on."""
    composer = Composer(draft)
    sections = composer.sections(optional=False)
    cited = citations.load(session, policy.SYSTEM, draft.report.id, list(composer.numbers))
    made = Document(
        title=draft.report.title,
        plan=draft.plan.name,
        year=draft.report.year,
        as_of=draft.report.as_of,
        sections=sections,
        references=tuple(
            cited[key].reference(number) for key, number in composer.numbers.items() if key in cited
        ),
        figures=composer.said,
        edition=edition,
    )
    return made, Trouble(
        blocked=tuple(each for each in cited.values() if each.blocked),
        missing=tuple(key for key in composer.numbers if key not in cited),
        broken=tuple((section.key, paragraph.id, raw) for section, paragraph, raw in composer.broken),
        restricted=any(each.restricted for each in cited.values()),
    )
