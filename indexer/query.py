"""Our own query grammar, engine-neutral: text → immutable tree → text.

Plain words are alternatives that rank ("modul guru" finds either and puts both first). Phrases in
quotes, groups with OR or AND, and field filters are required; a leading ``-`` or NOT excludes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, NoReturn

from indexer.analysis import fold, tokenise

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_BYTES = 1024
MAX_TERMS = 64
MAX_DEPTH = 8
MIN_PREFIX = 3

#: Every name of a field → its one name.
FIELDS = {
    "pilar": "pilar",
    "pillar": "pilar",
    "fokus": "fokus",
    "focus": "fokus",
    "aksi": "aksi",
    "action": "aksi",
    "kl": "kl",
    "k/l": "kl",
    "institution": "kl",
    "pokja": "pokja",
    "periode": "periode",
    "period": "periode",
    "jenis": "jenis",
    "type": "jenis",
    "status": "status",
    "state": "status",
    "tahun": "tahun",
    "year": "tahun",
    "bahasa": "bahasa",
    "language": "bahasa",
    "klasifikasi": "klasifikasi",
    "classification": "klasifikasi",
    "tanggal": "tanggal",
    "date": "tanggal",
    "judul": "judul",
    "title": "judul",
}
_RANGED = ("tahun", "tanggal")


class QueryError(ValueError):
    """The text cannot be read. ``code`` is stable; ``position`` and ``length`` mark the place."""

    def __init__(self, code: str, position: int, length: int = 1, detail: str = "") -> None:
        super().__init__(f"{code} at {position}")
        self.code = code
        self.position = position
        self.length = max(1, length)
        self.detail = detail


class Occur(StrEnum):
    """How a clause counts."""

    SHOULD = ""
    MUST = "+"
    NOT = "-"


@dataclass(frozen=True, slots=True)
class Word:
    """One word, folded; a joined word ("kontra-narasi") keeps its parts and how it was spelt."""

    term: str
    parts: tuple[str, ...] = ()
    spelling: str = ""


@dataclass(frozen=True, slots=True)
class Prefix:
    """The beginning of a word, ``modul*``."""

    term: str


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words side by side."""

    terms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """One of ``values`` (folded) in a field; field ``judul`` searches the words of titles."""

    name: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Range:
    """From ``low`` to ``high``, both included; yyyymmdd for dates, the year for years; 0 = open."""

    name: str
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Group:
    """Clauses in parentheses, or the two sides of OR."""

    clauses: tuple[Clause, ...]


Node = Word | Prefix | Phrase | Field | Range | Group


@dataclass(frozen=True, slots=True)
class Clause:
    """A node and how it counts."""

    occur: Occur
    node: Node


@dataclass(frozen=True, slots=True)
class Query:
    """A whole query; no clauses means everything."""

    clauses: tuple[Clause, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.clauses)

    def nodes(self) -> Iterator[Clause]:
        """Yield every clause, nested ones included."""
        waiting = list(self.clauses)
        while waiting:
            clause = waiting.pop(0)
            yield clause
            if isinstance(clause.node, Group):
                waiting = [*clause.node.clauses, *waiting]


# -- reading -------------------------------------------------------------------------------------

_SPACE = re.compile(r"\s+")
_QUOTES = '"“”„«»'
_FIELD = re.compile(r"([A-Za-z][A-Za-z/]{1,20}):")
_BARE = re.compile(r"[^\s()\"“”„«»]+")
_NUMBER = re.compile(r"\d{4}(?:-\d{2}(?:-\d{2})?)?")


@dataclass(slots=True)
class _Reader:
    text: str
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

    def keyword(self, word: str) -> bool:
        """Take an operator written in capitals, standing alone."""
        end = self.at + len(word)
        if self.text.startswith(word, self.at) and (end == len(self.text) or self.text[end] in " \t\n()"):
            self.at = end
            return True
        return False

    def count(self, number: int, start: int) -> None:
        self.terms += number
        if self.terms > MAX_TERMS:
            self.fail("too-many-terms", start)


def parse(text: str) -> Query:
    """Return the query that ``text`` says; raises ``QueryError`` for what cannot be read."""
    if len(text.encode("utf-8", "replace")) > MAX_BYTES:
        raise QueryError("too-long", 0, len(text))
    text = "".join(c if c.isprintable() or c in "\t\n" else " " for c in text)
    reader = _Reader(text)
    clauses = _sequence(reader, 0)
    if reader.at < len(text):
        reader.fail("unbalanced-parenthesis")
    return Query(tuple(clauses))


