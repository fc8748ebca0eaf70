"""Official numbers: all of them in one table, and each with the rows behind it, to read and to download."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request

from khub import web
from khub.cycle import number_queries
from khub.cycle.number_queries import Asked
from khub.errors import N_, InvalidError, NotFoundError
from khub.i18n import gettext
from khub.plan.catalogue import FIRST_YEAR, LAST_YEAR
from khub.plan.export import as_csv
from khub.plan.terms import ANSWERS

if TYPE_CHECKING:
    from khub.cycle.number_queries import Line, NumberRow, Place
    from khub.cycle.numbers import Number

bp = Blueprint("numbers", __name__)

_ROWS = 50
#: Which side of a number: what it counts, or what is missing from its total.
_SIDES = ("dihitung", "belum")
_COLUMNS = (
    N_("Kode aksi"),
    N_("Aksi"),
    N_("Pilar"),
    N_("K/L"),
    N_("Komitmen"),
    N_("Keadaan"),
    N_("Diajukan"),
    N_("Tenggat"),
    N_("Keluaran"),
    N_("Judul"),
)


@dataclass(frozen=True, slots=True)
class NumbersPage:
    """All numbers of a plan, a year and a period."""

    here: Place
    rows: tuple[NumberRow, ...]
    plans: list[tuple[str, str]]
    years: list[tuple[str, str]]
    periods: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class NumberPage:
    """One number; ``side`` is "dihitung" or "belum"."""

    here: Place
    number: Number
    side: str
    lines: list[Line]
    pager: web.Pager
    answers: dict[str, str]


@bp.get("/angka")
def index() -> Response:
    """Show every official number with its definition."""
    here, rows = web.ask(number_queries.table, _asked(), web.services().clock.now())
    page = NumbersPage(
        here,
        rows,
        plans=[(plan.code, plan.name) for plan in here.plans],
        years=[(str(year), str(year)) for year in here.years],
        periods=[(period.code, period.name) for period in here.periods],
    )
    return web.show("cycle/numbers.html", page)


@bp.get("/angka/<key>")
def show(key: str) -> Response:
    """Show one number and exactly what it counts."""
    number = web.page_number()
    here, found = web.ask(number_queries.one, key, _asked(), web.services().clock.now())
    side = _side()
    items = found.counted if side == _SIDES[0] else found.missing
    page = NumberPage(
        here=here,
        number=found,
        side=side,
        lines=number_queries.lines(items[(number - 1) * _ROWS : number * _ROWS]),
        pager=web.Pager(number, _ROWS, len(items)),
        answers={"": gettext("Belum menjawab"), **{code: gettext(word) for code, word in ANSWERS.items()}},
    )
    return web.show("cycle/number.html", page)


@bp.get("/angka/<key>.csv")
def download(key: str) -> Response:
    """Hand out the rows of a number, all of them."""
    _, found = web.ask(number_queries.one, key, _asked(), web.services().clock.now())
    side = _side()
    items = found.counted if side == _SIDES[0] else found.missing
    rows = [tuple(gettext(name) for name in _COLUMNS)]
    rows += [_csv_line(line) for line in number_queries.lines(items)]
    return Response(
        as_csv(rows),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{found.key}-{side}.csv"'},
    )


def _csv_line(line: Line) -> tuple[str, ...]:
    action, unit = line.action, line.unit
    return (
        action.code if action else "",
        action.title if action else "",
        action.branch if action else "",
        unit.name if unit else line.product.institution if line.product else "",
        line.answer or "",
        line.state or "",
        line.pressed_at.isoformat() if line.pressed_at else "",
        line.deadline.isoformat() if line.deadline else "",
        line.product.product if line.product else "",
        line.product.title if line.product else "",
    )


def _side() -> str:
    side = request.args.get("sisi", _SIDES[0])
    if side not in _SIDES:
        raise NotFoundError
    return side


def _asked() -> Asked:
    text = request.args.get("tahun", "")
    if text and not (text.isascii() and text.isdigit() and FIRST_YEAR <= int(text[:9]) <= LAST_YEAR):
        raise InvalidError.one("tahun", N_("Tahun tidak dikenali."))
    return Asked(
        plan=request.args.get("rencana", ""),
        year=int(text) if text else None,
        period=request.args.get("periode", ""),
        branch=request.args.get("pilar", ""),
        day=number_queries.day(request.args.get("per", "")),
    )
