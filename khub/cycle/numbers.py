"""Official numbers: each one implementation, one label, one definition, and exactly the rows it counts.

Pages, exports, mail, the annual report, Periksa angka and the command line all ask here. Three
denominators (in the plan, on the table of a year, committed) have names of their own and never mix.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from khub.cycle import ledger as ledgers
from khub.cycle.facts import ActionFacts, HandedIn, Owed, PeriodFacts, Row, Unit
from khub.errors import N_, NotFoundError
from khub.plan.terms import Answer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from khub.cycle.ledger import Ledger

#: What a number counts: actions, K/L, commitments asked for, rows of reports, or keluaran.
Item = ActionFacts | Unit | Owed | Row | HandedIn


@dataclass(frozen=True, slots=True)
class Definition:
    """What a number is called and what it counts; both are msgids, ``%(year)s`` its year."""

    label: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Number:
    """``count`` of ``total`` things (``total`` None: a plain count), as recorded until ``until``.

    ``counted`` are exactly the things counted, ``missing`` the rest of the total.
    """

    key: str
    definition: Definition
    counted: tuple[Item, ...]
    missing: tuple[Item, ...]
    until: datetime
    of_total: bool = True
    year: int | None = None
    period: PeriodFacts | None = None
    branch: str = ""

    @property
    def count(self) -> int:
        """Return how many things are counted."""
        return len(self.counted)

    @property
    def total(self) -> int | None:
        """Return what the count is a part of, ``None`` for a plain count."""
        return len(self.counted) + len(self.missing) if self.of_total else None

    @property
    def percent(self) -> int | None:
        """Return the share in whole percent, half rounded up; ``None`` where there is nothing to share."""
        if not self.total:
            return None
        return (200 * self.count + self.total) // (2 * self.total)


@dataclass(frozen=True, slots=True)
class BranchNumber:
    """A number of one pilar or tema."""

    code: str
    name: str
    figure: Number


_IN_PLAN = Definition(N_("Aksi dalam rencana"), N_("Semua aksi rencana ini, tahun mana pun."))
_ON_TABLE = Definition(N_("Aksi dalam daftar %(year)s"), N_("Aksi rencana ini yang masuk daftar tahun itu."))
_COMMITTED = Definition(
    N_("Aksi berkomitmen %(year)s"), N_("Paling sedikit satu penanggung jawab menjawab ya dan mengajukan.")
)
_INVOLVED = Definition(
    N_("K/L terlibat %(year)s"), N_("K/L penanggung jawab dengan paling sedikit satu jawaban ya.")
)
_ANSWERED = Definition(
    N_("Komitmen masuk %(year)s"),
    N_("Jawaban ya atau tidak dari setiap penanggung jawab setiap aksi dalam daftar tahun itu."),
)
_REPORTED = Definition(
    N_("Laporan masuk"),
    N_("Baris laporan (aksi × K/L) yang sudah diajukan, dari yang diminta periode itu; yang ditarik tidak."),
)
_APPROVED = Definition(
    N_("Laporan disetujui"), N_("Baris laporan yang disetujui, lengkap dan sesuai, dari yang diminta.")
)
_LATE = Definition(
    N_("Laporan terlambat"),
    N_("Dari laporan masuk: yang diajukan sesudah tenggat yang berlaku bagi baris itu."),
)


def in_plan(ledger: Ledger, branch: str = "") -> Number:
    """Count the actions of a plan."""
    found = tuple(action for action in ledger.actions if branch in ("", action.branch))
    return Number("in-plan", _IN_PLAN, found, (), ledger.until, of_total=False, branch=branch)


def on_table(ledger: Ledger, year: int, branch: str = "") -> Number:
    """Count the actions on the table of ``year``."""
    found = tuple(action for action in ledger.on_table(year) if branch in ("", action.branch))
    return Number("on-table", _ON_TABLE, found, (), ledger.until, of_total=False, year=year, branch=branch)


def committed(ledger: Ledger, year: int, branch: str = "") -> Number:
    """Count the committed actions among those on the table of ``year``."""
    yes = {owed.action.id for owed in ledger.owed(year) if owed.answer == Answer.YES}
    listed = on_table(ledger, year, branch).counted
    counted, missing = _parted(listed, lambda action: isinstance(action, ActionFacts) and action.id in yes)
    return Number("committed", _COMMITTED, counted, missing, ledger.until, year=year, branch=branch)


def involved(ledger: Ledger, year: int, branch: str = "") -> Number:
    """Count the K/L responsible for an action on the table of ``year``, and those with a yes among them."""
    owed = [each for each in ledger.owed(year) if branch in ("", each.action.branch)]
    units = {each.unit.id: each.unit for each in owed}
    yes = {each.unit.id for each in owed if each.answer == Answer.YES}
    ordered = sorted(units.values(), key=lambda unit: (unit.short, unit.code))
    counted, missing = _parted(ordered, lambda unit: isinstance(unit, Unit) and unit.id in yes)
    return Number("involved", _INVOLVED, counted, missing, ledger.until, year=year, branch=branch)


def answered(ledger: Ledger, year: int, branch: str = "") -> Number:
    """Count the commitments asked for ``year``, and those answered yes or no among them."""
    owed = [each for each in ledger.owed(year) if branch in ("", each.action.branch)]
    counted, missing = _parted(
        owed, lambda each: isinstance(each, Owed) and each.answer in (Answer.YES, Answer.NO)
    )
    return Number("answered", _ANSWERED, counted, missing, ledger.until, year=year, branch=branch)


def reported(ledger: Ledger, period_id: int, branch: str = "") -> Number:
    """Count the rows that a period asks for, and those handed in among them."""
    return _of_rows("reported", _REPORTED, ledger, period_id, branch, lambda row: row.handed_in)


def approved(ledger: Ledger, period_id: int, branch: str = "") -> Number:
    """Count the rows that a period asks for, and those approved among them."""
    return _of_rows("approved", _APPROVED, ledger, period_id, branch, lambda row: row.done)


def late(ledger: Ledger, period_id: int, branch: str = "") -> Number:
    """Count the rows handed in for a period, and those pressed after their deadline among them."""
    return _of_rows("late", _LATE, ledger, period_id, branch, lambda row: row.late, among=reported)


def by_branch(
    ledger: Ledger, number: Callable[[Ledger, int, str], Number], place: int
) -> tuple[BranchNumber, ...]:
    """Return ``number`` of each branch that has actions in it; ``place`` is its year or period id."""
    names = {action.branch: action.branch_name for action in ledger.actions}
    found = (BranchNumber(code, name, number(ledger, place, code)) for code, name in names.items())
    return tuple(each for each in found if each.figure.counted or each.figure.missing)


def agreed(ledger: Ledger, action_id: int, year: int) -> Number:
    """Count the responsible K/L of one action, and those that answered yes."""
    owed = [each for each in ledger.owed(year) if each.action.id == action_id]
    counted, missing = _parted(owed, lambda each: isinstance(each, Owed) and each.answer == Answer.YES)
    return Number("committed", _COMMITTED, counted, missing, ledger.until, year=year)


#: Numbers of a year and numbers of a period, by key.
OF_YEAR: dict[str, Callable[[Ledger, int, str], Number]] = {
    "on-table": on_table,
    "committed": committed,
    "involved": involved,
    "answered": answered,
}
OF_PERIOD: dict[str, Callable[[Ledger, int, str], Number]] = {
    "reported": reported,
    "approved": approved,
    "late": late,
}
KEYS = ("in-plan", *OF_YEAR, *OF_PERIOD)


def compute(
    ledger: Ledger, key: str, *, year: int | None = None, period_id: int | None = None, branch: str = ""
) -> Number:
    """Return a number by its key. Raises ``NotFoundError`` for an unknown one, or without its year or period."""
    if key == "in-plan":
        return in_plan(ledger, branch)
    if key in OF_YEAR and year is not None:
        return OF_YEAR[key](ledger, year, branch)
    if key in OF_PERIOD and period_id is not None and any(each.id == period_id for each in ledger.periods):
        return OF_PERIOD[key](ledger, period_id, branch)
    raise NotFoundError


def before_any_period(ledger: Ledger, key: str, year: int, branch: str = "") -> Number:
    """Return a number of ``OF_PERIOD`` for a year of which no period was opened: nothing was asked, nothing came."""
    definition = {"reported": _REPORTED, "approved": _APPROVED, "late": _LATE}[key]
    return Number(key, definition, (), (), ledger.until, year=year, branch=branch)


def of_year(session: Session, plan_id: int, until: datetime) -> Ledger:
    """Return the ledger that the numbers of years need, without reports."""
    return ledgers.read(session, plan_id, until, period_ids=())


def _of_rows(
    key: str,
    definition: Definition,
    ledger: Ledger,
    period_id: int,
    branch: str,
    test: Callable[[Row], bool],
    *,
    among: Callable[[Ledger, int, str], Number] | None = None,
) -> Number:
    if among is not None:
        rows: Iterable[Item] = among(ledger, period_id, branch).counted
    else:
        rows = [row for row in ledger.rows(period_id) if row.asks and branch in ("", row.action.branch)]
    counted, missing = _parted(rows, lambda row: isinstance(row, Row) and test(row))
    period = ledger.period(period_id)
    return Number(
        key, definition, counted, missing, ledger.until, year=period.year, period=period, branch=branch
    )


def _parted(items: Iterable[Item], test: Callable[[Item], bool]) -> tuple[tuple[Item, ...], tuple[Item, ...]]:
    counted: list[Item] = []
    missing: list[Item] = []
    for item in items:
        (counted if test(item) else missing).append(item)
    return tuple(counted), tuple(missing)
