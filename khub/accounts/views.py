"""Signing in and out, one's own account, and the admin's pages on people."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response, request, session, url_for
from flask_babel import gettext

from khub import i18n, web
from khub.errors import InvalidError
from khub.words import ROLES

bp = Blueprint("accounts", __name__)


@dataclass(frozen=True, slots=True)
class LoginPage:
    """What ``accounts/login.html`` shows; demo logins are (login, role and unit, where to start)."""

    errors: list[web.Problem]
    login: str
    next: str
    demo_logins: list[tuple[str, str, str]]
    demo_password: str | None


def ask_to_sign_in() -> Response:
    """Answer a request that needs a person: the sign-in page, or 401 for our scripts."""
    here = request.full_path.rstrip("?") if request.method == "GET" else ""
    login = url_for("accounts.login", next=here or None)
    if web.wants_json():
        response = web.answer(error=gettext("Sesi Anda berakhir. Masuk lagi untuk melanjutkan."), login=login)
        response.status_code = 401
        return response
    return web.go(login)


@bp.route("/masuk", methods=["GET", "POST"])
def login() -> Response:
    """Sign in."""
    if request.method == "GET":
        return _show_login(request.args.get("next", ""))
    accounts = web.services().accounts
    name, target = request.form.get("login", ""), request.form.get("next", "")
    try:
        token = accounts.sign_in(
            name,
            request.form.get("password", ""),
            address=request.remote_addr or "",
            agent=request.headers.get("User-Agent", ""),
        )
    except InvalidError as error:
        return _show_login(target, name, web.problems(error.errors), error.status)
    if old := request.cookies.get(web.SESSION_COOKIE):
        accounts.sign_out(old)
    session.clear()
    return _with_session(web.go(web.safe_next(target)), token)


@bp.post("/keluar")
def logout() -> Response:
    """Sign out."""
    if token := request.cookies.get(web.SESSION_COOKIE):
        web.services().accounts.sign_out(token)
    session.clear()
    response = web.go(url_for("accounts.login"))
    response.delete_cookie(web.SESSION_COOKIE)
    return response


def _with_session(response: Response, token: str) -> Response:
    response.set_cookie(
        web.SESSION_COOKIE,
        token,
        httponly=True,
        samesite="Lax",
        secure=web.services().settings.cookies_secure,
        path="/",
    )
    return response


def _show_login(
    target: str, name: str = "", errors: list[web.Problem] | None = None, status: int = 200
) -> Response:
    logins, password = _demo() if web.services().settings.mode == "demo" else ([], None)
    page = LoginPage(errors or [], name[:200], target, logins, password)
    return web.show("accounts/login.html", page, status)


def _demo() -> tuple[list[tuple[str, str, str]], str]:
    """Return the demo's logins and their password."""
    from khub.demo import people  # noqa: PLC0415 - no other installation loads the demo

    rows = []
    for person in people.people():
        if person.listed:
            pokja = f"Pokja {person.pokja}" if person.pokja else None
            role = ", ".join(filter(None, (gettext(ROLES[person.role]), person.institution, pokja)))
            rows.append((person.login, role, person.start_en if i18n.language() == "en" else person.start))
    return rows, people.PASSWORD
