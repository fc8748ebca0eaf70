"""K/L as those who coordinate see them: the list, one K/L, its contacts and notes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request

from khub import web
from khub.clock import wib_date
from khub.coordination import queries, standing, words
from khub.coordination.forms import ContactForm, NoteForm
from khub.errors import ConflictError, InvalidError
from khub.i18n import gettext
from khub.links import url_for
from khub.policy import Right, can_know_contacts, demand, holds

if TYPE_CHECKING:
    from datetime import date

    from khub.coordination.queries import Choices, ContactShown, FollowUpShown, NoteShown
    from khub.coordination.standing import Standing, UnitList, UnitPlace

bp = Blueprint("coordination", __name__, url_prefix="/koordinasi")

_UNITS, _ROWS, _NOTES, _BESIDE = 50, 50, 20, 5
#: Value of the filter in the address → what the list is narrowed to.
_SHOWN = {"": "owing", "kurang": "missing", "semua": "all"}


@dataclass(frozen=True, slots=True)
class ListPage:
    """K/L with what they owe; ``contacted``: channel → word."""

    found: UnitList
    search: str
    shown: str
    pager: web.Pager
    contacted: dict[str, str]
    letters: bool


@dataclass(frozen=True, slots=True)
class UnitPage:
    """One K/L. ``contacts``, ``notes``: None for those who may not read them."""

    standing: Standing
    pager: web.Pager
    contacts: tuple[ContactShown, ...] | None
    notes: tuple[NoteShown, ...] | None
    notes_total: int
    follow_ups: tuple[FollowUpShown, ...]
    follow_ups_total: int
    coordinates: bool
    channels: dict[str, str]


@dataclass(frozen=True, slots=True)
class NotesPage:
    """The notes of a K/L and the form of a new one; ``pokja`` are (id, name)."""

    unit: UnitPlace
    errors: list[web.Problem]
    form: NoteForm
    today: date
    notes: tuple[NoteShown, ...]
    pager: web.Pager
    channels: dict[str, str]
    pokja: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class ContactPage:
    """The form of a contact; ``contact`` None for a new one. ``refusal``: why it was not taken.

    After a refusal ``contact`` is what is stored now and ``form`` what was typed.
    """

    unit: UnitPlace
    contact: ContactShown | None
    errors: list[web.Problem]
    refusal: str
    form: ContactForm


@bp.get("")
def index() -> Response:
    """List K/L with what they owe, promised and delivered."""
    number, search = web.page_number(), request.args.get("cari", "")[:200]
    shown = request.args.get("tampil", "")
    if shown not in _SHOWN:
        shown = ""
    place = web.ask(standing.place_of, web.services().clock.now(), request.args.get("rencana", "")[:60])
    found = web.ask(standing.unit_list, search, _SHOWN[shown], place, page=number, size=_UNITS)
    page = ListPage(
        found,
        search,
        shown,
        web.Pager(number, _UNITS, found.total),
        _words(words.CONTACTED),
        letters=holds(web.actor(), Right.REVIEW),
    )
    return web.show("coordination/index.html", page)


@bp.get("/kl/<code>")
def unit(code: str) -> Response:
    """Show one K/L: official figures to everybody, the rest to those whom it concerns."""
    here, number, who = _unit(code), web.page_number(), web.actor()
    if here.code != code:
        return web.go(url_for("coordination.unit", code=here.code))
    now = web.services().clock.now()
    place = web.ask(standing.place_of, now, request.args.get("rencana", "")[:60])
    found = web.ask(lambda session, _: standing.standing(session, here, place))
    coordinates = holds(who, Right.COORDINATE)
    notes_total, notes = web.ask(queries.notes, here, page=1, size=_BESIDE) if coordinates else (0, None)
    todo_total, todo = web.ask(queries.follow_ups, now, unit=here, state="open", page=1, size=_BESIDE)
    page = UnitPage(
        found,
        web.Pager(number, _ROWS, len(found.rows)),
        web.ask(queries.contacts, here),
        notes,
        notes_total,
        todo,
        todo_total,
        coordinates,
        _words(words.CHANNELS),
    )
    return web.show("coordination/unit.html", page)


@bp.route("/kl/<code>/catatan", methods=["GET", "POST"])
def notes(code: str) -> Response:
    """Show the notes of a K/L and take a new one."""
    here, today = _unit(code), wib_date(web.services().clock.now())
    errors: list[web.Problem] = []
    form = NoteForm(held_on=today.isoformat())
    if request.method == "POST":
        form = NoteForm.of(request.form)
        try:
            web.services().coordination.add_note(web.actor(), code, form)
        except InvalidError as error:
            errors = web.problems(error.errors)
        else:
            return web.go(url_for("coordination.notes", code=here.code))
    number = web.page_number()
    total, found = web.ask(queries.notes, here, page=number, size=_NOTES)
    options = web.ask(queries.choices, here, web.services().clock.now())
    page = NotesPage(
        here,
        errors,
        form,
        today,
        found,
        web.Pager(number, _NOTES, total),
        _words(words.CHANNELS),
        audiences(options),
    )
    return web.show("coordination/notes.html", page, InvalidError.status if errors else 200)


@bp.route("/kl/<code>/kontak/baru", methods=["GET", "POST"])
def new_contact(code: str) -> Response:
    """Add a contact."""
    here, form = _unit(code), ContactForm.of(request.form)
    _demand_contacts(here)
    errors: list[web.Problem] = []
    refusal = ""
    if request.method == "POST":
        try:
            web.services().coordination.add_contact(web.actor(), code, form)
        except InvalidError as error:
            errors = web.problems(error.errors)
        except ConflictError as error:
            refusal = gettext(error.message, **error.params)
        else:
            return web.go(url_for("coordination.unit", code=here.code, _anchor="kontak"))
    return _contact_page(ContactPage(here, None, errors, refusal, form))


@bp.route("/kl/<code>/kontak/<int(max=2147483647):contact_id>", methods=["GET", "POST"])
def edit_contact(code: str, contact_id: int) -> Response:
    """Change a contact."""
    here, found = web.ask(queries.contact, code, contact_id)
    errors: list[web.Problem] = []
    refusal = ""
    form = ContactForm(found.name, found.role, found.email, found.phone, str(found.revision))
    if request.method == "POST":
        form = ContactForm.of(request.form)
        try:
            web.services().coordination.change_contact(web.actor(), code, contact_id, form)
        except InvalidError as error:
            errors = web.problems(error.errors)
        except ConflictError as error:
            refusal = gettext(error.message, **error.params)
            here, found = web.ask(queries.contact, code, contact_id)
        else:
            return web.go(url_for("coordination.unit", code=here.code, _anchor="kontak"))
    return _contact_page(ContactPage(here, found, errors, refusal, form))


@bp.post("/kl/<code>/kontak/<int(max=2147483647):contact_id>/hapus")
def remove_contact(code: str, contact_id: int) -> Response:
    """Delete a contact's data."""
    web.services().coordination.remove_contact(web.actor(), code, contact_id)
    return web.go(url_for("coordination.unit", code=code, _anchor="kontak"))


def audiences(options: Choices) -> list[tuple[str, str]]:
    """Return with whom something may be shared, as options of a form."""
    return [
        (str(pokja_id or ""), gettext("Sekretariat dan ketua %(pokja)s", pokja=name))
        if pokja_id
        else ("", gettext("Sekretariat saja"))
        for pokja_id, name in options.pokja
    ]


def _unit(code: str) -> UnitPlace:
    return web.ask(lambda session, _: standing.unit_called(session, code))


def _demand_contacts(unit: UnitPlace) -> None:
    demand(can_know_contacts(web.actor(), unit.family))


def _contact_page(page: ContactPage) -> Response:
    status = 422 if page.errors else 409 if page.refusal else 200
    return web.show("coordination/contact.html", page, status)


def _words(table: dict[str, str]) -> dict[str, str]:
    return {code: gettext(word) for code, word in table.items()}
