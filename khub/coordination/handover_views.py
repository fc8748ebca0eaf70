"""Serah terima on the admin's pages of people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request

from khub import web
from khub.accounts import forms
from khub.clock import wib_date
from khub.coordination import handover
from khub.errors import N_, ConflictError, FieldError, InvalidError
from khub.i18n import gettext
from khub.links import url_for

if TYPE_CHECKING:
    from collections.abc import Mapping

    from khub.coordination.handover import Held

bp = Blueprint("handover", __name__, url_prefix="/admin/orang")


@dataclass(frozen=True, slots=True)
class HandoverForm:
    """What is typed: ids of the K/L and of the heir, and a day ("": at once)."""

    institution: str = ""
    heir: str = ""
    last_day: str = ""

    @classmethod
    def of(cls, form: Mapping[str, str]) -> HandoverForm:
        """Return what a request holds."""
        return cls(*(form.get(key, "").strip()[:20] for key in cls.__slots__))


@dataclass(frozen=True, slots=True)
class HandoverPage:
    """What somebody has in hand, and the form; ``units`` and ``heirs`` are (id, name)."""

    held: Held
    errors: list[web.Problem]
    refusal: str
    form: HandoverForm
    units: list[tuple[str, str]]
    heirs: list[tuple[str, str]]


@bp.route("/<int(max=2147483647):person_id>/serah-terima", methods=["GET", "POST"])
def show(person_id: int) -> Response:
    """Show what a person has in hand and hand it over."""
    held = web.ask(handover.held, person_id, wib_date(web.services().clock.now()))
    form = HandoverForm.of(request.form)
    errors: list[web.Problem] = []
    refusal = ""
    if request.method == "POST":
        try:
            last_day = forms.last_day(form.last_day)
            unit, heir = _number("institution", form.institution), _number("heir", form.heir)
            if unit is None:
                raise InvalidError([FieldError("institution", N_("Pilih K/L yang ditinggalkan."))])  # noqa: TRY301 - one way out
            web.services().handover.hand_over(web.actor(), person_id, unit, heir, last_day)
        except InvalidError as error:
            errors = web.problems(error.errors)
        except ConflictError as error:
            refusal = gettext(error.message, **error.params)
        else:
            return web.go(url_for("people.edit", person_id=person_id))
    names = {each.id: f"{each.name} ({each.login})" for unit in held.units for each in unit.colleagues}
    page = HandoverPage(
        held,
        errors,
        refusal,
        form if form.institution or len(held.units) != 1 else HandoverForm(str(held.units[0].id)),
        [(str(unit.id), unit.name) for unit in held.units],
        [("", "–"), *((str(number), name) for number, name in sorted(names.items(), key=lambda one: one[1]))],
    )
    return web.show(
        "coordination/handover.html", page, InvalidError.status if errors else 409 if refusal else 200
    )


def _number(name: str, text: str) -> int | None:
    if not text:
        return None
    if text.isascii() and text.isdigit() and int(text) <= forms.MAX_ID:
        return int(text)
    raise InvalidError([FieldError(name, N_("Pilihan ini tidak dikenali."))])
