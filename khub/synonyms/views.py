"""The list of groups for every reader; for the Sekretariat adding, changing, importing, taking back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request

from khub import web
from khub.errors import N_, InvalidError
from khub.i18n import gettext
from khub.links import url_for
from khub.policy import Right, holds
from khub.synonyms import forms, listing, planning
from khub.synonyms.forms import GroupForm
from khub.synonyms.planning import ClashError
from khub.synonyms.service import ChangedSinceError
from khub.synonyms.terms import Kind
from khub.synonyms.wording import CHANGES

if TYPE_CHECKING:
    from khub.errors import ConflictError
    from khub.synonyms.listing import ChangeFacts, ChangeRow, GroupList
    from khub.synonyms.planning import Clash
    from khub.synonyms.service import Plan
    from khub.synonyms.terms import Group

bp = Blueprint("synonyms", __name__)

_SIZE = 50
_GROUP = "/sinonim/<int(max=2147483647):group_id>"
_TABS = {"sama": Kind.SAME.value, "terkait": Kind.RELATED.value, "kl": "named"}


@dataclass(frozen=True, slots=True)
class IndexPage:
    """Groups of one kind, or names of K/L. ``tabs``: (word, kind, count); ``done``: what was just saved."""

    found: GroupList
    tabs: list[tuple[str, str, int]]
    kind: str
    search: str
    pager: web.Pager
    edits: bool
    done: ChangeRow | None


@dataclass(frozen=True, slots=True)
class GroupPage:
    """A group being added (``group_id`` None) or changed; with ``plan`` what saving would do."""

    group_id: int | None
    form: GroupForm
    errors: list[web.Problem]
    clashes: tuple[Clash, ...]
    plan: Plan | None
    conflict: str
    past: tuple[ChangeRow, ...]


@dataclass(frozen=True, slots=True)
class RemovePage:
    """A group before it goes."""

    group_id: int
    group: Group
    plan: Plan
    errors: list[web.Problem]
    conflict: str
    note: str


@dataclass(frozen=True, slots=True)
class BringPage:
    """Importing: ``text`` is what was brought, ``unchanged`` lines change nothing."""

    text: str
    errors: list[web.Problem]
    plan: Plan | None
    lines: int
    unchanged: int
    conflict: str
    note: str


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """Changes, the newest first."""

    rows: tuple[ChangeRow, ...]
    pager: web.Pager


@dataclass(frozen=True, slots=True)
class ChangePage:
    """One change, and what taking it back would do; ``barred`` says why it cannot be."""

    facts: ChangeFacts
    plan: Plan | None
    barred: list[str]
    errors: list[web.Problem]
    conflict: str
    note: str


# -- reading ---------------------------------------------------------------------------------------


@bp.app_template_filter("perubahan_sinonim")
def change_word(act: str) -> str:
    """Return what was done to a group, in words."""
    return gettext(CHANGES.get(act, act))


@bp.get("/sinonim")
def index() -> Response:
    """List the groups."""
    kind, search = request.args.get("jenis", "sama"), request.args.get("cari", "")[:200]
    if kind not in _TABS:
        raise InvalidError.one("jenis", N_("Pilihan ini tidak dikenali."))
    number = web.page_number()
    found = web.ask(
        listing.group_list, kind=_TABS[kind], text=search, offset=(number - 1) * _SIZE, limit=_SIZE
    )
    words = {"sama": gettext("Sama arti"), "terkait": gettext("Terkait"), "kl": gettext("Nama K/L")}
    page = IndexPage(
        found=found,
        tabs=[(words[each], each, found.counts[_TABS[each]]) for each in _TABS],
        kind=kind,
        search=search,
        pager=web.Pager(number, _SIZE, found.counts[_TABS[kind]]),
        edits=holds(web.actor(), Right.REVIEW),
        done=_done(),
    )
    return web.show("synonyms/index.html", page)


def _done() -> ChangeRow | None:
    text = request.args.get("tersimpan", "")
    if not (text.isascii() and text.isdigit() and len(text) <= 9 and holds(web.actor(), Right.REVIEW)):  # noqa: PLR2004 - an id
        return None
    return web.ask(listing.change_row, int(text))


@bp.get("/sinonim/unduh")
def export() -> Response:
    """Give all groups in the text format."""
    head = gettext("Sinonim pencarian. = sama arti, ~ terkait (hanya ditawarkan).")
    return Response(
        forms.to_text(web.ask(listing.text_of), head),
        content_type="text/plain; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="sinonim.txt"'},
    )


@bp.get("/sinonim/riwayat")
def history() -> Response:
    """List the changes."""
    number = web.page_number()
    total, rows = web.ask(listing.history, offset=(number - 1) * _SIZE, limit=_SIZE)
    return web.show("synonyms/history.html", HistoryPage(rows, web.Pager(number, _SIZE, total)))


# -- one group -------------------------------------------------------------------------------------


@bp.get("/sinonim/baru")
def new() -> Response:
    """Show an empty form; ``bentuk`` in the address fills it, for links from elsewhere."""
    return _show_group(None, GroupForm(forms=request.args.get("bentuk", "")[:1000]))


@bp.get(_GROUP)
def edit(group_id: int) -> Response:
    """Show a group to be changed."""
    return _show_group(group_id, GroupForm.filled(web.ask(listing.group, group_id)))


@bp.post("/sinonim/baru")
def add() -> Response:
    """Show what a new group would do, or save it."""
    return _save(None)


@bp.post(_GROUP)
def change_group(group_id: int) -> Response:
    """Show what the change would do, or save it."""
    return _save(group_id)


def _save(group_id: int | None) -> Response:
    form = GroupForm.of(request.form)
    service, actor = web.services().synonyms, web.actor()
    conflict, status = "", 200
    try:
        group, note = form.parse()
        if request.form.get("langkah") == "simpan":
            try:
                return _saved(service.save(actor, group_id, group, form.merge, note, form.seen))
            except ChangedSinceError as error:
                conflict, status = _words(error), error.status
        plan = service.look(actor, lambda session: planning.saving(session, group_id, group, form.merge))
    except ClashError as error:
        return _show_group(group_id, form, web.problems(error.errors), clashes=error.clashes)
    except InvalidError as error:
        return _show_group(group_id, form, web.problems(error.errors))
    return _show_group(group_id, replace(form, seen=plan.seen), plan=plan, conflict=conflict, status=status)


def _show_group(
    group_id: int | None,
    form: GroupForm,
    errors: list[web.Problem] | None = None,
    *,
    clashes: tuple[Clash, ...] = (),
    plan: Plan | None = None,
    conflict: str = "",
    status: int = 200,
) -> Response:
    past = web.ask(listing.past_of, group_id) if group_id is not None else ()
    page = GroupPage(group_id, form, errors or [], clashes, plan, conflict, past)
    return web.show("synonyms/group.html", page, InvalidError.status if errors else status)


@bp.get(f"{_GROUP}/hapus")
def removal(group_id: int) -> Response:
    """Show what goes with a group."""
    return _show_removal(group_id)


@bp.post(f"{_GROUP}/hapus")
def remove(group_id: int) -> Response:
    """Take a group away."""
    text = request.form.get("catatan", "")[:2000]
    try:
        note = forms.note(text)
        return _saved(
            web.services().synonyms.remove(web.actor(), group_id, note, request.form.get("dilihat", ""))
        )
    except InvalidError as error:
        return _show_removal(group_id, errors=web.problems(error.errors), note=text, status=error.status)
    except ChangedSinceError as error:
        return _show_removal(group_id, conflict=_words(error), note=text, status=error.status)


def _show_removal(
    group_id: int,
    *,
    errors: list[web.Problem] | None = None,
    conflict: str = "",
    note: str = "",
    status: int = 200,
) -> Response:
    plan = web.services().synonyms.look(web.actor(), lambda session: planning.removing(session, group_id))
    group = web.ask(listing.group, group_id)
    return web.show(
        "synonyms/remove.html", RemovePage(group_id, group, plan, errors or [], conflict, note), status
    )


# -- a whole list ----------------------------------------------------------------------------------


@bp.get("/sinonim/impor")
def bring() -> Response:
    """Show the form for a file."""
    return web.show("synonyms/bring.html", BringPage("", [], None, 0, 0, "", ""))


@bp.post("/sinonim/impor")
def take() -> Response:
    """Show what a file would do, or save it."""
    file = request.files.get("berkas")
    data = file.stream.read(forms.MOST_BYTES + 1) if file is not None and file.filename else b""
    data = data or request.form.get("teks", "").replace("\r\n", "\n").encode()
    note_text = request.form.get("catatan", "")[:2000]
    service, actor = web.services().synonyms, web.actor()
    conflict, status = "", 200
    try:
        lines = forms.lines(data)
        note = forms.note(note_text)
        if request.form.get("langkah") == "simpan":
            try:
                return _saved(service.bring(actor, lines, note, request.form.get("dilihat", "")))
            except ChangedSinceError as error:
                conflict, status = _words(error), error.status
        plan = service.look(actor, lambda session: planning.bringing(session, lines).steps)
        unchanged = len(lines) - len(plan.steps)
    except InvalidError as error:
        shown = data.decode("utf-8", "replace")[: forms.MOST_BYTES]
        page = BringPage(shown, web.problems(error.errors), None, 0, 0, "", note_text)
        return web.show("synonyms/bring.html", page, error.status)
    page = BringPage(data.decode("utf-8-sig"), [], plan, len(lines), unchanged, conflict, note_text)
    return web.show("synonyms/bring.html", page, status)


# -- taking back -----------------------------------------------------------------------------------


@bp.get("/sinonim/riwayat/<int(max=2147483647):change_id>")
def change(change_id: int) -> Response:
    """Show a change, and what taking it back would do."""
    return _show_change(change_id)


@bp.post("/sinonim/riwayat/<int(max=2147483647):change_id>")
def undo(change_id: int) -> Response:
    """Take a change back."""
    text = request.form.get("catatan", "")[:2000]
    try:
        note = forms.note(text)
        return _saved(
            web.services().synonyms.undo(web.actor(), change_id, note, request.form.get("dilihat", ""))
        )
    except ChangedSinceError as error:
        return _show_change(change_id, conflict=_words(error), note=text, status=error.status)
    except InvalidError as error:
        return _show_change(change_id, errors=web.problems(error.errors), note=text, status=error.status)


def _show_change(
    change_id: int,
    *,
    errors: list[web.Problem] | None = None,
    conflict: str = "",
    note: str = "",
    status: int = 200,
) -> Response:
    facts = web.ask(listing.change, change_id)
    plan, barred = None, []
    try:
        plan = web.services().synonyms.look(web.actor(), lambda session: planning.undoing(session, change_id))
    except planning.NothingLeftError as error:
        barred = [_words(error)]
    except InvalidError as error:
        barred = [problem.text for problem in web.problems(error.errors)]
    return web.show(
        "synonyms/change.html", ChangePage(facts, plan, barred, errors or [], conflict, note), status
    )


def _saved(change_id: int) -> Response:
    return web.go(url_for("synonyms.index", tersimpan=change_id))


def _words(error: ConflictError) -> str:
    return str(gettext(error.message, **error.params))
