"""Coordination done by hand in a real browser, each page under axe, errors and conflicts included."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

import pytest

from tests.browser.test_axe import UNIT, Sweep, data, press

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.site import Site, Visit

pytestmark = pytest.mark.browser
SUBMIT = "main form[method=post] .btn[type=submit]"


@pytest.mark.parametrize(("language", "width"), [("id", 360), ("en", 1280)])
def test_a_unit_is_coordinated_by_hand(told: Site, visit: Visit, language: str, width: int) -> None:
    sweep, where = Sweep(data(told)), f"{width} {language}"
    page = visit("sekretariat", language=language, width=width)

    def look(name: str) -> None:
        sweep.look(page, f"{name} {where}", language)

    page.goto(f"{UNIT}/kontak/baru")
    look("new contact")
    page.fill("#email", "tanpa-at")
    press(page, SUBMIT)
    look("contact with errors")
    page.fill("#name", "Ibu Sekar Contoh")
    page.fill("#email", f"{'alamat.yang.panjang.' * 3}sekar@kl07.example")
    press(page, SUBMIT)
    page.goto(f"{UNIT}/catatan")
    look("notes")
    press(page, SUBMIT)
    look("note with errors")
    page.fill("#text", "Sepakat mengirim laporan minggu depan.")
    press(page, SUBMIT)
    page.goto(f"{UNIT}/tindak-lanjut")
    press(page, SUBMIT)
    look("follow-up with errors")
    page.fill("#text", "Minta nama pengganti narahubung")
    page.fill("#due_on", "2023-11-03")
    press(page, SUBMIT)
    look("unit with everything")
    page.goto("/")
    assert "Minta nama pengganti narahubung" in page.locator("main").inner_text()
    look("home")
    page.locator("[aria-labelledby=tindak-lanjut] .daftar a", has_text="Minta nama").first.click()
    look("follow-up")
    _conflict(page)
    look("follow-up in conflict")
    page.goto("/koordinasi/tindak-lanjut")
    press(page, "main table tr:has-text('Minta nama pengganti') form .teks >> nth=0")
    page.goto("/koordinasi/tindak-lanjut?status=selesai")
    look("done")
    page.goto(UNIT)
    page.locator("[aria-labelledby=kontak] .dua-sisi a").first.click()
    look("contact")
    _conflict(page)
    look("contact in conflict")
    sweep.verdict()


@pytest.mark.parametrize(("language", "width"), [("id", 1280), ("en", 360)])
def test_papers_are_made_by_hand(told: Site, visit: Visit, language: str, width: int) -> None:
    sweep, where = Sweep(data(told)), f"{width} {language}"
    page = visit("sekretariat", language=language, width=width)

    def look(name: str) -> None:
        sweep.look(page, f"{name} {where}", language)

    page.goto(f"{UNIT}/rekap")
    look("recap")
    page.goto("/koordinasi/surat")
    look("template")
    page.fill("#body", "Yth. {nama}")
    press(page, "main .btn[value=simpan]")
    look("template with errors")
    page.fill("#body", "Yth. {nama_kl}\n{daftar_aksi}\nTenggat {tenggat}")
    press(page, "main .btn[value=pratinjau]")
    look("preview")
    press(page, "main .btn[value=simpan]")
    look("template saved")
    for name in ("rekap", "surat"):
        answer = page.request.get(f"{told.address}{UNIT}/{name}.docx")
        assert zipfile.ZipFile(io.BytesIO(answer.body())).testzip() is None
    sweep.verdict()


def _conflict(page: Page) -> None:
    """Send the form as somebody who had an older state before him."""
    page.locator("[name=revision]").evaluate("field => { field.value = '0'; }")
    with page.expect_navigation() as moved:
        page.locator(SUBMIT).first.click()
    assert moved.value.status == 409
