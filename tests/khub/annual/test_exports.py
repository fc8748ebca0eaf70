"""Exports: made by the worker, whole, with the same figures as the page, for those who may have them."""

from __future__ import annotations

import csv
import io
import re
import zipfile

import docx
import openpyxl
import pytest
import sqlalchemy as sa
from docx.oxml.ns import qn

from khub import worker
from khub.annual import paper
from khub.annual.jobs import MakeExport
from khub.annual.publishing import EXPORT, Format
from khub.annual.tokens import citation
from khub.errors import ForbiddenError, InvalidError
from khub.plan.models import Action, ActionYear
from tests.khub.annual.conftest import WORDS
from tests.khub.conftest import PLAN


def work(desk, sandbox):
    """Do what the worker's lane does."""
    services = desk.office.services
    handler = MakeExport(services.db, services.clock, services.settings.exports, sandbox)
    lane = worker.Lane(services.db, services.clock, {EXPORT: handler})
    while lane.step():
        pass


def made(desk, sandbox, form, *, edition=None, login="dewi"):
    """Ask for a file and return its bytes as ``login`` gets them."""
    export = desk.annual.export(desk.who("dewi"), desk.public_id, form, edition=edition)
    work(desk, sandbox)
    with desk.office.browser(login).client.get(desk.path(f"/ekspor/{export}/unduh")) as answer:
        assert answer.status_code == 200
        return answer.get_data()


@pytest.fixture
def quoting(desk, sandbox):
    """A report that quotes a page whose title would be a formula."""
    _, file = desk.product("=SUM(A1) Modul", sandbox=sandbox)
    key = desk.annual.cite_page(desk.who("dewi"), desk.public_id, file, 1, WORDS)
    desk.write(
        "rekomendasi", f"Peserta berhasil bila mampu menyebut ulang.{citation(key)}\n\nAlinea kedua & <b>."
    )
    return desk


def test_docx_has_headings_contents_captions_heads_pictures_and_citations(quoting, sandbox):
    data = made(quoting, sandbox, Format.DOCX)
    document = docx.Document(io.BytesIO(data))
    headings = [(p.style.name, p.text) for p in document.paragraphs if p.style.name.startswith("Heading")]
    assert headings[0] == ("Heading 1", "Bab I Pendahuluan")
    assert ("Heading 2", "II.1 Komitmen") in headings
    assert ("Heading 3", "II.2.1 Fokus 1.1 Fokus 1.1") in headings
    assert headings[-1] == ("Heading 1", "Daftar kutipan")
    text = "\n".join(p.text for p in document.paragraphs)
    assert "sebanyak 1 dari 4 aksi berkomitmen (25 persen)" in text
    assert "Alinea kedua & <b>." in text
    assert WORDS in text
    body = document.element.body
    instructions = [element.text.strip() for element in body.iter(qn("w:instrText"))]
    assert any(each.startswith("TOC ") for each in instructions)
    assert "SEQ Tabel_2 \\* ARABIC" in instructions
    begins = [e.get(qn("w:fldCharType")) for e in body.iter(qn("w:fldChar"))]
    assert begins.count("begin") == begins.count("end")
    heads = [
        row for row in body.iter(qn("w:tr")) if row.find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None
    ]
    assert len(heads) == len(document.tables) == 6
    pictures = [element.get("descr") for element in body.iter(qn("wp:docPr"))]
    assert pictures[0].startswith(
        "Diagram batang. Komitmen per pilar, tahun 2023. 1 Pilar contoh 1: 1 dari 2"
    )
    language = document.styles.element.find(f".//{qn('w:docDefaults')}//{qn('w:lang')}")
    assert language.get(qn("w:val")) == "id-ID"
    footer = document.sections[0].footer._element
    assert [e.text.strip() for e in footer.iter(qn("w:instrText"))] == ["PAGE", "NUMPAGES"]
    properties = document.core_properties
    assert (properties.title, properties.language) == (
        "Laporan Pelaksanaan RAN PE contoh Tahun 2023",
        "id-ID",
    )
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert "updateFields" not in archive.read("word/settings.xml").decode()


