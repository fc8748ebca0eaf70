"""The queue, one item on one page, and the two decisions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request

from khub import i18n, web
from khub.errors import ConflictError, InvalidError, NotFoundError
from khub.i18n import gettext
from khub.links import url_for
from khub.review import cases, checklist, desk, forms, line, previews, queries, report_item

if TYPE_CHECKING:
    from khub.review.checks import Check
    from khub.review.desk import Just
    from khub.review.line import Queue
    from khub.review.previews import Preview
    from khub.review.queries import Item
    from khub.review.report_item import Comparison, ReportItem

bp = Blueprint("review", __name__)

_PAGE = 25
#: Rows of the queue beside an item.
_BESIDE = 9


@dataclass(frozen=True, slots=True)
class QueuePage:
    """The queue. ``just``: what the reader just decided; ``over``: nothing is left for him."""

    queue: Queue
    pager: web.Pager
    by: str
    just: Just | None
    over: bool


@dataclass(frozen=True, slots=True)
class ItemPage:
    """One item. ``conflict`` says why a decision was not taken; ``note`` and ``due`` are what was typed.

    ``kept``: public ids of outputs that were not to go back with the report. ``endpoint`` and
    ``where`` build addresses of this page; ``answer_url`` takes answers to the checklist.
    """

    item: Item | ReportItem
    queue: Queue
    preview: Preview | None
    just: Just | None
    errors: list[web.Problem]
    conflict: str
    note: str
    due: str
    kept: frozenset[str]
    endpoint: str
    where: dict[str, object]
    answer_url: str
    answering: bool


@dataclass(frozen=True, slots=True)
class GonePage:
    """An item that no longer waits, or never did: shown by ``errors/error.html``."""

    code: int
    title: str
    text: str
    actions: list[tuple[str, str, bool]]
    request_id: str


@dataclass(frozen=True, slots=True)
class ComparisonPage:
    """A report beside the last period's."""

    comparison: Comparison


@bp.app_template_filter("hasil_periksa")
def check_words(check: Check) -> str:
    """Return a check's finding in the page's language, days written out."""
    params = {
        name: i18n.day(value) if isinstance(value, date) else value for name, value in check.params.items()
    }
    return str(gettext(check.text, **params))


@bp.app_template_global("butir_periksa")
def items() -> dict[str, str]:
    """Return the items of the checklist with their words, for templates."""
    return checklist.ITEMS


@bp.app_template_global("jawaban_periksa")
def answer_choices() -> dict[str, str]:
    """Return the answers to an item with their words, for templates."""
    return checklist.ANSWERS


@bp.get("/tinjau")
def queue() -> Response:
    """Show what waits, the oldest or what is due soonest first."""
    number = web.page_number()
    now = web.services().clock.now()
    by = line.BY_DEADLINE if request.args.get("urut") == line.BY_DEADLINE else line.BY_AGE
    found = web.ask(line.queue, now, offset=(number - 1) * _PAGE, limit=_PAGE, by=by)
    web.keep_waiting(found.waiting)
    page = QueuePage(
        found, web.Pager(number, _PAGE, found.waiting), by, just_decided(), request.args.get("habis") == "1"
    )
    return web.show("review/queue.html", page)


def just_decided() -> Just | None:
    """Return what the address says was just decided, as far as the reader decided it."""
    number = previews.number(request.args.get("baru", ""))
    return web.ask(desk.just_decided, number) if number else None


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


@bp.post("/tinjau/<public_id>/lepaskan")
def release(public_id: str) -> Response:
    """Give an item back to the queue."""
    try:
        web.services().review.release(web.actor(), public_id)
    except ConflictError as error:
        return web.show(*_again(public_id, error))
    except NotFoundError:
        return _gone()
    return web.go(url_for("review.queue"))


@bp.get("/tinjau/<public_id>")
def show(public_id: str) -> Response:
    """Show an item with everything a decision needs; nothing is reserved by looking."""
    try:
        page = _item_page(public_id)
    except NotFoundError:
        return _gone()
    if isinstance(page.item, queries.Item) and page.item.report:
        return web.go(url_for("review.show", public_id=page.item.report))
    return web.show(_template(public_id), page)


@bp.get("/tinjau/<public_id>/banding")
def compare(public_id: str) -> Response:
    """Show a report beside the approved one of the last period."""
    return web.show("review/compare.html", ComparisonPage(web.ask(report_item.comparison, public_id)))


@bp.post("/tinjau/<public_id>/jawab")
def answer(public_id: str) -> Response:
    """Keep answers to the checklist as they are given."""
    seen = forms.Seen(_seen("snapshot"), _seen("version"))
    count = web.services().review.answer(web.actor(), public_id, seen, checklist.parse(request.form))
    if web.wants_json():
        return web.answer(saved=answered_words(count))
    return web.go(url_for("review.show", public_id=public_id, _anchor="periksa"))


