"""Random pages that look like columns, and are read as they are drawn: tables, forms, letters and lists.

Each maker takes a random generator and returns a ``Sheet``; the same seed gives the same page.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from reportlab.lib.utils import simpleSplit
from reportlab.pdfbase.pdfmetrics import stringWidth

from tests.indexer.extract.layouts import BOLD, FONT, WIDE, Mark, Sheet, justified, sentence, sentences, sheet

if TYPE_CHECKING:
    import random
    from collections.abc import Callable


def _cell(rng: random.Random, kind: str) -> list[str]:
    """Return the paragraphs of a cell."""
    if rng.random() < 0.05:
        return []
    if kind == "sentences":
        return [sentences(rng, 4)]
    if kind == "phrase":
        return [sentence(rng, 25)]
    if kind == "low":
        text = sentence(rng, 25)
        return [text[0].lower() + text[1:]]
    if kind == "list":
        return [f"{at}. {sentence(rng, 12)};" for at in range(1, rng.randint(2, 5))]
    return [sentences(rng, 3) for _ in range(rng.randint(1, 3))]


def _head(rng: random.Random, lefts: list[float], widths: list[float], size: float) -> list[Mark]:
    """Return the title of a table and the heads of its columns, or one of the two, or nothing."""
    marks = []
    if rng.random() < 0.4:
        title = "Tabel 3. Rincian kegiatan dan keluaran tahun berjalan"
        marks.append(Mark(lefts[0], 805, title, BOLD, size))
    if rng.random() < 0.5:
        for left, width in zip(lefts, widths, strict=True):
            text = simpleSplit(sentence(rng, 4), BOLD, size, width)[0]
            marks.append(Mark(left, 780, text, BOLD, size))
    return marks


def table(rng: random.Random, count: int) -> Sheet:
    """Return a table of ``count`` columns with long cells, without lines between them."""
    size = rng.choice((8, 9, 10, 11))
    margin, gutter = rng.uniform(36, 70), size * rng.uniform(1.2, 2.2)
    shares = [1.0] * count if rng.random() < 0.6 else [rng.uniform(0.7, 1.3) for _ in range(count)]
    free = WIDE - 2 * margin - (count - 1) * gutter
    numbered = rng.random() < 0.3
    if numbered:
        free -= 30
    widths = [free * share / sum(shares) for share in shares]
    lefts = [margin + 30 * numbered + sum(widths[:at]) + at * gutter for at in range(count)]
    kinds = [
        rng.choice(("sentences", "sentences", "phrase", "low", "list", "paragraphs")) for _ in range(count)
    ]
    if rng.random() < 0.5:
        kinds = [kinds[0]] * count
    leading = size * rng.uniform(1.12, 1.4)
    padding = rng.choice((0, 0, 3, 6, leading))
    middle, even = rng.random() < 0.2, rng.random() < 0.25
    marks = _head(rng, lefts, widths, size)
    parts = [mark.text for mark in marks]
    y, number = 780.0 - leading - padding, 0
    cut = rng.randint(1, 4) if rng.random() < 0.3 else 0
    while y > 80:
        number += 1
        cells = [
            [line for text in _cell(rng, kind) for line in simpleSplit(text, FONT, size, width)]
            for kind, width in zip(kinds, widths, strict=True)
        ]
        if number == 1 and cut:
            cells = [cell[cut:] for cell in cells]
        most = max(map(len, cells))
        room = int((y - 60) // leading)
        cells = [cell[:room] for cell in cells]
        if numbered:
            marks.append(Mark(margin, y, f"{number}.", FONT, size))
            parts.append(f"{number}.")
        for left, width, cell in zip(lefts, widths, cells, strict=True):
            first = y - (leading * (most - len(cell)) / 2 if middle else 0)
            for at, line in enumerate(cell):
                mark = Mark(left, first - leading * at, line, FONT, size)
                is_full = even and stringWidth(line, FONT, size) > 0.8 * width
                marks += justified(mark, width) if is_full else [mark]
            parts.append(" ".join(cell))
        y -= most * leading + padding
    return sheet(marks, [part for part in parts if part])


def bilingual(rng: random.Random) -> Sheet:
    """Return paragraphs in two languages beside each other."""
    size = rng.choice((9, 10, 11))
    margin, gutter = 60, size * rng.uniform(1.3, 2.2)
    width = (WIDE - 2 * margin - gutter) / 2
    leading = size * rng.uniform(1.15, 1.4)
    padding = rng.choice((0, 4, leading))
    marks: list[Mark] = []
    parts: list[str] = []
    y, number = 780.0, 0
    while y > 80:
        number += 1
        one = sentences(rng, 5)
        other = one.split()[: max(4, int(len(one.split()) * rng.uniform(0.85, 1)))]
        rng.shuffle(other)
        begin = f"({number}) " if number % 2 else ""
        texts = [begin + one, begin + " ".join(other).capitalize() + "."]
        cells = [simpleSplit(text, FONT, size, width)[: int((y - 60) // leading)] for text in texts]
        for left, cell in zip((margin, margin + width + gutter), cells, strict=True):
            marks += [Mark(left, y - leading * at, line, FONT, size) for at, line in enumerate(cell)]
            parts.append(" ".join(cell))
        y -= max(map(len, cells)) * leading + padding
    return sheet(marks, [part for part in parts if part])


def definitions(rng: random.Random) -> Sheet:
    """Return terms with what they mean beside them."""
    size, y = rng.choice((9, 10, 11)), 780.0
    share = rng.uniform(0.25, 0.5)
    left, width = 60 + 475 * share + 14, 475 * (1 - share) - 14
    marks: list[Mark] = []
    while y > 80:
        term = simpleSplit(sentence(rng, 9), FONT, size, 475 * share)
        meaning = simpleSplit(sentences(rng, 2), FONT, size, width)
        marks += [Mark(60, y - 13 * at, line, FONT, size) for at, line in enumerate(term)]
        marks += [Mark(left, y - 13 * at, line, FONT, size) for at, line in enumerate(meaning)]
        y -= 13 * max(len(term), len(meaning)) + rng.choice((0, 6))
    return sheet(marks, [])


def form(rng: random.Random) -> Sheet:
    """Return fields to fill in, two or three beside each other."""
    count, y = rng.choice((2, 3)), 780.0
    marks: list[Mark] = []
    while y > 80:
        for at in range(count):
            label = sentence(rng, 6)
            label = simpleSplit(label, FONT, 9, 110)[0]
            value = rng.choice((sentence(rng, 8), "." * 30, "_" * 24, ""))
            value = simpleSplit(value, FONT, 9, 480 / count - 20 - stringWidth(label, FONT, 9))[:1]
            marks.append(Mark(50 + 500 / count * at, y, " ".join([f"{label}:", *value]), FONT, 9))
        y -= rng.choice((16, 20))
    return sheet(marks, [])


def letter(rng: random.Random) -> Sheet:
    """Return a letter: its head with the date at the right, a text, and who signs."""
    y = 780.0
    marks = []
    for name in ("Nomor", "Sifat", "Lampiran", "Hal"):
        for at, line in enumerate(simpleSplit(sentence(rng, 12), FONT, 11, 220)):
            if not at:
                marks += [Mark(60, y, name, FONT, 11), Mark(130, y, ":", FONT, 11)]
            marks.append(Mark(140, y, line, FONT, 11))
            y -= 14
    marks.append(Mark(400, 780, "Jakarta, 12 Maret 2024", FONT, 11))
    for line in ("Yth. Kepala Dinas", "di tempat"):
        marks.append(Mark(400, y, line, FONT, 11))
        y -= 14
    for _ in range(rng.randint(1, 4)):
        for line in simpleSplit(sentences(rng), FONT, 11, 475):
            marks.append(Mark(60, y, line, FONT, 11))
            y -= 14
        y -= 8
    return sheet([*marks, *_signatures(rng, y)], [])


def _signatures(rng: random.Random, y: float) -> list[Mark]:
    marks = []
    for _ in range(rng.randint(1, 6)):
        if y < 160:
            break
        for left in (60, 330):
            for at, size in ((0, 4), (1, 5), (2, 4), (6, 4), (7, 3)):
                text = simpleSplit(sentence(rng, size), FONT, 10, 230)[0]
                marks.append(Mark(left, y - 13 * at, text, FONT, 10))
        y -= 13 * 9
    return marks


def signatures(rng: random.Random) -> Sheet:
    """Return blocks of signatures, two beside each other."""
    return sheet(_signatures(rng, 780), [])


def contents(rng: random.Random) -> Sheet:
    """Return a table of contents, in one or two columns."""
    count, y = rng.choice((1, 2)), 780.0
    width = 480 / count - 20
    marks = []
    while y > 80:
        for at in range(count):
            text = simpleSplit(sentence(rng, 18), FONT, 9, width - 40)[0]
            dots = int((width - 20 - stringWidth(text, FONT, 9)) // stringWidth(".", FONT, 9))
            x = 55 + 480 / count * at
            marks += [
                Mark(x, y, text + " " + "." * dots, FONT, 9),
                Mark(x + width - 5, y, str(rng.randint(1, 80)), FONT, 9),
            ]
        y -= 14
    return sheet(marks, [])


#: Makers of such pages by name.
OTHERS: dict[str, Callable[[random.Random], Sheet]] = {
    "tables of two": lambda rng: table(rng, 2),
    "tables of three": lambda rng: table(rng, 3),
    "tables of four": lambda rng: table(rng, 4),
    "two languages": bilingual,
    "definitions": definitions,
    "forms": form,
    "letters": letter,
    "signatures": signatures,
    "contents": contents,
}
