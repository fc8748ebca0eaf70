"""Home, language, help, health."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response, request

from khub import i18n, web
from khub.errors import NotFoundError

bp = Blueprint("main", __name__)

_YEAR = 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class StaticPage:
    """A page of words only."""


@bp.get("/")
def home() -> Response:
    """Show what waits for the person."""
    return web.show("main/home.html", StaticPage())


@bp.get("/bahasa/<code>")
def language(code: str) -> Response:
    """Remember the language and go back."""
    if code not in i18n.LANGUAGES:
        raise NotFoundError
    response = web.go(web.safe_next(request.args.get("next")))
    response.set_cookie(
        web.LANGUAGE_COOKIE,
        code,
        max_age=_YEAR,
        samesite="Lax",
        secure=web.services().settings.cookies_secure,
        httponly=True,
    )
    return response


@bp.get("/bantuan/pencarian")
def help_search() -> Response:
    """Explain the search grammar."""
    return web.show("main/help_search.html", StaticPage())


@bp.get("/aksesibilitas")
def accessibility() -> Response:
    """Say what was done for access, and what is missing."""
    return web.show("main/accessibility.html", StaticPage())


@bp.get("/healthz")
def healthz() -> Response:
    """Tell that the process answers."""
    return web.answer(status="ok")


@bp.get("/readyz")
def readyz() -> Response:
    """Tell whether the database answers."""
    web.ask(lambda session, _: session.connection().exec_driver_sql("SELECT 1").scalar())
    return web.answer(status="ready")