def _sequence(reader: _Reader, depth: int) -> list[Clause]:  # noqa: C901 - the grammar in one place
    """Read clauses up to a closing parenthesis or the end; AND binds before OR."""
    found: list[Clause] = []
    pending = ""
    while True:
        reader.space()
        here = reader.at
        if not reader.peek() or reader.peek() == ")":
            break
        if reader.keyword("OR") or reader.keyword("ATAU"):
            if not found or pending:
                reader.fail("operator-without-operand", here)
            pending = "OR"
            continue
        if reader.keyword("AND") or reader.keyword("DAN"):
            if not found or pending:
                reader.fail("operator-without-operand", here)
            pending = "AND"
            continue
        clause = _clause(reader, depth)
        if clause is None:
            continue
        if pending == "OR":
            if Occur.NOT in (clause.occur, found[-1].occur):
                reader.fail("not-beside-or", here)
            found[-1] = Clause(Occur.MUST, Group((*_sides(found[-1]), *_sides(clause))))
        elif pending == "AND":
            found[-1] = _required(found[-1])
            found.append(_required(clause))
        else:
            found.append(clause)
        pending = ""
    if pending:
        reader.fail("operator-without-operand", max(0, reader.at - 1))
    return found


def _sides(clause: Clause) -> tuple[Clause, ...]:
    """Return what one side of OR adds: ``(a OR b) OR c`` is one group of three."""
    if isinstance(clause.node, Group) and _is_either(clause.node):
        return clause.node.clauses
    return (Clause(Occur.SHOULD, clause.node),)


def _required(clause: Clause) -> Clause:
    return clause if clause.occur is Occur.NOT else Clause(Occur.MUST, clause.node)


def _is_either(group: Group) -> bool:
    return len(group.clauses) > 1 and all(member.occur is Occur.SHOULD for member in group.clauses)


def _clause(reader: _Reader, depth: int) -> Clause | None:
    occur = Occur.SHOULD
    while True:
        reader.space()
        here = reader.at
        if reader.keyword("NOT") or reader.keyword("BUKAN"):
            occur = Occur.MUST if occur is Occur.NOT else Occur.NOT
            reader.space()
            if not reader.peek() or reader.peek() == ")":
                reader.fail("operator-without-operand", here)
            continue
        if (sign := reader.peek()) and sign in "-+":
            following = reader.text[reader.at + 1 : reader.at + 2]
            reader.at += 1
            if not following or following.isspace() or following in "-+)":
                return None  # a dash between words is no operator
            occur = Occur.MUST if sign == "+" or occur is Occur.NOT else Occur.NOT
            continue
        break
    node = _node(reader, depth)
    if node is None:
        return None
    if occur is Occur.SHOULD and isinstance(node, Phrase | Field | Range | Group):
        occur = Occur.MUST
    return Clause(occur, node)


def _node(reader: _Reader, depth: int) -> Node | None:
    here = reader.at
    if reader.peek() == "(":
        return _parenthesis(reader, depth)
    if reader.peek() in _QUOTES:
        return _phrase(reader)
    if (found := _FIELD.match(reader.text, reader.at)) and (name := FIELDS.get(found.group(1).casefold())):
        reader.at = found.end()
        return _field(reader, name, here)
    found = _BARE.match(reader.text, reader.at)
    if found is None:
        reader.at += 1
        return None
    reader.at = found.end()
    return _word(reader, found.group(), here)


def _parenthesis(reader: _Reader, depth: int) -> Node | None:
    here = reader.at
    if depth >= MAX_DEPTH:
        reader.fail("too-deep", here)
    reader.at += 1
    clauses = _sequence(reader, depth + 1)
    if reader.peek() != ")":
        reader.fail("unbalanced-parenthesis", here)
    reader.at += 1
    if len(clauses) == 1 and (
        clauses[0].occur is Occur.SHOULD
        or (clauses[0].occur is Occur.MUST and not isinstance(clauses[0].node, Word | Prefix))
    ):
        return clauses[0].node
    return Group(tuple(clauses)) if clauses else None


def _phrase(reader: _Reader) -> Node | None:
    here = reader.at
    reader.at += 1
    end = next((n for n in range(reader.at, len(reader.text)) if reader.text[n] in _QUOTES), -1)
    if end < 0:
        reader.at = len(reader.text)
        reader.fail("unbalanced-quotes", here)
    terms = _terms(reader.text[reader.at : end])
    reader.at = end + 1
    reader.count(len(terms), here)
    return Phrase(terms) if terms else None


def _terms(text: str) -> tuple[str, ...]:
    return tuple(token.term for token in tokenise(text) if not token.whole)


def _word(reader: _Reader, raw: str, here: int) -> Node | None:
    if raw.endswith("*") and (stem := raw.rstrip("*")):
        terms = _terms(stem)
        if len(terms) == 1:
            if len(terms[0]) < MIN_PREFIX:
                reader.fail("short-prefix", here, str(MIN_PREFIX))
            reader.count(1, here)
            return Prefix(terms[0])
    words = words_of(raw)
    reader.count(sum(max(1, len(word.parts)) for word in words), here)
    if len(words) < 2:  # noqa: PLR2004 - nothing, or one word
        return words[0] if words else None
    return Group(tuple(Clause(Occur.SHOULD, word) for word in words))


