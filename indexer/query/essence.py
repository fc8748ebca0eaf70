"""What of a query says something: engines and highlighting leave the same words out."""

from __future__ import annotations

from indexer.analysis import is_stop_word
from indexer.query.tree import Clause, Field, Group, Occur, Query, Range, Word


def without_stop_words(query: Query) -> tuple[Query, tuple[str, ...]]:
    """Return the query without plain words that say nothing, and these; untouched if nothing remains.

    Beside a filter and nothing else required, one of the plain words must be there: a filter narrows.
    """
    kept = tuple(clause for clause in query.clauses if not _says_nothing(clause))
    if not any(
        clause.occur is not Occur.NOT and not isinstance(clause.node, Field | Range) for clause in kept
    ):
        return Query(_narrowed(query.clauses)), ()
    dropped = dict.fromkeys(
        clause.node.term
        for clause in query.clauses
        if _says_nothing(clause) and isinstance(clause.node, Word)
    )
    return Query(_narrowed(kept)), tuple(dropped)


def _narrowed(clauses: tuple[Clause, ...]) -> tuple[Clause, ...]:
    required = [clause for clause in clauses if clause.occur is Occur.MUST]
    words = tuple(clause for clause in clauses if clause.occur is Occur.SHOULD)
    if not words or not required or not all(isinstance(clause.node, Field | Range) for clause in required):
        return clauses
    others = tuple(clause for clause in clauses if clause.occur is not Occur.SHOULD)
    return (Clause(Occur.MUST, Group(words)), *others)


def _says_nothing(clause: Clause) -> bool:
    return (
        clause.occur is Occur.SHOULD
        and isinstance(clause.node, Word)
        and not clause.node.parts
        and is_stop_word(clause.node.term)
    )
