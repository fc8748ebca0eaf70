"""The way of a keluaran, from the empty cell to the page that is found, as its people walk it."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest
import sqlalchemy as sa
from playwright.sync_api import Locator, Page, expect

from khub.plan.models import Period
from tests.browser import papers
from tests.browser.acts import queue_row
from tests.browser.site import Site, Visit, until

pytestmark = pytest.mark.browser

TITLE = "Laporan Lokakarya Guru Penggerak Dialog"
SENTENCE = "Penyuluh kelurahan memetakan warung kopi sebagai ruang percakapan lintas iman"
LINES = ["Laporan kegiatan Januari sampai Oktober 2023", "Peserta menyusun rencana di sekolah masing-masing."]


def report(title: str, sentence: str) -> bytes:
    """Return a PDF of nine pages whose page 7 holds ``sentence`` as its third line."""
    pages = [[title, f"Bagian {number}", *LINES] for number in range(1, 10)]
    pages[6] = [*pages[6][:2], sentence, *pages[6][2:]]
    return papers.paper(title, pages)


@dataclass
class Hand:
    """Counts what a person does."""

    page: Page
    clicks: int = 0
    typed: int = 0

    def click(self, target: Locator) -> None:
        target.click()
        self.clicks += 1

    def type(self, target: Locator, text: str) -> None:
        target.fill(text)
        self.typed += 1

    def choose(self, button: Locator, *files: dict) -> None:
        with self.page.expect_file_chooser() as chooser:
            self.click(button)
        chooser.value.set_files(list(files))


def hand_in(page: Page, site: Site, code: str, name: str, content: bytes) -> Hand:
    """Go from the cell of the running period to the receipt; returns what it took."""
    page.goto(site.action(code))
    hand = Hand(page)
    hand.click(page.locator("a.sel-unggah").first)
    hand.choose(page.locator("label.btn", has_text="Pilih berkas"), papers.file(name, content))
    expect(page.locator("#bacaan")).to_contain_text("Siap dicari", timeout=15_000)
    hand.click(page.get_by_role("button", name="Ajukan ke Sekretariat"))
    expect(page.locator("h1")).to_have_text(re.compile(r"^TT-2023-\w+$"))
    return hand


def approve(page: Page, title: str) -> Hand:
    """Find ``title`` in the queue, open it and approve it."""
    page.goto("/tinjau")
    hand = Hand(page)
    hand.click(queue_row(page, title).get_by_role("button", name="Tinjau"))
    expect(page.locator("h1")).to_have_text(title)
    hand.click(page.get_by_role("button", name="Setujui, buka berikutnya"))
    expect(page.locator("h1")).not_to_have_text(title)
    return hand


def search(page: Page, text: str) -> Locator:
    """Search from the head of the page; returns the results."""
    page.fill("#cari", text)
    page.press("#cari", "Enter")
    expect(page.locator("h1")).to_have_text(text)
    return page.locator(".hasil > li")


def test_from_the_empty_cell_to_the_page_that_is_found(site: Site, visit: Visit) -> None:
    member = visit("pokja1")
    hand = hand_in(member, site, "1.3.07", "laporan.pdf", report(TITLE, SENTENCE))
    assert (hand.clicks, hand.typed) == (3, 0)
    receipt = member.locator("h1").inner_text()
    expect(member.get_by_text("Sekretariat meninjau")).to_be_visible()
    expect(member.get_by_role("link", name="Unggah lagi")).to_be_visible()
    expect(member.locator("table")).to_contain_text(TITLE)
    site.settled()

    office = visit("sekretariat")
    assert approve(office, TITLE).clicks == 2

    found = search(office, f'"{SENTENCE}"')
    expect(found).to_have_count(1)
    hits = found.locator(".kutip a")
    expect(hits).to_have_count(1)
    hits.click()
    expect(office).to_have_url(re.compile(r"/berkas/\w[\w-]+/hlm/7\?q="))
    marked = office.locator(".teks-halaman mark").all_inner_texts()
    assert " ".join(" ".join(marked).split()) == SENTENCE
    assert_boxes_cover(office, SENTENCE, number=2)

    auditor = visit("auditor")
    auditor.goto(site.action("1.3.07"))
    auditor.locator(".matriks .kini a").first.click()
    expect(auditor.locator("h1")).to_have_text(TITLE)
    expect(auditor.locator("main")).to_contain_text(receipt)
    assert auditor.locator("main form[method=post]").count() == 0


def assert_boxes_cover(page: Page, line: str, *, number: int) -> None:
    """Each word of ``line`` lies under one box of the page's picture, and no box lies elsewhere."""
    picture = page.locator(".kertas img")
    until(lambda: picture.evaluate("image => image.complete && image.naturalWidth"), "the page's picture")
    frame = picture.bounding_box()
    assert frame is not None
    boxes = []
    for box in page.locator(".kertas svg rect").all():
        drawn = box.bounding_box()
        assert drawn is not None
        left, top = (drawn["x"] - frame["x"]) / frame["width"], (drawn["y"] - frame["y"]) / frame["height"]
        boxes.append(
            (left, top, left + drawn["width"] / frame["width"], top + drawn["height"] / frame["height"])
        )
    words = line.split()
    assert len(boxes) == len(words)
    for word, (left, top, right, bottom) in zip(words, sorted(boxes), strict=True):
        x0, y0, x1, y1 = papers.place(line, word, number)
        assert left == pytest.approx(x0, abs=0.006), word
        assert right == pytest.approx(x1, abs=0.006), word
        assert top == pytest.approx(y0, abs=0.01), word
        assert bottom == pytest.approx(y1, abs=0.01), word


