"""XLSX in and out, behind one door: the only module of the plan room that knows openpyxl."""

from __future__ import annotations

import io
import itertools
import re
import warnings
import zipfile
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

import openpyxl
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from khub.errors import N_

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

#: Unpacked size in bytes over all parts, and number of parts: a real catalogue stays far below.
MAX_UNPACKED = 24 << 20
MAX_PARTS = 300
_LAST_ROW = 1_048_576
#: Longest text that a cell may hold; openpyxl would cut without a word.
_CELL = 32_767
_SHEETS_LOOKED_AT = 10
_PERCENT_FORMAT = re.compile(r"0+(?:\.0+)?%")
_ZERO_FORMAT = re.compile(r"(0+)(?:\.(0+))?\Z")

FORMULA = N_("Sel ini berisi rumus. Salin sebagai nilai, lalu simpan lagi.")
ERROR_VALUE = N_("Sel ini berisi galat lembar kerja.")
BECAME_DATE = N_(
    "Sel ini menjadi tanggal di lembar kerja, sehingga tulisan aslinya hilang. Jadikan teks, ketik ulang."
)
TOO_LONG = N_("Isi sel ini terlalu panjang untuk dibaca.")


class WorkbookError(Exception):
    """The file cannot be read as a workbook; ``message`` is a msgid with places for ``params``."""

    def __init__(self, message: str, **params: object) -> None:
        super().__init__(message)
        self.message = message
        self.params = params


#: (row number, texts, faults by index into the texts)
RawRow = tuple[int, list[str], dict[int, str]]


def rows(
    data: bytes, chosen: Callable[[Sequence[str]], bool], *, columns: int, longest: int, most: int
) -> list[RawRow]:
    """Return the filled rows of the first sheet whose first filled row is ``chosen``.

    Where none is, the first sheet is taken. At most ``most`` rows and their first ``columns`` cells are
    read; a text above ``longest`` characters is a fault. Raises ``WorkbookError``.
    """
    _check_parts(data)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl warns of styles that are none of our business
            book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, keep_links=False)
            sheets = book.worksheets[:_SHEETS_LOOKED_AT]
            heads = (next(_sheet_rows(sheet, columns, longest), (0, [], {})) for sheet in sheets)
            at = next((place for place, (_, texts, _) in enumerate(heads) if chosen(texts)), 0)
            return list(itertools.islice(_sheet_rows(sheets[at], columns, longest), most))
    except Exception as error:  # a broken workbook makes openpyxl raise anything at all
        raise WorkbookError(N_("Berkas XLSX ini rusak atau bukan buku kerja.")) from error


def _check_parts(data: bytes) -> None:
    """Refuse a bomb before anything is unpacked; zipfile never unpacks more than the size it declares."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise WorkbookError(N_("Berkas XLSX ini rusak atau bukan buku kerja.")) from error
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
        raise WorkbookError(
            N_("Isi berkas XLSX ini lebih besar dari %(limit)s MB setelah dibuka."), limit=MAX_UNPACKED >> 20
        )


def _sheet_rows(sheet: Any, columns: int, longest: int) -> Iterator[RawRow]:
    sheet.reset_dimensions()  # a file may claim any size
    last: object = None
    for number, cells in enumerate(sheet.iter_rows(max_col=columns, max_row=_LAST_ROW), start=1):
        if cells is last:  # the one tuple that stands for every missing row, perhaps a million times
            continue
        last = cells
        texts: list[str] = []
        faults: dict[int, str] = {}
        for index, cell in enumerate(cells):
            text, fault = _look(cell)
            if len(text) > longest:
                # Many cells may share one huge string: never copy it.
                text, fault = "", TOO_LONG
            texts.append(text)
            if fault:
                faults[index] = fault
        if faults or any(text.strip() for text in texts):
            yield number, texts, faults


def _look(cell: Any) -> tuple[str, str]:  # noqa: PLR0911 - one return for each kind of value
    """Return what a cell shows as text, and what is wrong with it."""
    value = cell.value
    if value is None:
        return "", ""
    if cell.data_type == "f":
        return "", FORMULA
    if cell.data_type == "e":
        return "", ERROR_VALUE
    if isinstance(value, str):
        return value, ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE", ""
    if isinstance(value, (datetime, date, time, timedelta)):
        return "", BECAME_DATE
    if isinstance(value, (int, float)):
        return _number(value, str(cell.number_format or "General")), ""
    return "", FORMULA


def _number(value: float, number_format: str) -> str:
    if _PERCENT_FORMAT.fullmatch(number_format):  # "100%" is kept as 1
        return f"{value * 100:.10g}%"
    if match := _ZERO_FORMAT.match(number_format):
        whole, decimals = match.group(1), match.group(2) or ""
        width = len(whole) + len(decimals) + bool(decimals)
        return f"{value:0{width}.{len(decimals)}f}"
    return str(int(value)) if float(value).is_integer() else repr(value)


def _fitting(text: str) -> str:
    """Return a text as a cell can hold it; one that is too long says how many characters it goes on for."""
    plain = ILLEGAL_CHARACTERS_RE.sub(" ", text)
    kept = _CELL - 20
    return plain if len(plain) <= _CELL else f"{plain[:kept]} … (+{len(plain) - kept})"


def write(sheets: Sequence[tuple[str, Sequence[Sequence[str | int]]]], widths: Sequence[int]) -> bytes:
    """Return a workbook: (sheet name, rows) each, the first row as a bold head.

    Whole numbers stay numbers; every text is typed as text, so that none can become a formula, a
    number or a date.
    """
    book = openpyxl.Workbook(write_only=True)
    for name, lines in sheets:
        sheet = book.create_sheet(name)
        sheet.freeze_panes = "A2"
        for index, width in enumerate(widths, start=1):
            sheet.column_dimensions[get_column_letter(index)].width = width
        for number, line in enumerate(lines):
            cells = []
            for value in line:
                cell = WriteOnlyCell(sheet, value=_fitting(value) if isinstance(value, str) else value)
                if isinstance(value, str):
                    cell.data_type = "s"
                    cell.number_format = "@"
                cell.alignment = Alignment(wrap_text=True, vertical="top")
                cell.font = Font(bold=number == 0)
                cells.append(cell)
            sheet.append(cells)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
