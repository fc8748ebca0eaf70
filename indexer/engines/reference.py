"""The formula as it is read, document by document, slow and without arrays."""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from indexer.analysis import JOINED, LANGUAGES, stem_term, stem_token
from indexer.engines import formula
from indexer.engines.explaining import near_terms
from indexer.engines.fields import ALONE
from indexer.engines.gist import gist
from indexer.query import (
    Field,
    Fuzzy,
    Group,
    Joined,
    Occur,
    Phrase,
    Prefix,
    Range,
    Word,
    allowance,
    correctable,
    distance,
    parted,
    words_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from indexer.analysis import Token
    from indexer.query import Clause, Node
    from indexer.running import Edge
    from indexer.units import Unit


@dataclass(frozen=True, eq=False)
class Document:
    """A page (or with ``number`` 0 the title) of a unit."""

    unit: Unit
    file: int
    number: int
    tokens: Sequence[Token]
    language: str
    edge: Edge = ALONE

    @cached_property
    def length(self) -> int:
        """Return how many positions the words take."""
        return max((token.position + token.places for token in self.tokens), default=1)

    @cached_property
    def cut(self) -> Token | None:
        """Return the word that goes on on the next page, where its first part stands."""
        place = self.edge.cut_at(self.length)
        return self.edge.cut._replace(position=place) if self.edge.cut is not None and place >= 0 else None

    @cached_property
    def terms(self) -> list[tuple[str, int]]:
        """Return (word, position) of all words, joined ones included; one that is cut stands there once."""
        found = [(token.term, token.position) for token in self.tokens]
        if self.cut is not None and (self.cut.term, self.cut.position) not in found:
            found.append((self.cut.term, self.cut.position))
        return found

    @cached_property
    def words(self) -> Counter[str]:
        """Return the words with how often."""
        return Counter(term for term, _ in self.terms)

    @cached_property
    def stems(self) -> Counter[str]:
        """Return the stems with how often."""
        found = [token for token in self.tokens if not token.whole]
        found += [self.cut] if self.cut is not None else []
        return Counter(stem_token(token, self.language) for token in found)

    @cached_property
    def places(self) -> list[tuple[str, int, int]]:
        """Return (word, position, position of the next word); a word in two parts is also one word."""
        return [(term, position, position + 1) for term, position in self.terms] + [
            (token.term, token.position, token.position + JOINED)
            for token in self.tokens
            if token.places == JOINED
        ]

    def phrases(self, terms: Sequence[Iterable[str]], slop: int = 0) -> set[int]:
        """Return the places at which ``terms`` begin to follow each other, any of each, so many words between."""
        return _begins(self.places, terms, slop, self.length)

    def over_break(self, following: Document, terms: Sequence[Iterable[str]], slop: int = 0) -> set[int]:
        """Return where ``terms`` begin that end on the next page, whatever runs between the two."""
        end, head = self.length - self.edge.foot, following.edge.head
        places = [place for place in self.places if place[2] <= end]
        if self.cut is not None:
            places.append((self.cut.term, self.cut.position, self.cut.position + JOINED))
        places += [
            (term, end + first - head, end + after - head)
            for term, first, after in following.places
            if first >= head
        ]
        return _begins(places, terms, slop, end, past=end)


def _begins(
    places: list[tuple[str, int, int]], terms: Sequence[Iterable[str]], slop: int, end: int, past: int = 0
) -> set[int]:
    """Return the places before ``end`` at which ``terms`` begin to follow each other to beyond ``past``."""
    found = set()
    for term, begin, after in places:
        if term not in terms[0] or begin >= end:
            continue
        reached = {(after, 0)}
        for wanted in terms[1:]:
            reached = {
                (last, used + first - place)
                for place, used in reached
                for other, first, last in places
                if other in wanted and 0 <= first - place <= slop - used
            }
        if any(place > past for place, _ in reached):
            found.add(begin)
    return found


Found = dict[Document, float]


class World:
    """The documents a reader sees, with the statistics of just these."""

    def __init__(self, documents: list[Document]) -> None:
        self.documents = documents
        self.kinds = [
            [document for document in documents if document.number],
            [document for document in documents if not document.number],
        ]
        self._following = {
            (document.unit.unit, document.file, document.number - 1): document for document in self.kinds[0]
        }

    def clauses(self, clauses: Sequence[Clause]) -> Found:
        """Return the documents that match, with their scores."""
        scores = dict.fromkeys(self.documents, 0.0)
        held = dict.fromkeys(self.documents, 0.0)
        whole = 0.0
        required: list[set[Document]] = []
        wanted: list[set[Document]] = []
        excluded: set[Document] = set()
        for clause in clauses:
            found = self.node(clause.node)
            if clause.occur is Occur.NOT:
                excluded |= set(found)
                continue
            (required if clause.occur is Occur.MUST else wanted).append(set(found))
            if not isinstance(clause.node, Field | Range):
                weight = self.weight(found)
                whole += weight
                for document, score in found.items():
                    scores[document] += score
                    held[document] += weight
        for first, second in itertools.pairwise(map(near_terms, clauses)):
            if first and second:
                for document, score in self.near(first, second).items():
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

    def weight(self, found: Found) -> float:
        """Return what a part of the query weighs that ``found`` these."""
        pages = sum(document.number > 0 for document in found)
        return formula.idf(pages, len(self.kinds[0])) if found else 0.0

    def near(self, first: tuple[str, ...], second: tuple[str, ...]) -> Found:
        """Return what words add that follow each other closely."""
        return self._sum((1.0, lambda document: len(document.phrases((first, second), formula.BETWEEN))))

    def node(self, node: Node) -> Found:  # noqa: PLR0911 - one return a kind of node
        """Return the documents that hold a part of a query, with their scores."""
        match node:
            case Word(term, parts, _):
                stems = {stem_term(term, language) for language in LANGUAGES}
                found = self._sum(
                    (formula.SURFACE, lambda document: document.words[term]),
                    (formula.STEM, lambda document: sum(document.stems[stem] for stem in stems)),
                )
                return _best(found, self._sum((1.0, lambda d: self._together(d, node))) if parts else {})
            case Prefix(beginning):
                return self._sum((1.0, lambda d: sum(term.startswith(beginning) for term, _ in d.terms)))
            case Fuzzy(term, _):
                nearly = self._sum((1.0, lambda d: sum(d.words[each] for each in misspelt(node, d))))
                return _best(self.node(Word(term)), nearly, formula.FUZZY)
            case Phrase(terms, slop):
                return self._sum((1.0, lambda document: self.phrases(document, terms, slop)))
            case Joined(asked, others):
                return self._joined(self.node(asked), [self.node(other) for other in others])
            case Group(clauses):
                return self.clauses(clauses)
            case _:
                return {document: 0.0 for document in self.documents if self._in(document.unit, node)}

    def phrases(self, document: Document, terms: Sequence[str], slop: int) -> int:
        """Return how often a phrase begins in a document and ends there or on the next page."""
        wanted = [(term,) for term in terms]
        return len(document.phrases(wanted, slop) | self._over_break(document, wanted, slop))

    def _together(self, document: Document, word: Word) -> int:
        """Return how often the parts of a word follow each other; see ``parted``."""
        found = document.phrases([(part,) for part in word.parts])
        for way in parted(word):
            found |= self._over_break(document, [(part,) for part in way])
        return len(found)

    def _over_break(self, document: Document, terms: Sequence[Iterable[str]], slop: int = 0) -> set[int]:
        following = self._following.get((document.unit.unit, document.file, document.number))
        return set() if following is None else document.over_break(following, terms, slop)

    def _joined(self, asked: Found, others: list[Found]) -> Found:
        """Return one word of all: others score less, and as often as if all were one word."""
        together = self.weight({document: 0.0 for each in (asked, *others) for document in each})
        found = dict(asked)
        for each in others:
            if each:
                found = _best(found, each, formula.JOINED * together / self.weight(each))
        return found

    def _sum(self, *ways: tuple[float, Callable[[Document], int]]) -> Found:
        """Return BM25 summed over ``ways`` of counting, each with its weight."""
        scores: Found = {}
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

    # -- beside queries ----------------------------------------------------------------------------

    def spelling(self, word: str) -> tuple[tuple[str, int], ...]:
        """Return what may have been meant by ``word``, with the pages that hold it."""
        pages = Counter(term for document in self.kinds[0] for term in document.words)
        least = max(1, formula.RARER * len(self.node(Word(word))))
        offered = sorted(
            (away, -count, term)
            for term, count in pages.items()
            if count >= least
            and term != word
            and correctable(term)
            and (away := distance(word, term)) <= allowance(word)
        )
        return tuple((term, -count) for _, count, term in offered[: formula.OFFERED])

    def _stem(self, stem: str) -> Found:
        return self._sum((1.0, lambda document: document.stems[stem]))

    def similar(self, product: int) -> Found:
        """Return the documents of other products that hold the weightiest words of ``product``."""
        gists: Counter[str] = Counter()
        for document in self.documents:
            if document.unit.product == product:
                gists.update(dict(gist(document.stems)))
        holding = {stem: self._stem(stem) for stem in gists}
        weights = {stem: gists[stem] * self.weight(found) for stem, found in holding.items()}
        shared = [stem for stem in gists if any(d.unit.product != product for d in holding[stem])]
        chosen = sorted(shared, key=lambda stem: (-round(weights[stem], 9), stem))[: formula.COMPARED]
        whole = sum(self.weight(holding[stem]) for stem in chosen)
        found: Found = {}
        for document in self.documents:
            mine = [stem for stem in chosen if document in holding[stem]]
            share = sum(self.weight(holding[stem]) for stem in mine) / whole if whole else 0.0
            if share >= formula.ALIKE and document.unit.product != product:
                found[document] = share * sum(holding[stem][document] for stem in mine)
        return found


def misspelt(node: Fuzzy, document: Document) -> list[str]:
    """Return the words of a document that are nearly spelt as asked."""
    return [
        term
        for term in document.words
        if term != node.term and correctable(term) and distance(node.term, term) <= node.distance
    ]


def _best(found: Found, other: Mapping[Document, float], factor: float = 1.0) -> Found:
    best = dict(found)
    for document, score in other.items():
        best[document] = max(best.get(document, 0.0), factor * score)
    return best
