"""The sheet that is filled in without a connection and brought back."""

from __future__ import annotations

import io

import openpyxl
import pytest

from khub.errors import ConflictError, InvalidError, NotFoundError
from khub.plan.workbook import FORMULA
from khub.reports import offline, wording
from khub.reports.forms import Said
from tests.khub.conftest import PERIOD, PLAN
from tests.khub.reports.conftest import place


def taken(office, login="budi"):
    """Return the workbook as the person downloads it."""
    with office.app.test_request_context():
        data = office.services.bringing.sheet(
            office.people[login], PLAN, PERIOD, wording.state_word, lambda name: f"dari {name}"
        )
    return openpyxl.load_workbook(io.BytesIO(data))


def column(sheet, name):
    return next(cell.column for cell in sheet[1] if cell.value == name)


def write(book, row, name, value, sheet=offline.SHEET):
    """Fill in a cell: ``row`` counts from 1 below the head."""
    book[sheet].cell(row + 1, column(book[sheet], name)).value = value


def brought(office, book, login="budi"):
    out = io.BytesIO()
    book.save(out)
    key = office.services.bringing.keep(io.BytesIO(out.getvalue()))
    return key, office.services.bringing.check(office.people[login], PLAN, PERIOD, key, "lembar.xlsx")


def apply(office, key, seen, login="budi"):
    return office.services.bringing.apply(office.people[login], PLAN, PERIOD, key, "lembar.xlsx", seen)


def test_a_sheet_brought_back_as_it_was_changes_nothing(desk, office):
    first = desk.save("budi", where={"period": "2023-01-04"}, achievement="Sampai April")
    desk.submit("budi", first)
    desk.save("budi", "1.1.02", achievement="=1+1 bukan rumus\nbaris dua", percent=12)
    book = taken(office)
    assert book[offline.SHEET].cell(2, column(book[offline.SHEET], "capaian")).value == "Sampai April"
    assert (
        book[offline.SHEET].cell(2, column(book[offline.SHEET], "catatan")).value == "dari Januari–April 2023"
    )
    cell = book[offline.SHEET].cell(3, column(book[offline.SHEET], "capaian"))
    assert (cell.value, cell.data_type) == ("=1+1 bukan rumus\nbaris dua", "s")
    _, found = brought(office, book)
    assert not found.problems
    assert not found.changes
    assert found.unchanged == 2


def test_what_was_filled_in_is_shown_first_and_kept_when_confirmed(desk, office):
    book = taken(office)
    write(book, 1, "capaian", "Diisi luring")
    write(book, 1, "persen", 45)
    write(book, 1, "tidak_ada_kendala", "Ya")
    write(book, 1, "sejak_januari", 120.5, sheet=offline.SHEET_FIGURES)
    key, found = brought(office, book)
    assert [change.own.spot.place.action for change in found.changes] == ["1.1.01"]
    assert {field.column.partition(":")[0] for field in found.changes[0].fields} == {
        "capaian",
        "persen",
        "tidak_ada_kendala",
        "sejak_januari",
    }
    assert desk.board("budi").counts["draf"] == 0  # nothing changed yet
    assert apply(office, key, found.fingerprint) == 1
    form = desk.form("budi")
    assert form.typed["achievement"] == "Diisi luring"
    assert form.typed[f"value-{desk.activities['Guru terlatih']}"] == "120,5"
    assert not form.missing
    assert brought(office, book)[1].changes == ()


def test_every_bad_cell_is_told_with_line_and_column_and_nothing_is_kept(desk, office):
    book = taken(office)
    write(book, 1, "persen", "banyak")
    write(book, 1, "capaian", "=SUM(A1:A9)")
    write(book, 2, "persen", 150)
    write(book, 2, "tidak_ada_kendala", "mungkin")
    write(book, 1, "sejak_januari", "1.200", sheet=offline.SHEET_FIGURES)
    write(book, 3, "periode", f"{PLAN}/{PERIOD}")
    write(book, 3, "kl", "kl-12")
    write(book, 3, "aksi_kode", "1.1.01")
    key, found = brought(office, book)
    assert {(problem.line, problem.column) for problem in found.problems} == {
        (2, "persen"),
        (2, "capaian"),
        (3, "persen"),
        (3, "tidak_ada_kendala"),
        (2, "sejak_januari"),
        (4, "aksi_kode"),
    }
    assert FORMULA in {problem.message for problem in found.problems}
    with pytest.raises(InvalidError):
        apply(office, key, found.fingerprint)
    assert desk.board("budi").counts["draf"] == 0


def test_a_row_changed_meanwhile_is_a_conflict_shown_not_overwritten(desk, office):
    book = taken(office)
    write(book, 1, "capaian", "Dari lembar")
    write(book, 2, "capaian", "Dari lembar")
    desk.save("budi", achievement="Dari khub")
    key, found = brought(office, book)
    assert [change.own.spot.place.action for change in found.conflicts] == ["1.1.01"]
    assert [change.own.spot.place.action for change in found.changes] == ["1.1.02"]
    desk.save("budi", "1.1.02", achievement="Juga dari khub")
    with pytest.raises(ConflictError):
        apply(office, key, found.fingerprint)
    _, found = brought(office, book)
    assert len(found.conflicts) == 2
    assert desk.form("budi").typed["achievement"] == "Dari khub"


def test_a_row_that_was_handed_in_is_left_alone(desk, office):
    report = desk.save("budi")
    book = taken(office)
    write(book, 1, "capaian", "Terlambat diubah")
    desk.submit("budi", report)
    _, found = brought(office, book)
    assert [bool(change.refusal) for change in found.conflicts] == [True]


def test_a_text_too_long_for_a_cell_stays_in_khub(desk, office):
    text = "x" * 100_000
    desk.save("budi", achievement=text)
    book = taken(office)
    write(book, 1, "persen", 61)
    key, found = brought(office, book)
    assert [field.column for field in found.changes[0].fields] == ["persen"]
    apply(office, key, found.fingerprint)
    assert desk.form("budi").typed["achievement"] == text


@pytest.mark.parametrize("data", [b"", b"not a workbook", b"PK\x03\x04broken", b"a,b\n1,2\n"])
def test_what_is_no_sheet_of_ours_is_told(desk, office, data):
    key = office.services.bringing.keep(io.BytesIO(data))
    try:
        found = office.services.bringing.check(office.people["budi"], PLAN, PERIOD, key, "x.xlsx")
    except InvalidError:
        return
    assert found.problems


def test_nobody_takes_or_brings_rows_that_are_not_his(desk, office):
    for login in ("dewi", "kiki", "sari", "yoga"):
        with pytest.raises(NotFoundError):
            taken(office, login)
    key, _ = brought(office, taken(office))
    found = office.services.bringing.check(office.people["tia"], PLAN, PERIOD, key, "x.xlsx")
    assert {problem.column for problem in found.problems} >= {"aksi_kode"}
    office.services.reports.save(office.people["tia"], place(unit="kl-12"), Said(no_obstacles=True))
