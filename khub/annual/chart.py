"""Charts as PNG pictures, for a document that cannot hold SVG: bars of what is done within what there is."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

_FONT = (
    Path(__file__).parent.parent
    / "static/vendor/plus-jakarta-sans-5.3.0/plus-jakarta-sans-latin-wght-normal.woff2"
)
_INK, _NAVY, _RULE, _PAPER = "#14213A", "#16325C", "#D9D4C9", "#FFFFFF"
#: Pixels: the whole width, the column of labels, a bar, and the room of a row.
_WIDTH, _LABELS, _BAR, _ROW = 1600, 780, 40, 76
_MARGIN, _FIGURES = 24, 150
_SIZE = 28


@dataclass(frozen=True, slots=True)
class Bar:
    """``done`` of ``total`` things called ``label``; equal numbers make a full bar."""

    label: str
    done: int
    total: int


def alternative(title: str, bars: tuple[Bar, ...]) -> str:
    """Return the picture in words."""
    said = "; ".join(
        f"{bar.label}: {bar.done}" if bar.done == bar.total else f"{bar.label}: {bar.done} dari {bar.total}"
        for bar in bars
    )
    return f"Diagram batang. {title}. {said}."


def draw(bars: tuple[Bar, ...]) -> bytes:
    """Return a PNG of horizontal bars on one scale, each with its figures beside it."""
    font = _font()
    image = Image.new("RGB", (_WIDTH, _ROW * len(bars) + 2 * _MARGIN), _PAPER)
    brush = ImageDraw.Draw(image)
    longest = max((bar.total for bar in bars), default=0) or 1
    room = _WIDTH - _LABELS - _FIGURES - 2 * _MARGIN
    for place, bar in enumerate(bars):
        middle = _MARGIN + place * _ROW + _ROW // 2
        brush.text((_MARGIN, middle), _fitted(bar.label, font), fill=_INK, font=font, anchor="lm")
        left, top, bottom = _MARGIN + _LABELS, middle - _BAR // 2, middle + _BAR // 2
        whole, part = left + room * bar.total // longest, left + room * bar.done // longest
        brush.rectangle((left, top, max(whole, left + 1), bottom), fill=_PAPER, outline=_INK, width=2)
        if part > left:
            brush.rectangle((left, top, part, bottom), fill=_NAVY)
        figures = str(bar.done) if bar.done == bar.total else f"{bar.done}/{bar.total}"
        brush.text((max(whole, left + 1) + 16, middle), figures, fill=_INK, font=font, anchor="lm")
    brush.line((_MARGIN + _LABELS, _MARGIN, _MARGIN + _LABELS, image.height - _MARGIN), fill=_RULE, width=2)
    out = io.BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()


def _font() -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    try:
        return ImageFont.truetype(str(_FONT), _SIZE)
    except OSError:  # a FreeType without Brotli cannot open the house's font
        return ImageFont.load_default(_SIZE)


def _fitted(label: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont) -> str:
    """Return a label that keeps to its column; the table above the picture has it whole."""
    if font.getlength(label) <= _LABELS - _MARGIN:
        return label
    while label and font.getlength(f"{label}…") > _LABELS - _MARGIN:
        label = label[:-1].rstrip()
    return f"{label}…"
