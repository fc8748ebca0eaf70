"""When a search finds little: which other search would find more, each with the count it would give.

Nothing is changed behind the asker's back: every piece of advice is a link that says what it does.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from indexer.analysis import is_stop_word, tokenise
from indexer.query import Clause, Field, Group, Occur, Phrase, Prefix, Query, Range, Word, to_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from indexer.query import Node

#: So few results are followed by advice.
FEW = 3
#: Pieces of advice of one kind.
MOST = 5


@dataclass(frozen=True, slots=True)
class Variant:
    """Another search. ``kind``: spelling, bare, filter, filters, clause, loose, words, word, related.

    ``query`` and ``filters`` are what it asks; ``about``: the facet, clause or word that it is about;
    ``written``: words of it as documents write them.
    """

    kind: str
    query: Query
    filters: Mapping[str, frozenset[str]]
    about: str = ""
    count: int = 0
    written: Mapping[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """Return the query as one would write it."""
        text = to_text(self.query)
        for token in reversed(list(tokenise(text)) if self.written else []):
            if not token.whole and token.term in self.written:
                text = text[: token.start] + self.written[token.term] + text[token.end :]
        return text


@dataclass(frozen=True, slots=True)
class Advice:
    """What to try instead.

    ``spellings`` replace words that are hardly found, ``others`` ask less, ``related`` are words that
    are never joined.
    """

    spellings: tuple[Variant, ...] = ()
    others: tuple[Variant, ...] = ()
    related: tuple[Variant, ...] = ()


def best(found: Iterable[Variant], least: int, most: int = MOST) -> tuple[Variant, ...]:
    """Return those that find more than ``least``; of several that ask the same of the same, the first."""
    kept: dict[tuple[Query, frozenset[str]], Variant] = {}
    for variant in found:
        if variant.count > least:
            kept.setdefault((variant.query, frozenset(variant.filters)), variant)
    return tuple(kept.values())[:most]


def words(query: Query) -> list[str]:
    """Return the words that a query asks for, those that it excludes apart."""
    return list(dict.fromkeys(_words(query.clauses)))


def _words(clauses: tuple[Clause, ...]) -> Iterator[str]:
    for clause in clauses:
        if clause.occur is Occur.NOT:
            continue
        match clause.node:
            case Word(term, (), _):
                yield term
            case Phrase(terms):
                yield from terms
            case Group(members):
                yield from _words(members)


def forms(text: str, term: str) -> Iterator[str]:
    """Yield how ``text`` writes ``term``, lines apart that are all in capitals."""
    for line in text.split("\n"):
        if line != line.upper():
            for token in tokenise(line):
                if token.term == term:
                    yield line[token.start : token.end]


def respelt(query: Query, instead: Mapping[str, str]) -> Query:
    """Return ``query`` with words replaced."""
    return Query(tuple(_respelt(clause, instead) for clause in query.clauses))


def _respelt(clause: Clause, instead: Mapping[str, str]) -> Clause:
    node = clause.node
    if clause.occur is Occur.NOT:
        return clause
    if isinstance(node, Group):
        return replace(clause, node=Group(tuple(_respelt(member, instead) for member in node.clauses)))
    if isinstance(node, Phrase):
        return replace(
            clause, node=replace(node, terms=tuple(instead.get(term, term) for term in node.terms))
        )
    if isinstance(node, Word) and not node.parts and node.term in instead:
        return replace(clause, node=Word(instead[node.term]))
    return clause


def variants(query: Query, filters: Mapping[str, frozenset[str]]) -> list[Variant]:
    """Return the searches that ask less than ``query`` under ``filters``, the smallest change first."""
    found = [
        Variant("filter", query, {other: values for other, values in filters.items() if other != name}, name)
        for name in filters
    ]
    if len(filters) > 1:
        found.append(Variant("filters", query, {}))
    required = [at for at, clause in enumerate(query.clauses) if clause.occur is not Occur.SHOULD]
    if len(query.clauses) > 1:
        found += [
            Variant("clause", Query(_without(query, at)), filters, to_text(Query((query.clauses[at],))))
            for at in required
        ]
    if any(_joins(query.clauses[at]) for at in required):
        found.append(Variant("loose", Query(tuple(_loosened(query.clauses))), filters))
    every = words(query)
    if every and (filters or required):
        found.append(Variant("words", bare(every), {}))
    if len(every) > 1:
        telling = [word for word in every if len(word) > 1 and not is_stop_word(word)]
        found += [Variant("word", bare([word]), {}, word) for word in telling[:MOST]]
    return found


def bare(terms: Iterable[str]) -> Query:
    """Return the query for ``terms`` and nothing besides."""
    return Query(tuple(Clause(Occur.SHOULD, Word(term)) for term in terms))


def _without(query: Query, at: int) -> tuple[Clause, ...]:
    return query.clauses[:at] + query.clauses[at + 1 :]


def _joins(clause: Clause) -> bool:
    """Tell whether a required clause asks for several words at once, or for words to be there at all."""
    return clause.occur is Occur.MUST and (
        isinstance(clause.node, Word | Prefix | Phrase)
        or (isinstance(clause.node, Group) and any(_is_words(each.node) for each in clause.node.clauses))
    )


def _is_words(node: Node) -> bool:
    return not isinstance(node, Field | Range)


def _loosened(clauses: tuple[Clause, ...]) -> Iterator[Clause]:
    """Yield the clauses with every word an alternative: AND becomes OR, a phrase its words."""
    for clause in clauses:
        node = clause.node
        if clause.occur is Occur.NOT or not _is_words(node):
            yield clause
        elif isinstance(node, Phrase):
            yield from (Clause(Occur.SHOULD, Word(term)) for term in node.terms)
        elif isinstance(node, Group) and all(_is_words(each.node) for each in node.clauses):
            yield from _loosened(node.clauses)
        elif isinstance(node, Group):
            yield clause
        else:
            yield Clause(Occur.SHOULD, node)