def test_columns_of_the_docx_break_no_code_and_no_name(quoting, sandbox):
    document = docx.Document(io.BytesIO(made(quoting, sandbox, Format.DOCX)))
    letter = 5  # points of a letter at the size of tables
    for table in document.tables:
        widths = [cell.width.pt for cell in table.rows[0].cells]
        assert sum(widths) <= 454  # between the margins
        for row in table.rows:
            for width, cell in zip(widths, row.cells, strict=True):
                assert width >= letter * max(min(len(word), 16) for word in [*cell.text.split(), ""])


def test_a_file_is_no_change_of_the_draft(quoting, sandbox):
    revision = re.search(r"revisi (\d+)", quoting.office.browser("dewi").get(quoting.path()).text)
    made(quoting, sandbox, Format.CSV)
    page = quoting.office.browser("dewi").get(quoting.path()).text
    assert revision is not None
    assert f"revisi {revision[1]}" in page


def test_a_year_in_which_no_period_was_opened_can_be_handed_on(desk, sandbox):
    with desk.office.services.db.write() as session:
        action = session.scalars(sa.select(Action).where(Action.code == "1.1.01")).one()
        session.add(ActionYear(action_id=action.id, year=2024))
    desk.public_id = desk.annual.create(desk.who("dewi"), PLAN, 2024)
    document = docx.Document(io.BytesIO(made(desk, sandbox, Format.DOCX)))
    text = "\n".join(p.text for p in document.paragraphs)
    assert "masuk 0 dari 0 laporan yang diminta" in text
    assert text.count("Belum ada periode pelaporan yang dibuka.") == 2


def test_contents_link_to_every_heading(quoting, sandbox):
    document = docx.Document(io.BytesIO(made(quoting, sandbox, Format.DOCX)))
    body = document.element.body
    marks = {e.get(qn("w:name")) for e in body.iter(qn("w:bookmarkStart"))}
    anchors = [e.get(qn("w:anchor")) for e in body.iter(qn("w:hyperlink"))]
    assert set(anchors) <= marks
    assert len(anchors) == len(set(anchors))


def test_xlsx_has_every_table_with_figures_as_numbers(quoting, sandbox):
    book = openpyxl.load_workbook(io.BytesIO(made(quoting, sandbox, Format.XLSX)))
    rows = list(book[next(name for name in book.sheetnames if name.startswith("2.1"))].values)
    assert rows[0] == ("Pilar", "Daftar 2023", "Berkomitmen", "Persen")
    assert rows[1][:3] == ("1 Pilar contoh 1", 2, 1)
    assert rows[-1][:3] == ("Jumlah", 4, 1)
    cell = book["Kutipan"]["D2"]
    assert (cell.value, cell.data_type) == ("=SUM(A1) Modul", "s")


def test_citations_as_csv_hold_no_formula(quoting, sandbox):
    text = made(quoting, sandbox, Format.CSV).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [(row["Nomor"], row["Judul"], row["Kutipan"]) for row in rows] == [("1", "'=SUM(A1) Modul", WORDS)]
    assert len(rows[0]["SHA-256"]) == 64


@pytest.mark.skipif(
    paper.program() is None, reason="no LibreOffice: `apt-get install libreoffice-writer-nogui`"
)
def test_pdf_has_the_figures_and_page_numbers_in_its_contents(quoting, sandbox, tmp_path):
    target = tmp_path / "laporan.pdf"
    target.write_bytes(made(quoting, sandbox, Format.PDF))
    read = sandbox.extract(target, name="laporan.pdf")
    text = "\n".join(page.text for page in read.pages)
    assert "sebanyak 1 dari 4 aksi berkomitmen" in " ".join(text.split())
    where = dict(read.outline)
    listed = re.search(r"Bab II Capaian[ .]*(\d+)", read.pages[0].text)
    assert listed is not None
    assert int(listed[1]) == where["Bab II Capaian"]


