"""Why a product is a hit: each part of the query with its forms there and its share of the score."""

from __future__ import annotations

import itertools
from collections import defaultdict
from typing import TYPE_CHECKING, Protocol

from indexer.engines import formula
from indexer.ports import Explanation, Form, Reason
from indexer.query import (
    Clause,
    Field,
    Fuzzy,
    Group,
    Joined,
    Occur,
    Phrase,
    Prefix,
    Query,
    Range,
    Word,
    parted,
    to_text,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from indexer.query import Node

    #: A document, as an engine numbers it, → its score.
    Scores = Mapping[int, float]

#: Forms that are told of one part of a query: a prefix may have hundreds.
_FORMS = 12


class Source(Protocol):
    """What an engine knows of one product: documents by its own numbers, pages and the title alike."""

    def title(self, doc: int) -> bool:
        """Tell whether a document is the title."""
        ...

    def pages(self, scores: Scores) -> list[int]:
        """Return the pages among ``scores``, best first, as they add to the product."""
        ...

    def matched(self, query: Query) -> Scores:
        """Return the product's documents that ``query`` finds."""
        ...

    def held(self, node: Node) -> tuple[float, Scores]:
        """Return what a part weighs, and its score in every document of the product that holds it."""
        ...

    def near(self, first: tuple[str, ...], second: tuple[str, ...]) -> Scores:
        """Return what any of the first words closely followed by any of the second adds."""
        ...

    def word(self, term: str) -> frozenset[int]:
        """Return the documents that hold a word as it is."""
        ...

    def stemmed(self, term: str) -> Mapping[str, frozenset[int]]:
        """Return the words of the same stem, with the documents that hold them."""
        ...

    def beginning(self, prefix: str) -> Mapping[str, frozenset[int]]:
        """Return the words that begin with ``prefix``."""
        ...

    def misspelt(self, fuzzy: Fuzzy) -> Mapping[str, frozenset[int]]:
        """Return the words that are nearly spelt so."""
        ...

    def phrase(self, terms: Sequence[str], slop: int) -> frozenset[int]:
        """Return the documents that hold a phrase."""
        ...


def explain(query: Query, source: Source) -> Explanation:
    """Return why ``query`` (without words that say nothing) finds the product."""
    total = source.matched(query)
    if not total:
        return Explanation()
    shares = dict(zip(source.pages(total), formula.DECAY, strict=False))
    shares |= {doc: formula.TITLE for doc in total if source.title(doc)}
    parts, near = _parts(query.clauses, source)
    amounts = [
        sum(shares.get(doc, 0.0) * score for doc, score in scores.items())
        for scores in (*(scores for _, scores in parts), near)
    ]
    percent = _percent(amounts)
    reasons = []
    for (node, _), share in zip(parts, percent, strict=False):
        docs = frozenset(source.held(node)[1]) & frozenset(total)
        titled = any(source.title(doc) for doc in docs)
        asked = to_text(Query((Clause(Occur.SHOULD, node),)))
        reasons.append(Reason(asked, _forms(node, source, total), len(docs) - titled, titled, share))
    return Explanation(tuple(reasons), percent[-1])


def near_terms(clause: Clause) -> tuple[str, ...]:
    """Return the plain words that count for words close to each other: one, or those joined to it."""
    if clause.occur is Occur.NOT:
        return ()
    nodes = (clause.node.asked, *clause.node.others) if isinstance(clause.node, Joined) else (clause.node,)
    if not isinstance(nodes[0], Word) or nodes[0].parts:
        return ()
    return tuple(node.term for node in nodes if isinstance(node, Word))


def _parts(clauses: Sequence[Clause], source: Source) -> tuple[list[tuple[Node, Scores]], Scores]:
    """Return the parts of a query with what each adds to a document, and what words close together add."""
    found: list[tuple[Node, Scores]] = []
    near: defaultdict[int, float] = defaultdict(float)
    held: defaultdict[int, float] = defaultdict(float)
    whole = 0.0
    for clause in clauses:
        if clause.occur is Occur.NOT or isinstance(clause.node, Field | Range):
            continue
        weight, scores = source.held(clause.node)
        whole += weight
        for doc in scores:
            held[doc] += weight
        if not isinstance(clause.node, Group):
            found.append((clause.node, scores))
            continue
        inner, inner_near = _parts(clause.node.clauses, source)
        found += [(node, _within(each, scores)) for node, each in inner]
        for doc, score in _within(inner_near, scores).items():
            near[doc] += score
    for first, second in itertools.pairwise(map(near_terms, clauses)):
        if first and second:
            for doc, score in source.near(first, second).items():
                near[doc] += formula.NEAR * score

    def covered(scores: Scores) -> Scores:
        return {doc: score * (held[doc] / whole if whole else 1.0) for doc, score in scores.items()}

    return [(node, covered(scores)) for node, scores in found], covered(near)


def _within(scores: Scores, docs: Scores) -> Scores:
    return {doc: score for doc, score in scores.items() if doc in docs}


def _percent(amounts: list[float]) -> list[int]:
    """Return whole percents that add up to 100; the largest rests are rounded up."""
    total = sum(amounts)
    if not total:
        return [0] * len(amounts)
    # Rounded, so that engines that add in another order agree which rest is larger.
    exact = [round(100.0 * amount / total, 6) for amount in amounts]
    percent = [int(each) for each in exact]
    rests = sorted(range(len(exact)), key=lambda place: (percent[place] - exact[place], place))
    for place in rests[: 100 - sum(percent)]:
        percent[place] += 1
    return percent


def _forms(node: Node, source: Source, docs: Scores) -> tuple[Form, ...]:
    forms = []
    for text, cause, holding in _causes(node, source):
        inside = holding & frozenset(docs)
        titled = any(source.title(doc) for doc in inside)
        if inside:
            forms.append(Form(text, cause, len(inside) - titled, titled))
    forms.sort(key=lambda form: (-form.pages, form.text, form.cause))
    return tuple(forms[:_FORMS])


def _causes(node: Node, source: Source) -> Iterator[tuple[str, str, frozenset[int]]]:
    """Yield (form, cause, documents) of a part of a query; documents of other products may be among them."""
    match node:
        case Word(term, parts):
            spelt = source.word(term)
            yield term, "form", spelt
            yield from _all(source.stemmed(term), "stem")
            for way in dict.fromkeys((parts, *parted(node))) if parts else ():
                yield " ".join(way), "phrase", source.phrase(way, 0) - spelt
        case Prefix(term):
            yield from _all(source.beginning(term), "prefix")
        case Fuzzy(term):
            known = list(_causes(Word(term), source))
            yield from known
            nearly = _all(source.misspelt(node), "fuzzy")
            yield from (each for each in nearly if each[0] not in {form for form, *_ in known})
        case Phrase(terms, slop):
            yield " ".join(terms), "phrase", source.phrase(terms, slop)
        case Joined():
            yield from _joined(node, source)


def _joined(node: Joined, source: Source) -> Iterator[tuple[str, str, frozenset[int]]]:
    known = set()
    for form, cause, docs in _causes(node.asked, source):
        known.add(form)
        yield form, cause, docs
    for other in node.others:
        for form, _, docs in _causes(other, source):
            if form not in known:
                known.add(form)
                yield form, "synonym", docs


def _all(found: Mapping[str, frozenset[int]], cause: str) -> Iterator[tuple[str, str, frozenset[int]]]:
    for form, docs in found.items():
        yield form, cause, docs
