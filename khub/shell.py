"""What stands around every page: name, person, menu, languages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import g, request, url_for
from flask_babel import gettext

from khub import i18n, web
from khub.errors import N_
from khub.policy import Actor, Right, anonymous, holds

if TYPE_CHECKING:
    from khub.accounts.service import SignedIn


@dataclass(frozen=True, slots=True)
class NavItem:
    """A word of the menu."""

    href: str
    label: str
    current: bool
    count: int | None = None


@dataclass(frozen=True, slots=True)
class PersonShown:
    """Who is signed in, as the head of the page says it."""

    name: str
    role_label: str
    unit_label: str


@dataclass(frozen=True, slots=True)
class PeriodBanner:
    """The running period at the end of the menu."""

    label: str
    days_left: int
    text: str


@dataclass(frozen=True, slots=True)
class Language:
    """A language that the page can be read in."""

    code: str
    label: str
    href: str
    current: bool


@dataclass(frozen=True, slots=True)
class Shell:
    """Everything around the page."""

    site_name: str
    site_note: str
    person: PersonShown | None
    nav: list[NavItem]
    period: PeriodBanner | None
    query: str
    languages: list[Language]
    language: str
    reader: bool


#: (endpoint, label, right, blueprint that it marks as current)
_MENU = (
    ("main.home", N_("Beranda"), Right.SIGNED_IN, "main"),
    ("people.index", N_("Orang"), Right.ADMIN, "people"),
)


def _person(session: SignedIn) -> PersonShown:
    roles = ", ".join(gettext(label) for label in session.role_labels)
    return PersonShown(session.actor.name, roles, session.unit_label)


def context() -> dict[str, Any]:
    """Return the template globals of the present request."""
    settings = web.services().settings
    who: Actor = g.get("actor") or anonymous(public_face=False)
    session = web.signed_in()
    code = i18n.language()
    here = request.full_path.rstrip("?") if request.method == "GET" else "/"
    return {
        "shell": Shell(
            site_name=settings.site_name,
            site_note=settings.site_note,
            person=_person(session) if session else None,
            nav=[
                NavItem(url_for(endpoint), gettext(label), request.blueprint == room)
                for endpoint, label, right, room in _MENU
                if holds(who, right)
            ],
            period=None,
            query=request.args.get("q", "")[:200],
            languages=[
                Language(other, name, url_for("main.language", code=other, next=here), other == code)
                for other, name in (("id", "Indonesia"), ("en", "English"))
            ],
            language=code,
            reader=holds(who, Right.READER),
        )
    }