def words_of(text: str) -> list[Word]:
    """Return the words of a text; a joined word is one word with its parts."""
    found: list[Word] = []
    inside = -1
    for token in tokenise(text):
        if token.whole:
            inside = token.end
            found.append(Word(token.term, (), fold(text[token.start : token.end])))
        elif token.start < inside:
            last = found[-1]
            found[-1] = Word(last.term, (*last.parts, token.term), last.spelling)
        else:
            found.append(Word(token.term))
    return found


def _field(reader: _Reader, name: str, here: int) -> Node:
    values: list[str] = []
    if reader.peek() == "(":
        reader.at += 1
        while True:
            reader.space()
            if reader.peek() == ")":
                reader.at += 1
                break
            if not reader.peek():
                reader.fail("unbalanced-parenthesis", here)
            if reader.keyword("OR") or reader.keyword("ATAU"):
                continue
            values += _value(reader, here)
    else:
        values += _value(reader, here)
    if not values:
        reader.fail("empty-field", here, name)
    reader.count(len(values), here)
    if name in _RANGED and len(values) == 1 and (found := _range(reader, name, values[0], here)):
        return found
    return Field(name, tuple(dict.fromkeys(values)))


def _value(reader: _Reader, here: int) -> list[str]:
    if reader.peek() and reader.peek() in _QUOTES:
        reader.at += 1
        end = next((n for n in range(reader.at, len(reader.text)) if reader.text[n] in _QUOTES), -1)
        if end < 0:
            reader.at = len(reader.text)
            reader.fail("unbalanced-quotes", here)
        raw, reader.at = reader.text[reader.at : end], end + 1
    elif found := _BARE.match(reader.text, reader.at):
        raw, reader.at = found.group(), found.end()
    else:
        return []
    value = " ".join(fold(raw).split())
    return [value] if value else []


def _range(reader: _Reader, name: str, value: str, here: int) -> Range | None:
    """Return the range that ``2022..2023``, ``>=2023-01-01`` or a single date says."""
    for sign in (">=", "<=", ">", "<"):
        if value.startswith(sign):
            bound = value.removeprefix(sign)
            low, high = _bounds(reader, name, bound, here)
            if sign == ">=":
                return Range(name, low, 0)
            if sign == ">":
                return Range(name, high + 1, 0)
            return Range(name, 0, high if sign == "<=" else low - 1)
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
    if not _NUMBER.fullmatch(text):
        reader.fail("bad-date", here, text[:40])
    numbers = [int(part) for part in text.split("-")]
    if name == "tahun":
        if len(numbers) > 1:
            reader.fail("bad-year", here, text[:40])
        return numbers[0], numbers[0]
    try:
        first = date(*[*numbers, 1, 1][:3])
    except ValueError:
        reader.fail("bad-date", here, text[:40])
    low = first.year * 10_000 + first.month * 100 + first.day
    if len(numbers) == 3:  # noqa: PLR2004 - year, month, day
        return low, low
    if len(numbers) == 2:  # noqa: PLR2004 - year, month
        return low, first.year * 10_000 + first.month * 100 + 31
    return low, first.year * 10_000 + 1231


# -- printing ------------------------------------------------------------------------------------


def to_text(query: Query) -> str:
    """Return text that ``parse`` reads as ``query`` again."""
    return _print(query.clauses)


def _print(clauses: tuple[Clause, ...]) -> str:
    return " ".join(_print_clause(clause) for clause in clauses)


def _print_clause(clause: Clause) -> str:
    node = clause.node
    body = _print_node(node)
    implied = isinstance(node, Phrase | Field | Range | Group)
    if clause.occur is Occur.NOT:
        return f"-{body}"
    if clause.occur is Occur.MUST and not implied:
        return f"+{body}"
    return body


def _print_node(node: Node) -> str:  # noqa: PLR0911 - one return a kind of node
    match node:
        case Word(term, _, spelling):
            return spelling or term
        case Prefix(term):
            return f"{term}*"
        case Phrase(terms):
            return '"' + " ".join(terms) + '"'
        case Field(name, values):
            shown = [f'"{value}"' if re.search(r"[\s()]", value) else value for value in values]
            return f"{name}:{shown[0]}" if len(shown) == 1 else f"{name}:({' OR '.join(shown)})"
        case Range("tahun", low, high):
            return f"tahun:{low or ''}..{high or ''}"
        case Range(name, low, high):
            return f"{name}:{_day(low)}..{_day(high)}"
        case Group(clauses):
            if _is_either(node):
                return "(" + " OR ".join(_print_clause(clause) for clause in clauses) + ")"
            return f"({_print(clauses)})"


def _day(value: int) -> str:
    return f"{value // 10_000:04d}-{value // 100 % 100:02d}-{value % 100:02d}" if value else ""
