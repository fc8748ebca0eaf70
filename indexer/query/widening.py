"""Words that mean the same, joined to a query: at query time, so that no index is rebuilt for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeAlias

from indexer.query.tree import Clause, Group, Joined, Occur, Phrase, Query, Word

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

#: One form of a group (its folded terms) → the other forms of that group.
Synonyms: TypeAlias = Mapping[tuple[str, ...], tuple[tuple[str, ...], ...]]


def widen(query: Query, same: Synonyms) -> Query:
    """Return ``query`` with what means the same joined to its words and phrases.

    Words that together are a known form ("badan nasional penanggulangan terorisme") stay as they are, and
    the form with its others (BNPT) is one more part of the query. What ``-`` excludes is not widened.
    """
    longest = max(map(len, same), default=0)
    return Query(_clauses(query.clauses, same, longest)) if longest else query


def widened(query: Query) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return (asked, others) for what ``widen`` joined."""
    found = {
        _text(clause.node.asked): tuple(_text(other) for other in clause.node.others)
        for clause in query.nodes()
        if isinstance(clause.node, Joined)
    }
    return tuple(found.items())


def _clauses(clauses: Sequence[Clause], same: Synonyms, longest: int) -> tuple[Clause, ...]:
    single = tuple(
        clause if clause.occur is Occur.NOT else _clause(clause, same, longest) for clause in clauses
    )
    return (*single, *_runs(clauses, same, longest))


def _clause(clause: Clause, same: Synonyms, longest: int) -> Clause:
    node = clause.node
    if isinstance(node, Group):
        return Clause(clause.occur, Group(_clauses(node.clauses, same, longest)))
    if isinstance(node, Word | Phrase) and (others := _others(node, same)):
        return Clause(clause.occur, Joined(node, others))
    return clause


def _runs(clauses: Sequence[Clause], same: Synonyms, longest: int) -> Iterator[Clause]:
    """Yield what plain words side by side mean together; the longest form counts."""
    start = 0
    while start < len(clauses):
        length = min(longest, len(clauses) - start)
        while length > 1:
            words = [_plain(clause) for clause in clauses[start : start + length]]
            if all(words):
                run = Phrase(tuple(term for word in words for term in word))
                if others := _others(run, same):
                    yield Clause(Occur.SHOULD, Joined(run, others), is_added=True)
                    break
            length -= 1
        start += length


def _plain(clause: Clause) -> tuple[str, ...]:
    node = clause.node
    if clause.occur is not Occur.SHOULD or not isinstance(node, Word):
        return ()
    return node.parts or (node.term,)


def _others(node: Word | Phrase, same: Synonyms) -> tuple[Word | Phrase, ...]:
    if isinstance(node, Phrase):
        forms = same.get(node.terms, ()) if not node.slop else ()
    else:
        forms = same.get((node.term,)) or (same.get(node.parts, ()) if node.parts else ())
    return tuple(Word(form[0]) if len(form) == 1 else Phrase(form) for form in forms if form)


def _text(node: Word | Phrase) -> str:
    return " ".join(node.terms) if isinstance(node, Phrase) else node.spelling or node.term
