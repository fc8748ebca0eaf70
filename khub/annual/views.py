"""Reading the annual report: list, chapters, masukan, editions and what they changed, exports."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, request, send_file

from khub import web
from khub.annual import editions, paper, publishing, queries, reading, wording
from khub.annual.publishing import Format
from khub.errors import NotFoundError
from khub.i18n import gettext
from khub.policy import Right, holds

if TYPE_CHECKING:
    from khub.annual.document import Reference, Section
    from khub.annual.editions import Compared, Edition, Exports
    from khub.annual.queries import Comments, Past, ReportRow
    from khub.annual.reading import Chapter, Entry, SectionShown

bp = Blueprint("annual", __name__, url_prefix="/laporan-pelaksanaan")

_PAGE = 25
_MIME = {
    Format.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    Format.PDF: "application/pdf",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.CSV: "text/csv; charset=utf-8",
}

for _name, _filter in wording.FILTERS.items():
    bp.add_app_template_filter(_filter, _name)


@dataclass(frozen=True, slots=True)
class IndexPage:
    """The reports, and what can be started."""

    rows: tuple[ReportRow, ...]
    pager: web.Pager
    start: list[tuple[str, str]]
    errors: list[web.Problem]
    typed: dict[str, str]


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two texts of one paragraph: what is stored, and what was typed."""

    text: str
    stored: str


@dataclass(frozen=True, slots=True)
class ChapterPage:
    """A chapter. ``typed``: what was sent and could not be taken; ``cited``: the key of a fresh citation."""

    chapter: Chapter
    errors: list[web.Problem] = field(default_factory=list)
    typed: dict[str, str] = field(default_factory=dict)
    conflict: Conflict | None = None
    cited: int = 0


@dataclass(frozen=True, slots=True)
class CommentsPage:
    """All masukan on a report."""

    comments: Comments
    pager: web.Pager
    errors: list[web.Problem]
    typed: dict[str, str]


@dataclass(frozen=True, slots=True)
class PastPage:
    """A paragraph's revisions."""

    past: Past
    pager: web.Pager
    acts: dict[str, str]


@dataclass(frozen=True, slots=True)
class EditionPage:
    """One chapter of a frozen edition."""

    edition: Edition
    entries: tuple[Entry, ...]
    heading: str
    sections: tuple[SectionShown, ...]
    references: tuple[Reference, ...]


@dataclass(frozen=True, slots=True)
class ChangesPage:
    """What an edition changed against an earlier one, a page of it."""

    compared: Compared
    rows: tuple[editions.Difference, ...]
    pager: web.Pager
    kinds: dict[str, str]


@dataclass(frozen=True, slots=True)
class ExportsPage:
    """The files of a report. ``waiting``: whether one is being made; ``pdf``: whether LibreOffice is there."""

    exports: Exports
    pager: web.Pager
    waiting: bool
    pdf: bool
    states: dict[str, str]
    why: dict[str, str]
    errors: list[web.Problem]


@bp.get("")
def index() -> Response:
    """List the reports that the person may read."""
    return web.show("annual/index.html", index_page())


def index_page(errors: list[web.Problem] | None = None, typed: dict[str, str] | None = None) -> IndexPage:
    """Return the list, with what was wrong about a report that was to be started."""
    number = web.page_number()
    now = web.services().clock.now()
    total, rows = web.ask(queries.report_list, now, offset=(number - 1) * _PAGE, limit=_PAGE)
    possible = web.ask(queries.startable) if holds(web.actor(), Right.COMPILE) else ()
    return IndexPage(
        rows,
        web.Pager(number, _PAGE, total),
        [(f"{code}/{year}", f"{name}, {year}") for code, name, year in possible],
        errors or [],
        typed or {},
    )


@bp.get("/<public_id>")
def show(public_id: str) -> Response:
    """Show a chapter of the draft; ``ubah`` opens one paragraph of it."""
    return show_chapter(
        public_id, request.args.get("bagian", ""), editing=_number("ubah"), cited=_number("kutipan")
    )


def show_chapter(public_id: str, part: str, *, editing: int = 0, status: int = 200, **more: Any) -> Response:
    """Show a chapter with what the person had typed, after an act that was refused."""
    now = web.services().clock.now()
    found = web.ask(reading.chapter, public_id, now, part=part, editing=editing)
    return web.show("annual/chapter.html", ChapterPage(found, **more), status)


