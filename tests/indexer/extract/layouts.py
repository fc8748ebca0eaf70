"""Random pages whose text is drawn row by row: columns of running text.

Each maker takes a random generator and returns a ``Sheet``; the same seed gives the same page.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, NamedTuple

from reportlab.lib.utils import simpleSplit
from reportlab.pdfbase.pdfmetrics import stringWidth

from tests.indexer.extract.samples import make_pdf

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    from reportlab.pdfgen.canvas import Canvas

TEXT = (
    "program ini bertujuan memperkuat ketahanan masyarakat terhadap kontra narasi yang menyebar di "
    "media sosial serta membina kerja sama antara lembaga pada tingkat daerah pelatihan guru toleransi "
    "dilaksanakan dengan dukungan dinas pendidikan setempat dan komite sekolah para penyuluh memetakan "
    "warung kopi sebagai ruang percakapan lintas iman kelurahan ditetapkan bersama pemerintah awal "
    "tahun anggaran evaluasi menunjukkan bahwa peserta memahami materi pencegahan dini sebelum "
    "pendampingan dimulai rekomendasi berikutnya ialah menyusun pedoman untuk pendamping lapangan "
    "termasuk rujukan layanan psikososial bagi anak terpapar paham kekerasan dalam oleh dari ke pada "
    "atau tidak akan telah dapat juga"
)
WORDS = TEXT.split()
NAMES = ("Kementerian Agama", "Jawa Timur", "Indonesia", "BNPT", "K/L", "Pokja", "Sulawesi Tengah", "Polri")
NAMES += ("Maluku", "RAN PE", "Peraturan Presiden", "2024", "12", "35 persen", "Bappenas", "Dinas Sosial")
FONT, BOLD = "Helvetica", "Helvetica-Bold"
WIDE, HIGH = 595, 842


class Mark(NamedTuple):
    """A line of text, or a part of one, and where it begins."""

    x: float
    y: float
    text: str
    font: str
    size: float


class Sheet(NamedTuple):
    """A page as PDF, and the parts of it that are read one after the other."""

    pdf: bytes
    parts: list[str]


class Line(NamedTuple):
    """A line of a column: text, font, indent, and the points of blank above it."""

    text: str
    font: str
    indent: float
    above: float


def sentence(rng: random.Random, longest: int = 22) -> str:
    """Return words that begin with a capital, with names among them; no full stop."""
    words = [
        rng.choice(NAMES) if rng.random() < 0.1 else rng.choice(WORDS)
        for _ in range(rng.randint(min(4, longest - 1), longest))
    ]
    words[0] = words[0][0].upper() + words[0][1:]
    return " ".join(words)


def sentences(rng: random.Random, at_most: int = 5) -> str:
    """Return a paragraph."""
    return " ".join(f"{sentence(rng)}." for _ in range(rng.randint(1, at_most)))


def sheet(marks: list[Mark], parts: list[str]) -> Sheet:
    """Return the page on which ``marks`` are drawn from the top down, those of a row from the left."""
    rows: list[list[Mark]] = []
    for mark in sorted(marks, key=lambda mark: -mark.y):
        if rows and rows[-1][0].y - mark.y < 1:
            rows[-1].append(mark)
        else:
            rows.append([mark])

    def draw(canvas: Canvas) -> None:
        for mark in itertools.chain(*(sorted(row) for row in rows)):
            canvas.setFont(mark.font, mark.size)
            canvas.drawString(mark.x, mark.y, mark.text)

    return Sheet(make_pdf([draw]), parts)


def justified(mark: Mark, width: float) -> list[Mark]:
    """Return the words of a line spread over ``width``."""
    words = mark.text.split()
    if len(words) < 3:
        return [mark]
    free = width - sum(stringWidth(word, mark.font, mark.size) for word in words)
    step, x, found = free / (len(words) - 1), mark.x, []
    for word in words:
        found.append(mark._replace(x=x, text=word))
        x += stringWidth(word, mark.font, mark.size) + step
    return found


class _Style(NamedTuple):
    """How the paragraphs of a page look."""

    width: float
    size: float
    indent: float
    between: float
    headings: float
    bullets: float
    bullet: str


def _stream(rng: random.Random, style: _Style, count: int) -> list[Line]:
    """Return at least ``count`` lines of an article: paragraphs, headings, lists."""
    lines: list[Line] = []
    while len(lines) < count:
        if rng.random() < style.headings and lines:
            heading = sentence(rng, 6)
            lines += [
                Line(text, BOLD, 0, 0 if at else style.size)
                for at, text in enumerate(simpleSplit(heading, BOLD, style.size, style.width))
            ]
        if rng.random() < style.bullets and lines:
            hang = style.size * 1.4
            for at in range(1, rng.randint(3, 6)):
                bullet = style.bullet.format(at)
                split = simpleSplit(f"{sentence(rng, 14)};", FONT, style.size, style.width - hang)
                lines.append(Line(f"{bullet}\t{split[0]}", FONT, 0, 0))
                lines += [Line(text, FONT, hang, 0) for text in split[1:]]
        text = sentences(rng)
        first = simpleSplit(text, FONT, style.size, style.width - style.indent)[0]
        rest = simpleSplit(text[len(first) :].strip(), FONT, style.size, style.width)
        lines.append(Line(first, FONT, style.indent, style.between))
        lines += [Line(each, FONT, 0, 0) for each in rest]
    return lines


def _section(
    rng: random.Random, count: int, style: _Style, lefts: list[float], top: float, bottom: float
) -> tuple[list[Mark], list[str], float]:
    """Return the lines of columns between two heights, the parts they make, and where the last line stands."""
    size = style.size
    leading = size * rng.uniform(1.12, 1.45)
    own = rng.random() < 0.25
    leadings = [leading * (rng.uniform(0.92, 1.08) if own else 1) for _ in range(count)]
    last = rng.uniform(0.3, 0.9) if rng.random() < 0.4 else 1.0
    pictures = (
        {rng.randrange(count): (rng.uniform(0.1, 0.6), rng.uniform(60, 180))} if rng.random() < 0.25 else {}
    )
    even = rng.random() < 0.4
    lines = iter(_stream(rng, style, 400 if top - bottom > 300 else 150))
    marks: list[Mark] = []
    parts: list[str] = []
    lowest = top
    for column, (left, step) in enumerate(zip(lefts, leadings, strict=True)):
        floor = top - (top - bottom) * (last if column == count - 1 else 1)
        at, high = pictures.get(column, (0, 0))
        y, texts, gap_left = top, [], high > 0 and top - bottom > 300
        while y > floor:
            line = next(lines)
            if texts:
                y -= line.above
            if gap_left and y < top - at * (top - bottom):
                y -= high
                gap_left = False
            if y <= floor:
                break
            head, tab, tail = line.text.partition("\t")
            place = Mark(left + line.indent, y, head, line.font, size)
            full = style.width - line.indent
            if tab:
                marks += [place, place._replace(x=left + size * 1.4, text=tail)]
            elif even and stringWidth(head, line.font, size) > 0.8 * full:
                marks += justified(place, full)
            else:
                marks.append(place)
            texts.append(" ".join(line.text.split()))
            lowest = min(lowest, y)
            y -= step
        if texts:
            parts.append(" ".join(texts))
    return marks, parts, lowest


def columns(rng: random.Random, count: int) -> Sheet:
    """Return a page of a newsletter: a title over all of it, ``count`` columns below, perhaps a foot."""
    size = rng.choice((8, 8.5, 9, 9.5, 10, 10.5) if count > 2 else (9, 9.5, 10, 10.5, 11))
    margin, gutter = rng.uniform(36, 70), size * rng.uniform(1.4, 2.6)
    width = (WIDE - 2 * margin - (count - 1) * gutter) / count
    between = rng.choice((0, 0, 3, 6, size * 1.2))
    style = _Style(
        width,
        size,
        rng.choice((0, 0, size, 2 * size)),
        between,
        rng.choice((0, 0, 0.3)),
        rng.choice((0, 0, 0.3)),
        rng.choice(("•", "-", "{}.")),
    )
    lefts = [margin + at * (width + gutter) for at in range(count)]
    marks: list[Mark] = []
    parts: list[str] = []
    top = 780.0
    for _ in range(rng.randint(0, 2)):
        title = simpleSplit(sentence(rng, 12), BOLD, size + 5, WIDE - 2 * margin)[0]
        marks.append(Mark(margin, top, title, BOLD, size + 5))
        parts.append(title)
        top -= 30
    sections = [(top, 70.0)]
    if rng.random() < 0.2:
        sections = [(top, 440.0), (400.0, 70.0)]
    for number, (high, low) in enumerate(sections):
        if number:
            title = sentence(rng, 30)
            title = simpleSplit(title + " " + sentence(rng, 30), BOLD, size, WIDE - 2 * margin)[0]
            marks.append(Mark(margin, 420, title, BOLD, size))
            parts.append(title)
        found, read, _ = _section(rng, count, style, lefts, high, low)
        marks += found
        parts += read
    foot = rng.choice(("", "3", "Buletin Pencegahan, Edisi 4 Tahun 2024", "wide"))
    if foot == "wide":
        foot = simpleSplit(sentence(rng) + " " + sentence(rng), FONT, 8, WIDE - 2 * margin)[0]
        marks.append(Mark(margin, 40, foot, FONT, 8))
    elif foot:
        marks.append(Mark(rng.choice((margin, WIDE / 2 - stringWidth(foot, FONT, 8) / 2)), 40, foot, FONT, 8))
    return sheet(marks, [*parts, *([foot] if foot else [])])


#: Makers of what is read one column after the other, by name.
COLUMNS: dict[str, Callable[[random.Random], Sheet]] = {
    "two columns": lambda rng: columns(rng, 2),
    "three columns": lambda rng: columns(rng, 3),
}
