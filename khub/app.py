"""The Flask application: settings → services → rooms → policy table → error table → headers."""

from __future__ import annotations

import errno
import logging
import secrets
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, g, request
from flask_babel import Babel
from flask_login import LoginManager
from flask_wtf.csrf import CSRFError, CSRFProtect
from jinja2 import StrictUndefined
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from werkzeug.exceptions import BadRequest, HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from khub import i18n, links, policy, shell, web, wiring
from khub.accounts import people_views
from khub.accounts import views as accounts_views
from khub.analysis import views as analysis_views
from khub.annual import edit_views as annual_views
from khub.asked import views as asked_views
from khub.audit import views as audit_views
from khub.checking import views as checking_views
from khub.coordination import follow_up_views, handover_views, paper_views
from khub.coordination import views as coordination_views
from khub.cycle import commitment_views, matrix_views, missing_views, number_views, period_views
from khub.errors import N_, ForbiddenError, InvalidError, KhubError, NoPlanError, ThrottledError
from khub.i18n import gettext
from khub.kinds import views as kind_views
from khub.links import url_for
from khub.mail import own_views
from khub.mail import views as mail_views
from khub.main import views as main_views
from khub.markup import Pages
from khub.picks import views as picks_views
from khub.plan import catalogue_views
from khub.plan import views as plan_views
from khub.policy import Right
from khub.products import upload_views
from khub.reports import offline_views
from khub.review import bulk_views, second_views
from khub.review import views as review_views
from khub.routes import ROUTES
from khub.saved import views as saved_views
from khub.search import index_views, page_views
from khub.synonyms import views as synonyms_views

if TYPE_CHECKING:
    from khub.settings import Settings
    from khub.wiring import Services

TEMPLATES = Path(__file__).parent.parent / "templates"
#: Room for the fields of a form around one file of the largest size.
_FORM_ROOM = 1 << 20

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
_HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_BLUEPRINTS = (
    main_views.bp,
    accounts_views.bp,
    people_views.bp,
    plan_views.bp,
    catalogue_views.bp,
    period_views.bp,
    commitment_views.bp,
    matrix_views.bp,
    missing_views.bp,
    number_views.bp,
    checking_views.bp,
    upload_views.bp,
    offline_views.bp,
    page_views.bp,
    index_views.bp,
    kind_views.bp,
    review_views.bp,
    bulk_views.bp,
    second_views.bp,
    annual_views.bp,
    asked_views.bp,
    audit_views.bp,
    mail_views.bp,
    own_views.bp,
    coordination_views.bp,
    follow_up_views.bp,
    paper_views.bp,
    handover_views.bp,
    analysis_views.bp,
    synonyms_views.bp,
    saved_views.bp,
    picks_views.bp,
)

log = logging.getLogger("khub")


def create_app(settings: Settings, services: Services | None = None) -> Flask:
    """Return the application; ``services`` replaces what ``wiring.build`` would make."""
    settings.check()
    app = Flask("khub", template_folder=str(TEMPLATES), static_folder=str(Path(__file__).parent / "static"))
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SESSION_COOKIE_NAME="khub_form",
        SESSION_COOKIE_SECURE=settings.cookies_secure,
        SESSION_COOKIE_SAMESITE="Lax",
        MAX_CONTENT_LENGTH=settings.max_upload + _FORM_ROOM,
        MAX_FORM_MEMORY_SIZE=2 << 20,
        MAX_FORM_PARTS=2000,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,
        BABEL_DEFAULT_LOCALE="id",
        SEND_FILE_MAX_AGE_DEFAULT=3600,
        TEMPLATES_AUTO_RELOAD=False,
    )
    app.jinja_environment = Pages
    app.jinja_env.undefined = StrictUndefined
    links.install(app)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.extensions["khub"] = services or wiring.build(settings)
    babel = Babel(app, locale_selector=_choose_language)
    babel.domain_instance = i18n.RoomDomain()
    i18n.install(app)
    CSRFProtect(app)
    _install_login(app)
    for blueprint in _BLUEPRINTS:
        app.register_blueprint(blueprint)
    _check_routes(app)
    app.before_request(_admit)
    app.after_request(_harden)
    app.context_processor(shell.context)
    app.register_error_handler(Exception, _refuse)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    return app


def _check_routes(app: Flask) -> None:
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()}
    if endpoints != ROUTES.keys():
        odd = ", ".join(sorted(endpoints ^ ROUTES.keys()))
        raise RuntimeError(f"routes and policy table differ: {odd}")


def _install_login(app: Flask) -> None:
    """Let Flask-Login serve ``current_user`` from our own server-side sessions."""
    manager = LoginManager(app)
    manager.session_protection = None
    manager.request_loader(lambda _request: g.get("signed_in"))


def _choose_language() -> str:
    person = g.get("signed_in")
    chosen = request.cookies.get(web.LANGUAGE_COOKIE) or (person.language if person else "")
    return chosen if chosen in i18n.LANGUAGES else web.services().settings.language


def _admit() -> Response | None:
    """Find out who asks and hold the route's right against it."""
    g.request_id = secrets.token_hex(8)
    g.signed_in = None
    g.actor = policy.anonymous(public_face=web.services().settings.public)
    if _holds_nul():
        raise BadRequest  # no text of ours holds one, and PostgreSQL refuses to look for it
    if request.endpoint == "static":
        return None
    if token := request.cookies.get(web.SESSION_COOKIE):
        g.signed_in = web.services().accounts.identify(token)
        if g.signed_in is not None:
            g.actor = replace(g.signed_in.actor, public_face=g.actor.public_face)
    if request.endpoint is None:
        return None
    right = ROUTES[request.endpoint]
    if policy.holds(g.actor, right):
        return None
    if g.actor.signed_in:
        raise ForbiddenError(_ROOMS.get(right, N_("Bagian ini bukan untuk peran Anda.")))
    return accounts_views.ask_to_sign_in()


