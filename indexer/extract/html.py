"""HTML: what a reader would see; scripts, styles and templates are dropped."""

import re
from typing import IO

from indexer.extract.collect import Collector
from indexer.extract.plain import decode
from indexer.extract.sections import Block, paginate
from indexer.extract.xml import Walker, walk_html

_SKIPPED = frozenset({"script", "style", "template", "noscript", "svg", "head", "iframe", "object"})
_BLOCKS = frozenset(
    {
        "p", "div", "section", "article", "aside", "main", "header", "footer", "nav", "li", "dt", "dd", "tr",
        "table", "ul", "ol", "dl", "blockquote", "figure", "figcaption", "form", "fieldset", "address", "hr",
        "h1", "h2", "h3", "h4", "h5", "h6", "pre", "body", "caption", "option", "summary",
    }
)  # fmt: skip
_HEADING = re.compile(r"h([1-6])")
_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{2,40})", re.IGNORECASE)
_MAX_BYTES = 64 * 1024 * 1024


class _Html(Walker):
    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.title = ""
        self._parts: list[str] = []
        self._skip = 0
        self._level = 0
        self._in_title = False
        self._pre = 0

    def start(self, name: str, _names: dict[str, str], /) -> None:
        name = name.lower()
        if name == "title":
            self._in_title = True
        elif name in _SKIPPED or self._skip:
            self._skip += name in _SKIPPED
        elif name in _BLOCKS:
            self._flush()
            match = _HEADING.fullmatch(name)
            self._level = int(match[1]) if match else 0
            self._pre += name == "pre"
        elif name == "br":
            self._parts.append("\n")
        elif name in {"td", "th"}:
            self._parts.append("\t")

    def end(self, name: str, /) -> None:
        name = name.lower()
        if name == "title":
            self._in_title = False
        elif name in _SKIPPED:
            self._skip = max(0, self._skip - 1)
        elif name in _BLOCKS:
            self._flush()
            self._level = 0
            self._pre -= name == "pre" and self._pre > 0

    def data(self, text: str, /) -> None:
        if self._in_title:
            self.title = (self.title + text)[:1_000]
        elif not self._skip:
            self._parts.append(text if self._pre else re.sub(r"\s+", " ", text))

    def _flush(self) -> None:
        text = "".join(self._parts).strip()
        self._parts = []
        if text:
            self.blocks.append(Block(text, self._level))

    def finish(self) -> list[Block]:
        self._flush()
        return self.blocks


def _decode(data: bytes) -> str:
    declared = _CHARSET.search(data[:4096])
    return decode(data, declared[1].decode("ascii") if declared else "")


def html_text(data: bytes) -> str:
    """Return the visible text of an HTML byte string, one block a line."""
    walker = _Html()
    walk_html(_decode(data), walker)
    return "\n".join(block.text for block in walker.finish())


def read(stream: IO[bytes], found: Collector, *, engine: str = "") -> None:  # noqa: ARG001 -- one engine
    """Read an HTML file into ``found``."""
    data = stream.read(_MAX_BYTES + 1)
    if len(data) > _MAX_BYTES:
        found.warn("cut.text")
    walker = _Html()
    walk_html(_decode(data[:_MAX_BYTES]), walker)
    found.title = walker.title
    found.add_sections(paginate(walker.finish(), found.limits))
