"""Facets, chips and the histogram of dates, as the page of results shows them."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote_plus

from babel import dates
from flask import request

from indexer.analysis import fold, tokenise
from indexer.query import Field, widened
from khub import i18n, web
from khub.errors import N_
from khub.i18n import gettext
from khub.search import address, labels

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from indexer.ports import FacetCount
    from indexer.query import Range
    from khub.search.service import Answer, Request

    #: Facet → code → its words in the page's language; ``TYPED`` → word → as the asker wrote it.
    Words = Mapping[str, Mapping[str, str]]

#: Values of a facet that are shown before "n lain"; titles of actions are long.
_SHORT = 6
_SHORT_OF = {"aksi": 3, "fokus": 3}
#: Facets of more values get a field to search them; of very long ones the rest is only found through it.
_LONG = 8
_MOST = 30
#: Months that are drawn one by one; a longer stretch is drawn by years.
_MONTHS = 36
_CHIP = 60
#: Size of the histogram in pixels.
_WIDE, _HIGH = 240, 47

TYPED = "kata"
FACETS: dict[str, str] = {
    "pilar": N_("Pilar"),
    "fokus": N_("Fokus"),
    "jenis": N_("Jenis"),
    "kl": N_("K/L"),
    "pokja": N_("Pokja"),
    "periode": N_("Periode"),
    "status": N_("Status"),
    "aksi": N_("Aksi"),
    "tahun": N_("Tahun"),
    "bahasa": N_("Bahasa"),
    "klasifikasi": N_("Klasifikasi"),
}
VALUES: dict[str, str] = {
    "draft": N_("Draf"),
    "submitted": N_("Diajukan"),
    "returned": N_("Dikembalikan"),
    "approved": N_("Disetujui"),
    "locked": N_("Terkunci"),
    "withdrawn": N_("Ditarik kembali"),
    "id": N_("Indonesia"),
    "en": N_("Inggris"),
    "terbuka": N_("terbuka"),
    "internal": N_("internal"),
    "terbatas": N_("terbatas"),
}

#: What an address may say besides words and filters.
_UNUSUAL: dict[tuple[str, str], str] = {
    ("urut", "tanggal"): N_("terbaru lebih dahulu"),
    ("versi", "semua"): N_("termasuk versi lama"),
    ("sinonim", "0"): N_("tanpa sinonim"),
}


class FacetValue(NamedTuple):
    """One value of a facet, with what the count becomes after the click."""

    value: str
    label: str
    count: int  # type: ignore[assignment] # nobody counts in a tuple of five
    selected: bool
    added: bool


@dataclass(frozen=True, slots=True)
class FacetShown:
    """A facet; ``rest`` are the values behind "n lain", ``find`` narrows both, ``hidden`` stay unshown."""

    name: str
    label: str
    values: list[FacetValue]
    rest: list[FacetValue]
    searchable: bool
    find: str
    hidden: int


@dataclass(frozen=True, slots=True)
class Chip:
    """An active filter and the address without it."""

    label: str
    href: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A month or a year of the histogram: where it begins, of ``_WIDE``, and its height, of ``_HIGH`` at most."""

    label: str
    tick: str
    count: int
    place: float
    height: float
    href: str


def word(name: str, value: str, words: Words) -> str:
    """Return what a value of a facet is called in the page's language."""
    known = words.get(name, {}).get(value)
    if known is not None:
        return known
    return str(gettext(VALUES[value])) if value in VALUES else value


def names(asked: Request, answer: Answer | None) -> Words:
    """Return the words of every value that the page shows."""
    wanted = {name for name, values in asked.filters.items() if values}
    if answer is not None:
        wanted |= {name for name, counts in answer.facets.items() if counts}
        wanted |= {clause.node.name for clause in answer.asked.nodes() if isinstance(clause.node, Field)}
    return {TYPED: _capitals(asked.text), **web.ask(labels.names, wanted, i18n.language())}


