"""What holds for pages as such: language, history, print, weight, pictures."""

from __future__ import annotations

import gzip
import re

import pypdfium2
import pytest
from playwright.sync_api import expect

from tests.browser.site import Site, Visit, until

pytestmark = pytest.mark.browser

QUERY = "/cari?q=pelatihan+guru&pilar=1"
KB = 1024


def test_the_language_switch_keeps_the_page_and_its_query(told: Site, visit: Visit) -> None:
    page = visit("sekretariat")
    page.goto(QUERY)
    page.get_by_role("link", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    assert page.url.endswith(QUERY)
    expect(page.locator("#cari")).to_have_value("pelatihan guru")
    page.get_by_role("link", name="Indonesia").click()
    expect(page.locator("html")).to_have_attribute("lang", "id")
    assert page.url.endswith(QUERY)


@pytest.mark.parametrize("language", ["id", "en"])
def test_the_menu_of_every_role_stands_in_one_row(told: Site, visit: Visit, language: str) -> None:
    for login in ("sekretariat", "ketua1", "pokja1", "pejabat07", "auditor", "admin"):
        page = visit(login, language=language)
        page.goto("/aksi")
        tops = page.locator(".menu nav > ul > li").evaluate_all("all => all.map(each => each.offsetTop)")
        assert len(set(tops)) == 1, login


@pytest.mark.parametrize("language", ["id", "en"])
def test_lists_are_read_on_a_phone_without_scrolling_sideways(
    told: Site, visit: Visit, language: str
) -> None:
    page = visit("sekretariat", language=language)
    page.set_viewport_size({"width": 360, "height": 800})
    for path in ("/", "/keluaran", "/aksi", "/tinjau", "/tinjau-massal", "/belum-lapor", "/komitmen", "/kl"):
        page.goto(path)
        wider = page.locator(".gulir").evaluate_all(
            "all => all.filter(each => each.scrollWidth > each.clientWidth).map(each => each.ariaLabel)"
        )
        assert wider == [], path
    # Words that a heading of a column says on paper stand beside what they tell of.
    page.goto("/tinjau")
    first = page.locator("tbody tr").first.locator("td[data-l]").last
    assert (
        first.evaluate("each => getComputedStyle(each, '::before').content")
        == f'"{first.get_attribute("data-l")} "'
    )
    expect(page.locator("thead th").first).to_have_text(
        {"id": "Laporan atau keluaran", "en": "Report or output"}[language]
    )
    page.goto("/tinjau-massal")
    expect(page.locator("[data-pilih-semua]")).to_be_visible()


def test_back_from_a_hit_brings_query_and_filters_again(told: Site, visit: Visit) -> None:
    page = visit("sekretariat")
    page.goto("/cari?q=pelatihan+guru")
    total = page.locator(".kepala .angka").first.inner_text()
    value = page.locator("label.pilih", has=page.locator("[name=status]")).first
    promised = value.locator(".n").inner_text()
    value.locator("input").check()
    page.get_by_role("button", name="Terapkan").click()
    assert page.locator(".kepala .angka").first.inner_text().split()[0] == promised
    filtered = page.url
    page.locator(".kutip a").first.click()
    expect(page.locator(".peta")).to_be_visible()
    page.go_back()
    assert page.url == filtered
    expect(page.locator("#cari")).to_have_value("pelatihan guru")
    expect(page.locator(".saring input:checked")).to_have_count(1)
    page.locator(".keping").click()
    assert page.locator(".kepala .angka").first.inner_text() == total


def test_paper_shows_the_content_and_no_controls(told: Site, visit: Visit) -> None:
    page = visit("sekretariat")
    for path in ("/", QUERY, "/keluaran", "/tinjau"):
        page.goto(path)
        page.emulate_media(media="print")
        for gone in (".nav", ".cari-kop", ".akun", "main .btn", ".saring", ".hasil input", ".tak-cetak"):
            assert not any(each.is_visible() for each in page.locator(gone).all()), (path, gone)
        expect(page.locator("h1")).to_be_visible()
        assert page.evaluate("() => getComputedStyle(document.body).borderTopWidth") == "0px"
        if path == QUERY:  # what was found stands out without colour
            weight = "e => getComputedStyle(e).fontWeight"
            assert page.locator(".kutip mark").first.evaluate(weight) == "700"
        page.emulate_media(media="screen")
    assert len(page.pdf(format="A4")) > 10 * KB


def test_paper_is_filled_and_has_no_ways_to_edit(told: Site, visit: Visit) -> None:
    """Long sheets begin under their heading, not on the next page; a matrix lies on one kind of paper."""
    page = visit("sekretariat")
    page.goto("/koordinasi")
    unit = page.locator("main tbody th a").first.get_attribute("href")
    page.emulate_media(media="print")
    for path in (unit, "/belum-lapor", "/angka"):
        page.goto(str(path))
        for gone in (".tak-cetak", ".saring-baris", "[data-cetak]", ".tepi a", ".tambah-alinea"):
            assert not any(each.is_visible() for each in page.locator(gone).all()), (path, gone)
    for path, first in (("/belum-lapor", "K/L Contoh"), ("/angka", "64/79")):
        page.goto(path)
        with pypdfium2.PdfDocument(page.pdf(format="A4")) as paper:
            assert first in paper[0].get_textpage().get_text_range(), path
    page = visit("pokja1")
    page.goto("/")
    page.goto(str(page.locator("a[href^='/tanda-terima/']").first.get_attribute("href")))
    with pypdfium2.PdfDocument(page.pdf(format="A4")) as paper:
        receipt = paper[0].get_textpage().get_text_range()
        assert (len(paper), "TT-2023-" in receipt, "SHA-256" in receipt) == (1, True, True)
    page = visit("sekretariat")
    page.goto("/matriks?cetak=a4")
    with pypdfium2.PdfDocument(page.pdf(prefer_css_page_size=True)) as paper:
        assert {tuple(round(side) for side in paper.get_page_size(n)) for n in range(len(paper))} == {
            (842, 595)
        }
        assert "1.1.01" in paper[0].get_textpage().get_text_range()


def test_the_first_view_is_light_and_asks_no_other_machine(told: Site, visit: Visit) -> None:
    for login, path, most in (
        ("", "/masuk", 80),
        ("sekretariat", "/", 80),
        ("sekretariat", QUERY, 80),
        ("pokja1", "/unggah", 80),
    ):
        page = visit(login)
        sizes: dict[str, int] = {}
        page.on("response", lambda answer, sizes=sizes: sizes.update({answer.url: weigh(answer)}))
        page.goto(path)
        page.wait_for_load_state("networkidle")
        assert all(url.startswith(told.address) for url in sizes)
        light = {url: size for url, size in sizes.items() if "/gambar" not in url}
        assert sum(light.values()) <= most * KB, (path, light)
        assert sum(size for url, size in light.items() if url.endswith(".js")) <= 20 * KB


def weigh(answer) -> int:
    """Return the bytes of an answer as a proxy that packs text would send them."""
    kind = answer.headers.get("content-type", "")
    body = answer.body()
    return len(gzip.compress(body)) if re.match(r"text/|image/svg", kind) else len(body)


def test_pictures_of_hits_wait_until_they_are_seen_and_take_their_room_before(
    told: Site, visit: Visit
) -> None:
    page = visit("sekretariat")
    held = []
    page.route("**/gambar?*", lambda route: held.append(route))  # noqa: PLW0108 - Playwright marks what it is given
    page.goto("/cari?q=pelatihan", wait_until="domcontentloaded")
    expect(page.locator(".hasil > li").first).to_be_visible()
    before = page.locator(".hasil > li").nth(1).bounding_box()
    assert held
    for route in held:
        route.continue_()
    page.unroute("**/gambar?*")
    first = page.locator(".hasil img").first
    page.wait_for_load_state("load")
    assert page.locator(".hasil img:not([loading=lazy])").count() == 0
    until(lambda: first.evaluate("image => image.complete && image.naturalWidth"), "the first picture")
    assert page.locator(".hasil > li").nth(1).bounding_box() == before