def answered_words(count: int) -> str:
    """Return "4 dari 6 terjawab"."""
    return str(gettext("%(count)s dari %(all)s terjawab", count=count, all=len(checklist.ITEMS)))


@bp.post("/tinjau/<public_id>/kembalikan")
def send_back(public_id: str) -> Response:
    """Return the item to its owner with a note, then open the next."""
    outputs = request.form.getlist("kembali") if request.form.get("pilih_keluaran") else None
    try:
        said = forms.returned(
            request.form.get("note", ""), request.form.get("due", ""), outputs, web.services().clock.now()
        )
        decision = web.services().review.send_back(
            web.actor(), public_id, _seen("snapshot"), said, version=_seen("version"), outputs=_seen_outputs()
        )
    except (InvalidError, ConflictError) as error:
        return web.show(*_again(public_id, error))
    except NotFoundError:
        return _gone(request.form.get("note", ""))
    return _onwards(decision)


@bp.post("/tinjau/<public_id>/setujui")
def approve(public_id: str) -> Response:
    """Approve the item, then open the next, or go back to the queue."""
    try:
        decision = web.services().review.approve(
            web.actor(),
            public_id,
            _seen("snapshot"),
            request.form.get("note", ""),
            version=_seen("version"),
            outputs=_seen_outputs(),
        )
    except (InvalidError, ConflictError) as error:
        return web.show(*_again(public_id, error))
    except NotFoundError:
        return _gone(request.form.get("note", ""))
    if request.form.get("lanjut") == "antrean":
        return web.go(url_for("review.queue", baru=decision))
    return _onwards(decision)


def _onwards(decision: int) -> Response:
    following = web.services().review.open_next(web.actor())
    if following is None:
        return web.go(url_for("review.queue", baru=decision, habis=1))
    return web.go(url_for("review.show", public_id=following, baru=decision))


@bp.post("/tinjau/<public_id>/buka-kembali")
def reopen(public_id: str) -> Response:
    """Give something approved back for mending, with a reason."""
    try:
        web.services().review.reopen(web.actor(), public_id, request.form.get("note", ""))
    except (InvalidError, ConflictError) as error:
        return web.show(*_again(public_id, error))
    if cases.is_report(public_id):
        return web.go(url_for("review.show", public_id=public_id))
    return web.go(url_for("products.detail", public_id=public_id))


def _template(public_id: str) -> str:
    return "review/report.html" if cases.is_report(public_id) else "review/item.html"


def _again(public_id: str, error: InvalidError | ConflictError) -> tuple[str, ItemPage, int]:
    """Return the page once more with what was typed and why nothing was decided."""
    if isinstance(error, InvalidError):
        page = _item_page(public_id, errors=web.problems(error.errors))
    else:
        page = _item_page(public_id, conflict=gettext(error.message, **error.params))
    return _template(public_id), page, error.status


def _item_page(public_id: str, *, errors: list[web.Problem] | None = None, conflict: str = "") -> ItemPage:
    now = web.services().clock.now()
    item: Item | ReportItem = (
        web.ask(report_item.item, public_id, now)
        if cases.is_report(public_id)
        else web.ask(queries.item, public_id, now)
    )
    typed = request.form
    sent = typed.get("pilih_keluaran") is not None
    back = frozenset(typed.getlist("kembali"))
    outputs = item.outputs if isinstance(item, report_item.ReportItem) else ()
    return ItemPage(
        item=item,
        queue=web.ask(line.queue, now, offset=0, limit=_BESIDE),
        preview=previews.shown(item),
        just=just_decided(),
        errors=errors or [],
        conflict=conflict,
        note=typed.get("note", ""),
        due=typed["due"][:40] if "due" in typed else web.ask(line.usual_due, now).isoformat(),
        kept=frozenset(each.public_id for each in outputs if sent and each.public_id not in back),
        endpoint="review.show",
        where={"public_id": public_id},
        answer_url=url_for("review.answer", public_id=public_id),
        answering=item.mine,
    )


def _seen(name: str) -> int:
    """Return a hidden field of the decision form; nonsense matches no snapshot, so it ends in a conflict."""
    typed = request.form.get(name, "")
    return 0 if typed == "0" else previews.number(typed) or -1


def _seen_outputs() -> frozenset[str]:
    return frozenset(request.form.getlist("outputs"))


def _gone(note: str = "") -> Response:
    """Say that nothing waits here, in the same words for withdrawn, hidden and never there."""
    text = gettext("Pemilik mungkin menariknya kembali, atau alamatnya keliru.")
    if note.strip():
        text = f"{text} {gettext('Catatan yang Anda ketik:')} {note}"
    page = GonePage(
        404,
        gettext("Ini tidak ada dalam antrean"),
        text,
        [(url_for("review.queue"), gettext("Ke antrean"), True)],
        "",
    )
    return web.show("errors/error.html", page, 404)
