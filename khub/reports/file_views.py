"""Files dropped on a row: before Ajukan they become its evidence, after it they follow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Response, render_template, request

from khub import web
from khub.errors import N_, InvalidError, KhubError, NotFoundError
from khub.i18n import gettext
from khub.links import url_for
from khub.products.uploads import Place as UploadPlace
from khub.reports.reading_views import show_detail
from khub.reports.rows import Place
from khub.reports.views import bp, row_address, row_form, show_row

__all__ = ["bp"]

if TYPE_CHECKING:
    from collections.abc import Callable


@bp.post("/laporan-aksi/<plan_code>/<period>/<unit>/<code>/berkas")
def receive(plan_code: str, period: str, unit: str, code: str) -> Response:
    """Take files for a row: each becomes a draft keluaran, named as its evidence."""
    place = Place(plan_code, period, unit, code)
    if not row_form(place).spot.owner:
        raise NotFoundError
    problems = _take(
        UploadPlace(batch=request.form.get("batch", ""), action=place.action_key, period=place.period_key),
        lambda product: web.services().reports.attach(web.actor(), place, product),
        row_address(place),
    )
    if isinstance(problems, Response):
        return problems
    return show_row(row_form(place), problems, status=InvalidError.status)


@bp.post("/laporan-aksi/<public_id>/menyusul")
def follow(public_id: str) -> Response:
    """Take files that follow a press of Ajukan, under the same receipt."""
    action, period = web.services().reports.may_follow(web.actor(), public_id)
    problems = _take(
        UploadPlace(batch=request.form.get("batch", ""), action=action, period=period),
        lambda product: web.services().reports.follow(web.actor(), public_id, product),
        url_for("reports.detail", public_id=public_id),
    )
    return problems if isinstance(problems, Response) else show_detail(public_id, problems)


def _take(place: UploadPlace, then: Callable[[str], None], back: str) -> Response | list[web.Problem]:
    """Store each file and do ``then`` with the keluaran it became; returns the answer, or what was refused."""
    sent = [file for file in request.files.getlist("files") if file.filename]
    if not sent:
        raise InvalidError.one("files", N_("Belum ada berkas. Pilih berkas, lalu unggah."))
    key = request.headers.get("Idempotency-Key", "")
    problems: list[web.Problem] = []
    for number, file in enumerate(sent):
        name = file.filename or ""
        try:
            received = web.services().uploads.receive(
                web.actor(), file.stream, name, place, key=f"{key}-{number}" if key else ""
            )
            then(received.product)
        except KhubError as error:
            if web.wants_json() or not isinstance(error, InvalidError):
                raise
            problems.append(web.Problem("files", gettext(error.message, **error.params)))
        else:
            if web.wants_json():
                return web.answer(
                    file=received.file, html=render_template("reports/_received.html", name=name), card=back
                )
    return problems or web.go(back)
