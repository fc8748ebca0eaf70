"""The page on how the indexes do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from babel.numbers import format_decimal, format_percent
from flask import Blueprint, Response, request

from khub import i18n, web
from khub.errors import N_
from khub.links import url_for
from khub.policy import Right, holds

if TYPE_CHECKING:
    from indexer.engines.cache import CacheFigures
    from khub.search.life import State

bp = Blueprint("indexes", __name__)

TITLES = {"documents": N_("Indeks dokumen"), "kinds": N_("Indeks laporan, aksi, dan K/L")}
_CACHES = {
    "postings": N_("Tempat kata"),
    "words": N_("Kosakata"),
    "scores": N_("Nilai kata"),
    "views": N_("Ruang baca per hak"),
    "answers": N_("Jawaban pencarian"),
    "snippets": N_("Potongan teks"),
}


@dataclass(frozen=True, slots=True)
class Cache:
    """A cache of this process; ``found``: share of what was looked for that was in it, "" before any look."""

    index: str
    label: str
    figures: CacheFigures
    found: str


@dataclass(frozen=True, slots=True)
class IndexPage:
    """How the indexes do. ``moving``: something is waited for; ``asked``: the one just asked to be built anew."""

    states: list[State]
    titles: dict[str, str]
    seconds: dict[str, str]
    caches: list[Cache]
    moving: bool
    asked: str
    secretariat: bool


@bp.get("/indeks")
def index() -> Response:
    """Show how the indexes do."""
    states = web.services().index_life.states(web.actor())
    page = IndexPage(
        states=states,
        titles=TITLES,
        seconds={
            state.condition.name: format_decimal(round(last.seconds, 1), locale=i18n.language())
            for state in states
            if (last := state.condition.last) is not None
        },
        caches=[
            Cache(state.condition.name, label, figures, _share(figures))
            for state in states
            for name, label in _CACHES.items()
            if (figures := state.caches.get(name)) is not None
        ],
        moving=any(
            state.condition.waiting or state.condition.rebuild in ("waiting", "running") for state in states
        ),
        asked=asked if (asked := request.args.get("diminta", "")) in TITLES else "",
        secretariat=holds(web.actor(), Right.REVIEW),
    )
    return web.show("search/index.html", page)


def _share(figures: CacheFigures) -> str:
    looks = figures.hits + figures.misses
    return str(format_percent(figures.hits / looks, locale=i18n.language())) if looks else ""


@bp.post("/indeks/<name>/bangun-ulang")
def rebuild(name: str) -> Response:
    """Ask the worker to build an index anew."""
    web.services().index_life.rebuild(web.actor(), name)
    return web.go(url_for("indexes.index", diminta=name))