def synonyms(asked: Request, answer: Answer | None) -> tuple[str, str]:
    """Return the addresses of the same search by its own words alone, and with other forms of them again.

    "" for what the present page is, and where no other forms are joined.
    """
    here = address.here()
    if not asked.synonyms:
        return "", request.path + address.tail(address.changed(here, "sinonim"))
    joined = answer is not None and widened(answer.asked)
    return request.path + address.tail(address.changed(here, "sinonim", "0")) if joined else "", ""


def _capitals(text: str) -> dict[str, str]:
    """Return the words of ``text`` that are written in capitals, as acronyms are, by their terms."""
    written = ((token.term, text[token.start : token.end]) for token in tokenise(text))
    return {term: word for term, word in written if word.isupper() and fold(word) == term}


def facets(asked: Request, answer: Answer | None, words: Words) -> list[FacetShown]:
    """Return the facets that have anything to choose."""
    shown, args = [], request.args
    for name in FACETS:
        counts = answer.facets.get(name, ()) if answer is not None else ()
        if counts:
            find = args[f"cari_{name}"].strip()[:80] if f"cari_{name}" in args else ""
            also = web.ask(labels.called, find) if name == "kl" and find else frozenset[str]()
            shown.append(_facet(name, counts, words, find, also, chosen=bool(asked.filters.get(name))))
    return shown


def _facet(
    name: str,
    counts: Sequence[FacetCount],
    words: Words,
    find: str,
    also: frozenset[str],
    *,
    chosen: bool,
) -> FacetShown:
    """Return a facet; ``also`` are values that ``find`` finds by names which are not shown."""
    selected = sum(count.selected for count in counts)
    if selected:
        counts = sorted(counts, key=lambda count: not count.selected)
    searchable = len(counts) > _LONG
    if searchable and (wanted := fold(find).split()):
        counts = [
            count
            for count in counts
            if count.selected
            or count.value in also
            or all(part in fold(f"{count.value} {word(name, count.value, words)}") for part in wanted)
        ]
    most = max(_MOST, selected)
    first = max(most if find and searchable else _SHORT_OF.get(name, _SHORT), selected)
    values = [
        FacetValue(
            count.value,
            word(name, count.value, words),
            count.count,
            count.selected,
            added=chosen and not count.selected,
        )
        for count in counts[:most]
    ]
    return FacetShown(
        name,
        gettext(FACETS[name]),
        values[:first],
        values[first:],
        searchable,
        find,
        max(0, len(counts) - most),
    )


def chips(asked: Request, words: Words) -> list[Chip]:
    """Return the filters that are set, each with the address without it."""
    pairs = address.here()
    return [
        Chip(
            _short(period(value) if name == "tanggal" else word(name, value, words)),
            address.results(pair for pair in pairs if pair != (name, value)),
        )
        for name in address.FILTERS
        for value in sorted(asked.filters.get(name, ()))
    ]


def told(pairs: Sequence[Sequence[str]]) -> list[str]:
    """Return the filters of an address in words, and what else of it is not as usual: "Jenis: Modul"."""
    wanted: dict[str, list[str]] = {}
    for name, value in pairs:
        wanted.setdefault(name, []).append(value)
    words = web.ask(labels.names, wanted, i18n.language())
    said = [
        f"{gettext(FACETS[name])}: {' / '.join(_short(word(name, value, words)) for value in values)}"
        for name, values in wanted.items()
        if name in FACETS
    ]
    if "tanggal" in wanted:
        said.append(f"{gettext('Tanggal')}: {' / '.join(period(value) for value in wanted['tanggal'])}")
    return said + [gettext(words) for pair, words in _UNUSUAL.items() if pair[1] in wanted.get(pair[0], ())]


def _short(text: str) -> str:
    return text if len(text) <= _CHIP else text[:_CHIP].rsplit(" ", 1)[0] + " …"


