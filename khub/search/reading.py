"""How a query was understood, in words and names instead of signs and codes."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from flask import request
from flask_babel import format_date, ngettext

from indexer.analysis import fold
from indexer.query import (
    Clause,
    Field,
    Fuzzy,
    Group,
    Joined,
    Node,
    Occur,
    Phrase,
    Prefix,
    Query,
    Range,
    Word,
    misnamed,
    parse,
    to_text,
)
from khub import i18n, web
from khub.errors import N_
from khub.i18n import gettext
from khub.search import address, labels, showing

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from indexer.query import QueryError
    from khub.search.showing import Words

#: Values that are named when one is not known.
_OFFERED = 12
#: Letters of a faulty query that are shown before and behind the place.
_AROUND = 150
_LIKE = 0.5
_FIELDS: dict[str, str] = {**showing.FACETS, "judul": N_("Judul")}
_FIXED: dict[str, tuple[str, ...]] = {
    "status": ("draft", "submitted", "returned", "approved", "locked", "withdrawn"),
    "bahasa": ("id", "en"),
    "klasifikasi": ("terbuka", "internal", "terbatas"),
}
_ERRORS: dict[str, str] = {
    "too-long": N_("Kueri ini terlalu panjang. Batasnya 1.024 bita."),
    "too-many-terms": N_("Kueri ini memuat terlalu banyak kata. Batasnya 64."),
    "too-deep": N_("Tanda kurung bersarang terlalu dalam."),
    "unbalanced-parenthesis": N_("Ada tanda kurung tanpa pasangan."),
    "unbalanced-quotes": N_("Ada tanda kutip tanpa pasangan."),
    "operator-without-operand": N_("AND, OR, dan NOT perlu kata di kedua sisinya."),
    "short-prefix": N_("Awalan sebelum * sekurangnya dua huruf."),
    "short-fuzzy": N_("Ejaan mirip (~) hanya untuk kata sekurangnya empat huruf, bukan singkatan."),
    "bad-slop": N_('Jarak kata pada frasa ditulis 0 sampai 9, misalnya "guru agama"~3.'),
    "bad-distance": N_("Sesudah ~ ditulis 1 atau 2, misalnya pelatihan~1."),
    "empty-field": N_("Saringan ini belum diberi nilai, misalnya pilar:2."),
    "range-backwards": N_("Rentang ini terbalik: awalnya sesudah akhirnya."),
    "bad-date": N_("Tanggal ini tidak dikenali. Tulis 2023, 2023-10, atau 2023-10-09."),
    "bad-year": N_("Tahun ini tidak dikenali. Tulis empat angka."),
}


@dataclass(frozen=True, slots=True)
class Said:
    """A clause in words; ``also``: what is found with it, by its other forms; ``ranks``: none must have it."""

    text: str
    also: tuple[str, ...] = ()
    ranks: bool = False


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value of a filter that names nothing; ``known``: some that do, the likeliest first."""

    field: str
    value: str
    known: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Misnaming:
    """Names that no filter has, with the address of the search by the filters they may have meant."""

    names: tuple[str, ...]
    text: str
    href: str


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a query cannot be read: the words, and the text cut around the place."""

    text: str
    before: str
    place: str
    after: str


def fault(error: QueryError) -> str:
    """Return what is wrong with a query, as a msgid."""
    return _ERRORS.get(error.code, N_("Kueri ini tidak terbaca."))


def trouble(text: str, error: QueryError) -> Trouble:
    """Return what is wrong with ``text``, and where; of a long text what stands around the place."""
    start = min(error.position, len(text))
    end = min(start + min(error.length, 2 * _AROUND), len(text))
    first, last = max(0, start - _AROUND), min(len(text), end + _AROUND)
    return Trouble(
        gettext(fault(error)),
        ("… " if first else "") + text[first:start],
        text[start:end],
        text[end:last] + (" …" if last < len(text) else ""),
    )


_CAUSES: dict[str, str] = {
    "form": N_("persis"),
    "stem": N_("bentuk lain"),
    "synonym": N_("kata semakna"),
    "prefix": N_("awalan"),
    "fuzzy": N_("ejaan mirip"),
    "phrase": N_("frasa"),
}


def cause(code: str) -> str:
    """Return why a word counts as a match."""
    return str(gettext(_CAUSES.get(code, code)))


def clause(text: str, words: Words) -> str:
    """Return one clause of a query, as the grammar writes it, in words."""
    return " · ".join(each.text for each in said(parse(text), words))


def said(query: Query, words: Words, dropped: Collection[str] = ()) -> list[Said]:
    """Return every clause of ``query`` in words, without the common words that were ``dropped``."""
    return [
        _clause(clause, words)
        for clause in query.clauses
        if clause.occur is not Occur.SHOULD
        or not isinstance(clause.node, Word)
        or clause.node.term not in dropped
    ]


def _clause(clause: Clause, words: Words) -> Said:
    node, also = clause.node, tuple(dict.fromkeys(_joined(clause, words)))
    if isinstance(node, Joined):
        node = node.asked
    text = node_text(node, words)
    if clause.occur is Occur.NOT:
        text = str(gettext("tanpa %(term)s", term=text))
    elif clause.occur is Occur.MUST and isinstance(node, Word | Prefix | Fuzzy):
        text = str(gettext("harus memuat %(term)s", term=text))
    return Said(text, also, clause.occur is Occur.SHOULD)


def _joined(clause: Clause, words: Words) -> Iterator[str]:
    """Yield the other forms that are found for the words of a clause, those within parentheses, too."""
    for each in Query((clause,)).nodes():
        if isinstance(each.node, Joined):
            yield from (node_text(other, words) for other in each.node.others)


def node_text(node: Node, words: Words) -> str:  # noqa: PLR0911 - one return a kind of node
    """Return one node in words."""
    match node:
        case Joined(asked, others):
            return f" {gettext('atau')} ".join(node_text(each, words) for each in (asked, *others))
        case Fuzzy(term, distance):
            return str(
                ngettext(
                    "%(term)s, juga bila ejaannya berbeda %(num)s huruf",
                    "%(term)s, juga bila ejaannya berbeda sampai %(num)s huruf",
                    distance,
                    term=term,
                )
            )
        case Word(term, (), ""):
            return _typed((term,), words)
        case Phrase(terms, slop) if slop:
            return str(
                ngettext(
                    "“%(words)s” dengan paling banyak %(num)s kata di antaranya",
                    "“%(words)s” dengan paling banyak %(num)s kata di antaranya",
                    slop,
                    words=_typed(terms, words),
                )
            )
        case Prefix(term):
            return str(gettext("kata berawalan %(term)s", term=term))
        case Phrase(terms, _):
            return f"“{_typed(terms, words)}”"
        case Field(name, values):
            between = f" {gettext('atau')} "
            shown = between.join(showing.word(name, value, words) for value in values)
            return f"{gettext(_FIELDS.get(name, name))}: {shown}"
        case Range(name, low, high):
            return _range(name, low, high)
        case Group(clauses):
            between = f" {gettext('atau')} " if node.is_either else f" {gettext('dan')} "
            return "(" + between.join(_clause(member, words).text for member in clauses) + ")"
    return to_text(Query((Clause(Occur.SHOULD, node),)))


def _typed(terms: Iterable[str], words: Words) -> str:
    typed = words.get(showing.TYPED, {})
    return " ".join(typed.get(term, term) for term in terms)


def _range(name: str, low: int, high: int) -> str:
    sides = [_day(name, value) if value else "" for value in (low, high)]
    label = gettext("Tahun") if name == "tahun" else gettext("Diajukan")
    if not sides[0]:
        return f"{label}: {gettext('sampai %(date)s', date=sides[1])}"
    if not sides[1]:
        return f"{label}: {gettext('sejak %(date)s', date=sides[0])}"
    return f"{label}: {sides[0] if low == high else f'{sides[0]}–{sides[1]}'}"


def _day(name: str, value: int) -> str:
    if name == "tahun":
        return str(value)
    return str(format_date(date(value // 10_000, value // 100 % 100, value % 100), "d MMMM y"))


def unknown(query: Query, words: Words) -> list[Unknown]:
    """Return the values of filters in ``query`` that name nothing, with some that would."""
    found = []
    for name, value in _values(query):
        if name in _FIXED:
            if value not in _FIXED[name]:
                found.append(
                    Unknown(
                        _name(name), value, tuple(showing.word(name, each, words) for each in _FIXED[name])
                    )
                )
        elif name in labels.NAMED and value not in words.get(name, {}):
            every = web.ask(labels.names, [name], i18n.language())
            found.append(Unknown(_name(name), value, tuple(_likely(value, every.get(name, {})))))
        elif name == "tahun" and not value.isdecimal():
            found.append(Unknown(_name(name), value, ()))
    return found


def misnaming(text: str) -> Misnaming | None:
    """Return what in the text of the present search looks like a filter and is none."""
    found = misnamed(text)
    if found is None:
        return None
    href = request.path + address.tail(address.changed(address.here(), "q", found.text))
    return Misnaming(tuple(f"{name}:" for name in found.names), found.text, href)


def _name(name: str) -> str:
    return str(gettext(_FIELDS[name]))


def _values(query: Query) -> Iterable[tuple[str, str]]:
    for clause in query.nodes():
        if isinstance(clause.node, Field):
            for value in clause.node.values:
                yield clause.node.name, value


def _likely(value: str, shown: Mapping[str, str]) -> list[str]:
    """Return what ``value`` may have meant: all where they are few, else those that look like it."""
    if len(shown) <= _OFFERED:
        return list(shown.values())
    by_text = {fold(text): text for pair in shown.items() for text in pair}
    near = difflib.get_close_matches(value, by_text, n=_OFFERED, cutoff=_LIKE)
    inside = [text for text in shown.values() if value in fold(text)]
    return list(dict.fromkeys([*inside, *(shown.get(by_text[each], by_text[each]) for each in near)]))[
        :_OFFERED
    ]
