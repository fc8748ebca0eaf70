"""The sheet that is filled in without a connection and brought back."""

from __future__ import annotations

import io

import openpyxl
import pytest

from khub.errors import ConflictError, InvalidError, NotFoundError
from khub.plan.workbook import FORMULA
from khub.reports import offline, wording
from khub.reports.forms import Evidence, Said
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


def test_a_figure_that_a_spreadsheet_computed_is_refused_with_what_to_write_instead(desk, office):
    book = taken(office)
    write(book, 1, "sejak_januari", 1 / 3, sheet=offline.SHEET_FIGURES)
    _, found = brought(office, book)
    assert [problem.params.get("rounded") for problem in found.problems] == ["0,333333"]


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


def test_a_renamed_column_is_said_not_swallowed(desk, office):
    book = taken(office)
    write(book, 1, "capaian", "Hilang?")
    book[offline.SHEET].cell(1, column(book[offline.SHEET], "capaian")).value = "Capaian 2023"
    _, found = brought(office, book)
    assert [each.column for each in found.warnings] == ["Capaian 2023"]
    browser = office.browser("budi")
    out = io.BytesIO()
    book.save(out)
    browser.get(f"/laporan-saya/bawa-kembali?periode={PLAN}/{PERIOD}")
    out.seek(0)
    answer = browser.post(f"/laporan-saya/bawa-kembali?periode={PLAN}/{PERIOD}", file=(out, "lembar.xlsx"))
    assert "Capaian 2023" in browser.get(answer.location).text
    head = book[offline.SHEET_FIGURES][1][0]
    assert head.value == "kegiatan_nomor"
    head.value = "nomor"
    write(book, 1, "sejak_januari", 7, sheet=offline.SHEET_FIGURES)
    _, found = brought(office, book)
    assert [(each.line, each.column) for each in found.problems] == [(1, "kegiatan_nomor")]


def test_a_percentage_is_read_as_the_sheet_shows_it(desk, office):
    book = taken(office)
    for row, value in ((1, 1), (2, 0.8)):
        write(book, row, "persen", value)
        sheet = book[offline.SHEET]
        sheet.cell(row + 1, column(sheet, "persen")).number_format = "0%"
    key, found = brought(office, book)
    assert not found.problems
    apply(office, key, found.fingerprint)
    assert [desk.form("budi", action).typed["percent"] for action in ("1.1.01", "1.1.02")] == ["100", "80"]


def test_no_figure_of_a_kegiatan_gets_lost_or_is_chosen_between(desk, office):
    book = taken(office)
    write(book, 1, "sejak_januari", 12, sheet=offline.SHEET_FIGURES)
    figures = book[offline.SHEET_FIGURES]
    figures.append([cell.value for cell in figures[2]])
    write(book, 2, "sejak_januari", 99, sheet=offline.SHEET_FIGURES)
    _, found = brought(office, book)
    assert [(each.line, each.column) for each in found.problems] == [(3, "kegiatan_nomor")]
    figures.delete_rows(3)
    book[offline.SHEET].delete_rows(2)
    _, found = brought(office, book)
    assert [(each.line, each.column) for each in found.problems] == [(2, "kegiatan_aksi")]
    write(book, 1, "sejak_januari", None, sheet=offline.SHEET_FIGURES)
    assert not brought(office, book)[1].problems


def test_evidence_goes_out_and_comes_back_with_its_pages(desk, office):
    first, second = office.draft("budi", "Modul"), office.draft("budi", "Kajian")
    other = office.draft("tia", "Milik K/L lain")
    elsewhere = office.draft("budi", "Aksi lain", action="1.1.02")
    report = desk.save("budi", outputs=(Evidence(first, "3"),))
    book = taken(office)
    sheet = book[offline.SHEET]
    assert sheet.cell(2, column(sheet, "keluaran")).value == f"{first}: 3"
    assert {row[1].value for row in book[offline.SHEET_OUTPUTS].iter_rows(min_row=2)} == {
        first,
        second,
        elsewhere,
    }
    assert not brought(office, book)[1].changes
    write(book, 1, "keluaran", f"{second.lower()} : hlm 6")
    _, found = brought(office, book)
    assert [each.column for each in found.problems] == ["keluaran"]
    for wrong in (other, elsewhere, "K-ZZZZZZZ", "Modul hlm. 6", "6, 7"):
        write(book, 1, "keluaran", wrong)
        _, found = brought(office, book)
        assert [(each.line, each.column) for each in found.problems] == [(2, "keluaran")], wrong
    write(book, 1, "keluaran", f"{second.lower()}: 6, 28-30")
    key, found = brought(office, book)
    assert found.changes[0].fields[0].new == f"{first}: 3\n{second}: 6, 28–30"
    apply(office, key, found.fingerprint)
    form = desk.form("budi")
    assert form.chosen == {first, second}  # what the sheet does not name stays
    assert (form.typed[f"pages-{first}"], form.typed[f"pages-{second}"]) == ("3", "6, 28–30")
    assert desk.submit("budi", report).reports == (report,)
