"""The admin's pages on people: list, new, edit, memberships, reset links."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request

from khub import web
from khub.accounts import forms, queries
from khub.accounts.credentials import RESET_LIFE
from khub.accounts.forms import MembershipForm, PersonForm
from khub.clock import wib_date
from khub.errors import ConflictError, InvalidError
from khub.i18n import gettext
from khub.links import url_for
from khub.words import LANGUAGES, ROLES

if TYPE_CHECKING:
    from khub.accounts.queries import PersonFacts, PersonRow

bp = Blueprint("people", __name__, url_prefix="/admin/orang")

_SHOWN = 50


@dataclass(frozen=True, slots=True)
class ListPage:
    """Accounts that a search finds."""

    search: str
    people: list[PersonRow]
    pager: web.Pager


@dataclass(frozen=True, slots=True)
class NewPage:
    """The form of a new account; ``languages`` are (code, name)."""

    errors: list[web.Problem]
    form: PersonForm
    languages: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class EditPage:
    """One account with its forms. Options are (value, label); ``link`` is shown this once.

    ``stored``: what somebody else saved while this form was open, beside what is typed here.
    """

    errors: list[web.Problem]
    refusal: str
    facts: PersonFacts
    form: PersonForm
    stored: PersonFacts | None
    membership: MembershipForm
    languages: list[tuple[str, str]]
    roles: list[tuple[str, str]]
    institutions: list[tuple[str, str]]
    pokja: list[tuple[str, str]]
    link: str
    link_minutes: int


@bp.get("")
def index() -> Response:
    """List accounts."""
    search, number = request.args.get("orang", "")[:200], web.page_number()
    found = web.ask(queries.people, search, web.services().clock.now(), page=number, size=_SHOWN)
    page = ListPage(search, found.rows, web.Pager(number, _SHOWN, found.total))
    return web.show("accounts/people.html", page)


@bp.route("/baru", methods=["GET", "POST"])
def new() -> Response:
    """Create an account."""
    form = PersonForm.of(request.form)
    errors: list[web.Problem] = []
    if request.method == "POST":
        try:
            person_id = web.services().accounts.create_person(
                web.actor(), form.login, form.name, form.email, form.language
            )
        except InvalidError as error:
            errors = web.problems(error.errors)
        else:
            return web.go(url_for("people.edit", person_id=person_id))
    page = NewPage(errors, form, _languages())
    return web.show("accounts/person_new.html", page, InvalidError.status if errors else 200)


@bp.route("/<int(max=2147483647):person_id>", methods=["GET", "POST"])
def edit(person_id: int) -> Response:
    """Show an account and change its particulars."""
    if request.method == "GET":
        return _show(person_id)
    form = PersonForm.of(request.form)
    try:
        web.services().accounts.update_person(
            web.actor(),
            person_id,
            form.name,
            form.email,
            form.language,
            seen=request.form.get("seen") or None,
        )
    except (InvalidError, ConflictError) as error:
        return _show(person_id, error, form=form)
    return _back(person_id)


@bp.post("/<int(max=2147483647):person_id>/peran")
def add_membership(person_id: int) -> Response:
    """Add a membership."""
    form = MembershipForm.of(request.form)
    try:
        role, institution, pokja, first, last = form.parse(wib_date(web.services().clock.now()))
        web.services().accounts.add_membership(web.actor(), person_id, role, institution, pokja, first, last)
    except InvalidError as error:
        return _show(person_id, error, membership=form)
    return _back(person_id)


@bp.post("/<int(max=2147483647):person_id>/peran/<int(max=2147483647):membership_id>/akhiri")
def end_membership(person_id: int, membership_id: int) -> Response:
    """End a membership after a day, or at once."""
    try:
        last_day = forms.last_day(request.form.get("last_day", ""))
        web.services().accounts.end_membership(web.actor(), membership_id, last_day)
    except InvalidError as error:
        return _show(person_id, error, suffix=f"-{membership_id}")
    except ConflictError as error:
        return _show(person_id, error)
    return _back(person_id)


@bp.post("/<int(max=2147483647):person_id>/aktif")
def set_active(person_id: int) -> Response:
    """Open or close an account."""
    active = request.form.get("active") == "1"
    try:
        web.services().accounts.set_active(web.actor(), person_id, active=active)
    except ConflictError as error:
        return _show(person_id, error)
    return _back(person_id)


@bp.post("/<int(max=2147483647):person_id>/tautan")
def issue_reset(person_id: int) -> Response:
    """Make a reset link and show it this once."""
    try:
        token = web.services().accounts.issue_reset(web.actor(), person_id)
    except ConflictError as error:
        return _show(person_id, error)
    return _show(person_id, link=url_for("accounts.reset", token=token, _external=True))


def _back(person_id: int) -> Response:
    return web.go(url_for("people.edit", person_id=person_id))


def _languages() -> list[tuple[str, str]]:
    return [("", gettext("Ikuti situs")), *((code, gettext(name)) for code, name in LANGUAGES.items())]


def _show(
    person_id: int,
    error: InvalidError | ConflictError | None = None,
    *,
    form: PersonForm | None = None,
    membership: MembershipForm | None = None,
    suffix: str = "",
    link: str = "",
) -> Response:
    now = web.services().clock.now()
    facts = web.ask(queries.person, person_id, now)
    units = web.ask(queries.units, now)
    invalid = isinstance(error, InvalidError)
    problems = web.problems(error.errors) if isinstance(error, InvalidError) else []
    none = ("", gettext("tidak ada"))
    page = EditPage(
        errors=[web.Problem(problem.field + suffix, problem.text) for problem in problems],
        refusal=gettext(error.message, **error.params) if error and not invalid else "",
        facts=facts,
        form=form or PersonForm(facts.login, facts.name, facts.email, facts.language),
        stored=facts if form is not None and not invalid else None,
        membership=membership or MembershipForm(valid_from=wib_date(now).isoformat()),
        languages=_languages(),
        roles=[("", gettext("Pilih peran")), *((role.value, gettext(word)) for role, word in ROLES.items())],
        institutions=[none, *((str(number), name) for number, name in units.institutions)],
        pokja=[none, *((str(number), name) for number, name in units.pokja)],
        link=link,
        link_minutes=int(RESET_LIFE.total_seconds()) // 60,
    )
    return web.show("accounts/person.html", page, error.status if error else 200)
