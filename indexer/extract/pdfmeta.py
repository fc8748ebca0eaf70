"""pypdf, the second PDF engine: metadata, outline, form values, and pages that pdfium cannot read.

pypdf lets TypeError, AssertionError and RecursionError escape on damaged files, so each call is caught
broadly; a time budget ends what does not come back.
"""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, Any, TypeVar

from pypdf import PdfReader

from indexer.extract.model import ExtractError, FileState
from indexer.extract.text import one_line

_T = TypeVar("_T")
_CALL_SECONDS = 10.0
_MAX_OUTLINE = 2_000
_MAX_DEPTH = 12
_TEXT_ANNOTATIONS = frozenset({"/FreeText", "/Text", "/Stamp", "/Highlight", "/Underline"})
_MAX_ANNOTATIONS = 2_000


class _BudgetError(Exception):
    pass


@contextmanager
def _budget(seconds: float) -> Iterator[None]:
    def stop(_signum: int, _frame: object) -> None:
        raise _BudgetError

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


class Second:
    """Lazily opened pypdf reader whose every answer is best effort. Only for the child's main thread."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._reader: PdfReader | None = None
        self._labels: list[str] | None = None
        self._opened = False
        self._slow = False

    def _ask(self, question: Callable[[PdfReader], _T], fallback: _T) -> tuple[_T, bool]:
        """Return (answer, failed); a question that ran out of time ends all later ones."""
        if self._slow:
            return fallback, True
        try:
            with _budget(_CALL_SECONDS):
                reader = self._open()
                return (fallback, True) if reader is None else (question(reader), False)
        except _BudgetError:
            self._slow = True
        except ExtractError:
            raise
        except MemoryError:
            self._slow = True
        except Exception:  # noqa: BLE001 -- see the module's docstring
            return fallback, True
        return fallback, True

    def _open(self) -> PdfReader | None:
        if not self._opened:
            self._opened = True
            self._stream.seek(0)
            reader = PdfReader(self._stream, strict=False)
            if reader.is_encrypted and not reader.decrypt(""):
                raise ExtractError(FileState.LOCKED, "pdf.password")
            self._reader = reader
        return self._reader

    def count(self) -> int:
        """Return the number of pages, 0 when the file cannot be opened."""
        return self._ask(lambda reader: len(reader.pages), 0)[0]

    def text(self, index: int) -> tuple[str, bool]:
        """Return (text, failed) of a page."""
        return self._ask(lambda reader: str(reader.pages[index].extract_text()), "")

    def label(self, index: int) -> str:
        """Return a page's label, "" when there is none."""
        if self._labels is None:
            none: list[str] = []
            self._labels = self._ask(lambda reader: [str(label) for label in reader.page_labels], none)[0]
        return one_line(self._labels[index], 40) if index < len(self._labels) else ""

    def title(self) -> str:
        """Return the title of the document information."""
        return self._ask(lambda reader: str((reader.metadata and reader.metadata.title) or ""), "")[0]

    def outline(self) -> list[tuple[str, int, int]]:
        """Return (title, level from 0, page number from 1) for each entry that has a page."""
        none: list[tuple[str, int, int]] = []
        return self._ask(_outline, none)[0]

    def values(self, index: int) -> list[str]:
        """Return values of form fields and texts of annotations on a page."""
        none: list[str] = []
        return self._ask(lambda reader: list(_values(reader.pages[index])), none)[0]


def _outline(reader: PdfReader) -> list[tuple[str, int, int]]:
    entries: list[tuple[str, int, int]] = []

    def walk(items: list[Any], level: int) -> None:
        for item in items:
            if len(entries) >= _MAX_OUTLINE or level > _MAX_DEPTH:
                return
            if isinstance(item, list):
                walk(item, level + 1)
                continue
            number = reader.get_destination_page_number(item)
            title = one_line(str(item.title or ""), 200)
            if number is not None and number >= 0 and title:
                entries.append((title, level, number + 1))

    walk(list(reader.outline), 0)
    return entries


def _values(page: Any) -> Iterator[str]:
    for reference in list(page.get("/Annots") or ())[:_MAX_ANNOTATIONS]:
        annotation = reference.get_object()
        subtype = annotation.get("/Subtype")
        if subtype == "/Widget":
            yield from _field(annotation)
        elif subtype in _TEXT_ANNOTATIONS:
            yield str(annotation.get("/Contents") or "")


def _field(widget: Any) -> Iterator[str]:
    """Yield a field's value; kids inherit it from their parents."""
    node = widget
    kind = value = None
    for _ in range(_MAX_DEPTH):
        kind = kind or node.get("/FT")
        value = value if value is not None else node.get("/V")
        parent = node.get("/Parent")
        if parent is None:
            break
        node = parent.get_object()
    if value is None or kind == "/Sig":
        return
    value = value.get_object()
    if kind == "/Btn":
        # The state of a button is a name such as /Yes: no text of the document.
        return
    for part in value if isinstance(value, list) else [value]:
        yield str(part)
