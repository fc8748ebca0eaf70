"""An engine with what it is asked about, for the contract."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.engines.store import WhooshWriter
from indexer.ports import PageText, Title
from indexer.query import parse
from indexer.units import Unit, UnitTable

if TYPE_CHECKING:
    from indexer.ports import IndexWriter, Results, SearchEngine

ALL = frozenset({"all"})


class Case:
    """An engine with its writer and a table of units that are given one by one."""

    def __init__(self, engine: SearchEngine, writer: IndexWriter) -> None:
        self.engine, self.writer = engine, writer
        self.units = UnitTable.empty()
        writer.rebuild((), (), lambda _: None)

    def add(self, product: int, *pages: str, title: str = "", language: str = "id", **facets: str) -> None:
        """Add a product of one unit and one file, all with the number of the product."""
        self.writer.replace_file(product, [PageText(n, text, language) for n, text in enumerate(pages, 1)])
        self.writer.replace_titles(product, [Title(product, title, language)] if title else [])
        self.writer.commit()
        self.put(Unit(product, product, 1, "all", (product,), 20230101, {n: (v,) for n, v in facets.items()}))

    def put(self, *units: Unit) -> None:
        self.units = self.units.apply({units[0].product: units}, self.units.epoch + 1)

    def ask(self, text: str, **more: object) -> Results:
        return self.engine.search(parse(text), **{"allow": ALL, "units": self.units, **more})

    def found(self, text: str, **more: object) -> list[int]:
        return [hit.product for hit in self.ask(text, **more).hits]


class MergingWriter(WhooshWriter):
    """Merges all there is after every commit."""

    def commit(self) -> None:
        super().commit()
        while self.tidy(0):
            pass
