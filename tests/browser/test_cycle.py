"""Pages of the cycle in a real browser: axe, answers given with and without JavaScript, heads that stay."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.test_axe import EACH_VIEW, Sweep, data

if TYPE_CHECKING:
    from tests.browser.site import Site, Visit

pytestmark = pytest.mark.browser

PLAN, PERIOD = "contoh-ran-pe", "2023-01-10"
KEPT = f"/rencana/periode/{PLAN}/{PERIOD}"
ANSWER = f"/komitmen/{PLAN}/2023/k-l-contoh-07/1.3.03"
PAGES = {
    "sekretariat": [
        "/matriks",
        "/matriks?pilar=1&fokus=1.3&cetak=a4",
        "/matriks?status=not_reported&tanda=not_reported&periode=2023-01-10",
        "/matriks?status=draft&pilar=3&kl=tidak-ada",
        "/matriks/kl?pilar=2",
        f"/matriks/baris?aksi={PLAN}/1.3.03&periode={PERIOD}",
        "/belum-lapor",
        "/belum-lapor?apa=komitmen&lewat=1",
        "/komitmen",
        "/komitmen?jawaban=tidak",
        ANSWER,
        KEPT,
        f"{KEPT}/ubah",
        f"{KEPT}/tutup",
        f"{KEPT}/tutup?status=belum",
        f"/rencana/periode/{PLAN}/2022-01-04",
        f"/rencana/tahun/{PLAN}/2023",
        f"/rencana/tahun/{PLAN}/2024?salin=lalu",
        "/rencana/periode",
        "/",
    ],
    "ketua1": ["/belum-lapor", ANSWER, "/matriks"],
    "pokja1": ["/komitmen/saya", ANSWER, "/matriks?kl=k-l-contoh-07", "/komitmen/saya?tahun=1999"],
    "auditor": ["/komitmen", ANSWER, "/matriks/kl"],
}


@EACH_VIEW
def test_every_page_of_the_cycle_holds(told: Site, visit: Visit, language: str, width: int) -> None:
    sweep = Sweep(data(told))
    for login, paths in PAGES.items():
        page = visit(login, language=language, width=width)
        for path in paths:
            answer = page.goto(path)
            assert answer is not None
            assert answer.status == 200, (login, path)
            sweep.look(page, f"{login} {path} {width} {language}", language)
        page.context.close()
    page = visit("sekretariat", language=language, width=width)
    page.goto(KEPT)
    with page.expect_navigation():
        page.locator("form[action$=perpanjang] button").click()
    sweep.look(page, f"extension with errors {width} {language}", language)
    page.goto("/rencana/periode")
    page.fill("[name=ends]", "2024-12-31")
    page.fill("[name=deadline]", "2024-11-30")
    with page.expect_navigation():
        page.locator("main form[action='/rencana/periode'] [type=submit]").click()
    expect(page.locator("[name=early]")).to_be_visible()
    sweep.look(page, f"early deadline {width} {language}", language)
    page.goto(ANSWER)
    with page.expect_navigation():
        page.locator("form[action$=atas-nama] button").click()
    sweep.look(page, f"atas nama with errors {width} {language}", language)
    page = visit("pokja1", language=language, width=width)
    page.goto(ANSWER)
    page.locator("[name=revision]").first.evaluate("field => { field.value = '77'; }")
    with page.expect_navigation():
        page.locator("form[data-simpan-otomatis] .btn").click()
    sweep.look(page, f"conflict {width} {language}", language)
    sweep.verdict()


def test_an_answer_saves_itself_and_goes_out_with_one_press(told: Site, visit: Visit) -> None:
    page = visit("pokja1b")
    page.goto("/komitmen/saya")
    row = page.locator(".tugas > li").first
    row.locator("input[value=no]").check()
    expect(row.locator("[data-simpan-status]")).to_contain_text("Tersimpan")
    row.locator("summary").click()
    row.locator("textarea").fill("Anggaran dialihkan")
    with page.expect_navigation():  # at once: what was typed last is saved before it is handed in
        page.get_by_role("button", name="Ajukan", exact=True).click()
    expect(page.locator("h1")).to_contain_text("TT-2023-")
    expect(page.locator("main")).to_contain_text("Anggaran dialihkan")


def test_without_javascript_a_draft_is_saved_and_found_again(told: Site, visit: Visit) -> None:
    page = visit("pokja1", scripts=False)
    page.goto(ANSWER)
    page.fill("[name=expected]", "Modul untuk guru")
    page.fill("[name=name-0]", "Pelatihan guru")
    page.fill("[name=target-0]", "1.250")
    page.locator("form[data-simpan-otomatis] .btn").click()
    expect(page.locator("[name=expected]")).to_have_value("Modul untuk guru")
    expect(page.locator("[name=target-0]")).to_have_value("1.250")


def test_the_heads_of_the_matrix_stay_and_the_keyboard_scrolls_it(told: Site, visit: Visit) -> None:
    page = visit("sekretariat")
    page.goto("/matriks")
    box = page.locator(".gulir.tinggi")
    head, first = page.locator(".lekat thead th").nth(1), page.locator(".lekat tbody th").first
    top = head.bounding_box()["y"]
    box.focus()
    for _ in range(6):
        page.keyboard.press("PageDown")
    page.wait_for_timeout(400)
    assert page.evaluate("document.querySelector('.gulir.tinggi').scrollTop") > 300
    assert abs(head.bounding_box()["y"] - box.bounding_box()["y"]) < 4
    left = first.bounding_box()["x"]
    page.evaluate("document.querySelector('.gulir.tinggi').scrollLeft = 9999")
    assert abs(first.bounding_box()["x"] - left) < 4
    assert top >= 0
