from __future__ import annotations

import io
from typing import TYPE_CHECKING

import docx as python_docx
import pytest

from indexer.extract import Extraction, FileState, PageKind, Sandbox
from tests.indexer.extract.samples import make_docx, p, replace_part

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Put = Callable[[str, bytes], Path]


def _text(result: Extraction) -> str:
    return "\n".join(page.text for page in result.pages)


NOTE = (
    '<ROOT><w:footnote w:type="separator" w:id="0"><w:p><w:r><w:t>garis</w:t></w:r></w:p></w:footnote>'
    '<w:footnote w:id="1">{}</w:footnote></ROOT>'
)


def test_nothing_a_reader_sees_is_missing(sandbox: Sandbox, put: Put) -> None:
    box = "<w:txbxContent>" + p("kotak") + "</w:txbxContent>"
    body = (
        p("badan")
        + f"<w:tbl><w:tr><w:tc>{p('sel kiri')}</w:tc><w:tc>{p('sel kanan')}</w:tc></w:tr></w:tbl>"
        + f"<w:sdt><w:sdtContent>{p('kendali')}</w:sdtContent></w:sdt>"
        + "<w:p><w:r><mc:AlternateContent><mc:Choice Requires='wps'><wps:txbx>"
        + box
        + "</wps:txbx></mc:Choice><mc:Fallback><v:textbox>"
        + box
        + "</v:textbox></mc:Fallback></mc:AlternateContent></w:r></w:p>"
        + "<w:p><w:r><mc:AlternateContent><mc:Choice Requires='x'><w:drawing/></mc:Choice>"
        + "<mc:Fallback><w:t>cadangan</w:t></mc:Fallback></mc:AlternateContent></w:r></w:p>"
        + "<w:p><w:ins><w:r><w:t>sisipan</w:t></w:r></w:ins><w:del><w:r><w:delText>hapusan</w:delText></w:r>"
        + "</w:del><w:moveFrom><w:r><w:t>pindahan</w:t></w:r></w:moveFrom></w:p>"
        + "<w:p><w:r><w:instrText>KODE</w:instrText></w:r><w:r><w:t>hasil</w:t><w:tab/><w:t>tab</w:t></w:r></w:p>"
        + '<w:p><w:r><w:drawing><c:chart r:id="rId-chart1"/></w:drawing></w:r></w:p>'
        + '<w:p><w:r><w:drawing><dgm:relIds r:dm="rId-data1"/></w:drawing></w:r></w:p>'
        + '<w:p><w:r><w:t>ulasan</w:t><w:commentReference w:id="7"/></w:r></w:p>'
    )
    parts = {
        "header1": ("header", f"<ROOT>{p('kepala')}</ROOT>"),
        "footer1": ("footer", f"<ROOT>{p('kaki')}</ROOT>"),
        "comments": ("comments", f'<ROOT><w:comment w:id="7">{p("komentar")}</w:comment></ROOT>'),
        "endnotes": ("endnotes", f'<ROOT><w:endnote w:id="1">{p("akhir")}</w:endnote></ROOT>'),
        "chart1": ("chart", "<ROOT><c:v>grafik</c:v><c:v>grafik</c:v></ROOT>"),
        "data1": ("diagramData", "<ROOT><dgm:t><a:p><a:r><a:t>bagan</a:t></a:r></a:p></dgm:t></ROOT>"),
    }
    text = _text(sandbox.extract(put("a.docx", make_docx(body, parts)), name="a.docx"))
    for word in (
        "badan", "kendali", "kotak", "cadangan", "sisipan", "hasil\ttab", "grafik", "bagan", "ulasan",
        "komentar", "kepala", "kaki", "akhir", "sel kiri\tsel kanan",
    ):  # fmt: skip
        assert text.count(word) == 1, word
    for word in ("hapusan", "pindahan", "KODE"):
        assert word not in text


