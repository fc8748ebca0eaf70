"""Papers to hand in, with words at known places."""

from __future__ import annotations

import io

from reportlab.lib.pagesizes import A4
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

#: Where the lines stand, in points from the lower left of an A4 page.
LEFT, TOP, LEADING, SIZE, FONT = 72.0, 740.0, 24.0, 12.0, "Helvetica"


def paper(title: str, pages: list[list[str]], *, author: str = "Contoh") -> bytes:
    """Return a PDF with one line of text under the other on each page."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4)
    canvas.setTitle(title)
    canvas.setAuthor(author)
    for lines in pages:
        canvas.setFont(FONT, SIZE)
        for number, line in enumerate(lines):
            canvas.drawString(LEFT, TOP - number * LEADING, line)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def file(name: str, content: bytes, kind: str = "application/pdf") -> dict:
    """Return a file as Playwright takes it."""
    return {"name": name, "mimeType": kind, "buffer": content}


def place(line: str, word: str, number: int) -> tuple[float, float, float, float]:
    """Return where ``word`` of line ``number`` (from 0) stands: left, top, right, bottom in parts of the page."""
    width, height = A4
    left = LEFT + stringWidth(line[: line.index(word)], FONT, SIZE)
    base = height - (TOP - number * LEADING)
    right = left + stringWidth(word, FONT, SIZE)
    return left / width, (base - SIZE) / height, right / width, (base + SIZE / 3) / height
