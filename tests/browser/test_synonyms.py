"""Synonyms in a real browser, with scripts off: looked at, saved, noticed by a searcher, taken back; every page under axe."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.site import reload
from tests.browser.test_axe import EACH_VIEW, Sweep, data, press

pytestmark = pytest.mark.browser


@EACH_VIEW
def test_every_page_on_synonyms_holds(site, visit, language, width):
    sweep, where = Sweep(data(site)), f"{width} {language}"
    page = visit("sekretariat", language=language, width=width)
    for path in (
        "/sinonim", "/sinonim?jenis=terkait", "/sinonim?jenis=kl", "/sinonim?cari=tidak+ada", "/sinonim/riwayat",
        "/sinonim/riwayat/1", "/sinonim/1", "/sinonim/1/hapus", "/sinonim/impor", "/sinonim/baru",
    ):  # fmt: skip
        page.goto(path)
        sweep.look(page, f"{path} {where}", language)
    page.fill("#bentuk", "guru\nonline")
    press(page, "[value=periksa]")
    assert page.title().startswith(("Galat:", "Error:"))
    sweep.look(page, f"a form of another group {where}", language)
    page.fill("#bentuk", "guru\npendidik\nmentor")
    press(page, "[value=periksa]")
    expect(page.locator("#akibat")).to_be_visible()
    sweep.look(page, f"what a group would do {where}", language)
    page.goto("/sinonim/impor")
    page.fill("#teks", "= satu\nx")
    press(page, "[value=periksa]")
    sweep.look(page, f"a file with faults {where}", language)
    page.fill("#teks", "= dosen, pengajar\n~ guru, ustaz")
    press(page, "[value=periksa]")
    sweep.look(page, f"what a file would do {where}", language)
    sweep.verdict()


def test_a_group_is_added_noticed_and_taken_back_without_scripts(site, visit):
    page = visit("sekretariat", scripts=False)
    page.goto("/sinonim/baru")
    page.fill("#bentuk", "zzkata\npelatihan")
    page.locator("[value=periksa]").click()
    expect(page.get_by_role("row").filter(has_text="zzkata").first).to_contain_text("ikut dicari: pelatihan")
    page.locator("[value=simpan]").click()
    expect(page.locator("[role=status]")).to_be_visible()
    other = visit("pokja1", scripts=False)
    other.goto("/cari?q=zzkata")
    expect(other.locator("main")).to_contain_text("termasuk: pelatihan")
    page.locator("main [role=status] a").click()
    page.locator("main form footer button").click()
    reload(other)
    expect(other.locator("main")).not_to_contain_text("termasuk:")
