"""The trail, the state of the chain, the export and its checker."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request, stream_with_context

from khub import web
from khub.audit import forms, queries, verify_jsonl, wording
from khub.errors import InvalidError
from khub.i18n import gettext
from khub.links import url_for
from khub.policy import reads_content

if TYPE_CHECKING:
    from collections.abc import Iterator

    from khub.audit.queries import ChainState, Trail

bp = Blueprint("audit", __name__)
for _name, _filter in wording.FILTERS.items():
    bp.add_app_template_filter(_filter, _name)

_PAGE = 25


@dataclass(frozen=True, slots=True)
class AuditPage:
    """The trail and what stands above it.

    ``typed`` holds the filter fields as they were sent; ``compared`` is the outcome of holding a
    noted head against the chain ("" when none was given); ``content`` whether notes are shown.
    """

    trail: Trail
    chain: ChainState
    typed: dict[str, str]
    acts: list[tuple[str, str]]
    errors: list[web.Problem]
    noted: str
    compared: str
    older: str
    filtered: bool
    content: bool


_FIELDS = ("objek", "orang", "perbuatan", "sejak")


@bp.get("/audit")
def trail() -> Response:
    """Show the newest events, and the state of the chain."""
    errors: list[web.Problem] = []
    wanted = forms.TrailFilter()
    try:
        wanted = forms.trail_filter(request.args, wording.ACTS)
    except InvalidError as error:
        errors += web.problems(error.errors)
    noted, compared = request.args.get("kepala", "").strip(), ""
    if noted:
        try:
            compared = web.ask(queries.compare, *forms.noted_head(noted))
        except InvalidError as error:
            errors += web.problems(error.errors)
    typed = {name: request.args.get(name, "") for name in _FIELDS}
    kept = {name: value for name, value in typed.items() if value}
    found = web.ask(queries.trail, wanted, limit=_PAGE)
    page = AuditPage(
        trail=found,
        chain=web.ask(queries.state),
        typed=typed,
        acts=sorted(((code, gettext(words)) for code, words in wording.ACTS.items()), key=lambda act: act[1]),
        errors=errors,
        noted=noted[:100],
        compared=compared,
        older=url_for("audit.trail", **{**kept, "sebelum": str(found.older)}) if found.older else "",
        filtered=bool(kept) or wanted.before is not None,
        content=reads_content(web.actor()),
    )
    return web.show("audit/trail.html", page, 422 if errors else 200)


@bp.post("/audit/periksa")
def verify() -> Response:
    """Walk the chain now; the outcome stands on the page and in the trail."""
    web.services().audit.verify(web.actor())
    return web.go(url_for("audit.trail", _anchor="rantai"))


@bp.get("/audit/jejak.jsonl")
def export() -> Response:
    """Send the whole trail, oldest first, one JSON object a line."""

    def lines() -> Iterator[str]:
        after = 0
        while True:
            batch = web.ask(queries.export_batch, after)
            if not batch.lines:
                return
            yield "".join(batch.lines)
            after = batch.last

    return Response(
        stream_with_context(lines()),
        content_type="application/x-ndjson; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="jejak.jsonl"'},
    )


@bp.get("/audit/verify_jsonl.py")
def checker() -> Response:
    """Send the program that checks an export without khub."""
    return Response(
        Path(verify_jsonl.__file__).read_bytes(),
        content_type="text/x-python; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="verify_jsonl.py"'},
    )
