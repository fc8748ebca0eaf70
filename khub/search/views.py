"""Results, and all matching pages of one keluaran."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext

from indexer.ports import FACETS, IndexUnavailableError
from indexer.query import Occur, QueryError, to_text
from khub import i18n, web
from khub.errors import N_, NotFoundError, UnavailableError
from khub.products import pages, wording
from khub.products.detail import detail as find_detail
from khub.search import labels, service

if TYPE_CHECKING:
    from collections.abc import Sequence

    from indexer.ports import FacetCount
    from indexer.query import Query
    from khub.search.service import Answer, FoundPage, Request

bp = Blueprint("search", __name__)
bp.add_app_template_filter(wording.page_word, "sebut_halaman")

_SIZE = 10
#: Values of a facet that are shown before "n lain"; titles of actions are long.
_SHORT = 6
_SHORT_OF = {"aksi": 3}
_LAST_PAGE = 1000

_FACETS: dict[str, str] = {
    "pilar": N_("Pilar"),
    "jenis": N_("Jenis"),
    "kl": N_("K/L"),
    "periode": N_("Periode"),
    "status": N_("Status"),
    "aksi": N_("Aksi"),
    "tahun": N_("Tahun"),
    "bahasa": N_("Bahasa"),
    "klasifikasi": N_("Klasifikasi"),
}
_VALUES: dict[str, str] = {
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
_ERRORS: dict[str, str] = {
    "too-long": N_("Kueri ini terlalu panjang. Batasnya 1.024 bita."),
    "too-many-terms": N_("Kueri ini memuat terlalu banyak kata. Batasnya 64."),
    "too-deep": N_("Tanda kurung bersarang terlalu dalam."),
    "unbalanced-parenthesis": N_("Ada tanda kurung tanpa pasangan."),
    "unbalanced-quotes": N_("Ada tanda kutip tanpa pasangan."),
    "operator-without-operand": N_("AND, OR, dan NOT perlu kata di kedua sisinya."),
    "short-prefix": N_("Awalan sebelum * sekurangnya dua huruf."),
    "empty-field": N_("Saringan ini belum diberi nilai, misalnya pilar:2."),
    "range-backwards": N_("Rentang ini terbalik: awalnya sesudah akhirnya."),
    "bad-date": N_("Tanggal ini tidak dikenali. Tulis 2023, 2023-10, atau 2023-10-09."),
    "bad-year": N_("Tahun ini tidak dikenali. Tulis empat angka."),
}


@dataclass(frozen=True, slots=True)
class FacetValue:
    """One value of a facet, with what the count becomes after the click."""

    value: str
    label: str
    count: int
    selected: bool
    added: bool


@dataclass(frozen=True, slots=True)
class FacetShown:
    """A facet; ``rest`` are the values behind "n lain"."""

    name: str
    label: str
    values: list[FacetValue]
    rest: list[FacetValue]


@dataclass(frozen=True, slots=True)
class Chip:
    """An active filter and the address without it."""

    label: str
    href: str


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a query cannot be read: the words, and the text cut around the place."""

    text: str
    before: str
    place: str
    after: str


@dataclass(frozen=True, slots=True)
class ResultsPage:
    """The page of results."""

    text: str
    answer: Answer | None
    facets: list[FacetShown]
    chips: list[Chip]
    clear: str
    sort: str
    sorts: list[tuple[str, str, bool]]
    pager: web.Pager
    trouble: Trouble | None
    unavailable: str
    terms: list[str]


@dataclass(frozen=True, slots=True)
class MatchesPage:
    """All matching pages of one keluaran."""

    text: str
    product: str
    title: str
    pages: tuple[FoundPage, ...]


# -- results ---------------------------------------------------------------------------------------


@bp.get("/cari")
def results() -> Response:
    """Search."""
    asked = _asked()
    number = asked.page
    try:
        answer = web.services().search.run(web.actor(), asked)
    except QueryError as error:
        page = _page(asked, None, trouble=_trouble(asked.text, error))
        return web.show("search/results.html", page, 400)
    except IndexUnavailableError:
        page = _page(asked, None, unavailable=_building())
        return web.show("search/results.html", page, 503)
    if number > 1 and not answer.found and answer.total_products:
        raise NotFoundError
    return web.show("search/results.html", _page(asked, answer))


def _asked() -> Request:
    filters = {
        name: frozenset(value[:200] for value in request.args.getlist(name) if value) for name in FACETS
    }
    return service.Request(
        text=request.args.get("q", ""),
        filters={name: values for name, values in filters.items() if values},
        sort="date" if request.args.get("urut") == "tanggal" else "relevance",
        page=web.page_number(limit=_LAST_PAGE),
        size=_SIZE,
        all_versions=request.args.get("versi") == "semua",
    )


