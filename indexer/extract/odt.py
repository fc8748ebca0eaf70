"""OpenDocument text: a walk over content, headers and footers; notes stay with what refers to them."""

from typing import IO

from indexer.extract.collect import Collector
from indexer.extract.model import ExtractError, FileState
from indexer.extract.sections import Block, Break, paginate
from indexer.extract.text import clean
from indexer.extract.xml import Walker, walk_part
from indexer.extract.zipdir import Container

_MAX_SPACES = 100
_MAX_LEVEL = 9
# Citation marks, who wrote a comment and when, deleted text, ruby, and alternative descriptions.
_SKIPPED = frozenset({"tracked-changes", "note-citation", "ruby-text", "desc", "title", "binary-data"})
_SKIPPED_IN_NOTE = frozenset({"creator", "date", "creator-initials"})
_FURNITURE = frozenset({"header", "footer", "header-left", "footer-left", "header-first", "footer-first"})


class _Content(Walker):
    """Paragraphs as blocks; with ``furniture`` only those of headers and footers."""

    def __init__(self, *, furniture: bool = False) -> None:
        self.blocks: list[Block] = []
        self._open = 0 if furniture else 1
        self._furniture = furniture
        self._stack: list[tuple[Block, list[str]]] = []
        self._notes: list[int] = []
        self._rows: list[int] = []
        self._skip = 0
        self._style = ""
        self._breaking: set[str] = set()
        self._pending: list[Break] = []

    def start(self, name: str, names: dict[str, str], /) -> None:
        if self._skip or name in _SKIPPED or (self._notes and name in _SKIPPED_IN_NOTE):
            self._skip += 1
        elif name == "style":
            self._style = names.get("name", "")
        elif name == "paragraph-properties" and names.get("break-before") == "page":
            self._breaking.add(self._style)
        elif self._furniture and name in _FURNITURE:
            self._open += 1
        elif self._open:
            self._element(name, names)

    def _element(self, name: str, names: dict[str, str]) -> None:
        if name in {"p", "h"}:
            level = names.get("outline-level", "1") if name == "h" else "0"
            block = Block("", min(int(level), _MAX_LEVEL) if level.isdecimal() else 0)
            block.breaks, self._pending = self._pending, []
            if names.get("style-name", "") in self._breaking:
                block.breaks.append(Break.HARD)
            self._stack.append((block, []))
        elif name in {"note", "annotation"}:
            self._notes.append(len(self.blocks))
        elif name == "table-row":
            self._rows.append(len(self.blocks))
        elif name == "soft-page-break":
            self._page_break()
        elif self._stack:
            parts = self._stack[-1][1]
            if name == "tab":
                parts.append("\t")
            elif name == "line-break":
                parts.append("\n")
            elif name == "s":
                count = names.get("c", "1")
                parts.append(" " * min(int(count), _MAX_SPACES) if count.isdecimal() else " ")

    def _page_break(self) -> None:
        if self._stack and not self._notes:
            block, parts = self._stack.pop()
            self.blocks.append(Block("".join(parts), block.level, breaks=block.breaks, notes=block.notes))
            self._stack.append((Block("", 0, breaks=[Break.RENDERED]), []))
        else:
            self._pending.append(Break.RENDERED)

    def end(self, name: str, /) -> None:
        if self._skip:
            self._skip -= 1
        elif name in {"p", "h"} and self._stack:
            block, parts = self._stack.pop()
            block.text = "".join(parts)
            self.blocks.append(block)
        elif name in {"note", "annotation"} and self._notes:
            start = self._notes.pop()
            texts = [block.text for block in self.blocks[start:] if block.text.strip()]
            del self.blocks[start:]
            if self._stack:
                self._stack[-1][0].notes += texts
            else:
                self.blocks += [Block(text) for text in texts]
        elif name == "table-row" and self._rows:
            start = self._rows.pop()
            cells = self.blocks[start:]
            if len(cells) > 1 and not any(cell.breaks for cell in cells[1:]):
                text = "\t".join(cell.text for cell in cells if cell.text.strip())
                notes = [note for cell in cells for note in cell.notes]
                self.blocks[start:] = [Block(text, breaks=cells[0].breaks, notes=notes)]
        elif self._furniture and name in _FURNITURE:
            self._open -= 1

    def data(self, text: str, /) -> None:
        if self._stack and not self._skip:
            self._stack[-1][1].append(" ".join(text.split("\n")) if "\n" in text else text)


class _Meta(Walker):
    def __init__(self) -> None:
        self.title = ""
        self.encrypted = False
        self._taking = False

    def start(self, name: str, _names: dict[str, str], /) -> None:
        self._taking = name == "title"
        self.encrypted = self.encrypted or name == "encryption-data"

    def end(self, _name: str, /) -> None:
        self._taking = False

    def data(self, text: str, /) -> None:
        if self._taking and len(self.title) < 1_000:  # noqa: PLR2004 -- characters of a title
            self.title += text


def read(stream: IO[bytes], found: Collector, *, engine: str = "") -> None:  # noqa: ARG001 -- one engine
    """Read an .odt into ``found``. Raise ExtractError LOCKED for an encrypted one."""
    container = Container(stream, found.limits)
    manifest, meta = _Meta(), _Meta()
    walk_part(container, "META-INF/manifest.xml", manifest)
    if manifest.encrypted:
        raise ExtractError(FileState.LOCKED, "odf.password")
    if not container.find("content.xml"):
        raise ExtractError(FileState.BROKEN, "odf.no_body")
    walk_part(container, "meta.xml", meta)
    found.title = meta.title
    content, furniture = _Content(), _Content(furniture=True)
    if not walk_part(container, "content.xml", content):
        found.warn("damaged")
    walk_part(container, "styles.xml", furniture)
    blocks = content.blocks
    repeated = list(dict.fromkeys(text for block in furniture.blocks if (text := clean(block.text))))
    if blocks:
        blocks[0].notes += repeated
    else:
        blocks = [Block(text) for text in repeated]
    found.add_sections(paginate(blocks, found.limits))
