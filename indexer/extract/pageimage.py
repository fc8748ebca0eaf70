"""A PDF page as an image with the boxes of its words, for highlighting what a search found."""

import re
import unicodedata
from typing import IO

from indexer.extract.images import to_grey, to_webp
from indexer.extract.limits import Limits
from indexer.extract.model import ExtractError, FileState, Rendered, WordBox
from indexer.extract.pdf import Document
from indexer.extract.pdfium import Box, Pdfium, PdfiumError

_WORD = re.compile(r"\S+")
_MAX_WORDS = 20_000
_SCAN_DPI = 300
# How far the aligner looks ahead for a character that normalisation moved or dropped.
_LOOK_AHEAD = 12


def render(stream: IO[bytes], number: int, width: int, limits: Limits) -> Rendered:
    """Return page ``number`` (from 1). Raise ExtractError when there is no such page or no image of it."""
    document = Document(stream, limits)
    if not 1 <= number <= document.count:
        raise ExtractError(FileState.NO_TEXT, "no_page")
    engine, index = document.first, number - 1
    if engine is None:
        raise ExtractError(FileState.BROKEN, "pdf.damaged")
    try:
        engine.show_forms()
        text, _failed = document.page_text(index)
        words = _words(engine, index, document.raw_text(index), text)
        image = engine.image(index, width)
    except PdfiumError as exc:
        raise ExtractError(FileState.BROKEN, "page.failed") from exc
    return Rendered(to_webp(image), image.width, image.height, text, words)


def scan(stream: IO[bytes], number: int, limits: Limits) -> Rendered:
    """Return page ``number`` (from 1) in grey as OCR wants it. Raise ExtractError like ``render``."""
    document = Document(stream, limits)
    if not 1 <= number <= document.count:
        raise ExtractError(FileState.NO_TEXT, "no_page")
    if document.first is None:
        raise ExtractError(FileState.BROKEN, "pdf.damaged")
    try:
        document.first.show_forms()
        image = document.first.image(number - 1, document.first.dots(number - 1, _SCAN_DPI))
    except PdfiumError as exc:
        raise ExtractError(FileState.BROKEN, "page.failed") from exc
    return Rendered(to_grey(image), image.width, image.height, "", ())


def _words(engine: Pdfium, index: int, raw: str, text: str) -> tuple[WordBox, ...]:
    places = _align(raw, text)
    boxes = []
    for match in list(_WORD.finditer(text))[:_MAX_WORDS]:
        start, end = match.span()
        found = [engine.char_box(index, places[at]) for at in range(start, end) if at in places]
        for corners in _lines([box for box in found if box is not None]):
            lefts, tops, rights, bottoms = zip(*corners, strict=True)
            boxes.append(WordBox(start, end, min(lefts), min(tops), max(rights), max(bottoms)))
    return tuple(boxes)


def _lines(corners: list[Box]) -> list[list[Box]]:
    """Return the boxes of a word's letters, those of each line: a hyphen may break it over two."""
    lines: list[list[Box]] = []
    for box in corners:
        if not lines or _is_elsewhere(box, lines[-1]):
            lines.append([])
        lines[-1].append(box)
    return lines


def _is_elsewhere(box: Box, line: list[Box]) -> bool:
    """Tell whether a letter stands on the next line, or at the top of the next column."""
    left, top, right, bottom = box
    middle = (top + bottom) / 2
    below = right <= line[-1][0] and middle > max(low for *_, low in line)
    return below or (left >= line[-1][2] and middle < min(high for _, high, *_ in line))


def _align(raw: str, text: str) -> dict[int, int]:
    """Return offset in ``text`` → offset in ``raw`` for the characters that survived normalisation."""
    places: dict[int, int] = {}
    at = 0
    for source, char in enumerate(raw):
        for piece in "-" if char == "\ufffe" else unicodedata.normalize("NFKC", char):
            if piece.isspace():
                continue
            found = text.find(piece, at, at + _LOOK_AHEAD)
            if found >= 0:
                places[found] = source
                at = found + 1
    return places
