"""Columns of running text are read down each column, however they are drawn; tables row by row."""

from __future__ import annotations

import itertools
import random
from typing import TYPE_CHECKING

import pytest
from reportlab.lib.utils import simpleSplit

from indexer.extract import Rendered, Sandbox
from indexer.highlight import spans
from indexer.query import parse
from tests.bench import columns as judge
from tests.indexer.extract import layouts, lookalikes
from tests.indexer.extract.layouts import Mark, sheet
from tests.indexer.extract.samples import make_pdf

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from reportlab.pdfgen.canvas import Canvas

    Put = Callable[[str, bytes], Path]

LEFT = (
    "Program ini bertujuan memperkuat ketahanan masyarakat terhadap kontra narasi yang menyebar di media "
    "sosial serta membina kerja sama antara lembaga pada tingkat daerah. Pelatihan guru toleransi "
    "dilaksanakan di dua belas provinsi dengan dukungan dinas pendidikan setempat dan komite sekolah. "
    "Para penyuluh memetakan warung kopi sebagai ruang percakapan lintas iman di kelurahan."
)
RIGHT = (
    "yang ditetapkan bersama pemerintah daerah pada awal tahun anggaran. Evaluasi menunjukkan bahwa peserta "
    "memahami materi pencegahan dini sebelum pendampingan dimulai. Rekomendasi berikutnya ialah menyusun "
    "pedoman bersama untuk pendamping lapangan, termasuk rujukan layanan psikososial bagi anak yang terpapar "
    "paham kekerasan."
)
FONT, SIZE, WIDTH, LEFTS = "Helvetica", 10, 200, (60, 315)


def lines(text: str) -> list[str]:
    return simpleSplit(text, FONT, SIZE, WIDTH)


def drawn(rows: Sequence[tuple[str, str]], *, gap: int = 0, rule: int = 0) -> bytes:
    """Return a page on which ``rows`` are drawn one after the other; an empty one leaves ``gap`` points.

    With ``rule`` there is a line over both columns below so many rows.
    """

    def draw(canvas: Canvas) -> None:
        canvas.setFont(FONT, SIZE)
        canvas.drawString(LEFTS[0], 790, "Buletin Pencegahan untuk seluruh wilayah kerja di Indonesia Timur")
        y = 760
        for row in rows:
            for x, part in zip(LEFTS, row, strict=True):
                canvas.drawString(x, y, part)
            y -= 13 if any(row) else gap
        if rule:
            canvas.line(LEFTS[0], 770 - 13 * rule, LEFTS[1] + WIDTH, 770 - 13 * rule)
        canvas.drawString(290, 40, "3")

    return make_pdf([draw])


COLUMNS = list(itertools.zip_longest(lines(LEFT), lines(RIGHT), fillvalue=""))


def test_columns_drawn_row_by_row_are_read_one_after_the_other(sandbox: Sandbox, put: Put) -> None:
    (page,) = sandbox.extract(put("a.pdf", drawn(COLUMNS)), name="a.pdf").pages
    head, *body, foot = page.text.split("\n")
    assert (head[:8], foot) == ("Buletin ", "3")
    assert " ".join(body) == f"{LEFT} {RIGHT}"


@pytest.mark.parametrize("phrase", ["kontra narasi yang menyebar", "iman di kelurahan yang ditetapkan"])
def test_a_phrase_of_a_column_is_marked_on_the_picture_where_it_stands(
    sandbox: Sandbox, put: Put, phrase: str
) -> None:
    path = put("a.pdf", drawn(COLUMNS))
    rendered = sandbox.render(path, media_type="application/pdf", page=1, width=900)
    assert isinstance(rendered, Rendered)
    assert rendered.text == sandbox.extract(path, name="a.pdf").pages[0].text
    ((start, end),) = spans(rendered.text, parse(f'"{phrase}"'))
    marked = [box for box in rendered.words if start <= box.start < end]
    assert [rendered.text[box.start : box.end].strip(".") for box in marked] == phrase.split()
    middle = (LEFTS[0] + WIDTH + LEFTS[1]) / 2 / 595
    right_of_gutter = [box.x0 > middle for box in marked]
    assert right_of_gutter == sorted(right_of_gutter)
    assert any(right_of_gutter) is (phrase.rpartition(" ")[2] in RIGHT)
    assert all(box.x1 < middle for box in marked if box.x0 < middle)


