"""Browsing the plan: list of actions, one action with its grid, pilar or tema, K/L."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request

from indexer.analysis import fold
from khub import web
from khub.errors import N_, InvalidError
from khub.plan import institution_queries, listing, queries
from khub.plan.catalogue import FIRST_YEAR, LAST_YEAR
from khub.plan.listing import Filters
from khub.policy import Right, holds
from khub.products.grid import action_grid
from khub.reports.progress import of_action

if TYPE_CHECKING:
    from khub.plan.grid import ActionGrid
    from khub.plan.institution_queries import InstitutionFacts, InstitutionRow
    from khub.plan.listing import ActionList
    from khub.plan.queries import ActionFacts, BranchFacts, PlanRow
    from khub.reports.progress import Progress

bp = Blueprint("plan", __name__)

_ACTIONS = 50
_INSTITUTIONS = 50
#: Words of the address for what was answered.
_ANSWERS = {"": "", "ya": "yes", "belum": "none"}


@dataclass(frozen=True, slots=True)
class ActionsPage:
    """A filtered list of actions; ``found`` is None where no plan was imported yet."""

    filters: Filters
    year: int
    answer: str
    found: ActionList | None
    pager: web.Pager
    keeps_plan: bool


@dataclass(frozen=True, slots=True)
class ActionPage:
    """One action. ``key`` is how forms name it, "plan/code"."""

    key: str
    facts: ActionFacts
    grid: ActionGrid
    reports: tuple[Progress, ...]


@dataclass(frozen=True, slots=True)
class BranchPage:
    """One pilar or tema."""

    facts: BranchFacts


@dataclass(frozen=True, slots=True)
class InstitutionsPage:
    """K/L that a search finds; with ``year``, those that owe an answer in it."""

    text: str
    plan: PlanRow | None
    year: int
    answer: str
    rows: tuple[InstitutionRow, ...]
    pager: web.Pager
    keeps_plan: bool


@dataclass(frozen=True, slots=True)
class InstitutionPage:
    """One K/L."""

    facts: InstitutionFacts
    pager: web.Pager
    keeps_plan: bool
    filters: list[tuple[str, str]]


@bp.get("/aksi")
def actions() -> Response:
    """List actions by pilar and fokus."""
    now, number = web.services().clock.now(), web.page_number()
    filters = Filters(
        plan=_word("rencana"),
        branch=_word("pilar"),
        focus=_word("fokus") if _word("pilar") else "",
        institution=_word("kl"),
        year=_year(),
        answer=_answer(),
        text=_word("judul"),
    )
    found = None
    if web.ask(queries.plans, now):
        found = web.ask(listing.actions, filters, now, page=number, size=_ACTIONS)
    page = ActionsPage(
        filters,
        filters.year or (found.plan.year if found else 0),
        _word("komitmen"),
        found,
        web.Pager(number, _ACTIONS, found.total if found else 0),
        holds(web.actor(), Right.PLAN),
    )
    return web.show("plan/actions.html", page)


@bp.get("/aksi/<plan_code>/<code>")
def action(plan_code: str, code: str) -> Response:
    """Show an action: its facts and its expected outputs by period."""
    now = web.services().clock.now()
    facts = web.ask(queries.action, plan_code, code, now)
    grid = web.ask(action_grid, facts.id, now)
    reports = web.ask(of_action, facts.id)
    return web.show("plan/action.html", ActionPage(f"{facts.plan.code}/{facts.code}", facts, grid, reports))


@bp.get("/pilar/<plan_code>/<code>")
def branch(plan_code: str, code: str) -> Response:
    """Show a pilar or tema with its fokus."""
    facts = web.ask(queries.branch, plan_code, code, web.services().clock.now())
    return web.show("plan/branch.html", BranchPage(facts))


@bp.get("/kl")
def institutions() -> Response:
    """List K/L."""
    now, number, year = web.services().clock.now(), web.page_number(), _year()
    plan = web.ask(queries.plan_called, _word("rencana"), now) if year else None
    found = web.ask(
        institution_queries.institution_list,
        _word("nama"),
        now,
        plan=plan.code if plan else "",
        year=year,
        answer=_answer() if year else "",
        page=number,
        size=_INSTITUTIONS,
    )
    page = InstitutionsPage(
        _word("nama"),
        plan,
        year,
        _word("komitmen") if year else "",
        found.rows,
        web.Pager(number, _INSTITUTIONS, found.total),
        holds(web.actor(), Right.PLAN),
    )
    return web.show("plan/institutions.html", page)


@bp.get("/kl/<code>")
def institution(code: str) -> Response:
    """Show a K/L with its names and its actions."""
    now, number = web.services().clock.now(), web.page_number()
    facts = web.ask(institution_queries.institution, code, now, page=number, size=_ACTIONS)
    line = [facts.code, *(each.code for each in facts.predecessors)]
    if facts.successor is not None:
        line.append(facts.successor.code)
    page = InstitutionPage(
        facts=facts,
        pager=web.Pager(number, _ACTIONS, facts.total),
        keeps_plan=holds(web.actor(), Right.PLAN),
        filters=[("kl", fold(each)) for each in line],
    )
    return web.show("plan/institution.html", page)


def _word(name: str) -> str:
    return request.args.get(name, "").strip()[: queries.MAX_SEARCH]


def _year() -> int:
    text = _word("tahun")
    if not text:
        return 0
    if not (text.isascii() and text.isdigit() and FIRST_YEAR <= int(text[:9]) <= LAST_YEAR):
        raise InvalidError.one("tahun", N_("Tahun di alamat ini tidak dikenali."))
    return int(text)


def _answer() -> str:
    word = _word("komitmen")
    if word not in _ANSWERS:
        raise InvalidError.one("komitmen", N_("Saringan komitmen di alamat ini tidak dikenali."))
    return _ANSWERS[word]
