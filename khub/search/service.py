"""Searching as a person: rights from the database now, hits checked once more, pages and snippets."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from indexer.analysis import MAX_ACRONYM
from indexer.query import Clause, Field, Group, Occur, Query, QueryError, Range, Word, parse, to_text, widen
from khub import policy
from khub.audit import chain
from khub.products.queries import ProductRow, rows
from khub.search import advice, fields, hits, scope
from khub.search.advice import Advice, Variant
from khub.synonyms import queries

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sqlalchemy.orm import Session

    from indexer.ports import Explanation, FacetCount, PageHit, ProductHit, Results, SearchEngine
    from indexer.snippets import Snippets
    from indexer.units import UnitTable
    from khub.clock import Clock
    from khub.db import Database
    from khub.policy import Actor
    from khub.search.columns import Columns
    from khub.search.hits import Found, FoundPage


#: More products than an installation holds: no cut.
_EVERY = 1_000_000
_DATES = re.compile(r"[0-9<>=.-]{4,40}")


class FilterError(QueryError):
    """A filter beside the query cannot be read; ``text`` is what it says, as the grammar writes it."""

    def __init__(self, text: str, error: QueryError) -> None:
        super().__init__(error.code, error.position, error.length, error.detail)
        self.text = text


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked.

    ``filters``: facet → values, and "tanggal" → dates and ranges as the grammar writes them; ``sort``:
    relevance or date; ``synonyms``: whether other forms of the same word are found, too.
    """

    text: str
    filters: Mapping[str, frozenset[str]] = field(default_factory=dict)
    sort: str = "relevance"
    page: int = 1
    size: int = 10
    all_versions: bool = False
    synonyms: bool = True


@dataclass(frozen=True, slots=True)
class Answer:
    """One page of results.

    ``query`` is what was written, ``asked`` what the engine was asked: values of filters as codes.
    ``dropped``: the words left out; ``unread``: state → files in scope that could not be searched;
    ``advice``: what to ask instead, where that was wanted.
    """

    query: Query
    asked: Query
    total_products: int
    total_pages: int
    found: tuple[Found, ...]
    facets: Mapping[str, Sequence[FacetCount]]
    dropped: tuple[str, ...]
    months: tuple[tuple[int, int], ...]
    unread: Mapping[str, int]
    advice: Advice | None = None


@dataclass(frozen=True, slots=True)
class World:
    """What one question is asked of: the rights of the asker, the columns, and the question itself.

    ``said``: the query with codes; ``query`` holds the dates beside it, too; ``filters`` are the facets.
    """

    said: Query
    query: Query
    allow: frozenset[str]
    table: UnitTable
    filters: Mapping[str, frozenset[str]]


