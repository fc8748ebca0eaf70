"""Signing in and out, one's own account, reset links, and what was typed when a session ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import Blueprint, Response, request, session

from khub import i18n, web
from khub.accounts import queries
from khub.accounts.parked import LIFE, Parked, Typed
from khub.errors import InvalidError, NotFoundError
from khub.i18n import gettext
from khub.links import url_for
from khub.words import LANGUAGES, ROLES

if TYPE_CHECKING:
    from khub.accounts.queries import PersonFacts, SessionRow
    from khub.accounts.service import SignedIn

bp = Blueprint("accounts", __name__)

PARKED_COOKIE = "khub_ketik"
_PARKED_KEPT = 5
_SESSIONS_SHOWN = 20
_YEAR = 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class LoginPage:
    """What ``accounts/login.html`` shows; demo logins are (login, role and unit, where to start)."""

    errors: list[web.Problem]
    notice: str
    login: str
    next: str
    demo_logins: list[tuple[str, str, str]]
    demo_password: str | None


@dataclass(frozen=True, slots=True)
class AccountPage:
    """One's own account; ``languages`` are (code, name), ``notice`` says what was just done."""

    errors: list[web.Problem]
    notice: str
    facts: PersonFacts
    languages: list[tuple[str, str]]
    language: str
    sessions: list[SessionRow]
    pager: web.Pager


@dataclass(frozen=True, slots=True)
class ResetPage:
    """A reset link that works, and the login that it is for."""

    errors: list[web.Problem]
    login: str


@dataclass(frozen=True, slots=True)
class ParkedPage:
    """Forms that were kept; those with no text left have had only files."""

    forms: list[Parked]


# -- signing in and out ----------------------------------------------------------------------------


def ask_to_sign_in() -> Response:
    """Answer a request that needs a person: the sign-in page, or 401 for our scripts.

    A form whose session has ended is kept first; it comes back after signing in.
    """
    if web.wants_json():
        login = url_for("accounts.login", next=_came_from())
        response = web.answer(
            error=gettext("Sesi Anda berakhir. Masuk lagi untuk melanjutkan."),
            login=login,
            label=gettext("Masuk"),
        )
        response.status_code = 401
        return response
    if request.method in {"GET", "HEAD"}:
        here = request.full_path.rstrip("?")
        return web.go(url_for("accounts.login", next=here if here != "/" else None))
    token = web.services().accounts.park(request.cookies.get(web.SESSION_COOKIE, ""), _typed())
    if token is None:
        return web.go(url_for("accounts.login", next=_came_from()))
    response = web.go(url_for("accounts.login", next=url_for("accounts.parked")))
    kept = ".".join([*_parked_tokens(), token][-_PARKED_KEPT:])
    return _with_cookie(response, PARKED_COOKIE, kept, int(LIFE.total_seconds()))


def _typed() -> Typed:
    """Return the text fields of the present form; passwords and the one-time token are not kept."""
    fields = tuple(
        (name, value)
        for name, value in request.form.items(multi=True)
        if name != "csrf_token" and "password" not in name
    )
    files = sum(1 for _, file in request.files.items(multi=True) if file.filename)
    return Typed(request.full_path.rstrip("?"), fields, files)


def _came_from() -> str | None:
    """Return the path of the page that the request came from, when it is one of ours."""
    referrer = urlsplit(request.referrer or "")
    if referrer.netloc != request.host:
        return None
    return f"{referrer.path}?{referrer.query}" if referrer.query else referrer.path


@bp.route("/masuk", methods=["GET", "POST"])
def login() -> Response:
    """Sign in."""
    if request.method == "GET":
        return _show_login(request.args.get("next", ""), notice=_login_notice())
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
        return _show_login(target, name, web.problems(error.errors), status=error.status)
    old = request.cookies.get(web.SESSION_COOKIE, "")
    entering = accounts.identify(token)
    # Whoever comes back to his own browser keeps the form token, so that pages he left open still work.
    if entering is None or accounts.named(old) != entering.person_id:
        session.clear()
    accounts.sign_out(old)
    return _with_cookie(web.go(web.safe_next(target)), web.SESSION_COOKIE, token)


@bp.post("/keluar")
def logout() -> Response:
    """Sign out."""
    web.services().accounts.sign_out(request.cookies.get(web.SESSION_COOKIE, ""))
    session.clear()
    response = web.go(url_for("accounts.login"))
    response.delete_cookie(web.SESSION_COOKIE)
    return response


def _login_notice() -> str:
    text: str = ""
    if request.args.get("sandi") == "baru":
        text = gettext("Kata sandi baru tersimpan. Masuk dengan kata sandi itu.")
    elif web.signed_in() is None and request.cookies.get(web.SESSION_COOKIE):
        text = gettext("Sesi Anda berakhir. Masuk lagi untuk melanjutkan.")
        if request.args.get("next") == url_for("accounts.parked"):
            text = gettext("Sesi Anda berakhir. Yang Anda ketik tersimpan; masuk untuk melanjutkan.")
    return text


def _show_login(
    target: str,
    name: str = "",
    errors: list[web.Problem] | None = None,
    *,
    notice: str = "",
    status: int = 200,
) -> Response:
    logins, password = _demo() if web.services().settings.mode == "demo" else ([], None)
    page = LoginPage(errors or [], notice, name[:200], target[:2000], logins, password)
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


