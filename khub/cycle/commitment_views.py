"""Komitmen: the K/L's own task list, one answer, the reading list, receipts, letters."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request, send_file

from khub import i18n, policy, web
from khub.cycle import answers, commitment_queries, forms
from khub.cycle.commitment_queries import Filters
from khub.cycle.commitments import StaleAnswerError
from khub.cycle.seats import Place
from khub.errors import N_, ConflictError, InvalidError
from khub.i18n import gettext
from khub.links import url_for
from khub.plan import letters

if TYPE_CHECKING:
    from collections.abc import Mapping

    from khub.cycle.answers import ReceiptShown
    from khub.cycle.commitment_queries import CommitmentFull, Listing, OwnYear

bp = Blueprint("commitments", __name__)

_ROWS = 40
_YEAR = "<int(max=2147483647):year>"


@dataclass(frozen=True, slots=True)
class OwnPage:
    """The task list. ``errors`` name the action code of the row they are about."""

    own: OwnYear
    errors: list[web.Problem]


@dataclass(frozen=True, slots=True)
class CommitmentPage:
    """One commitment. ``typed``: what stands in the form that was refused, None for the stored draft.

    ``mine``: the refused form is the K/L's own one; ``stood_in``: that of an entry *atas nama*.
    """

    full: CommitmentFull
    errors: list[web.Problem]
    refusal: str
    typed: Mapping[str, str] | None
    form: str
    places: range


@dataclass(frozen=True, slots=True)
class ListPage:
    """The reading list; ``own``: the reader has a task list of his own."""

    own: bool
    found: Listing
    chosen: Filters
    pager: web.Pager


@dataclass(frozen=True, slots=True)
class ReceiptPage:
    """The receipt of one press of Ajukan."""

    receipt: ReceiptShown


@bp.get("/komitmen")
def index() -> Response:
    """Show every commitment asked for in a year, with answers and reasons."""
    number = web.page_number()
    chosen = Filters(
        plan=_argument("rencana"),
        year=_year(),
        branch=_argument("pilar"),
        action=_argument("aksi"),
        unit=_argument("kl"),
        answer=_argument("jawaban"),
    )
    now = web.services().clock.now()
    found = web.ask(commitment_queries.listing, now, chosen, page=number, size=_ROWS)
    chosen = replace(chosen, plan=found.plan.code, year=found.year)
    own = policy.holds(web.actor(), policy.Right.UPLOAD)
    page = ListPage(own, found, chosen, web.Pager(number, _ROWS, found.total))
    return web.show("cycle/commitments.html", page)


@bp.get("/komitmen/saya")
def mine() -> Response:
    """Show the commitments asked of the person's own K/L."""
    return _mine(_argument("rencana"), _year(), _argument("kl"))


@bp.post(f"/komitmen/<plan>/{_YEAR}/<unit>/ajukan")
def submit(plan: str, year: int, unit: str) -> Response:
    """Hand in every answer that was filled in."""
    try:
        number = web.services().commitments.submit(web.actor(), plan, year, unit)
    except InvalidError as error:
        return _mine(plan, year, unit, error)
    return web.go(url_for("commitments.receipt", number=number))


@bp.get(f"/komitmen/<plan>/{_YEAR}/<unit>/<action>")
def show(plan: str, year: int, unit: str, action: str) -> Response:
    """Show one commitment: the answer, its history, and the form for who may fill it in."""
    return _show(Place(plan, year, unit, action))


@bp.post(f"/komitmen/<plan>/{_YEAR}/<unit>/<action>/simpan")
def save(plan: str, year: int, unit: str, action: str) -> Response:
    """Save the draft of an answer."""
    place = Place(plan, year, unit, action)
    try:
        revision, at = web.services().commitments.save(web.actor(), place, forms.answer(request.form))
    except StaleAnswerError as error:
        if not web.wants_json():
            return _show(place, error=error)
        response = web.answer(
            error=gettext(error.message), href=_href(place), label=gettext("Lihat yang tersimpan")
        )
        response.status_code = error.status
        return response
    except InvalidError as error:
        if web.wants_json():
            raise
        return _show(place, error=error)
    if web.wants_json():
        saved = gettext("Tersimpan %(time)s", time=i18n.moment(at))
        return web.answer(saved=saved, fields={"revision": str(revision)})
    if request.form.get("dari") == "daftar":
        target = url_for("commitments.mine", rencana=plan, tahun=year, kl=unit)
        return web.go(f"{target}#aksi-{action}")
    return web.go(_href(place))


