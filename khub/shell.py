"""What stands around every page: name, person, menu, languages."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import g, request
from flask_babel import ngettext
from sqlalchemy.exc import OperationalError

from khub import i18n, web
from khub.errors import N_
from khub.i18n import gettext
from khub.links import url_for
from khub.main.queries import Around, around
from khub.policy import Actor, Right, anonymous, holds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from khub.accounts.service import SignedIn

log = logging.getLogger("khub")


@dataclass(frozen=True, slots=True)
class NavItem:
    """A word of the menu."""

    href: str
    label: str
    current: bool
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Nav:
    """The menu: words in the row, and those behind "Lainnya"."""

    row: list[NavItem]
    more: list[NavItem]

    def __bool__(self) -> bool:
        return bool(self.row)


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
    nav: Nav
    period: PeriodBanner | None
    query: str
    languages: list[Language]
    language: str
    reader: bool
    compiles: bool


#: (endpoint, label, right, starts of the endpoints that it marks as current)
_MENU = (
    ("main.home", N_("Beranda"), Right.SIGNED_IN, ("main.home",)),
    ("products.new", N_("Unggah"), Right.UPLOAD, ("products.upload", "products.edit", "products.receipt")),
    ("reports.index", N_("Laporan periode"), Right.REPORT, ("reports.",)),
    ("commitments.mine", N_("Komitmen"), Right.UPLOAD, ("commitments.",)),
    ("plan.actions", N_("Aksi"), Right.READER, ("plan.actions", "plan.action", "plan.branch")),
    ("matrix.index", N_("Matriks bukti"), Right.SIGNED_IN, ("matrix.",)),
    ("plan.institutions", N_("K/L"), Right.READER, ("plan.institutions", "plan.institution")),
    ("products.index", N_("Keluaran"), Right.READER, ("products.index", "products.detail")),
    ("saved.index", N_("Pencarian"), Right.SIGNED_IN, ("saved.", "picks.")),
    ("review.queue", N_("Tinjau"), Right.REVIEW, ("review.", "review_bulk.", "review_second.")),
    ("missing.index", N_("Belum lapor"), Right.COORDINATE, ("missing.", "mail.chase")),
    (
        "coordination.index",
        N_("Koordinasi K/L"),
        Right.COORDINATE,
        ("coordination.", "follow_ups.", "papers."),
    ),
    ("analysis.achievement", N_("Analisis"), Right.ANALYSE, ("analysis.",)),
    (
        "mail.outbox",
        N_("Surat keluar"),
        Right.PLAN,
        ("mail.outbox", "mail.letter", "mail.holidays", "mail.add_holiday", "mail.import_holidays"),
    ),
    ("asked.counts", N_("Mutu pencarian"), Right.REVIEW, ("asked.counts", "synonyms.", "indexes.")),
    ("annual.index", N_("Laporan"), Right.SIGNED_IN, ("annual.",)),
    ("audit.trail", N_("Audit"), Right.AUDIT, ("audit.",)),
    ("catalogue.index", N_("Rencana"), Right.PLAN, ("catalogue.", "periods.")),
    ("people.index", N_("Orang"), Right.ADMIN, ("people.", "handover.")),
    ("main.jobs", N_("Pekerjaan"), Right.ADMIN, ("main.jobs",)),
    ("indexes.index", N_("Indeks"), Right.PLAN, ("indexes.",)),
)

#: What stands in one row beside the period, in letters; the room between two words counts as three of them.
_ROOM, _BETWEEN = 112, 3
#: What goes behind "Lainnya" where the row has no room for it, the first first.
_LATER = (
    "saved.index",
    "plan.institutions",
    "products.index",
    "asked.counts",
    "analysis.achievement",
    "mail.outbox",
    "catalogue.index",
    "reports.index",
)
#: Words that those with this right find in a fuller form beside it.
_INSTEAD = {"plan.institutions": Right.COORDINATE, "indexes.index": Right.REVIEW}


def _person(session: SignedIn) -> PersonShown:
    roles = ", ".join(gettext(label) for label in session.role_labels)
    return PersonShown(session.actor.name, roles, session.unit_label)


def _around() -> Around | None:
    """Return what the menu counts; nothing for a visitor, or when the database fails under an error page."""
    if web.signed_in() is None:
        return None
    try:
        return web.ask(around, web.services().clock.now(), web.services().tally, web.waiting())
    except OperationalError:
        log.warning("the menu could not be counted", exc_info=True)
        return None


def _counts(counted: Around | None) -> dict[str, int | None]:
    """Return what stands beside words of the menu."""
    return {"review.queue": counted.waiting, "missing.index": counted.belum} if counted else {}


def _nav(who: Actor, counts: Mapping[str, int | None], *, annual: bool) -> Nav:
    here = request.endpoint or ""
    found = {
        endpoint: NavItem(url_for(endpoint), gettext(label), here.startswith(starts), counts.get(endpoint))
        for endpoint, label, right, starts in _MENU
        if holds(who, right)
        and (annual or endpoint != "annual.index")
        and not (endpoint in _INSTEAD and holds(who, _INSTEAD[endpoint]))
    }
    room = _ROOM - sum(map(_width, found.values()))
    later: set[str] = set()
    for endpoint in _LATER:
        if room >= 0:
            break
        if endpoint in found:
            room += _width(found[endpoint]) - (0 if later else len(gettext("Lainnya")) + 2 * _BETWEEN)
            later.add(endpoint)
    return Nav(
        row=[item for endpoint, item in found.items() if endpoint not in later],
        more=[item for endpoint, item in found.items() if endpoint in later],
    )


def _width(item: NavItem) -> int:
    return len(item.label) + (0 if item.count is None else 1 + len(str(item.count))) + _BETWEEN


def _period(counted: Around) -> PeriodBanner | None:
    if not counted.period:
        return None
    days = counted.days_left
    if days > 0:
        text = ngettext("%(num)s hari lagi", "%(num)s hari lagi", days)
    elif days == 0:
        text = gettext("tenggat hari ini")
    else:
        text = gettext("tenggat lewat")
    return PeriodBanner(counted.period, days, text)


def context() -> dict[str, Any]:
    """Return the template globals of the present request."""
    settings = web.services().settings
    who: Actor = g.get("actor") or anonymous(public_face=False)
    session = web.signed_in()
    code = i18n.language()
    here = request.full_path.rstrip("?") if request.method == "GET" else "/"
    counted = _around()
    return {
        "shell": Shell(
            site_name=settings.site_name,
            site_note=settings.site_note,
            person=_person(session) if session else None,
            nav=_nav(who, _counts(counted), annual=bool(counted and counted.annual)),
            period=_period(counted) if counted else None,
            query=request.args.get("q", "")[:200],
            languages=[
                Language(other, name, url_for("main.language", code=other, next=here), other == code)
                for other, name in (("id", "Indonesia"), ("en", "English"))
            ],
            language=code,
            reader=holds(who, Right.READER),
            compiles=holds(who, Right.COMPILE),
        )
    }
