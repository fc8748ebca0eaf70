"""How a person wants letters, and what he subscribes to by a secret address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request

from khub import web
from khub.errors import InvalidError, NotFoundError
from khub.i18n import gettext
from khub.links import url_for
from khub.mail import feeds, queries
from khub.mail.feeds import FeedKind
from khub.mail.terms import KINDS, MUTABLE, Rhythm
from khub.mail.views import words

if TYPE_CHECKING:
    from datetime import datetime

    from khub.mail.queries import Wishes
    from khub.mail.views import LetterShownRow

bp = Blueprint("wishes", __name__)


@dataclass(frozen=True, slots=True)
class FeedShown:
    """A kind of feed; ``link`` is shown once, right after it was made."""

    kind: str
    label: str
    since: datetime | None
    link: str


@dataclass(frozen=True, slots=True)
class WishesPage:
    """One's own letters and addresses; ``mutable`` are (kind, label), ``rhythms`` (code, label)."""

    errors: list[web.Problem]
    notice: str
    wishes: Wishes
    email: str
    rhythm: str
    muted: tuple[str, ...]
    rhythms: list[tuple[str, str]]
    mutable: list[tuple[str, str]]
    feeds: list[FeedShown]
    letters: list[LetterShownRow]
    server: bool


@bp.get("/akun/surat")
def letters() -> Response:
    """Show how one wants letters, the latest of them, and the secret addresses."""
    notices = {
        "alamat": gettext("Alamat surel tersimpan."),
        "surat": gettext("Pilihan surat tersimpan."),
        "cabut": gettext("Alamat rahasia dicabut; yang memakainya tidak mendapat apa pun lagi."),
    }
    return _show(notice=notices.get(request.args.get("selesai", ""), ""))


@bp.post("/akun/surat")
def save() -> Response:
    """Keep how one wants letters."""
    rhythm, muted = request.form.get("irama", ""), request.form.getlist("bisu")
    try:
        web.services().mail.set_wishes(web.actor(), rhythm, muted)
    except InvalidError as error:
        return _show(web.problems(error.errors), rhythm=rhythm, muted=tuple(muted))
    return web.go(url_for("wishes.letters", selesai="surat"))


@bp.post("/akun/surat/alamat")
def save_address() -> Response:
    """Keep one's own address."""
    email = request.form.get("email", "")[:1000]
    try:
        web.services().accounts.set_email(web.actor(), email)
    except InvalidError as error:
        return _show(web.problems(error.errors), email=email)
    return web.go(url_for("wishes.letters", selesai="alamat"))


@bp.post("/akun/surat/umpan/<kind>")
def open_feed(kind: str) -> Response:
    """Make a secret address and show it this once."""
    wanted = _kind(kind)
    token = web.services().mail.open_feed(web.actor(), wanted)
    return _show(made=(wanted, token))


@bp.post("/akun/surat/umpan/<kind>/cabut")
def close_feed(kind: str) -> Response:
    """End a secret address."""
    web.services().mail.close_feed(web.actor(), _kind(kind))
    return web.go(url_for("wishes.letters", selesai="cabut"))


@bp.get("/umpan/<token>/tenggat.ics")
def deadlines(token: str) -> Response:
    """Give the calendar of deadlines to whoever has its address."""
    return _feed(token, FeedKind.DEADLINES)


@bp.get("/umpan/<token>/keluaran.atom")
def products(token: str) -> Response:
    """Give the feed of approved keluaran to whoever has its address."""
    return _feed(token, FeedKind.PRODUCTS)


def _feed(token: str, kind: FeedKind) -> Response:
    response = Response(web.services().mail.feed(token, kind), content_type=feeds.KINDS[kind][2])
    response.headers["Cache-Control"] = "private, no-cache"
    # The address is the secret: it must not travel on, nor be found.
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    response.add_etag()
    response.make_conditional(request.environ)
    return response


def _kind(text: str) -> FeedKind:
    try:
        return FeedKind(text)
    except ValueError:
        raise NotFoundError from None


def _show(
    errors: list[web.Problem] | None = None,
    *,
    notice: str = "",
    email: str | None = None,
    rhythm: str | None = None,
    muted: tuple[str, ...] | None = None,
    made: tuple[FeedKind, str] | None = None,
) -> Response:
    wishes = web.ask(queries.wishes)
    page = WishesPage(
        errors=errors or [],
        notice=notice,
        wishes=wishes,
        email=wishes.email if email is None else email,
        rhythm=wishes.rhythm if rhythm is None else rhythm,
        muted=wishes.muted if muted is None else muted,
        rhythms=[
            (Rhythm.DIGEST, gettext("Satu ringkasan sehari, pukul 07.00 WIB")),
            (Rhythm.SINGLE, gettext("Satu surat untuk tiap hal")),
        ],
        mutable=[(kind, gettext(KINDS[kind])) for kind in MUTABLE],
        feeds=[
            FeedShown(kind, gettext(label), wishes.feeds.get(kind), _link(made, kind, end))
            for kind, (label, end, _) in feeds.KINDS.items()
        ],
        letters=[words(row) for row in wishes.letters],
        server=bool(web.services().settings.smtp_host),
    )
    return web.show("mail/wishes.html", page, InvalidError.status if errors else 200)


def _link(made: tuple[FeedKind, str] | None, kind: str, end: str) -> str:
    if made is None or made[0] != kind:
        return ""
    base = web.services().settings.base_url or request.url_root.rstrip("/")
    return f"{base}/umpan/{made[1]}/{end}"