def test_a_footnote_stands_on_the_page_that_refers_to_it(sandbox: Sandbox, put: Put) -> None:
    body = (
        '<w:p><w:r><w:t>satu</w:t><w:footnoteReference w:id="1"/></w:r></w:p>'
        '<w:p><w:r><w:br w:type="page"/><w:lastRenderedPageBreak/><w:t>dua</w:t></w:r></w:p>'
    )
    data = make_docx(body, {"footnotes": ("footnotes", NOTE.format(p("catatan kaki")))})
    result = sandbox.extract(put("a.docx", data), name="a.docx")
    assert [page.text for page in result.pages] == ["satu\ncatatan kaki", "dua"]
    assert {page.kind for page in result.pages} == {PageKind.PAGE}
    assert all(page.approximate for page in result.pages)


def test_strict_ooxml_reads_the_same(sandbox: Sandbox, put: Put) -> None:
    parts = {"footnotes": ("footnotes", NOTE.format(p("catatan")))}
    body = '<w:p><w:r><w:t>badan</w:t><w:footnoteReference w:id="1"/></w:r></w:p>'
    result = sandbox.extract(put("a.docx", make_docx(body, parts, strict=True)), name="a.docx")
    assert (result.state, _text(result)) == (FileState.READ, "badan\ncatatan")


def test_headings_become_places_with_a_path(sandbox: Sandbox, put: Put) -> None:
    document = python_docx.Document()
    document.core_properties.title = "Pedoman Sikap Indonesia"
    for chapter, part in (("Bab 1", "Tujuan"), ("Bab 3", "Sikap dasar")):
        document.add_heading(chapter, 1)
        document.add_heading(part, 2)
        document.add_paragraph(f"Isi bagian {part.lower()} yang panjang.")
    out = io.BytesIO()
    document.save(out)
    result = sandbox.extract(put("a.docx", out.getvalue()), name="a.docx")
    assert result.title == "Pedoman Sikap Indonesia"
    assert [page.heading for page in result.pages] == ["Bab 1 / Tujuan", "Bab 3 / Sikap dasar"]
    assert [page.label for page in result.pages] == ["1", "2"]
    assert "Isi bagian sikap dasar" in result.pages[1].text


def test_chapters_are_found_without_styles(sandbox: Sandbox, put: Put) -> None:
    body = p("Pengantar singkat.") + p("BAB II") + p("TATA KELOLA") + p("Isi tata kelola.")
    result = sandbox.extract(put("a.docx", make_docx(body)), name="a.docx")
    assert [page.heading for page in result.pages] == ["", "BAB II TATA KELOLA"]


def test_long_text_without_breaks_is_cut_into_sections(sandbox: Sandbox, put: Put) -> None:
    body = "".join(p("kata " * 100) for _ in range(40))
    result = sandbox.extract(put("a.docx", make_docx(body)), name="a.docx")
    assert len(result.pages) > 4
    assert {page.kind for page in result.pages} == {PageKind.SECTION}
    assert sum(page.text.count("kata") for page in result.pages) == 4000


def test_external_entities_stay_outside(sandbox: Sandbox, put: Put, tmp_path: Path) -> None:
    secret = tmp_path / "rahasia.txt"
    secret.write_text("sangat rahasia")
    doctype = f'<!DOCTYPE d [<!ENTITY luar SYSTEM "{secret.as_uri()}">]>'
    body = f"{doctype}<w:document xmlns:w='w'><w:body>{p('isi &luar; dalam')}</w:body></w:document>"
    data = replace_part(make_docx(p("isi")), "word/document.xml", body)
    result = sandbox.extract(put("a.docx", data), name="a.docx")
    assert "rahasia" not in _text(result)


def test_a_damaged_body_gives_what_came_before(sandbox: Sandbox, put: Put) -> None:
    data = make_docx(p("selamat") + "<w:p><w:rusak")
    result = sandbox.extract(put("a.docx", data), name="a.docx")
    assert (result.state, result.reason) == (FileState.PARTIAL, "damaged")
    assert _text(result) == "selamat"


def test_python_docx_may_refuse_and_the_text_is_there(sandbox: Sandbox, put: Put) -> None:
    rels = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="rId9" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/image" '
        'Target="media/hilang.png"/></Relationships>'
    )
    data = make_docx(p("tetap terbaca"), extra={"word/_rels/document.xml.rels": rels})
    with pytest.raises(KeyError):
        python_docx.Document(io.BytesIO(data))
    assert _text(sandbox.extract(put("a.docx", data), name="a.docx")) == "tetap terbaca"
