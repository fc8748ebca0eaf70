"""khub: products ranked by their pages, statistics of what the asker may read, snippets from stored text."""

from __future__ import annotations

import contextlib
import sqlite3
import zlib
from functools import cached_property
from typing import TYPE_CHECKING

from indexer.engines.store import WhooshWriter
from indexer.engines.whoosh import WhooshEngine
from indexer.ports import PageText, Title
from indexer.query import parse
from indexer.units import Unit, UnitTable
from khub.settings import load
from tests.bench import corpus
from tests.bench.rivals import Page

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_ALL = frozenset(corpus.CLASSES)


def build(folder: Path, store: Path) -> None:
    with contextlib.closing(WhooshWriter(folder)) as writer, contextlib.closing(Kept(store)) as kept:
        writer.renew(kept, lambda *_: None)


class Kept:
    """The pages of the benchmark as a source of a rebuild: read product by product, so memory is bounded."""

    def __init__(self, store: Path) -> None:
        self._rows = sqlite3.connect(store)
        self._products = _products(store)

    def close(self) -> None:
        self._rows.close()

    def files(self) -> Sequence[int]:
        return range(1, self._products + 1)

    def products(self) -> Sequence[int]:
        return self.files()

    def pages(self, file: int) -> Sequence[PageText]:
        first = (file - 1) * corpus.PAGES
        of_file = self._rows.execute(
            "SELECT page, text FROM page WHERE number BETWEEN ? AND ? ORDER BY number",
            (first, first + corpus.PAGES - 1),
        )
        return [PageText(page, zlib.decompress(text).decode(), "id") for page, text in of_file]

    def titles(self, product: int) -> Sequence[Title]:
        return [Title(product, corpus.title(product), "id")]

    def size(self) -> int:
        return 2 * int(self._rows.execute("SELECT sum(length(text)) FROM page").fetchone()[0])


def units(products: int) -> UnitTable:
    return UnitTable.empty().apply({number: [unit(number)] for number in range(1, products + 1)}, 1)


def unit(number: int) -> Unit:
    facets = {name: (value,) for name, value in corpus.facets(number).items()}
    # Of the facets that khub counts besides, so that it does all its work.
    facets |= {
        "aksi": (str(number % 130), str(number * 7 % 130)),
        "pokja": (str(number % 5),),
        "periode": (f"b{number % 8}",),
        "status": (("draft", "approved")[number % 2],),
    }
    access = corpus.CLASSES[number * 31 % len(corpus.CLASSES)]
    return Unit(number, number, 1, access, (number,), 20210101 + number % 31, facets)


def _products(store: Path) -> int:
    with sqlite3.connect(store) as rows:
        last = rows.execute("SELECT product FROM page ORDER BY number DESC LIMIT 1").fetchone()
        return int(last[0])


class Opened:
    def __init__(self, folder: Path, store: Path) -> None:
        self.servers: tuple[int, ...] = ()
        self.pages = sqlite3.connect(store)
        self.products = _products(store)
        self.engine = WhooshEngine(folder, cache_bytes=load({}).search_cache_mb << 20)
        self.engine.corpus()

    @cached_property
    def table(self) -> UnitTable:
        """Return the columns that khub reads from its database when the first question comes."""
        return units(self.products)

    def close(self) -> None:
        self.engine.close()
        self.pages.close()

    def ask(self, question: corpus.Question) -> Page:
        query = parse(_text(question))
        filters = {name: frozenset(values) for name, values in question.filters.items()}
        found = self.engine.search(query, allow=_ALL, units=self.table, filters=filters)
        best = [hit.pages[0] for hit in found.hits if hit.pages]
        numbers = [(page.file - 1) * corpus.PAGES + page.number - 1 for page in best]
        texts = dict(
            self.pages.execute(
                f"SELECT number, text FROM page WHERE number IN ({', '.join('?' for _ in numbers)})",  # noqa: S608
                numbers,
            )
        )
        snippets = [
            "".join(
                part.text
                for part in self.engine.snippets.cut(
                    zlib.decompress(texts[number]).decode(), query, "id"
                ).fragments
            )
            for number in numbers
        ]
        return Page(found.total_pages, snippets, sum(len(counts) for counts in found.facets.values()))


def _text(question: corpus.Question) -> str:
    parts = list(question.words)
    if question.phrase:
        parts.insert(0, f'"{" ".join(question.phrase)}"')
    if question.prefix:
        parts.append(f"{question.prefix}*")
    if question.without:
        parts.append(f"-{question.without}")
    return " ".join(parts)
