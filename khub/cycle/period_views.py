"""Keeping years and periods (Sekretariat, admin): the table of a year, a period's life, extensions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request

from khub import web
from khub.clock import WIB
from khub.cycle import period_queries, years
from khub.errors import ConflictError, InvalidError, NotFoundError
from khub.i18n import gettext
from khub.links import url_for
from khub.plan import cycle_queries, forms, queries
from khub.plan.terms import PARTS, PERIOD_STATES, PeriodState

if TYPE_CHECKING:
    from collections.abc import Mapping

    from khub.cycle.period_queries import Leftovers, PeriodFull, PeriodLife
    from khub.cycle.years import Table
    from khub.plan.cycle_queries import PeriodRow

bp = Blueprint("periods", __name__)

_ROWS = 50
_ACTS = {
    "buka": PeriodState.OPEN,
    "tutup": PeriodState.CLOSED,
    "buka-kembali": PeriodState.REOPENED,
}
_STATE_WORDS = {"belum": "", "draf": "draft", "diajukan": "submitted", "dikembalikan": "returned"}


@dataclass(frozen=True, slots=True)
class PeriodsPage:
    """Periods and the form of a new one."""

    errors: list[web.Problem]
    typed: Mapping[str, str]
    plans: list[tuple[str, str]]
    rows: tuple[PeriodRow, ...]
    states: Mapping[str, str]
    parts: list[tuple[str, str]]
    asked: tuple[str, ...]
    pager: web.Pager


@dataclass(frozen=True, slots=True)
class PeriodPage:
    """One period. ``typed`` is what stands in the form that was refused, if one was."""

    errors: list[web.Problem]
    refusal: str
    typed: Mapping[str, str]
    life: PeriodLife
    states: Mapping[str, str]
    parts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class EditPage:
    """The form that changes a period; ``fixed``: it was opened, so only name and reminders change."""

    errors: list[web.Problem]
    typed: Mapping[str, str]
    period: PeriodFull
    fixed: bool
    parts: list[tuple[str, str]]
    asked: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ClosingPage:
    """What closing would leave behind; ``words`` are (word in the address, state)."""

    refusal: str
    left: Leftovers
    words: Mapping[str, str]
    pager: web.Pager


@dataclass(frozen=True, slots=True)
class YearPage:
    """The table of a year; ``ticked``: codes that are ticked."""

    errors: list[web.Problem]
    refusal: str
    table: Table
    ticked: frozenset[str]


@bp.route("/rencana/periode", methods=["GET", "POST"])
def index() -> Response:
    """List periods and add one."""
    if request.method == "GET":
        return _index()
    try:
        form = forms.period(request.form)
        code = web.services().periods.create(web.actor(), form)
    except InvalidError as error:
        return _index(error)
    return web.go(url_for("periods.show", plan_code=form.plan, code=code))


def _index(error: InvalidError | None = None) -> Response:
    now, number = web.services().clock.now(), web.page_number()
    total, rows = web.ask(cycle_queries.period_rows, now, page=number, size=_ROWS)
    page = PeriodsPage(
        errors=web.problems(error.errors) if error else [],
        typed=request.form,
        plans=[(plan.code, plan.name) for plan in web.ask(queries.plans, now)],
        rows=rows,
        states=_words(PERIOD_STATES),
        parts=list(_words(PARTS).items()),
        asked=_asked(tuple(PARTS)),
        pager=web.Pager(number, _ROWS, total),
    )
    return web.show("cycle/periods.html", page, error.status if error else 200)


@bp.get("/rencana/periode/<plan_code>/<code>")
def show(plan_code: str, code: str) -> Response:
    """Show a period, its history, and who was given longer."""
    return _show(plan_code, code)


@bp.route("/rencana/periode/<plan_code>/<code>/perpanjang", methods=["GET", "POST"])
def extend(plan_code: str, code: str) -> Response:
    """Give somebody a later deadline."""
    if request.method == "GET":
        return _show(plan_code, code)
    try:
        web.services().periods.extend(web.actor(), plan_code, code, forms.extension(request.form))
    except (InvalidError, ConflictError) as error:
        return _show(plan_code, code, error)
    return web.go(url_for("periods.show", plan_code=plan_code, code=code))


@bp.route("/rencana/periode/<plan_code>/<code>/ubah", methods=["GET", "POST"])
def edit(plan_code: str, code: str) -> Response:
    """Change a period."""
    found = web.ask(period_queries.period, plan_code, code, web.services().clock.now())
    errors: list[web.Problem] = []
    if request.method == "POST":
        try:
            form = forms.period(request.form)
            web.services().periods.edit(web.actor(), plan_code, code, form)
        except InvalidError as error:
            errors = web.problems(error.errors)
        else:
            return web.go(url_for("periods.show", plan_code=plan_code, code=form.code))
    fixed = found.state != PeriodState.PLANNED
    page = EditPage(
        errors,
        request.form if errors else _typed(found),
        found,
        fixed,
        list(_words(PARTS).items()),
        _asked(found.parts),
    )
    return web.show("cycle/period_form.html", page, InvalidError.status if errors else 200)


@bp.get("/rencana/periode/<plan_code>/<code>/tutup")
def closing(plan_code: str, code: str) -> Response:
    """List what closing would leave unreviewed or undone, before it is done."""
    return _closing(plan_code, code)


@bp.post("/rencana/periode/<plan_code>/<code>/<act>")
def move(plan_code: str, code: str, act: str) -> Response:
    """Open, close or reopen a period."""
    if act not in _ACTS:
        raise NotFoundError
    target, seen = _ACTS[act], request.form.get("seen", "")
    if target is PeriodState.CLOSED and not seen:
        return web.go(url_for("periods.closing", plan_code=plan_code, code=code))
    try:
        reason = forms.reason(request.form)
        web.services().periods.move(web.actor(), plan_code, code, target, reason, seen)
    except InvalidError as error:
        return _show(plan_code, code, error)
    except ConflictError as error:
        if target is PeriodState.CLOSED:
            return _closing(plan_code, code, error)
        raise
    return web.go(url_for("periods.show", plan_code=plan_code, code=code))


@bp.route("/rencana/tahun/<plan_code>/<int(max=2147483647):year>", methods=["GET", "POST"])
def year(plan_code: str, year: int) -> Response:
    """Keep the list of actions on the table of a year."""
    now = web.services().clock.now()
    copied = request.args.get("salin") == "lalu"
    found = web.ask(years.table, plan_code, year, now, copy_last=copied)
    if request.method == "GET":
        ticked = frozenset(row.action.code for group in found.groups for row in group.rows if row.listed)
        return web.show("cycle/year.html", YearPage([], "", found, ticked))
    codes = frozenset(request.form.getlist("aksi"))
    try:
        web.services().tables.put(web.actor(), plan_code, year, codes, request.form.get("seen", ""))
    except InvalidError as error:
        page = YearPage(web.problems(error.errors), "", found, codes)
        return web.show("cycle/year.html", page, error.status)
    except years.ChangedError as error:
        return web.show("cycle/year.html", YearPage([], gettext(error.message), found, codes), error.status)
    return web.go(url_for("periods.year", plan_code=plan_code, year=year))


def _show(plan_code: str, code: str, error: InvalidError | ConflictError | None = None) -> Response:
    page = PeriodPage(
        errors=web.problems(error.errors) if isinstance(error, InvalidError) else [],
        refusal=gettext(error.message, **error.params) if isinstance(error, ConflictError) else "",
        typed=request.form,
        life=web.ask(period_queries.life, plan_code, code, web.services().clock.now()),
        states=_words(PERIOD_STATES),
        parts=_words(PARTS),
    )
    return web.show("cycle/period.html", page, error.status if error else 200)


def _closing(plan_code: str, code: str, error: ConflictError | None = None) -> Response:
    number, word = web.page_number(), request.args.get("status", "")
    if word and word not in _STATE_WORDS:
        raise NotFoundError
    left = web.ask(
        period_queries.leftovers,
        plan_code,
        code,
        web.services().clock.now(),
        state=_STATE_WORDS[word] if word else None,
        page=number,
        size=_ROWS,
    )
    page = ClosingPage(
        refusal=gettext(error.message, **error.params) if error else "",
        left=left,
        words={state: word for word, state in _STATE_WORDS.items()},
        pager=web.Pager(number, _ROWS, left.total),
    )
    return web.show("cycle/closing.html", page, error.status if error else 200)


def _words(msgids: Mapping[str, str]) -> dict[str, str]:
    return {key: gettext(word) for key, word in msgids.items()}


def _asked(default: tuple[str, ...]) -> tuple[str, ...]:
    """Return the parts that are ticked: those sent, else ``default``."""
    if not request.form.get("asks"):
        return default
    return tuple(part for part in PARTS if request.form.get(f"ask_{part}"))


def _typed(found: PeriodFull) -> dict[str, str]:
    due = found.deadline.astimezone(WIB)
    return {
        "name": found.name,
        "ends": found.ends.isoformat(),
        "deadline": due.date().isoformat(),
        "deadline_time": f"{due:%H.%M}",
        "early": "1" if found.early else "",
        "reminders": ", ".join(map(str, found.reminders)),
    }
