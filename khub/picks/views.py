"""Pages of a selection: what is picked, its files and list to take along, quotes for the annual report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Blueprint, Response, g, request

from khub import i18n, web
from khub.annual import forms as annual_forms
from khub.clock import wib_date
from khub.errors import InvalidError, NotFoundError
from khub.i18n import gettext
from khub.links import url_for
from khub.picks import queries
from khub.picks.service import LARGEST, QUOTES, Quote
from khub.plan import export, workbook

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from khub.picks.queries import Picked
    from khub.picks.service import Suggestion
    from khub.products.queries import ProductRow

bp = Blueprint("picks", __name__, url_prefix="/pilihan")

_PAGE = 25
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_WIDTHS = (14, 60, 8, 16, 28, 24, 24, 24, 14, 14, 10, 10, 50)
_STATES = {
    "draft": "Draf",
    "submitted": "Diajukan",
    "returned": "Dikembalikan",
    "approved": "Disetujui",
    "locked": "Terkunci",
    "withdrawn": "Ditarik kembali",
}


@dataclass(frozen=True, slots=True)
class PicksPage:
    """The selection; ``fits``: its files are small enough for one archive."""

    picked: Picked
    pager: web.Pager
    fits: bool
    largest: int
    errors: list[web.Problem]


@dataclass(frozen=True, slots=True)
class QuotesPage:
    """What can be quoted from the selection. ``typed``: field → what was sent; ``ticked``: products to quote."""

    rows: list[Suggestion]
    pager: web.Pager
    chapters: list[tuple[str, str]]
    chapter: str
    typed: dict[str, str]
    ticked: frozenset[str]
    errors: list[web.Problem]


@bp.app_template_global("jumlah_pilihan")
def count() -> int:
    """Return how many products the person has picked."""
    g.picked = web.ask(queries.count)
    return int(g.picked)


@bp.app_template_global("yang_dipilih")
def among(products: Iterable[str]) -> frozenset[str]:
    """Return which of the products on a page are picked; where the page says that none is, nobody is asked."""
    return frozenset() if g.get("picked") == 0 else web.ask(queries.among, products)


@bp.get("")
def index() -> Response:
    """Show the selection."""
    return _page([])


def _page(errors: list[web.Problem]) -> Response:
    number = web.page_number()
    found = web.ask(queries.picked, web.services().clock.now(), number, _PAGE)
    page = PicksPage(found, web.Pager(number, _PAGE, found.total), found.size <= LARGEST, LARGEST, errors)
    return web.show("picks/index.html", page, InvalidError.status if errors else 200)


@bp.post("")
def choose() -> Response:
    """Keep what is ticked of what was shown, and go back to where it was shown."""
    try:
        total = web.services().picks.choose(
            web.actor(),
            request.form.getlist("tampak")[:200],
            request.form.getlist("pilih")[:200],
            request.form.get("kueri", ""),
        )
    except InvalidError as error:
        if web.wants_json():
            raise
        return _page(web.problems(error.errors))
    if web.wants_json():
        return web.answer(total=total)
    return web.go(web.safe_next(request.form.get("kembali")))


@bp.post("/kosongkan")
def clear() -> Response:
    """Let go of the selection."""
    web.services().picks.clear(web.actor())
    return web.go(web.safe_next(request.form.get("kembali")))


@bp.get("/berkas.zip")
def archive() -> Response:
    """Send the files of the selection as one archive; the downloads are recorded."""
    try:
        parts = web.services().picks.archive(web.actor())
    except InvalidError as error:
        return _page(web.problems(error.errors))
    response = Response(parts, content_type="application/zip")
    response.headers["Content-Disposition"] = 'attachment; filename="pilihan-khub.zip"'
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


@bp.get("/daftar.<kind>")
def table(kind: str) -> Response:
    """Send the list as CSV or XLSX; no cell becomes a formula."""
    if kind not in ("csv", "xlsx"):
        raise NotFoundError
    lines = _lines(web.ask(queries.every, web.services().clock.now()))
    if kind == "csv":
        response = Response(export.as_csv(lines), content_type="text/csv; charset=utf-8")
    else:
        data = workbook.write([(gettext("Pilihan"), lines)], _WIDTHS)
        response = Response(data, content_type=_XLSX)
    response.headers["Content-Disposition"] = f'attachment; filename="pilihan-khub.{kind}"'
    return response


def _lines(rows: list[ProductRow]) -> list[Sequence[str | int]]:
    english = i18n.language() == "en"
    base = web.services().settings.base_url or request.url_root.rstrip("/")
    head = [
        gettext("Nomor"),
        gettext("Judul"),
        gettext("Versi"),
        gettext("Status"),
        gettext("K/L"),
        gettext("Aksi"),
        gettext("Jenis"),
        gettext("Periode"),
        gettext("Klasifikasi"),
        gettext("Tanggal"),
        gettext("Berkas"),
        gettext("Halaman"),
        gettext("Alamat"),
    ]
    lines: list[Sequence[str | int]] = [
        [
            row.public_id,
            row.title,
            f"v{row.version}",
            gettext(_STATES.get(row.state, row.state)),
            row.institution,
            "; ".join(action.code for action in row.actions),
            row.kind_en if english else row.kind,
            row.period,
            gettext(row.classification),
            wib_date(row.date).isoformat(),  # sorts, in whatever opens it
            row.files,
            row.pages,
            f"{base}{url_for('products.detail', public_id=row.public_id)}",
        ]
        for row in rows
    ]
    return [head, *lines]


# -- quoting -----------------------------------------------------------------------------------------


@bp.get("/kutip")
def quotes() -> Response:
    """Show words to quote from what is picked."""
    return _quotes([])


@bp.post("/kutip")
def cite() -> Response:
    """Quote what is ticked in a chapter of an annual report."""
    form, chapter = request.form, request.form.get("bab", "")
    wanted = [
        Quote(
            product=product,
            file=form.get(f"berkas-{product}", ""),
            page=annual_forms.number(form, f"hlm-{product}", 1),
            version=annual_forms.number(form, f"v-{product}"),
            snapshot=annual_forms.number(form, f"c-{product}"),
            quote=form.get(f"quote-{product}", ""),
            reason=form.get(f"reason-{product}", ""),
        )
        for product in dict.fromkeys(form.getlist("pilih")[:QUOTES])
    ]
    try:
        web.services().picks.cite(web.actor(), chapter, wanted)
    except InvalidError as error:
        return _quotes(web.problems(error.errors), ticked=_failed(error, wanted))
    report, _, section = chapter.partition("/")
    return web.go(url_for("annual.show", public_id=report, bagian=section))


def _failed(error: InvalidError, wanted: list[Quote]) -> frozenset[str]:
    """Return what is still to be quoted: what could not be, or all where nothing was tried."""
    names = {problem.name for problem in error.errors}
    failed = {each.product for each in wanted if {f"quote-{each.product}", f"reason-{each.product}"} & names}
    return frozenset(failed or {each.product for each in wanted})


def _quotes(errors: list[web.Problem], *, ticked: frozenset[str] | None = None) -> Response:
    number = web.page_number()
    total, rows = web.services().picks.suggestions(web.actor(), number)
    page = QuotesPage(
        rows=rows,
        pager=web.Pager(number, QUOTES, total),
        chapters=web.ask(queries.chapters),
        chapter=request.form.get("bab", ""),
        typed=dict(request.form.items()),
        ticked=frozenset(row.product for row in rows if row.page) if ticked is None else ticked,
        errors=errors,
    )
    return web.show("picks/quotes.html", page, InvalidError.status if errors else 200)
