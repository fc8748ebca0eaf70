"""Pages of saved searches: the list, one with its hits and ticks, and the box on the page of results."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request

from indexer.ports import IndexUnavailableError
from indexer.query import QueryError
from khub import web
from khub.errors import N_, InvalidError, UnavailableError
from khub.i18n import gettext
from khub.links import url_for
from khub.mail import queries as mail_queries
from khub.saved import queries, question, rules
from khub.saved.terms import Alert, View
from khub.search import address, showing

if TYPE_CHECKING:
    from khub.saved.queries import SearchShown
    from khub.saved.service import Opened

bp = Blueprint("saved", __name__)

_PAGE = 25
_HITS = 10
_ALERTS: dict[str, str] = {
    Alert.OFF: N_("Tidak"),
    Alert.NOW: N_("Surat seketika"),
    Alert.DAILY: N_("Surat harian, 07.00 WIB"),
}
_VIEWS: dict[str, str] = {
    View.ALL: N_("Semua hasil"),
    View.NEW: N_("Baru"),
    View.OPEN: N_("Belum dinilai"),
    View.RELEVANT: N_("Relevan"),
    View.OFF_TOPIC: N_("Tidak relevan"),
}
_NOTICES: dict[str, str] = {
    "simpan": N_("Pencarian tersimpan."),
    "ubah": N_("Perubahan tersimpan."),
    "hapus": N_("Pencarian dihapus; tidak ada kabar lagi tentangnya."),
    "kabar": N_("Pilihan kabar tersimpan."),
    "cabut": N_("Alamat rahasia dicabut; yang memakainya tidak mendapat apa pun lagi."),
}


@dataclass(frozen=True, slots=True)
class ListPage:
    """The searches that the person opens."""

    rows: list[SearchShown]
    pager: web.Pager
    notice: str
    errors: list[web.Problem]


@dataclass(frozen=True, slots=True)
class SavedPage:
    """A saved search. ``opened`` None: it cannot be run now, ``trouble`` says why.

    ``told``: its filters in words. ``tabs`` are (words, address, current, count); ``tail``: what the links
    to the pages behind a hit carry along; ``link``: a secret address, shown this once.
    """

    search: SearchShown
    opened: Opened | None
    trouble: str
    text: str
    told: list[str]
    tail: str
    view: str
    tabs: list[tuple[str, str, bool, int]]
    pager: web.Pager
    shares: list[tuple[str, str]]
    alerts: list[tuple[str, str]]
    reachable: bool
    notice: str
    errors: list[web.Problem]
    link: str


@dataclass(frozen=True, slots=True)
class SaveBox:
    """The box on the page of results. ``known``: the search is kept already, under this public id."""

    action: str
    name: str
    known: str
    shares: list[tuple[str, str]]
    alerts: list[tuple[str, str]]


@bp.app_template_global("kotak_simpan")
def save_box() -> SaveBox | None:
    """Return the box for the search in the address; None for a visitor, or when nothing is searched."""
    pairs = address.here()
    if not web.actor().signed_in or not any(name not in ("urut", "versi", "sinonim") for name, _ in pairs):
        return None
    try:
        kept = question.asked(pairs)
    except QueryError:
        return None
    return SaveBox(
        action=url_for("saved.create") + address.tail(pairs),
        name=(question.words(kept) or ", ".join(showing.told(kept)))[: question.LONGEST_NAME],
        known=web.ask(queries.same, kept),
        shares=_shares(),
        alerts=_alerts(),
    )


def _shares() -> list[tuple[str, str]]:
    names = [(value, name or gettext("Sekretariat")) for value, name in web.ask(rules.choices)]
    return [("", gettext("Hanya saya")), *names]


def _alerts() -> list[tuple[str, str]]:
    return [(code, gettext(words)) for code, words in _ALERTS.items()]


@bp.get("/pencarian-tersimpan")
def index() -> Response:
    """List the searches that the person opens."""
    return _list([])


def _list(errors: list[web.Problem]) -> Response:
    number = web.page_number()
    total, rows = web.ask(queries.listed, number, _PAGE)
    page = ListPage(rows, web.Pager(number, _PAGE, total), _notice(), errors)
    return web.show("saved/index.html", page, InvalidError.status if errors else 200)


@bp.post("/pencarian-tersimpan")
def create() -> Response:
    """Keep the search in the address."""
    form = request.form
    try:
        public_id = web.services().saved.create(
            web.actor(),
            form.get("nama", ""),
            address.here(),
            form.get("bagi", ""),
            form.get("kabar", Alert.OFF),
        )
    except InvalidError as error:
        return _list(web.problems(error.errors))
    except QueryError as error:
        raise InvalidError.one("nama", N_("Kueri ini tidak terbaca.")) from error
    return web.go(url_for("saved.show", public_id=public_id, selesai="simpan"))


@bp.get("/pencarian-tersimpan/<public_id>")
def show(public_id: str) -> Response:
    """Open a saved search."""
    return _page(public_id)


@bp.post("/pencarian-tersimpan/<public_id>")
def change(public_id: str) -> Response:
    """Rename and share an own search."""
    try:
        web.services().saved.change(
            web.actor(), public_id, request.form.get("nama", ""), request.form.get("bagi", "")
        )
    except InvalidError as error:
        return _page(public_id, errors=web.problems(error.errors))
    return web.go(url_for("saved.show", public_id=public_id, selesai="ubah"))


@bp.post("/pencarian-tersimpan/<public_id>/hapus")
def remove(public_id: str) -> Response:
    """End an own search."""
    web.services().saved.remove(web.actor(), public_id)
    return web.go(url_for("saved.index", selesai="hapus"))


@bp.post("/pencarian-tersimpan/<public_id>/kabar")
def alert(public_id: str) -> Response:
    """Set how one is told of new hits."""
    try:
        web.services().saved.set_alert(web.actor(), public_id, request.form.get("kabar", ""))
    except InvalidError as error:
        return _page(public_id, errors=web.problems(error.errors))
    return web.go(url_for("saved.show", public_id=public_id, selesai="kabar"))


@bp.post("/pencarian-tersimpan/<public_id>/nilai")
def judge(public_id: str) -> Response:
    """Tick a hit; the button's value is its public id and the tick."""
    product, _, word = request.form.get("nilai", "")[:40].partition(" ")
    web.services().saved.judge(web.actor(), public_id, product, word)
    return web.go(web.safe_next(request.form.get("kembali")))


