"""Every demo file is what its name says, readable by its library, and rich enough to search."""

import io
import re
import zipfile
from collections import Counter
from functools import cache
from itertools import pairwise

import docx
import openpyxl
import pptx
import pypdfium2
import pytest
from lxml import etree
from PIL import Image

from indexer.extract.model import Page, PageKind, PersonalKind
from indexer.extract.personal import find_personal
from khub.demo import catalogue
from khub.demo.documents import DemoFile, Target, documents
from khub.demo.people import people
from khub.demo.tables import read_table

UNREADABLE = {
    "pindaian-surat-keputusan-tim-penyusun.pdf",
    "laporan-forum-pendampingan.pdf",
    "rancangan-berkas-terkunci.pdf",
    "foto-pelatihan-guru.jpg",
    "foto-komunikasi-krisis.jpg",
}
#: Real institutions, by the abbreviations and names under which a text would mention them.
REAL = re.compile(
    r"\b(BNPT|Polri|TNI|Densus|LPSK|PPATK|BPIP|Bappenas|Lemhannas|Komnas|LAN|BIN|BSSN|Kejaksaan|Mahkamah|"
    r"Kemen\w+|Kementerian [A-Z]\w+|Badan Nasional|Kepolisian Negara|Ministry of|Pertamina|PLN)\b"
)


def files() -> list[DemoFile]:
    return [file for doc in documents() for version in doc.versions for file in version.files]


@cache
def content(name: str) -> bytes:
    return next(file for file in files() if file.filename == name).build()


def _pdf(data: bytes) -> tuple[str, ...]:
    with pypdfium2.PdfDocument(data) as pdf:
        return tuple(page.get_textpage().get_text_range() for page in pdf)


def _pptx(data: bytes) -> tuple[str, ...]:
    return tuple(
        "\n".join(
            [shape.text_frame.text for shape in slide.shapes if shape.has_text_frame]
            + [slide.notes_slide.notes_text_frame.text],
        )
        for slide in pptx.Presentation(io.BytesIO(data)).slides
    )


def _xlsx(data: bytes) -> tuple[str, ...]:
    return tuple(
        "\n".join(str(cell) for row in sheet.iter_rows(values_only=True) for cell in row if cell)
        for sheet in openpyxl.load_workbook(io.BytesIO(data))
    )


def _zipped_xml(data: bytes) -> tuple[str, ...]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = [part for part in archive.namelist() if re.search(r"(document|notes|content)\.xml$", part)]
        return tuple(" ".join(etree.fromstring(archive.read(part)).itertext()) for part in parts)


def _html(data: bytes) -> tuple[str, ...]:
    tree = etree.fromstring(data, etree.HTMLParser())
    etree.strip_elements(tree, "script", "style", with_tail=False)
    return (" ".join(tree.itertext()),)


READERS = {
    "pdf": _pdf,
    "pptx": _pptx,
    "xlsx": _xlsx,
    "docx": _zipped_xml,
    "odt": _zipped_xml,
    "html": _html,
    "txt": lambda data: tuple(data.decode().split("\f")),
}


@cache
def pages(name: str) -> tuple[str, ...]:
    return () if name in UNREADABLE else READERS[name.rpartition(".")[2]](content(name))


def everything(name: str) -> str:
    return re.sub(r"\s+", " ", " ".join(pages(name)))


READABLE = [file.filename for file in files() if file.filename not in UNREADABLE]


def test_at_least_64_files_make_60_readable_keluaran():
    readable = [doc for doc in documents() if any(pages(f.filename) for v in doc.versions for f in v.files)]
    assert len(files()) >= 64
    assert len(readable) >= 60
    assert len({file.filename for file in files()}) == len(files())


@pytest.mark.parametrize("name", READABLE)
def test_a_readable_file_opens_and_says_that_it_is_an_example(name):
    text = everything(name)
    assert len(text) > 400
    assert re.search("contoh|example", text, re.IGNORECASE)
    assert not re.search(r"[\[{|}]", text), "a place of the sentence grammar was left unfilled"


def test_no_paragraph_says_the_same_sentence_twice():
    for name in READABLE:
        for page in pages(name):
            sentences = [part for part in re.split(r"(?<=\.) ", page) if len(part) > 60]
            assert all(one != two for one, two in pairwise(sentences))


@pytest.mark.parametrize("name", READABLE)
def test_no_real_institution_is_named(name):
    assert not REAL.search(everything(name))


def test_building_twice_gives_the_same_bytes():
    assert all(file.build() == content(file.filename) for file in files())


def test_the_teachers_module_has_48_pages_many_of_them_on_its_subject():
    found = pages("modul-pelatihan-guru-toleransi.pdf")
    assert len(found) == 48
    words = ("modul", "pelatihan", "guru", "toleransi")
    assert sum(all(word in page.lower() for word in words) for page in found) >= 5
    with pypdfium2.PdfDocument(content("modul-pelatihan-guru-toleransi.pdf")) as pdf:
        assert [pdf.get_page_label(index) for index in (0, 1, 2)] == ["i", "ii", "1"]
        assert len(list(pdf.get_toc())) > 40


def test_pdfs_have_3_to_48_pages_where_they_are_reports_and_a_letterhead():
    for doc in documents():
        for file in doc.versions[0].files:
            if file.filename.endswith(".pdf") and file.filename not in UNREADABLE:
                found = pages(file.filename)
                assert len(found) <= 48
                assert doc.kind in {"notula", "nota-kesepahaman"} or len(found) >= 3
                assert doc.institution.upper() in found[0]


