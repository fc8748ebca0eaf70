"""Follow-ups: all that one may read, one to change, done and open again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request

from khub import web
from khub.coordination import queries, standing
from khub.coordination.forms import FollowUpForm
from khub.coordination.views import audiences
from khub.errors import ConflictError, InvalidError
from khub.i18n import gettext
from khub.links import url_for
from khub.policy import can_oversee

if TYPE_CHECKING:
    from khub.coordination.queries import FollowUpShown
    from khub.coordination.standing import UnitPlace

bp = Blueprint("follow_ups", __name__, url_prefix="/koordinasi")

_PAGE = 25
#: Value of the filter in the address → state that the list is narrowed to.
_STATES = {"": "open", "lewat": "overdue", "selesai": "done"}


@dataclass(frozen=True, slots=True)
class ListPage:
    """Follow-ups; ``state`` is a value of the filter, ``mine``: only the reader's own."""

    rows: tuple[FollowUpShown, ...]
    pager: web.Pager
    state: str
    mine: bool


@dataclass(frozen=True, slots=True)
class FormPage:
    """The form of a follow-up; ``stored`` None for a new one, ``changes``: the reader may change it.

    After a refusal ``stored`` is what is there now and ``form`` what was typed.
    """

    unit: UnitPlace
    stored: FollowUpShown | None
    changes: bool
    errors: list[web.Problem]
    refusal: str
    form: FollowUpForm
    owners: list[tuple[str, str]]
    pokja: list[tuple[str, str]]


@bp.get("/tindak-lanjut")
def index() -> Response:
    """List the follow-ups that the person owns or coordinates."""
    number, state = web.page_number(), request.args.get("status", "")
    mine = request.args.get("milik", "") == "saya"
    if state not in _STATES:
        state = ""
    total, rows = web.ask(
        queries.follow_ups,
        web.services().clock.now(),
        state=_STATES[state],
        mine=mine,
        page=number,
        size=_PAGE,
    )
    return web.show(
        "coordination/follow_ups.html", ListPage(rows, web.Pager(number, _PAGE, total), state, mine)
    )


@bp.route("/kl/<code>/tindak-lanjut", methods=["GET", "POST"])
def new(code: str) -> Response:
    """Add a follow-up about a K/L."""
    here = web.ask(lambda session, _: standing.unit_called(session, code))
    errors: list[web.Problem] = []
    form = FollowUpForm(owner=str(web.actor().person_id))
    if request.method == "POST":
        form = FollowUpForm.of(request.form)
        try:
            web.services().coordination.add_follow_up(web.actor(), code, form)
        except InvalidError as error:
            errors = web.problems(error.errors)
        else:
            return web.go(url_for("coordination.unit", code=here.code, _anchor="tindak-lanjut"))
    return _form_page(here, None, form, errors)


@bp.route("/tindak-lanjut/<int(max=2147483647):follow_up_id>", methods=["GET", "POST"])
def edit(follow_up_id: int) -> Response:
    """Show a follow-up; those who coordinate change it."""
    now = web.services().clock.now()
    stored = web.ask(queries.follow_up, follow_up_id, now)
    here = web.ask(lambda session, _: standing.unit_called(session, stored.code))
    form = FollowUpForm(
        stored.text,
        str(stored.owner_id),
        stored.due_on.isoformat(),
        str(stored.pokja_id or ""),
        str(stored.revision),
    )
    errors: list[web.Problem] = []
    refusal = ""
    if request.method == "POST":
        form = FollowUpForm.of(request.form)
        try:
            web.services().coordination.change_follow_up(web.actor(), follow_up_id, form)
        except InvalidError as error:
            errors = web.problems(error.errors)
        except ConflictError as error:
            refusal = gettext(error.message, **error.params)
            stored = web.ask(queries.follow_up, follow_up_id, now)
        else:
            return web.go(url_for("coordination.unit", code=here.code, _anchor="tindak-lanjut"))
    return _form_page(here, stored, form, errors, refusal)


@bp.post("/tindak-lanjut/<int(max=2147483647):follow_up_id>/selesai")
def finish(follow_up_id: int) -> Response:
    """Mark a follow-up as done."""
    web.services().coordination.finish(web.actor(), follow_up_id)
    return web.go(web.safe_next(request.form.get("kembali")))


@bp.post("/tindak-lanjut/<int(max=2147483647):follow_up_id>/buka")
def reopen(follow_up_id: int) -> Response:
    """Open a follow-up again."""
    web.services().coordination.reopen(web.actor(), follow_up_id)
    return web.go(web.safe_next(request.form.get("kembali")))


def _form_page(
    unit: UnitPlace,
    stored: FollowUpShown | None,
    form: FollowUpForm,
    errors: list[web.Problem],
    refusal: str = "",
) -> Response:
    changes = stored is None or bool(can_oversee(web.actor(), stored.pokja_id))
    options = web.ask(queries.choices, unit, web.services().clock.now())
    owners = [(str(person_id), name) for person_id, name in options.owners]
    if stored is not None and all(stored.owner_id != person_id for person_id, _ in options.owners):
        owners.insert(0, (str(stored.owner_id), stored.owner))
    page = FormPage(unit, stored, changes, errors, refusal, form, [("", "–"), *owners], audiences(options))
    status = InvalidError.status if errors else ConflictError.status if refusal else 200
    return web.show("coordination/follow_up.html", page, status)
