"""The page of a report; taking it back, confirming it, entering one atas nama a K/L."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Response, request, url_for

from khub import web
from khub.errors import InvalidError, NotFoundError
from khub.products import ids
from khub.reports.reading import reading
from khub.reports.rows import Place
from khub.reports.views import bp, row_address, row_form, said_in_form, typed_in

__all__ = ["bp"]

if TYPE_CHECKING:
    from khub.reports.filling import Filling
    from khub.reports.reading import Reading


@dataclass(frozen=True, slots=True)
class DetailPage:
    """The page of a report."""

    report: Reading
    errors: list[web.Problem]
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
    text = request.args.get("c", "")
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else None  # noqa: PLR2004
    found = web.ask(reading, public_id, web.services().clock.now(), number)
    page = DetailPage(found, errors or [], ids.batch_token(), web.services().settings.max_upload)
    return web.show("reports/detail.html", page, InvalidError.status if errors else 200)


@bp.post("/laporan-aksi/<public_id>/tarik")
def withdraw(public_id: str) -> Response:
    """Take a row back."""
    web.services().reports.withdraw(web.actor(), public_id)
    return web.go(url_for("reports.detail", public_id=public_id))


@bp.post("/laporan-aksi/<public_id>/benarkan")
def confirm(public_id: str) -> Response:
    """Confirm what was entered for the K/L."""
    web.services().reports.confirm(web.actor(), public_id)
    return web.go(
        web.safe_next(request.form.get("kembali"))
        if request.form.get("kembali")
        else url_for("reports.detail", public_id=public_id)
    )


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
    return web.go(url_for("products.receipt", number=receipt))
