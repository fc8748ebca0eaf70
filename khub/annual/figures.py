"""Live figures and tables: tokens resolved at the as-of date through the ledger and its numbers.

Nothing is counted here: every figure is a ``Number``, every row of a table is taken from one. Words
and figures of the document are Indonesian, whatever language the pages around it have.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa
from babel.numbers import format_decimal

from khub.annual import records, tokens
from khub.annual.document import Table
from khub.annual.tokens import Form
from khub.cycle import ledger as ledgers
from khub.cycle import numbers
from khub.cycle.facts import ActionFacts, Owed
from khub.errors import N_, NotFoundError
from khub.plan.models import Period
from khub.plan.terms import Answer, PeriodState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from khub.annual.tokens import Piece
    from khub.cycle.facts import PeriodFacts
    from khub.cycle.ledger import Ledger
    from khub.cycle.numbers import Number

#: What a number counts, as the sentence names it.
UNITS = {
    "in-plan": "aksi",
    "on-table": "aksi",
    "committed": "aksi",
    "involved": "K/L",
    "answered": "komitmen",
    "reported": "laporan",
    "approved": "laporan",
    "late": "laporan",
}
TABLES = {
    "komitmen-per-pilar": N_("Komitmen per pilar"),
    "laporan-per-pilar": N_("Laporan per pilar"),
    "kl-terlibat": N_("K/L terlibat"),
    "kendala": N_("Kendala dan tindak lanjut"),
    "keluaran-per-jenis": N_("Keluaran per jenis"),
    "aksi": N_("Daftar aksi"),
}
_YEAR_DIGITS = 4


@dataclass(frozen=True, slots=True)
class Offer:
    """A figure or table that can be put into a paragraph: its token, and what it says now."""

    token: str
    label: str
    params: dict[str, object]
    now: str


def spelled(value: int) -> str:
    """Return a number as Indonesian writes it: 8.100."""
    return str(format_decimal(value, locale="id"))


class Figures:
    """Resolves tokens for one report as recorded ``until``. Build with ``load``."""

    def __init__(self, session: Session, ledger: Ledger, year: int, label: str) -> None:
        self.session = session
        self.ledger = ledger
        self.year = year
        self.label = label
        self.branches = {action.branch: action.branch_name for action in ledger.actions}
        self._numbers: dict[tuple[str, str, str], Number | None] = {}
        self._tables: dict[Piece, Table | None] = {}

    # -- figures -----------------------------------------------------------------------------------

    def number(self, key: str, branch: str = "", place: str = "") -> Number | None:
        """Return the official number that a token names, None where there is none.

        ``place`` is a year, or the code of a period of the report's year; "" is that year, and of
        its periods the last that had been opened.
        """
        named = (key, branch, place)
        if named not in self._numbers:
            self._numbers[named] = self._number(key, branch, place)
        return self._numbers[named]

    def _number(self, key: str, branch: str, place: str) -> Number | None:
        if branch and branch not in self.branches:
            return None
        year: int | None = self.year
        period = self.period(place)
        if key in numbers.OF_PERIOD and not place and period is None:
            return numbers.before_any_period(self.ledger, key, self.year, branch)
        if place:
            as_year = place.isascii() and place.isdigit() and len(place) == _YEAR_DIGITS
            year = int(place) if as_year else None
        try:
            return numbers.compute(
                self.ledger, key, year=year, period_id=period.id if period else None, branch=branch
            )
        except NotFoundError:
            return None

    def period(self, code: str = "") -> PeriodFacts | None:
        """Return a period of the year by its code; "" asks for the last that had been opened."""
        if code:
            return next((each for each in self.ledger.periods if each.code == code), None)
        opened = [each for each in self.ledger.periods if each.state != PeriodState.PLANNED]
        return max(opened, key=lambda each: (each.ends, each.id), default=None)

    def words(self, piece: Piece) -> str | None:
        """Return what a live figure says, None for a token that names nothing."""
        number = self.number(piece.key, piece.branch, piece.place)
        return None if number is None else written(number, piece.form)

    def offers(self) -> tuple[Offer, ...]:
        """Return the figures and tables to choose from; only those that say something."""
        found = []
        for key in numbers.KEYS:
            for branch in ("", *self.branches):
                number = self.number(key, branch)
                if number is None or (branch and not (number.counted or number.missing)):
                    continue
                for form in Form:
                    said = written(number, form)
                    if said is not None:
                        token = tokens.figure(key, branch, form)
                        found.append(Offer(token, number.definition.label, self._params(branch), said))
        found += [Offer(tokens.table(key), label, self._params(""), "") for key, label in TABLES.items()]
        return tuple(found)

    def _params(self, branch: str) -> dict[str, object]:
        return {"year": self.year, "branch": f"{self.label} {branch}" if branch else ""}

    # -- tables ------------------------------------------------------------------------------------

    def table(self, piece: Piece) -> Table | None:
        """Return a live table without its number, None for a token that names nothing."""
        if piece not in self._tables:
            make = _MAKERS.get(piece.key)
            known = not piece.branch or piece.branch in self.branches
            self._tables[piece] = make(self, piece) if make is not None and known else None
        return self._tables[piece]

    def per_branch(self, columns: Iterable[tuple[str, bool]], place: str) -> list[tuple[str, ...]]:
        """Return a row a branch and the row of all; columns are (key, with its percent)."""
        rows = []
        for branch, name in (*self.branches.items(), ("", "Jumlah")):
            cells = []
            for key, with_percent in columns:
                number = self.number(key, branch, place)
                if number is None or (branch and not (number.counted or number.missing)):
                    break
                cells.append(spelled(number.count))
                if with_percent:
                    cells.append("–" if number.percent is None else f"{number.percent}\u00a0%")
            else:
                rows.append((f"{branch} {name}".strip(), *cells))
        return rows


def load(session: Session, plan_id: int, year: int, until: datetime, label: str = "Pilar") -> Figures:
    """Return the figures of a plan and year as recorded ``until``; reads the periods of that year only."""
    periods = session.scalars(sa.select(Period.id).where(Period.plan_id == plan_id, Period.year == year))
    ledger = ledgers.read(session, plan_id, until, period_ids=list(periods))
    return Figures(session, ledger, year, label)


def written(number: Number, form: str) -> str | None:  # noqa: PLR0911 - one return a form
    """Return a number in one of the forms, None where it has no such form."""
    unit = UNITS[number.key]
    count, total = spelled(number.count), None if number.total is None else spelled(number.total)
    match form:
        case Form.COUNT:
            return count
        case Form.UNIT:
            return f"{count} {unit}"
        case Form.TOTAL if total is not None:
            return total
        case Form.OF if total is not None:
            return f"{count} dari {total}"
        case Form.PERCENT if number.percent is not None:
            return f"{number.percent} persen"
        case Form.WHOLE if total is not None and number.percent is not None:
            return f"{count} dari {total} {unit} ({number.percent} persen)"
        case Form.WHOLE if total is not None:
            return f"{count} dari {total} {unit}"
    return None


def _split_foot(rows: list[tuple[str, ...]]) -> tuple[tuple[tuple[str, ...], ...], tuple[str, ...]]:
    return tuple(rows[:-1]), rows[-1] if rows else ()


def _commitments(figures: Figures, piece: Piece) -> Table | None:
    year = piece.place or str(figures.year)
    rows, foot = _split_foot(figures.per_branch((("on-table", False), ("committed", True)), year))
    head = (figures.label, f"Daftar {year}", "Berkomitmen", "Persen")
    caption = f"Komitmen per {figures.label.lower()}, tahun {year}"
    return Table(piece.raw, "", caption, head, rows, foot, (1, 2, 3)) if foot else None


def _reports(figures: Figures, piece: Piece) -> Table | None:
    head = (figures.label, "Diminta", "Masuk", "Disetujui", "Terlambat", "Persen masuk")
    caption = f"Laporan per {figures.label.lower()}"
    period = figures.period(piece.place)
    if period is None:
        return _before_any_period(figures, piece, caption, head)
    rows = []
    for branch, name in (*figures.branches.items(), ("", "Jumlah")):
        came = figures.number("reported", branch, period.code)
        done = figures.number("approved", branch, period.code)
        late = figures.number("late", branch, period.code)
        if came is None or done is None or late is None or not came.total:
            continue
        shown = (came.total, came.count, done.count, late.count)
        rows.append((f"{branch} {name}".strip(), *map(spelled, shown), f"{came.percent}\u00a0%"))
    body, foot = _split_foot(rows)
    return Table(piece.raw, "", f"{caption}, {period.name}", head, body, foot, (1, 2, 3, 4, 5))


def _before_any_period(figures: Figures, piece: Piece, caption: str, head: tuple[str, ...]) -> Table | None:
    """Return the table of a year of which no period was opened yet, None where it names one that is not there.

    The report's own first text has such tables, and may be handed on from the first day.
    """
    note = "Belum ada periode pelaporan yang dibuka."
    return (
        None if piece.place else Table(piece.raw, "", f"{caption}, tahun {figures.year}", head, (), note=note)
    )


def _units(figures: Figures, piece: Piece) -> Table | None:
    answered = figures.number("answered", piece.branch, piece.place)
    involved = figures.number("involved", piece.branch, piece.place)
    if answered is None or involved is None:
        return None
    asked: Counter[int] = Counter()
    yes: Counter[int] = Counter()
    names: dict[int, str] = {}
    for owed in (*answered.counted, *answered.missing):
        if isinstance(owed, Owed):
            names[owed.unit.id] = owed.unit.name
            asked[owed.unit.id] += 1
            yes[owed.unit.id] += owed.answer == Answer.YES
    rows = tuple(
        (name, spelled(asked[unit]), spelled(yes[unit]), "terlibat" if yes[unit] else "belum")
        for unit, name in sorted(names.items(), key=lambda pair: pair[1])
    )
    foot = ("Jumlah", spelled(asked.total()), spelled(yes.total()), written(involved, Form.OF) or "")
    head = ("K/L", "Aksi yang diminta", "Menjawab ya", "Terlibat")
    caption = f"K/L penanggung jawab dan komitmennya, tahun {piece.place or figures.year}"
    return Table(piece.raw, "", caption, head, rows, foot, (1, 2))


def _actions(figures: Figures, piece: Piece) -> Table | None:
    number = figures.number("committed", piece.branch, piece.place)
    if number is None:
        return None
    yes = set(number.counted)
    listed = [item for item in (*number.counted, *number.missing) if isinstance(item, ActionFacts)]
    order = {action: place for place, action in enumerate(figures.ledger.actions)}
    rows = tuple(
        (action.code, action.title, "ya" if action in yes else "belum")
        for action in sorted(listed, key=order.__getitem__)
    )
    foot = ("Jumlah", "", written(number, Form.OF) or "")
    caption = f"Aksi dalam daftar, tahun {piece.place or figures.year}"
    return Table(piece.raw, "", caption, ("Kode", "Aksi", "Komitmen"), rows, foot)


def _obstacles(figures: Figures, piece: Piece) -> Table | None:
    head = ("Aksi", "K/L", "Kendala", "Tindak lanjut")
    period = figures.period(piece.place)
    if period is None:
        return _before_any_period(figures, piece, "Kendala dan tindak lanjut", head)
    done = figures.number("approved", piece.branch, period.code)
    found, kept_back = records.obstacles(figures.session, done, figures.ledger.until)
    note = "Dari laporan yang disetujui." if found else "Tidak ada kendala dalam laporan yang disetujui."
    if kept_back:
        note += f" {spelled(kept_back)} laporan tidak dimuat: terbatas, atau sedang diperbaiki."
    caption = f"Kendala dan tindak lanjut, {period.name}"
    return Table(piece.raw, "", caption, head, tuple(found), note=note)


def _outputs(figures: Figures, piece: Piece) -> Table | None:
    counted = records.outputs_by_kind(
        figures.session,
        [period.id for period in figures.ledger.periods],
        figures.ledger.until,
        piece.branch,
    )
    rows = tuple((name, spelled(count)) for name, count in counted)
    foot = ("Jumlah", spelled(sum(count for _, count in counted)))
    note = "Keluaran yang disetujui dan tidak terbatas."
    caption = f"Keluaran per jenis, tahun {figures.year}"
    return Table(piece.raw, "", caption, ("Jenis", "Keluaran"), rows, foot, (1,), note)


_MAKERS: dict[str, Callable[[Figures, Piece], Table | None]] = {
    "komitmen-per-pilar": _commitments,
    "laporan-per-pilar": _reports,
    "kl-terlibat": _units,
    "kendala": _obstacles,
    "keluaran-per-jenis": _outputs,
    "aksi": _actions,
}