@bp.post(f"/komitmen/<plan>/{_YEAR}/<unit>/<action>/mulai")
def start(plan: str, year: int, unit: str, action: str) -> Response:
    """Take last year's kegiatan as a start."""
    place = Place(plan, year, unit, action)
    try:
        web.services().commitments.start(web.actor(), place, forms.whole(request.form, "revision"))
    except StaleAnswerError as error:
        return _show(place, error=error, form="")
    return web.go(_href(place))


@bp.post(f"/komitmen/<plan>/{_YEAR}/<unit>/<action>/konfirmasi")
def confirm(plan: str, year: int, unit: str, action: str) -> Response:
    """Confirm what was entered atas nama the K/L."""
    place = Place(plan, year, unit, action)
    try:
        web.services().commitments.confirm(web.actor(), place, forms.whole(request.form, "seen"))
    except ConflictError as error:
        return _show(place, error=error, form="")
    return web.go(_href(place))


@bp.post(f"/komitmen/<plan>/{_YEAR}/<unit>/<action>/kembalikan")
def send_back(plan: str, year: int, unit: str, action: str) -> Response:
    """Return an answer with a note."""
    place = Place(plan, year, unit, action)
    try:
        note = forms.note(request.form)
        seen = forms.whole(request.form, "seen")
        web.services().commitments.send_back(web.actor(), place, seen, note)
    except InvalidError as error:
        return _show(place, error=error, form="kembalikan")
    return web.go(_href(place))


@bp.post(f"/komitmen/<plan>/{_YEAR}/<unit>/<action>/atas-nama")
def stand_in(plan: str, year: int, unit: str, action: str) -> Response:
    """Enter an answer atas nama the K/L, with its letter."""
    place = Place(plan, year, unit, action)
    sent = request.files.get("letter")
    try:
        form = forms.answer(request.form)
        web.services().commitments.stand_in(
            web.actor(),
            place,
            form,
            forms.whole(request.form, "seen"),
            sent.stream if sent else None,
            (sent.filename or "") if sent else "",
        )
    except (InvalidError, ConflictError) as error:
        return _show(place, error=error, form="atas-nama")
    return web.go(_href(place))


@bp.get("/komitmen/tanda-terima/<number>")
def receipt(number: str) -> Response:
    """Show what one press of Ajukan handed in."""
    found = web.ask(answers.receipt, number, web.services().clock.now())
    return web.show("cycle/receipt.html", ReceiptPage(found))


@bp.get("/surat/<public_id>")
def letter(public_id: str) -> Response:
    """Hand out the letter behind an entry atas nama."""
    sheet = web.ask(letters.sheet, web.services().storage, public_id)
    return send_file(
        sheet.path, mimetype=sheet.media_type, as_attachment=True, download_name=sheet.name, max_age=0
    )


def _mine(plan: str, year: int, unit: str, error: InvalidError | None = None) -> Response:
    now = web.services().clock.now()
    own = web.ask(commitment_queries.own, now, plan=plan, year=year, unit=unit)
    errors = [
        web.Problem(each.field if each.field == "ajukan" else f"reason-{each.field}", each.text)
        for each in (web.problems(error.errors) if error else ())
    ]
    return web.show("cycle/own.html", OwnPage(own, errors), error.status if error else 200)


def _show(
    place: Place, *, error: InvalidError | ConflictError | None = None, form: str = "simpan"
) -> Response:
    page = CommitmentPage(
        full=web.ask(commitment_queries.one, place, web.services().clock.now()),
        errors=web.problems(error.errors) if isinstance(error, InvalidError) else [],
        refusal=gettext(error.message) if isinstance(error, ConflictError) else "",
        typed=request.form if error and form else None,
        form=form,
        places=range(forms.MAX_ACTIVITIES),
    )
    return web.show("cycle/commitment.html", page, error.status if error else 200)


def _href(place: Place) -> str:
    return url_for("commitments.show", plan=place.plan, year=place.year, unit=place.unit, action=place.action)


def _argument(name: str) -> str:
    return request.args.get(name, "")[:60]


def _year() -> int:
    """Return the year in the address, 0 for none; anything unusable is refused with 422."""
    text = request.args.get("tahun", "")
    if not text:
        return 0
    if not (text.isascii() and text.isdigit() and len(text) == 4):  # noqa: PLR2004 - digits of a year
        raise InvalidError.one("tahun", N_("Tahun ini tidak dikenali."))
    return int(text)
