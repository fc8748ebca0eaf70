"""Lists and the page of a keluaran, receipts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request

from indexer.ports import IndexUnavailableError
from khub import web
from khub.errors import ConflictError, InvalidError
from khub.links import url_for
from khub.products import drafts, forms, pages, queries, receipts, wording
from khub.products.detail import detail as find_detail

if TYPE_CHECKING:
    from khub.products.detail import Detail
    from khub.products.drafts import Choices
    from khub.products.queries import Filter, ProductRow
    from khub.products.receipts import ReceiptShown

bp = Blueprint("products", __name__)
for _name, _filter in wording.FILTERS.items():
    bp.add_app_template_filter(_filter, _name)

_PAGE = 25


@dataclass(frozen=True, slots=True)
class ListPage:
    """A list of keluaran."""

    rows: list[ProductRow]
    pager: web.Pager
    wanted: Filter
    choices: Choices


@dataclass(frozen=True, slots=True)
class DetailPage:
    """The page of a keluaran."""

    detail: Detail
    errors: list[web.Problem]
    classification: str
    reason: str
    similar: list[ProductRow]


@dataclass(frozen=True, slots=True)
class ReceiptPage:
    """A receipt. ``held``: rows of the same press that were left because something is missing."""

    receipt: ReceiptShown
    held: int


# -- keluaran ------------------------------------------------------------------------------------


@bp.get("/keluaran")
def index() -> Response:
    """List the keluaran that the reader may read."""
    wanted = queries.Filter(
        state=request.args.get("status", ""),
        period=request.args.get("periode", ""),
        kind=request.args.get("jenis", ""),
        institution=request.args.get("kl", ""),
        mine=request.args.get("milik", "") == "saya",
    )
    number = web.page_number()
    now = web.services().clock.now()
    total, rows = web.ask(queries.product_list, wanted, now, offset=(number - 1) * _PAGE, limit=_PAGE)
    page = ListPage(rows, web.Pager(number, _PAGE, total), wanted, web.ask(drafts.choices))
    return web.show("products/index.html", page)


@bp.get("/keluaran/<public_id>")
def detail(public_id: str) -> Response:
    """Show a keluaran: what it is, its files, versions and history."""
    return web.show("products/detail.html", _detail_page(public_id))


def _detail_page(public_id: str, errors: list[web.Problem] | None = None) -> DetailPage:
    found = web.ask(
        find_detail,
        public_id,
        web.services().clock.now(),
        version=_small("v"),
        snapshot=_small("c"),
    )
    return DetailPage(
        detail=found,
        errors=errors or [],
        classification=request.form.get("classification", found.classification),
        reason=request.form.get("reason", ""),
        similar=_similar(public_id),
    )


def _similar(public_id: str) -> list[ProductRow]:
    """Return keluaran like this one; none while there is no index."""
    try:
        return web.services().search.similar(web.actor(), web.ask(pages.product_number, public_id))
    except IndexUnavailableError:
        return []


def _small(name: str) -> int | None:
    text = request.args.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else None  # noqa: PLR2004


@bp.post("/keluaran/<public_id>/klasifikasi")
def classify(public_id: str) -> Response:
    """Change the classification, with a reason."""
    try:
        web.services().products.classify(
            web.actor(),
            public_id,
            request.form.get("classification", ""),
            forms.clean(request.form.get("reason", ""))[: forms.NOTE_LIMIT],
        )
    except InvalidError as error:
        return web.show("products/detail.html", _detail_page(public_id, web.problems(error.errors)), 422)
    return web.go(url_for("products.detail", public_id=public_id))


@bp.post("/keluaran/<public_id>/tarik")
def withdraw(public_id: str) -> Response:
    """Take back what was handed in."""
    web.services().products.withdraw(web.actor(), public_id)
    return web.go(url_for("products.edit", public_id=public_id))


@bp.post("/keluaran/<public_id>/versi-baru")
def add_version(public_id: str) -> Response:
    """Start the next version."""
    try:
        web.services().products.add_version(web.actor(), public_id)
    except ConflictError:
        web.ask(drafts.product_card, public_id)  # pressed twice: the draft is there already
    return web.go(url_for("products.edit", public_id=public_id))


@bp.get("/tanda-terima/<number>")
def receipt(number: str) -> Response:
    """Show a receipt."""
    found = web.ask(receipts.receipt, number, web.services().clock.now())
    return web.show("products/receipt.html", ReceiptPage(found, _small("sisa") or 0))
