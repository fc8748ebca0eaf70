"""Read a table out of an untrusted CSV or XLSX file, as text, with line numbers.

Nothing here knows what the columns mean, only which names are known. Codes must keep their look:
a cell "1.10" that a spreadsheet holds as a number is shown as its format shows it, and a cell that
a spreadsheet has turned into a date is refused, because its look cannot be had back.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from khub.errors import N_, FieldError, InvalidError
from khub.plan import workbook

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

#: Largest file in bytes, most rows, most columns, longest cell that is looked at.
MAX_BYTES = 8 << 20
MAX_ROWS = 5000
MAX_COLUMNS = 60
MAX_CELL = 20_000
_DELIMITERS = ",;\t"
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_ZIP = b"PK\x03\x04"
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
#: Regular expression of what some spreadsheet takes for the start of a formula, the wide forms of Japanese ones too.
FORMULA_STARTS = r"[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]"
_GUARDED = re.compile(rf"'+{FORMULA_STARTS}")


@dataclass(frozen=True, slots=True)
class Problem:
    """Something about one cell, row (``column`` "") or the whole file (``line`` 0).

    ``message`` is a msgid with places for ``params``; ``value`` is the start of what was there.
    """

    line: int
    column: str
    message: str
    params: Mapping[str, object] = field(default_factory=dict)
    value: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One row; ``line`` is its line in the file. ``cells`` maps known column names to raw text."""

    line: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """What a file holds. ``columns``: the known names found, in the file's order.

    ``complete`` is False where reading had to stop; the last of ``problems`` says why.
    """

    name: str
    sha256: str
    columns: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()
    complete: bool = True


class _RefusedError(Exception):
    """The rest of the file cannot be read."""

    def __init__(self, line: int, message: str, **params: object) -> None:
        super().__init__(message)
        self.problem = Problem(line, "", message, params)


def read_rows(data: bytes, name: str, known: frozenset[str], *, longest: int = MAX_CELL) -> Table:
    """Return the table in ``data``; faults of reading are in its ``problems``, never raised.

    ``longest``: most characters of a cell of a workbook.

    ``name`` (the file's name) is only for show: the format is told by the bytes. Raises
    ``InvalidError`` for a file that is empty or too large to be looked at.
    """
    if not data.strip(b"\0 \r\n\t"):
        raise InvalidError([FieldError("file", N_("Berkas ini kosong."))])
    if len(data) > MAX_BYTES:
        raise InvalidError(
            [FieldError("file", N_("Berkas ini lebih besar dari %(limit)s MB."), {"limit": MAX_BYTES >> 20})]
        )
    sha256 = hashlib.sha256(data).hexdigest()
    reading = _Reading(known)
    complete = True
    try:
        if data.startswith(_ZIP):
            reading.take(_workbook_rows(data, known, longest))
        else:
            text, encoding = _decode(data)
            if encoding != "utf-8":
                reading.warnings.append(
                    Problem(0, "", N_("Dibaca sebagai Windows-1252, bukan UTF-8. Periksa huruf khusus."))
                )
            reading.take(_csv_rows(text, known))
    except _RefusedError as refused:
        reading.problems.append(refused.problem)
        complete = False
    return Table(
        name,
        sha256,
        tuple(column for column in reading.columns if column),
        tuple(reading.rows),
        tuple(reading.problems),
        tuple(reading.warnings),
        complete,
    )


