"""Whatever bytes arrive, the answer is a list of faults or a refusal, soon, and nothing is written."""

from __future__ import annotations

import contextlib
import io
import time
import zipfile
from datetime import date
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from khub.errors import InvalidError
from khub.plan import catalogue
from khub.plan.catalogue import COLUMNS
from khub.plan.sheets import MAX_BYTES, MAX_ROWS

if TYPE_CHECKING:
    from collections.abc import Callable

HEAD = ",".join(COLUMNS)
SHARED_STRINGS = (
    b'<Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.openxmlformats-officedocument'
    b'.spreadsheetml.sharedStrings+xml"/>'
)
#: Seconds that a hostile file may take at most on a slow machine.
SOON = 20


def told(data: bytes, name: str = "x") -> list[tuple[int, str, str]]:
    began = time.monotonic()
    found = catalogue.read(data, name)
    assert time.monotonic() - began < SOON
    return [(each.line, each.column, each.message % each.params) for each in found.problems]


def workbook_of(rows: list[list[Any]]) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for line in rows:
        sheet.append(line)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def rezipped(data: bytes, part: str, content: bytes) -> bytes:
    """Return the workbook with one part replaced or added."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name != part:
                new.writestr(name, old.read(name))
        new.writestr(part, content)
    return out.getvalue()


@pytest.fixture
def good(row: Callable[..., dict[str, str]]) -> list[list[Any]]:
    return [list(COLUMNS), [row("1.1.01")[name] for name in COLUMNS]]


@pytest.mark.parametrize("data", [b"", b"\0\0\0", b" \r\n\r\n"])
def test_an_empty_file_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidError, match="kosong"):
        catalogue.read(data, "x.csv")


def test_a_file_above_the_limit_is_refused() -> None:
    with pytest.raises(InvalidError, match="lebih besar"):
        catalogue.read(b"a" * (MAX_BYTES + 1), "x.csv")


@pytest.mark.parametrize(
    ("data", "line", "reason"),
    [
        (b"\xff\xfep\0l\0a\0n\0", 0, "UTF-16"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 64, 0, "XLS lama"),
        (b"plan,aksi\nx,\x81\n", 2, "tidak terbaca"),
        (b"%PDF-1.7\n%\xe2\xe3\n", 1, "Tidak satu pun nama kolom"),
        (b"\x89PNG\r\n\x1a\n", 1, "Tidak satu pun nama kolom"),
        (b"PK\x03\x04 not a zip", 0, "rusak"),
        ((HEAD + '\n"RAN PE,1\n' + "x\n" * 50).encode(), 2, "Tanda kutip"),
        ((HEAD + "\n" + "a" * 1_000_000 + "\n").encode(), 2, "terlalu panjang"),
        (HEAD.encode() + b"\n", 0, "tanpa satu aksi pun"),
    ],
)
def test_what_is_no_table_is_told_with_its_line(data: bytes, line: int, reason: str) -> None:
    problems = told(data)
    assert len(problems) == 1
    assert problems[0][0] == line
    assert reason in problems[0][2]


def test_missing_columns_are_all_named() -> None:
    assert [column for _, column, _ in told(b"plan,aksi_kode,aksi\na,b,c\n")] == [
        name for name in COLUMNS if name not in ("plan", "aksi_kode", "aksi")
    ]


def test_a_column_given_twice_is_refused_and_an_unknown_one_is_only_a_warning(
    csv_of: Any, small: Any
) -> None:
    data = csv_of(small, columns=[*COLUMNS, "catatan"])
    found = catalogue.read(data, "x.csv")
    assert found.problems == ()
    assert [(each.column, each.message) for each in found.warnings] == [
        ("catatan", "Kolom ini tidak dikenal dan tidak dibaca.")
    ]
    doubled = data.replace(b"catatan", b"aksi", 1)
    assert told(doubled)[0] == (1, "aksi", "Kolom ini ada dua kali.")


def test_a_row_with_more_cells_than_the_head_is_told(csv_of: Any, small: Any) -> None:
    data = csv_of(small[:1]).rstrip() + b",lebih\r\n"
    assert "lebih banyak sel" in told(data)[0][2]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_the_usual_spellings_of_csv_are_read(csv_of: Any, small: Any, delimiter: str, encoding: str) -> None:
    found = catalogue.read(csv_of(small, delimiter=delimiter, encoding=encoding), "x.csv")
    assert found.problems == ()
    assert {entry.plan for entry in found.entries} == {"RAN PE 2020–2024"}
    assert bool(found.warnings) == (encoding == "cp1252")


def test_a_hundred_thousand_rows_are_refused_soon(csv_of: Any, row: Any) -> None:
    one = csv_of([row("1.1.01")]).split(b"\r\n")
    short = b"a,b,c,d,e,f,g,,,,,"
    problems = told(b"\r\n".join([one[0], *[short] * 100_000]))
    assert any(f"Lebih dari {MAX_ROWS} baris" in text for _, _, text in problems)
    assert len(problems) < 10


def test_a_zip_bomb_is_refused_before_it_is_unpacked(good: list[list[Any]]) -> None:
    bomb = rezipped(workbook_of(good), "xl/worksheets/sheet1.xml", b"<row/>" * 50_000_000)
    assert len(bomb) < MAX_BYTES
    assert "setelah dibuka" in told(bomb)[0][2]


@pytest.mark.parametrize(
    "sheet",
    [
        b"",
        b"<not-xml",
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><x>&b;</x>',
        (
            b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
            b'<row r="99999999999"><c r="A99999999999"><v>1</v></c></row></sheetData></worksheet>'
        ),
        (
            b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
            b'<dimension ref="A1:XFD1048576"/><sheetData/></worksheet>'
        ),
        (
            b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
            b'<row r="1"><c r="A1" t="s"><v>999999</v></c></row></sheetData></worksheet>'
        ),
    ],
)
def test_a_broken_sheet_is_a_fault_of_the_file(good: list[list[Any]], sheet: bytes) -> None:
    problems = told(rezipped(workbook_of(good), "xl/worksheets/sheet1.xml", sheet))
    assert len(problems) == 1
    assert problems[0][0] == 0


def test_numbers_keep_their_look_and_dates_are_refused(good: list[list[Any]]) -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook_of([good[0], good[1], good[1], good[1], good[1]])))
    sheet = book.active
    assert sheet is not None
    for line, (value, look) in enumerate(
        [(1.1, "0.00"), (1.3, "General"), (7, "000"), (date(2007, 3, 1), "d.m.yy")], start=2
    ):
        sheet.cell(line, COLUMNS.index("aksi_kode") + 1, value).number_format = look
        sheet.cell(line, COLUMNS.index("tahun") + 1, 2023.0)
    out = io.BytesIO()
    book.save(out)
    found = catalogue.read(out.getvalue(), "x.xlsx")
    assert [entry.code for entry in found.entries] == ["1.10", "1.3", "007"]
    assert {entry.years for entry in found.entries} == {(2023,)}
    (problem,) = found.problems
    assert (problem.line, problem.column) == (5, "aksi_kode")
    assert "tanggal" in problem.message


def test_formulas_and_errors_in_cells_are_refused(good: list[list[Any]]) -> None:
    bad = list(good[1])
    bad[COLUMNS.index("aksi")] = '=HYPERLINK("http://x","y")'
    bad[COLUMNS.index("keluaran")] = "#REF!"
    problems = told(workbook_of([good[0], bad]))
    assert [(line, column) for line, column, _ in problems] == [(2, "aksi"), (2, "keluaran")]


def test_a_huge_string_shared_by_many_cells_is_never_copied(good: list[list[Any]]) -> None:
    space = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    names = "".join(f"<si><t>{name}</t></si>" for name in COLUMNS)
    head = "".join(
        f'<c r="{letter}1" t="s"><v>{place}</v></c>' for place, letter in enumerate("ABCDEFGHIJKL")
    )
    lines = "".join(
        f'<row r="{line}">'
        + "".join(f'<c r="{letter}{line}" t="s"><v>12</v></c>' for letter in "ABCDEFGHIJKL")
        + "</row>"
        for line in range(2, 502)
    )
    sheet = f'<worksheet {space}><sheetData><row r="1">{head}</row>{lines}</sheetData></worksheet>'
    strings = f"<sst {space}>{names}<si><t>{'x' * 5_000_000}</t></si></sst>"
    book = rezipped(workbook_of(good), "xl/worksheets/sheet1.xml", sheet.encode())
    book = rezipped(book, "xl/sharedStrings.xml", strings.encode())
    listing = "[Content_Types].xml"
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        types = archive.read(listing).replace(b"</Types>", SHARED_STRINGS + b"</Types>")
    problems = told(rezipped(book, listing, types))
    assert len(problems) == 500 * len(COLUMNS)
    assert {text for _, _, text in problems} == {"Isi sel ini terlalu panjang untuk dibaca."}


def test_a_sheet_with_its_own_cover_page_is_found(good: list[list[Any]]) -> None:
    book = openpyxl.Workbook()
    cover = book.active
    assert cover is not None
    cover["A1"] = "Sampul"
    sheet = book.create_sheet("Data")
    for line in good:
        sheet.append(line)
    out = io.BytesIO()
    book.save(out)
    assert [entry.code for entry in catalogue.read(out.getvalue(), "x.xlsx").entries] == ["1.1.01"]


@given(st.binary(max_size=400))
def test_any_bytes_after_a_good_head_never_raise(tail: bytes) -> None:
    catalogue.read(HEAD.encode() + b"\n" + tail, "x.csv")


@given(st.text(max_size=200))
def test_any_text_never_raises(text: str) -> None:
    with contextlib.suppress(InvalidError):
        catalogue.read(text.encode("utf-8", "surrogatepass"), "x.csv")
