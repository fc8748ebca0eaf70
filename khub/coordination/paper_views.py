"""Papers: the recap for a meeting, the reminder letter, and the letter's template."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request

from khub import i18n, web
from khub.coordination import letters, papers, standing
from khub.coordination import recap as recaps
from khub.coordination.letters import TemplateForm
from khub.errors import N_, ConflictError, InvalidError, NotFoundError
from khub.i18n import gettext
from khub.links import url_for

if TYPE_CHECKING:
    from khub.coordination.letters import Template
    from khub.coordination.recap import Recap
    from khub.coordination.standing import Standing

bp = Blueprint("papers", __name__, url_prefix="/koordinasi")

_VERSIONS = 10
_DIGITS = 6


@dataclass(frozen=True, slots=True)
class RecapPage:
    """The recap; ``obstacles``: for each row in words, ``sentence``: over all of them."""

    found: Recap
    obstacles: list[str]
    sentence: str


@dataclass(frozen=True, slots=True)
class Preview:
    """A letter as it would be written; ``table`` stands where a paragraph is None."""

    unit: str
    subject: str
    paragraphs: list[str | None]
    head: tuple[str, ...]
    table: list[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class TemplatePage:
    """The template: what is typed, its fields, its history; ``based_on`` is the version shown."""

    newest: Template
    based_on: int
    errors: list[web.Problem]
    refusal: str
    form: TemplateForm
    fields: list[tuple[str, str]]
    preview: Preview | None
    unit: str
    history: tuple[Template, ...]
    pager: web.Pager


@bp.get("/kl/<code>/rekap")
def recap(code: str) -> Response:
    """Show the recap of a K/L."""
    found = _recap(code)
    told = [papers.obstacle_word(found, shown.row.report) for shown in found.standing.rows]
    return web.show("coordination/recap.html", RecapPage(found, told, papers.obstacle_sentence(found)))


@bp.get("/kl/<code>/rekap.docx")
def recap_file(code: str) -> Response:
    """Hand out the recap of a K/L as DOCX."""
    found = _recap(code)
    return _file(papers.recap(found, web.actor().name), f"rekap-{found.standing.unit.code}.docx")


@bp.get("/kl/<code>/surat.docx")
def letter(code: str) -> Response:
    """Hand out the reminder letter to a K/L as DOCX; it is Indonesian whoever asks."""
    found, template = _standing(code), web.ask(letters.template)
    with i18n.speaking("id"):
        data = papers.letter(template, found, web.actor().name, web.services().clock.now())
    return _file(data, f"surat-{found.unit.code}.docx")


@bp.route("/surat", methods=["GET", "POST"])
def template() -> Response:
    """Show the letter's template with its history; save a new version, or only show what it would give."""
    newest = web.ask(letters.template)
    chosen = web.ask(letters.template, _version()) if request.args.get("versi") else newest
    form = TemplateForm(chosen.subject, chosen.body, str(newest.number))
    unit = request.values.get("kl", "").strip()[:60]
    errors: list[web.Problem] = []
    refusal, shown = "", None
    if request.method == "POST":
        form = TemplateForm.of(request.form)
        try:
            form.check()
            if request.form.get("act") == "pratinjau":
                shown = _preview(form, unit)
            else:
                web.services().letter_templates.save(web.actor(), form)
                return web.go(url_for("papers.template"))
        except InvalidError as error:
            errors = web.problems(error.errors)
        except ConflictError as error:
            refusal = gettext(error.message, **error.params)
            newest = web.ask(letters.template)
            form = replace(form, seen=str(newest.number))
    number = web.page_number()
    total, versions = web.ask(letters.history, page=number, size=_VERSIONS)
    page = TemplatePage(
        newest,
        chosen.number,
        errors,
        refusal,
        form,
        [(name, gettext(meaning)) for name, meaning in letters.FIELDS.items()],
        shown,
        unit,
        versions,
        web.Pager(number, _VERSIONS, total),
    )
    return web.show("coordination/template.html", page, 422 if errors else 409 if refusal else 200)


def _version() -> int:
    text = request.args.get("versi", "")
    if not (text.isascii() and text.isdigit() and len(text) <= _DIGITS):
        raise NotFoundError
    return int(text)


def _preview(form: TemplateForm, code: str) -> Preview:
    """Return the letter to one K/L, or to the first that still owes a report."""
    if not code:
        now = web.services().clock.now()
        place = web.ask(standing.place_of, now)
        owing = web.ask(standing.unit_list, "", "missing", place, page=1, size=1).rows
        code = owing[0].code if owing else ""
    try:
        found = _standing(code)
    except NotFoundError as error:
        raise InvalidError.one("kl", N_("Tulis kode K/L untuk contohnya.")) from error
    with i18n.speaking("id"):
        values = papers.letter_values(found, web.actor().name, web.services().clock.now())
        lines = letters.paragraphs(form.body)
        return Preview(
            found.unit.name,
            letters.fill(form.subject, values),
            [None if line == "{" + letters.TABLE + "}" else letters.fill(line, values) for line in lines],
            papers.letter_head(),
            papers.letter_rows(found),
        )


def _recap(code: str) -> Recap:
    plan, period = request.args.get("rencana", "")[:60], request.args.get("periode", "")[:40]
    return web.ask(recaps.recap, code, plan, period, web.services().clock.now())


def _standing(code: str) -> Standing:
    unit = web.ask(lambda session, _: standing.unit_called(session, code))
    plan, period = request.args.get("rencana", "")[:60], request.args.get("periode", "")[:40]
    place = web.ask(standing.place_of, web.services().clock.now(), plan, period)
    return web.ask(lambda session, _: standing.standing(session, unit, place))


def _file(data: bytes, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(data, content_type=papers.MEDIA_TYPE, headers=headers)