def test_each_document_has_a_sentence_that_stands_on_one_page_of_the_whole_demo():
    with_insert = 0
    inserts = {row["berkas"]: row["sisipan"] for row in read_table("documents.csv") if row["sisipan"]}
    for name, insert in inserts.items():
        if name in UNREADABLE:
            continue
        holders = [
            (other, number)
            for other in READABLE
            for number, page in enumerate(pages(other))
            if insert in re.sub(r"\s+", " ", page)
        ]
        assert [other for other, _ in holders] == [name]
        with_insert += 1
    assert with_insert >= 60


def test_a_docx_has_headings_tables_footnotes_headers_and_page_breaks():
    document = docx.Document(io.BytesIO(content("dialog-antargenerasi.docx")))
    styles = {paragraph.style.name for paragraph in document.paragraphs}
    assert {"Heading 1", "Heading 2", "List Bullet"} <= styles
    assert document.tables
    assert "K/L CONTOH 12" in document.sections[0].header.paragraphs[0].text
    with zipfile.ZipFile(io.BytesIO(content("dialog-antargenerasi.docx"))) as archive:
        assert b"Sumber: catatan kegiatan" in archive.read("word/footnotes.xml")
        body = archive.read("word/document.xml")
    assert b"w:footnoteReference" in body
    assert b'w:br w:type="page"' in body


def test_the_scan_has_pictures_and_no_text():
    with pypdfium2.PdfDocument(content("pindaian-surat-keputusan-tim-penyusun.pdf")) as pdf:
        assert len(pdf) == 3
        assert all(not page.get_textpage().get_text_range().strip() for page in pdf)
        assert all(list(page.get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_IMAGE])) for page in pdf)


def test_the_locked_file_asks_for_a_password_and_the_broken_one_does_not_open():
    with pytest.raises(pypdfium2.PdfiumError, match="password"):
        pypdfium2.PdfDocument(content("rancangan-berkas-terkunci.pdf"))
    with pytest.raises(pypdfium2.PdfiumError):
        pypdfium2.PdfDocument(content("laporan-forum-pendampingan.pdf"))


def test_pictures_open():
    for name in ("foto-pelatihan-guru.jpg", "foto-komunikasi-krisis.jpg"):
        with Image.open(io.BytesIO(content(name))) as picture:
            picture.load()
            assert picture.format == "JPEG"


def test_one_document_holds_invented_personal_data_that_khub_asks_about():
    (doc,) = (doc for doc in documents() if doc.personal_data)
    text = everything(doc.versions[0].files[0].filename)
    page = Page(1, "1", PageKind.SHEET, approximate=False, heading="", text=text)
    assert {finding.kind: finding.count for finding in find_personal([page])} == {
        PersonalKind.NIK: 48,
        PersonalKind.PHONE: 48,
    }
    assert all(number.startswith("969999") for number in re.findall(r"\b\d{16}\b", text))
    assert "rekaan" in text


def test_documents_serve_actions_that_their_institution_answers_for():
    responsible = {row["aksi_kode"]: row["penanggung_jawab"].split(";") for row in catalogue.rows()}
    logins = {person.login: person for person in people()}
    names = {period.name for period in catalogue.periods()}
    for doc in documents():
        assert 1 <= len(doc.actions) <= 3
        assert all(doc.institution in responsible[code] for code in doc.actions)
        uploader = logins[doc.uploader]
        assert (uploader.institution, uploader.pokja) == (doc.institution, doc.pokja)
        assert all(version.period in names for version in doc.versions)


def test_times_fit_the_state():
    for doc in documents():
        first = doc.versions[0]
        assert (first.submitted_at is None) is (doc.target is Target.DRAFT)
        assert (first.acted_at is None) is (doc.target in {Target.DRAFT, Target.SUBMITTED})
        assert (len(doc.versions) == 2) is (
            doc.target in {Target.APPROVED_V2_DRAFT, Target.APPROVED_V2_SUBMITTED}
        )
        assert bool(doc.note) is (doc.target is Target.RETURNED)
        times = [
            moment
            for version in doc.versions
            for moment in (version.uploaded_at, version.submitted_at, version.acted_at)
            if moment is not None
        ]
        assert times == sorted(times)
        assert all(moment.utcoffset() and moment.year in {2022, 2023} for moment in times)


def test_every_state_is_visible_and_all_of_them_to_one_institution():
    assert {doc.target for doc in documents() if doc.institution == "K/L Contoh 07"} == set(Target)
    assert {doc.classification for doc in documents()} == {"terbuka", "internal", "terbatas"}
    assert {doc.pokja for doc in documents()} == {1, 2, 3}


def test_the_returned_report_claims_412_and_its_list_holds_386():
    (doc,) = (doc for doc in documents() if doc.target is Target.RETURNED and "412" in doc.note)
    report, attendance = (file.filename for file in doc.versions[0].files)
    assert "412 guru" in everything(report)
    assert re.search(r"Jumlah 412 \d+", everything(report))
    assert "Peserta 386" in everything(attendance)
    assert "Peserta 387" not in everything(attendance)


def test_languages_and_kinds_are_mixed():
    languages = Counter(doc.language for doc in documents())
    assert languages["en"] >= 8
    assert len({doc.kind for doc in documents()}) == 10


def test_one_output_came_after_the_deadline():
    deadlines = {period.name: period.deadline for period in catalogue.periods()}
    late = [
        version
        for doc in documents()
        for version in doc.versions
        if version.submitted_at and version.submitted_at > deadlines[version.period]
    ]
    assert len(late) == 1
