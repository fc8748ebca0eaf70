"""Results, all matching pages of one keluaran, and what could not be searched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Blueprint, Response

from indexer.ports import IndexUnavailableError
from indexer.query import QueryError
from khub import web
from khub.errors import N_, NotFoundError, UnavailableError
from khub.i18n import gettext
from khub.products import pages, wording
from khub.products.detail import detail as find_detail
from khub.search import address, marked, reading, scope, service, showing
from khub.search.offers import offers
from khub.turns import in_turn

if TYPE_CHECKING:
    from collections.abc import Mapping

    from indexer.ports import Explanation
    from khub.search.hits import FoundPage
    from khub.search.offers import Offers
    from khub.search.reading import Misnaming, Said, Trouble, Unknown
    from khub.search.scope import Unread
    from khub.search.service import Answer, Request
    from khub.search.showing import Bar, Chip, FacetShown

bp = Blueprint("search", __name__)
bp.add_app_template_filter(wording.page_word, "sebut_halaman")
bp.add_app_template_filter(wording.state_word, "sebut_keadaan")
bp.add_app_template_filter(reading.cause, "sebut_sebab")
bp.add_app_template_filter(marked.marked, "bertanda")
bp.add_app_template_filter(marked.snippet, "cuplikan")

_SIZE = 10
_LAST_PAGE = 1000
_SORTS = {"": N_("Relevansi"), "tanggal": N_("Terbaru")}
_VERSIONS = {"": N_("terakhir"), "semua": N_("semua")}
#: Matching pages of one keluaran, and files that could not be searched, on one page.
_MATCHES = 20
_UNREAD = 50


@dataclass(frozen=True, slots=True)
class ResultsPage:
    """The page of results. ``tail``: what the links to the pages behind it carry along."""

    text: str
    answer: Answer | None
    facets: list[FacetShown]
    chips: list[Chip]
    clear: str
    sorts: list[tuple[str, str, bool]]
    versions: list[tuple[str, str, bool]]
    all_versions: bool
    dates: str
    pager: web.Pager
    trouble: Trouble | None
    unavailable: str
    said: list[Said]
    unknown: list[Unknown]
    misnaming: Misnaming | None
    unread: list[tuple[str, int]]
    bars: list[Bar]
    offers: Offers
    without_synonyms: str
    with_synonyms: str
    tail: str
    hidden: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class MatchesPage:
    """The matching pages of one keluaran."""

    text: str
    product: str
    title: str
    pages: tuple[FoundPage, ...]
    pager: web.Pager
    back: str
    tail: str


@dataclass(frozen=True, slots=True)
class WhyPage:
    """Why a keluaran is among the results."""

    text: str
    product: str
    title: str
    explained: Explanation
    back: str
    tail: str


@dataclass(frozen=True, slots=True)
class UnreadPage:
    """The files in the scope of a search that could not be searched."""

    text: str
    chips: list[Chip]
    files: list[Unread]
    pager: web.Pager
    back: str


# -- results ---------------------------------------------------------------------------------------


@bp.get("/cari")
@in_turn
def results() -> Response:
    """Search."""
    asked = address.asked(web.page_number(limit=_LAST_PAGE), _SIZE)
    with web.one_moment():
        return _results(asked)


def _results(asked: Request) -> Response:
    try:
        answer = web.ask(web.services().search.answer, asked, advised=asked.page == 1)
    except QueryError as error:
        return _unread_query(asked, error)
    except IndexUnavailableError:
        return web.show("search/results.html", _page(asked, None, unavailable=_building()), 503)
    if asked.page > 1 and not answer.found and answer.total_products:
        raise NotFoundError
    if asked.page == 1:
        web.services().asked.note(web.actor(), asked.text, asked.filters, answer.total_products)
    return web.show("search/results.html", _page(asked, answer))


def _unread_query(asked: Request, error: QueryError) -> Response:
    text = error.text if isinstance(error, service.FilterError) else asked.text
    return web.show("search/results.html", _page(asked, None, trouble=reading.trouble(text, error)), 400)


def _building() -> str:
    state = web.services().index_state()
    if state is None:
        return str(gettext("Indeks sedang disiapkan. Muat ulang sebentar lagi; kueri Anda tetap di sini."))
    return str(gettext("Indeks sedang dibangun: %(percent)s %%. Kueri Anda tetap di sini.", percent=state))


def _page(
    asked: Request,
    answer: Answer | None,
    *,
    trouble: Trouble | None = None,
    unavailable: str = "",
) -> ResultsPage:
    words = showing.names(asked, answer)
    total = answer.total_products if answer is not None else 0
    here = address.here()
    without, joined = showing.synonyms(asked, answer)
    return ResultsPage(
        text=asked.text,
        answer=answer,
        facets=showing.facets(asked, answer, words),
        chips=showing.chips(asked, words),
        clear=address.results(pair for pair in here if pair[0] not in address.FILTERS),
        sorts=_ways(here, "urut", "tanggal" if asked.sort == "date" else "", _SORTS),
        versions=_ways(here, "versi", "semua" if asked.all_versions else "", _VERSIONS),
        all_versions=asked.all_versions,
        dates=" ".join(sorted(asked.filters.get("tanggal", ()))),
        pager=web.Pager(asked.page, _SIZE, min(total, _SIZE * _LAST_PAGE)),
        trouble=trouble,
        unavailable=unavailable,
        said=reading.said(answer.asked, words, answer.dropped) if answer is not None else [],
        unknown=reading.unknown(answer.asked, words) if answer is not None else [],
        misnaming=reading.misnaming(asked.text) if answer is not None else None,
        unread=_counted(answer.unread) if answer is not None else [],
        bars=showing.histogram(answer.months, service.ranges_of(asked.filters.get("tanggal", frozenset())))
        if answer is not None
        else [],
        offers=offers(answer.advice if answer is not None else None, words, products=True),
        without_synonyms=without,
        with_synonyms=joined,
        tail=address.tail(address.behind(asked.page)),
        hidden=[pair for pair in here if pair[0] not in address.FILTERS],
    )


def _ways(
    here: address.Pairs, name: str, current: str, ways: Mapping[str, str]
) -> list[tuple[str, str, bool]]:
    """Return (words, address, whether it is this one) of the ways to show the results, "" the usual one."""
    return [
        (
            gettext(words),
            address.results(address.changed(here, name, *filter(None, (value,)))),
            value == current,
        )
        for value, words in ways.items()
    ]


def _counted(unread: Mapping[str, int]) -> list[tuple[str, int]]:
    return [(wording.state_word(state), unread[state]) for state in scope.UNREAD if state in unread]


@bp.get("/cari/tak-terbaca")
def unread() -> Response:
    """List the files in the scope of a search that could not be searched, with the reason."""
    asked, number = address.asked(), web.page_number(limit=_LAST_PAGE)
    try:
        total, files = web.services().search.unread(
            web.actor(), asked, offset=(number - 1) * _UNREAD, limit=_UNREAD
        )
    except QueryError as error:
        return _unread_query(asked, error)
    if number > 1 and not files:
        raise NotFoundError
    words = showing.names(asked, None)
    back = address.back() or address.results(())
    page = UnreadPage(asked.text, showing.chips(asked, words), files, web.Pager(number, _UNREAD, total), back)
    return web.show("search/unread.html", page)


@bp.get("/cari/<product>")
def matches(product: str) -> Response:
    """Show every matching page of one keluaran."""
    asked, number = address.asked(), web.page_number(limit=_LAST_PAGE)
    found = web.ask(find_detail, product, web.services().clock.now(), version=None, snapshot=None)
    product_id = web.ask(pages.product_number, product)
    try:
        total, shown = web.services().search.shown(
            web.actor(), asked, product_id, offset=(number - 1) * _MATCHES, limit=_MATCHES
        )
    except QueryError as error:
        return _unread_query(asked, error)
    except IndexUnavailableError as error:
        raise UnavailableError(N_("Indeks sedang dibangun. Muat ulang sebentar lagi.")) from error
    if number > 1 and not shown:
        raise NotFoundError
    return web.show(
        "search/matches.html",
        MatchesPage(
            text=asked.text,
            product=product,
            title=found.title,
            pages=shown,
            pager=web.Pager(number, _MATCHES, total),
            back=address.back(),
            tail=address.tail(address.carried()),
        ),
    )


@bp.get("/cari/<product>/mengapa")
def why(product: str) -> Response:
    """Say why a keluaran is among the results: its own words and nothing about other documents."""
    asked = address.asked()
    found = web.ask(find_detail, product, web.services().clock.now(), version=None, snapshot=None)
    product_id = web.ask(pages.product_number, product)
    try:
        explained = web.services().search.explain(web.actor(), asked, product_id)
    except QueryError as error:
        return _unread_query(asked, error)
    except IndexUnavailableError as error:
        raise UnavailableError(N_("Indeks sedang dibangun. Muat ulang sebentar lagi.")) from error
    tail = address.tail(address.carried())
    return web.show(
        "search/why.html", WhyPage(asked.text, product, found.title, explained, address.back(), tail)
    )
