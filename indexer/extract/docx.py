"""Word documents: python-docx for styles and properties where it opens them, a walk for the text.

The walk misses nothing that python-docx's paragraphs leave out: tables, content controls, text boxes,
headers, footers, notes, comments, tracked insertions, charts, SmartArt. The only user of python-docx.
"""

import re
from typing import IO

import docx as python_docx

from indexer.extract.collect import Collector
from indexer.extract.limits import MB
from indexer.extract.model import ExtractError, FileState
from indexer.extract.ooxml import content_types, core_title, drawing_text, main_part, relationships
from indexer.extract.sections import Block, paginate
from indexer.extract.text import clean
from indexer.extract.wordwalk import Story, WordWalker
from indexer.extract.xml import Walker, walk_part
from indexer.extract.zipdir import Container

# python-docx builds trees of every part, at 20 times their size: larger files use the walk alone.
_MAX_TREE = 8 * MB
_HEADING_NAME = re.compile(r"(?:heading|judul|overskrift|titre) ?(\d)", re.IGNORECASE)
_DRAWN = ("chart+xml", "chartex+xml", "diagramData+xml")
_MAX_LEVEL = 9


def read(stream: IO[bytes], found: Collector, *, engine: str = "") -> None:
    """Read a .docx, .docm or .dotx into ``found``; ``engine`` "walk" leaves python-docx out."""
    container = Container(stream, found.limits)
    body = main_part(container, "word/document.xml")
    if not container.find(body):
        raise ExtractError(FileState.BROKEN, "ooxml.no_body")
    found.title, levels = core_title(container), _style_levels(container, body)
    if engine != "walk" and sum(info.file_size for info in container.entries.values()) <= _MAX_TREE:
        title, styles = _ask_python_docx(stream)
        found.title = title or found.title
        levels = {**levels, **styles}
    blocks = _blocks(container, body, levels, found)
    found.add_sections(paginate(blocks, found.limits))


def _ask_python_docx(stream: IO[bytes]) -> tuple[str, dict[str, int]]:
    """Return (title, style id → heading level); nothing when python-docx refuses the file."""
    try:
        stream.seek(0)
        document = python_docx.Document(stream)
        levels = {
            str(style.style_id): int(match[1])
            for style in document.styles
            if (match := _HEADING_NAME.fullmatch(str(style.name or "")))
        }
        return str(document.core_properties.title or ""), levels
    except Exception:  # noqa: BLE001 -- it raises what its many parts raise; the walk serves alone
        return "", {}


class _Styles(Walker):
    """Heading levels by name, outline level and inheritance."""

    def __init__(self) -> None:
        self._id = ""
        self._levels: dict[str, int] = {}
        self._parents: dict[str, str] = {}

    def start(self, name: str, names: dict[str, str], /) -> None:
        value = names.get("val", "")
        if name == "style":
            self._id = names.get("styleId", "") if names.get("type") == "paragraph" else ""
        elif not self._id:
            return
        elif name == "name" and (match := _HEADING_NAME.fullmatch(value)):
            self._levels[self._id] = int(match[1])
        elif name == "outlineLvl" and value.isdecimal() and int(value) < _MAX_LEVEL:
            self._levels.setdefault(self._id, int(value) + 1)
        elif name == "basedOn":
            self._parents[self._id] = value

    def levels(self) -> dict[str, int]:
        result = dict(self._levels)
        for style in self._parents:
            node = style
            for _ in range(_MAX_LEVEL):
                if node in self._levels or node not in self._parents:
                    break
                node = self._parents[node]
            if node in self._levels:
                result.setdefault(style, self._levels[node])
        return result


def _style_levels(container: Container, body: str) -> dict[str, int]:
    styles = _Styles()
    for kind, part in relationships(container, body).values():
        if kind == "styles":
            walk_part(container, part, styles)
    return styles.levels()


def _blocks(container: Container, body: str, levels: dict[str, int], found: Collector) -> list[Block]:
    """Walk every story part; notes go to the block that refers to them, the rest behind the body."""
    story = Story(levels)
    kinds = content_types(container)
    links = relationships(container, body)
    parts = {part: kind for kind, part in links.values()}
    drawn = {part for part, kind in kinds.items() if kind.endswith(_DRAWN)}
    drawn |= {part for part, kind in parts.items() if kind in {"chart", "chartEx", "diagramData"}}
    for part, kind in parts.items():
        if kind in {"footnotes", "endnotes", "comments"}:
            notes = WordWalker(Story(levels), collect_notes=True)
            _walk(container, part, notes, found)
            story.notes[kind] = notes.notes
    for identifier, (kind, part) in links.items():
        if part in drawn:
            story.drawings[identifier] = drawing_text(container, part)
        elif kind == "aFChunk":
            story.drawings[identifier] = _chunk_text(container, part)
    _walk(container, body, WordWalker(story), found)
    blocks = story.blocks
    used = {part for identifier, (_, part) in links.items() if identifier in story.used}
    repeated = [part for part, kind in parts.items() if kind in {"header", "footer"}]
    if blocks:
        # Headers and footers stand on every page; they are found on the first.
        blocks[0].notes += dict.fromkeys(
            line for part in repeated for line in _story_lines(container, part, levels, found)
        )
    else:
        blocks += [Block(line) for part in repeated for line in _story_lines(container, part, levels, found)]
    rest = [text for part in sorted(drawn - used) if (text := drawing_text(container, part))]
    rest += [text for notes_ in story.notes.values() for text in notes_.values() if text]
    blocks += [Block(text) for text in rest]
    return blocks


def _walk(container: Container, part: str, walker: WordWalker, found: Collector) -> None:
    if not walk_part(container, part, walker):
        found.warn("damaged")


def _story_lines(container: Container, part: str, levels: dict[str, int], found: Collector) -> list[str]:
    story = Story(levels)
    _walk(container, part, WordWalker(story), found)
    return [text for block in story.blocks if (text := clean(block.text))]


def _chunk_text(container: Container, part: str) -> str:
    """Return the text of an imported chunk when it is plain text or HTML."""
    from indexer.extract.html import html_text  # noqa: PLC0415 -- rare, and html must not depend on docx

    if part.lower().endswith((".htm", ".html", ".xhtml", ".mht", ".txt")):
        return html_text(container.read(part))
    return ""
