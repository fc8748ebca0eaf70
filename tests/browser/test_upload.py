"""The upload page: many files, wrong files, twice the same file, two tabs, a session that ends."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pypdf
import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from khub.accounts.models import SignIn
from khub.accounts.sessions import digest
from tests.browser import papers
from tests.browser.acts import queue_row
from tests.browser.site import WIDE, reload

if TYPE_CHECKING:
    from pathlib import Path

    from tests.browser.site import Site, Visit

pytestmark = pytest.mark.browser


def leaflet(title: str) -> bytes:
    return papers.paper(title, [[title, "Kegiatan dilaksanakan pada September 2023 di balai warga."]])


def choose(page: Page, *files: dict) -> None:
    page.set_input_files("#files", list(files))


def cards(page: Page) -> str:
    """Return which keluaran of how many is open: "1 dari 3", or "" for the only one."""
    found = re.search(r"\d+ dari \d+", page.locator("#kartu-judul").inner_text())
    return found[0] if found else ""


def test_several_files_become_one_each_and_are_joined_and_split_by_a_click(visit: Visit) -> None:
    page = visit("pokja1b")
    page.goto("/unggah")
    choose(page, *(papers.file(f"{n}.pdf", leaflet(f"Selebaran Gabungan {n}")) for n in (1, 2, 3)))
    expect(page.locator("#kartu-judul")).to_contain_text("1 dari 3")
    page.get_by_role("button", name="Gabung menjadi satu keluaran").click()
    expect(page.locator("#kartu-judul")).not_to_contain_text("dari")
    expect(page.locator("#bacaan li")).to_have_count(3)
    page.get_by_role("button", name="Pisah: satu keluaran tiap berkas").click()
    assert cards(page).endswith("dari 3")
    page.locator(".berkas li").first.get_by_role("button", name="Lepas").click()
    expect(page.locator("#kartu-judul")).to_contain_text("dari 2")
    for _ in range(2):
        page.locator("#actions").select_option(value="contoh-ran-pe/1.3.04")
        page.locator("[name=lalu]").click()
    page.get_by_role("button", name="Ajukan 2 keluaran").click()
    expect(page.locator("h1")).to_have_text(re.compile("^TT-"))
    expect(page.get_by_text("2 keluaran")).to_be_visible()
    expect(page.locator("tbody tr")).to_have_count(2)


def test_what_was_found_is_asked_as_soon_as_it_is_read_and_a_long_name_fits(visit: Visit) -> None:
    page = visit("pokja1b")
    page.goto("/unggah?aksi=contoh-ran-pe/1.3.04&periode=contoh-ran-pe/2023-01-10")
    paper = papers.paper("Daftar Hadir Penyuluh", [["Daftar Hadir Penyuluh", "NIK 3174051203900005"]])
    choose(page, papers.file("daftar_hadir_" * 12 + "ttd.pdf", paper))
    page.get_by_label("Bukan data pribadi").check(timeout=15_000)  # without a reload, before Ajukan
    assert page.evaluate(WIDE) == 0
    page.get_by_role("button", name="Ajukan ke Sekretariat").click()
    expect(page.locator("h1")).to_have_text(re.compile("^TT-"))
    assert page.evaluate(WIDE) == 0
    sums = page.locator("td .hash").bounding_box()
    assert sums is not None
    assert sums["height"] < 160
    page.locator("table a").click()
    assert page.evaluate(WIDE) == 0


def test_files_dropped_on_the_page_are_uploaded(visit: Visit) -> None:
    page = visit("pokja1b")
    page.goto("/unggah")
    dropped = page.evaluate_handle(
        """(bytes) => {
            const data = new DataTransfer();
            data.items.add(new File([new Uint8Array(bytes)], "seret.pdf", { type: "application/pdf" }));
            return data;
        }""",
        list(leaflet("Selebaran yang Diseret")),
    )
    page.dispatch_event("form.takik", "dragover", {"dataTransfer": dropped})
    expect(page.locator("form.takik")).to_have_class(re.compile("di-atas"))
    page.dispatch_event("form.takik", "drop", {"dataTransfer": dropped})
    expect(page.locator("#title")).to_have_value("Selebaran yang Diseret", timeout=15_000)


def test_what_the_file_tells_fills_the_card_but_never_what_was_typed(visit: Visit, site: Site) -> None:
    page = visit("pokja1b")
    page.goto("/unggah")
    choose(page, papers.file("a.pdf", leaflet("Judul dari Berkas")))
    page.fill("#title", "Judul yang saya ketik")
    expect(page.locator("#bacaan")).to_contain_text("Siap dicari", timeout=15_000)
    expect(page.locator("[data-simpan-status]")).to_contain_text("Tersimpan sebagai draf")
    expect(page.locator("#title")).to_have_value("Judul yang saya ketik")
    reload(page)
    expect(page.locator("#title")).to_have_value("Judul yang saya ketik")


def test_a_file_that_is_wrong_says_what_to_do(visit: Visit, tmp_path: Path) -> None:
    page = visit("pokja1b")
    page.goto("/unggah")
    locked = pypdf.PdfWriter()
    locked.add_blank_page(300, 300)
    locked.encrypt("rahasia")
    locked.write(tmp_path / "terkunci.pdf")
    large = tmp_path / "besar.pdf"
    with large.open("wb") as out:
        out.truncate(9 << 20)
    choose(page, papers.file("kosong.pdf", b""))
    expect(page.locator(".berkas li", has_text="kosong.pdf")).to_contain_text("kosong (0 bita)")
    choose(page, papers.file("laporan.pdf", b"MZ\x90\x00" + bytes(200)))
    expect(page.locator(".berkas li", has_text="laporan.pdf")).to_contain_text("adalah program")
    page.set_input_files("#files", large)
    expect(page.locator(".berkas li", has_text="besar.pdf")).to_contain_text("Berkas lebih besar dari 8")
    for remove in page.get_by_role("button", name="Hapus dari daftar").all()[::-1]:
        remove.click()
    choose(page, papers.file("bukan-word.docx", leaflet("Sebenarnya PDF")))
    expect(page.locator("#bacaan")).to_contain_text("Akhiran nama tidak cocok dengan isinya", timeout=15_000)
    page.set_input_files("#files", tmp_path / "terkunci.pdf")
    expect(page.locator("#kartu-judul")).to_contain_text("dari 2")
    page.locator("[name=lalu]").click()
    expect(page.locator("#bacaan")).to_contain_text("tanpa kata sandi", timeout=15_000)


def test_the_same_file_again_becomes_a_new_version_by_a_click(visit: Visit, site: Site) -> None:
    page, content = visit("pokja1b"), leaflet("Brosur Kembar")
    for name in ("brosur.pdf", "brosur-salinan.pdf"):
        page.goto("/unggah?aksi=contoh-ran-pe/1.3.05")
        choose(page, papers.file(name, content))
        expect(page.locator("#bacaan")).to_contain_text("Siap dicari", timeout=15_000)
        page.locator("#period").select_option(label="Januari–Oktober 2023")
        if name == "brosur.pdf":
            page.get_by_role("button", name="Ajukan").click()
            expect(page.locator("h1")).to_have_text(re.compile("^TT-"))
            office = visit("sekretariat")
            office.goto("/tinjau")
            queue_row(office, "Brosur Kembar").get_by_role("button", name="Tinjau").click()
            office.get_by_role("button", name="Setujui, buka berikutnya").click()
            expect(office.locator("h1")).not_to_have_text("Brosur Kembar")
    same = page.locator("[id^=mirip]", has_text="Berkas yang sama sudah ada")
    expect(same).to_contain_text("v1 tetap tersimpan")
    same.get_by_role("button", name="Jadikan versi baru").click()
    expect(page.locator("#kartu-judul")).to_contain_text("v2")


def test_two_tabs_on_one_card_keep_both_versions(visit: Visit) -> None:
    first = visit("pokja1b")
    first.goto("/unggah")
    choose(first, papers.file("dua.pdf", leaflet("Catatan Dua Tab")))
    expect(first.locator("#title")).to_have_value("Catatan Dua Tab", timeout=15_000)
    first.get_by_role("button", name="Simpan draf").click()
    second = first.context.new_page()
    second.goto(first.url)
    first.fill("#title", "Versi tab pertama")
    first.get_by_role("button", name="Simpan draf").click()
    expect(first.locator("#title")).to_have_value("Versi tab pertama")

    second.fill("#title", "Versi tab kedua")
    expect(second.get_by_role("link", name="Lihat yang tersimpan")).to_be_visible()
    with second.expect_navigation() as moved:
        second.get_by_role("button", name="Simpan draf").click()
    assert moved.value.status == 409
    expect(second.locator("#title")).to_have_value("Versi tab kedua")
    expect(second.locator("#kartu .catat", has_text="Yang tersimpan sekarang")).to_contain_text(
        "Versi tab pertama"
    )
    second.get_by_role("button", name="Simpan draf").click()
    reload(first)
    expect(first.locator("#title")).to_have_value("Versi tab kedua")


def test_what_was_typed_survives_the_end_of_the_session(visit: Visit, site: Site) -> None:
    page = visit()
    visit.sign_in(page, "pokja1b")
    page.goto("/unggah")
    choose(page, papers.file("sesi.pdf", leaflet("Catatan Sesi")))
    expect(page.locator("#title")).to_have_value("Catatan Sesi", timeout=15_000)
    token = next(cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "khub_session")
    with site.services.db.write() as session:
        session.execute(
            sa.update(SignIn)
            .where(SignIn.token_hash == digest(token))
            .values(ends_at=site.services.clock.now() - timedelta(hours=1))
        )
    page.fill("#title", "Diketik sesudah sesi berakhir")
    expect(page.locator("[data-simpan-status]")).to_contain_text("Sesi Anda berakhir")
    page.get_by_role("button", name="Simpan draf").click()
    expect(page.locator("h1")).to_have_text("Masuk")
    page.fill("#login", "pokja1b")
    page.fill("#password", "contoh-khub")
    page.locator("main form [type=submit]").click()
    expect(page.locator("h1")).to_have_text("Yang Anda ketik tersimpan")
    expect(page.locator("main")).to_contain_text("Diketik sesudah sesi berakhir")
    page.get_by_role("button", name="Kirim sekarang").click()
    expect(page.locator("#title")).to_have_value("Diketik sesudah sesi berakhir")
