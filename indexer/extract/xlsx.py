"""Excel: one page for each sheet, shown values only, a cap on cells instead of a grid."""

import datetime as dt
import re
from typing import IO

from indexer.extract.collect import Collector
from indexer.extract.model import ExtractError, FileState, PageKind
from indexer.extract.ooxml import core_title, drawing_text, main_part, relationships
from indexer.extract.text import clean
from indexer.extract.xml import Walker, walk_part
from indexer.extract.zipdir import Container

_BUILTIN_DATES = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
_FORMAT_NOISE = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')
_DATE_LETTERS = re.compile(r"[ymdhs]", re.IGNORECASE)
# Excel counts a 29 February 1900 that never was; from 1 March 1900 on this epoch is right.
_EPOCH = dt.datetime(1899, 12, 30)  # noqa: DTZ001 -- serial dates carry no zone
_EPOCH_1904 = dt.datetime(1904, 1, 1)  # noqa: DTZ001 -- serial dates carry no zone
_MAX_SERIAL = 2_958_465  # 31 December 9999
_MAX_STRINGS = 1_000_000
_DRAWN = frozenset({"chart", "chartEx", "diagramData"})


class _Workbook(Walker):
    def __init__(self) -> None:
        self.sheets: list[tuple[str, str]] = []
        self.epoch = _EPOCH

    def start(self, name: str, names: dict[str, str], /) -> None:
        if name == "sheet":
            self.sheets.append((names.get("name", ""), names.get("id", "")))
        elif name == "workbookPr" and names.get("date1904") in {"1", "true"}:
            self.epoch = _EPOCH_1904


class _Strings(Walker):
    """Shared strings; phonetic guides (rPh) are left out."""

    def __init__(self, limit: int) -> None:
        self.items: list[str] = []
        self._parts: list[str] = []
        self._taking = False
        self._phonetic = 0
        self._left = limit

    def start(self, name: str, _names: dict[str, str], /) -> None:
        if name == "rPh":
            self._phonetic += 1
        elif name == "t":
            self._taking = not self._phonetic

    def end(self, name: str, /) -> None:
        if name == "rPh":
            self._phonetic -= 1
        elif name == "t":
            self._taking = False
        elif name == "si":
            if len(self.items) < _MAX_STRINGS:
                self.items.append("".join(self._parts))
            self._parts = []

    def data(self, text: str, /) -> None:
        if self._taking and self._left > 0:
            self._left -= len(text)
            self._parts.append(text)


class _Formats(Walker):
    """Which cell styles show a date."""

    def __init__(self) -> None:
        self._custom: set[int] = set()
        self._in_cells = False
        self.dates: list[bool] = []

    def start(self, name: str, names: dict[str, str], /) -> None:
        if name == "numFmt":
            code = _FORMAT_NOISE.sub("", names.get("formatCode", ""))
            if _DATE_LETTERS.search(code) and "general" not in code.lower():
                self._custom.add(_number(names.get("numFmtId", "")))
        elif name == "cellXfs":
            self._in_cells = True
        elif name == "xf" and self._in_cells:
            identifier = _number(names.get("numFmtId", ""))
            self.dates.append(identifier in _BUILTIN_DATES or identifier in self._custom)

    def end(self, name: str, /) -> None:
        if name == "cellXfs":
            self._in_cells = False


