"""PDF: pdfium page by page, pypdf for pages it fails on; the only user of pdfium.

pypdf lives in ``pdfmeta``: values of form fields, annotations, metadata and outline.
"""

import ctypes
from collections.abc import Iterator
from typing import IO, Any

import pypdfium2
from pypdfium2 import raw as pdfium

from indexer.extract.collect import SCAN, Collector
from indexer.extract.limits import MB, Limits
from indexer.extract.model import ExtractError, FileState, PageKind
from indexer.extract.pdfmeta import Second
from indexer.extract.text import clean, one_line

# Up to this size pdfium reads from memory; larger files through callbacks, to stay under RLIMIT_AS.
_IN_MEMORY = 64 * MB
_SCAN_CHARS = 100
_SCAN_IMAGE_SHARE = 0.5
# A page with hardly any text and this many drawing operations holds its letters as outlines.
_OUTLINED_OBJECTS = 200
_LOOKED_AT_OBJECTS = 2_000
_VALUE_ANNOTATIONS = frozenset(
    {pdfium.FPDF_ANNOT_WIDGET, pdfium.FPDF_ANNOT_FREETEXT, pdfium.FPDF_ANNOT_TEXT, pdfium.FPDF_ANNOT_STAMP}
)
_MAX_ANNOTATIONS = 2_000


class Document:
    """One PDF read by both engines; either may be missing. Shared by extraction and page images."""

    def __init__(self, stream: IO[bytes], limits: Limits, *, engine: str = "") -> None:
        """Open. Raise ExtractError LOCKED for a user password, BROKEN when neither engine can open it."""
        self.limits = limits
        self.second = Second(stream)
        self.pdf: Any = None
        if engine != "pypdf":
            self.pdf = self._open(stream)
        self.count = len(self.pdf) if self.pdf is not None else self.second.count()

    def _open(self, stream: IO[bytes]) -> Any:
        size = stream.seek(0, 2)
        stream.seek(0)
        source: Any = stream.read() if size <= _IN_MEMORY else stream
        try:
            pdf = pypdfium2.PdfDocument(source)
        except pypdfium2.PdfiumError as exc:
            if getattr(exc, "err_code", None) == pdfium.FPDF_ERR_PASSWORD:
                raise ExtractError(FileState.LOCKED, "pdf.password") from exc
            return None
        # Without pages pypdf, which also reads damaged cross references, may still find some.
        return pdf if len(pdf) else None

    def page_text(self, index: int) -> tuple[str, str]:
        """Return (clean text, error code) of a page; exactly what extraction stores."""
        raw, values = "", []
        failed = self.pdf is None
        if not failed:
            try:
                page = self.pdf[index]
                raw = self.raw_text(page)
                if _has_values(page):
                    values = self.second.values(index)
            except pypdfium2.PdfiumError:
                failed = True
        text = clean(raw)
        if not text:
            second, second_failed = self.second.text(index)
            text = clean(second[: self.limits.page_chars])
            failed = failed and second_failed
        if self.pdf is None:
            values = self.second.values(index)
        folded = " ".join(text.split())
        for value in values:
            shown = clean(value)
            if shown and " ".join(shown.split()) not in folded:
                text = f"{text}\n{shown}" if text else shown
        if len(text) > self.limits.page_chars:
            text = text[: self.limits.page_chars]
        return text, "page.failed" if failed and not text else ""

    def raw_text(self, page: Any) -> str:
        """Return pdfium's text of a page, at most the limit and one character more."""
        textpage = page.get_textpage()
        count = min(textpage.count_chars(), self.limits.page_chars + 1)
        return str(textpage.get_text_range(0, count)) if count > 0 else ""

    def is_scan(self, index: int, text: str) -> bool:
        """True when the page has hardly any text and an image over half of it, or letters as outlines."""
        if len(text) >= _SCAN_CHARS or self.pdf is None:
            return False
        try:
            page = self.pdf[index]
            return _image_share(page) >= _SCAN_IMAGE_SHARE or (
                not text and pdfium.FPDFPage_CountObjects(page) >= _OUTLINED_OBJECTS
            )
        except pypdfium2.PdfiumError:
            return False

    def label(self, index: int) -> str:
        """Return what the document calls the page, "" when it says nothing."""
        if self.pdf is None:
            return self.second.label(index)
        try:
            return one_line(str(self.pdf.get_page_label(index)), 40)
        except (UnicodeDecodeError, ValueError, pypdfium2.PdfiumError):
            return ""


