"""DOCX files with heading styles, tables, footnotes, headers, page numbers and page breaks."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

import docx
from docx.enum.text import WD_BREAK
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn

from khub.demo.archive import repack
from khub.demo.blocks import Break, Bullets, Heading, Paragraph, Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from khub.demo.blocks import Block, Manuscript

_FOOTNOTES = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"
_MADE = datetime(2023, 1, 1, tzinfo=UTC).replace(tzinfo=None)


def _add_note(paragraph: Any, number: int) -> None:
    run = paragraph.add_run()
    run.font.superscript = True
    reference = OxmlElement("w:footnoteReference")
    reference.set(qn("w:id"), str(number))
    run._r.append(reference)  # noqa: SLF001 - python-docx has no footnotes of its own


def _footnotes(notes: Sequence[str]) -> bytes:
    def note(number: int, inner: str, sort: str = "") -> str:
        return f'<w:footnote {sort} w:id="{number}"><w:p><w:r>{inner}</w:r></w:p></w:footnote>'

    body = note(-1, "<w:separator/>", 'w:type="separator"')
    body += note(0, "<w:continuationSeparator/>", 'w:type="continuationSeparator"')
    for number, text in enumerate(notes, 1):
        body += note(number, f'<w:footnoteRef/><w:t xml:space="preserve"> {escape(text)}</w:t>')
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    return f"{head}<w:footnotes {nsdecls('w')}>{body}</w:footnotes>".encode()


def _add_table(document: Any, rows: Sequence[Sequence[str]]) -> None:
    table = document.add_table(rows=0, cols=len(rows[0]), style="Table Grid")
    for number, row in enumerate(rows):
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.paragraphs[0].add_run(text).bold = number == 0
    document.add_paragraph()


def _add_block(document: Any, block: Block, notes: list[str]) -> None:
    match block:
        case Heading(level, text):
            document.add_heading(text, level)
        case Paragraph(text, note):
            paragraph = document.add_paragraph(text)
            if note:
                notes.append(note)
                _add_note(paragraph, len(notes))
        case Bullets(items):
            for item in items:
                document.add_paragraph(item, style="List Bullet")
        case Table(rows):
            _add_table(document, rows)
        case Break():
            document.add_paragraph().add_run().add_break(WD_BREAK.PAGE)


def _add_page_number(paragraph: Any) -> None:
    paragraph.add_run(" ")
    paragraph._p.append(  # noqa: SLF001 - python-docx has no fields of its own
        parse_xml(f'<w:fldSimple {nsdecls("w")} w:instr="PAGE"><w:r><w:t>1</w:t></w:r></w:fldSimple>'),
    )


def write(manuscript: Manuscript) -> bytes:
    """Return ``manuscript`` as DOCX."""
    document = docx.Document()
    properties = document.core_properties
    properties.title = manuscript.title
    properties.author = manuscript.letterhead
    properties.language = manuscript.language
    properties.created = properties.modified = _MADE
    section = document.sections[0]
    section.header.paragraphs[0].text = manuscript.letterhead
    footer = section.footer.paragraphs[0]
    footer.text = f"{manuscript.footer} · {manuscript.page_word}"
    _add_page_number(footer)
    notes: list[str] = []
    for block in manuscript.blocks:
        _add_block(document, block, notes)
    if notes:
        name = PackURI("/word/footnotes.xml")
        part = Part(name, _FOOTNOTES, _footnotes(notes), document.part.package)
        document.part.relate_to(part, _RELATION)
    out = io.BytesIO()
    document.save(out)
    return repack(out.getvalue(), {})
