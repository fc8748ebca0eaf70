"""The annual report in a real browser: every page under axe; writing with and without JavaScript."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from khub.accounts.models import Person
from khub.annual.publishing import Format
from khub.annual.tokens import citation
from khub.plan.models import Institution, Plan
from khub.policy import Actor, Grant, Role
from khub.products.models import File, Product
from khub.products.pages import page_texts
from tests.browser.site import reload, until
from tests.browser.test_axe import EACH_VIEW, Sweep, data, spots

if TYPE_CHECKING:
    from tests.browser.site import Site, Visit

pytestmark = pytest.mark.browser

TEXT = (
    "Pada tahun 2023 sebanyak 64 dari 79 aksi berkomitmen (81 persen): 41 dari 50 aksi (82 persen) pada Pilar 1, "
    "12 dari 15 aksi (80 persen) pada Pilar 2, dan 12 dari 14 aksi (79 persen) pada Pilar 3. "
    "Hampir separuh satuan pendidikan melanjutkan kegiatan."
)


@dataclass(frozen=True)
class Written:
    """A report on 2022 with everything that can be on its pages, and addresses to look at."""

    public_id: str
    paragraph: int
    file: str
    export: str


@pytest.fixture(scope="module")
def report(told: Site) -> Written:
    annual, clock = told.services.annual, told.services.clock
    with told.services.db.read() as session:
        people = {person.login: person for person in session.scalars(sa.select(Person))}
        plan = session.scalars(sa.select(Plan.code)).one()
        unit = session.scalars(sa.select(Institution.id).where(Institution.name == "K/L Contoh 07")).one()
        file = session.scalars(
            sa.select(File)
            .join(Product, Product.id == File.product_id)
            .where(Product.public_id == spots(told).approved)
        ).first()
        assert file is not None
        text = page_texts(session, [(file.id, 1)])[file.id, 1].text
    dewi = Actor(people["sekretariat"].id, "Ratna Contoh", (Grant(Role.SECRETARIAT),))
    member = Actor(people["pokja1"].id, "Anggota Contoh", (Grant(Role.MEMBER, unit, 1),))
    public_id = annual.create(dewi, plan, 2023)
    key = annual.cite_page(dewi, public_id, file.public_id, 1, " ".join(text.split()[:6]), reason="Uji.")
    annual.cite_page(dewi, public_id, file.public_id, 1, " ".join(text.split()[:4]), reason="Uji.")
    annual.add(dewi, public_id, "rekomendasi", text=f"Pelatihan berlanjut {citation(key)}.")
    annual.freeze(dewi, public_id)
    annual.add(dewi, public_id, "rekomendasi", text="Kalimat baru.")
    annual.freeze(dewi, public_id, "Catatan edisi kedua.")
    paragraph = annual.add(dewi, public_id, "komitmen", text=TEXT)
    annual.save(dewi, public_id, paragraph, TEXT + " Tambahan.", 1)
    annual.open_input(dewi, public_id, clock.now() + timedelta(days=5))
    first = annual.comment(member, public_id, paragraph, "Sebut jumlah dosen secara terpisah.")
    annual.comment(member, public_id, paragraph, "Nama unit sudah berubah sejak Juli.")
    annual.answer(dewi, public_id, first, "accepted", "Sudah dipisah.")
    for form in (Format.DOCX, Format.CSV):
        export = annual.export(dewi, public_id, form, edition=2)
    told.settled()
    return Written(public_id, paragraph, file.public_id, export)


def addresses(at: Written) -> dict[str, list[str]]:
    """Return login → addresses of every page of the room."""
    home = f"/laporan-pelaksanaan/{at.public_id}"
    return {
        "sekretariat": [
            "/laporan-pelaksanaan", home, f"{home}?bagian=capaian", f"{home}?bagian=capaian&ubah={at.paragraph}",
            f"{home}?bagian=fokus-1.3", f"{home}?bagian=rekomendasi", f"{home}?bagian=lampiran", f"{home}/masukan",
            f"{home}/paragraf/{at.paragraph}/riwayat", f"{home}/bekukan", f"{home}/ekspor", f"{home}/edisi/2",
            f"{home}/edisi/2?bagian=capaian", f"{home}/edisi/2?bagian=kutipan", f"{home}/edisi/2/perubahan",
            f"/laporan-pelaksanaan/kutip?berkas={at.file}&hlm=1",
        ],
        "pokja1": ["/laporan-pelaksanaan", f"{home}?bagian=capaian", f"{home}/masukan"],
        "auditor": ["/laporan-pelaksanaan", f"{home}/edisi/1", f"{home}/ekspor"],
    }  # fmt: skip


@EACH_VIEW
def test_every_page_of_the_report_holds(
    told: Site, visit: Visit, report: Written, language: str, width: int
) -> None:
    sweep = Sweep(data(told))
    for login, paths in addresses(report).items():
        page = visit(login, language=language, width=width)
        for path in paths:
            answer = page.goto(path)
            assert answer is not None
            if answer.status != 200:
                sweep.faults.append(f"{login} {path}: {answer.status}")
            page.evaluate("() => document.querySelectorAll('details').forEach(each => { each.open = true; })")
            sweep.look(page, f"{login} {path} {width} {language}", language)
        page.context.close()
    sweep.verdict()


def test_a_paragraph_is_written_saved_by_itself_and_takes_a_figure_at_the_cursor(
    told: Site, visit: Visit, report: Written
) -> None:
    page = visit("sekretariat")
    page.goto(f"/laporan-pelaksanaan/{report.public_id}?bagian=pendahuluan")
    page.locator(".tambah-alinea button").first.click()
    area = page.locator("#text")
    area.fill("Sebanyak  aksi berkomitmen.")
    area.evaluate("area => area.setSelectionRange(9, 9)")
    page.select_option("#angka", "{{angka:committed}}")
    page.get_by_role("button", name="Sisipkan angka").click()
    expect(area).to_have_value("Sebanyak {{angka:committed}} aksi berkomitmen.")
    note = page.locator("[data-simpan-status]")
    expect(page.locator("[name=revision]")).to_have_value("2", timeout=10_000)
    expect(note).to_contain_text("Tersimpan")
    # Another tab saves meanwhile: the first is told, and neither text is lost.
    other = visit("sekretariat")
    other.goto(page.url)
    other.fill("#text", "Teks dari tab lain.")
    other.get_by_role("button", name="Selesai").click()
    area.fill("Teks saya sendiri.")
    with page.expect_response(lambda answer: answer.status == 409):
        page.get_by_role("button", name="Selesai").click()
    expect(page.locator(".galat-ringkas")).to_contain_text("Teks dari tab lain.")
    expect(page.locator("#text")).to_have_value("Teks saya sendiri.")
    page.get_by_role("button", name="Selesai").click()
    expect(page.locator(".naskah")).to_contain_text("Teks saya sendiri.")


def test_without_javascript_a_report_is_written_quoted_and_exported(
    told: Site, visit: Visit, report: Written
) -> None:
    page = visit("sekretariat", scripts=False)
    page.goto(f"/berkas/{report.file}/hlm/1")
    page.get_by_role("link", name="Kutip ke laporan").click()
    words = " ".join(page.locator(".teks-halaman").inner_text().split()[2:7])
    page.fill("#quote", words)
    if page.locator("#reason").count():
        page.fill("#reason", "Uji.")
    page.get_by_role("button", name="Simpan kutipan").click()
    mark = page.locator(".catat code").inner_text()
    page.locator(".bab a", has_text="Rekomendasi").click()
    page.locator(".tambah-alinea button").first.click()
    page.fill("#text", "Dikutip di sini")
    page.select_option("#kutipan", mark)
    page.get_by_role("button", name="Sisipkan kutipan").click()
    assert page.locator("#text").input_value() == f"Dikutip di sini {mark}"
    page.get_by_role("button", name="Selesai").click()
    expect(page.locator(".kutipan-bab")).to_contain_text(words)
    page.goto(f"/laporan-pelaksanaan/{report.public_id}/ekspor")
    page.select_option("#format", "docx")
    page.get_by_role("button", name="Buat berkas").click()

    def ready() -> bool:
        reload(page)
        return page.locator("tbody tr").first.locator("a").count() == 1

    until(ready, "the export is not made", 60)
    with page.expect_download() as got:
        page.locator("tbody tr a").first.click()
    assert got.value.suggested_filename.endswith("edisi-2.docx")


def test_paper_has_the_report_and_no_ways_to_edit_it(told: Site, visit: Visit, report: Written) -> None:
    page = visit("sekretariat")
    page.emulate_media(media="print")
    page.goto(f"/laporan-pelaksanaan/{report.public_id}")
    expect(page.locator("main h1")).to_be_visible()
    for gone in (".tak-cetak", "[data-cetak]", ".tepi a", ".tambah-alinea"):
        assert not any(each.is_visible() for each in page.locator(gone).all()), gone
