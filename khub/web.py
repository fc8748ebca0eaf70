"""What views stand on: who asks, services, reading, rendering, safe answers."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Concatenate, cast

from flask import Response, current_app, g, jsonify, render_template, request
from sqlalchemy.exc import DBAPIError

from khub.errors import N_, FieldError, InvalidError
from khub.i18n import gettext
from khub.links import url_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import ParamSpec, TypeVar

    from sqlalchemy.orm import Session

    from khub.accounts.service import SignedIn
    from khub.policy import Actor
    from khub.wiring import Services

    P = ParamSpec("P")
    T = TypeVar("T")

#: Header that our own scripts send; the answer is then JSON.
SCRIPT_HEADER = "khub"
SESSION_COOKIE = "khub_session"
LANGUAGE_COOKIE = "khub_bahasa"


@dataclass(frozen=True, slots=True)
class Problem:
    """A field error, translated, as templates show it."""

    field: str
    text: str


@dataclass(frozen=True, slots=True)
class Pager:
    """Where in a paged list one is. ``page`` counts from 1; ``size`` rows a page."""

    page: int
    size: int
    total: int

    @property
    def pages(self) -> int:
        """Return how many pages there are, at least 1."""
        return max(1, -(-self.total // self.size))

    @property
    def first(self) -> int:
        """Return the number of the first row shown, 0 when there is none."""
        return min(self.total, (self.page - 1) * self.size + 1)

    @property
    def last(self) -> int:
        """Return the number of the last row shown."""
        return min(self.total, self.page * self.size)

    @property
    def window(self) -> list[int | None]:
        """Return the page numbers to link, with ``None`` for a gap."""
        near = sorted(
            {1, self.pages, *(n for n in range(self.page - 2, self.page + 3) if 1 <= n <= self.pages)}
        )
        shown: list[int | None] = []
        for number in near:
            if shown and number - cast("int", shown[-1]) > 1:
                shown.append(None)
            shown.append(number)
        return shown

    @staticmethod
    def href(number: int) -> str:
        """Return the address of page ``number`` of the present list."""
        arguments = {key: request.args.getlist(key) for key in request.args}
        arguments["hlm"] = [str(number)]
        return url_for(request.endpoint or "", **{**(request.view_args or {}), **arguments})


def services() -> Services:
    """Return the application's services."""
    return cast("Services", current_app.extensions["khub"])


def signed_in() -> SignedIn | None:
    """Return the session that the request carries, if it is alive."""
    return cast("SignedIn | None", g.get("signed_in"))


def actor() -> Actor:
    """Return who asks; anonymous without a session."""
    return cast("Actor", g.actor)


def ask(query: Callable[Concatenate[Session, Actor, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a read-side query as the present actor on one consistent snapshot; in ``one_moment``, on its."""
    showing: ExitStack | None = g.get("showing")
    if showing is None:
        with services().db.read() as session:
            return query(session, actor(), *args, **kwargs)
    if "shown" not in g:
        g.shown = showing.enter_context(services().db.read())
    try:
        return query(g.shown, actor(), *args, **kwargs)
    except DBAPIError:
        g.shown.rollback()  # who can do without goes on
        raise


def keep_waiting(count: int) -> None:
    """Let the menu say the length of the queue that this page has counted, not count it again."""
    g.waiting = count


def waiting() -> int | None:
    """Return the length of the queue, where this page has counted it."""
    return cast("int | None", g.get("waiting"))


@contextmanager
def one_moment() -> Iterator[None]:
    """Let all that is asked meanwhile be asked of one snapshot: what a page says fits together."""
    if "showing" in g:
        yield
        return
    with ExitStack() as g.showing:
        try:
            yield
        finally:
            g.pop("shown", None)
            g.pop("showing")


def show(template: str, page: object, status: int = 200) -> Response:
    """Render ``templates/<template>`` with the view's page object; all that it asks itself is of one moment."""
    with one_moment():
        text = render_template(template, page=page)
    return Response(text, status, content_type="text/html; charset=utf-8")


def problems(errors: Sequence[FieldError]) -> list[Problem]:
    """Translate field errors for a template."""
    return [Problem(error.name, gettext(error.message, **error.params)) for error in errors]


def wants_json() -> bool:
    """Tell whether one of our scripts asks."""
    return request.headers.get("X-Requested-With") == SCRIPT_HEADER


def answer(**facts: Any) -> Response:
    """Return a JSON answer for one of our scripts."""
    return jsonify(facts)


def page_number(name: str = "hlm", limit: int = 100_000) -> int:
    """Return the 1-based page number in the address; anything unusable is refused with 422."""
    text = request.args.get(name, "1")
    if not (text.isascii() and text.isdigit() and len(text) < 9 and 1 <= int(text) <= limit):  # noqa: PLR2004 - longer than any limit
        raise InvalidError.one(name, N_("Nomor halaman tidak dikenali."))
    return int(text)


def go(location: str) -> Response:
    """Return the redirect that follows a POST (303)."""
    return Response(status=303, headers={"Location": location})


def safe_next(target: str | None) -> str:
    """Return ``target`` when it is a path of this site, else the home page."""
    if target and target.startswith("/") and not target.startswith(("//", "/\\")) and target.isprintable():
        return target
    return url_for("main.home")
