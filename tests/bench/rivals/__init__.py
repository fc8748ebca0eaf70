"""Search engines side by side: each takes the same documents and questions, as its own users would.

A rival is a module with ``build(folder, store)``, which makes its index of the pages in ``store`` and
returns nothing, and ``Opened(folder, store)``, whose ``ask(question)`` gives a whole result page. Heavy or
optional packages are imported inside, so that what is missing is told and left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.bench.corpus import Question

NAMES = ("khub", "tantivy", "whoosh", "fts5", "postgresql")
TOP = 10


@dataclass(frozen=True, slots=True)
class Page:
    """What a result page holds: exact total, so many hits with a snippet each, so many values in facets."""

    total: int
    snippets: Sequence[str]
    facet_values: int


class Opened(Protocol):
    """An index opened for questions; ``servers`` are processes that work for it besides this one."""

    servers: Sequence[int]

    def ask(self, question: Question) -> Page: ...
    def close(self) -> None: ...