class _Sheet(Walker):
    """Rows of a sheet as lines of tab-separated shown values."""

    def __init__(
        self, strings: list[str], dates: list[bool], epoch: dt.datetime, cells: int, chars: int
    ) -> None:
        self.lines: list[str] = []
        self.cells = cells
        self.cut = ""
        self._strings, self._dates, self._epoch = strings, dates, epoch
        self._chars = chars
        self._row: list[str] = []
        self._kind = self._style = ""
        self._value: list[str] = []
        self._taking = False

    def start(self, name: str, names: dict[str, str], /) -> None:
        if name == "c":
            self._kind, self._style, self._value = names.get("t", "n"), names.get("s", ""), []
        elif name in {"v", "t"}:
            self._taking = True
        elif name in {"rPh", "f", "oddHeader"}:
            self._taking = False

    def end(self, name: str, /) -> None:
        if name in {"v", "t"}:
            self._taking = False
        elif name == "c":
            self._end_cell()
        elif name == "row":
            if self._row:
                self.lines.append("\t".join(self._row))
            self._row = []

    def data(self, text: str, /) -> None:
        if self._taking:
            self._value.append(text)

    def _end_cell(self) -> None:
        raw = "".join(self._value)
        if not raw.strip():
            return
        if self.cells <= 0 or self._chars <= 0:
            self.cut = self.cut or ("cut.cells" if self.cells <= 0 else "cut.text")
            return
        shown = " ".join(self._shown(raw).split())
        if shown:
            self.cells -= 1
            self._chars -= len(shown) + 1
            self._row.append(shown)

    def _shown(self, raw: str) -> str:
        if self._kind == "s":
            at = _number(raw)
            return self._strings[at] if 0 <= at < len(self._strings) else ""
        if self._kind == "b":
            return "TRUE" if raw.strip() == "1" else "FALSE"
        if self._kind != "n":
            return raw
        style = _number(self._style)
        return _figure(raw, self._epoch if 0 <= style < len(self._dates) and self._dates[style] else None)


def _number(raw: str) -> int:
    """Return a small non-negative integer, -1 for anything else."""
    raw = raw.strip()
    return int(raw) if raw.isascii() and raw.isdecimal() and len(raw) < 10 else -1  # noqa: PLR2004 -- digits


def _figure(raw: str, epoch: dt.datetime | None) -> str:
    """Return a number as people read it: dates as ISO, no binary noise."""
    try:
        value = float(raw)
    except ValueError:
        return raw
    if epoch is not None and 0 <= value <= _MAX_SERIAL:
        moment = epoch + dt.timedelta(seconds=round(value * 86_400))
        if value < 1:
            return f"{moment:%H:%M}"
        return f"{moment:%Y-%m-%d}" if value == int(value) else f"{moment:%Y-%m-%d %H:%M}"
    return f"{value:.15g}" if "e" in raw.lower() or "." in raw else raw


def read(stream: IO[bytes], found: Collector, *, engine: str = "") -> None:  # noqa: ARG001 -- one engine
    """Read an .xlsx into ``found``: one page for each sheet, hidden ones too."""
    container = Container(stream, found.limits)
    part = main_part(container, "xl/workbook.xml")
    if not container.find(part):
        raise ExtractError(FileState.BROKEN, "ooxml.no_body")
    book, strings, formats = _Workbook(), _Strings(found.limits.document_chars), _Formats()
    sound = walk_part(container, part, book)
    links = relationships(container, part)
    for kind, target in links.values():
        if kind == "sharedStrings":
            sound = walk_part(container, target, strings) and sound
        elif kind == "styles":
            walk_part(container, target, formats)
    if not sound:
        found.warn("damaged")
    found.title = core_title(container)
    found.page_count = len(book.sheets)
    cells = found.limits.cells
    for name, identifier in book.sheets:
        if found.stop_when_full():
            break
        target = links.get(identifier, ("", ""))[1]
        sheet = _Sheet(strings.items, formats.dates, book.epoch, cells, found.limits.page_chars)
        whole = bool(container.find(target)) and walk_part(container, target, sheet)
        cells = sheet.cells
        if sheet.cut:
            found.warn(sheet.cut)
        text = clean("\n".join([*sheet.lines, *_attached(container, target)]))
        if not whole and text:
            found.warn("damaged")
        failed = "page.failed" if not whole and not text else ""
        found.add(text, PageKind.SHEET, label=name, heading=name, error=failed)


def _attached(container: Container, sheet: str) -> list[str]:
    """Return comments, text boxes and chart labels of a sheet."""
    texts = []
    for kind, target in relationships(container, sheet).values():
        if kind in {"comments", "threadedComment"}:
            texts.append(drawing_text(container, target))
        elif kind == "drawing":
            texts.append(drawing_text(container, target))
            texts += [
                drawing_text(container, part)
                for inner, part in relationships(container, target).values()
                if inner in _DRAWN
            ]
    return [text for text in texts if text]
