"""pdfium, the first PDF engine, behind one class; the only user of pypdfium2."""

import ctypes
from collections.abc import Iterator
from typing import IO, Any

import pypdfium2
from pypdfium2 import raw

from indexer.extract import columns
from indexer.extract.limits import MB
from indexer.extract.model import ExtractError, FileState

# Up to this size pdfium reads from memory; larger files through callbacks, to stay under RLIMIT_AS.
_IN_MEMORY = 64 * MB
_LOOKED_AT_OBJECTS = 2_000
_VALUE_ANNOTATIONS = frozenset(
    {raw.FPDF_ANNOT_WIDGET, raw.FPDF_ANNOT_FREETEXT, raw.FPDF_ANNOT_TEXT, raw.FPDF_ANNOT_STAMP}
)
_MAX_ANNOTATIONS = 2_000
_MAX_PIXELS = 16_000_000
_MAX_SIDE = 12_000
# Boxes are asked for on a grid this fine and handed out as fractions of it.
_GRID = 100_000
_LINE_ENDS = ("\n", "\r", "\ufffe")

Box = tuple[float, float, float, float]


class PdfiumError(Exception):
    """Pdfium cannot open the file, or cannot read one page of it."""


class Pdfium:
    """One open PDF. Pages are counted from 0; the page asked for last stays loaded."""

    def __init__(self, stream: IO[bytes]) -> None:
        """Open. Raise ExtractError LOCKED for a user password, PdfiumError for a file it cannot read."""
        size = stream.seek(0, 2)
        stream.seek(0)
        source: Any = stream.read() if size <= _IN_MEMORY else stream
        try:
            self._pdf = pypdfium2.PdfDocument(source)
        except pypdfium2.PdfiumError as exc:
            if getattr(exc, "err_code", None) == raw.FPDF_ERR_PASSWORD:
                raise ExtractError(FileState.LOCKED, "pdf.password") from exc
            raise PdfiumError(str(exc)) from exc
        self.count = len(self._pdf)
        self._index = -1
        self._page: Any = None
        self._textpage: Any = None
        self._drawn: list[int] = []

    def show_forms(self) -> None:
        """Have page images drawn with their form fields; call before any page is loaded."""
        self._pdf.init_forms()

    def _load(self, index: int) -> Any:
        if index != self._index:
            for part in (self._textpage, self._page):
                if part is not None:
                    part.close()
            self._index, self._page, self._textpage, self._drawn = -1, None, None, []
            try:
                self._page = self._pdf[index]
            except pypdfium2.PdfiumError as exc:
                raise PdfiumError(str(exc)) from exc
            self._index = index
        return self._page

    def _text_page(self, index: int) -> Any:
        page = self._load(index)
        if self._textpage is None:
            try:
                self._textpage = page.get_textpage()
            except pypdfium2.PdfiumError as exc:
                raise PdfiumError(str(exc)) from exc
        return self._textpage

    def text(self, index: int, limit: int) -> str:
        """Return the raw text of a page, at most ``limit`` characters, columns one after the other.

        Raise PdfiumError.
        """
        textpage = self._text_page(index)
        count = min(textpage.count_chars(), limit)
        text = str(textpage.get_text_range(0, count)) if count > 0 else ""
        self._drawn = []
        suspected = columns.suspected(self._stretches())
        order = columns.order(text, self._loose_box, self._drawings) if suspected else []
        if not order:
            return text
        read: list[str] = []
        for start, end in order:
            if read and not read[-1].endswith(_LINE_ENDS):
                read.append("\n")
                self._drawn.append(start)
            read.append(text[start:end])
            self._drawn += range(start, end)
        return "".join(read)

    def label(self, index: int) -> str:
        """Return what the document calls the page, "" when it says nothing."""
        try:
            return str(self._pdf.get_page_label(index))
        except (ValueError, pypdfium2.PdfiumError):
            return ""

    def has_values(self, index: int) -> bool:
        """Return whether the page has form fields or annotations that may hold text. Raise PdfiumError."""
        page = self._load(index)
        for at in range(min(raw.FPDFPage_GetAnnotCount(page), _MAX_ANNOTATIONS)):
            annotation = raw.FPDFPage_GetAnnot(page, at)
            if not annotation:
                continue
            subtype = raw.FPDFAnnot_GetSubtype(annotation)
            raw.FPDFPage_CloseAnnot(annotation)
            if subtype in _VALUE_ANNOTATIONS:
                return True
        return False

    def object_count(self, index: int) -> int:
        """Return the number of drawing objects on a page. Raise PdfiumError."""
        return int(raw.FPDFPage_CountObjects(self._load(index)))

    def image_share(self, index: int) -> float:
        """Return the share of the page that images cover, 0..1. Raise PdfiumError."""
        page = self._load(index)
        left, bottom, right, top = page.get_bbox()
        area = abs((right - left) * (top - bottom))
        covered = 0.0
        for x0, y0, x1, y1 in _boxes(page, raw.FPDF_PAGEOBJ_IMAGE):
            width = min(x1, right) - max(x0, left)
            height = min(y1, top) - max(y0, bottom)
            if width > 0 and height > 0:
                covered += width * height
        return float(min(1.0, covered / area)) if area else 0.0

    def char_box(self, index: int, at: int) -> Box | None:
        """Return the box of the character at offset ``at`` of ``text``, in fractions of the shown page.

        The origin is top left; pages may be turned or cropped. None for characters without a place.
        """
        page = self._load(index)
        self._text_page(index)
        box = self._loose_box(self._drawn[at] if self._drawn else at)
        if box is None:
            return None
        left, bottom, right, top = box
        xs, ys = [], []
        for x, y in ((left, top), (right, bottom)):
            shown_x, shown_y = ctypes.c_int(), ctypes.c_int()
            if not raw.FPDF_PageToDevice(page, 0, 0, _GRID, _GRID, 0, x, y, shown_x, shown_y):
                return None
            xs.append(min(1.0, max(0.0, shown_x.value / _GRID)))
            ys.append(min(1.0, max(0.0, shown_y.value / _GRID)))
        return min(xs), min(ys), max(xs), max(ys)

    def _loose_box(self, at: int) -> Box | None:
        """Return the box, in points from below, of a character of the loaded page as it is drawn."""
        char = raw.FPDFText_GetCharIndexFromTextIndex(self._textpage, at)
        rect = raw.FS_RECTF()
        if char < 0 or not raw.FPDFText_GetLooseCharBox(self._textpage, char, rect):
            return None
        return rect.left, rect.bottom, rect.right, rect.top

    def _stretches(self) -> Iterator[Box]:
        """Yield the boxes of the stretches of text of the loaded page, as they are drawn."""
        left, top, right, bottom = (ctypes.c_double() for _ in range(4))
        for at in range(min(raw.FPDFText_CountRects(self._textpage, 0, -1), _LOOKED_AT_OBJECTS)):
            if raw.FPDFText_GetRect(self._textpage, at, left, top, right, bottom):
                yield left.value, bottom.value, right.value, top.value

    def _drawings(self) -> Iterator[Box]:
        """Yield the boxes of lines and frames of the loaded page."""
        return _boxes(self._page, raw.FPDF_PAGEOBJ_PATH)

    def dots(self, index: int, per_inch: int) -> int:
        """Return how many pixels wide a page is at so many an inch. Raise PdfiumError."""
        return max(1, round(float(self._load(index).get_size()[0]) / 72 * per_inch))

    def image(self, index: int, width: int) -> Any:
        """Return a Pillow image of a page, ``width`` pixels wide unless that makes it monstrous.

        Raise PdfiumError.
        """
        page = self._load(index)
        wide, high = page.get_size()
        if wide <= 0 or high <= 0:
            raise PdfiumError("a page without area")
        # A page of one by ten thousand points must not become a gigabyte of pixels, nor wider than WebP.
        scale = min(width / wide, (_MAX_PIXELS / (wide * high)) ** 0.5, _MAX_SIDE / max(wide, high))
        try:
            return page.render(scale=scale).to_pil()
        except pypdfium2.PdfiumError as exc:
            raise PdfiumError(str(exc)) from exc


def _boxes(page: Any, kind: int) -> Iterator[Box]:
    """Yield the boxes of a page's objects of one kind."""
    for seen, item in enumerate(page.get_objects(max_depth=3)):
        if seen >= _LOOKED_AT_OBJECTS:
            return
        if item.type != kind:
            continue
        edges = [ctypes.c_float() for _ in range(4)]
        if raw.FPDFPageObj_GetBounds(item, *edges):
            x0, y0, x1, y1 = (edge.value for edge in edges)
            yield x0, y0, x1, y1