class _Reading:
    """Collects rows under their header."""

    def __init__(self, known: frozenset[str]) -> None:
        self.known = known
        self.columns: list[str] = []
        self.rows: list[Row] = []
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []

    def take(self, rows: Iterable[workbook.RawRow]) -> None:
        header = True
        for line, cells, faults in rows:
            if not faults and not any(cell.strip() for cell in cells):
                continue
            if header:
                self._head(line, cells)
                header = False
                continue
            if cells and cells[0].lstrip().startswith("#"):
                continue
            if len(self.rows) == MAX_ROWS:
                raise _RefusedError(line, N_("Lebih dari %(limit)s baris. Bagi berkas ini."), limit=MAX_ROWS)
            self._row(line, cells, faults)
        if header:
            raise _RefusedError(0, N_("Berkas ini tidak punya baris judul kolom."))

    def _head(self, line: int, cells: Sequence[str]) -> None:
        seen: set[str] = set()
        for position, cell in enumerate(cells[:MAX_COLUMNS], start=1):
            column = column_name(cell)
            if column in self.known:
                if column in seen:
                    self.problems.append(Problem(line, column, N_("Kolom ini ada dua kali.")))
                    column = ""
                seen.add(column)
            elif column:
                self.warnings.append(
                    Problem(line, cell.strip()[:60], N_("Kolom ini tidak dikenal dan tidak dibaca."))
                )
                column = ""
            elif any(other.strip() for other in cells[position:]):
                self.warnings.append(
                    Problem(
                        line, "", N_("Kolom ke-%(number)s tanpa nama dan tidak dibaca."), {"number": position}
                    )
                )
            self.columns.append(column)
        if not seen:
            raise _RefusedError(
                line,
                N_(
                    "Tidak satu pun nama kolom dikenal. Baris pertama harus berisi nama kolom; lihat templat."
                ),
            )

    def _row(self, line: int, cells: Sequence[str], faults: Mapping[int, str]) -> None:
        for index, message in faults.items():
            if index < len(self.columns) and self.columns[index]:
                self.problems.append(Problem(line, self.columns[index], message))
        extra = [cell for cell in cells[len(self.columns) :] if cell.strip()]
        if extra:
            self.problems.append(
                Problem(
                    line,
                    "",
                    N_(
                        "Baris ini punya lebih banyak sel daripada judul kolom; periksa tanda kutip dan pemisah."
                    ),
                    value=extra[0][:60],
                )
            )
        self.rows.append(
            Row(line, {name: cell for name, cell in zip(self.columns, cells, strict=False) if name})
        )


def column_name(text: str) -> str:
    """Return the form in which column names are compared ("Aksi Kode" → "aksi_kode")."""
    return re.sub(r"[\s\-]+", "_", text.strip("\ufeff \t\r\n").casefold())[:200]


def _decode(data: bytes) -> tuple[str, str]:
    if data.startswith(_OLD_EXCEL):
        raise _RefusedError(0, N_("Ini berkas XLS lama. Simpan sebagai XLSX atau CSV UTF-8."))
    if data.startswith(_UTF16):
        raise _RefusedError(0, N_("Berkas ini memakai UTF-16. Simpan sebagai CSV UTF-8."))
    for encoding, label in (("utf-8-sig", "utf-8"), ("cp1252", "cp1252")):
        try:
            return data.decode(encoding), label
        except UnicodeDecodeError as error:
            at = error.start
    raise _RefusedError(
        data.count(b"\n", 0, at) + 1, N_("Huruf pada baris ini tidak terbaca. Simpan sebagai CSV UTF-8.")
    )


def _csv_rows(text: str, known: frozenset[str]) -> Iterator[workbook.RawRow]:
    delimiter = max(_DELIMITERS, key=lambda mark: _score(text, mark, known))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            message = (
                N_("Sel pada baris ini terlalu panjang untuk dibaca.")
                if "limit" in str(error)
                else N_("Tanda kutip pada baris ini tidak berpasangan; baris berikutnya tidak dibaca.")
            )
            raise _RefusedError(line, message) from error
        yield line, [cell[1:] if _GUARDED.match(cell) else cell for cell in cells], {}
        line = reader.line_num + 1


def _score(text: str, delimiter: str, known: frozenset[str]) -> int:
    """Return how many known names the first record holds when split by ``delimiter``."""
    try:
        for cells in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            if any(cell.strip() for cell in cells):
                return sum(column_name(cell) in known for cell in cells)
    except csv.Error:
        return 0
    return 0


def _workbook_rows(data: bytes, known: frozenset[str], longest: int) -> list[workbook.RawRow]:
    def chosen(cells: Sequence[str]) -> bool:
        return any(column_name(cell) in known for cell in cells)

    try:
        return workbook.rows(data, chosen, columns=MAX_COLUMNS, longest=longest, most=MAX_ROWS + 2)
    except workbook.WorkbookError as error:
        raise _RefusedError(0, error.message, **error.params) from error
