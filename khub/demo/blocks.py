"""What a demo document consists of, whatever file format it is written in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; level 1 opens a chapter, 2 a section."""

    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph, perhaps with one footnote at its end."""

    text: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list of short items."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table whose first row is its header."""

    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Break:
    """The start of a new page."""


BREAK: Final = Break()
Block = Heading | Paragraph | Bullets | Table | Break


@dataclass(frozen=True, slots=True)
class Manuscript:
    """A document before it becomes a file. ``front`` pages carry roman numbers where the format has any."""

    title: str
    language: str
    letterhead: str
    footer: str
    page_word: str
    blocks: tuple[Block, ...]
    front: int = 0
