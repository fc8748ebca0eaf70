"""Saving a search, ticking through it and picking from it in a real browser; every page under axe."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.test_axe import EACH_VIEW, Sweep, data, press

pytestmark = pytest.mark.browser


@EACH_VIEW
def test_every_page_of_saved_searches_and_selections_holds(told, visit, language, width):
    sweep, where = Sweep(data(told)), f"{width} {language}"
    page = visit("sekretariat", language=language, width=width)
    words = f"pelatihan guru toleransi {language}"
    sweep.data += [words, f"Semua tentang {words}"]
    page.goto(f"/cari?q={words}")
    page.locator(".simpan-cari summary").click()
    sweep.look(page, f"box to save {where}", language)
    page.fill("#nama-simpan", f"Semua tentang {words}")
    page.select_option("#kabar-simpan", "daily")
    press(page, ".simpan-cari [type=submit]")
    sweep.look(page, f"saved {where}", language)
    press(page, "button[name=nilai][value$=' ya'] >> nth=0")
    press(page, "button[name=nilai][value$=' tidak'] >> nth=0")
    sweep.look(page, f"ticked {where}", language)
    press(page, "form[action$='/umpan'] button")
    expect(page.locator("#alamat-umpan")).to_contain_text("/pencarian.atom")
    sweep.look(page, f"a secret address {where}", language)
    page.fill("#nama", "")
    press(page, "form:has(#nama) [type=submit]")
    assert page.title().startswith(("Galat:", "Error:"))
    sweep.look(page, f"without a name {where}", language)
    page.goto("/pencarian-tersimpan")
    sweep.look(page, f"list {where}", language)

    page.goto(f"/cari?q={words}")
    before = int(page.locator("[data-jumlah]").inner_text())
    for box in page.locator("input[name=pilih]:not(:checked)").all()[:2]:
        with page.expect_response("**/pilihan"):
            box.check()
    expect(page.locator("[data-jumlah]")).not_to_have_text(str(before))
    sweep.look(page, f"picked {where}", language)
    page.goto("/pilihan")
    sweep.look(page, f"selection {where}", language)
    page.goto("/pilihan/kutip")
    sweep.look(page, f"quotes {where}", language)
    page.goto("/pilihan")
    press(page, "form[action$='/kosongkan'] button")
    sweep.look(page, f"empty selection {where}", language)
    sweep.verdict()


def test_picking_and_saving_without_scripts(told, visit):
    page = visit("pokja1", scripts=False)
    page.goto("/cari?q=pelatihan")
    page.locator("input[name=pilih]").first.check()
    page.locator("#pilihan [type=submit]").click()
    expect(page.locator("[data-jumlah]")).to_have_text("1")
    expect(page.locator("input[name=pilih]").first).to_be_checked()
    page.locator(".simpan-cari summary").click()
    page.locator(".simpan-cari [type=submit]").click()
    expect(page.locator("h1")).to_have_text("pelatihan")
