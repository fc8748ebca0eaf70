"""A row of the task list from the first word to the receipt, in a real Chromium, and every page of it by axe."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import openpyxl
import pytest
import sqlalchemy as sa

from khub.plan.models import ExpectedOutput
from khub.reports import offline
from tests.browser import papers
from tests.browser.site import Site, serving
from tests.browser.test_axe import EACH_VIEW, Sweep, data, press

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

    from tests.browser.site import Visit

pytestmark = pytest.mark.browser

#: A row for each run, so that none depends on another.
ROWS = {"id": "1.3.02", "en": "1.3.09"}
TEXT = "Modul pelatihan disusun bersama guru dan dipakai di satuan pendidikan sasaran."
SAVED = {"id": "Tersimpan sebagai draf", "en": "Saved as a draft"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Return a site of these rows' own: other files hand in keluaran for them."""
    with serving(tmp_path_factory.mktemp("rows"), max_upload_mb=8) as found:
        yield found


def known(site: Site) -> list[str]:
    """Return what the plan says; it stays in its language."""
    with site.services.db.read() as session:
        return [*data(site), *session.scalars(sa.select(ExpectedOutput.name).distinct())]


def fill(page: Page, language: str) -> None:
    """Fill in the words and figures and wait until they have saved themselves."""
    page.fill("#achievement", TEXT)
    page.fill("#percent", "80")
    for figure in page.locator("input[name^=value-]").all():
        figure.fill("1.200")
    page.check("#no_obstacles")
    page.locator("[data-simpan-status]", has_text=SAVED[language]).wait_for()


@EACH_VIEW
def test_a_row_from_the_first_word_to_the_receipt(
    site: Site, visit: Visit, language: str, width: int
) -> None:
    code, sweep = ROWS[language], Sweep(known(site))

    def look(page: Page, what: str) -> None:
        sweep.look(page, f"{what} {width} {language}", language)

    page = visit("pokja1", language=language, width=width)
    page.goto("/laporan-saya")
    look(page, "task list")
    press(page, f"li:has(a:text-is('{code}')) > .baris a.btn")
    row = page.url
    look(page, "empty row")

    fill(page, language)
    page.set_input_files(
        "#files",
        papers.file("laporan-pelatihan.pdf", papers.paper("Laporan Pelatihan", [["Laporan Pelatihan"]] * 9)),
    )
    page.locator("#keluaran-baris [name=outputs]").wait_for()
    page.locator("#keluaran-baris [name^=pages-]").fill("6, 8-9")
    page.locator("#achievement").press("End")
    press(page, "form[data-simpan-otomatis] .btn.dua")
    assert page.locator("[name^=pages-]").input_value() == "6, 8–9"
    assert page.locator("#achievement").input_value() == TEXT
    assert page.locator("[name=outputs]").is_checked()
    look(page, "filled row")

    page.fill("#percent", "101")
    press(page, "form[data-simpan-otomatis] .btn.dua")
    assert page.locator("#percent").input_value() == "101"
    look(page, "row with errors")
    page.fill("#percent", "80")
    page.locator("[name=revision]").evaluate("field => { field.value = '0'; }")
    with page.expect_navigation() as moved:
        page.locator("form[data-simpan-otomatis] .btn.dua").click()
    assert moved.value.status == 409
    look(page, "conflict")

    page.goto("/laporan-saya")
    assert page.locator(f"li:has(a:text-is('{code}')) input[name=pilih]").is_checked()
    look(page, "task list with a ready row")
    page.goto("/")
    look(page, "home")
    page.goto(row)
    page.check("[name=menyusul]")
    press(page, "[formaction$='/ajukan']")
    assert "/tanda-terima/" in page.url
    assert page.locator(f"text={code}").count()
    look(page, "receipt")
    press(page, "a[href*='/laporan-aksi/L-']")
    assert page.locator("a[href$='/hlm/6']").count() == 1
    look(page, "report")
    press(page, "form[action$='/tarik'] button")
    look(page, "withdrawn report")
    page.goto(row)
    assert page.locator("#achievement").input_value() == TEXT
    sweep.verdict()


@EACH_VIEW
def test_rows_taken_along_and_rows_entered_for_others(
    site: Site, visit: Visit, language: str, width: int
) -> None:
    code, sweep = ROWS[language], Sweep(known(site))

    def look(page: Page, what: str) -> None:
        sweep.look(page, f"{what} {width} {language}", language)

    page = visit("pokja1", language=language, width=width)
    page.goto("/laporan-saya/bawa-kembali")
    look(page, "bring back")
    book = openpyxl.load_workbook(io.BytesIO(page.request.get("/laporan-saya/lembar.xlsx").body()))
    sheet = book[offline.SHEET]
    place = {cell.value: cell.column for cell in sheet[1]}
    for line in sheet.iter_rows(min_row=2):
        line[place["persen"] - 1].value = "91" if line[place["aksi_kode"] - 1].value == code else "banyak"
    for kept in (False, True):
        out = io.BytesIO()
        book.save(out)
        page.goto("/laporan-saya/bawa-kembali")
        page.set_input_files("#file", papers.file("lembar.xlsx", out.getvalue(), "application/zip"))
        press(page, "main form [type=submit]")
        look(page, "preview" if kept else "preview with bad cells")
        for line in sheet.iter_rows(min_row=2):
            if line[place["aksi_kode"] - 1].value != code:
                line[place["persen"] - 1].value = None
    press(page, "form[action$='/terapkan'] button")
    press(page, f"li:has(a:text-is('{code}')) > .baris a.btn")
    assert page.locator("#percent").input_value() == "91"

    page = visit("sekretariat", language=language, width=width)
    page.goto("/laporan-saya")
    look(page, "no K/L chosen")
    page.goto("/laporan-saya?kl=k-l-contoh-12")
    look(page, "task list of a K/L")
    press(page, "a[href$='/1.3.03/atas-nama']")
    page.locator("#letter").evaluate("field => { field.required = false; }")
    press(page, "main form [type=submit]")
    look(page, "atas nama with errors")
    sweep.verdict()


def test_a_row_without_scripts(site: Site, visit: Visit) -> None:
    page = visit("pokja1", scripts=False)
    page.goto("/laporan-saya")
    press(page, "li:has(a:text-is('1.3.11')) > .baris a.btn")
    page.fill("#achievement", TEXT)
    press(page, "form[data-simpan-otomatis] .btn.dua")
    page.set_input_files("#files", papers.file("a.txt", b"Laporan\n", "text/plain"))
    press(page, "form[data-unggah] [type=submit]")
    assert page.locator("[name=outputs]").is_checked()
    press(page, "[formaction$='/ajukan']")
    assert page.locator(".galat-ringkas a[href='#percent']").count() == 1
    page.fill("#percent", "100")
    for figure in page.locator("input[name^=value-]").all():
        figure.fill("3")
    page.check("#no_obstacles")
    press(page, "[formaction$='/ajukan']")
    assert "/tanda-terima/" in page.url