def _with_cookie(response: Response, name: str, value: str, max_age: int | None = None) -> Response:
    response.set_cookie(
        name,
        value,
        max_age=max_age,
        httponly=True,
        samesite="Lax",
        secure=web.services().settings.cookies_secure,
        path="/",
    )
    return response


# -- one's own account -----------------------------------------------------------------------------


@bp.get("/akun")
def account() -> Response:
    """Show one's own account."""
    done = {
        "sandi": gettext("Kata sandi diganti. Sesi Anda di perangkat lain diakhiri."),
        "bahasa": gettext("Bahasa disimpan."),
        "sesi": gettext("Sesi diakhiri."),
        "pencarian": gettext("Riwayat pencarian Anda dihapus."),
    }
    return _show_account(notice=done.get(request.args.get("selesai", ""), ""))


@bp.post("/akun/sandi")
def change_password() -> Response:
    """Change one's own password."""
    form = request.form
    try:
        token = web.services().accounts.change_password(
            web.actor(),
            form.get("old_password", ""),
            form.get("new_password", ""),
            sign_in_id=_me().sign_in_id,
        )
    except InvalidError as error:
        return _show_account(web.problems(error.errors), status=error.status)
    return _with_cookie(web.go(url_for("accounts.account", selesai="sandi")), web.SESSION_COOKIE, token)


@bp.post("/akun/bahasa")
def set_language() -> Response:
    """Remember the language with the account, and use it from now on."""
    code = request.form.get("language", "")
    try:
        web.services().accounts.set_language(web.actor(), code)
    except InvalidError as error:
        return _show_account(web.problems(error.errors), status=error.status)
    response = web.go(url_for("accounts.account", selesai="bahasa"))
    return _with_cookie(response, web.LANGUAGE_COOKIE, code, _YEAR)


@bp.post("/akun/sesi/<int(max=2147483647):sign_in_id>/cabut")
def revoke(sign_in_id: int) -> Response:
    """End one of one's own sessions."""
    web.services().accounts.revoke(web.actor(), sign_in_id)
    return web.go(url_for("accounts.account", selesai="sesi"))


@bp.post("/akun/sesi/cabut-lain")
def revoke_others() -> Response:
    """End all of one's sessions but this one."""
    web.services().accounts.revoke_others(web.actor(), _me().sign_in_id)
    return web.go(url_for("accounts.account", selesai="sesi"))


def _me() -> SignedIn:
    person = web.signed_in()
    if person is None:
        raise NotFoundError
    return person


def _show_account(
    errors: list[web.Problem] | None = None, *, notice: str = "", status: int = 200
) -> Response:
    accounts, number = web.services().accounts, web.page_number()
    now = web.services().clock.now()
    facts = web.ask(queries.account, now)
    found = web.ask(
        queries.own_sessions, _me().sign_in_id, now, accounts.idle, page=number, size=_SESSIONS_SHOWN
    )
    page = AccountPage(
        errors=errors or [],
        notice=notice,
        facts=facts,
        languages=[(code, gettext(name)) for code, name in LANGUAGES.items()],
        language=facts.language or i18n.language(),
        sessions=found.rows,
        pager=web.Pager(number, _SESSIONS_SHOWN, found.total),
    )
    return web.show("accounts/account.html", page, status)


# -- reset links -------------------------------------------------------------------------------------


@bp.route("/atur-ulang/<token>", methods=["GET", "POST"])
def reset(token: str) -> Response:
    """Set a new password by a link from an admin, once."""
    accounts = web.services().accounts
    errors: list[web.Problem] = []
    if request.method == "POST":
        try:
            accounts.use_reset(token, request.form.get("new_password", ""))
        except InvalidError as error:
            errors = web.problems(error.errors)
        else:
            response = web.go(url_for("accounts.login", sandi="baru"))
            response.delete_cookie(web.SESSION_COOKIE)
            return response
    page = ResetPage(errors, accounts.reset_login(token))
    response = web.show("accounts/reset.html", page, InvalidError.status if errors else 200)
    # The address is the secret: it must not travel on in a Referer.
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


# -- what was typed when a session ended -------------------------------------------------------------


@bp.get("/tersimpan")
def parked() -> Response:
    """Show the forms that were kept for this person in this browser."""
    forms = web.services().accounts.parked(web.actor(), _parked_tokens())
    if not forms:
        return web.go(url_for("main.home"))
    return web.show("accounts/parked.html", ParkedPage(forms))


@bp.post("/tersimpan/<int(max=2147483647):parked_id>/kirim")
def send_parked(parked_id: int) -> Response:
    """Send a kept form on to where it was going; 307 carries the fields of the present one along."""
    form = web.services().accounts.unpark(web.actor(), _parked_tokens(), parked_id)
    return Response(status=307, headers={"Location": web.safe_next(form.typed.path)})


@bp.post("/tersimpan/<int(max=2147483647):parked_id>/buang")
def discard_parked(parked_id: int) -> Response:
    """Throw a kept form away."""
    web.services().accounts.discard(web.actor(), _parked_tokens(), parked_id)
    return web.go(url_for("accounts.parked"))


def _parked_tokens() -> list[str]:
    return [token for token in request.cookies.get(PARKED_COOKIE, "").split(".") if token][-_PARKED_KEPT:]
