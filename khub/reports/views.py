"""The task list of a period, a row's form, handing in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request

from khub import i18n, web
from khub.errors import N_, ConflictError, InvalidError, KhubError
from khub.i18n import gettext
from khub.links import url_for
from khub.products import ids
from khub.reports import filling as fillings
from khub.reports import forms, rows, tasks
from khub.reports.rows import Place
from khub.reports.service import StaleError

if TYPE_CHECKING:
    from khub.reports.filling import Filling
    from khub.reports.tasks import Board, Task

bp = Blueprint("reports", __name__)

_PAGE = 50
_FIELDS = ("achievement", "percent", "percent_why", "obstacles", "no_obstacles", "follow_up")
_PREFIXES = ("value-", "why-", "pages-")


@dataclass(frozen=True, slots=True)
class BoardPage:
    """The task list; ``board`` is None where no period was ever opened. ``state``: filter word."""

    board: Board | None
    tasks: list[Task]
    state: str
    words: tuple[str, ...]
    pager: web.Pager
    errors: list[web.Problem]


@dataclass(frozen=True, slots=True)
class RowPage:
    """A row's form. ``stored``: what somebody else saved in between, beside what was typed."""

    row: Filling
    errors: list[web.Problem]
    stored: Filling | None
    batch: str
    limit: int


@dataclass(frozen=True, slots=True)
class KeptPage:
    """Words that could not go where they were meant to, shown whole. ``saved``: they stand in the draft."""

    row: Filling
    texts: list[tuple[str, str]]
    refusal: str
    saved: bool


# -- task list -------------------------------------------------------------------------------------


@bp.get("/laporan-saya")
def index() -> Response:
    """List the rows of the person's K/L, or of a K/L that he may enter rows for."""
    return _board()


def _board(errors: list[web.Problem] | None = None) -> Response:
    wanted = request.values
    number = web.page_number()
    key = wanted.get("periode", "")[:130] or web.ask(rows.running_key, web.services().clock.now())
    state = wanted.get("status", "")
    if state and state not in tasks.STATES:
        raise InvalidError.one("status", N_("Saringan status di alamat ini tidak dikenali."))
    board, shown = None, []
    if key:
        plan, _, period = key.partition("/")
        board = web.ask(tasks.board, plan, period, wanted.get("kl", "")[:60], web.services().clock.now())
        shown = [task for task in board.tasks if not state or task.spot.row.state == tasks.STATES[state]]
    page = BoardPage(
        board=board,
        tasks=shown[(number - 1) * _PAGE : number * _PAGE],
        state=state,
        words=tuple(tasks.STATES),
        pager=web.Pager(number, _PAGE, len(shown)),
        errors=errors or [],
    )
    return web.show("reports/board.html", page, InvalidError.status if errors else 200)


@bp.post("/laporan-saya/ajukan")
def submit_many() -> Response:
    """Hand in the chosen rows together, under one receipt."""
    try:
        handed = web.services().reports.submit(
            web.actor(), request.form.getlist("pilih")[:500], following=bool(request.form.get("menyusul"))
        )
    except InvalidError as error:
        found = {
            web.Problem(
                f"baris-{problem.field.partition('.')[0]}" if "." in problem.field else "daftar", problem.text
            )
            for problem in web.problems(error.errors)
        }
        return _board(sorted(found, key=lambda each: (each.field, each.text)))
    return web.go(_receipt(handed.receipt, len(handed.held)))


def _receipt(number: str, held: int) -> str:
    return url_for("products.receipt", number=number, **({"sisa": held} if held else {}))


# -- a row -----------------------------------------------------------------------------------------


def row_address(place: Place, endpoint: str = "reports.row") -> str:
    """Return the address of a row under an endpoint that takes one."""
    return url_for(endpoint, plan_code=place.plan, period=place.period, unit=place.unit, code=place.action)


@bp.get("/laporan-aksi/<plan_code>/<period>/<unit>/<code>")
def row(plan_code: str, period: str, unit: str, code: str) -> Response:
    """Show a row's form, filled in as far as it can be; what is no longer open leads to its page."""
    found = row_form(Place(plan_code, period, unit, code))
    if not found.spot.owner:
        return web.go(row_address(found.spot.place, "reports.enter"))
    if not found.editable and found.report:
        return web.go(url_for("reports.detail", public_id=found.report))
    return show_row(found)


def row_form(place: Place) -> Filling:
    """Return the form of a row; 404 where it is not the person's to fill in."""
    return web.ask(fillings.filling, place, web.services().clock.now())


def show_row(
    found: Filling, errors: list[web.Problem] | None = None, stored: Filling | None = None, status: int = 200
) -> Response:
    """Show a row's form."""
    page = RowPage(
        row=found,
        errors=errors or [],
        stored=stored,
        batch=ids.batch_token(),
        limit=web.services().settings.max_upload,
    )
    return web.show("reports/row.html", page, status)


def typed_in(found: Filling) -> Filling:
    """Return the form with what was sent in its fields, right or wrong."""
    sent = {
        name: value
        for name, value in request.form.items()
        if name in found.typed or name.startswith(_PREFIXES)
    }
    sent["no_obstacles"] = "1" if request.form.get("no_obstacles") else ""
    shown = set(request.form.getlist("listed"))
    return replace(
        found,
        typed={**found.typed, **sent},
        chosen=(found.chosen - shown) | frozenset(request.form.getlist("outputs")),
        offered="",
    )