def test_where_libreoffice_is_missing_the_page_says_so(quoting, sandbox, monkeypatch):
    monkeypatch.setenv("PATH", "")
    quoting.annual.export(quoting.who("dewi"), quoting.public_id, Format.PDF)
    work(quoting, sandbox)
    page = quoting.office.browser("dewi").get(quoting.path("/ekspor")).text
    assert "LibreOffice tidak terpasang" in page
    assert "Tidak dibuat" in page


def test_an_editions_file_is_for_its_readers_and_a_drafts_for_the_secretariat(quoting, sandbox):
    quoting.annual.freeze(quoting.who("dewi"), quoting.public_id)
    for login in ("sari", "budi", "kiki"):
        assert made(quoting, sandbox, Format.CSV, edition=1, login=login)
    draft = quoting.annual.export(quoting.who("dewi"), quoting.public_id, Format.CSV)
    work(quoting, sandbox)
    for login in ("sari", "budi", "kiki", "yoga"):
        browser = quoting.office.browser(login)
        assert browser.get(quoting.path(f"/ekspor/{draft}/unduh")).status_code == 404, login
        assert draft not in browser.get(quoting.path("/ekspor")).text
    with pytest.raises(ForbiddenError):
        quoting.annual.export(quoting.who("sari"), quoting.public_id, Format.CSV, edition=1)


def test_what_turned_terbatas_meanwhile_is_not_handed_on(desk, sandbox):
    product, file = desk.product(sandbox=sandbox)
    key = desk.annual.cite_page(desk.who("dewi"), desk.public_id, file, 1, WORDS)
    desk.write("rekomendasi", f"Kata {citation(key)}.")
    desk.annual.export(desk.who("dewi"), desk.public_id, Format.DOCX)
    desk.office.services.products.classify(desk.who("budi"), product, "terbatas", "memuat nama")
    work(desk, sandbox)
    assert "Ada kutipan yang belum boleh keluar" in desk.office.browser("dewi").get(desk.path("/ekspor")).text
    with pytest.raises(InvalidError):
        desk.annual.export(desk.who("dewi"), desk.public_id, Format.DOCX)


def test_the_page_follows_a_file_until_it_is_made(desk, sandbox):
    dewi = desk.office.browser("dewi")
    assert dewi.post(desk.path("/ekspor"), format="exe").status_code == 422
    assert dewi.post(desk.path("/ekspor"), format="csv", edisi="9").status_code == 404
    assert dewi.post(desk.path("/ekspor"), format="csv", edisi="satu").status_code == 404
    assert dewi.post(desk.path("/ekspor"), format="csv").status_code == 303
    assert "data-pantau" in dewi.get(desk.path("/ekspor")).text
    work(desk, sandbox)
    page = dewi.get(desk.path("/ekspor")).text
    assert "data-pantau" not in page
    assert "/unduh" in page


def test_old_files_of_drafts_are_deleted_and_those_of_editions_never(desk, sandbox):
    services, dewi = desk.office.services, desk.who("dewi")
    desk.annual.freeze(dewi, desk.public_id)
    draft = desk.annual.export(dewi, desk.public_id, Format.CSV)
    frozen = desk.annual.export(dewi, desk.public_id, Format.CSV, edition=1)
    work(desk, sandbox)
    folder = services.settings.exports
    assert desk.annual.sweep(folder) == 0
    desk.office.clock.forward(days=91)
    fresh = desk.annual.export(dewi, desk.public_id, Format.CSV)
    work(desk, sandbox)
    assert desk.annual.sweep(folder) == 1
    assert {path.stem for path in folder.iterdir()} == {frozen, fresh}
    browser = desk.office.browser("dewi")
    assert "berkas draf disimpan 90 hari" in browser.get(desk.path("/ekspor")).text
    assert browser.get(desk.path(f"/ekspor/{draft}/unduh")).status_code == 404
    with browser.client.get(desk.path(f"/ekspor/{frozen}/unduh")) as answer:
        assert answer.status_code == 200