def _building() -> str:
    state = web.services().index_state()
    if state is None:
        return str(gettext("Indeks sedang disiapkan. Muat ulang sebentar lagi; kueri Anda tetap di sini."))
    return str(gettext("Indeks sedang dibangun: %(percent)s %%. Kueri Anda tetap di sini.", percent=state))


def _page(
    asked: Request, answer: Answer | None, *, trouble: Trouble | None = None, unavailable: str = ""
) -> ResultsPage:
    facets = _facets(asked, answer)
    known = {
        (facet.name, value.value): value.label for facet in facets for value in (*facet.values, *facet.rest)
    }
    total = answer.total_products if answer is not None else 0
    here = [(key, value) for key in request.args for value in request.args.getlist(key) if key != "hlm"]
    return ResultsPage(
        text=asked.text,
        answer=answer,
        facets=facets,
        chips=[
            Chip(known.get((name, value), value), _address(here, without=(name, value)))
            for name, values in asked.filters.items()
            for value in sorted(values)
        ],
        clear=_address([("q", asked.text)]),
        sort=asked.sort,
        sorts=[
            (gettext("Relevansi"), _address([p for p in here if p[0] != "urut"]), asked.sort == "relevance"),
            (
                gettext("Terbaru"),
                _address([*(p for p in here if p[0] != "urut"), ("urut", "tanggal")]),
                asked.sort == "date",
            ),
        ],
        pager=web.Pager(asked.page, _SIZE, min(total, _SIZE * _LAST_PAGE)),
        trouble=trouble,
        unavailable=unavailable,
        terms=_terms(answer.query) if answer is not None else [],
    )


def _address(pairs: Sequence[tuple[str, str]], without: tuple[str, str] | None = None) -> str:
    kept = [pair for pair in pairs if pair != without]
    return f"{url_for('search.results')}?{urlencode(kept)}"


def _facets(asked: Request, answer: Answer | None) -> list[FacetShown]:
    if answer is None:
        return []
    words = web.ask(
        labels.names, {name: [count.value for count in counts] for name, counts in answer.facets.items()}
    )
    english = i18n.language() == "en"
    shown = []
    for name, label in _FACETS.items():
        counts = answer.facets.get(name, ())
        chosen = bool(asked.filters.get(name))
        values = [
            FacetValue(
                count.value,
                _word(name, count, words, english=english),
                count.count,
                count.selected,
                added=chosen and not count.selected,
            )
            for count in sorted(counts, key=lambda count: not count.selected)
        ]
        if values:
            first = max(_SHORT_OF.get(name, _SHORT), sum(value.selected for value in values))
            shown.append(FacetShown(name, gettext(label), values[:first], values[first:]))
    return shown


def _word(
    name: str, count: FacetCount, words: dict[str, dict[str, tuple[str, str]]], *, english: bool
) -> str:
    known = words.get(name, {}).get(count.value)
    if known is not None:
        return known[1] if english else known[0]
    return gettext(_VALUES[count.value]) if count.value in _VALUES else count.value


def _trouble(text: str, error: QueryError) -> Trouble:
    shown = text[:300]
    start, end = min(error.position, len(shown)), min(error.position + error.length, len(shown))
    return Trouble(
        gettext(_ERRORS.get(error.code, N_("Kueri ini tidak terbaca."))),
        shown[:start],
        shown[start:end],
        shown[end:],
    )


def _terms(query: Query) -> list[str]:
    shown = []
    for clause in query.clauses:
        text = to_text(replace(query, clauses=(clause,)))
        shown.append(gettext("tanpa %(term)s", term=text.lstrip("-")) if clause.occur is Occur.NOT else text)
    return shown


@bp.get("/cari/<product>")
def matches(product: str) -> Response:
    """Show every matching page of one keluaran."""
    text = request.args.get("q", "")
    found = web.ask(find_detail, product, web.services().clock.now(), version=None, snapshot=None)
    product_id = web.ask(pages.product_number, product)
    try:
        shown = web.services().search.shown(web.actor(), text, product_id)
    except QueryError as error:
        return web.show("search/results.html", _page(_asked(), None, trouble=_trouble(text, error)), 400)
    except IndexUnavailableError as error:
        raise UnavailableError(N_("Indeks sedang dibangun. Muat ulang sebentar lagi.")) from error
    return web.show("search/matches.html", MatchesPage(text, product, found.title, shown))
