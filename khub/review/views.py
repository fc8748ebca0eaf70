"""The queue, one item on one page, and the two decisions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext

from khub import i18n, web
from khub.errors import N_, ConflictError, InvalidError, NotFoundError
from khub.products import pages
from khub.review import queries

if TYPE_CHECKING:
    from collections.abc import Callable

    from khub.products.queries import FileShown
    from khub.review.checks import Check
    from khub.review.queries import Item, Queue

bp = Blueprint("review", __name__)

_PAGE = 25
#: Rows of the queue beside an item.
_BESIDE = 9


@dataclass(frozen=True, slots=True)
class QueuePage:
    """The queue. ``done`` says what was just decided when nothing is left to open, or ""."""

    queue: Queue
    pager: web.Pager
    done: str


@dataclass(frozen=True, slots=True)
class Preview:
    """One page of one file: its picture where there is one, else its text."""

    file: FileShown
    number: int
    total: int
    picture: bool
    text: str


@dataclass(frozen=True, slots=True)
class ItemPage:
    """One item. ``conflict`` says why a decision was not taken; ``note`` is what was typed."""

    item: Item
    queue: Queue
    preview: Preview | None
    errors: list[web.Problem]
    conflict: str
    note: str


@dataclass(frozen=True, slots=True)
class GonePage:
    """An item that no longer waits, or never did: shown by ``errors/error.html``."""

    code: int
    title: str
    text: str
    actions: list[tuple[str, str, bool]]
    request_id: str


@bp.app_template_filter("hasil_periksa")
def check_words(check: Check) -> str:
    """Return a check's finding in the page's language, days written out."""
    params = {
        name: i18n.day(value) if isinstance(value, date) else value for name, value in check.params.items()
    }
    return str(gettext(check.text, **params))


@bp.get("/tinjau")
def queue() -> Response:
    """Show what waits, oldest first."""
    number = web.page_number()
    now = web.services().clock.now()
    found = web.ask(queries.queue, now, offset=(number - 1) * _PAGE, limit=_PAGE)
    return web.show(
        "review/queue.html", QueuePage(found, web.Pager(number, _PAGE, found.waiting), _just_done())
    )


def _just_done() -> str:
    words = {
        "disetujui": N_("Disetujui. Tidak ada lagi yang menunggu keputusan Anda."),
        "dikembalikan": N_("Dikembalikan. Tidak ada lagi yang menunggu keputusan Anda."),
    }
    word = words.get(request.args.get("selesai", ""))
    return gettext(word) if word else ""


@bp.post("/tinjau/<public_id>/buka")
def open(public_id: str) -> Response:  # noqa: A001 - the endpoint's name; nothing here opens a file
    """Reserve an item and show it; where another holds it, the page says who."""
    try:
        web.services().review.open(web.actor(), public_id)
    except ConflictError:
        return web.go(url_for("review.show", public_id=public_id))
    except NotFoundError:
        return _gone()
    return web.go(url_for("review.show", public_id=public_id))


@bp.get("/tinjau/<public_id>")
def show(public_id: str) -> Response:
    """Show an item with everything a decision needs; nothing is reserved by looking."""
    try:
        return web.show("review/item.html", _item_page(public_id))
    except NotFoundError:
        return _gone()


@bp.post("/tinjau/<public_id>/kembalikan")
def send_back(public_id: str) -> Response:
    """Return the item to its owner with a note, then open the next."""
    return _decide(public_id, web.services().review.send_back, "dikembalikan")


@bp.post("/tinjau/<public_id>/setujui")
def approve(public_id: str) -> Response:
    """Approve the item, then open the next."""
    return _decide(public_id, web.services().review.approve, "disetujui")


def _decide(public_id: str, decide: Callable[..., None], done: str) -> Response:
    note = request.form.get("note", "")
    version, snapshot = _seen("version"), _seen("snapshot")
    try:
        decide(web.actor(), public_id, snapshot, note, version=version)
    except InvalidError as error:
        page = _item_page(public_id, errors=web.problems(error.errors), note=note)
        return web.show("review/item.html", page, error.status)
    except ConflictError as error:
        page = _item_page(public_id, conflict=gettext(error.message, **error.params), note=note)
        return web.show("review/item.html", page, error.status)
    except NotFoundError:
        return _gone(note)
    following = web.services().review.open_next(web.actor())
    if following is None:
        return web.go(url_for("review.queue", selesai=done))
    return web.go(url_for("review.show", public_id=following))


@bp.post("/tinjau/<public_id>/buka-kembali")
def reopen(public_id: str) -> Response:
    """Give an approved keluaran back for mending, with a reason."""
    note = request.form.get("note", "")
    try:
        web.services().review.reopen(web.actor(), public_id, note)
    except InvalidError as error:
        page = _item_page(public_id, errors=web.problems(error.errors), note=note)
        return web.show("review/item.html", page, error.status)
    except ConflictError as error:
        page = _item_page(public_id, conflict=gettext(error.message, **error.params), note=note)
        return web.show("review/item.html", page, error.status)
    return web.go(url_for("products.detail", public_id=public_id))


def _item_page(
    public_id: str, *, errors: list[web.Problem] | None = None, conflict: str = "", note: str = ""
) -> ItemPage:
    now = web.services().clock.now()
    item = web.ask(queries.item, public_id, now)
    return ItemPage(
        item=item,
        queue=web.ask(queries.queue, now, offset=0, limit=_BESIDE),
        preview=_preview(item),
        errors=errors or [],
        conflict=conflict,
        note=note,
    )


def _preview(item: Item) -> Preview | None:
    """Return the page that the address asks for, else the first page of the first file."""
    if not item.files:
        return None
    wanted = request.args.get("berkas", "")
    file = next((each for each in item.files if each.public_id == wanted), item.files[0])
    total = max(file.page_count, 1)
    number = min(max(_number(request.args.get("hlm", "")), 1), total)
    return Preview(file, number, total, *web.ask(pages.preview, file.public_id, number))


def _seen(name: str) -> int:
    """Return a hidden field of the decision form; nonsense matches no snapshot, so it ends in a conflict."""
    return _number(request.form.get(name, "")) or -1


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 8 else 0  # noqa: PLR2004 - fits any column


def _gone(note: str = "") -> Response:
    """Say that nothing waits here, in the same words for withdrawn, hidden and never there."""
    text = gettext("Pemilik mungkin menariknya kembali, atau alamatnya keliru.")
    if note.strip():
        text = f"{text} {gettext('Catatan yang Anda ketik:')} {note}"
    page = GonePage(
        404,
        gettext("Keluaran ini tidak ada dalam antrean"),
        text,
        [(url_for("review.queue"), gettext("Ke antrean"), True)],
        "",
    )
    return web.show("errors/error.html", page, 404)
