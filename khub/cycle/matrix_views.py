"""Matriks bukti on screen, on paper, and as files."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

from flask import Blueprint, Response, request

from khub import web
from khub.cycle import matrix, matrix_files, matrix_queries
from khub.cycle.matrix_queries import Wish
from khub.errors import N_, InvalidError, NotFoundError
from khub.i18n import gettext
from khub.links import url_for
from khub.plan.terms import PERIOD_STATES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from khub.cycle.facts import ActionFacts, PeriodFacts, Row, Unit
    from khub.cycle.matrix import Cell, Line, Sums
    from khub.cycle.matrix_queries import Shown

bp = Blueprint("matrix", __name__)

_LINES = 200
#: state → (class of the shape, class of the cell, word)
_LOOKS = {
    "locked": ("terkunci", "", N_("Terkunci")),
    "approved": ("disetujui", " sel-disetujui", N_("Disetujui")),
    "submitted": ("diajukan", " sel-diajukan", N_("Diajukan")),
    "returned": ("dikembalikan", " sel-dikembalikan", N_("Dikembalikan")),
    "draft": ("draf", "", N_("Draf")),
    matrix.NOT_REPORTED: ("belum", "", N_("Belum lapor")),
    matrix.NOT_ASKED: ("tidak-diminta", " sel-tidak-diminta", N_("Tidak diminta")),
}
_MARKS = {
    "late": N_("Terlambat"),
    matrix.NOT_REPORTED: N_("Belum lapor"),
    "stale": N_("Kedaluwarsa"),
    "in_review": N_("Sedang ditinjau"),
    matrix.NOT_ASKED: N_("Tidak diminta"),
}
_SHEETS = ("a3", "a4")


class CellShown(NamedTuple):
    """A cell as the template draws it; ``own``: where the reader fills his empty one in, "" elsewhere."""

    css: str
    shape: str
    word: str
    share: str
    href: str
    late: bool
    in_review: bool
    own: str


@dataclass(frozen=True, slots=True)
class LineShown:
    """A row of the matrix. ``action`` or ``unit`` is its head."""

    action: ActionFacts | None
    unit: Unit | None
    href: str
    cells: tuple[CellShown, ...]
    sums: Sums
    stale: bool


@dataclass(frozen=True, slots=True)
class ColumnShown:
    """A column: a period or an action."""

    code: str
    name: str
    note: str
    deadline: datetime | None
    current: bool
    href: str


@dataclass(frozen=True, slots=True)
class SumRow:
    """A state under the matrix with the number of cells in each column, and the way to them."""

    state: str
    counts: tuple[tuple[int, str], ...]
    total: int


@dataclass(frozen=True, slots=True)
class MatrixPage:
    """The matrix. ``shape``: "periode" or "kl"; ``sheet``: the paper it is laid out for, "" for the screen."""

    shape: str
    shown: Shown
    columns: tuple[ColumnShown, ...]
    lines: tuple[LineShown, ...]
    sums: tuple[SumRow, ...]
    under: tuple[Sums, ...]
    whole: Sums
    states: Mapping[str, str]
    marks: Mapping[str, str]
    sheet: str
    links: Mapping[str, str]
    pager: web.Pager


@dataclass(frozen=True, slots=True)
class RowsPage:
    """The rows behind one cell; ``now`` decides which are overdue. ``readable``: reports to open."""

    action: ActionFacts
    period: PeriodFacts
    rows: tuple[Row, ...]
    readable: frozenset[str]
    now: datetime


@bp.get("/matriks")
def index() -> Response:
    """Show actions × periods."""
    wish, number = _wish(), web.page_number()
    shown, found = web.ask(matrix_queries.by_period, wish, web.services().clock.now())
    cells = _Cells(shown, shown.current)
    columns = tuple(
        ColumnShown(
            period.code,
            period.name,
            gettext(PERIOD_STATES[period.state]),
            period.deadline if period.running else None,
            period.code == shown.current,
            _link("matrix.units", wish, periode=period.code),
        )
        for period in found.columns
    )
    at = slice((number - 1) * _LINES, number * _LINES)
    page = MatrixPage(
        shape="periode",
        shown=shown,
        columns=columns,
        lines=tuple(
            LineShown(
                line.head,
                None,
                url_for("plan.action", plan_code=line.head.plan, code=line.head.code),
                cells.of(line, ((line.head, period) for period in found.columns)),
                line.sums,
                line.stale,
            )
            for line in found.lines[at]
        ),
        sums=_sums(found.under, found.whole, [{"periode": column.code} for column in columns], wish),
        under=found.under,
        whole=found.whole,
        states=_states(),
        marks={key: gettext(word) for key, word in _MARKS.items()},
        sheet=_sheet(),
        links=_links(wish, "matrix.index"),
        pager=web.Pager(number, _LINES, len(found.lines)),
    )
    return web.show("cycle/matrix.html", page)


@bp.get("/matriks/kl")
def units() -> Response:
    """Show K/L × actions of one period."""
    wish, number = _wish(), web.page_number()
    shown, found, period = web.ask(matrix_queries.by_unit, wish, web.services().clock.now())
    cells = _Cells(shown)
    at = slice((number - 1) * _LINES, number * _LINES)
    page = MatrixPage(
        shape="kl",
        shown=shown,
        columns=tuple(
            ColumnShown(
                action.code,
                action.title,
                "",
                None,
                False,  # noqa: FBT003 - a column of actions is never the running one
                url_for("plan.action", plan_code=action.plan, code=action.code),
            )
            for action in found.columns
        ),
        lines=tuple(
            LineShown(
                None,
                line.head,
                url_for("plan.institution", code=line.head.code),
                cells.of(line, ((action, period) for action in found.columns)) if period else (),
                line.sums,
                line.stale,
            )
            for line in found.lines[at]
        ),
        sums=_sums(found.under, found.whole, [], wish),
        under=found.under,
        whole=found.whole,
        states=_states(),
        marks={key: gettext(word) for key, word in _MARKS.items() if key != "stale"},
        sheet=_sheet(),
        links=_links(shown.wish, "matrix.units"),
        pager=web.Pager(number, _LINES, len(found.lines)),
    )
    return web.show("cycle/matrix.html", page)


@bp.get("/matriks/baris")
def rows() -> Response:
    """Show the rows behind a cell: each K/L with its state and deadline."""
    plan, _, action = request.args.get("aksi", "")[:120].partition("/")
    now = web.services().clock.now()
    unit = request.args.get("kl", "")[:60]
    facts, period, found, readable = web.ask(
        matrix_queries.rows, plan, request.args.get("periode", "")[:60], action, unit, now
    )
    return web.show("cycle/rows.html", RowsPage(facts, period, found, readable, now))


@bp.get("/matriks.<kind>")
def export(kind: str) -> Response:
    """Hand the matrix out as a file, narrowed as on the page."""
    wish, now = _wish(), web.services().clock.now()
    words = _states()
    if request.args.get("bentuk") == "kl":
        _, units_found, _ = web.ask(matrix_queries.by_unit, wish, now)
        table = matrix_files.unit_rows(units_found, words)
    else:
        _, found = web.ask(matrix_queries.by_period, wish, now)
        table = matrix_files.period_rows(found, words)
    file = matrix_files.render(table, kind)
    headers = {"Content-Disposition": f'attachment; filename="{file.name}"'}
    return Response(file.data, content_type=file.media_type, headers=headers)


class _Cells:
    """Turns cells into what the template draws; addresses are put together here, as there are thousands."""

    def __init__(self, shown: Shown, current: str = "") -> None:
        self.own = shown.own
        self.plan = shown.plan.code
        #: The period whose column stands out, where the columns are periods.
        self.current = current
        self.quoted = cache(partial(quote, safe=""))
        self.base = f"{url_for('matrix.rows')}?aksi={quote(shown.plan.code, safe='')}/"
        self.words = {state: gettext(word) for state, (_, _, word) in _LOOKS.items()}

    def of(
        self,
        line: Line[ActionFacts] | Line[Unit],
        places: Iterable[tuple[ActionFacts, PeriodFacts]],
    ) -> tuple[CellShown, ...]:
        """Return the cells of a line; ``places`` are the (action, period) of each."""
        return tuple(
            self._cell(cell, action, period) if cell.state else _NOTHING
            for cell, (action, period) in zip(line.cells, places, strict=True)
        )

    def _cell(self, cell: Cell, action: ActionFacts, period: PeriodFacts) -> CellShown:
        shape, css, _ = _LOOKS[cell.state]
        now = " kini" if period.code == self.current else ""
        if cell.overdue and cell.state in (matrix.NOT_REPORTED, "draft", "returned"):
            css = " sel-lewat"
            shape = f"{shape} lewat"
        href = own = ""
        if cell.rows:
            href = f"{self.base}{self.quoted(action.code)}&periode={self.quoted(period.code)}"
            mine = self.own and [row for row in cell.rows if (row.action.id, row.unit.id) in self.own]
            if mine and period.running:
                own = own_link(mine[0])
        return CellShown(
            f"sel{css}{now}",
            shape,
            self.words[cell.state],
            f"{cell.done}/{cell.of}" if cell.of else "",
            href,
            cell.late,
            cell.in_review,
            own,
        )


_NOTHING = CellShown("", "", "", "", "", late=False, in_review=False, own="")


def own_link(row: Row) -> str:
    """Return the form in which the K/L fills an empty row in; keluaran are dropped there too."""
    return url_for(
        "reports.row",
        plan_code=row.action.plan,
        period=row.period.code,
        unit=row.unit.code,
        code=row.action.code,
    )


def _sums(
    under: tuple[Sums, ...], whole: Sums, narrow: list[dict[str, str]], wish: Wish
) -> tuple[SumRow, ...]:
    endpoint = "matrix.index" if narrow else ""
    return tuple(
        SumRow(
            state,
            tuple(
                (sums.counts[place][1], _link(endpoint, wish, **narrow[at], status=state) if narrow else "")
                for at, sums in enumerate(under)
            ),
            whole.counts[place][1],
        )
        for place, state in enumerate(matrix.STATES)
    )


def _wish() -> Wish:
    def word(name: str) -> str:
        return request.args.get(name, "")[:60]

    wish = Wish(
        word("rencana"),
        word("periode"),
        word("hingga"),
        word("pilar"),
        word("fokus"),
        word("kl"),
        word("pokja"),
        word("status"),
        word("tanda"),
    )
    if wish.state and wish.state not in _LOOKS:
        raise InvalidError.one("status", N_("Status ini tidak dikenali."))
    if wish.mark and wish.mark not in _MARKS:
        raise InvalidError.one("tanda", N_("Tanda ini tidak dikenali."))
    return wish


def _link(endpoint: str, wish: Wish, **changes: str) -> str:
    arguments: dict[str, Any] = {
        "rencana": wish.plan,
        "periode": wish.period,
        "hingga": wish.until,
        "pilar": wish.branch,
        "fokus": wish.focus,
        "kl": wish.unit,
        "pokja": wish.pokja,
        "status": wish.state,
        "tanda": wish.mark,
        **changes,
    }
    return url_for(endpoint, **{key: value for key, value in arguments.items() if value})


def _links(wish: Wish, endpoint: str) -> dict[str, str]:
    shape = {"bentuk": "kl"} if endpoint == "matrix.units" else {}
    return {
        "periode": _link("matrix.index", wish, periode=""),
        "kl": _link("matrix.units", wish, hingga=""),
        "csv": _link("matrix.export", wish, kind="csv", **shape),
        "xlsx": _link("matrix.export", wish, kind="xlsx", **shape),
        "a3": _link(endpoint, wish, cetak="a3"),
        "a4": _link(endpoint, wish, cetak="a4"),
        "layar": _link(endpoint, wish),
        "bersih": _link(endpoint, Wish(plan=wish.plan)),
    }


def _states() -> dict[str, str]:
    return {state: gettext(word) for state, (_, _, word) in _LOOKS.items()}


def _sheet() -> str:
    sheet = request.args.get("cetak", "")
    if sheet and sheet not in _SHEETS:
        raise NotFoundError
    return sheet