@bp.post("/pencarian-tersimpan/<public_id>/umpan")
def open_feed(public_id: str) -> Response:
    """Make a secret address for the new hits and show it this once."""
    token = web.services().saved.open_feed(web.actor(), public_id)
    base = web.services().settings.base_url or request.url_root.rstrip("/")
    return _page(public_id, link=f"{base}{url_for('saved.feed', token=token)}")


@bp.post("/pencarian-tersimpan/<public_id>/umpan/cabut")
def close_feed(public_id: str) -> Response:
    """End the secret address."""
    web.services().saved.close_feed(web.actor(), public_id)
    return web.go(url_for("saved.show", public_id=public_id, selesai="cabut"))


@bp.get("/umpan/<token>/pencarian.atom")
def feed(token: str) -> Response:
    """Give the new hits of a search to whoever has its address."""
    response = Response(web.services().saved.feed(token), content_type="application/atom+xml")
    response.headers["Cache-Control"] = "private, no-cache"
    # The address is the secret: it must not travel on, nor be found.
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    response.add_etag()
    response.make_conditional(request.environ)
    return response


def _notice() -> str:
    words = _NOTICES.get(request.args.get("selesai", ""), "")
    return gettext(words) if words else ""


def _page(public_id: str, *, errors: list[web.Problem] | None = None, link: str = "") -> Response:
    number, wanted = web.page_number(), request.args.get("tampil", "")
    view = View(wanted) if wanted in _VIEWS else View.ALL
    opened: Opened | None = None
    trouble = ""
    status = InvalidError.status if errors else 200
    try:
        opened = web.services().saved.open(web.actor(), public_id, view, number, _HITS)
    except QueryError:
        trouble = gettext("Kueri ini tidak terbaca lagi. Simpan pencarian baru sebagai gantinya.")
    except IndexUnavailableError:
        trouble, status = (
            gettext("Indeks sedang dibangun. Muat ulang sebentar lagi."),
            UnavailableError.status,
        )
    search = web.ask(queries.one, public_id)
    counts = opened.counts if opened is not None else {}
    page = SavedPage(
        search=search,
        opened=opened,
        trouble=trouble,
        text=question.words(search.pairs),
        told=showing.told(search.pairs),
        tail=address.tail(search.pairs),
        view=view,
        tabs=[
            (
                gettext(words),
                url_for("saved.show", public_id=public_id, tampil=code or None),
                code == view,
                counts.get(code, 0),
            )
            for code, words in _VIEWS.items()
        ],
        pager=web.Pager(opened.page if opened is not None else 1, _HITS, counts.get(view, 0)),
        shares=_shares() if search.mine else [],
        alerts=_alerts(),
        reachable=bool(web.ask(mail_queries.wishes).email),
        notice=_notice(),
        errors=errors or [],
        link=link,
    )
    return web.show("saved/show.html", page, status)
