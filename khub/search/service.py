"""Searching as a person: rights from the database now, hits checked once more, pages and snippets."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from indexer import highlight
from indexer.query import parse
from khub import policy
from khub.audit import chain
from khub.products import pages
from khub.products.models import Copy
from khub.products.queries import ProductRow, readable_copies, rows
from khub.search import fields

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from indexer.ports import FacetCount, PageHit, ProductHit, SearchEngine
    from indexer.query import Query
    from khub.clock import Clock
    from khub.db import Database
    from khub.policy import Actor
    from khub.products.pages import PageText
    from khub.search.columns import Columns


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked. ``filters``: facet → values; ``sort``: relevance or date."""

    text: str
    filters: Mapping[str, frozenset[str]] = field(default_factory=dict)
    sort: str = "relevance"
    page: int = 1
    size: int = 10
    all_versions: bool = False


@dataclass(frozen=True, slots=True)
class FoundPage:
    """A matching page with the piece of it to show."""

    file: str
    file_name: str
    number: int
    label: str
    kind: str
    approximate: bool
    heading: str
    snippet: highlight.Snippet


@dataclass(frozen=True, slots=True)
class Found:
    """A product with its best pages."""

    product: ProductRow
    pages: tuple[FoundPage, ...]
    more: int
    preview: tuple[str, int] | None
    media_type: str


@dataclass(frozen=True, slots=True)
class Answer:
    """One page of results. ``query`` is what was understood; ``dropped`` the words left out."""

    query: Query
    total_products: int
    total_pages: int
    found: tuple[Found, ...]
    facets: Mapping[str, Sequence[FacetCount]]
    dropped: tuple[str, ...]


class Search:
    """Search use cases; every method reads one consistent snapshot of the database."""

    def __init__(self, db: Database, clock: Clock, engine: SearchEngine, columns: Columns) -> None:
        self.db = db
        self.clock = clock
        self.engine = engine
        self.columns = columns

    def run(self, actor: Actor, request: Request) -> Answer:
        """Answer ``request``; raises ``QueryError`` (the text) and ``IndexUnavailableError`` (the index)."""
        query = parse(request.text)
        with self.db.read() as session:
            resolved = fields.resolve(session, query)
            table = self.columns.table(session)
            results = self.engine.search(
                resolved,
                allow=policy.readable_classes(actor, table.classes),
                units=table,
                filters=request.filters,
                sort=request.sort,
                offset=(request.page - 1) * request.size,
                limit=request.size,
                all_versions=request.all_versions,
            )
            return Answer(
                query=query,
                total_products=results.total_products,
                total_pages=results.total_pages,
                found=tuple(_found(session, actor, resolved, results.hits, self.clock.now())),
                facets=results.facets,
                dropped=results.dropped,
            )

    def matches(self, actor: Actor, text: str, product_id: int) -> tuple[Query, tuple[PageHit, ...]]:
        """Return the query and every matching page of a product, in order."""
        query = parse(text)
        with self.db.read() as session:
            table = self.columns.table(session)
            found = self.engine.pages(
                fields.resolve(session, query),
                allow=policy.readable_classes(actor, table.classes),
                units=table,
                product=product_id,
            )
        return query, found

    def shown(self, actor: Actor, text: str, product: int) -> tuple[FoundPage, ...]:
        """Return every matching page of a product with its snippet."""
        query, hits = self.matches(actor, text, product)
        with self.db.read() as session:
            names = _names(session, actor, hits)
            texts = pages.page_texts(session, [(hit.file, hit.number) for hit in hits])
            return tuple(_pages(hits, texts, names, query))

    def audited(self, asker: Actor, person: str, text: str) -> None:
        """Record that the command line searched in the name of ``person``."""
        with self.db.write() as session:
            chain.append(
                session,
                asker,
                "search.as",
                "person",
                person[:60],
                self.clock.now(),
                facts={"query": text[:500]},
            )


def _found(
    session: Session, actor: Actor, query: Query, hits: Sequence[ProductHit], now: datetime
) -> list[Found]:
    """Return the hits that the database, asked again, lets ``actor`` read."""
    ids = [hit.unit for hit in hits]
    readable = {
        copy.id: (copy, version, product)
        for copy, version, product in session.execute(readable_copies(actor).where(Copy.id.in_(ids)))
    }
    kept = [hit for hit in hits if hit.unit in readable]
    shown = rows(session, [readable[hit.unit] for hit in kept], now)
    every = [page for hit in kept for page in hit.pages]
    names = _names(session, actor, every)
    texts = pages.page_texts(session, [(page.file, page.number) for page in every])
    firsts = pages.first_files(session, [hit.unit for hit in kept])
    return [
        Found(
            product=row,
            pages=tuple(_pages(hit.pages, texts, names, query)),
            more=hit.more,
            preview=_preview(hit, names, firsts),
            media_type=firsts[hit.unit][1] if hit.unit in firsts else "",
        )
        for hit, row in zip(kept, shown, strict=True)
    ]


def _preview(
    hit: ProductHit,
    names: Mapping[int, tuple[str, str, str, str]],
    firsts: Mapping[int, tuple[str, str, bool]],
) -> tuple[str, int] | None:
    """Return (file, page) of the picture beside a hit: its best page, else the first page it has."""
    for page in hit.pages[:1]:
        if page.file in names and names[page.file][2] in _PICTURED:
            return names[page.file][0], page.number
    first = firsts.get(hit.unit)
    return (first[0], 1) if first and first[2] and first[1] in _PICTURED else None


_PICTURED = ("application/pdf", "image/jpeg", "image/png")


def _pages(
    hits: Sequence[PageHit],
    texts: Mapping[tuple[int, int], PageText],
    names: Mapping[int, tuple[str, str, str, str]],
    query: Query,
) -> list[FoundPage]:
    found = []
    for hit in hits:
        text, name = texts.get((hit.file, hit.number)), names.get(hit.file)
        if text is None or name is None:
            continue
        found.append(
            FoundPage(
                file=name[0],
                file_name=name[1],
                number=hit.number,
                label=text.label,
                kind=text.kind,
                approximate=text.approximate,
                heading=text.heading,
                snippet=highlight.snippet(text.text, query, name[3]),
            )
        )
    return found


def _names(session: Session, actor: Actor, hits: Sequence[PageHit]) -> dict[int, tuple[str, str, str, str]]:
    return pages.readable_files(session, actor, {hit.file for hit in hits})
