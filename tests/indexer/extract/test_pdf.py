from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pypdf
import pytest
from pypdf.annotations import FreeText
from pypdf.generic import NameObject

from indexer.extract import FileState, Limits, PageKind, Sandbox
from tests.indexer.extract.samples import make_pdf, make_scan, raw_pdf

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from reportlab.pdfgen.canvas import Canvas

    Put = Callable[[str, bytes], Path]

PARAGRAPH = "Peraturan ini mengatur tata kelola pengetahuan dan pelaporan\n" * 4


def _written(writer: pypdf.PdfWriter) -> bytes:
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def test_each_page_is_a_place_with_its_own_label_and_heading(sandbox: Sandbox, put: Put) -> None:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(make_pdf([f"Halaman isi {n}" for n in "abcd"])))
    writer.set_page_label(0, 1, style="/r")
    writer.set_page_label(2, 3, style="/D", start=1)
    top = writer.add_outline_item(title="Bab 1", page_number=1)
    writer.add_outline_item(title="Sikap dasar", page_number=2, parent=top)
    writer.add_metadata({"/Title": "Catatan Kebijakan Kehutanan"})
    result = sandbox.extract(put("a.pdf", _written(writer)), name="a.pdf")
    assert result.state is FileState.READ
    assert [(page.number, page.label) for page in result.pages] == [(1, "i"), (2, "ii"), (3, "1"), (4, "2")]
    assert [page.heading for page in result.pages] == [
        "",
        "Bab 1",
        "Bab 1 / Sikap dasar",
        "Bab 1 / Sikap dasar",
    ]
    assert result.outline == (("Bab 1", 2), ("Sikap dasar", 3))
    assert result.title == "Catatan Kebijakan Kehutanan"
    assert {page.kind for page in result.pages} == {PageKind.PAGE}
    assert result.pages[2].text == "Halaman isi c"


def test_chapters_are_found_without_an_outline(sandbox: Sandbox, put: Put) -> None:
    pages = [
        "DAFTAR ISI\nBAB I KETENTUAN UMUM 1\nBAB II TATA KELOLA ... 4",
        "BAB I\nKETENTUAN UMUM\nPasal 1\nisi",
        "Pasal 2\n" + PARAGRAPH + PARAGRAPH + "BAB II\nTATA KELOLA",
        "Pasal 3",
        "LAMPIRAN II\nPERATURAN MENTERI",
    ]
    result = sandbox.extract(put("a.pdf", make_pdf(pages)), name="a.pdf")
    first, second = "BAB I KETENTUAN UMUM", "BAB II TATA KELOLA"
    assert [page.heading for page in result.pages] == ["", first, first, second, "LAMPIRAN II"]


@pytest.mark.parametrize("password", ["rahasia", ""])
def test_only_a_password_of_the_reader_locks(sandbox: Sandbox, put: Put, password: str) -> None:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(make_pdf(["isi terkunci"])))
    writer.encrypt(password, "pemilik", algorithm="RC4-128")
    result = sandbox.extract(put("a.pdf", _written(writer)), name="a.pdf")
    if password:
        assert (result.state, result.reason, result.pages) == (FileState.LOCKED, "pdf.password", ())
    else:
        assert (result.state, result.pages[0].text) == (FileState.READ, "isi terkunci")


def test_scans_need_ocr_even_with_a_stamp(sandbox: Sandbox, put: Put) -> None:
    def stamped(canvas: Canvas) -> None:
        make_scan(canvas)
        for at in range(6):
            canvas.drawString(72, 700 - 20 * at, "Diunduh dari laman resmi oleh pengguna terdaftar")

    for page in (make_scan, stamped):
        result = sandbox.extract(put("a.pdf", make_pdf([page] * 5)), name="a.pdf")
        assert (result.state, result.reason) == (FileState.NEEDS_OCR, "ocr.scan")
        assert result.detail == {"scans": 5, "pages": 5}


def test_some_scanned_pages_are_named(sandbox: Sandbox, put: Put) -> None:
    pages = [PARAGRAPH + "satu", make_scan, PARAGRAPH + "tiga", PARAGRAPH + "empat"]
    result = sandbox.extract(put("a.pdf", make_pdf(pages)), name="a.pdf")
    assert (result.state, result.reason, result.detail["scans"]) == (FileState.PARTIAL, "ocr.some", 1)
    assert [page.number for page in result.pages if page.error == "ocr.scan"] == [2]


