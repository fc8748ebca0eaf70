"""Analysis: capaian, kendala, outputs and review times, each as chart, table and CSV."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request

from khub import web
from khub.analysis import achievement as achievements
from khub.analysis import obstacles as obstacle_queries
from khub.analysis import outputs as output_queries
from khub.analysis import reviews as review_queries
from khub.analysis import scope as scopes
from khub.analysis import tables
from khub.analysis.scope import ALL_YEARS, BY, Asked
from khub.errors import NotFoundError
from khub.i18n import gettext
from khub.plan.export import as_csv

if TYPE_CHECKING:
    from datetime import date

    from khub.analysis.achievement import Achievement, GroupRow
    from khub.analysis.obstacles import ObstacleGroup, ObstacleRow, Obstacles
    from khub.analysis.outputs import Outputs
    from khub.analysis.reviews import Reviews
    from khub.analysis.scope import Scope

bp = Blueprint("analysis", __name__, url_prefix="/analisis")

_GROUPS, _ROWS = 25, 25
_COMMON = ("rencana", "tahun", "periode", "pilar")


@dataclass(frozen=True, slots=True)
class Frame:
    """What the filters say, and what they offer as (value, label).

    ``arguments``: every argument of the page that is not empty; ``common``: those that all pages share.
    """

    arguments: dict[str, str]
    common: dict[str, str]
    plans: list[tuple[str, str]]
    years: list[tuple[str, str]]
    periods: list[tuple[str, str]]
    branches: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class AchievementPage:
    """Capaian; ``rows`` is one page of the groups."""

    scope: Scope
    frame: Frame
    by: str
    found: Achievement
    rows: tuple[GroupRow, ...]
    pager: web.Pager


@dataclass(frozen=True, slots=True)
class ObstaclesPage:
    """Kendala: one page of the groups, or of the rows where a group is open or words are sought."""

    scope: Scope
    frame: Frame
    by: str
    text: str
    group: str
    found: Obstacles
    groups: tuple[ObstacleGroup, ...]
    rows: tuple[ObstacleRow, ...]
    opened: ObstacleGroup | None
    pager: web.Pager


@dataclass(frozen=True, slots=True)
class OutputsPage:
    """Outputs by jenis and month."""

    scope: Scope
    frame: Frame
    found: Outputs


@dataclass(frozen=True, slots=True)
class ReviewsPage:
    """Times of review."""

    scope: Scope
    frame: Frame
    found: Reviews


@bp.get("")
def achievement() -> Response:
    """Show capaian over periods."""
    number, scope, by = web.page_number(), _scope(), _by()
    found = web.ask(achievements.achievement, scope, by)
    rows = found.rows[(number - 1) * _GROUPS : number * _GROUPS]
    page = AchievementPage(
        scope, _frame(scope, "kelompok"), by, found, rows, web.Pager(number, _GROUPS, len(found.rows))
    )
    return web.show("analysis/achievement.html", page)


@bp.get("/kendala")
def obstacles() -> Response:
    """Show kendala grouped, and the rows of a group or of a search."""
    number, scope, by = web.page_number(), _scope(), _by(obstacle_queries.WORDS)
    text, group = request.args.get("cari", "").strip()[:200], request.args.get("isi", "").strip()[:80]
    found = web.ask(obstacle_queries.obstacles, scope, by, text=text, group=group)
    opened = bool(text or group)
    total = len(found.rows) if opened else len(found.groups)
    span = slice((number - 1) * _ROWS, number * _ROWS)
    page = ObstaclesPage(
        scope,
        _frame(scope, "kelompok", "cari", "isi"),
        by,
        text,
        group,
        found,
        () if opened else found.groups[span],
        found.rows[span] if opened else (),
        next((each for each in found.groups if each.key == group), None),
        web.Pager(number, _ROWS, total),
    )
    return web.show("analysis/obstacles.html", page)


@bp.get("/keluaran")
def outputs() -> Response:
    """Show outputs by jenis and by month."""
    scope = _scope()
    return web.show(
        "analysis/outputs.html", OutputsPage(scope, _frame(scope), web.ask(output_queries.outputs, scope))
    )


@bp.get("/tinjauan")
def reviews() -> Response:
    """Show how long decisions take."""
    scope = _scope()
    found = web.ask(review_queries.reviews, scope, web.services().clock.now())
    return web.show("analysis/reviews.html", ReviewsPage(scope, _frame(scope), found))


@bp.get("/<name>.csv")
def table(name: str) -> Response:
    """Hand out a table of this room as CSV, safe to open in a spreadsheet."""
    scope = _scope()
    if name == "capaian":
        lines = tables.achievement(scope, web.ask(achievements.achievement, scope, _by()))
    elif name in ("kendala", "kendala-baris"):
        text, group = request.args.get("cari", "").strip()[:200], request.args.get("isi", "").strip()[:80]
        found = web.ask(
            obstacle_queries.obstacles, scope, _by(obstacle_queries.WORDS), text=text, group=group
        )
        lines = tables.obstacle_groups(found) if name == "kendala" else tables.obstacle_rows(found)
    elif name == "keluaran":
        lines = tables.outputs(web.ask(output_queries.outputs, scope))
    elif name == "tinjauan":
        lines = tables.reviews(web.ask(review_queries.reviews, scope, web.services().clock.now()))
    else:
        raise NotFoundError
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return Response(as_csv(lines), content_type="text/csv; charset=utf-8", headers=headers)


@bp.app_template_filter("nama_bulan")
def month_name(month: date) -> str:
    """Return "Oktober 2023" for the first day of a month."""
    return tables.month_name(month)


@bp.app_template_filter("bulan_pendek")
def short_month(day: date) -> str:
    """Return "Okt 23" for a day."""
    return tables.short_month(day)


def _scope() -> Scope:
    return web.ask(scopes.scope, Asked.of(request.args), web.services().clock.now())


def _by(*more: str) -> str:
    by = request.args.get("kelompok", "")
    return by if by in (*BY, *more) else BY[0]


def _frame(scope: Scope, *more: str) -> Frame:
    given = {name: value[:200] for name in (*_COMMON, *more) if (value := request.args.get(name, ""))}
    label = scope.plan.label
    return Frame(
        given,
        {name: value for name, value in given.items() if name in _COMMON},
        [(plan.code, plan.name) for plan in scope.plans],
        [*((str(year), str(year)) for year in scope.years), (ALL_YEARS, gettext("Semua tahun"))],
        [("", gettext("Semua periode")), *((each.code, each.name) for each in reversed(scope.choices))],
        [
            ("", gettext("Semua")),
            *((code, f"{label} {code} {name}") for code, name in scope.branches),
        ],
    )
