"""The report as readers get it: every token resolved. What pages show, editions keep and exports print.

``canonical`` is the one form whose SHA-256 names an edition: JSON with sorted keys, no spaces, UTF-8.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

#: Grows when the shape of ``canonical`` changes; old editions keep theirs.
FORMAT = 1


@dataclass(frozen=True, slots=True)
class Run:
    """Words, a live figure (``token`` says which), or the mark of citation ``number``.

    ``at`` and ``length``: where the run stands in the paragraph as written, in characters.
    ``broken``: a token that names nothing; it shows as written.
    """

    kind: str
    text: str
    token: str = ""
    number: int = 0
    broken: bool = False
    at: int = 0
    length: int = 0


@dataclass(frozen=True, slots=True)
class Table:
    """A live table. ``numeric`` are the places of its columns of figures; ``foot`` is () for none."""

    token: str
    number: str
    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    foot: tuple[str, ...] = ()
    numeric: tuple[int, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph of runs, or the live table that stands in its place."""

    id: int
    runs: tuple[Run, ...] = ()
    table: Table | None = None

    @property
    def text(self) -> str:
        """Return the words as readers see them."""
        return "".join(run.text for run in self.runs)


@dataclass(frozen=True, slots=True)
class Section:
    """A chapter (``level`` 1) or a part of one, with its own blocks; parts follow as sections."""

    key: str
    level: int
    number: str
    title: str
    kind: str
    blocks: tuple[Block, ...] = ()

    @property
    def heading(self) -> str:
        """Return number and title: "Bab II Capaian", "II.1 Komitmen", "Lampiran"."""
        prefix = f"Bab {self.number}" if self.level == 1 and self.number else self.number
        return f"{prefix} {self.title}".strip()


@dataclass(frozen=True, slots=True)
class Reference:
    """Citation ``number`` of the list: what is quoted, where it stands, and the hash of its file."""

    number: int
    source: str
    title: str
    institution: str
    place: str
    quote: str
    sha256: str
    restricted: bool = False


@dataclass(frozen=True, slots=True)
class Document:
    """A whole report. ``as_of`` in UTC; ``figures`` maps each token of a live figure to its words."""

    title: str
    plan: str
    year: int
    as_of: datetime
    sections: tuple[Section, ...]
    references: tuple[Reference, ...]
    figures: dict[str, str] = field(default_factory=dict)
    edition: int = 0

    def tables(self) -> tuple[Table, ...]:
        """Return every live table, in order."""
        return tuple(block.table for part in self.sections for block in part.blocks if block.table)


def canonical(document: Document) -> str:
    """Return the canonical JSON of a document; equal documents give equal text."""
    plain = asdict(document)
    plain["as_of"] = document.as_of.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    plain["format"] = FORMAT
    return json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest(content: str) -> str:
    """Return the hex SHA-256 of canonical content."""
    return hashlib.sha256(content.encode()).hexdigest()


def parse(content: str) -> Document:
    """Return the document that ``canonical`` wrote."""
    plain: dict[str, Any] = json.loads(content)
    return Document(
        title=plain["title"],
        plan=plain["plan"],
        year=plain["year"],
        as_of=datetime.strptime(plain["as_of"], "%Y-%m-%dT%H:%M:%S.%f%z"),
        sections=tuple(_section(each) for each in plain["sections"]),
        references=tuple(Reference(**each) for each in plain["references"]),
        figures=plain["figures"],
        edition=plain["edition"],
    )


def _section(plain: dict[str, Any]) -> Section:
    return Section(**{**plain, "blocks": tuple(_block(each) for each in plain["blocks"])})


def _block(plain: dict[str, Any]) -> Block:
    table = plain["table"]
    return Block(
        plain["id"],
        tuple(Run(**run) for run in plain["runs"]),
        None
        if table is None
        else Table(
            **{
                **table,
                "head": tuple(table["head"]),
                "rows": tuple(tuple(row) for row in table["rows"]),
                "foot": tuple(table["foot"]),
                "numeric": tuple(table["numeric"]),
            }
        ),
    )
