"""The report as DOCX: heading styles, a contents field, captioned tables, pictures in words, numbered citations.

The contents come filled in and no field asks to be updated on opening: the file opens without a
question in Word and unharmed in LibreOffice. Page numbers stand in the contents where a first
rendering has told them (``pages``).
"""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any

import docx
from babel.dates import format_date
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_TAB_ALIGNMENT, WD_TAB_LEADER
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from khub.annual import chart, oxml
from khub.annual.chart import Bar
from khub.clock import WIB

if TYPE_CHECKING:
    from collections.abc import Sequence

    from khub.annual.document import Block, Document, Reference, Section, Table

#: Usable width of an A4 page between the margins, in twentieths of a point.
_ROOM = 9070
#: What a letter of a table takes at most in any usual font, what stands beside a text, and what is one line.
_LETTER, _PADDING, _ONE_LINE = 115, 230, 16
_MARGIN = Cm(2.5)
_INK = RGBColor(0x14, 0x21, 0x3A)
_FONT = "Calibri"
_HEADINGS = 4
#: Longest property of a document; python-docx refuses a longer one.
_PROPERTY = 255
_LISTED = 3
_COUNT = re.compile(r"\d{1,3}(?:\.\d{3})*")
#: Which tables have a picture: (column of what is done, column of the whole).
_CHARTS = {"komitmen-per-pilar": (2, 1), "laporan-per-pilar": (2, 1), "keluaran-per-jenis": (1, 1)}
_REFERENCES = "Daftar kutipan"


def headings(document: Document) -> list[tuple[int, str]]:
    """Return (level, heading) of everything that the contents can list, in order."""
    found = [(part.level, part.heading) for part in document.sections if part.level <= _LISTED]
    return [*found, (1, _REFERENCES)] if document.references else found


def write(document: Document, *, sha256: str = "", pages: Sequence[int] = ()) -> bytes:
    """Return ``document`` as DOCX.

    ``sha256``: the hash of the edition's content, printed on the cover. ``pages``: the page of each
    of ``headings``, where they are known.
    """
    return _Writer(document, sha256, pages).bytes()


