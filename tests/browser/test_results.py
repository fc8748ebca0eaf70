"""The page of results as it stands on the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.site import WIDE

if TYPE_CHECKING:
    from tests.browser.site import Site, Visit

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("kind", ["", "/laporan", "/aksi", "/kl"])
def test_what_a_hit_says_has_the_width_of_the_list(told: Site, visit: Visit, kind: str) -> None:
    page = visit("sekretariat")
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(f"/cari{kind}?q={'contoh' if kind == '/kl' else 'pelatihan'}")
        whole = page.locator("ol.hasil").bounding_box()
        said = page.locator("ol.hasil > li > div").first.bounding_box()
        assert whole is not None
        assert said is not None
        assert said["width"] > 0.8 * whole["width"], (kind, width)


def test_a_phone_shows_whole_rows(told: Site, visit: Visit) -> None:
    page = visit("sekretariat", width=360)
    for path in ("/keluaran", "/cari/tak-terbaca", "/bantuan/pencarian"):
        page.goto(path)
        for row in page.locator("main tbody tr").all()[:3]:
            last = row.locator("td").last.bounding_box()
            assert last is not None
            assert last["x"] + last["width"] <= 360, path
    page.goto(f"/cari?q={'sangatpanjangsekali' * 12}")
    assert page.evaluate(WIDE) <= 0
    page.goto("/cari?q=pelatihan")
    for part in ("h2 a", ".kutip dd"):  # a title without a blank, a page of codes
        page.locator(f"ol.hasil {part}").first.evaluate("e => e.textContent = 'x'.repeat(300)")
        assert page.evaluate(WIDE) <= 0, part
    page.locator("ol.hasil dt a").first.click()
    for part in (".kepala .mt", ".remah a"):  # a file's name of underscores, a query
        page.locator(part).first.evaluate("e => e.append('Laporan_Pelatihan_'.repeat(9))")
        assert page.evaluate(WIDE) <= 0, part


def test_an_address_says_only_what_was_chosen(told: Site, visit: Visit) -> None:
    page = visit("sekretariat")
    page.goto("/cari?q=pelatihan")
    assert page.locator("input[name^=cari_]").count()
    page.locator("input[name=pilar]").first.check()
    page.get_by_role("button", name="Terapkan").click()
    page.wait_for_url("**/cari?q=pelatihan&pilar=1")
    page.fill("#tanggal", "2023")
    page.get_by_role("button", name="Terapkan").click()
    page.wait_for_url("**/cari?q=pelatihan&pilar=1&tanggal=2023")


def test_who_comes_back_sees_what_is_selected_and_filtered_now(told: Site, visit: Visit) -> None:
    """A browser puts back the boxes as they were left; the next tick would select again what was let go."""
    page = visit("sekretariat2")
    page.goto("/cari?q=pelatihan")
    told_number = page.locator("[data-jumlah]")
    for row in (0, 2):
        with page.expect_response("**/pilihan**"):
            page.locator("input[name=pilih]").nth(row).check()
    expect(told_number).to_have_text("2")
    page.locator(".bar-pilih a").click()
    page.get_by_role("button", name="Kosongkan pilihan").click()
    expect(page.get_by_text("Belum ada yang dipilih")).to_be_visible()
    while "/cari" not in page.url:
        page.go_back()
    expect(told_number).to_have_text("0")
    assert page.locator("input[name=pilih]:checked").count() == 0

    page.locator("input[name=jenis]").first.check()
    page.get_by_role("button", name="Terapkan").click()
    page.wait_for_url("**jenis=**")
    page.go_back()
    expect(page.locator(".keping")).to_have_count(0)
    assert page.locator("input[name=jenis]:checked").count() == 0
