from __future__ import annotations

import datetime as dt
import io
from typing import TYPE_CHECKING

import openpyxl
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

from indexer.extract import FileState, Limits, PageKind, Sandbox
from tests.indexer.extract.samples import make_zip

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Put = Callable[[str, bytes], Path]


def test_a_slide_is_a_page_with_notes_tables_and_charts(sandbox: Sandbox, put: Put) -> None:
    deck = Presentation()
    for title in ("Tujuan", "Capaian"):
        slide = deck.slides.add_slide(deck.slide_layouts[1])
        slide.shapes.title.text = title
        slide.placeholders[1].text = f"Isi {title}"
    table = slide.shapes.add_table(1, 2, Inches(1), Inches(4), Inches(4), Inches(1)).table
    table.cell(0, 0).text, table.cell(0, 1).text = "Target", "Realisasi"
    chart = CategoryChartData()
    chart.categories = ["Triwulan satu"]
    chart.add_series("Anggaran", (12.5,))
    slide.shapes.add_chart(XL_CHART_TYPE.PIE, Inches(1), Inches(5), Inches(3), Inches(2), chart)
    slide.notes_slide.notes_text_frame.text = "Catatan pembicara"
    deck.slides._sldIdLst.insert(0, deck.slides._sldIdLst[1])
    out = io.BytesIO()
    deck.save(out)
    result = sandbox.extract(put("a.pptx", out.getvalue()), name="a.pptx")
    assert [page.heading for page in result.pages] == ["Capaian", "Tujuan"]
    assert {page.kind for page in result.pages} == {PageKind.SLIDE}
    for text in ("Isi Capaian", "Target", "Realisasi", "Triwulan satu", "Anggaran", "Catatan pembicara"):
        assert text in result.pages[0].text
    assert result.pages[1].text == "Tujuan\nIsi Tujuan"
    assert result.title == "Capaian"


def test_a_sheet_is_a_page_of_shown_values(sandbox: Sandbox, put: Put) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Anggaran 2025"
    sheet.append(["Kegiatan", "Mulai", "Nilai", "Selesai"])
    sheet.append(["Penyusunan pedoman", dt.date(2025, 3, 31), 1250000.5, True])
    sheet["A1"].comment = Comment("Periksa lagi", "Ani")
    chart = BarChart()
    chart.title = "Serapan"
    chart.add_data(Reference(sheet, min_col=3, min_row=1, max_row=2))
    sheet.add_chart(chart, "F1")
    hidden = book.create_sheet("Rincian")
    hidden["B200"] = "jauh di bawah"
    hidden.sheet_state = "hidden"
    out = io.BytesIO()
    book.save(out)
    result = sandbox.extract(put("a.xlsx", out.getvalue()), name="a.xlsx")
    assert [(page.label, page.kind) for page in result.pages] == [
        ("Anggaran 2025", PageKind.SHEET),
        ("Rincian", PageKind.SHEET),
    ]
    assert (
        "Kegiatan\tMulai\tNilai\tSelesai\nPenyusunan pedoman\t2025-03-31\t1250000.5\tTRUE"
        in result.pages[0].text
    )
    assert "Periksa lagi" in result.pages[0].text
    assert "Serapan" in result.pages[0].text
    assert result.pages[1].text == "jauh di bawah"


def _workbook(rows: str) -> bytes:
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    r = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    rels = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}</Relationships>'
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
    return make_zip(
        {
            "[Content_Types].xml": f'<Types><Override PartName="/xl/workbook.xml" ContentType="{kind}"/></Types>',
            "_rels/.rels": rels.format(
                f'<Relationship Id="a" Type="{r}/officeDocument" Target="xl/workbook.xml"/>'
            ),
            "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{r}"><sheets>'
            '<sheet name="S" sheetId="1" r:id="b"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": rels.format(
                f'<Relationship Id="b" Type="{r}/worksheet" Target="worksheets/sheet1.xml"/>'
            ),
            "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{rows}</sheetData></worksheet>',
        }
    )


def test_a_sparse_giant_sheet_is_quick_and_a_full_one_is_cut(sandbox: Sandbox, put: Put) -> None:
    sparse = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row>'
    result = sandbox.extract(put("a.xlsx", _workbook(sparse)), name="a.xlsx")
    assert result.pages[0].text == "1\n2"
    full = "".join(f"<row><c><f>1+1</f><v>{n}</v></c></row>" for n in range(50))
    cut = sandbox.extract(put("b.xlsx", _workbook(full)), name="b.xlsx", limits=Limits(cells=10))
    assert (cut.state, cut.reason, cut.detail["limit"]) == (FileState.PARTIAL, "cut.cells", 10)
    assert cut.pages[0].text.split() == [str(n) for n in range(10)]


ODF = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/"'
)


def _odt(body: str, **parts: str) -> bytes:
    return make_zip(
        {
            "mimetype": "application/vnd.oasis.opendocument.text",
            "content.xml": f"<office:document-content {ODF}><office:body><office:text>{body}</office:text>"
            "</office:body></office:document-content>",
            **{name.replace("__", "/").replace("_xml", ".xml"): text for name, text in parts.items()},
        }
    )


def test_odt_gives_headings_notes_tables_and_furniture(sandbox: Sandbox, put: Put) -> None:
    body = (
        "<text:tracked-changes><text:p>dihapus</text:p></text:tracked-changes>"
        '<text:h text:outline-level="1">Bab 1</text:h>'
        "<text:p>Isi<text:tab/>tab<text:s text:c='2'/>dua<text:note><text:note-citation>1</text:note-citation>"
        "<text:note-body><text:p>catatan kaki</text:p></text:note-body></text:note></text:p>"
        "<table:table><table:table-row><table:table-cell><text:p>kiri</text:p></table:table-cell>"
        "<table:table-cell><text:p>kanan</text:p></table:table-cell></table:table-row></table:table>"
        "<text:p>komentar<office:annotation><dc:creator>Ani</dc:creator><text:p>periksa</text:p>"
        "</office:annotation></text:p>"
        '<text:h text:outline-level="1">Bab 2</text:h><text:p>Penutup</text:p>'
    )
    styles = f"<a {ODF}><style:header><text:p>kepala</text:p></style:header><text:p>bukan</text:p></a>"
    meta = f"<a {ODF}><dc:title>Naskah Urgensi Pembinaan</dc:title></a>"
    data = _odt(body, styles_xml=styles, meta_xml=meta)
    result = sandbox.extract(put("a.odt", data), name="a.odt")
    assert result.title == "Naskah Urgensi Pembinaan"
    assert [page.heading for page in result.pages] == ["Bab 1", "Bab 2"]
    first = result.pages[0].text
    for text in ("Isi\ttab  dua", "catatan kaki", "kiri\tkanan", "komentar", "periksa", "kepala"):
        assert first.count(text) == 1, text
    for text in ("dihapus", "Ani", "bukan"):
        assert text not in first


def test_an_encrypted_odt_is_locked(sandbox: Sandbox, put: Put) -> None:
    data = _odt("", **{"META-INF__manifest_xml": "<m><file-entry><encryption-data/></file-entry></m>"})
    assert sandbox.extract(put("a.odt", data), name="a.odt").state is FileState.LOCKED