def read(stream: IO[bytes], found: Collector, *, engine: str = "") -> None:
    """Read a PDF into ``found``; ``engine`` "pypdf" leaves pdfium out. Resumes after found's pages."""
    document = Document(stream, found.limits, engine=engine)
    found.page_count = document.count
    found.page_images = True
    if not document.count:
        raise ExtractError(FileState.BROKEN, "pdf.damaged")
    outline = document.second.outline()
    for title, _level, page in outline:
        found.add_outline(title, page)
    headings = _headings(outline, document.count)
    for index in range(len(found.pages), document.count):
        if found.full:
            found.warn("cut.pages" if len(found.pages) >= found.limits.pages else "cut.text")
            break
        text, error = document.page_text(index)
        if len(text) >= found.limits.page_chars:
            found.warn("cut.text")
        if not error and document.is_scan(index, text):
            error = SCAN
        found.add(text, PageKind.PAGE, label=document.label(index), heading=headings[index], error=error)
    found.title = document.second.title()


def _headings(outline: list[tuple[str, int, int]], count: int) -> list[str]:
    """Return for each page the path of outline titles in force where the page begins."""
    starts: dict[int, list[tuple[str, int]]] = {}
    for title, level, page in outline:
        starts.setdefault(page, []).append((title, level))
    path: list[str] = []
    result = []
    for number in range(1, count + 1):
        for at, (title, level) in enumerate(starts.get(number, ())):
            # The first entry of a page names it; later ones count from the next page on.
            if at == 0 or number == 1:
                del path[level:]
                path.append(title)
        result.append(" / ".join(path))
        for title, level in starts.get(number, ())[1:]:
            del path[level:]
            path.append(title)
    return result


def _has_values(page: Any) -> bool:
    count = min(pdfium.FPDFPage_GetAnnotCount(page), _MAX_ANNOTATIONS)
    for index in range(count):
        annotation = pdfium.FPDFPage_GetAnnot(page, index)
        if not annotation:
            continue
        subtype = pdfium.FPDFAnnot_GetSubtype(annotation)
        pdfium.FPDFPage_CloseAnnot(annotation)
        if subtype in _VALUE_ANNOTATIONS:
            return True
    return False


def _image_share(page: Any) -> float:
    """Return the share of the page that images cover; overlaps count once at most as the whole."""
    left, bottom, right, top = page.get_bbox()
    area = abs((right - left) * (top - bottom))
    if not area:
        return 0.0
    covered = 0.0
    for x0, y0, x1, y1 in _image_boxes(page):
        width = min(x1, right) - max(x0, left)
        height = min(y1, top) - max(y0, bottom)
        if width > 0 and height > 0:
            covered += width * height
    return min(1.0, covered / area)


def _image_boxes(page: Any) -> Iterator[tuple[float, float, float, float]]:
    for seen, item in enumerate(page.get_objects(max_depth=3)):
        if seen >= _LOOKED_AT_OBJECTS:
            return
        if item.type != pdfium.FPDF_PAGEOBJ_IMAGE:
            continue
        box = [ctypes.c_float() for _ in range(4)]
        if pdfium.FPDFPageObj_GetBounds(item, *box):
            x0, y0, x1, y1 = (edge.value for edge in box)
            yield x0, y0, x1, y1
