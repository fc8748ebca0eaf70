"""What an engine tells beside hits: spelling, documents that are alike, why a product was found."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from indexer.analysis import LANGUAGES, stem_term
from indexer.engines import formula
from indexer.engines.scoring import Few, Matched
from indexer.query import Fuzzy, Phrase, Word, allowance

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from indexer.engines.explaining import Scores
    from indexer.engines.scoring import Scorer
    from indexer.query import Node, Query

    Ints = NDArray[np.int64]


def spelling(scorer: Scorer, word: str) -> tuple[tuple[str, int], ...]:
    """Return what may have been meant by a folded ``word``, with the visible pages that hold it."""
    least = max(1, formula.RARER * len(scorer.found(Word(word)).docs))
    offered: list[tuple[int, int, str]] = []
    near: set[str] = set()
    for distance in range(1, allowance(word) + 1):
        fresh = set(scorer.misspelt("t", Fuzzy(word, distance))) - near
        near |= fresh
        offered += [(distance, -pages, term) for term in fresh if (pages := scorer.pages(term)) >= least]
        if len(offered) >= formula.OFFERED:
            break
    return tuple((term, -pages) for _, pages, term in sorted(offered)[: formula.OFFERED])


def similar(scorer: Scorer, product: int) -> Matched:
    """Return the documents of other products that hold the weightiest words of ``product``."""
    view = scorer.view
    mine = view.visible.copy()
    mine[mine] = view.units.products[view.rows[mine]] == product
    gists: Counter[str] = Counter()
    for stem, count in view.corpus.gists(view.originals(np.flatnonzero(mine))):
        gists[stem] += count
    holding = {stem: scorer.stem(stem) for stem in gists}
    weights = {stem: scorer.weight(found) for stem, found in holding.items()}
    shared = [stem for stem in gists if not mine[holding[stem].docs].all()]
    chosen = sorted(shared, key=lambda stem: (-round(gists[stem] * weights[stem], 9), stem))[
        : formula.COMPARED
    ]
    scores, held = np.zeros(view.size, dtype=np.float64), np.zeros(view.size, dtype=np.float64)
    for stem in chosen:
        scores[holding[stem].docs] += holding[stem].scores
        held[holding[stem].docs] += weights[stem]
    whole = sum(weights[stem] for stem in chosen) or 1.0
    share = held / whole
    mask = (share >= formula.ALIKE) & ~mine
    return Matched(mask, np.where(mask, scores * share, 0.0))


class Product:
    """One product of a view; see ``explaining.Source``."""

    def __init__(self, scorer: Scorer, product: int) -> None:
        self._scorer = scorer
        view = scorer.view
        self._mine = view.visible.copy()
        self._mine[self._mine] = view.units.products[view.rows[self._mine]] == product
        self._fields = ("t", "tt")

    def title(self, doc: int) -> bool:
        """Tell whether a document is the title."""
        return bool(self._scorer.view.titles[doc])

    def pages(self, scores: Scores) -> list[int]:
        """Return the pages among ``scores``, best first."""
        pages = [doc for doc in scores if not self.title(doc)]
        return sorted(pages, key=lambda doc: (-scores[doc], self._scorer.view.number(doc)))

    def matched(self, query: Query) -> Scores:
        """Return the product's documents that ``query`` finds."""
        return self._scores(self._scorer.run(query))

    def held(self, node: Node) -> tuple[float, Scores]:
        """Return what a part weighs, and its scores in the product."""
        found = self._scorer.node(node)
        return self._scorer.weight(found), self._scores(found)

    def near(self, first: tuple[str, ...], second: tuple[str, ...]) -> Scores:
        """Return what words add that follow each other closely."""
        return self._scores(self._scorer.near(first, second))

    def word(self, term: str) -> frozenset[int]:
        """Return the documents that hold a word as it is."""
        return self._docs(self._fields, [term])

    def stemmed(self, term: str) -> Mapping[str, frozenset[int]]:
        """Return the words of the same stem, with the documents that hold them."""
        found: dict[str, frozenset[int]] = {}
        for language in LANGUAGES:
            holding = self._docs(("s", "ts"), [stem_term(term, language)])
            if not holding:
                continue
            words = {
                word
                for field in self._fields
                for words in self._scorer.view.corpus.vocabularies(field)
                for word in words.of_stem(term, language)
            }
            for word in words - {term}:
                found[word] = found.get(word, frozenset()) | (self._docs(self._fields, [word]) & holding)
        return {word: docs for word, docs in found.items() if docs}

    def beginning(self, prefix: str) -> Mapping[str, frozenset[int]]:
        """Return the words that begin with ``prefix``."""
        return self._holding(word for f in self._fields for word in self._scorer.prefixed(f, prefix))

    def misspelt(self, fuzzy: Fuzzy) -> Mapping[str, frozenset[int]]:
        """Return the words that are nearly spelt so."""
        return self._holding(word for f in self._fields for word in self._scorer.misspelt(f, fuzzy))

    def phrase(self, terms: Sequence[str], slop: int) -> frozenset[int]:
        """Return the documents that hold a phrase."""
        return frozenset(self._scores(self._scorer.node(Phrase(tuple(terms), slop))))

    def _scores(self, found: Few | Matched) -> Scores:
        if isinstance(found, Few):
            inside = self._mine[found.docs]
            docs, scores = found.docs[inside], found.scores[inside]
        else:
            docs = np.flatnonzero(found.mask & self._mine)
            scores = found.scores[docs]
        return dict(zip(docs.tolist(), scores.tolist(), strict=True))

    def _docs(self, fields: Iterable[str], terms: Sequence[str]) -> frozenset[int]:
        view = self._scorer.view
        found: set[int] = set()
        for field in fields:
            for term in terms:
                postings = view.corpus.postings(field, term)
                docs, _ = view.seen(postings.docs.astype(np.int64), postings.counts.astype(np.float64))
                found.update(docs[self._mine[docs]].tolist())
        return frozenset(found)

    def _holding(self, words: Iterable[str]) -> Mapping[str, frozenset[int]]:
        return {word: docs for word in set(words) if (docs := self._docs(self._fields, [word]))}