@bp.get("/<public_id>/masukan")
def comments(public_id: str) -> Response:
    """List all masukan on a report."""
    return show_comments(public_id)


def show_comments(
    public_id: str,
    errors: list[web.Problem] | None = None,
    typed: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    """Show all masukan, with what was wrong about an answer."""
    number = web.page_number()
    now = web.services().clock.now()
    found = web.ask(queries.comments, public_id, now, offset=(number - 1) * _PAGE, limit=_PAGE)
    page = CommentsPage(found, web.Pager(number, _PAGE, found.total), errors or [], typed or {})
    return web.show("annual/comments.html", page, status)


@bp.get("/<public_id>/paragraf/<int(max=2147483647):paragraph_id>/riwayat")
def past(public_id: str, paragraph_id: int) -> Response:
    """Show who wrote what in a paragraph."""
    number = web.page_number()
    now = web.services().clock.now()
    found = web.ask(queries.past, public_id, paragraph_id, now, offset=(number - 1) * _PAGE, limit=_PAGE)
    acts = {act: gettext(word) for act, word in wording.REVISIONS.items()}
    return web.show("annual/past.html", PastPage(found, web.Pager(number, _PAGE, found.total), acts))


@bp.get("/<public_id>/edisi/<int(max=2147483647):number>")
def edition(public_id: str, number: int) -> Response:
    """Show a chapter of a frozen edition."""
    found = web.ask(editions.edition, public_id, number)
    parts = found.document.sections
    page_of = reading.pages(parts)
    wanted = request.args.get("bagian", "")
    if wanted == "kutipan":
        return web.show("annual/edition.html", _references(found, parts, page_of))
    chosen = page_of.get(wanted) if wanted else parts[0].key
    if chosen is None:
        raise NotFoundError
    shown = tuple(editions.shown(part) for part in parts if page_of[part.key] == chosen)
    heading = next(part.heading for part in parts if part.key == chosen)
    page = EditionPage(found, editions.entries(parts, page_of, chosen), heading, shown, ())
    return web.show("annual/edition.html", page)


def _references(found: Edition, parts: tuple[Section, ...], page_of: dict[str, str]) -> EditionPage:
    entries = editions.entries(parts, page_of, "kutipan")
    return EditionPage(found, entries, gettext("Daftar kutipan"), (), found.document.references)


@bp.get("/<public_id>/edisi/<int(max=2147483647):number>/perubahan")
def changes(public_id: str, number: int) -> Response:
    """Show what an edition changed against the one before it, or the one asked for."""
    earlier = _number("dari") or number - 1
    found = web.ask(editions.compared, public_id, number, earlier)
    at = web.page_number()
    rows = found.differences[(at - 1) * _PAGE : at * _PAGE]
    kinds = {kind: gettext(word) for kind, word in wording.DIFFERENCES.items()}
    return web.show(
        "annual/changes.html",
        ChangesPage(found, rows, web.Pager(at, _PAGE, len(found.differences)), kinds),
    )


@bp.get("/<public_id>/ekspor")
def exports(public_id: str) -> Response:
    """List the files of a report; the page follows those that are being made."""
    return show_exports(public_id)


def show_exports(public_id: str, errors: list[web.Problem] | None = None, status: int = 200) -> Response:
    """Show the files of a report, with why another was refused."""
    number = web.page_number()
    found = web.ask(editions.exports, public_id, offset=(number - 1) * _PAGE, limit=_PAGE)
    page = ExportsPage(
        found,
        web.Pager(number, _PAGE, found.total),
        any(row.state in ("waiting", "working") for row in found.rows),
        paper.program() is not None,
        {state: gettext(word) for state, word in wording.STATES.items()},
        {why: gettext(word) for why, word in wording.WHY.items()},
        errors or [],
    )
    return web.show("annual/exports.html", page, status)


@bp.get("/<public_id>/ekspor/<export>/unduh")
def download(public_id: str, export: str) -> Response:
    """Send a file that the worker made; the download is recorded."""
    form, name = web.services().annual.downloaded(web.actor(), public_id, export)
    path = publishing.path_of(web.services().settings.exports, export, form)
    if not path.is_file():
        raise NotFoundError
    response = send_file(
        path, mimetype=_MIME[Format(form)], as_attachment=True, download_name=name, max_age=0
    )
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def _number(name: str) -> int:
    text = request.args.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0  # noqa: PLR2004 - fits an integer column
