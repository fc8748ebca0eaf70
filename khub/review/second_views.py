"""Tinjauan kedua: the list of drawn approvals, and one of them read again without the first one's answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request

from khub import web
from khub.errors import ConflictError, InvalidError
from khub.i18n import gettext
from khub.links import url_for
from khub.review import checklist, previews, second_queries
from khub.review.views import answered_words

if TYPE_CHECKING:
    from khub.review.previews import Preview
    from khub.review.queries import Item
    from khub.review.report_item import ReportItem
    from khub.review.second_queries import Look, Row

bp = Blueprint("review_second", __name__)

_PAGE = 25


@dataclass(frozen=True, slots=True)
class ListPage:
    """Second looks that wait, or those decided."""

    rows: tuple[Row, ...]
    pager: web.Pager
    decided: bool
    share: int


@dataclass(frozen=True, slots=True)
class LookPage:
    """One second look; see ``views.ItemPage`` for what the shared parts of the page ask."""

    look: Look
    item: Item | ReportItem
    preview: Preview | None
    errors: list[web.Problem]
    conflict: str
    note: str
    verdict: str
    endpoint: str
    where: dict[str, object]
    answer_url: str
    answering: bool


@bp.get("/tinjauan-kedua")
def index() -> Response:
    """Show what waits for a second reviewer, or what was decided."""
    number = web.page_number()
    decided = request.args.get("tampil") == "diputus"
    total, rows = web.ask(
        second_queries.listed,
        web.services().clock.now(),
        decided=decided,
        offset=(number - 1) * _PAGE,
        limit=_PAGE,
    )
    share = web.services().settings.second_look_percent
    return web.show(
        "review/second_list.html", ListPage(rows, web.Pager(number, _PAGE, total), decided, share)
    )


@bp.get("/tinjauan-kedua/<int:look_id>")
def show(look_id: int) -> Response:
    """Show what is to be read again; once decided, what both reviewers said."""
    return web.show("review/second.html", _look_page(look_id))


@bp.post("/tinjauan-kedua/<int:look_id>/buka")
def open(look_id: int) -> Response:  # noqa: A001 - the endpoint's name; nothing here opens a file
    """Reserve it; where another holds it, the page says who."""
    try:
        web.services().second_looks.open(web.actor(), look_id)
    except ConflictError:
        return web.go(url_for("review_second.show", look_id=look_id))
    return web.go(url_for("review_second.show", look_id=look_id))


@bp.post("/tinjauan-kedua/<int:look_id>/jawab")
def answer(look_id: int) -> Response:
    """Keep answers to the checklist as they are given."""
    count = web.services().second_looks.answer(web.actor(), look_id, checklist.parse(request.form))
    if web.wants_json():
        return web.answer(saved=answered_words(count))
    return web.go(url_for("review_second.show", look_id=look_id, _anchor="periksa"))


@bp.post("/tinjauan-kedua/<int:look_id>/putuskan")
def decide(look_id: int) -> Response:
    """Say whether one would have approved or returned it."""
    try:
        web.services().second_looks.decide(
            web.actor(), look_id, request.form.get("verdict", ""), request.form.get("note", "")
        )
    except InvalidError as error:
        page = _look_page(look_id, errors=web.problems(error.errors))
        return web.show("review/second.html", page, error.status)
    except ConflictError as error:
        page = _look_page(look_id, conflict=gettext(error.message, **error.params))
        return web.show("review/second.html", page, error.status)
    return web.go(url_for("review_second.show", look_id=look_id))


def _look_page(look_id: int, *, errors: list[web.Problem] | None = None, conflict: str = "") -> LookPage:
    look = web.ask(second_queries.look, look_id, web.services().clock.now())
    return LookPage(
        look=look,
        item=look.item,
        preview=previews.shown(look.item),
        errors=errors or [],
        conflict=conflict,
        note=request.form.get("note", ""),
        verdict=request.form.get("verdict", ""),
        endpoint="review_second.show",
        where={"look_id": look_id},
        answer_url=url_for("review_second.answer", look_id=look_id),
        answering=look.mine,
    )
