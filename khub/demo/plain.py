"""TXT, HTML and ODT files written by hand."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from khub.demo.archive import pack
from khub.demo.blocks import Break, Bullets, Heading, Paragraph, Table

if TYPE_CHECKING:
    from khub.demo.blocks import Block, Manuscript

_OFFICE = "urn:oasis:names:tc:opendocument:xmlns"
_ODT = "application/vnd.oasis.opendocument.text"


def text(manuscript: Manuscript) -> bytes:
    """Return ``manuscript`` as UTF-8 text; form feeds stand for page breaks."""
    lines: list[str] = []
    for block in manuscript.blocks:
        match block:
            case Heading(level, words):
                lines += [words.upper() if level == 1 else words, ""]
            case Paragraph(words, note):
                lines += [words, *([f"({note})"] if note else []), ""]
            case Bullets(items):
                lines += [*(f"- {item}" for item in items), ""]
            case Table(rows):
                lines += [*("\t".join(row) for row in rows), ""]
            case Break():
                lines.append("\f")
    return "\n".join([*lines, manuscript.letterhead, manuscript.footer, ""]).encode()


def html(manuscript: Manuscript) -> bytes:
    """Return ``manuscript`` as an HTML page with a script and a style that no reader should index."""

    def element(block: Block) -> str:
        match block:
            case Heading(level, words):
                return f"<h{level}>{escape(words)}</h{level}>"
            case Paragraph(words, note):
                return f"<p>{escape(words)}{f' <small>{escape(note)}</small>' if note else ''}</p>"
            case Bullets(items):
                return f"<ul>{''.join(f'<li>{escape(item)}</li>' for item in items)}</ul>"
            case Table(rows):
                cells = ("".join(f"<td>{escape(cell)}</td>" for cell in row) for row in rows)
                return f"<table>{''.join(f'<tr>{row}</tr>' for row in cells)}</table>"
            case Break():
                return "<hr>"

    body = "\n".join(element(block) for block in manuscript.blocks)
    return (
        f'<!doctype html>\n<html lang="{manuscript.language}"><head><meta charset="utf-8">'
        f"<title>{escape(manuscript.title)}</title><style>td {{ border: 1px solid }}</style>"
        f"<script>document.title = document.title.trim()</script></head><body>"
        f"<p>{escape(manuscript.letterhead)}</p>\n{body}\n<p>{escape(manuscript.footer)}</p></body></html>\n"
    ).encode()


def odt(manuscript: Manuscript) -> bytes:
    """Return ``manuscript`` as an OpenDocument text."""
    notes = 0

    def note(words: str) -> str:
        nonlocal notes
        if not words:
            return ""
        notes += 1
        return (
            f'<text:note text:id="n{notes}" text:note-class="footnote"><text:note-citation>{notes}'
            f"</text:note-citation><text:note-body><text:p>{escape(words)}</text:p></text:note-body></text:note>"
        )

    def element(block: Block) -> str:
        match block:
            case Heading(level, words):
                return f'<text:h text:outline-level="{level}">{escape(words)}</text:h>'
            case Paragraph(words, remark):
                return f"<text:p>{escape(words)}{note(remark)}</text:p>"
            case Bullets(items):
                inner = "".join(
                    f"<text:list-item><text:p>{escape(i)}</text:p></text:list-item>" for i in items
                )
                return f"<text:list>{inner}</text:list>"
            case Table(rows):
                cells = (
                    "".join(f"<table:table-cell><text:p>{escape(c)}</text:p></table:table-cell>" for c in row)
                    for row in rows
                )
                inner = "".join(f"<table:table-row>{row}</table:table-row>" for row in cells)
                return f'<table:table><table:table-column table:number-columns-repeated="{len(rows[0])}"/>{inner}</table:table>'
            case Break():
                return '<text:p text:style-name="Halaman"/>'

    spaces = " ".join(f'xmlns:{n}="{_OFFICE}:{n}:1.0"' for n in ("office", "text", "table", "style"))
    spaces += f' xmlns:fo="{_OFFICE}:xsl-fo-compatible:1.0"'
    style = (
        '<office:automatic-styles><style:style style:name="Halaman" style:family="paragraph">'
        '<style:paragraph-properties fo:break-before="page"/></style:style></office:automatic-styles>'
    )
    body = "".join(element(block) for block in manuscript.blocks)
    head, foot = escape(manuscript.letterhead), escape(manuscript.footer)
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {spaces} office:version="1.3">'
        f"{style}<office:body><office:text><text:p>{head}</text:p>{body}<text:p>{foot}</text:p>"
        "</office:text></office:body></office:document-content>"
    )
    meta = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-meta {spaces} '
        f'xmlns:dc="http://purl.org/dc/elements/1.1/" office:version="1.3"><office:meta>'
        f"<dc:title>{escape(manuscript.title)}</dc:title><dc:language>{manuscript.language}</dc:language>"
        "</office:meta></office:document-meta>"
    )
    entries = "".join(
        f'<manifest:file-entry manifest:full-path="{path}" manifest:media-type="{sort}"/>'
        for path, sort in (("/", _ODT), ("content.xml", "text/xml"), ("meta.xml", "text/xml"))
    )
    manifest = (
        '<?xml version="1.0" encoding="UTF-8"?><manifest:manifest '
        f'xmlns:manifest="{_OFFICE}:manifest:1.0" manifest:version="1.3">{entries}</manifest:manifest>'
    )
    parts = {
        "mimetype": _ODT.encode(),
        "content.xml": content.encode(),
        "meta.xml": meta.encode(),
        "META-INF/manifest.xml": manifest.encode(),
    }
    return pack(parts, stored=frozenset({"mimetype"}))
