"""Tree → text, such that the text is read as the same tree again."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from indexer.query.tree import Field, Fuzzy, Group, Joined, Occur, Phrase, Prefix, Query, Range, Word

if TYPE_CHECKING:
    from indexer.query.tree import Clause, Node

_NEEDS_QUOTES = re.compile(r"[\s()]")


def to_text(query: Query) -> str:
    """Return text that ``parse`` reads as ``query`` again, without what ``widen`` joined."""
    return _sequence(query.clauses)


def _sequence(clauses: tuple[Clause, ...]) -> str:
    return " ".join(_clause(clause) for clause in clauses if not clause.is_added)


def _clause(clause: Clause) -> str:
    body = _node(clause.node)
    if clause.occur is Occur.NOT:
        return f"-{body}"
    if clause.occur is Occur.MUST and isinstance(_asked(clause.node), Word | Prefix | Fuzzy):
        return f"+{body}"
    return body


def _asked(node: Node) -> Node:
    return node.asked if isinstance(node, Joined) else node


def _node(node: Node) -> str:  # noqa: PLR0911 - one return a kind of node
    match node:
        case Word(term, _, spelling):
            return spelling or term
        case Prefix(term):
            return f"{term}*"
        case Fuzzy(term, distance):
            return f"{term}~{distance}"
        case Phrase(terms, slop):
            return '"' + " ".join(terms) + '"' + (f"~{slop}" if slop else "")
        case Joined(asked):
            return _node(asked)
        case Field(name, values):
            shown = [f'"{value}"' if _NEEDS_QUOTES.search(value) else value for value in values]
            return f"{name}:{shown[0]}" if len(shown) == 1 else f"{name}:({' OR '.join(shown)})"
        case Range("tahun", low, high):
            return f"tahun:{low or ''}..{high or ''}"
        case Range(name, low, high):
            return f"{name}:{_day(low)}..{_day(high)}"
        case Group(clauses):
            between = " OR " if node.is_either else " "
            return "(" + between.join(_clause(clause) for clause in clauses if not clause.is_added) + ")"


def _day(value: int) -> str:
    return f"{value // 10_000:04d}-{value // 100 % 100:02d}-{value % 100:02d}" if value else ""
