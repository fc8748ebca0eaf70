"""The reference engine: the formula as it is read, document by document, slow and without arrays.

Other engines must give the same answers; see ``tests/indexer/test_contract.py``.
"""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from indexer.analysis import JOINED, LANGUAGES, stem_term, stem_token, tokenise
from indexer.engines import formula
from indexer.ports import (
    FACETS,
    NO_FILTERS,
    PAGES_PER_PRODUCT,
    FacetCount,
    IndexInfo,
    PageHit,
    ProductHit,
    Results,
)
from indexer.query import (
    Field,
    Group,
    Occur,
    Phrase,
    Prefix,
    Query,
    Range,
    Word,
    without_stop_words,
    words_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from indexer.analysis import Token
    from indexer.ports import PageText, Title
    from indexer.query import Clause, Node
    from indexer.units import Unit, UnitTable


@dataclass(frozen=True, slots=True, eq=False)
class _Document:
    """A page (or with ``number`` 0 the title) of a unit."""

    unit: Unit
    file: int
    number: int
    tokens: Sequence[Token]
    language: str

    @property
    def length(self) -> int:
        return max(1, sum(not token.whole for token in self.tokens))

    def words(self) -> Counter[str]:
        return Counter(token.term for token in self.tokens)

    def stems(self) -> Counter[str]:
        return Counter(stem_token(token, self.language) for token in self.tokens if not token.whole)

    def phrases(self, terms: Sequence[str], between: int = 0) -> int:
        """Return how often ``terms`` follow each other, with at most so many words ``between`` two.

        A word in two parts is also one word.
        """
        places = [(token.term, token.position, token.position + 1) for token in self.tokens] + [
            (token.term, token.position, token.position + JOINED)
            for token in self.tokens
            if token.places == JOINED
        ]
        reached = {after for term, _, after in places if term == terms[0]}
        for wanted in terms[1:]:
            near = {place + words for place in reached for words in range(between + 1)}
            reached = {after for term, place, after in places if term == wanted and place in near}
        return len(reached)


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
        world = _World(self._documents(units, allow, all_versions=all_versions))
        query, dropped = without_stop_words(query)
        matched = world.clauses(query.clauses)
        products: dict[int, list[_Document]] = {}
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
        world = _World(self._documents(units, allow, all_versions=all_versions))
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

    def _documents(self, units: UnitTable, allow: frozenset[str], *, all_versions: bool) -> list[_Document]:
        found = []
        titles = {title.unit: title for of_product in self._titles.values() for title in of_product}
        for of_product in units.source.values():
            visible = sorted(
                (unit for unit in of_product if unit.access in allow), key=lambda unit: (unit.rank, unit.unit)
            )
            for unit in visible if all_versions else visible[-1:]:
                for file in dict.fromkeys(unit.files):
                    found += [
                        _Document(unit, file, page.number, tuple(tokenise(page.text)), page.language)
                        for page in self._pages.get(file, ())
                    ]
                if title := titles.get(unit.unit):
                    found.append(_Document(unit, 0, 0, tuple(tokenise(title.text)), title.language))
        return found


class _World:
    """The documents a reader sees, with the statistics of just these."""

    def __init__(self, documents: list[_Document]) -> None:
        self.documents = documents
        self.kinds = [
            [document for document in documents if document.number],
            [document for document in documents if not document.number],
        ]

    def clauses(self, clauses: Sequence[Clause]) -> dict[_Document, float]:
        scores = dict.fromkeys(self.documents, 0.0)
        held = dict.fromkeys(self.documents, 0.0)
        whole = 0.0
        required: list[set[_Document]] = []
        wanted: list[set[_Document]] = []
        excluded: set[_Document] = set()
        for clause in clauses:
            found = self.node(clause.node)
            if clause.occur is Occur.NOT:
                excluded |= set(found)
                continue
            (required if clause.occur is Occur.MUST else wanted).append(set(found))
            if not isinstance(clause.node, Field | Range) and found:
                weight = formula.idf(sum(document.number > 0 for document in found), len(self.kinds[0]))
                whole += weight
                for document, score in found.items():
                    scores[document] += score
                    held[document] += weight
        for first, second in itertools.pairwise(clauses):
            if _side_by_side(first, second):
                for document, score in self._near(_plain(first), _plain(second)).items():
                    scores[document] += formula.NEAR * score
        # All of a copy is excluded with its title, and its title with any of its pages.
        named = {(document.unit.unit, document.number > 0) for document in excluded}
        excluded |= {each for each in self.documents if (each.unit.unit, each.number == 0) in named}
        matching = set(self.documents)
        if required:
            matching = set.intersection(*required)
        elif wanted:
            matching = set.union(*wanted)
        return {
            document: scores[document] * (held[document] / whole if whole else 1.0)
            for document in self.documents
            if document in matching - excluded
        }

    def _near(self, first: str, second: str) -> dict[_Document, float]:
        return self._sum((1.0, lambda document: document.phrases((first, second), formula.BETWEEN)))

    def node(self, node: Node) -> dict[_Document, float]:
        match node:
            case Word(term, parts, _):
                stems = {stem_term(term, language) for language in LANGUAGES}
                found = self._sum(
                    (formula.SURFACE, lambda document: document.words()[term]),
                    (formula.STEM, lambda document: sum(document.stems()[stem] for stem in stems)),
                )
                if parts:
                    for document, score in self._sum((1.0, lambda d: d.phrases(parts))).items():
                        found[document] = max(found.get(document, 0.0), score)
                return found
            case Prefix(beginning):
                return self._sum(
                    (1.0, lambda document: sum(t.term.startswith(beginning) for t in document.tokens))
                )
            case Phrase(terms):
                return self._sum((1.0, lambda document: document.phrases(terms)))
            case Group(clauses):
                return self.clauses(clauses)
            case _:
                return {document: 0.0 for document in self.documents if self._in(document.unit, node)}

    def _sum(self, *ways: tuple[float, Callable[[_Document], int]]) -> dict[_Document, float]:
        """Return BM25 summed over ``ways`` of counting, each with its weight."""
        scores: dict[_Document, float] = {}
        for documents in self.kinds:
            mean = sum(document.length for document in documents) / len(documents) if documents else 1.0
            for weight, count in ways:
                counts = {document: times for document in documents if (times := count(document))}
                factor = weight * formula.idf(len(counts), len(documents)) * (formula.K1 + 1.0)
                for document, times in counts.items():
                    norm = formula.K1 * (1.0 - formula.B + formula.B * document.length / mean)
                    scores[document] = scores.get(document, 0.0) + factor * times / (times + norm)
        return scores

    def _in(self, unit: Unit, node: Node) -> bool:
        match node:
            case Field("judul", values):
                return any(self._titled(unit, value) for value in values)
            case Field(name, values):
                return not set(values).isdisjoint(unit.facets.get(name, ()))
            case Range("tanggal", low, high):
                return low <= unit.date <= (high or unit.date)
            case Range("tahun", low, high):
                years = [int(year) for year in unit.facets.get("tahun", ()) if year.isdecimal()]
                return any(low <= year <= (high or year) for year in years)
        return False

    def _titled(self, unit: Unit, value: str) -> bool:
        words = words_of(value)
        found = [
            {document.unit.unit for document in self.node(word) if not document.number} for word in words
        ]
        return bool(found) and all(unit.unit in of_word for of_word in found)


def _side_by_side(first: Clause, second: Clause) -> bool:
    return all(
        isinstance(clause.node, Word) and not clause.node.parts and clause.occur is not Occur.NOT
        for clause in (first, second)
    )


def _plain(clause: Clause) -> str:
    return clause.node.term if isinstance(clause.node, Word) else ""


def _has(unit: Unit, name: str, values: frozenset[str]) -> bool:
    return not values or not values.isdisjoint(unit.facets.get(name, ()))


def _hit(documents: list[_Document], scores: Mapping[_Document, float]) -> ProductHit:
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