def test_signs_instead_of_letters_need_ocr(sandbox: Sandbox, put: Put) -> None:
    result = sandbox.extract(
        put("a.pdf", make_pdf(["\n".join(["!*!) /!*!)0 & ('' # %! +!' ,- "] * 8)])), name="a.pdf"
    )
    assert (result.state, result.reason) == (FileState.NEEDS_OCR, "ocr.garbled")
    leaders = "Pendahuluan " + "." * 60 + " 1\nTata kelola " + "." * 60 + " 12"
    assert sandbox.extract(put("b.pdf", make_pdf([leaders])), name="b.pdf").state is FileState.READ


def test_empty_pages_are_no_text(sandbox: Sandbox, put: Put) -> None:
    assert sandbox.extract(put("a.pdf", raw_pdf(b"")), name="a.pdf").state is FileState.NO_TEXT


def test_form_values_and_notes_belong_to_the_page(sandbox: Sandbox, put: Put) -> None:
    def form(canvas: Canvas) -> None:
        canvas.drawString(72, 760, "Nama:")
        canvas.acroForm.textfield(name="nama", value="Sulastri", x=120, y=750)
        canvas.acroForm.checkbox(name="setuju", checked=True, x=72, y=700)

    writer = pypdf.PdfWriter(clone_from=io.BytesIO(make_pdf([form, "kosong"])))
    writer.add_annotation(1, FreeText(text="Catatan peninjau", rect=(50, 50, 200, 80)))
    result = sandbox.extract(put("a.pdf", _written(writer)), name="a.pdf")
    assert result.pages[0].text == "Nama:\nSulastri"
    assert "Catatan peninjau" in result.pages[1].text


def test_one_broken_page_does_not_take_the_others(sandbox: Sandbox, put: Put) -> None:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(make_pdf([PARAGRAPH + str(n) for n in range(4)])))
    kids = writer._pages.get_object()["/Kids"]
    kids[2].get_object()[NameObject("/Type")] = NameObject("/Rusak")
    kids[2].get_object().pop("/Contents")
    kids[2].get_object().pop("/MediaBox")
    result = sandbox.extract(put("a.pdf", _written(writer)), name="a.pdf")
    assert [page.number for page in result.pages] == [1, 2, 3, 4]
    assert result.pages[3].text.endswith("3")


def test_ligatures_and_line_end_hyphens_can_be_found(sandbox: Sandbox, put: Put) -> None:
    content = b"BT /F1 12 Tf 72 700 Td (Undang-) Tj 0 -14 Td (Undang nomor satu) Tj ET"
    text = sandbox.extract(put("a.pdf", raw_pdf(content)), name="a.pdf").pages[0].text
    assert "Undang-Undang" in "".join(text.split("\n"))
    assert "\ufffe" not in text


def test_a_hyphen_at_a_lines_end_does_not_draw_the_foot_into_the_line(sandbox: Sandbox, put: Put) -> None:
    content = b"BT /F1 12 Tf 72 700 Td (tentang perlin-) Tj 0 -14 Td (%s) Tj ET"
    for foot in (b"4", b"hlm. 4 dari 9"):
        path = put("a.pdf", raw_pdf(content % foot))
        assert sandbox.extract(path, name="a.pdf").pages[0].text == f"tentang perlin-\n{foot.decode()}"
    title = raw_pdf(b"BT /F1 12 Tf 72 700 Td (UNDANG-) Tj 0 -14 Td (UNDANG DASAR) Tj 0 -14 Td (isi) Tj ET")
    assert sandbox.extract(put("a.pdf", title), name="a.pdf").title == "UNDANG-UNDANG DASAR"


def test_limits_cut_and_say_so(sandbox: Sandbox, put: Put) -> None:
    path = put("a.pdf", make_pdf([f"Pasal {n} " + PARAGRAPH for n in range(6)]))
    cut = sandbox.extract(path, name="a.pdf", limits=Limits(pages=4))
    assert (cut.state, cut.reason, cut.page_count, len(cut.pages)) == (FileState.PARTIAL, "cut.pages", 6, 4)
    assert "cut.pages" in cut.warnings
    short = sandbox.extract(path, name="a.pdf", limits=Limits(page_chars=50))
    assert (short.state, short.reason) == (FileState.PARTIAL, "cut.text")
    assert max(len(page.text) for page in short.pages) == 50


def test_garbage_before_the_header_and_a_lost_cross_reference_are_survived(
    sandbox: Sandbox, put: Put
) -> None:
    data = b"sampah\n" + make_pdf(["isi yang selamat"])
    data = data[: data.rindex(b"startxref")]
    assert sandbox.extract(put("a.pdf", data), name="a.pdf").pages[0].text == "isi yang selamat"


def test_what_is_no_pdf_inside_is_broken(sandbox: Sandbox, put: Put) -> None:
    result = sandbox.extract(put("a.pdf", b"%PDF-1.7\n" + b"bukan " * 500), name="a.pdf")
    assert (result.state, result.reason) == (FileState.BROKEN, "pdf.damaged")
