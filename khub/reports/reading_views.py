"""The page of a report; taking it back, confirming it, entering one atas nama a K/L."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Response, request

from khub import web
from khub.errors import ConflictError, InvalidError, NotFoundError
from khub.i18n import gettext
from khub.links import url_for
from khub.products import ids
from khub.products.forms import NOTE_LIMIT, clean
from khub.reports.reading import reading
from khub.reports.rows import Place
from khub.reports.views import bp, kept, row_address, row_form, said_in_form, typed_in

__all__ = ["bp"]

if TYPE_CHECKING:
    from khub.reports.filling import Filling
    from khub.reports.reading import Reading


@dataclass(frozen=True, slots=True)
class DetailPage:
    """The page of a report."""

    report: Reading
    errors: list[web.Problem]
    classification: str
    reason: str
    batch: str
    limit: int


@dataclass(frozen=True, slots=True)
class EnterPage:
    """The form for a row *atas nama* a K/L."""

    row: Filling
    errors: list[web.Problem]


@bp.get("/laporan-aksi/<public_id>")
def detail(public_id: str) -> Response:
    """Show a report: what it says, its evidence, its snapshots."""
    return show_detail(public_id)


def show_detail(public_id: str, errors: list[web.Problem] | None = None) -> Response:
    """Show the page of a report, with what was refused."""
    number = _number(request.args.get("c", ""))
    found = web.ask(reading, public_id, web.services().clock.now(), number)
    page = DetailPage(
        report=found,
        errors=errors or [],
        classification=request.form.get("classification", found.classification),
        reason=request.form.get("reason", ""),
        batch=ids.batch_token(),
        limit=web.services().settings.max_upload,
    )
    return web.show("reports/detail.html", page, InvalidError.status if errors else 200)


def _number(text: str) -> int | None:
    """Return the number of a snapshot, None for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else None  # noqa: PLR2004


@bp.post("/laporan-aksi/<public_id>/tarik")
def withdraw(public_id: str) -> Response:
    """Take a row back."""
    web.services().reports.withdraw(web.actor(), public_id)
    return web.go(url_for("reports.detail", public_id=public_id))


@bp.post("/laporan-aksi/<public_id>/benarkan")
def confirm(public_id: str) -> Response:
    """Confirm what was entered for the K/L."""
    web.services().reports.confirm(web.actor(), public_id, _number(request.form.get("snapshot", "")))
    return web.go(
        web.safe_next(request.form.get("kembali"))
        if request.form.get("kembali")
        else url_for("reports.detail", public_id=public_id)
    )


@bp.post("/laporan-aksi/<public_id>/klasifikasi")
def classify(public_id: str) -> Response:
    """Change who may read a report, with a reason."""
    try:
        web.services().reports.classify(
            web.actor(),
            public_id,
            request.form.get("classification", ""),
            clean(request.form.get("reason", ""))[:NOTE_LIMIT],
        )
    except InvalidError as error:
        return show_detail(public_id, web.problems(error.errors))
    return web.go(url_for("reports.detail", public_id=public_id))


@bp.route("/laporan-aksi/<plan_code>/<period>/<unit>/<code>/atas-nama", methods=["GET", "POST"])
def enter(plan_code: str, period: str, unit: str, code: str) -> Response:
    """Enter a row for a K/L with its signed letter."""
    place = Place(plan_code, period, unit, code)
    found = row_form(place)
    if found.spot.owner:
        if request.method == "POST":
            raise NotFoundError
        return web.go(row_address(place))
    if request.method == "GET":
        return web.show("reports/enter.html", EnterPage(found, []))
    letter = request.files.get("letter")
    try:
        receipt = web.services().behalf.enter(
            web.actor(),
            place,
            said_in_form(),
            letter.stream if letter else None,
            (letter.filename or "") if letter else "",
        )
    except InvalidError as error:
        page = EnterPage(typed_in(found), web.problems(error.errors))
        return web.show("reports/enter.html", page, error.status)
    except ConflictError as error:
        number = web.services().reports.pressed(web.actor(), place, said_in_form())
        if not number:
            return kept(place, gettext(error.message, **error.params), saved=False)
        receipt = number
    return web.go(url_for("products.receipt", number=receipt))
