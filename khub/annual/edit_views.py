"""Changing the annual report: paragraphs, figures, citations, masukan, editions, exports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Response, request

from khub import i18n, web
from khub.annual import forms, readying, sources, tokens
from khub.annual.narrative import StaleParagraphError
from khub.annual.publishing import Format
from khub.annual.tokens import Kind
from khub.annual.views import (
    Conflict,
    bp,
    index_page,
    show_chapter,
    show_comments,
    show_exports,
)
from khub.errors import N_, InvalidError, NotFoundError
from khub.i18n import gettext
from khub.links import url_for

__all__ = ["bp"]

if TYPE_CHECKING:
    from collections.abc import Callable

    from khub.annual.readying import Ready
    from khub.annual.sources import Source

_ID = "<int(max=2147483647):paragraph_id>"


@dataclass(frozen=True, slots=True)
class ReadyPage:
    """What stands in the way of the next edition."""

    ready: Ready
    problems: list[web.Problem]
    errors: list[web.Problem]
    note: str


@dataclass(frozen=True, slots=True)
class CitePage:
    """A page, or a report row, that is about to be quoted."""

    source: Source
    reports: list[tuple[str, str]]
    errors: list[web.Problem]
    typed: dict[str, str]


@bp.post("")
def create() -> Response:
    """Start the report on a year of a plan."""
    plan, _, year = request.form.get("plan", "").rpartition("/")
    try:
        if not (year.isascii() and year.isdigit() and len(year) < 5):  # noqa: PLR2004 - a year
            raise InvalidError.one("plan", N_("Pilih rencana dan tahun."))
        public_id = web.services().annual.create(web.actor(), plan, int(year))
    except InvalidError as error:
        page = index_page([web.Problem("plan", p.text) for p in web.problems(error.errors)], _typed())
        return web.show("annual/index.html", page, error.status)
    return web.go(url_for("annual.show", public_id=public_id))


# -- paragraphs --------------------------------------------------------------------------------------


@bp.post(f"/<public_id>/paragraf/{_ID}/simpan")
def save(public_id: str, paragraph_id: int) -> Response:
    """Save a paragraph, by itself or with a token that was chosen; a conflict shows both texts."""
    text, revision = request.form.get("text", ""), forms.number(request.form, "revision")
    insert = request.form.get("sisip", "")
    try:
        chosen = _chosen(insert)
        own = bool(chosen) and tokens.table_of(chosen) is not None and bool(text.strip())
        if chosen and not own:
            text = forms.inserted(text, chosen)
        saved = web.services().annual.save(web.actor(), public_id, paragraph_id, text, revision)
        if own:  # a table stands alone, so it gets a paragraph after this one
            web.services().annual.add(
                web.actor(), public_id, request.form.get("seksi", ""), after=paragraph_id, text=chosen
            )
    except StaleParagraphError as error:
        return _stale(public_id, paragraph_id, text, error)
    except InvalidError as error:
        return _refused(public_id, error, editing=paragraph_id)
    if web.wants_json():
        at = i18n.moment(saved.at)
        return web.answer(saved=gettext("Tersimpan %(time)s", time=at), fields={"revision": saved.revision})
    return web.go(_back(public_id, paragraph_id, open_=bool(insert)))


def _chosen(insert: str) -> str:
    if insert == "angka":
        return forms.token(request.form.get("angka", ""), Kind.FIGURE)
    if insert == "kutipan":
        return forms.token(request.form.get("kutipan", ""), Kind.CITATION)
    return ""


def _stale(public_id: str, paragraph_id: int, text: str, error: StaleParagraphError) -> Response:
    if web.wants_json():
        href = url_for("annual.past", public_id=public_id, paragraph_id=paragraph_id)
        answer = web.answer(error=gettext(error.message), href=href, label=gettext("Lihat riwayat"))
        answer.status_code = error.status
        return answer
    typed = {**_typed(), "text": text, "revision": str(error.revision)}
    return show_chapter(
        public_id,
        request.form.get("bagian", ""),
        editing=paragraph_id,
        status=error.status,
        typed=typed,
        conflict=Conflict(text, error.stored),
    )


@bp.post("/<public_id>/paragraf")
def add(public_id: str) -> Response:
    """Add a paragraph and open it."""
    after = forms.number(request.form, "sesudah") or None
    section = request.form.get("seksi", "")
    paragraph_id = web.services().annual.add(web.actor(), public_id, section, after=after)
    return web.go(_back(public_id, paragraph_id, open_=True))


@bp.post(f"/<public_id>/paragraf/{_ID}/pindah")
def move(public_id: str, paragraph_id: int) -> Response:
    """Move a paragraph one place."""
    up = request.form.get("arah") == "naik"
    web.services().annual.move(web.actor(), public_id, paragraph_id, up=up)
    return web.go(_back(public_id, paragraph_id))


@bp.post(f"/<public_id>/paragraf/{_ID}/hapus")
def remove(public_id: str, paragraph_id: int) -> Response:
    """Take a paragraph out; its past stays, and leads back."""
    web.services().annual.remove(web.actor(), public_id, paragraph_id)
    return web.go(url_for("annual.past", public_id=public_id, paragraph_id=paragraph_id))


@bp.post(f"/<public_id>/paragraf/{_ID}/pulihkan")
def restore(public_id: str, paragraph_id: int) -> Response:
    """Let a paragraph say again what a revision said."""
    revision = forms.number(request.form, "revisi")
    web.services().annual.restore(web.actor(), public_id, paragraph_id, revision)
    return web.go(url_for("annual.past", public_id=public_id, paragraph_id=paragraph_id))


@bp.post(f"/<public_id>/paragraf/{_ID}/angka")
def swap(public_id: str, paragraph_id: int) -> Response:
    """Put a live figure in the place of a phrase that does not fit."""

    def act() -> None:
        web.services().annual.swap(
            web.actor(),
            public_id,
            paragraph_id,
            phrase=request.form.get("frasa", ""),
            start=forms.number(request.form, "mulai", -1),
            token=forms.token(request.form.get("angka", ""), Kind.FIGURE),
        )

    return _done(act, public_id, paragraph_id)


@bp.post(f"/<public_id>/paragraf/{_ID}/biarkan")
def keep(public_id: str, paragraph_id: int) -> Response:
    """Let a phrase stay, with a reason."""

    def act() -> None:
        web.services().annual.keep_phrase(
            web.actor(),
            public_id,
            paragraph_id,
            request.form.get("frasa", ""),
            request.form.get("reason", ""),
        )

    return _done(act, public_id, paragraph_id)


@bp.post("/<public_id>/tanggal")
def set_date(public_id: str) -> Response:
    """Change the date until which live figures are recorded; today means now."""

    def act() -> None:
        now, chosen = web.services().clock.now(), forms.day(request.form, "as_of")
        today = i18n.day(chosen) == i18n.day(now)
        web.services().annual.set_as_of(web.actor(), public_id, min(chosen, now) if today else chosen)

    return _done(act, public_id)


# -- citations ---------------------------------------------------------------------------------------


@bp.get("/kutip")
def cite() -> Response:
    """Show what is about to be quoted."""
    return web.show("annual/cite.html", _cite_page([]))


@bp.post("/kutip")
def keep_quote() -> Response:
    """Keep a quote for a report; the report then offers it to its paragraphs."""
    public_id, quote = request.form.get("laporan", ""), request.form.get("quote", "")
    reason = request.form.get("reason", "")
    annual = web.services().annual
    try:
        if row := request.form.get("baris", ""):
            key = annual.cite_report(web.actor(), public_id, row, quote, reason=reason)
        else:
            key = annual.cite_page(
                web.actor(),
                public_id,
                request.form.get("berkas", ""),
                forms.number(request.form, "hlm"),
                quote,
                version=forms.number(request.form, "v") or None,
                snapshot=forms.number(request.form, "c") or None,
                reason=reason,
            )
    except InvalidError as error:
        return web.show("annual/cite.html", _cite_page(web.problems(error.errors)), error.status)
    return web.go(url_for("annual.show", public_id=public_id, kutipan=key))


def _cite_page(errors: list[web.Problem]) -> CitePage:
    asked = request.values
    if row := asked.get("baris", ""):
        source = web.ask(sources.row_source, row)
    else:
        source = web.ask(
            sources.page_source,
            asked.get("berkas", ""),
            forms.number(asked, "hlm", 1),
            version=forms.number(asked, "v") or None,
            snapshot=forms.number(asked, "c") or None,
        )
    return CitePage(source, list(web.ask(sources.open_reports)), errors, _typed())


@bp.post("/<public_id>/kutipan/<int(max=2147483647):key>/izinkan")
def allow(public_id: str, key: int) -> Response:
    """Let a citation stand that not every reader may read."""
    return _done(
        lambda: web.services().annual.allow(web.actor(), public_id, key, request.form.get("reason", "")),
        public_id,
    )


@bp.post("/<public_id>/kutipan/<int(max=2147483647):key>/buang")
def drop(public_id: str, key: int) -> Response:
    """Forget a citation that no paragraph uses."""
    web.services().annual.drop(web.actor(), public_id, key)
    return web.go(_back(public_id))


# -- masukan -----------------------------------------------------------------------------------------


@bp.post("/<public_id>/masukan/buka")
def open_input(public_id: str) -> Response:
    """Let K/L comment until a day, or end it."""

    def act() -> None:
        until = None if request.form.get("tutup") else forms.day(request.form, "until")
        web.services().annual.open_input(web.actor(), public_id, until)

    return _done(act, public_id)


@bp.post(f"/<public_id>/paragraf/{_ID}/masukan")
def comment(public_id: str, paragraph_id: int) -> Response:
    """Give masukan on a paragraph."""
    text = request.form.get("text", "")
    return _done(
        lambda: web.services().annual.comment(web.actor(), public_id, paragraph_id, text),
        public_id,
        paragraph_id,
    )


@bp.post("/<public_id>/masukan/<int(max=2147483647):comment_id>/jawab")
def answer(public_id: str, comment_id: int) -> Response:
    """Answer a masukan."""
    said, reply = request.form.get("answer", ""), request.form.get("reply", "")
    try:
        web.services().annual.answer(web.actor(), public_id, comment_id, said, reply)
    except InvalidError as error:
        typed = {**_typed(), "id": str(comment_id)}
        return show_comments(public_id, web.problems(error.errors), typed, error.status)
    return web.go(url_for("annual.comments", public_id=public_id, _anchor=f"m-{comment_id}"))


# -- editions and exports ----------------------------------------------------------------------------


@bp.get("/<public_id>/bekukan")
def ready(public_id: str) -> Response:
    """Show what stands in the way of the next edition."""
    return web.show("annual/ready.html", _ready_page(public_id))


@bp.post("/<public_id>/bekukan")
def freeze(public_id: str) -> Response:
    """Freeze the draft as the next edition."""
    note = request.form.get("note", "")
    try:
        number = web.services().annual.freeze(web.actor(), public_id, note)
    except InvalidError as error:
        page = _ready_page(public_id, web.problems(error.errors), note)
        return web.show("annual/ready.html", page, error.status)
    return web.go(url_for("annual.edition", public_id=public_id, number=number))


def _ready_page(public_id: str, errors: list[web.Problem] | None = None, note: str = "") -> ReadyPage:
    found = web.ask(readying.ready, public_id, web.services().clock.now())
    return ReadyPage(found, web.problems(found.faults), errors or [], note)


@bp.post("/<public_id>/ekspor")
def export(public_id: str) -> Response:
    """Ask for a file of the draft or of an edition."""
    try:
        if (form := request.form.get("format", "")) not in set(Format):
            raise InvalidError.one("format", N_("Pilih salah satu bentuk berkas."))
        edition = forms.number(request.form, "edisi") or None
        if edition is None and request.form.get("edisi"):
            raise NotFoundError  # never the draft for somebody who asked for an edition
        web.services().annual.export(web.actor(), public_id, Format(form), edition=edition)
    except InvalidError as error:
        return show_exports(public_id, web.problems(error.errors), error.status)
    return web.go(url_for("annual.exports", public_id=public_id))


# -- after an act ------------------------------------------------------------------------------------


def _done(act: Callable[[], object], public_id: str, paragraph_id: int = 0) -> Response:
    """Carry out an act of the report's page and go back there; a refusal shows it as it was typed."""
    try:
        act()
    except InvalidError as error:
        return _refused(public_id, error)
    return web.go(_back(public_id, paragraph_id))


def _refused(public_id: str, error: InvalidError, *, editing: int = 0) -> Response:
    return show_chapter(
        public_id,
        request.form.get("bagian", ""),
        editing=editing,
        status=error.status,
        errors=web.problems(error.errors),
        typed=_typed(),
    )


def _back(public_id: str, paragraph_id: int = 0, *, open_: bool = False) -> str:
    part = request.form.get("bagian", "")
    asked: dict[str, object] = {"bagian": part} if part else {}
    if open_:
        asked["ubah"] = paragraph_id
    anchor = f"p-{paragraph_id}" if paragraph_id else None
    return url_for("annual.show", public_id=public_id, _anchor=anchor, **asked)


def _typed() -> dict[str, str]:
    return {name: value for name, value in request.form.items() if name != "csrf_token"}
