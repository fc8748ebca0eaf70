"""Plain text, CSV and Markdown, in the encodings that occur here."""

import codecs
import re
from typing import IO

from indexer.extract.collect import Collector
from indexer.extract.sections import Block, Break, paginate

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# What a declared charset may be: others are either these under another name or a trick.
_DECLARABLE = frozenset({"utf-8", "cp1252", "iso8859-1", "iso8859-15", "ascii", "utf-16", "cp1250"})
_MARKDOWN_HEADING = re.compile(r"^(#{1,6})\s+(.+?)\s*#*$")
_MAX_BYTES = 64 * 1024 * 1024


def decode(data: bytes, declared: str = "") -> str:
    """Return text by byte order mark, UTF-8, the declared charset, else cp1252; never fails."""
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as exc:
        # A single torn or foreign byte in much UTF-8 does not make the file cp1252.
        text = data.decode("utf-8", "replace")
        multibyte = sum(1 for c in text[:100_000] if c > "\x7f" and c != "\ufffd")
        if exc.start >= len(data) - 3 or multibyte > 10 * text[:100_000].count("\ufffd"):
            return text
    try:
        codec = codecs.lookup(declared).name if declared else "cp1252"
    except LookupError:
        codec = "cp1252"
    return data.decode(codec if codec in _DECLARABLE else "cp1252", "replace")


def read(stream: IO[bytes], found: Collector, *, engine: str = "") -> None:  # noqa: ARG001 -- one engine
    """Read plain text or CSV into ``found``; form feeds end pages."""
    found.add_sections(paginate(_blocks(_text(stream, found), markdown=False), found.limits))


def read_markdown(stream: IO[bytes], found: Collector, *, engine: str = "") -> None:  # noqa: ARG001 -- one engine
    """Read Markdown into ``found``; "#" lines are headings outside code fences."""
    found.add_sections(paginate(_blocks(_text(stream, found), markdown=True), found.limits))


def _text(stream: IO[bytes], found: Collector) -> str:
    data = stream.read(_MAX_BYTES + 1)
    if len(data) > _MAX_BYTES:
        found.warn("cut.text")
    return decode(data[:_MAX_BYTES])[: found.limits.document_chars + 1]


def _blocks(text: str, *, markdown: bool) -> list[Block]:
    blocks: list[Block] = []
    fenced = False
    for at, sheet in enumerate(text.split("\x0c")):
        for number, line in enumerate(sheet.splitlines()):
            breaks = [Break.HARD] if at and not number else []
            fenced ^= markdown and line.lstrip().startswith("```")
            match = _MARKDOWN_HEADING.match(line) if markdown and not fenced else None
            if match:
                blocks.append(Block(match[2], len(match[1]), breaks=breaks))
            else:
                blocks.append(Block(line, breaks=breaks))
    return blocks
