from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from PIL import Image
from pypdf import PdfReader, PdfWriter

from indexer.extract import FileState, Rendered, RenderFailure, Sandbox
from tests.indexer.extract.samples import make_pdf, picture, raw_pdf

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Put = Callable[[str, bytes], Path]

PDF = "application/pdf"


def _render(
    sandbox: Sandbox, path: Path, media_type: str = PDF, *, page: int = 1, width: int = 400
) -> Rendered:
    rendered = sandbox.render(path, media_type=media_type, page=page, width=width)
    assert isinstance(rendered, Rendered), rendered
    assert Image.open(io.BytesIO(rendered.image)).size == (rendered.width, rendered.height)
    return rendered


@pytest.mark.parametrize("turn", [0, 90, 180])
def test_word_boxes_cover_the_ink_of_their_word(sandbox: Sandbox, put: Put, turn: int) -> None:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(make_pdf(["", "Tata kelola\npengetahuan"]))))
    writer.pages[1].rotate(turn)
    out = io.BytesIO()
    writer.write(out)
    path = put("a.pdf", out.getvalue())
    rendered = _render(sandbox, path, page=2, width=800)
    assert rendered.text == sandbox.extract(path, name="a.pdf").pages[1].text
    words = {rendered.text[box.start : box.end]: box for box in rendered.words}
    assert set(words) == {"Tata", "kelola", "pengetahuan"}
    image = Image.open(io.BytesIO(rendered.image)).convert("L").point(lambda level: 255 if level < 128 else 0)
    ink = image.getbbox()
    assert ink is not None
    for box in words.values():
        cut = (
            int(box.x0 * rendered.width), int(box.y0 * rendered.height),
            int(box.x1 * rendered.width) + 1, int(box.y1 * rendered.height) + 1,
        )  # fmt: skip
        assert image.crop(cut).getbbox() is not None
        image.paste(0, cut)
    rest = image.getbbox()
    assert rest is None or (rest[2] - rest[0]) * (rest[3] - rest[1]) < 50


def test_hyphens_and_ligatures_keep_the_boxes_in_step(sandbox: Sandbox, put: Put) -> None:
    content = b"BT /F1 12 Tf 72 700 Td (Undang-) Tj 0 -14 Td (Undang nomor) Tj ET"
    path = put("a.pdf", raw_pdf(content))
    rendered = _render(sandbox, path)
    words = [rendered.text[box.start : box.end] for box in rendered.words]
    assert words == rendered.text.split() == ["Undang-", "Undang", "nomor"]
    assert rendered.words[-1].y0 > rendered.words[0].y0


def test_a_word_broken_over_two_lines_has_a_box_on_each(sandbox: Sandbox, put: Put) -> None:
    content = b"BT /F1 12 Tf 12 TL 172 700 Td (Program deradika-) Tj -100 -12 Td (lisasi narapidana) Tj ET"
    rendered = _render(sandbox, put("a.pdf", raw_pdf(content)))
    first, upper, lower, last = rendered.words
    assert rendered.text[upper.start : lower.end] == "deradika-\nlisasi"
    assert (upper.y0, lower.y0) == (first.y0, last.y0)
    assert first.x1 <= upper.x0
    assert lower.x1 <= last.x0


def test_a_monstrous_page_stays_a_small_image(sandbox: Sandbox, put: Put) -> None:
    data = raw_pdf(b"").replace(b"[0 0 595 842]", b"[0 0 1 9842]")
    rendered = _render(sandbox, put("a.pdf", data), width=2000)
    assert rendered.width * rendered.height < 17_000_000


def test_a_photo_is_shown_upright_and_small(sandbox: Sandbox, put: Put) -> None:
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "Kamera"
    Image.new("RGB", (300, 100), "red").save(out, "JPEG", exif=exif)
    path = put("a.jpg", out.getvalue())
    result = sandbox.extract(path, name="a.jpg")
    assert (result.state, result.detail) == (FileState.EVIDENCE, {"width": 100, "height": 300})
    rendered = _render(sandbox, path, "image/jpeg", width=50)
    assert (rendered.width, rendered.height, rendered.words) == (50, 150, ())
    assert b"Kamera" not in rendered.image


def test_a_size_bomb_and_a_broken_image_are_told(sandbox: Sandbox, put: Put) -> None:
    out = io.BytesIO()
    Image.new("1", (9_000, 9_000)).save(out, "PNG")
    bomb = put("a.png", out.getvalue())
    result = sandbox.extract(bomb, name="a.png")
    assert (result.state, result.reason) == (FileState.TOO_RISKY, "image.pixels")
    assert sandbox.render(bomb, media_type="image/png", page=1, width=100) == RenderFailure("image.pixels")
    broken = put("b.png", out.getvalue()[:200])
    assert sandbox.extract(broken, name="b.png").state is FileState.TOO_RISKY
    cut = put("c.png", picture().getvalue()[:2000])
    assert sandbox.extract(cut, name="c.png").state is FileState.BROKEN


@pytest.mark.parametrize(
    ("data", "media_type", "page", "reason"),
    [
        (make_pdf(["a"]), PDF, 2, "no_page"),
        (make_pdf(["a"]), PDF, 0, "no_page"),
        (b"%PDF-1.4 rusak", PDF, 1, "no_page"),
        (b"halo", "text/plain", 1, "no_image"),
    ],
)
def test_without_an_image_there_is_a_reason(
    sandbox: Sandbox, put: Put, data: bytes, media_type: str, page: int, reason: str
) -> None:
    failure = sandbox.render(put("a", data), media_type=media_type, page=page, width=200)
    assert failure == RenderFailure(reason)