class Search:
    """Search use cases; every method reads one consistent snapshot of the database."""

    def __init__(
        self, db: Database, clock: Clock, engine: SearchEngine, columns: Columns, snippets: Snippets
    ) -> None:
        self.db = db
        self.clock = clock
        self.engine = engine
        self.columns = columns
        self.snippets = snippets

    def run(self, actor: Actor, request: Request, *, advised: bool = False) -> Answer:
        """Answer ``request``; see ``answer``."""
        with self.db.read() as session:
            return self.answer(session, actor, request, advised=advised)

    def answer(self, session: Session, actor: Actor, request: Request, *, advised: bool = False) -> Answer:
        """Answer ``request``; raises ``QueryError`` (the text) and ``IndexUnavailableError`` (the index).

        ``advised``: with what to ask instead where little is found, or nothing for one of the words.
        """
        query = parse(request.text)
        world = self._world(session, actor, self._said(session, query, request), request)
        results = self._ranked(world, request)
        missed = _missed(session, world, all_versions=request.all_versions)
        return Answer(
            query=query,
            asked=world.said,
            total_products=results.total_products,
            total_pages=results.total_pages,
            found=self.described(session, actor, world.said, results.hits),
            facets=results.facets,
            dropped=results.dropped,
            months=results.months,
            unread=Counter(missed.values()),
            advice=self._advice(session, world, request, query, results.total_products)
            if advised and query
            else None,
        )

    def every(self, session: Session, actor: Actor, request: Request) -> tuple[Query, tuple[ProductHit, ...]]:
        """Return the query as it was said and every product found, in order; raises as ``run`` does.

        For who keeps what was found (saved searches); ``request.page`` and ``size`` do not count.
        """
        world = self._world(session, actor, self.said(session, request), request)
        return world.said, self._ranked(world, replace(request, page=1, size=_EVERY)).hits

    def _ranked(self, world: World, request: Request) -> Results:
        """Return the page of ``request`` of what ``world`` holds, as the engine ranks it."""
        return self.engine.search(
            world.query,
            allow=world.allow,
            units=world.table,
            filters=world.filters,
            sort=request.sort,
            offset=(request.page - 1) * request.size,
            limit=request.size,
            all_versions=request.all_versions,
        )

    def described(
        self, session: Session, actor: Actor, query: Query, part: Sequence[ProductHit]
    ) -> tuple[Found, ...]:
        """Return some of what was found, as the page shows it; the database is asked once more."""
        return tuple(hits.found(session, actor, query, part, self.clock.now(), self.snippets))

    def _world(self, session: Session, actor: Actor, said: Query, request: Request) -> World:
        """Return what ``said`` is asked of, and with the dates beside it."""
        table = self.columns.table(session)
        dates = _dates(request.filters.get("tanggal", frozenset()))
        return World(
            said=said,
            query=Query((*said.clauses, *dates)),
            allow=policy.readable_classes(actor, table.classes),
            table=table,
            filters={name: values for name, values in request.filters.items() if name != "tanggal"},
        )

    def said(self, session: Session, request: Request) -> Query:
        """Return the query as every kind of search asks it; raises ``QueryError``."""
        return self._said(session, parse(request.text), request)

    @staticmethod
    def _said(session: Session, query: Query, request: Request) -> Query:
        """Return ``query`` with codes for the values of its filters, and the other forms of its words."""
        said = fields.resolve(session, query)
        return widen(said, queries.table(session)) if request.synonyms else said

    def _advice(self, session: Session, world: World, request: Request, query: Query, total: int) -> Advice:
        """Return what to ask instead where ``query`` found ``total`` products, or nothing for one of its words."""
        few = total < advice.FEW
        rare = self._unfound(world, advice.words(query), few=few)
        offered = self.engine.spelling(rare, allow=world.allow, units=world.table) if rare else {}
        spellings = _spellings(query, request.filters, offered)
        if spellings:
            written = self._acronyms(session, world, {word for near in offered.values() for word, _ in near})
            spellings = [replace(each, written=written) for each in spellings]
        others = [
            replace(each, about=to_text(fields.resolve(session, parse(each.about))))
            if each.kind == "clause"
            else each
            for each in (advice.variants(query, request.filters) if few else [])
        ]
        related = [
            Variant("related", parse(offer.query), request.filters, offer.text)
            for offer in queries.related(session, query)
        ]
        counted = self._counted(session, world, request, [*spellings, *others, *related])
        apart = ("spelling", "bare", "related")
        respelt = [each for each in counted if each.kind == "spelling"]
        if not total and not any(each.count for each in respelt):
            respelt = [each for each in counted if each.kind == "bare"]
        return Advice(
            advice.best(respelt, 0, 3),
            advice.best([each for each in counted if each.kind not in apart], total),
            advice.best([each for each in counted if each.kind == "related"], 0),
        )

    def _acronyms(self, session: Session, world: World, words: Iterable[str]) -> dict[str, str]:
        """Return those of ``words`` that the documents found for them write in capitals, as they write them."""
        found = {}
        for word in words:
            if len(word) > MAX_ACRONYM:
                continue
            query = advice.bare([word])
            results = self.engine.search(query, allow=world.allow, units=world.table, limit=1)
            texts = [text for hit in results.hits for text in self._written(session, hit, query)]
            spelt = {form for text in texts for form in advice.forms(text, word)}
            if spelt and all(form.isupper() for form in spelt):
                found[word] = min(spelt)
        return found

    def _written(self, session: Session, found: ProductHit, query: Query) -> Iterator[str]:
        """Yield the texts for which ``found`` was found."""
        yield from (text.text for text in hits.texts_of(session, found.pages, query).values())

    def _unfound(self, world: World, words: Sequence[str], *, few: bool) -> list[str]:
        """Return which words no visible document holds; where little is found, every word is suspect."""
        if few or not words:
            return list(words)
        single = [Query((Clause(Occur.SHOULD, Word(word)),)) for word in words]
        counts = self.engine.count(single, allow=world.allow, units=world.table)
        return [word for word, count in zip(words, counts, strict=True) if not count]

    def _counted(
        self, session: Session, world: World, request: Request, variants: Sequence[Variant]
    ) -> list[Variant]:
        """Return ``variants`` with how many products each would find."""
        if not variants:
            return []
        queries = [_folded(self._said(session, each.query, request), each.filters) for each in variants]
        counts = self.engine.count(queries, allow=world.allow, units=world.table)
        return [replace(each, count=count) for each, count in zip(variants, counts, strict=True)]

    def explain(self, actor: Actor, request: Request, product: int) -> Explanation:
        """Return why ``request`` finds ``product``."""
        with self.db.read() as session:
            world = self._world(session, actor, self.said(session, request), replace(request, filters={}))
            return self.engine.explain(world.query, product, allow=world.allow, units=world.table)

    def similar(self, actor: Actor, product: int, limit: int = 5) -> list[ProductRow]:
        """Return the keluaran most like ``product`` that ``actor`` may read."""
        with self.db.read() as session:
            table = self.columns.table(session)
            allow = policy.readable_classes(actor, table.classes)
            alike = self.engine.similar(product, allow=allow, units=table, limit=limit)
            readable = hits.readable(session, actor, alike)
            found = [readable[hit.unit] for hit in alike if hit.unit in readable]
            return rows(session, found, self.clock.now()) if found else []

    def unread(
        self, actor: Actor, request: Request, *, offset: int, limit: int
    ) -> tuple[int, list[scope.Unread]]:
        """Return (how many, one page) of the files in the scope of ``request`` that could not be searched."""
        with self.db.read() as session:
            world = self._world(session, actor, self.said(session, request), request)
            missed = list(_missed(session, world, all_versions=request.all_versions))
            return len(missed), scope.listed(session, actor, missed[offset : offset + limit])

    def matches(self, actor: Actor, request: Request, product: int) -> tuple[Query, tuple[PageHit, ...]]:
        """Return what the engine was asked and every matching page of a product, in order."""
        with self.db.read() as session:
            world = self._world(session, actor, self.said(session, request), replace(request, filters={}))
            found = self.engine.pages(world.query, allow=world.allow, units=world.table, product=product)
        return world.said, found

    def shown(
        self, actor: Actor, request: Request, product: int, *, offset: int, limit: int
    ) -> tuple[int, tuple[FoundPage, ...]]:
        """Return how many pages of a product match, and some of them with their snippets."""
        query, every = self.matches(actor, request, product)
        with self.db.read() as session:
            part = every[offset : offset + limit]
            names = hits.names(session, actor, part)
            texts = hits.texts_of(session, part, query)
            return len(every), tuple(hits.cut(part, texts, names, query, self.snippets))

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


