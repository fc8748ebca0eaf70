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


def drawn(rows: Sequence[tuple[str, str]], *, gap: int = 0) -> bytes:
    """Return a page on which ``rows`` are drawn one after the other; an empty one leaves ``gap`` points."""

    def draw(canvas: Canvas) -> None:
        canvas.setFont(FONT, SIZE)
        canvas.drawString(LEFTS[0], 790, "Buletin Pencegahan untuk seluruh wilayah kerja di Indonesia Timur")
        y = 760
        for row in rows:
            for x, part in zip(LEFTS, row, strict=True):
                canvas.drawString(x, y, part)
            y -= 13 if any(row) else gap
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


@pytest.mark.parametrize("seed", range(12))
def test_cells_of_any_length_stay_beside_each_other(sandbox: Sandbox, put: Put, seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311 - the same tables each time
    words = f"{LEFT} {RIGHT}".lower().replace(".", "").split()

    def cell() -> list[str]:
        sentences = (" ".join(rng.choices(words, k=rng.randint(5, 20))) for _ in range(rng.randint(1, 3)))
        return lines(" ".join(f"{sentence.capitalize()}." for sentence in sentences))

    rows = []
    while len(rows) < 45:
        rows += [*itertools.zip_longest(cell(), cell(), fillvalue=""), ("", "")]
    text = sandbox.extract(put("a.pdf", drawn(rows[:48], gap=rng.choice((0, 5)))), name="a.pdf").pages[0].text
    both = [row for row in rows[:48] if all(row)]
    assert all(" ".join(row) in text for row in both)