def _holds_nul() -> bool:
    pairs = [*request.args.items(multi=True), *request.form.items(multi=True)]
    return "\0" in request.path or any("\0" in text for pair in pairs for text in pair)


_ROOMS = {
    Right.REVIEW: N_("Bagian ini untuk Sekretariat."),
    Right.COMPILE: N_("Bagian ini untuk Sekretariat."),
    Right.COORDINATE: N_("Bagian ini untuk Sekretariat dan ketua pokja."),
    Right.ANALYSE: N_("Bagian ini untuk Sekretariat, ketua pokja, dan auditor."),
    Right.ADMIN: N_("Bagian ini untuk admin."),
    Right.AUDIT: N_("Bagian ini untuk auditor, Sekretariat, dan admin."),
    Right.PLAN: N_("Bagian ini untuk Sekretariat dan admin."),
    Right.UPLOAD: N_("Bagian ini untuk anggota K/L yang mengunggah keluaran."),
}


def _harden(response: Response) -> Response:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if request.endpoint != "static":
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers["X-Request-Id"] = g.get("request_id", "")
    return response


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """What ``errors/error.html`` shows; ``code`` 0: nothing is wrong, there is only nothing yet."""

    code: int
    title: str
    text: str
    actions: list[tuple[str, str, bool]]
    request_id: str


_TITLES = {
    400: N_("Permintaan ini tidak terbaca"),
    403: N_("Bukan bagian Anda"),
    404: N_("Halaman ini tidak ada, atau bukan untuk Anda"),
    405: N_("Cara membuka halaman ini keliru"),
    409: N_("Keadaannya sudah berubah"),
    413: N_("Berkas terlalu besar"),
    422: N_("Ada isian yang perlu diperbaiki"),
    429: N_("Terlalu sering dicoba"),
    500: N_("Ada yang rusak di sisi khub"),
    503: N_("Bagian ini sedang tidak tersedia"),
}


_NO_DATABASE = N_("Basis data tidak menjawab. Tidak ada yang tersimpan setengah; coba lagi sebentar.")
_DISK_FULL = N_("Penyimpanan penuh. Tidak ada yang tersimpan setengah; hubungi admin, lalu coba lagi.")


def _refuse(error: Exception) -> Response:
    """Turn whatever was raised into a page, or into JSON for our scripts."""
    status, text, headers = _describe(error)
    if web.wants_json():
        response = web.answer(error=text)
        response.status_code = status
    else:
        response = web.show("errors/error.html", _page_of(error, status, text), status)
    response.headers.update(headers)
    return response


def _page_of(error: Exception, status: int, text: str) -> ErrorPage:
    home = (url_for("main.home"), gettext("Ke beranda"), True)
    if isinstance(error, NoPlanError):
        actions = [home]
        if policy.holds(web.actor(), Right.PLAN):
            text = gettext("Impor rencana dari CSV atau XLSX; templatnya ada di halaman impor.")
            actions = [(url_for("catalogue.import_file"), gettext("Impor rencana"), True)]
        return ErrorPage(0, gettext("Belum ada rencana"), text, actions, "")
    title = gettext(_TITLES.get(status, _TITLES[500 if status >= 500 else 400]))  # noqa: PLR2004
    return ErrorPage(status, title, text, [home], g.get("request_id", ""))


def _describe(error: Exception) -> tuple[int, str, dict[str, Any]]:  # noqa: PLR0911 - one return a kind
    match error:
        case InvalidError():
            return error.status, " ".join(problem.text for problem in web.problems(error.errors)), {}
        case ThrottledError():
            text = gettext(error.message, **error.params)
            return error.status, text, {"Retry-After": str(error.retry_after)}
        case KhubError() if error.status < 500 or error.status == 503:  # noqa: PLR2004
            return error.status, gettext(error.message, **error.params), {}
        case OperationalError() | PoolTimeoutError():
            log.error("request %s: the database failed", g.get("request_id", ""), exc_info=error)
            return 503, gettext(_NO_DATABASE), {"Retry-After": "30"}
        case OSError() if error.errno in (errno.ENOSPC, errno.EDQUOT):
            log.error("request %s: the disk is full", g.get("request_id", ""), exc_info=error)
            return 503, gettext(_DISK_FULL), {"Retry-After": "30"}
        case CSRFError():
            return 400, gettext("Formulir ini sudah kedaluwarsa. Muat ulang halaman, lalu kirim lagi."), {}
        case HTTPException() if error.code is not None and 400 <= error.code < 500:  # noqa: PLR2004
            return error.code, _http_text(error.code), dict(error.get_headers() if error.code == 405 else ())  # noqa: PLR2004
        case HTTPException() if error.code is not None and error.code < 400:  # noqa: PLR2004
            return error.code, "", {"Location": error.get_response().headers.get("Location", "")}
    log.error("request %s failed", g.get("request_id", ""), exc_info=error)
    return 500, gettext("Kesalahan ini tercatat. Tidak ada yang tersimpan setengah; coba lagi sebentar."), {}


def _http_text(code: int) -> str:
    texts = {
        404: N_(
            "Alamat ini tidak menunjuk apa pun yang dapat Anda buka. "
            "Bila diberi seseorang, tanyakan klasifikasinya."
        ),
        405: N_("Halaman ini tidak menerima cara pengiriman itu."),
        413: N_("Kiriman ini lebih besar dari batas. Unggah berkas satu per satu, atau perkecil."),
    }
    return str(
        gettext(texts.get(code, N_("khub tidak dapat membaca permintaan ini. Periksa alamat atau isian.")))
    )