def said_in_form() -> forms.Said:
    """Return what the form that was sent says; raises ``InvalidError``."""
    return forms.said(request.form, request.form.getlist("outputs"), request.form.getlist("listed"))


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What came of saving: the report, or the answer that says why it did not go as wanted."""

    report: str
    revision: int
    answer: Response | None


def _save(place: Place) -> _Outcome:
    try:
        saved = web.services().reports.save(web.actor(), place, said_in_form())
    except InvalidError as error:
        return _Outcome("", 0, _refused(place, web.problems(error.errors), error.status))
    except ConflictError as error:
        return _Outcome("", 0, _conflict(place, error))
    if not saved.closed:
        return _Outcome(saved.report, saved.revision, None)
    closed = ConflictError(
        N_(
            "Periode ini ditutup sementara Anda mengisi. "
            "Isian tersimpan sebagai draf, tetapi tidak dapat diajukan."
        )
    )
    if web.wants_json():
        return _Outcome("", 0, _json_refusal(closed, url_for("reports.detail", public_id=saved.report)))
    return _Outcome("", 0, kept(place, gettext(closed.message), saved=True))


def _conflict(place: Place, error: ConflictError) -> Response:
    """Answer what another has done meanwhile, with both texts where both are words of this row."""
    if web.wants_json():
        return _json_refusal(error, row_address(place))
    if isinstance(error, StaleError):
        stored = row_form(place)
        typed = replace(_joined(typed_in(stored), stored), revision=error.revision)
        return show_row(typed, [web.Problem("achievement", gettext(error.message))], stored, error.status)
    return kept(place, gettext(error.message, **error.params), saved=False)


def _joined(typed: Filling, stored: Filling) -> Filling:
    """Return what was typed, with what stands stored in fields left empty: saving it again loses no word."""
    kept = {name: value or stored.typed.get(name, "") for name, value in typed.typed.items()}
    if kept["obstacles"]:
        kept["no_obstacles"] = ""  # the tick of the one must not outdo the words of the other
    return replace(typed, typed=kept)


def _refused(place: Place, problems: list[web.Problem], status: int) -> Response:
    if web.wants_json():
        answer = web.answer(error=" ".join(problem.text for problem in problems))
        answer.status_code = status
        return answer
    return show_row(typed_in(row_form(place)), problems, status=status)


def _json_refusal(error: KhubError, href: str) -> Response:
    answer = web.answer(
        error=gettext(error.message, **error.params), href=href, label=gettext("Lihat yang tersimpan")
    )
    answer.status_code = error.status
    return answer


def kept(place: Place, refusal: str, *, saved: bool) -> Response:
    """Show words that could not go where they were meant to, and why."""
    names = {
        "achievement": gettext("Capaian"),
        "percent": gettext("Persentase capaian"),
        "percent_why": gettext("Alasan"),
        "obstacles": gettext("Kendala"),
        "follow_up": gettext("Tindak lanjut"),
    }
    texts = [(label, request.form.get(name, "")) for name, label in names.items()]
    page = KeptPage(row_form(place), [pair for pair in texts if pair[1].strip()], refusal, saved)
    return web.show("reports/kept.html", page, ConflictError.status)


@bp.post("/laporan-aksi/<plan_code>/<period>/<unit>/<code>")
def save(plan_code: str, period: str, unit: str, code: str) -> Response:
    """Save a row as a draft; what cannot be saved comes back as typed."""
    place = Place(plan_code, period, unit, code)
    outcome = _save(place)
    if outcome.answer is not None:
        return outcome.answer
    if web.wants_json():
        now = i18n.moment(web.services().clock.now())
        return web.answer(
            saved=gettext("Tersimpan sebagai draf %(time)s", time=now), fields={"revision": outcome.revision}
        )
    return web.go(row_address(place))


@bp.post("/laporan-aksi/<plan_code>/<period>/<unit>/<code>/ajukan")
def submit(plan_code: str, period: str, unit: str, code: str) -> Response:
    """Save a row, then hand it in with its draft outputs."""
    place = Place(plan_code, period, unit, code)
    outcome = _save(place)
    if outcome.answer is not None:
        twice = outcome.answer.status_code == ConflictError.status
        number = web.services().reports.pressed(web.actor(), place, said_in_form()) if twice else ""
        return web.go(_receipt(number, 0)) if number else outcome.answer
    try:
        handed = web.services().reports.submit(
            web.actor(), [outcome.report], following=bool(request.form.get("menyusul"))
        )
    except InvalidError as error:
        return show_row(row_form(place), [_at(problem) for problem in web.problems(error.errors)], status=422)
    return web.go(_receipt(handed.receipt, 0))


def _at(problem: web.Problem) -> web.Problem:
    """Return a fault of a row at the field of its form; an output's stands at the output."""
    name = problem.field.partition(".")[2] or problem.field
    product, dot, _ = name.partition(".")
    if dot:
        return web.Problem(f"keluaran-{product}", f"{product}: {problem.text}")
    return web.Problem(name, problem.text)
