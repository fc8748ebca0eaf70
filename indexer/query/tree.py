"""A query as an immutable tree."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Every name of a field → its one name.
FIELDS = {
    "pilar": "pilar",
    "pillar": "pilar",
    "fokus": "fokus",
    "focus": "fokus",
    "aksi": "aksi",
    "action": "aksi",
    "kl": "kl",
    "k/l": "kl",
    "institution": "kl",
    "pokja": "pokja",
    "periode": "periode",
    "period": "periode",
    "jenis": "jenis",
    "type": "jenis",
    "status": "status",
    "state": "status",
    "tahun": "tahun",
    "year": "tahun",
    "bahasa": "bahasa",
    "language": "bahasa",
    "klasifikasi": "klasifikasi",
    "classification": "klasifikasi",
    "tanggal": "tanggal",
    "date": "tanggal",
    "judul": "judul",
    "title": "judul",
}


class Occur(StrEnum):
    """How a clause counts."""

    SHOULD = ""
    MUST = "+"
    NOT = "-"


@dataclass(frozen=True, slots=True)
class Word:
    """One word, folded; a joined word ("kontra-narasi") keeps its parts and how it was spelt."""

    term: str
    parts: tuple[str, ...] = ()
    spelling: str = ""


@dataclass(frozen=True, slots=True)
class Prefix:
    """The beginning of a word, ``modul*``."""

    term: str


@dataclass(frozen=True, slots=True)
class Fuzzy:
    """Words that differ from ``term`` by at most ``distance`` letters, ``pelatihn~``."""

    term: str
    distance: int


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words in this order, with at most ``slop`` others between them in all."""

    terms: tuple[str, ...]
    slop: int = 0


@dataclass(frozen=True, slots=True)
class Joined:
    """What was asked or, at a lower weight, any of ``others``: one word of the query. See ``widen``."""

    asked: Word | Phrase
    others: tuple[Word | Phrase, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """One of ``values`` (folded) in a field; field ``judul`` searches the words of titles."""

    name: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Range:
    """From ``low`` to ``high``, both included; yyyymmdd for dates, the year for years; 0 = open."""

    name: str
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Group:
    """Clauses in parentheses, or the sides of OR."""

    clauses: tuple[Clause, ...]

    @property
    def is_either(self) -> bool:
        """Tell whether these are alternatives."""
        return len(self.clauses) > 1 and all(member.occur is Occur.SHOULD for member in self.clauses)


Node = Word | Prefix | Fuzzy | Phrase | Joined | Field | Range | Group


@dataclass(frozen=True, slots=True)
class Clause:
    """A node and how it counts; ``is_added`` when nobody wrote it, see ``widen``."""

    occur: Occur
    node: Node
    is_added: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """A whole query; no clauses means everything."""

    clauses: tuple[Clause, ...] = ()
    #: A page of results asks a hundred times, what is kept of answers and snippets by their query.
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_hash", hash(self.clauses))

    def __hash__(self) -> int:
        return self._hash

    def __bool__(self) -> bool:
        return bool(self.clauses)

    def nodes(self) -> Iterator[Clause]:
        """Yield every clause, nested ones included."""
        waiting = list(self.clauses)
        while waiting:
            clause = waiting.pop(0)
            yield clause
            if isinstance(clause.node, Group):
                waiting = [*clause.node.clauses, *waiting]
