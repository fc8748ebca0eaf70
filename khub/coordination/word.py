"""DOCX out: headings, paragraphs and tables in the styles of Word, A4, with a proofing language."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import docx
from docx.enum.section import WD_ORIENT
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt, RGBColor

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

#: Language of the page → language in which Word proofreads.
_PROOFING = {"id": "id-ID", "en": "en-GB"}
_A4 = (Mm(210), Mm(297))
_INK = RGBColor(0x14, 0x21, 0x3A)
#: Longest property of a document; python-docx refuses a longer one.
_PROPERTY = 255


@dataclass(frozen=True, slots=True)
class Title:
    """The paper's title."""

    text: str


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of level 1 to 3."""

    text: str
    level: int = 1


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph; ``quiet`` sets it as a caption."""

    text: str
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table with a head that repeats on every page. ``widths`` are shares of the text's width."""

    caption: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    widths: Sequence[int]


Block = Title | Heading | Paragraph | Table


@dataclass(frozen=True, slots=True)
class Paper:
    """A document. ``language`` is "id" or "en"; ``footer`` stands on every page before its number."""

    title: str
    language: str
    author: str
    made: datetime
    blocks: Sequence[Block]
    footer: str = ""


def write(paper: Paper) -> bytes:
    """Return ``paper`` as DOCX."""
    document = docx.Document()
    _set_page(document)
    _set_styles(document, _PROOFING[paper.language])
    properties = document.core_properties
    properties.title, properties.author = _clean(paper.title)[:_PROPERTY], _clean(paper.author)[:_PROPERTY]
    properties.comments, properties.language = "", _PROOFING[paper.language]
    properties.created = properties.modified = paper.made.replace(tzinfo=None)
    footer = document.sections[0].footer.paragraphs[0]
    footer.add_run(f"{_clean(paper.footer)} · " if paper.footer else "")
    _add_page_number(footer)
    for block in paper.blocks:
        match block:
            case Title(text):
                document.add_heading(_clean(text), 0)
            case Heading(text, level):
                document.add_heading(_clean(text), level)
            case Paragraph(text, quiet):
                document.add_paragraph(_clean(text), style="Caption" if quiet else None)
            case Table():
                _add_table(document, block)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _clean(text: str) -> str:
    """Leave out what XML cannot hold; line breaks and tabs stay."""
    return "".join(char for char in text if char in "\n\t" or (ord(char) >= ord(" ") and char.isprintable()))


def _set_page(document: Any) -> None:
    section = document.sections[0]
    section.orientation = WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = _A4
    section.left_margin = section.right_margin = Mm(22)
    section.top_margin = section.bottom_margin = Mm(18)


def _set_styles(document: Any, proofing: str) -> None:
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = "Arial", Pt(10)
    normal.paragraph_format.space_after = Pt(6)
    # The theme's fonts would win over the name above where a style names them.
    for style in (document.styles[name] for name in ("Title", "Heading 1", "Heading 2", "Caption")):
        style.font.name, style.font.color.rgb = "Arial", _INK
        fonts = style.element.rPr.rFonts
        for kind in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{kind}"), None)
    document.styles["Title"].font.size = Pt(18)
    for level, size in ((1, 13), (2, 11.5)):
        style = document.styles[f"Heading {level}"]
        style.font.size = Pt(size)
        style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(10), Pt(4)
    caption = document.styles["Caption"]
    caption.font.size, caption.paragraph_format.space_after = Pt(9), Pt(4)
    caption.font.bold = False
    # The language stands in the defaults, so that every style inherits it.
    defaults = document.styles.element.find(qn("w:docDefaults")).find(qn("w:rPrDefault")).find(qn("w:rPr"))
    language = defaults.find(qn("w:lang"))
    if language is None:
        language = OxmlElement("w:lang")
        defaults.append(language)
    language.set(qn("w:val"), proofing)


def _add_table(document: Any, block: Table) -> None:
    if block.caption:
        caption = document.add_paragraph(_clean(block.caption), style="Caption")
        caption.paragraph_format.keep_with_next = True
    section = document.sections[0]
    room = section.page_width - section.left_margin - section.right_margin
    widths = [int(room * share / sum(block.widths)) for share in block.widths]
    table = document.add_table(rows=1, cols=len(block.head), style="Table Grid")
    table.autofit = False
    lines = [block.head, *block.rows]
    for number, line in enumerate(lines):
        row = table.rows[0] if number == 0 else table.add_row()
        _keep_row_whole(row, head=number == 0)
        for cell, text, width in zip(row.cells, line, widths, strict=True):
            cell.width = width
            paragraph = cell.paragraphs[0]
            paragraph.paragraph_format.space_after = Pt(1)
            run = paragraph.add_run(_clean(text))
            run.bold, run.font.size = number == 0, Pt(9)
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
    document.add_paragraph().paragraph_format.space_after = Pt(2)


def _keep_row_whole(row: Any, *, head: bool) -> None:
    """Keep a row on one page; a head is repeated on each."""
    properties = row._tr.get_or_add_trPr()  # noqa: SLF001 - python-docx has no property for either
    properties.append(OxmlElement("w:cantSplit"))
    if head:
        properties.append(OxmlElement("w:tblHeader"))


def _add_page_number(paragraph: Any) -> None:
    paragraph._p.append(  # noqa: SLF001 - python-docx has no fields of its own
        parse_xml(f'<w:fldSimple {nsdecls("w")} w:instr="PAGE"><w:r><w:t>1</w:t></w:r></w:fldSimple>')
    )
