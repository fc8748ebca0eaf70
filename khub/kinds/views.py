"""Tabs of the results: the texts of reports, actions, K/L, each a page of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from flask import Blueprint, Response, request

from indexer.ports import IndexUnavailableError
from indexer.query import QueryError
from khub import web
from khub.errors import N_, NotFoundError
from khub.i18n import gettext
from khub.kinds.projection import ACTION, REPORT, UNIT
from khub.kinds.service import DOCUMENT
from khub.links import url_for
from khub.search import address, reading, service, showing
from khub.search.offers import offers

if TYPE_CHECKING:
    from indexer.query import Query
    from khub.kinds.service import KindAnswer, KindFound
    from khub.search.offers import Offers
    from khub.search.reading import Misnaming, Said, Trouble, Unknown
    from khub.search.service import Answer, Request
    from khub.search.showing import Chip, FacetShown

bp = Blueprint("kinds", __name__)

_SIZE = 20
_LAST_PAGE = 1000
_TABS = {
    DOCUMENT: (N_("Dokumen"), "search.results"),
    REPORT: (N_("Laporan K/L"), "kinds.reports"),
    ACTION: (N_("Aksi"), "kinds.actions"),
    UNIT: (N_("K/L"), "kinds.units"),
}
_PARTS = {
    (REPORT, 1): N_("Capaian"),
    (REPORT, 2): N_("Kendala"),
    (REPORT, 3): N_("Tindak lanjut"),
    (ACTION, 1): N_("Ukuran keberhasilan"),
    (ACTION, 2): N_("Keluaran yang diharapkan"),
    (UNIT, 1): N_("Nama lain"),
}

Tab = tuple[str, str, bool, int | None]


@dataclass(frozen=True, slots=True)
class KindPage:
    """The results of one kind; fields are named as those of ``ResultsPage``, whose parts show them."""

    kind: str
    label: str
    text: str
    answer: KindAnswer | None
    total: int
    tabs: list[Tab]
    facets: list[FacetShown]
    chips: list[Chip]
    clear: str
    dates: str
    bars: list[showing.Bar]
    hidden: list[tuple[str, str]]
    said: list[Said]
    unknown: list[Unknown]
    misnaming: Misnaming | None
    without_synonyms: str
    with_synonyms: str
    offers: Offers
    pager: web.Pager
    trouble: Trouble | None
    unavailable: bool


@bp.get("/cari/laporan")
def reports() -> Response:
    """Search what reports say."""
    return _show(REPORT)


@bp.get("/cari/aksi")
def actions() -> Response:
    """Search the actions of the plan."""
    return _show(ACTION)


@bp.get("/cari/kl")
def units() -> Response:
    """Search K/L by every name they have or had."""
    return _show(UNIT)


def _show(kind: str) -> Response:
    asked = address.asked(web.page_number(limit=_LAST_PAGE), _SIZE)
    try:
        answer = web.services().kinds.run(web.actor(), kind, asked, advised=asked.page == 1)
    except QueryError as error:
        text = error.text if isinstance(error, service.FilterError) else asked.text
        return web.show("kinds/results.html", _page(kind, asked, None, reading.trouble(text, error)), 400)
    except IndexUnavailableError:
        return web.show("kinds/results.html", _page(kind, asked, None), 503)
    if asked.page > 1 and not answer.found and answer.total:
        raise NotFoundError
    return web.show("kinds/results.html", _page(kind, asked, answer))


def _page(kind: str, asked: Request, answer: KindAnswer | None, trouble: Trouble | None = None) -> KindPage:
    # What is read of an answer there is in both kinds of answer.
    alike = cast("Answer | None", answer)
    words = showing.names(asked, alike)
    without, joined = showing.synonyms(asked, alike)
    here = address.here()
    total = answer.total if answer is not None else 0
    documents = url_for("search.results")
    return KindPage(
        kind=kind,
        label=gettext(_TABS[kind][0]),
        text=asked.text,
        answer=answer,
        total=total,
        tabs=[] if answer is None else _tabs(kind, total, asked, answer.asked),
        facets=showing.facets(asked, alike, words),
        chips=[
            showing.Chip(chip.label, chip.href.replace(documents, request.path, 1))
            for chip in showing.chips(asked, words)
        ],
        clear=request.path + address.tail(pair for pair in here if pair[0] not in address.FILTERS),
        dates=" ".join(sorted(asked.filters.get("tanggal", ()))),
        bars=[],
        hidden=[pair for pair in here if pair[0] not in address.FILTERS],
        said=reading.said(answer.asked, words, answer.dropped) if answer is not None else [],
        unknown=reading.unknown(answer.asked, words) if answer is not None else [],
        misnaming=reading.misnaming(asked.text) if answer is not None else None,
        without_synonyms=without,
        with_synonyms=joined,
        offers=offers(answer.advice if answer is not None else None, words, products=False),
        pager=web.Pager(asked.page, _SIZE, min(total, _SIZE * _LAST_PAGE)),
        trouble=trouble,
        unavailable=answer is None and trouble is None,
    )


def _tabs(kind: str, total: int, asked: Request, said: Query) -> list[Tab]:
    """Return the tabs; without a count where it cannot be had now."""
    try:
        counts = web.ask(web.services().kinds.counts, asked, {kind: total}, said)
    except IndexUnavailableError:
        counts = {kind: total}
    end = address.tail(address.here())
    return [
        (gettext(label), url_for(endpoint) + end, each == kind, counts.get(each))
        for each, (label, endpoint) in _TABS.items()
    ]


@bp.app_template_global("jenis_hasil")
def kind_tabs(answer: Answer) -> list[Tab]:
    """Return the tabs above the documents that the address asks for, and ``answer`` answers."""
    return _tabs(DOCUMENT, answer.total_products, address.asked(), answer.asked)


@bp.app_template_global("alamat_jenis")
def kind_address(found: KindFound) -> str:
    """Return the address of the page of what was found."""
    if found.kind == REPORT:
        return url_for("reports.detail", public_id=found.ref[0], c=found.copy)
    if found.kind == ACTION:
        return url_for("plan.action", plan_code=found.ref[0], code=found.ref[1])
    return url_for("plan.institution", code=found.ref[0])


@bp.app_template_filter("bagian_jenis")
def part_word(number: int, kind: str) -> str:
    """Return what a part of a text is called."""
    return str(gettext(_PARTS[kind, number]))
