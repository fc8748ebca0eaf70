"""Tinjau massal: several approvals in one press, of what the machine finds nothing against."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request

from khub import web
from khub.errors import InvalidError
from khub.i18n import gettext
from khub.links import url_for
from khub.review import bulk, desk, forms
from khub.review.service import ManyError

if TYPE_CHECKING:
    from khub.review.bulk import Candidate

bp = Blueprint("review_bulk", __name__)

_PAGE = 15


@dataclass(frozen=True, slots=True)
class BulkPage:
    """What can be approved together. ``ticked``: values that were sent; ``conflict``: why nothing was done."""

    candidates: tuple[Candidate, ...]
    pager: web.Pager
    ticked: frozenset[str]
    errors: list[web.Problem]
    conflict: str

    @property
    def tickable(self) -> int:
        """Return how many of the page can be approved so."""
        return sum(each.tickable for each in self.candidates)


@bp.get("/tinjau-massal")
def index() -> Response:
    """Show what waits with the machine's checks."""
    return web.show("review/bulk.html", _page())


@bp.post("/tinjau-massal")
def approve() -> Response:
    """Approve what was ticked, all or none."""
    try:
        batch = web.services().review.approve_many(web.actor(), forms.chosen(request.form.getlist("pilih")))
    except InvalidError as error:
        return web.show("review/bulk.html", _page(errors=web.problems(error.errors)), error.status)
    except ManyError as error:
        conflict = gettext(
            "%(id)s: %(why)s Tidak satu pun disetujui.",
            id=error.public_id,
            why=gettext(error.message, **error.params),
        )
        return web.show("review/bulk.html", _page(conflict=conflict), error.status)
    return web.go(url_for("review.queue", baru=web.ask(desk.last_of, batch)))


def _page(*, errors: list[web.Problem] | None = None, conflict: str = "") -> BulkPage:
    number = web.page_number()
    total, found = web.ask(
        bulk.candidates, web.services().clock.now(), offset=(number - 1) * _PAGE, limit=_PAGE
    )
    return BulkPage(
        found,
        web.Pager(number, _PAGE, total),
        frozenset(request.form.getlist("pilih")),
        errors or [],
        conflict,
    )
