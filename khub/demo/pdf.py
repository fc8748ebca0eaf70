"""PDF files: set type with letterhead, footnotes and outline; scans, broken and locked ones."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    CallerMacro,
    Frame,
    PageBreak,
    PageTemplate,
    Spacer,
)
from reportlab.platypus import Paragraph as Text
from reportlab.platypus import Table as Grid

from khub.demo.blocks import Break, Bullets, Heading, Paragraph, Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from PIL.Image import Image
    from reportlab.platypus import Flowable

    from khub.demo.blocks import Block, Manuscript

_BODY = ParagraphStyle("body", fontName="Times-Roman", fontSize=11, leading=15, spaceAfter=7)
_CELL = ParagraphStyle("cell", parent=_BODY, fontSize=9.5, leading=12, spaceAfter=0)
_HEAD = ParagraphStyle("head", parent=_CELL, fontName="Times-Bold")
_ITEM = ParagraphStyle("item", parent=_BODY, leftIndent=16, bulletIndent=4, spaceAfter=4)
_TITLES = {
    1: ParagraphStyle("h1", fontName="Helvetica-Bold", fontSize=15, leading=19, spaceBefore=6, spaceAfter=9),
    2: ParagraphStyle(
        "h2", fontName="Helvetica-Bold", fontSize=11.5, leading=15, spaceBefore=6, spaceAfter=5
    ),
}
_GRID: list[Any] = [
    ("GRID", (0, 0), (-1, -1), 0.5, colors.grey),
    ("BACKGROUND", (0, 0), (-1, 0), colors.whitesmoke),
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
]
_WIDTH, _HEIGHT = A4
_SIDE = 64
_BOTTOM = 104
#: The owner's password of the locked file; nobody needs it, the demo shows the state "locked".
_LOCK = "contoh-terkunci"


@dataclass(slots=True)
class _Progress:
    """What is known only while pages are drawn: this page's footnotes, and the outline so far."""

    notes: list[str] = field(default_factory=list)
    marks: int = 0
    level: int = -1


def _roman(number: int) -> str:
    return "i" * number


def _note(progress: _Progress, text: str) -> CallerMacro:
    def draw(*_macro: object) -> None:
        progress.notes.append(text)

    return CallerMacro(drawCallable=draw)


def _bookmark(progress: _Progress, heading: Heading) -> CallerMacro:
    def draw(macro: CallerMacro, *_size: float) -> None:
        key = f"h{progress.marks}"
        progress.marks += 1
        # an outline may not skip a level
        progress.level = min(heading.level - 1, progress.level + 1)
        macro.canv.bookmarkPage(key)
        macro.canv.addOutlineEntry(heading.text, key, level=progress.level, closed=progress.level > 0)

    return CallerMacro(drawCallable=draw)


def _flow(blocks: Iterable[Block], progress: _Progress) -> list[Flowable]:
    story: list[Flowable] = []
    notes = 0
    for block in blocks:
        match block:
            case Heading(level, text):
                title = Text(escape(text), _TITLES[level])
                story += [_bookmark(progress, block), title]
            case Paragraph(text, ""):
                story.append(Text(escape(text), _BODY))
            case Paragraph(text, note):
                notes += 1
                story.append(Text(f"{escape(text)}<super>{notes}</super>", _BODY))
                story.append(_note(progress, f"{notes} {note}"))
            case Bullets(items):
                story += [Text(escape(item), _ITEM, bulletText="•") for item in items]
            case Table(rows):
                story += [_grid(rows), Spacer(1, 9)]
            case Break():
                story.append(PageBreak())
    return story


def _grid(rows: Sequence[Sequence[str]]) -> Grid:
    columns = range(len(rows[0]))
    wish = [min(max(len(row[column]) for row in rows), 60) + 4 for column in columns]
    share = (_WIDTH - 2 * _SIDE) / sum(wish)
    cells = [
        [Text(escape(cell), _HEAD if index == 0 else _CELL) for cell in row] for index, row in enumerate(rows)
    ]
    return Grid(cells, colWidths=[share * part for part in wish], style=_GRID, repeatRows=1)


def typeset(manuscript: Manuscript, *, locked: bool = False) -> bytes:
    """Return ``manuscript`` as PDF; ``locked`` asks for a password before it opens."""
    out = io.BytesIO()
    progress = _Progress()

    def page_end(canvas: Canvas, _document: object) -> None:
        number = canvas.getPageNumber()
        shown = _roman(number) if number <= manuscript.front else str(number - manuscript.front)
        if number == 1:
            canvas.setFont("Helvetica-Bold", 10)
            canvas.rect(_SIDE, _HEIGHT - 74, _WIDTH - 2 * _SIDE, 28)
            canvas.drawCentredString(_WIDTH / 2, _HEIGHT - 64, manuscript.letterhead)
        if progress.notes:
            canvas.setFont("Times-Roman", 8.5)
            canvas.line(_SIDE, 86, _SIDE + 120, 86)
            for index, note in enumerate(progress.notes):
                canvas.drawString(_SIDE, 75 - 10 * index, note)
            progress.notes.clear()
        canvas.setFont("Helvetica", 8)
        canvas.drawString(_SIDE, 36, manuscript.footer)
        canvas.drawRightString(_WIDTH - _SIDE, 36, f"{manuscript.page_word} {shown}")

    def start(filename: Any, **options: Any) -> Canvas:
        canvas = Canvas(filename, **options)
        if manuscript.front:
            canvas.addPageLabel(0, style="ROMAN_LOWER", start=1)
            canvas.addPageLabel(manuscript.front, style="ARABIC", start=1)
        return canvas

    document = BaseDocTemplate(
        out,
        pagesize=A4,
        title=manuscript.title,
        author=manuscript.letterhead,
        lang=manuscript.language,
        invariant=1,
        encrypt=StandardEncryption(_LOCK, _LOCK, strength=128) if locked else None,
    )
    frames = {
        "first": Frame(_SIDE, _BOTTOM, _WIDTH - 2 * _SIDE, _HEIGHT - _BOTTOM - 88, 0, 0, 0, 0),
        "later": Frame(_SIDE, _BOTTOM, _WIDTH - 2 * _SIDE, _HEIGHT - _BOTTOM - 56, 0, 0, 0, 0),
    }
    document.addPageTemplates(
        [
            PageTemplate("first", [frames["first"]], onPageEnd=page_end, autoNextPageTemplate="later"),
            PageTemplate("later", [frames["later"]], onPageEnd=page_end),
        ],
    )
    document.build(_flow(manuscript.blocks, progress), canvasmaker=start)
    return out.getvalue()


def truncated(manuscript: Manuscript) -> bytes:
    """Return a PDF that lost the rest of its bytes on the way."""
    whole = typeset(manuscript)
    return whole[: len(whole) // 9]


def scanned(pages: Iterable[Image]) -> bytes:
    """Return a PDF whose pages are pictures only, as a scanner without text recognition makes it."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=1)
    for page in pages:
        picture = io.BytesIO()
        page.save(picture, "JPEG", quality=62)
        picture.seek(0)
        canvas.drawImage(ImageReader(picture), 0, 0, _WIDTH, _HEIGHT)
        canvas.showPage()
    canvas.save()
    return out.getvalue()
