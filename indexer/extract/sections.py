"""Flowing text into places: formats without fixed pages get sections a reader can be sent to."""

import re
from dataclasses import dataclass, field
from enum import Enum, auto

from indexer.extract.limits import Limits
from indexer.extract.model import Page, PageKind
from indexer.extract.text import clean, one_line

_CHAPTER = re.compile(r"^(BAB\s+[IVXLC]+|BAB\s+\d+|LAMPIRAN(\s+[IVXLC\d]+)?)\b[.:]?\s*(?P<rest>.{0,120})$")
_CHAPTER_LINE = re.compile(r"^(?P<name>BAB[ \t]+[IVXLC]+)[.:]?[ \t]*\n?(?P<rest>\S.{2,120})$", re.MULTILINE)
_ANNEX_LINE = re.compile(
    r"^(?P<name>LAMPIRAN(?:[ \t]+[IVXLC\d]+)?|PENJELASAN)(?=[ \t]*(?:$|ATAS\b|:|PERATURAN|KEPUTUSAN|UNDANG))",
    re.MULTILINE,
)
_MAX_HEADING = 120
# A page without a break in it is split all the same once it is this many times a section.
_RUNAWAY = 6


def chapters(text: str) -> list[tuple[int, str]]:
    """Return (offset, title) of chapters such as "BAB II" with the capitals that follow, and of annexes.

    Lines of a table of contents, which end in a page number, are none.
    """
    found = [(match.start(), " ".join(match["name"].split())) for match in _ANNEX_LINE.finditer(text)]
    for match in _CHAPTER_LINE.finditer(text):
        rest = " ".join(match["rest"].split())
        if rest.isupper() and not rest[-1].isdigit() and ".." not in rest:
            found.append((match.start(), f"{' '.join(match['name'].split())} {rest}"))
    return sorted(found)


class Break(Enum):
    """Where a page ends: written by the layout engine of the author, or asked for by the author."""

    RENDERED = auto()
    HARD = auto()


@dataclass(slots=True)
class Block:
    """One paragraph or table row. ``level`` is 1.. for a styled heading, else 0."""

    text: str
    level: int = 0
    bold: bool = False
    breaks: list[Break] = field(default_factory=list)  # page breaks before or within this block
    notes: list[str] = field(default_factory=list)  # footnotes this block refers to


def paginate(blocks: list[Block], limits: Limits) -> list[Page]:
    """Return pages by rendered page breaks, else by page breaks, headings and size.

    Notes land on the page that refers to them. Labels count the pages; all are approximate.
    """
    if not any(block.level for block in blocks):
        _guess_headings(blocks)
    rendered = any(Break.RENDERED in block.breaks for block in blocks)
    builder = _Builder(rendered=rendered, limits=limits)
    for block in blocks:
        builder.add(block)
    return builder.finish()


def _guess_headings(blocks: list[Block]) -> None:
    """Mark "BAB I" lines and short bold paragraphs, for documents written without heading styles."""
    chapter: Block | None = None
    for block in blocks:
        line = block.text.strip()
        if not line or "\n" in line or len(line) > _MAX_HEADING:
            chapter = None
            continue
        match = _CHAPTER.match(line)
        if match:
            block.level = 1
            chapter = None if match["rest"] else block
        elif chapter is not None and (block.bold or line.isupper()):
            # "BAB I" and its name stand on two lines and make one heading.
            chapter.text = f"{chapter.text.strip()} {line}"
            block.text = ""
            block.level = 0
            chapter = None
        elif block.bold and any(c.isalpha() for c in line):
            block.level = 2
            chapter = None
        else:
            chapter = None


class _Builder:
    def __init__(self, *, rendered: bool, limits: Limits) -> None:
        self._rendered = rendered
        self._limits = limits
        self._path: list[str] = []
        self._pages: list[Page] = []
        self._lines: list[str] = []
        self._notes: list[str] = []
        self._chars = 0
        self._has_body = False
        self._heading = ""

    def add(self, block: Block) -> None:
        for kind in block.breaks:
            # Word writes a rendered break after each hard one: only a page with text is turned.
            if self._chars or (kind is Break.RENDERED and not self._rendered):
                self._turn()
        if self._is_full(block):
            self._turn()
        if block.level and block.text.strip():
            title = one_line(block.text, _MAX_HEADING)
            del self._path[block.level - 1 :]
            self._path += [""] * (block.level - 1 - len(self._path)) + [title]
            if not self._heading or not self._has_body:
                self._heading = self._joined()
        elif block.text.strip():
            self._has_body = True
        if block.text.strip():
            self._lines.append(block.text)
            self._chars += len(block.text)
        self._notes += block.notes

    def _is_full(self, block: Block) -> bool:
        limit = self._limits.section_chars
        if self._rendered:
            return self._chars >= limit * _RUNAWAY
        return self._chars >= limit or (block.level > 0 and self._has_body)

    def _joined(self) -> str:
        return " / ".join(part for part in self._path if part)

    def _turn(self) -> None:
        text = clean("\n".join([*self._lines, *self._notes]))
        if text:
            number = len(self._pages) + 1
            kind = PageKind.PAGE if self._rendered else PageKind.SECTION
            self._pages.append(Page(number, str(number), kind, True, self._heading, text))  # noqa: FBT003 -- approximate
        self._lines, self._notes, self._chars, self._has_body = [], [], 0, False
        self._heading = self._joined()

    def finish(self) -> list[Page]:
        self._turn()
        return self._pages