def test_restricted_is_nowhere_for_another_pokja_until_it_is_internal(site: Site, visit: Visit) -> None:
    title, sentence = (
        "Notula Pendampingan Keluarga Terbatas",
        "Konselor mencatat kebiasaan baru di meja makan keluarga",
    )
    member = visit("pokja1")
    member.goto(f"/unggah?aksi=contoh-ran-pe/1.3.11&periode={running(site)}")
    member.set_input_files("#files", papers.file("notula.pdf", report(title, sentence)))
    expect(member.locator("#bacaan")).to_contain_text("Siap dicari", timeout=15_000)
    member.select_option("#classification", "terbatas")
    member.get_by_role("button", name="Ajukan ke Sekretariat").click()
    address = member.locator("table a").first.get_attribute("href")
    site.settled()
    office = visit("sekretariat")
    approve(office, title)
    hit = search(office, f'"{sentence}"').locator(".kutip a").get_attribute("href")
    assert address is not None
    assert hit is not None
    page = hit.partition("?")[0]
    hidden = [
        address,
        page,
        f"{page}/gambar",
        page.rpartition("/hlm/")[0] + "/unduh",
        f"/cari/{address.split('/')[-1].split('?')[0]}",
    ]

    stranger = visit("pokja3")
    stranger.goto("/")
    expect(search(stranger, f'"{sentence}"')).to_have_count(0)
    expect(stranger.get_by_text("Tidak ada yang cocok")).to_be_visible()
    assert [stranger.request.get(url).status for url in hidden] == [404] * len(hidden)
    nowhere = stranger.goto("/keluaran/K-AAAAAAA")
    assert nowhere is not None
    assert nowhere.status == 404
    said = stranger.locator("main").inner_text()
    stranger.goto(address)
    assert stranger.locator("main").inner_text() == said

    office.goto(address)
    office.select_option("#classification", "internal")
    office.fill("#reason", "Tidak memuat nama.")
    office.get_by_role("button", name="Ubah klasifikasi").click()
    expect(office.locator(".kepala")).to_contain_text("internal")
    stranger.goto("/")
    expect(search(stranger, f'"{sentence}"')).to_have_count(1)
    assert [stranger.request.get(url).status for url in hidden] == [200] * len(hidden)


def running(site: Site) -> str:
    """Return the code of the period that runs."""
    with site.services.db.read() as session:
        return session.scalars(
            sa.select(Period.code).where(Period.state == "open").order_by(Period.ends.desc()).limit(1)
        ).one()


def test_returned_with_a_note_mended_and_handed_in_again(site: Site, visit: Visit) -> None:
    title = "Modul Sekolah Damai yang Dikembalikan"
    member, office = visit("pokja1"), visit("sekretariat")
    hand_in(member, site, "1.3.14", "modul.pdf", report(title, "Guru memandu dialog pagi"))
    site.settled()
    office.goto("/tinjau")
    queue_row(office, title).get_by_role("button", name="Tinjau").click()
    office.get_by_role("button", name="Kembalikan").click()
    expect(office).to_have_title(re.compile("^Galat:"))
    expect(office.locator(".galat-ringkas a")).to_have_count(1)
    office.fill("#note", "Lampirkan daftar hadir.")
    office.get_by_role("button", name="Kembalikan").click()

    member.goto("/")
    returned = member.locator("section", has_text=title).first
    expect(returned).to_contain_text("Lampirkan daftar hadir.")
    returned.get_by_role("link", name="Perbaiki").click()
    member.fill("#title", f"{title}, kini lengkap")
    member.get_by_role("button", name="Ajukan").click()
    expect(member.locator("h1")).to_have_text(re.compile(r"^TT-2023-"))
    office.goto("/tinjau")
    queue_row(office, "kini lengkap").get_by_role("button", name="Tinjau").click()
    expect(office.get_by_role("heading", name="Berubah sejak dikembalikan")).to_be_visible()
    office.get_by_role("button", name="Setujui, buka berikutnya").click()
    member.goto("/keluaran?status=approved")
    expect(member.get_by_role("link", name="kini lengkap")).to_be_visible()


def test_withdrawn_before_it_is_opened_and_a_new_version_beside_the_first(site: Site, visit: Visit) -> None:
    title = "Panduan Relawan Tanggap"
    member, office = visit("pokja1"), visit("sekretariat")
    hand_in(member, site, "1.3.01", "panduan.pdf", report(title, "Relawan menyiapkan posko"))
    member.get_by_role("button", name="Tarik kembali").click()
    expect(member.locator("h1")).to_have_text("Periksa, lalu ajukan")
    office.goto("/tinjau")
    expect(office.get_by_text(title)).to_have_count(0)
    member.get_by_role("button", name="Ajukan").click()
    site.settled()
    approve(office, title)

    member.goto("/keluaran?status=approved")
    member.get_by_role("link", name=title).click()
    first = member.url
    member.get_by_role("button", name="Versi baru").click()
    member.set_input_files("#files", papers.file("panduan2.pdf", report(title, "Relawan menutup posko")))
    expect(member.locator("#bacaan")).to_contain_text("panduan2.pdf")
    member.get_by_role("button", name="Ajukan").click()
    member.goto(first)
    expect(member.get_by_role("link", name="v1 cuplikan 2")).to_be_visible()
    expect(member.get_by_role("link", name="v2 cuplikan 1")).to_be_visible()
