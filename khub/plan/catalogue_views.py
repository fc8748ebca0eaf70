"""Keeping the plan (Sekretariat, admin): import and export, K/L."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from flask import Blueprint, Response, current_app, request
from itsdangerous import BadSignature, URLSafeTimedSerializer

from khub import web
from khub.errors import N_, ConflictError, InvalidError, KhubError, NotFoundError
from khub.i18n import gettext
from khub.links import url_for
from khub.plan import cycle_queries, forms, institution_queries, queries

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from khub.plan.comparison import ImportPlan
    from khub.plan.cycle_queries import ImportRow, YearRow
    from khub.plan.institution_queries import InstitutionFacts
    from khub.plan.queries import PlanRow
    from khub.plan.service import Download

bp = Blueprint("catalogue", __name__)

_ROWS = 50
#: Seconds that the address of a dry run works.
_TOKEN_LIFE = 24 * 3600
#: Parts of a dry run's report, by the word in the address: heading and field of ``ImportPlan``.
PARTS = {
    "salah": (N_("Perlu diperbaiki"), "problems"),
    "perhatian": (N_("Perhatian"), "warnings"),
    "kl": (N_("K/L akan ditambah"), "new_institutions"),
    "tambah": (N_("Aksi akan ditambah"), "added"),
    "ubah": (N_("Aksi akan diubah"), "changed"),
    "nama": (N_("Nama pilar dan fokus"), "levels"),
    "biar": (N_("Tidak ada dalam berkas, dibiarkan"), "left"),
}


@dataclass(frozen=True, slots=True)
class PlanWithYears:
    """A plan and the years of its table."""

    plan: PlanRow
    years: tuple[YearRow, ...]


@dataclass(frozen=True, slots=True)
class IndexPage:
    """The plans, and the imports there were."""

    plans: list[PlanWithYears]
    imports: tuple[ImportRow, ...]
    pager: web.Pager


@dataclass(frozen=True, slots=True)
class ImportPage:
    """The form that takes a file."""

    errors: list[web.Problem]


@dataclass(frozen=True, slots=True)
class ReportPage:
    """A dry run. ``parts`` are (word, heading, count); ``rows`` one page of part ``part``.

    Faults and warnings come translated, as ``FaultRow``; other rows are those of ``ImportPlan``.
    """

    token: str
    planned: ImportPlan
    refusal: str
    parts: list[tuple[str, str, int]]
    part: str
    rows: Sequence[object]
    pager: web.Pager


@dataclass(frozen=True, slots=True)
class FaultRow:
    """A fault in words."""

    line: int
    column: str
    text: str
    value: str


@dataclass(frozen=True, slots=True)
class InstitutionFormPage:
    """The form of a K/L; ``typed`` is what stands in it, ``facts`` None for a new one."""

    errors: list[web.Problem]
    refusal: str
    facts: InstitutionFacts | None
    typed: Mapping[str, str]


@bp.get("/rencana")
def index() -> Response:
    """Show the plans with their years, and past imports."""
    now, number = web.services().clock.now(), web.page_number()
    plans = [
        PlanWithYears(plan, web.ask(cycle_queries.year_rows, plan.code, now))
        for plan in web.ask(queries.plans, now)
    ]
    total, imports = web.ask(cycle_queries.imports, page=number, size=_ROWS)
    return web.show("plan/keep.html", IndexPage(plans, imports, web.Pager(number, _ROWS, total)))


# -- import and export -----------------------------------------------------------------------------


@bp.route("/rencana/impor", methods=["GET", "POST"])
def import_file() -> Response:
    """Take a file in the import format and lead to its dry run."""
    errors: list[web.Problem] = []
    if request.method == "POST":
        upload = request.files.get("file")
        try:
            if upload is None or not upload.filename:
                raise InvalidError.one("file", N_("Pilih berkas CSV atau XLSX."))
            blob = web.services().plans.keep(web.actor(), upload.stream)
        except InvalidError as error:
            errors = web.problems(error.errors)
        else:
            name = "".join(char for char in upload.filename if char.isprintable())[-100:]
            token = _tokens().dumps([blob.sha256, name, web.actor().person_id])
            return web.go(url_for("catalogue.report", token=token))
    return web.show("plan/import.html", ImportPage(errors), InvalidError.status if errors else 200)


@bp.get("/rencana/impor/<token>")
def report(token: str) -> Response:
    """Show what importing the kept file would do."""
    return _report(token)


@bp.post("/rencana/impor/<token>/terapkan")
def apply(token: str) -> Response:
    """Import the kept file, if it still means what the person has seen."""
    sha256, name = _kept(token)
    plans = web.services().plans
    seen = request.form.get("seen", "")
    try:
        if not seen:
            raise ConflictError(N_("Periksa hasilnya dahulu."))  # noqa: TRY301 - one way out
        plans.apply(web.actor(), plans.kept(sha256), name, seen)
    except (InvalidError, ConflictError) as error:
        return _report(token, error)
    return web.go(url_for("catalogue.index"))


@bp.get("/rencana/ekspor.<kind>")
def export(kind: str) -> Response:
    """Hand a plan out in the import format."""
    plan = web.ask(queries.plan_called, request.args.get("rencana", "")[:60], web.services().clock.now())
    return _download(web.services().plans.export(web.actor(), plan.code, kind))


@bp.get("/rencana/templat.<kind>")
def template(kind: str) -> Response:
    """Hand out an empty file to fill in."""
    return _download(web.services().plans.template(kind))


def _download(file: Download) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{file.name}"'}
    return Response(file.data, content_type=file.media_type, headers=headers)


def _tokens() -> URLSafeTimedSerializer:
    """Return the signer of dry-run addresses: a bare hash would open any stored file to this page."""
    return URLSafeTimedSerializer(cast("str", current_app.secret_key), salt="plan-import")


def _kept(token: str) -> tuple[str, str]:
    try:
        sha256, name, person_id = _tokens().loads(token, max_age=_TOKEN_LIFE)
    except (BadSignature, ValueError):
        raise NotFoundError(N_("Hasil periksa ini sudah kedaluwarsa. Unggah sekali lagi.")) from None
    if person_id != web.actor().person_id:
        raise NotFoundError
    return sha256, name


def _report(token: str, error: KhubError | None = None) -> Response:
    sha256, name = _kept(token)
    number = web.page_number()
    plans = web.services().plans
    try:
        planned = plans.check(web.actor(), plans.kept(sha256), name)
    except InvalidError as refused:
        return web.show("plan/import.html", ImportPage(web.problems(refused.errors)), refused.status)
    rows = {word: _rows(planned, field) for word, (_, field) in PARTS.items()}
    parts = [(word, gettext(PARTS[word][0]), len(found)) for word, found in rows.items() if found]
    part = request.args.get("bagian", "")
    if part not in {word for word, _, _ in parts}:
        part = parts[0][0] if parts else ""
    shown = rows.get(part, ())
    page = ReportPage(
        token=token,
        planned=planned,
        refusal=gettext(error.message, **error.params) if error else "",
        parts=parts,
        part=part,
        rows=shown[(number - 1) * _ROWS : number * _ROWS],
        pager=web.Pager(number, _ROWS, len(shown)),
    )
    return web.show("plan/report.html", page, error.status if error else 200)


def _rows(planned: ImportPlan, field: str) -> Sequence[object]:
    if field in ("problems", "warnings"):
        return [
            FaultRow(each.line, each.column, gettext(each.message, **each.params), each.value)
            for each in (planned.problems if field == "problems" else planned.warnings)
        ]
    return cast("Sequence[object]", getattr(planned, field))


# -- K/L -------------------------------------------------------------------------------------------


@bp.route("/kl/baru", methods=["GET", "POST"])
def new_institution() -> Response:
    """Add a K/L."""
    if request.method == "GET":
        return web.show("plan/institution_form.html", InstitutionFormPage([], "", None, {}))
    try:
        code = web.services().institutions.add(web.actor(), forms.institution(request.form))
    except InvalidError as error:
        page = InstitutionFormPage(web.problems(error.errors), "", None, request.form)
        return web.show("plan/institution_form.html", page, error.status)
    return web.go(url_for("plan.institution", code=code))


@bp.route("/kl/<code>/ubah", methods=["GET", "POST"])
def edit_institution(code: str) -> Response:
    """Change a K/L: names, validity, successor."""
    facts = web.ask(institution_queries.institution, code, web.services().clock.now())
    if request.method == "GET":
        page = InstitutionFormPage([], "", facts, _typed(facts))
        return web.show("plan/institution_form.html", page)
    try:
        form = forms.institution(request.form)
        web.services().institutions.edit(web.actor(), code, form, request.form.get("seen", ""))
    except InvalidError as error:
        page = InstitutionFormPage(web.problems(error.errors), "", facts, request.form)
        return web.show("plan/institution_form.html", page, error.status)
    except ConflictError as error:
        page = InstitutionFormPage([], gettext(error.message, **error.params), facts, request.form)
        return web.show("plan/institution_form.html", page, error.status)
    return web.go(url_for("plan.institution", code=code))


def _typed(facts: InstitutionFacts) -> dict[str, str]:
    return {
        "name": facts.name,
        "abbreviation": facts.abbreviation,
        "aliases": "\n".join(facts.aliases),
        "valid_from": facts.valid_from.isoformat() if facts.valid_from else "",
        "valid_to": facts.valid_to.isoformat() if facts.valid_to else "",
        "successor": facts.successor.code if facts.successor else "",
        "official_submits": "1" if facts.official_submits else "",
        "seen": facts.seen,
    }
