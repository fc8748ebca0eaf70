"""Text → tree.

``a b OR c AND d``: AND binds before OR, and OR before standing side by side. DAN, ATAU and BUKAN are
AND, OR and NOT, except in a text all of capitals, where they are words of a title.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from typing import NoReturn

from indexer.analysis import fold, tokenise
from indexer.query.edits import MAX_DISTANCE, allowance, correctable
from indexer.query.numbering import numbered
from indexer.query.tree import (
    FIELDS,
    Clause,
    Field,
    Fuzzy,
    Group,
    Node,
    Occur,
    Phrase,
    Prefix,
    Query,
    Range,
    Word,
)
from indexer.query.words import terms_of, words_of

MAX_BYTES = 1024
MAX_TERMS = 64
MAX_DEPTH = 8
MIN_PREFIX = 2

_RANGED = ("tahun", "tanggal")
_YEARS = (1000, 9999)
_SPACE = re.compile(r"\s+")
QUOTES = '"“”„«»'
_FIELD = re.compile(r"([A-Za-z][A-Za-z/]{1,20}):")
_BARE = re.compile(rf"[^\s(){QUOTES}]+")
_SLOP = re.compile(r"~([0-9]*)(?=[\s()]|$)")
_FUZZY = re.compile(r"(.+)~([0-9]*)")
_NUMBER = re.compile(r"[0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2})?)?")
_SIGN = re.compile("[<>]=?")
_OPERATORS = {"OR": ("OR", "ATAU"), "AND": ("AND", "DAN"), "NOT": ("NOT", "BUKAN")}


class QueryError(ValueError):
    """The text cannot be read. ``code`` is stable; ``position`` and ``length`` mark the place."""

    def __init__(self, code: str, position: int, length: int = 1, detail: str = "") -> None:
        super().__init__(f"{code} at {position}")
        self.code = code
        self.position = position
        self.length = max(1, length)
        self.detail = detail


@dataclass(slots=True)
class _Reader:
    text: str
    shouted: bool
    at: int = 0
    terms: int = 0

    def fail(self, code: str, start: int | None = None, detail: str = "") -> NoReturn:
        begin = self.at if start is None else start
        raise QueryError(code, begin, self.at - begin, detail)

    def space(self) -> None:
        if found := _SPACE.match(self.text, self.at):
            self.at = found.end()

    def peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def ends(self) -> bool:
        self.space()
        return self.peek() in ("", ")")

    def operator(self, name: str) -> bool:
        """Take an operator written in capitals, standing alone."""
        self.space()
        for word in _OPERATORS[name][: 1 if self.shouted else None]:
            end = self.at + len(word)
            if self.text.startswith(word, self.at) and (
                end == len(self.text) or self.text[end].isspace() or self.text[end] in "()"
            ):
                self.at = end
                return True
        return False

    def quoted(self, here: int) -> str:
        """Take what stands between quotes."""
        self.at += 1
        end = next((n for n in range(self.at, len(self.text)) if self.text[n] in QUOTES), -1)
        if end < 0:
            self.at = len(self.text)
            self.fail("unbalanced-quotes", here)
        inside, self.at = self.text[self.at : end], end + 1
        return inside

    def count(self, number: int, start: int) -> None:
        self.terms += number
        if self.terms > MAX_TERMS:
            self.fail("too-many-terms", start)


def parse(text: str) -> Query:
    """Return the query that ``text`` says; raises ``QueryError`` for what cannot be read."""
    if len(text.encode("utf-8", "replace")) > MAX_BYTES:
        raise QueryError("too-long", 0, len(text))
    text = "".join(c if c.isprintable() else " " for c in text)
    reader = _Reader(text, shouted=not any(c.islower() for c in text))
    clauses = tuple(_sequence(reader, 0))
    if reader.at < len(text):
        reader.fail("unbalanced-parenthesis")
    if _depth(clauses) > MAX_DEPTH:
        raise QueryError("too-deep", 0, len(text))
    return Query(clauses)


def _depth(clauses: tuple[Clause, ...]) -> int:
    return max((1 + _depth(each.node.clauses) for each in clauses if isinstance(each.node, Group)), default=0)


def _sequence(reader: _Reader, depth: int) -> list[Clause]:
    """Read clauses up to a closing parenthesis or the end."""
    found: list[Clause] = []
    while not reader.ends():
        found += _alternatives(reader, depth)
    return numbered(found)


def _alternatives(reader: _Reader, depth: int) -> list[Clause]:
    sides = [_together(reader, depth, operand=False)]
    while reader.operator("OR"):
        if not sides[-1]:
            reader.fail("operator-without-operand", reader.at - 2)
        sides.append(_together(reader, depth, operand=True))
    if len(sides) == 1:
        return sides[0]
    return [Clause(Occur.MUST, Group(tuple(member for side in sides for member in _side(side))))]


def _side(clauses: list[Clause]) -> tuple[Clause, ...]:
    """Return what one side of OR adds: ``(a OR b) OR c`` is one group of three."""
    only = clauses[0] if len(clauses) == 1 else None
    if only is None or only.occur is Occur.NOT:
        node: Node = Group(tuple(clauses))
    else:
        node = only.node
    return node.clauses if isinstance(node, Group) and node.is_either else (Clause(Occur.SHOULD, node),)


def _together(reader: _Reader, depth: int, *, operand: bool) -> list[Clause]:
    found = _operand(reader, depth, needed=operand)
    joined = False
    while reader.operator("AND"):
        if not found:
            reader.fail("operator-without-operand", reader.at - 3)
        found += _operand(reader, depth, needed=True)
        joined = True
    return [_required(clause) for clause in found] if joined else found


def _required(clause: Clause) -> Clause:
    return clause if clause.occur is Occur.NOT else Clause(Occur.MUST, clause.node)


def _operand(reader: _Reader, depth: int, *, needed: bool) -> list[Clause]:
    """Read one clause (several for words joined by a comma); nothing where only signs stand."""
    before = reader.at
    while not reader.ends():
        here = reader.at
        if reader.operator("OR") or reader.operator("AND"):
            if needed:
                reader.fail("operator-without-operand", here)
            reader.at = here
            return []
        if found := _clause(reader, depth):
            return found
    if needed:
        reader.at = before
        reader.fail("operator-without-operand", max(0, before - 3))
    return []


def _clause(reader: _Reader, depth: int) -> list[Clause]:
    occur = Occur.SHOULD
    while True:
        reader.space()
        here = reader.at
        if reader.operator("NOT"):
            occur = Occur.MUST if occur is Occur.NOT else Occur.NOT
            if reader.ends():
                reader.fail("operator-without-operand", here)
            continue
        if (sign := reader.peek()) and sign in "-+":
            following = reader.text[reader.at + 1 : reader.at + 2]
            reader.at += 1
            if not following or following.isspace() or following in "-+)":
                return []  # a dash between words is no operator
            occur = Occur.MUST if sign == "+" or occur is Occur.NOT else Occur.NOT
            continue
        break
    nodes = _nodes(reader, depth)
    if len(nodes) > 1 and occur is not Occur.SHOULD:
        return [Clause(occur, Group(tuple(Clause(Occur.SHOULD, node) for node in nodes)))]
    return [Clause(_implied(node) if occur is Occur.SHOULD else occur, node) for node in nodes]


def _implied(node: Node) -> Occur:
    return Occur.SHOULD if isinstance(node, Word | Prefix | Fuzzy) else Occur.MUST


def _nodes(reader: _Reader, depth: int) -> list[Node]:
    here = reader.at
    if reader.peek() == "(":
        return _parenthesis(reader, depth)
    if reader.peek() and reader.peek() in QUOTES:
        terms = terms_of(reader.quoted(here))
        slop = _slop(reader)
        reader.count(len(terms), here)
        return [Phrase(terms, slop if len(terms) > 1 else 0)] if terms else []
    if (found := _FIELD.match(reader.text, reader.at)) and (name := FIELDS.get(found.group(1).casefold())):
        reader.at = found.end()
        return [_field(reader, name, here)]
    found = _BARE.match(reader.text, reader.at)
    if found is None:
        reader.at += 1
        return []
    reader.at = found.end()
    return _words(reader, found.group(), here)


def _slop(reader: _Reader) -> int:
    """Take the ``~3`` behind a phrase."""
    here = reader.at
    if not (found := _SLOP.match(reader.text, here)):
        return 0
    reader.at = found.end()
    if len(found.group(1)) != 1:
        reader.fail("bad-slop", here, found.group(1)[:10])
    return int(found.group(1))


def _parenthesis(reader: _Reader, depth: int) -> list[Node]:
    here = reader.at
    if depth >= MAX_DEPTH:
        reader.fail("too-deep", here)
    reader.at += 1
    clauses = _sequence(reader, depth + 1)
    if reader.peek() != ")":
        reader.fail("unbalanced-parenthesis", here)
    reader.at += 1
    if len(clauses) == 1 and clauses[0].occur is _implied(clauses[0].node):
        return [clauses[0].node]
    return [Group(tuple(clauses))] if clauses else []


def _words(reader: _Reader, raw: str, here: int) -> list[Node]:
    if raw.endswith("*") and (beginning := raw.rstrip("*")):
        terms = terms_of(beginning)
        if len(terms) == 1:
            if len(terms[0]) < MIN_PREFIX:
                reader.fail("short-prefix", here, str(MIN_PREFIX))
            reader.count(1, here)
            return [Prefix(terms[0])]
    if (found := _FUZZY.fullmatch(raw)) and (fuzzy := _fuzzy(reader, found[1], found[2], here)):
        return [fuzzy]
    words = words_of(raw)
    reader.count(sum(max(1, len(word.parts)) for word in words), here)
    return list(words)


def _fuzzy(reader: _Reader, beginning: str, number: str, here: int) -> Fuzzy | None:
    """Return the word that may be misspelt; None for what is not one word."""
    terms = [token for token in tokenise(beginning) if not token.whole]
    if len(terms) != 1:
        return None
    if number and not (len(number) == 1 and 1 <= int(number) <= MAX_DISTANCE):
        reader.fail("bad-distance", here, number[:10])
    term = terms[0].term
    if not correctable(term):
        reader.fail("short-fuzzy", here, term)
    reader.count(1, here)
    return Fuzzy(term, int(number) if number else allowance(term))


# -- fields --------------------------------------------------------------------------------------


def _field(reader: _Reader, name: str, here: int) -> Node:
    values = dict.fromkeys(_values(reader, here))
    if not values:
        reader.fail("empty-field", here, name)
    reader.count(len(values), here)
    ranges = {value: _range(reader, name, value, here) for value in values} if name in _RANGED else {}
    if not any(ranges.values()):
        return Field(name, tuple(values))
    nodes = list(dict.fromkeys(found or Field(name, (value,)) for value, found in ranges.items()))
    if len(nodes) == 1:
        return nodes[0]
    return Group(tuple(Clause(Occur.SHOULD, node) for node in nodes))


def _values(reader: _Reader, here: int) -> list[str]:
    if reader.peek() != "(":
        return _value(reader, here)
    reader.at += 1
    values: list[str] = []
    while True:
        reader.space()
        if reader.peek() == ")":
            reader.at += 1
            return values
        if not reader.peek():
            reader.fail("unbalanced-parenthesis", here)
        if reader.operator("OR"):
            continue
        found = _value(reader, here)
        if not found and reader.peek() == "(":
            reader.fail("unbalanced-parenthesis", here)
        values += found


def _value(reader: _Reader, here: int) -> list[str]:
    if reader.peek() and reader.peek() in QUOTES:
        raw = reader.quoted(here)
    elif found := _BARE.match(reader.text, reader.at):
        raw, reader.at = found.group(), found.end()
    else:
        return []
    # Folding makes plain quotes of wide ones; a value could not be printed with them.
    folded = "".join(c for c in fold(raw) if c not in QUOTES and c.isprintable())
    value = " ".join(folded.split())
    return [value] if value else []


def _range(reader: _Reader, name: str, value: str, here: int) -> Range | None:
    """Return the range that ``2022..2023``, ``>=2023-01-01`` or a single date says."""
    if found := _SIGN.match(value):
        sign = found.group()
        low, high = _bounds(reader, name, value.removeprefix(sign), here)
        if sign == ">":
            low = _next(reader, name, high, 1, here)
        if sign == "<":
            high = _next(reader, name, low, -1, here)
        return Range(name, low, 0) if sign[0] == ">" else Range(name, 0, high)
    if ".." in value:
        first, _, last = value.partition("..")
        low = _bounds(reader, name, first, here)[0] if first else 0
        high = _bounds(reader, name, last, here)[1] if last else 0
        if low and high and low > high:
            reader.fail("range-backwards", here)
        return Range(name, low, high)
    if name == "tanggal":
        return Range(name, *_bounds(reader, name, value, here))
    return None


def _bounds(reader: _Reader, name: str, text: str, here: int) -> tuple[int, int]:
    """Return the first and last day (or year) that ``text`` means."""
    code = "bad-year" if name == "tahun" else "bad-date"
    if not _NUMBER.fullmatch(text):
        reader.fail(code, here, text[:40])
    year, *rest = (int(part) for part in text.split("-"))
    if not _YEARS[0] <= year <= _YEARS[1]:
        reader.fail(code, here, text[:40])
    if name == "tahun":
        if rest:
            reader.fail(code, here, text[:40])
        return year, year
    month, day = [*rest, 0, 0][:2]
    try:
        first = date(year, month if rest else 1, day if len(rest) > 1 else 1)
    except ValueError:
        reader.fail(code, here, text[:40])
    last = first
    if len(rest) < 2:  # noqa: PLR2004 - a month, or a year
        last_month = first.month if rest else 12
        last = date(year, last_month, monthrange(year, last_month)[1])
    return _number(first), _number(last)


def _next(reader: _Reader, name: str, value: int, step: int, here: int) -> int:
    """Return the day (or year) after or before ``value``."""
    if name == "tahun":
        near, year = value + step, value + step
    else:
        ordinal = date(value // 10_000, value // 100 % 100, value % 100).toordinal() + step
        if ordinal > date.max.toordinal():
            reader.fail("bad-date", here)
        day = date.fromordinal(ordinal)
        near, year = _number(day), day.year
    if not _YEARS[0] <= year <= _YEARS[1]:
        reader.fail("bad-year" if name == "tahun" else "bad-date", here)
    return near


def _number(day: date) -> int:
    return day.year * 10_000 + day.month * 100 + day.day
