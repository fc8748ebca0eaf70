"""The reference engine: the formula as it is read, document by document, slow and without arrays.

Other engines must give the same answers; see ``tests/indexer/test_contract.py``.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from indexer import running
from indexer.analysis import LANGUAGES, fold, stem_term, tokenise
from indexer.engines import explaining, formula
from indexer.engines.reference import Document, World, misspelt
from indexer.ports import (
    FACETS,
    NO_FILTERS,
    PAGES_PER_PRODUCT,
    Explanation,
    FacetCount,
    IndexInfo,
    PageHit,
    ProductHit,
    Results,
)
from indexer.query import correctable, without_stop_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from indexer.engines.explaining import Scores
    from indexer.engines.reference import Found
    from indexer.ports import PageText, Title
    from indexer.query import Fuzzy, Node, Query
    from indexer.units import Unit, UnitTable


class MemoryEngine:
    """Writer and engine in one, for tests."""

    def __init__(self) -> None:
        self._pages: dict[int, tuple[PageText, ...]] = {}
        self._titles: dict[int, tuple[Title, ...]] = {}
        self._waiting: list[Callable[[], None]] = []

    def replace_file(self, file: int, pages: Sequence[PageText]) -> None:
        """Set the pages of a file; none takes it out."""
        self._waiting.append(lambda: self._pages.update({file: tuple(pages)}))

    def replace_titles(self, product: int, titles: Sequence[Title]) -> None:
        """Set the titles of a product's units."""
        self._waiting.append(lambda: self._titles.update({product: tuple(titles)}))

    def commit(self) -> None:
        """Make what was replaced visible."""
        for change in self._waiting:
            change()
        self._waiting = []

    def tidy(self, seconds: float, *, idle: bool = True) -> bool:
        """Nothing is kept in an order that wears."""
        del seconds, idle
        return False

    def rebuild(
        self,
        files: Iterable[tuple[int, Sequence[PageText]]],
        titles: Iterable[tuple[int, Sequence[Title]]],
        progress: Callable[[int], None],
    ) -> IndexInfo:
        """Take the given texts for everything there is."""
        pages = {file: tuple(texts) for file, texts in files}
        names = {product: tuple(texts) for product, texts in titles}
        self._pages, self._titles, self._waiting = pages, names, []
        progress(len(pages) + len(names))
        count = sum(map(len, pages.values())) + sum(map(len, names.values()))
        return IndexInfo(count, 0, 1, 0, "memory")

    def search(
        self,
        query: Query,
        *,
        allow: frozenset[str],
        units: UnitTable,
        filters: Mapping[str, frozenset[str]] = NO_FILTERS,
        sort: str = "relevance",
        offset: int = 0,
        limit: int = 10,
        all_versions: bool = False,
    ) -> Results:
        """Return one page of products; see the port."""
        if not allow:
            return Results()
        world = self._world(units, allow, all_versions=all_versions)
        query, dropped = without_stop_words(query)
        matched = world.clauses(query.clauses)
        products: dict[int, list[Document]] = {}
        for document in matched:
            products.setdefault(document.unit.unit, []).append(document)
        kept = {
            unit: documents
            for unit, documents in products.items()
            if all(_has(documents[0].unit, name, values) for name, values in filters.items())
        }
        hits = [_hit(documents, matched) for documents in kept.values()]
        order = {unit: documents[0].unit for unit, documents in kept.items()}
        hits.sort(
            key=lambda hit: (
                -hit.score if sort == "relevance" else 0,
                -order[hit.unit].date,
                hit.product,
                order[hit.unit].rank,
                hit.unit,
            )
        )
        return Results(
            total_products=len(hits),
            total_pages=sum(document.number > 0 for documents in kept.values() for document in documents),
            hits=tuple(hits[offset : offset + limit]),
            facets={
                name: _facet([found[0].unit for found in products.values()], name, filters) for name in FACETS
            },
            dropped=dropped,
            months=tuple(sorted(Counter(unit.date // 100 for unit in order.values()).items())),
        )

    def pages(
        self,
        query: Query,
        *,
        allow: frozenset[str],
        units: UnitTable,
        product: int,
        all_versions: bool = False,
    ) -> tuple[PageHit, ...]:
        """Return every matching page of ``product``; see the port."""
        if not allow:
            return ()
        world = self._world(units, allow, all_versions=all_versions)
        matched = world.clauses(without_stop_words(query)[0].clauses)
        return tuple(
            sorted(
                (
                    PageHit(document.file, document.number, score)
                    for document, score in matched.items()
                    if document.number and document.unit.product == product
                ),
                key=lambda page: (page.file, page.number),
            )
        )

    def count(
        self,
        queries: Sequence[Query],
        *,
        allow: frozenset[str],
        units: UnitTable,
        filters: Mapping[str, frozenset[str]] = NO_FILTERS,
    ) -> tuple[int, ...]:
        """Return how many products each query finds; see the port."""
        return tuple(
            self.search(query, allow=allow, units=units, filters=filters).total_products for query in queries
        )

    def spelling(
        self, words: Sequence[str], *, allow: frozenset[str], units: UnitTable
    ) -> dict[str, tuple[tuple[str, int], ...]]:
        """Return what words hardly found may be misspelt for; see the port."""
        world = self._world(units, allow)
        found = {word: world.spelling(fold(word)) for word in words if correctable(fold(word))}
        return {word: offered for word, offered in found.items() if offered}

    def similar(
        self, product: int, *, allow: frozenset[str], units: UnitTable, limit: int = 5
    ) -> tuple[ProductHit, ...]:
        """Return the products most like one; see the port."""
        matched = self._world(units, allow).similar(product)
        products: dict[int, list[Document]] = {}
        for document in matched:
            products.setdefault(document.unit.unit, []).append(document)
        hits = [(_hit(documents, matched), documents[0].unit) for documents in products.values()]
        hits.sort(key=lambda pair: (-pair[0].score, -pair[1].date, pair[0].product))
        return tuple(hit for hit, _ in hits[:limit])

    def explain(self, query: Query, product: int, *, allow: frozenset[str], units: UnitTable) -> Explanation:
        """Return why a query finds a product; see the port."""
        source = _Product(self._world(units, allow), product)
        return explaining.explain(without_stop_words(query)[0], source)

    def _world(self, units: UnitTable, allow: frozenset[str], *, all_versions: bool = False) -> World:
        return World(self._documents(units, allow, all_versions=all_versions))

    def _documents(self, units: UnitTable, allow: frozenset[str], *, all_versions: bool) -> list[Document]:
        found = []
        titles = {title.unit: title for of_product in self._titles.values() for title in of_product}
        for of_product in units.source.values():
            visible = sorted(
                (unit for unit in of_product if unit.access in allow), key=lambda unit: (unit.rank, unit.unit)
            )
            for unit in visible if all_versions else visible[-1:]:
                for file in dict.fromkeys(unit.files):
                    pages = self._pages.get(file, ())
                    edges = running.edges([(page.number, page.text) for page in pages])
                    found += [
                        Document(unit, file, page.number, tuple(tokenise(page.text)), page.language, edge)
                        for page, edge in zip(pages, edges, strict=True)
                    ]
                if title := titles.get(unit.unit):
                    found.append(Document(unit, 0, 0, tuple(tokenise(title.text)), title.language))
        return found


class _Product:
    """One product for explanations; its documents are told by their places in the world."""

    def __init__(self, world: World, product: int) -> None:
        self._world = world
        self._places = {
            document: place
            for place, document in enumerate(world.documents)
            if document.unit.product == product
        }

    def title(self, doc: int) -> bool:
        return not self._world.documents[doc].number

    def pages(self, scores: Scores) -> list[int]:
        documents = self._world.documents
        pages = [doc for doc in scores if documents[doc].number]
        return sorted(pages, key=lambda doc: (-scores[doc], documents[doc].file, documents[doc].number))

    def matched(self, query: Query) -> Scores:
        return self._mine(self._world.clauses(query.clauses))

    def held(self, node: Node) -> tuple[float, Scores]:
        found = self._world.node(node)
        return self._world.weight(found), self._mine(found)

    def near(self, first: tuple[str, ...], second: tuple[str, ...]) -> Scores:
        return self._mine(self._world.near(first, second))

    def word(self, term: str) -> frozenset[int]:
        return frozenset(place for document, place in self._places.items() if term in document.words)

    def stemmed(self, term: str) -> Mapping[str, frozenset[int]]:
        wanted = {stem_term(term, language) for language in LANGUAGES}

        def of_stem(document: Document) -> list[str]:
            held = wanted & set(document.stems)
            return [
                word
                for word in document.words
                if word != term and any(stem_term(word, language) in held for language in LANGUAGES)
            ]

        return self._holding(of_stem)

    def beginning(self, prefix: str) -> Mapping[str, frozenset[int]]:
        return self._holding(lambda document: [word for word in document.words if word.startswith(prefix)])

    def misspelt(self, fuzzy: Fuzzy) -> Mapping[str, frozenset[int]]:
        return self._holding(lambda document: misspelt(fuzzy, document))

    def phrase(self, terms: Sequence[str], slop: int) -> frozenset[int]:
        return frozenset(
            place for document, place in self._places.items() if self._world.phrases(document, terms, slop)
        )

    def _mine(self, found: Found) -> Scores:
        return {
            self._places[document]: score for document, score in found.items() if document in self._places
        }

    def _holding(self, words: Callable[[Document], list[str]]) -> Mapping[str, frozenset[int]]:
        held: dict[str, set[int]] = {}
        for document, place in self._places.items():
            for word in words(document):
                held.setdefault(word, set()).add(place)
        return {word: frozenset(places) for word, places in held.items()}


def _has(unit: Unit, name: str, values: frozenset[str]) -> bool:
    return not values or not values.isdisjoint(unit.facets.get(name, ()))


def _hit(documents: list[Document], scores: Mapping[Document, float]) -> ProductHit:
    pages = sorted(
        (PageHit(each.file, each.number, scores[each]) for each in documents if each.number),
        key=lambda page: (-page.score, page.file, page.number),
    )
    total = 0.0
    for share, page in zip(formula.DECAY, pages, strict=False):
        total += share * page.score
    for document in documents:
        if not document.number:
            total += formula.TITLE * scores[document]
    return ProductHit(
        product=documents[0].unit.product,
        unit=documents[0].unit.unit,
        score=total,
        pages=tuple(pages[:PAGES_PER_PRODUCT]),
        more=max(0, len(pages) - PAGES_PER_PRODUCT),
    )


def _facet(units: Sequence[Unit], name: str, filters: Mapping[str, frozenset[str]]) -> tuple[FacetCount, ...]:
    others = {other: values for other, values in filters.items() if other != name}
    selected = filters.get(name, frozenset())
    counts = Counter(dict.fromkeys(selected, 0))
    for unit in units:
        if all(_has(unit, other, values) for other, values in others.items()):
            values = set(unit.facets.get(name, ()))
            counts.update(values & selected or values)
    return tuple(
        FacetCount(value, count, value in selected)
        for value, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    )
