"""The rows as an XLSX to take away, and bringing it back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from flask import Response, current_app, request
from itsdangerous import BadSignature, URLSafeTimedSerializer

from khub import web
from khub.errors import N_, ConflictError, InvalidError, KhubError, NotFoundError
from khub.i18n import gettext
from khub.links import url_for
from khub.reports import rows, wording
from khub.reports.file_views import bp

__all__ = ["bp"]

if TYPE_CHECKING:
    from khub.plan.sheets import Problem
    from khub.reports.offline import Change, Preview

#: Seconds that the address of a preview works.
_TOKEN_LIFE = 24 * 3600
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_ROWS = 50
_FAULTS = 200


@dataclass(frozen=True, slots=True)
class BringPage:
    """The form that takes a sheet back; ``period`` is "plan/period"."""

    period: str
    errors: list[web.Problem]


@dataclass(frozen=True, slots=True)
class FaultRow:
    """A bad cell in words."""

    line: int
    column: str
    text: str
    value: str


@dataclass(frozen=True, slots=True)
class PreviewPage:
    """What bringing a sheet back would do; ``changes`` is one page of them, ``unread`` columns left out."""

    token: str
    period: str
    preview: Preview
    faults: list[FaultRow]
    unread: list[FaultRow]
    changes: tuple[Change, ...]
    pager: web.Pager
    refusal: str


@bp.get("/laporan-saya/lembar.xlsx")
def sheet() -> Response:
    """Hand the rows of a period out as a workbook."""
    plan, _, period = _key().partition("/")
    data = web.services().bringing.sheet(
        web.actor(),
        plan,
        period,
        wording.state_word,
        lambda name: gettext("Teks dari %(period)s sebagai awal; belum tersimpan.", period=name),
    )
    name = f"laporan-{period[:40]}.xlsx"
    return Response(
        data, content_type=_XLSX, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


def _key() -> str:
    key = request.values.get("periode", "")[:130] or web.ask(rows.running_key, web.services().clock.now())
    if not key:
        raise NotFoundError
    return key


@bp.route("/laporan-saya/bawa-kembali", methods=["GET", "POST"])
def bring() -> Response:
    """Take a filled-in sheet and lead to its preview; nothing changes yet."""
    key = _key()
    plan, _, period = key.partition("/")
    web.ask(rows.demand_own, plan, period, web.services().clock.now())
    errors: list[web.Problem] = []
    if request.method == "POST":
        upload = request.files.get("file")
        try:
            if upload is None or not upload.filename:
                raise InvalidError.one("file", N_("Pilih lembar XLSX yang sudah diisi."))
            sha256 = web.services().bringing.keep(upload.stream)
            name = "".join(char for char in upload.filename if char.isprintable())[-100:]
            web.services().bringing.check(web.actor(), plan, period, sha256, name)
        except InvalidError as error:
            errors = web.problems(error.errors)
        else:
            token = _tokens().dumps([sha256, name, key, web.actor().person_id])
            return web.go(url_for("reports.preview", token=token))
    return web.show("reports/bring.html", BringPage(key, errors), InvalidError.status if errors else 200)


@bp.get("/laporan-saya/bawa-kembali/<token>")
def preview(token: str) -> Response:
    """Show what the kept sheet would change."""
    return _preview(token)


@bp.post("/laporan-saya/bawa-kembali/<token>/terapkan")
def apply(token: str) -> Response:
    """Write the changes that the person has seen, as drafts."""
    sha256, name, key = _kept(token)
    plan, _, period = key.partition("/")
    try:
        web.services().bringing.apply(web.actor(), plan, period, sha256, name, request.form.get("seen", ""))
    except (InvalidError, ConflictError) as error:
        return _preview(token, error)
    return web.go(url_for("reports.index", periode=key))


def _preview(token: str, error: KhubError | None = None) -> Response:
    sha256, name, key = _kept(token)
    plan, _, period = key.partition("/")
    number = web.page_number()
    found = web.services().bringing.check(web.actor(), plan, period, sha256, name)
    page = PreviewPage(
        token=token,
        period=key,
        preview=found,
        faults=_in_words(found.problems),
        unread=_in_words(found.warnings),
        changes=found.changes[(number - 1) * _ROWS : number * _ROWS],
        pager=web.Pager(number, _ROWS, len(found.changes)),
        refusal=gettext(error.message, **error.params) if error else "",
    )
    return web.show("reports/preview.html", page, error.status if error else 200)


def _in_words(problems: tuple[Problem, ...]) -> list[FaultRow]:
    return [
        FaultRow(each.line, each.column, gettext(each.message, **each.params), each.value)
        for each in problems[:_FAULTS]
    ]


def _tokens() -> URLSafeTimedSerializer:
    """Return the signer of previews' addresses: a bare hash would open any stored file to this page."""
    return URLSafeTimedSerializer(cast("str", current_app.secret_key), salt="report-sheet")


def _kept(token: str) -> tuple[str, str, str]:
    try:
        sha256, name, key, person_id = _tokens().loads(token, max_age=_TOKEN_LIFE)
    except (BadSignature, ValueError):
        raise NotFoundError(N_("Pratinjau ini sudah kedaluwarsa. Unggah sekali lagi.")) from None
    if person_id != web.actor().person_id:
        raise NotFoundError
    return sha256, name, key