class _Writer:
    def __init__(self, document: Document, sha256: str, pages: Sequence[int]) -> None:
        self.source = document
        self.sha256 = sha256
        self.pages = pages
        self.docx: Any = docx.Document()
        self.body: Any = self.docx.element.body
        self.end: Any = self.body.find(qn("w:sectPr"))
        self.styles: dict[str, str] = {}
        self.marks = 0
        self.pictures: dict[str, int] = {}

    def bytes(self) -> bytes:
        """Write everything and return the file."""
        self._prepare()
        self._cover()
        self._contents()
        listed = 0
        for part in self.source.sections:
            listed += part.level <= _LISTED
            self._section(part, listed if part.level <= _LISTED else 0)
        if self.source.references:
            self._heading(1, _REFERENCES, listed + 1)
            for reference in self.source.references:
                self._reference(reference)
        out = io.BytesIO()
        self.docx.save(out)
        return out.getvalue()

    # -- styles, header, footer --------------------------------------------------------------------

    def _prepare(self) -> None:
        oxml.set_language(self.docx, "id-ID")
        properties = self.docx.core_properties
        properties.title, properties.subject = self.source.title[:_PROPERTY], self.source.plan[:_PROPERTY]
        properties.author, properties.language = "khub", "id-ID"
        properties.comments = ""
        properties.created = properties.modified = self.source.as_of.replace(tzinfo=None)
        styles = self.docx.styles
        styles["Normal"].font.name, styles["Normal"].font.size = _FONT, Pt(11)
        styles["Normal"].paragraph_format.space_after = Pt(8)
        for level in range(1, _HEADINGS + 1):
            style = styles[f"Heading {level}"]
            style.font.name, style.font.color.rgb = _FONT, _INK
            style.font.size = Pt((18, 14, 12, 11)[level - 1])
            style.paragraph_format.keep_with_next = True
            style.element.rPr.rFonts.attrib.clear()  # the theme's font would win over the one named
            style.font.name = _FONT
        styles["Heading 1"].paragraph_format.page_break_before = True
        styles["Caption"].font.color.rgb, styles["Caption"].font.size = _INK, Pt(10)
        styles["Title"].font.name, styles["Title"].font.color.rgb = _FONT, _INK
        styles["Subtitle"].font.name, styles["Subtitle"].font.color.rgb = _FONT, _INK
        names = ("Normal", "Caption", "Title", "Subtitle", "Table Grid")
        self.styles = {name: styles[name].style_id for name in names}
        for level in range(1, _HEADINGS + 1):
            self.styles[f"h{level}"] = styles[f"Heading {level}"].style_id
        for level in range(1, _LISTED + 1):
            style = styles.add_style(f"toc {level}", WD_STYLE_TYPE.PARAGRAPH, builtin=True)
            style.base_style = styles["Normal"]
            style.paragraph_format.left_indent = Cm(0.6 * (level - 1))
            style.paragraph_format.space_after = Pt(3)
            style.paragraph_format.tab_stops.add_tab_stop(Cm(16), WD_TAB_ALIGNMENT.RIGHT, WD_TAB_LEADER.DOTS)
            self.styles[f"toc{level}"] = style.style_id
        section = self.docx.sections[0]
        section.page_width, section.page_height = Cm(21), Cm(29.7)
        section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = _MARGIN
        section.different_first_page_header_footer = True
        section.header.paragraphs[0].text = f"{self.source.title} · {self._which()}"
        footer = section.footer.paragraphs[0]
        footer.alignment = 2
        for piece in _runs(oxml.run("Halaman ") + oxml.field("PAGE", "1") + oxml.run(" dari ")):
            footer._p.append(piece)  # noqa: SLF001 - python-docx has no fields of its own
        for piece in _runs(oxml.field("NUMPAGES", "1")):
            footer._p.append(piece)  # noqa: SLF001 - as above

    def _which(self) -> str:
        return f"Edisi {self.source.edition}" if self.source.edition else "Draf"

    # -- front ---------------------------------------------------------------------------------------

    def _add(self, xml: str) -> None:
        self.end.addprevious(oxml.element(xml))

    def _cover(self) -> None:
        at = self.source.as_of.astimezone(WIB)
        until = f"{format_date(at.date(), 'd MMMM y', locale='id')} {at:%H.%M} WIB"
        self._add(oxml.paragraph(self.styles["Title"], oxml.run(self.source.title)))
        self._add(oxml.paragraph(self.styles["Subtitle"], oxml.run(f"{self.source.plan} · {self._which()}")))
        self._add(oxml.paragraph(self.styles["Normal"], oxml.run(f"Angka tercatat sampai {until}.")))
        if self.sha256:
            self._add(oxml.paragraph(self.styles["Normal"], oxml.run(f"SHA-256 isi edisi: {self.sha256}")))

    def _contents(self) -> None:
        style = self.styles["Normal"]
        self._add(oxml.paragraph(style, oxml.run("Daftar isi", "<w:b/><w:sz w:val='36'/>")))
        entries = []
        for place, (level, heading) in enumerate(headings(self.source)):
            page = str(self.pages[place]) if place < len(self.pages) else ""
            entries.append((level, heading, _anchor(place + 1), page))
        for xml in oxml.contents(entries, [self.styles[f"toc{n}"] for n in range(1, _LISTED + 1)]):
            self._add(xml)

    # -- text ----------------------------------------------------------------------------------------

    def _heading(self, level: int, text: str, listed: int) -> None:
        inside = oxml.run(text)
        if listed:
            inside = self._marked(_anchor(listed), inside)
        self._add(oxml.paragraph(self.styles[f"h{min(level, _HEADINGS)}"], inside))

    def _marked(self, name: str, inside: str) -> str:
        self.marks += 1
        return oxml.bookmark(name, self.marks, inside)

    def _section(self, part: Section, listed: int) -> None:
        self._heading(part.level, part.heading, listed)
        for block in part.blocks:
            if block.table is not None:
                self._table(block.table)
            elif block.text.strip():
                self._paragraph(block)

    def _paragraph(self, block: Block) -> None:
        """Write a paragraph; an empty line in it begins another."""
        inside: list[str] = []
        for run in block.runs:
            if run.kind == "citation":
                inside.append(oxml.link(f"kutipan_{run.number}", oxml.run(run.text)))
                continue
            for place, piece in enumerate(re.split(r"\n\s*\n", run.text)):
                if place:
                    self._add(oxml.paragraph(self.styles["Normal"], "".join(inside)))
                    inside = []
                if piece:
                    inside.append(oxml.run(piece))
        self._add(oxml.paragraph(self.styles["Normal"], "".join(inside)))

    def _reference(self, reference: Reference) -> None:
        said = f"{reference.source}, {reference.place}. {reference.title}. {reference.institution}. "
        said += f"“{reference.quote}”"
        if reference.restricted:
            said += " (sumber terbatas)"
        mark = self._marked(f"kutipan_{reference.number}", oxml.run(f"[{reference.number}]"))
        inside = mark + "<w:r><w:tab/></w:r>" + oxml.run(said)
        if reference.sha256:
            inside += "<w:r><w:br/></w:r>" + oxml.run(f"SHA-256 {reference.sha256}", "<w:sz w:val='16'/>")
        hanging = '<w:ind w:left="720" w:hanging="720"/>'
        self._add(oxml.paragraph(self.styles["Normal"], inside, hanging))

    # -- tables and pictures -------------------------------------------------------------------------

    def _table(self, table: Table) -> None:
        chapter, place = table.number.split(".")
        self._add(oxml.caption(self.styles["Caption"], "Tabel", chapter, int(place), table.caption))
        self._add(oxml.table(table, self.styles["Table Grid"], _widths(table)))
        self._add(oxml.paragraph(self.styles["Normal"], oxml.run(table.note, "<w:sz w:val='18'/>")))
        bars = _bars(table)
        if bars:
            self._picture(chapter, table.caption, bars)

    def _picture(self, chapter: str, title: str, bars: tuple[Bar, ...]) -> None:
        paragraph = self.docx.add_paragraph()
        shape = paragraph.add_run().add_picture(io.BytesIO(chart.draw(bars)), width=Cm(16))
        said = shape._inline.docPr  # noqa: SLF001 - python-docx has no alternative text of its own
        said.set("descr", chart.alternative(title, bars))
        said.set("title", title)
        paragraph.paragraph_format.keep_with_next = True
        self.pictures[chapter] = self.pictures.get(chapter, 0) + 1
        self._add(
            oxml.caption(self.styles["Caption"], "Gambar", chapter, self.pictures[chapter], title).replace(
                "<w:keepNext/>", ""
            )
        )


