"""Pieces of WordprocessingML that python-docx has no words for: fields, captions, contents, plain tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from khub.annual.document import Table

_W = nsdecls("w")
#: Control characters that XML 1.0 cannot hold.
_UNFIT = dict.fromkeys((*range(9), 11, 12, *range(14, 32)))


def words(text: str) -> str:
    """Return runs for ``text``, its line feeds as line breaks."""
    lines = escape(text.translate(_UNFIT)).split("\n")
    return "<w:br/>".join(f'<w:t xml:space="preserve">{line}</w:t>' for line in lines)


def run(text: str, properties: str = "") -> str:
    """Return a run; ``properties`` is the inside of ``w:rPr``."""
    return f"<w:r>{f'<w:rPr>{properties}</w:rPr>' if properties else ''}{words(text)}</w:r>"


def field(instruction: str, shown: str, properties: str = "") -> str:
    """Return a field with the result that it has until somebody has it updated."""
    style = f"<w:rPr>{properties}</w:rPr>" if properties else ""
    return (
        f'<w:r>{style}<w:fldChar w:fldCharType="begin"/></w:r>'
        f'<w:r>{style}<w:instrText xml:space="preserve"> {escape(instruction)} </w:instrText></w:r>'
        f'<w:r>{style}<w:fldChar w:fldCharType="separate"/></w:r>'
        f"{run(shown, properties)}"
        f'<w:r>{style}<w:fldChar w:fldCharType="end"/></w:r>'
    )


def bookmark(name: str, number: int, inside: str) -> str:
    """Return ``inside`` under a bookmark; ``number`` is unique in the document."""
    return f'<w:bookmarkStart w:id="{number}" w:name="{name}"/>{inside}<w:bookmarkEnd w:id="{number}"/>'


def link(anchor: str, inside: str) -> str:
    """Return a link to a bookmark of the same document."""
    return f'<w:hyperlink w:anchor="{anchor}" w:history="1">{inside}</w:hyperlink>'


def paragraph(style: str, inside: str, properties: str = "") -> str:
    """Return a paragraph in the style with id ``style``."""
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{properties}</w:pPr>{inside}</w:p>'


def caption(style: str, label: str, prefix: str, place: int, text: str) -> str:
    """Return "Tabel 2.1 text" whose last number is a SEQ field of its chapter."""
    sequence = field(f"SEQ {label}_{prefix} \\* ARABIC", str(place))
    inside = run(f"{label} {prefix}.") + sequence + run(f" {text}")
    return paragraph(style, inside, "<w:keepNext/>")


def contents(entries: Iterable[tuple[int, str, str, str]], styles: Sequence[str]) -> list[str]:
    """Return the paragraphs of a contents field.

    ``entries``: (level from 1, heading, bookmark, page or ""); ``styles``: style ids by level.
    """
    listed = list(entries)
    found = []
    for place, (level, heading, anchor, page) in enumerate(listed):
        shown = run(heading)
        if page:
            shown += "<w:r><w:tab/></w:r>" + field(f"PAGEREF {anchor} \\h", page)
        inside = link(anchor, shown)
        if place == 0:
            start = field('TOC \\o "1-3" \\h \\z \\u', "")
            inside = start[: start.index('<w:r><w:t xml:space="preserve">')] + inside
        if place == len(listed) - 1:
            inside += '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
        found.append(paragraph(styles[level - 1], inside))
    return found


def table(shown: Table, style: str, widths: Sequence[int]) -> str:
    """Return a table whose first row is a head that repeats on every page; ``widths`` in twentieths of a point."""
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    lines = [_row(shown.head, shown.numeric, widths, "head")]
    lines += [_row(row, shown.numeric, widths, "") for row in shown.rows]
    if shown.foot:
        lines.append(_row(shown.foot, shown.numeric, widths, "foot"))
    return (
        f'<w:tbl><w:tblPr><w:tblStyle w:val="{style}"/><w:tblW w:w="{sum(widths)}" w:type="dxa"/>'
        '<w:tblLayout w:type="fixed"/><w:tblLook w:val="0020" w:firstRow="1" w:lastRow="0" w:firstColumn="0" '
        f'w:lastColumn="0" w:noHBand="1" w:noVBand="1"/></w:tblPr><w:tblGrid>{grid}</w:tblGrid>'
        f"{''.join(lines)}</w:tbl>"
    )


def _row(cells: Sequence[str], numeric: Sequence[int], widths: Sequence[int], kind: str) -> str:
    head = "<w:tblHeader/>" if kind == "head" else ""
    look = f"{'<w:b/>' if kind else ''}<w:sz w:val='18'/>"
    shade = '<w:shd w:val="clear" w:color="auto" w:fill="F2EEE5"/>' if kind == "head" else ""
    made = []
    for place, (text, width) in enumerate(zip(cells, widths, strict=True)):
        right = '<w:jc w:val="right"/>' if place in numeric else ""
        made.append(
            f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{shade}</w:tcPr>'
            f'<w:p><w:pPr><w:spacing w:before="40" w:after="40" w:line="240" w:lineRule="auto"/>{right}</w:pPr>'
            f"{run(text, look)}</w:p></w:tc>"
        )
    return f"<w:tr><w:trPr><w:cantSplit/>{head}</w:trPr>{''.join(made)}</w:tr>"


def element(xml: str) -> Any:
    """Return the element of a piece made here."""
    at = xml.index(">") if xml[xml.index(">") - 1] != "/" else xml.index(">") - 1
    space = xml.find(" ", 0, at)
    cut = space if space != -1 else at
    return parse_xml(f"{xml[:cut]} {_W}{xml[cut:]}")


def set_language(document: Any, language: str) -> None:
    """Make ``language`` ("id-ID") the one that proofing tools read the whole text in."""
    defaults = document.styles.element.find(qn("w:docDefaults")).find(qn("w:rPrDefault")).find(qn("w:rPr"))
    known = defaults.find(qn("w:lang"))
    if known is None:
        known = parse_xml(f"<w:lang {_W}/>")
        defaults.append(known)
    known.set(qn("w:val"), language)
