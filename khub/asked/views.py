"""Suggestions, one's own history, and what the Sekretariat sees of what is asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from babel.dates import format_date
from flask import Blueprint, Response, request
from flask_babel import ngettext

from khub import i18n, web
from khub.asked import queries
from khub.errors import N_
from khub.i18n import gettext
from khub.links import url_for
from khub.plan.export import as_csv

if TYPE_CHECKING:
    from datetime import date

    from khub.asked.counting import Counted
    from khub.asked.queries import Own
    from khub.asked.suggestions import Suggestion

bp = Blueprint("asked", __name__)

_SIZE = 25
_KINDS = {
    "query": N_("Pernah Anda cari"),
    "action": N_("Aksi"),
    "unit": N_("K/L"),
    "product": N_("Keluaran"),
}


@dataclass(frozen=True, slots=True)
class OwnPage:
    """One's own searches, each with the address that repeats it."""

    rows: list[tuple[Own, str]]
    pager: web.Pager


@dataclass(frozen=True, slots=True)
class CountsPage:
    """What many ask. ``empty``: only what finds nothing; ``weeks``: (label, searches, of them without hits)."""

    rows: list[Counted]
    empty: bool
    frequent: int
    hitless: int
    weeks: list[tuple[str, int, int]]
    searches: int
    unavailable: bool
    persons: int
    pager: web.Pager


@bp.get("/saran")
def suggest() -> Response:
    """Answer the search box with what it may offer."""
    found = web.services().suggestions.find(web.actor(), request.args.get("q", ""))
    said = ngettext("%(num)s saran", "%(num)s saran", len(found)) if found else gettext("Tidak ada saran")
    response = web.answer(
        said=said,
        found=[[gettext(_KINDS[each.kind]), each.text, _address(each)] for each in found],
    )
    response.headers["Cache-Control"] = "private, max-age=10"
    return response


def _address(found: Suggestion) -> str:
    match found.kind:
        case "action":
            plan, code = found.ref
            return url_for("plan.action", plan_code=plan, code=code)
        case "unit":
            return url_for("plan.institution", code=found.ref[0])
        case "product":
            return url_for("products.detail", public_id=found.ref[0])
    return url_for("search.results", q=found.text)


@bp.get("/akun/pencarian")
def own() -> Response:
    """Show one's own searches."""
    web.services().asked.flush()
    number = web.page_number()
    found = web.ask(queries.history, page=number, size=_SIZE)
    rows = [(row, url_for("search.results", q=row.text, **row.filters)) for row in found.rows]
    return web.show("asked/own.html", OwnPage(rows, web.Pager(number, _SIZE, found.total)))


@bp.post("/akun/pencarian/hapus")
def forget() -> Response:
    """Erase one's own searches."""
    web.services().asked.forget(web.actor())
    return web.go(url_for("accounts.account", selesai="pencarian"))


@bp.get("/yang-dicari")
def counts() -> Response:
    """Show what many ask, and what of it finds nothing."""
    number, empty = web.page_number(), request.args.get("lihat") == "tanpa-hasil"
    told = web.services().counting.told(web.actor())
    hitless = [row for row in told.rows if row.found == 0]
    rows = hitless if empty else list(told.rows)
    page = CountsPage(
        rows=rows[(number - 1) * _SIZE : number * _SIZE],
        empty=empty,
        frequent=len(told.rows),
        hitless=len(hitless),
        weeks=[
            (_week(monday), searches, sum(row.weeks[place] for row in hitless))
            for place, (monday, searches) in enumerate(zip(told.mondays, told.searches, strict=True))
        ],
        searches=sum(told.searches),
        unavailable=any(row.found is None for row in told.rows),
        persons=queries.PERSONS,
        pager=web.Pager(number, _SIZE, len(rows)),
    )
    return web.show("asked/counts.html", page)


@bp.get("/yang-dicari.csv")
def table() -> Response:
    """Hand the same out as CSV."""
    told = web.services().counting.told(web.actor())
    head = (
        gettext("Kueri"),
        gettext("Kali dicari"),
        gettext("Produk yang dapat Anda lihat"),
        *(_week(monday) for monday in told.mondays),
    )
    lines = [
        (row.text, str(row.searches), "" if row.found is None else str(row.found), *map(str, row.weeks))
        for row in told.rows
    ]
    headers = {"Content-Disposition": 'attachment; filename="yang-dicari.csv"'}
    return Response(as_csv([head, *lines]), content_type="text/csv; charset=utf-8", headers=headers)


def _week(monday: date) -> str:
    """Return "9 Okt 2023", the Monday of a week."""
    return str(format_date(monday, "d MMM yyyy", locale=i18n.language()))