def _anchor(number: int) -> str:
    return f"_Toc{number:08d}"


def _runs(xml: str) -> list[Any]:
    return list(oxml.element(f"<w:p>{xml}</w:p>"))


def _widths(table: Table) -> list[int]:
    """Return column widths by what the columns hold: no word is broken, short texts keep to one line if all can."""
    words, lines, lengths = [], [], []
    for place, head in enumerate(table.head):
        cells = [row[place] for row in (*table.rows, *((table.foot,) if table.foot else ()))]
        longest = max((len(cell) for cell in cells), default=0)
        word = max((len(each) for text in (head, *cells) for each in text.split()), default=1)
        words.append(min(word, _ONE_LINE) * _LETTER + _PADDING)
        lines.append(max(words[-1], (longest if longest <= _ONE_LINE else 0) * _LETTER + _PADDING))
        lengths.append(1 if place in table.numeric else min(max(longest, len(head)), 60))
    least = lines if sum(lines) <= _ROOM else words
    rest = _ROOM - sum(least)
    if rest < 0:
        return [_ROOM * each // sum(least) for each in least]
    return [each + rest * length // sum(lengths) for each, length in zip(least, lengths, strict=True)]


def _bars(table: Table) -> tuple[Bar, ...]:
    key = table.token.removeprefix("{{tabel:").rstrip("}").split(":")[0].split("@")[0].strip()
    if key not in _CHARTS:
        return ()
    done, whole = _CHARTS[key]
    return tuple(
        Bar(row[0], _number(row[done]), _number(row[whole]))
        for row in table.rows
        if _COUNT.fullmatch(row[done]) and _COUNT.fullmatch(row[whole])
    )


def _number(text: str) -> int:
    return int(text.replace(".", ""))


def pages_of(outline: Sequence[tuple[str, int]], document: Document) -> list[int]:
    """Return the page of each of ``headings`` by the outline of its rendering, [] where they differ."""
    wanted = [_plain(heading) for _, heading in headings(document)]
    found: list[int] = []
    place = 0
    for title, page in outline:
        if place < len(wanted) and _plain(title) == wanted[place]:
            found.append(page)
            place += 1
    return found if place == len(wanted) else []


def _plain(text: str) -> str:
    return " ".join(text.split())
