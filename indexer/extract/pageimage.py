"""A PDF page as an image with the boxes of its words, for highlighting what a search found."""

import ctypes
import re
import unicodedata
from typing import IO, Any

import pypdfium2
from pypdfium2 import raw as pdfium

from indexer.extract.images import to_webp
from indexer.extract.limits import Limits
from indexer.extract.model import ExtractError, FileState, Rendered, WordBox
from indexer.extract.pdf import Document

_MAX_PIXELS = 16_000_000
# Boxes are asked for on a grid this fine and handed out as fractions of it.
_GRID = 100_000
_WORD = re.compile(r"\S+")
_MAX_WORDS = 20_000
# How far the aligner looks ahead for a character that normalisation moved or dropped.
_LOOK_AHEAD = 12


def render(stream: IO[bytes], number: int, width: int, limits: Limits) -> Rendered:
    """Return page ``number`` (from 1). Raise ExtractError when there is no such page or no image of it."""
    document = Document(stream, limits)
    if not 1 <= number <= document.count:
        raise ExtractError(FileState.NO_TEXT, "no_page")
    if document.pdf is None:
        raise ExtractError(FileState.BROKEN, "pdf.damaged")
    text, _ = document.page_text(number - 1)
    try:
        page = document.pdf[number - 1]
        words = _words(document, page, text)
        image = _image(page, width)
    except pypdfium2.PdfiumError as exc:
        raise ExtractError(FileState.BROKEN, "page.failed") from exc
    return Rendered(to_webp(image), image.width, image.height, text, words)


def _image(page: Any, width: int) -> Any:
    wide, high = page.get_size()
    if wide <= 0 or high <= 0:
        raise ExtractError(FileState.BROKEN, "page.failed")
    scale = width / wide
    # A page of one by ten thousand points must not become a gigabyte of pixels.
    scale = min(scale, (_MAX_PIXELS / (wide * high)) ** 0.5)
    return page.render(scale=scale).to_pil()


def _words(document: Document, page: Any, text: str) -> tuple[WordBox, ...]:
    textpage = page.get_textpage()
    raw = document.raw_text(page)
    places = _align(raw, text)
    boxes = []
    for match in list(_WORD.finditer(text))[:_MAX_WORDS]:
        corners = [
            box
            for at in range(match.start(), match.end())
            if at in places and (box := _char_box(page, textpage, places[at])) is not None
        ]
        if corners:
            x0, y0 = min(c[0] for c in corners), min(c[1] for c in corners)
            x1, y1 = max(c[2] for c in corners), max(c[3] for c in corners)
            boxes.append(WordBox(match.start(), match.end(), x0, y0, x1, y1))
    return tuple(boxes)


def _align(raw: str, text: str) -> dict[int, int]:
    """Return offset in ``text`` → offset in ``raw`` for the characters that survived normalisation."""
    places: dict[int, int] = {}
    at = 0
    for source, char in enumerate(raw):
        if char.isspace():
            continue
        for piece in "-" if char == "\ufffe" else unicodedata.normalize("NFKC", char):
            if piece.isspace():
                continue
            found = text.find(piece, at, at + _LOOK_AHEAD)
            if found >= 0:
                places[found] = source
                at = found + 1
    return places


def _char_box(page: Any, textpage: Any, text_index: int) -> tuple[float, float, float, float] | None:
    """Return a character's box in fractions of the shown page, which may be turned or cropped."""
    index = pdfium.FPDFText_GetCharIndexFromTextIndex(textpage, text_index)
    rect = pdfium.FS_RECTF()
    if index < 0 or not pdfium.FPDFText_GetLooseCharBox(textpage, index, rect):
        return None
    xs, ys = [], []
    for x, y in ((rect.left, rect.top), (rect.right, rect.bottom)):
        shown_x, shown_y = ctypes.c_int(), ctypes.c_int()
        if not pdfium.FPDF_PageToDevice(page, 0, 0, _GRID, _GRID, 0, x, y, shown_x, shown_y):
            return None
        xs.append(min(1.0, max(0.0, shown_x.value / _GRID)))
        ys.append(min(1.0, max(0.0, shown_y.value / _GRID)))
    return min(xs), min(ys), max(xs), max(ys)
