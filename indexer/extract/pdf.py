"""PDF: pdfium page by page, pypdf for pages it fails on and for what it alone knows."""

import re
from typing import IO

from indexer.extract.collect import GARBLED, SCAN, Collector
from indexer.extract.limits import Limits
from indexer.extract.model import ExtractError, FileState, PageKind
from indexer.extract.pdfium import Pdfium, PdfiumError
from indexer.extract.pdfmeta import Second
from indexer.extract.sections import chapters
from indexer.extract.text import clean

_SCAN_CHARS = 100
_SCAN_IMAGE_SHARE = 0.5
# A page without text and with this many drawing operations holds its letters as outlines.
_OUTLINED_OBJECTS = 200
# A chapter that begins within these first characters names the whole page.
_TOP_CHARS = 300
_MAX_HEADING = 80
# Fonts without a character map give signs instead of letters: such text can be neither read nor found.
_GARBLED_CHARS = 100
_GARBLED_SHARE = 0.5
_FILLERS = re.compile(r"\s+|([^\w\s])(?:\s*\1)+")


class Document:
    """One PDF read by both engines; either may be missing. Shared by extraction and page images."""

    def __init__(self, stream: IO[bytes], limits: Limits, *, engine: str = "") -> None:
        """Open. Raise ExtractError LOCKED for a user password; ``count`` is 0 when nothing can be read."""
        self._limits = limits
        self.second = Second(stream)
        self.first: Pdfium | None = None
        if engine != "pypdf":
            try:
                self.first = Pdfium(stream)
            except PdfiumError:
                self.first = None
        # Without pages pypdf, which rebuilds damaged cross references its own way, may still find some.
        self.count = self.first.count if self.first is not None else 0
        if not self.count:
            self.first = None
            self.count = self.second.count()

    def raw_text(self, index: int) -> str:
        """Return pdfium's text of a page, at most the limit. Raise PdfiumError."""
        if self.first is None:
            raise PdfiumError("not opened")
        return self.first.text(index, self._limits.page_chars)

    def page_text(self, index: int) -> tuple[str, bool]:
        """Return (clean text, failed) of a page; exactly what extraction stores."""
        text, failed, ask_values = "", False, True
        try:
            text = clean(self.raw_text(index))
            ask_values = self.first is None or self.first.has_values(index)
        except PdfiumError:
            failed = True
        if not text:
            second, second_failed = self.second.text(index)
            text = clean(second[: self._limits.page_chars])
            failed = failed and second_failed
        folded = " ".join(text.split())
        for value in self.second.values(index) if ask_values else ():
            shown = clean(value)
            if shown and " ".join(shown.split()) not in folded:
                text = f"{text}\n{shown}" if text else shown
        return text[: self._limits.page_chars], failed and not text

    def flaw(self, index: int, text: str) -> str:
        """Return why the page needs OCR, "" when it does not.

        That is: hardly any text and an image over half of it, letters drawn as outlines, or letters
        that a font without a character map turned into signs.
        """
        if _is_garbled(text):
            return GARBLED
        if len(text) >= _SCAN_CHARS or self.first is None:
            return ""
        try:
            outlined = not text and self.first.object_count(index) >= _OUTLINED_OBJECTS
            return SCAN if outlined or self.first.image_share(index) >= _SCAN_IMAGE_SHARE else ""
        except PdfiumError:
            return ""

    def label(self, index: int) -> str:
        """Return what the document calls the page, "" when it says nothing."""
        return self.second.label(index) if self.first is None else self.first.label(index)


def read(stream: IO[bytes], found: Collector, *, engine: str = "") -> None:
    """Read a PDF into ``found``; ``engine`` "pypdf" leaves pdfium out. Resumes after found's pages.

    Raise ExtractError for a locked file and for one that neither engine can open.
    """
    document = Document(stream, found.limits, engine=engine)
    if not document.count:
        raise ExtractError(FileState.BROKEN, "pdf.damaged")
    found.page_count = document.count
    outline = document.second.outline()
    for title, _level, page in outline:
        found.add_outline(title, page)
    headings = _headings(outline, document.count)
    for index in range(len(found.pages), document.count):
        if found.stop_when_full():
            break
        text, failed = document.page_text(index)
        error = "page.failed" if failed else document.flaw(index, text)
        heading = headings[index] if outline else _chapter(text, found)
        found.add(text, PageKind.PAGE, label=document.label(index), heading=heading, error=error)
    found.title = document.second.title()
    found.mark_stamped()


def _chapter(text: str, found: Collector) -> str:
    """Return the chapter in force where the page begins, or the one that begins near its top."""
    before, starts = found.chapter, chapters(text)
    if starts:
        found.chapter = starts[-1][1]
        if not before or starts[0][0] < _TOP_CHARS:
            return starts[0][1]
    return before


def _is_garbled(text: str) -> bool:
    """Tell signs from letters; leaders ("....."), rules and blanks count as nothing."""
    dense = _FILLERS.sub("", text[:4_000])
    if len(dense) < _GARBLED_CHARS:
        return False
    return sum(1 for c in dense if c.isalnum()) < _GARBLED_SHARE * len(dense)


def _headings(outline: list[tuple[str, int, int]], count: int) -> list[str]:
    """Return for each page the path of outline titles in force where the page begins."""
    starts: dict[int, list[tuple[str, int]]] = {}
    for title, level, page in outline:
        starts.setdefault(page, []).append((title, level))
    path: list[str] = []
    result = []
    for number in range(1, count + 1):
        entries = starts.get(number, [])
        # The first entry of a page names it; later ones count from the next page on.
        for title, level in entries[:1]:
            path = [*path[:level], title]
        result.append(" / ".join(title[:_MAX_HEADING] for title in path))
        for title, level in entries[1:]:
            path = [*path[:level], title]
    return result