def ranges_of(values: frozenset[str]) -> list[Range]:
    """Return the ranges that dates beside the query say; raises ``FilterError``."""
    ranges: list[Range] = []
    for value in sorted(values):
        text = f"tanggal:{value}"
        try:
            if not _DATES.fullmatch(value):
                raise QueryError("bad-date", len("tanggal:"), len(value))  # noqa: TRY301 - said like the others
            ranges += [each.node for each in parse(text).clauses if isinstance(each.node, Range)]
        except QueryError as error:
            raise FilterError(text, error) from error
    return ranges


def _dates(values: frozenset[str]) -> list[Clause]:
    """Return the clause for dates that stand beside the query."""
    ranges = ranges_of(values)
    if len(ranges) < 2:  # noqa: PLR2004 - one is no group
        return [Clause(Occur.MUST, each) for each in ranges]
    return [Clause(Occur.MUST, Group(tuple(Clause(Occur.SHOULD, each) for each in ranges)))]


def _spellings(
    query: Query, filters: Mapping[str, frozenset[str]], offered: Mapping[str, Sequence[tuple[str, int]]]
) -> list[Variant]:
    """Return the query with every odd word respelt, then with one of them in each other way."""
    if not offered:
        return []
    best = {word: near[0][0] for word, near in offered.items()}
    ways = [best, *({**best, word: other} for word, near in offered.items() for other, _ in near[1:])]
    found = [Variant("spelling", advice.respelt(query, way), filters) for way in ways]
    # Where even the right spelling finds nothing under all conditions, the words alone may.
    return [*found, Variant("bare", advice.bare(best.get(word, word) for word in advice.words(query)), {})]


def _folded(query: Query, filters: Mapping[str, frozenset[str]]) -> Query:
    """Return ``query`` with ``filters`` written into it, so that many searches are counted at once."""
    fixed = [
        Clause(Occur.MUST, Field(name, tuple(sorted(values))))
        for name, values in filters.items()
        if name != "tanggal"
    ]
    return Query((*query.clauses, *fixed, *_dates(filters.get("tanggal", frozenset()))))


def _missed(session: Session, world: World, *, all_versions: bool) -> dict[int, str]:
    heads = world.table.heads(world.allow, all_versions=all_versions)
    return scope.unread(session, world.table, scope.rows(world.table, heads, world.query, world.filters))