def period(text: str) -> str:
    """Return dates as people say them: "Mei 2023", "2022–2023"; as written where that is not known."""
    first, between, last = text.partition("..")
    sides = [_said(side) if side else "" for side in ((first, last) if between else (first,))]
    if len(sides) == 1:
        return sides[0]
    if not sides[0]:
        return str(gettext("sampai %(date)s", date=sides[1]))
    if not sides[1]:
        return str(gettext("sejak %(date)s", date=sides[0]))
    return sides[0] if sides[0] == sides[1] else f"{sides[0]}–{sides[1]}"


def _said(text: str) -> str:
    year, *rest = text.split("-")
    if rest and year.isdecimal() and rest[0].isdecimal() and 1 <= int(rest[0]) <= 12:  # noqa: PLR2004 - months
        month = _month(int(year) * 100 + int(rest[0]))
        return f"{int(rest[1])} {month}" if len(rest) > 1 and rest[1].isdecimal() else month
    return text


def _month(number: int) -> str:
    return _month_in(number, i18n.language())


@lru_cache(maxsize=1024)
def _month_in(number: int, language: str) -> str:
    return str(dates.format_date(date(max(1, number // 100), number % 100, 1), "MMMM y", locale=language))


def histogram(months: Iterable[tuple[int, int]], within: Sequence[Range]) -> list[Bar]:
    """Return the bars of when the results were handed in; nothing for no month.

    ``within``: the dates that are chosen. Of a month that they cut, a bar counts and chooses that part.
    """
    counts = {month: count for month, count in months if 1 <= month % 100 <= 12}  # noqa: PLR2004 - months
    if not counts:
        return []
    first, last = min(counts), max(counts)
    length = (last // 100 - first // 100) * 12 + last % 100 - first % 100 + 1
    if length > _MONTHS:
        years = {
            year: sum(count for month, count in counts.items() if month // 100 == year)
            for year in range(first // 100, last // 100 + 1)
        }
        return _bars(
            [
                (str(year), str(year), _part(f"{year:04d}", year * 100 + 1, year * 100 + 12, within), count)
                for year, count in years.items()
            ]
        )
    stretch = [
        (at // 12) * 100 + at % 12 + 1
        for at in range(first // 100 * 12 + first % 100 - 1, last // 100 * 12 + last % 100)
    ]
    return _bars(
        [
            (
                _month(month),
                str(month // 100) if month % 100 == 1 or month == first else "",
                _part(f"{month // 100:04d}-{month % 100:02d}", month, month, within),
                counts.get(month, 0),
            )
            for month in stretch
        ]
    )


def _part(name: str, first: int, last: int, within: Sequence[Range]) -> str:
    """Return what chooses the months ``first`` to ``last`` (yyyymm) as far as they are ``within``."""
    low, high = first * 100 + 1, last * 100 + monthrange(last // 100, last % 100)[1]
    cut = [(max(low, each.low), min(high, each.high or high)) for each in within]
    if not cut or (low, high) in cut:
        return name
    parts = (f"{_iso(start)}..{_iso(end)}" for start, end in sorted(cut) if start <= end)
    return " ".join(dict.fromkeys(parts)) or name


def _iso(day: int) -> str:
    return f"{day // 10_000:04d}-{day // 100 % 100:02d}-{day % 100:02d}"


def _bars(rows: list[tuple[str, str, str, int]]) -> list[Bar]:
    step, top = _WIDE / len(rows), max(1, *(count for *_, count in rows))
    # Each adds only its own dates to what all have in common.
    chosen = address.results(address.changed(address.here(), "tanggal", ""))
    return [
        Bar(
            label,
            tick,
            count,
            round(at * step, 2),
            round(1 + (_HIGH - 1) * count / top, 1),
            chosen + quote_plus(value),
        )
        for at, (label, tick, value, count) in enumerate(rows)
    ]
