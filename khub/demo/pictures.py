"""Drawn pictures: pages of a scan, and photo-like evidence of a meeting that never took place."""

from __future__ import annotations

import io
import random
import textwrap
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw, ImageFilter, ImageFont

from khub.demo.blocks import Break, Bullets, Heading, Paragraph, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from khub.demo.blocks import Block, Manuscript
    from khub.demo.compose import Script

#: A4 at 150 dpi.
_PAGE = (1240, 1754)
_LINES = 46
#: Pillow's own font has no typographic dashes and quotes.
_PLAIN = str.maketrans({"–": "-", "“": '"', "”": '"', "’": "'"})


def _lines(block: Block) -> list[str]:
    match block:
        case Heading(_, text):
            return ["", text.upper()]
        case Paragraph(text, _):
            return [*textwrap.wrap(text, 78), ""]
        case Bullets(items):
            return [line for item in items for line in textwrap.wrap(f"- {item}", 78)]
        case Table(rows):
            return ["   ".join(row) for row in rows]
        case Break():
            return []


def scan(manuscript: Manuscript, pages: int) -> Iterator[Image.Image]:
    """Yield at most ``pages`` grey pages of the manuscript as pictures, slightly askew as from a scanner."""
    font = ImageFont.load_default(24)
    lines = [line.translate(_PLAIN) for block in manuscript.blocks for line in _lines(block)]
    for number in range(min(pages, -(-len(lines) // _LINES))):
        page = Image.new("L", _PAGE, 250)
        draw = ImageDraw.Draw(page)
        draw.rectangle((110, 70, 1130, 130), outline=40, width=2)
        draw.text((130, 84), manuscript.letterhead.translate(_PLAIN), 30, font)
        for row, line in enumerate(lines[number * _LINES : (number + 1) * _LINES]):
            draw.text((120, 160 + row * 32), line, 30, font)
        draw.text((120, 1690), f"{manuscript.footer} · {number + 1}", 60, font)
        yield page.rotate(0.4 - 0.3 * (number % 3), Image.Resampling.BILINEAR, fillcolor=238)


def photo(script: Script) -> bytes:
    """Return a JPEG of a drawn meeting room that says in the picture that it is drawn."""
    rng = random.Random(f"khub/foto/{script.seed}")  # noqa: S311 - repeatable, not secret
    picture = Image.new("RGB", (1280, 853))
    draw = ImageDraw.Draw(picture)
    for y in range(853):
        draw.line((0, y, 1280, y), (214 - y // 8, 205 - y // 9, 188 - y // 10))
    draw.rectangle((390, 90, 890, 370), (244, 246, 248), (90, 90, 90), 6)
    draw.rectangle((420, 230, 700, 250), (60, 110, 170))
    draw.rectangle((420, 270, 620, 290), (200, 120, 60))
    big, small = ImageFont.load_default(30), ImageFont.load_default(22)
    for row, line in enumerate(textwrap.wrap(script.title.translate(_PLAIN), 30)[:3]):
        draw.text((420, 110 + row * 36), line, (40, 50, 70), big)
    for row, y in enumerate((450, 560, 690)):
        for x in range(60 + 40 * row, 1240, 170):
            shade = tuple(rng.randint(40, 190) for _ in range(3))
            x_shaken, size = x + rng.randint(-14, 14), 34 + 9 * row
            draw.ellipse((x_shaken, y - size, x_shaken + size, y), (196 - row * 12, 152, 118))
            draw.rounded_rectangle((x_shaken - 18, y, x_shaken + size + 18, y + 110), 26, shade)
    picture = picture.filter(ImageFilter.GaussianBlur(1.1))
    ImageDraw.Draw(picture).text((20, 815), "Gambar buatan untuk demo khub, bukan foto", (20, 20, 20), small)
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=80)
    return out.getvalue()