def test_a_word_broken_between_two_columns_has_a_box_in_each(sandbox: Sandbox, put: Put) -> None:
    rows = [*COLUMNS[:-1], ("lintas iman sebelum dimulainya pendampi-", "paham kekerasan di sekolah negeri.")]
    rows[0] = (rows[0][0], "ngan yang ditetapkan bersama pemerintah")
    rendered = sandbox.render(put("a.pdf", drawn(rows)), media_type="application/pdf", page=1, width=900)
    assert isinstance(rendered, Rendered)
    ((start, end),) = spans(rendered.text, parse('"pendampingan yang ditetapkan"'))
    boxes = [box for box in rendered.words if box.start < end and start < box.end]
    assert max(box.x1 - box.x0 for box in boxes) < 0.2
    assert boxes[0].x0 < 0.5 < boxes[-1].x0


def test_tables_are_read_row_by_row(sandbox: Sandbox, put: Put) -> None:
    short = [
        (f"1.{at} Pelatihan guru tahap {at} di sekolah", f"{at}0 peserta dari K/L Contoh") for at in range(20)
    ]
    cells = [
        ("Pelatihan guru toleransi di sekolah negeri dan kampus swasta pada dua belas provinsi sasaran",
         "Laporan kegiatan dengan daftar hadir serta dokumentasi yang disahkan oleh dinas pendidikan"),
        ("Penyusunan modul kontra narasi bagi para penyuluh agama di kelurahan dan desa binaan",
         "Modul yang telah diuji coba oleh pendamping lapangan beserta catatan perbaikannya"),
        ("Pendampingan keluarga yang terpapar paham kekerasan bersama tokoh masyarakat setempat",
         "Rekapitulasi layanan rujukan psikososial yang diterima oleh anak dan orang tua"),
    ]  # fmt: skip
    wrapped = [
        row for cell in cells for row in [*itertools.zip_longest(*map(lines, cell), fillvalue=""), ("", "")]
    ]
    for rows in (short, wrapped):
        (page,) = sandbox.extract(put("a.pdf", drawn(rows, gap=6)), name="a.pdf").pages
        assert page.text.split("\n")[1:-1] == [" ".join(row).strip() for row in rows if any(row)]


def test_three_columns_of_a_leaflet_are_read_one_after_the_other(sandbox: Sandbox, put: Put) -> None:
    article = simpleSplit(f"{LEFT} {RIGHT} {LEFT} {RIGHT.capitalize()} {LEFT}", FONT, 9, 150)
    # the second column has lines of its own height, and a picture after its fifth line
    first = [Mark(50, 770 - 12 * at, line, FONT, 9) for at, line in enumerate(article[:24])]
    second = [
        Mark(222, 770 - 12.6 * at - (80 if at > 4 else 0), line, FONT, 9)
        for at, line in enumerate(article[24:41])
    ]
    third = [Mark(394, 770 - 12 * at, line, FONT, 9) for at, line in enumerate(article[41:])]
    title = Mark(50, 800, "Warta Pencegahan untuk sekolah dan kampus", FONT, 16)
    foot = Mark(50, 60, "Diterbitkan oleh Sekretariat bagi seluruh wilayah kerja di Indonesia Timur", FONT, 9)
    page = sheet([title, *first, *second, *third, foot], [])
    text = sandbox.extract(put("a.pdf", page.pdf), name="a.pdf").pages[0].text
    assert " ".join(text.split()) == " ".join([title.text, *article, foot.text])


def test_a_line_across_the_columns_makes_cells_of_them(sandbox: Sandbox, put: Put) -> None:
    rows = [row for row in COLUMNS if all(row)]
    (page,) = sandbox.extract(put("a.pdf", drawn(rows, rule=5)), name="a.pdf").pages
    assert page.text.split("\n")[1:-1] == [" ".join(row) for row in rows]


@pytest.mark.parametrize("name", layouts.COLUMNS)
def test_most_pages_of_columns_are_read_down_each_column(name: str) -> None:
    pages = [layouts.COLUMNS[name](random.Random(seed)) for seed in range(25)]  # noqa: S311
    whole = sum(judge.is_whole(judge.read(page), page) for page in pages)
    assert whole >= 20


@pytest.mark.parametrize("name", lookalikes.OTHERS)
def test_what_only_looks_like_columns_stays_as_it_is_drawn(name: str) -> None:
    for seed in range(25):
        page = lookalikes.OTHERS[name](random.Random(seed))  # noqa: S311 - the same page each time
        assert judge.read(page) == judge.drawn(page), seed
