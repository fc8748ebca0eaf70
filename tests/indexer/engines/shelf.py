"""A small index to write and ask: one product a file, all of them visible."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.engines import store
from indexer.ports import PageText
from indexer.query import parse
from indexer.units import Unit, UnitTable

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from indexer.engines.store import WhooshWriter
    from indexer.engines.whoosh import WhooshEngine
    from indexer.ports import Results

ALL = frozenset({"all"})
TABLE = UnitTable.empty().apply(
    {number: [Unit(number, number, 1, "all", (number,), 20230101, {})] for number in range(1, 60)}, 1
)


def texts(*pages: str) -> list[PageText]:
    return [PageText(number, text, "id") for number, text in enumerate(pages, 1)]


def ask(engine: WhooshEngine, text: str) -> Results:
    return engine.search(parse(text), allow=ALL, units=TABLE, limit=50)


def found(engine: WhooshEngine, text: str) -> list[int]:
    return sorted(hit.product for hit in ask(engine, text).hits)


def fill(writer: WhooshWriter, files: Iterable[int], *, often: int = 1) -> None:
    """Commit every file by itself: a page that tells its number, and one that is the same in all."""
    for number in files:
        writer.replace_file(number, texts(f"naskah n{number}", "halaman dua " * often))
        writer.commit()


def segments(folder: Path) -> int:
    return store.describe(store.current(folder)).segments


def settle(writer: WhooshWriter) -> None:
    while writer.tidy(0):
        pass
