"""The import format of a plan: what each column means, and every fault of a file, row by row.

Pure: knows no database. ``comparison`` holds the result against what is stored.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from khub.errors import N_
from khub.plan import names
from khub.plan.sheets import MAX_CELL, Problem, Row, Table, read_rows

if TYPE_CHECKING:
    from collections.abc import Iterable

#: The columns of the format, in order; ``SOURCE`` may be added (where a title was published).
COLUMNS = (
    "plan",
    "pilar_kode",
    "pilar",
    "fokus_kode",
    "fokus",
    "aksi_kode",
    "aksi",
    "penanggung_jawab",
    "instansi_terkait",
    "keluaran",
    "ukuran_keberhasilan",
    "tahun",
)
SOURCE = "sumber"
#: A plan whose branches are themes may say so in its header.
_SYNONYMS = {"tema_kode": "pilar_kode", "tema": "pilar"}
KNOWN = frozenset({*COLUMNS, SOURCE, *_SYNONYMS})
LABELS = {"pilar": "Pilar", "tema": "Tema"}

_LIMITS = {
    "plan": 250,
    "pilar_kode": 40,
    "pilar": 500,
    "fokus_kode": 40,
    "fokus": 500,
    "aksi_kode": 40,
    "aksi": 1000,
    "penanggung_jawab": 8000,
    "instansi_terkait": 8000,
    "keluaran": 8000,
    "ukuran_keberhasilan": 5000,
    "tahun": 200,
    SOURCE: 2000,
}
_REQUIRED = ("plan", "pilar_kode", "pilar", "fokus_kode", "fokus", "aksi_kode", "aksi")
_CODES = ("pilar_kode", "fokus_kode", "aksi_kode")
_LISTS = {"penanggung_jawab": 250, "instansi_terkait": 250, "keluaran": 1000}
FIRST_YEAR, LAST_YEAR = 1990, 2100
_YEARS = re.compile(r"(\d{4})(?:\s*[-–—]\s*(\d{4}))?\Z", re.ASCII)
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Entry:
    """One row as the format means it. ``source`` None: the file has no such column."""

    line: int
    plan: str
    branch_code: str
    branch: str
    focus_code: str
    focus: str
    code: str
    title: str
    responsible: tuple[str, ...]
    related: tuple[str, ...]
    outputs: tuple[str, ...]
    measure: str
    years: tuple[int, ...]
    source: str | None


@dataclass(frozen=True, slots=True)
class Catalogue:
    """A file, read. ``label`` is its word for a branch; ``entries`` are the faultless rows only.

    ``named`` holds (plan, action code) of all rows, faulty ones too.
    """

    name: str
    sha256: str
    label: str
    rows: int
    entries: tuple[Entry, ...]
    named: frozenset[tuple[str, str]]
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]


def read(data: bytes, name: str) -> Catalogue:
    """Return what an untrusted file says; raises ``InvalidError`` for an empty or too large one."""
    return parse(read_rows(data, name, KNOWN))


def parse(table: Table) -> Catalogue:
    """Return the entries of ``table`` and every fault in it."""
    found = {_SYNONYMS.get(column, column) for column in table.columns}
    problems = list(table.problems)
    missing = [column for column in COLUMNS if column not in found]
    if missing and table.columns:
        problems += [Problem(1, column, N_("Kolom ini tidak ada.")) for column in missing]
    bad_cells = {(problem.line, _SYNONYMS.get(problem.column, problem.column)) for problem in problems}
    entries: list[Entry] = []
    named: set[tuple[str, str]] = set()
    for row in table.rows if table.complete and not missing else ():
        reader = _RowReader(row, bad_cells)
        entry = reader.entry(has_source=SOURCE in found)
        named.add((entry.plan, entry.code))
        problems += reader.problems
        if not reader.problems and not any(line == row.line for line, _ in bad_cells):
            entries.append(entry)
    problems += _contradictions(entries)
    if not table.rows and not problems:
        problems.append(Problem(0, "", N_("Berkas ini hanya berisi judul kolom, tanpa satu aksi pun.")))
    label = LABELS["tema" if {"tema", "tema_kode"} & set(table.columns) else "pilar"]
    return Catalogue(
        table.name,
        table.sha256,
        label,
        len(table.rows),
        tuple(entries),
        frozenset(named),
        tuple(sorted(problems, key=lambda problem: problem.line)),
        table.warnings,
    )


class _RowReader:
    def __init__(self, row: Row, bad_cells: set[tuple[int, str]]) -> None:
        self.line = row.line
        self.cells = {_SYNONYMS.get(column, column): text for column, text in row.cells.items()}
        self.bad_cells = bad_cells
        self.problems: list[Problem] = []

    def entry(self, *, has_source: bool) -> Entry:
        text = {column: self._text(column) for column in (*COLUMNS, SOURCE)}
        return Entry(
            line=self.line,
            plan=text["plan"],
            branch_code=text["pilar_kode"],
            branch=text["pilar"],
            focus_code=text["fokus_kode"],
            focus=text["fokus"],
            code=text["aksi_kode"],
            title=text["aksi"],
            responsible=self._list("penanggung_jawab", text["penanggung_jawab"]),
            related=self._list("instansi_terkait", text["instansi_terkait"]),
            outputs=self._list("keluaran", text["keluaran"]),
            measure=text["ukuran_keberhasilan"],
            years=self._years(text["tahun"]),
            source=text[SOURCE] if has_source else None,
        )

    def _fault(self, column: str, message: str, value: str = "", **params: object) -> None:
        self.problems.append(Problem(self.line, column, message, params, value[:_SHOWN]))

    def _text(self, column: str) -> str:
        raw = self.cells.get(column, "")
        if (self.line, column) in self.bad_cells:
            return ""
        limit = _LIMITS[column]
        if len(raw) > MAX_CELL:
            self._fault(
                column, N_("Lebih panjang dari %(limit)s huruf."), names.clean(raw[:_SHOWN]), limit=limit
            )
            return ""
        if point := names.hidden(raw):
            self._fault(column, names.CONTROL, point=point)
            return ""
        text = names.clean(raw)
        if len(text) > limit:
            self._fault(column, N_("Lebih panjang dari %(limit)s huruf."), text, limit=limit)
        elif not text and column in _REQUIRED:
            self._fault(column, N_("Sel ini kosong."))
        elif text and column in _CODES and not names.is_code(text):
            self._fault(column, names.BAD_CODE, text)
        elif column == "plan" and text and not names.slug(text):
            self._fault(column, N_("Nama ini tidak memuat huruf atau angka."), text)
        return text

    def _list(self, column: str, text: str) -> tuple[str, ...]:
        items: list[str] = []
        seen: set[str] = set()
        for part in text.split(";"):
            item = part.strip()
            key = names.fold(item)
            if not item:
                continue
            if not key:
                self._fault(column, N_("Nama ini tidak memuat huruf atau angka."), item)
            elif key in seen:
                self._fault(column, N_("“%(item)s” disebut dua kali."), item, item=item[:_SHOWN])
            elif len(item) > _LISTS[column]:
                self._fault(column, N_("Lebih panjang dari %(limit)s huruf."), item, limit=_LISTS[column])
            seen.add(key)
            items.append(item)
        return tuple(items)

    def _years(self, text: str) -> tuple[int, ...]:
        years: set[int] = set()
        for part in re.split(r"[;,]", text):
            item = part.strip()
            if not item:
                continue
            match = _YEARS.match(item)
            first = int(match[1]) if match else 0
            last = int(match[2] or first) if match else 0
            if match is None:
                self._fault("tahun", N_("“%(item)s” bukan tahun."), text, item=item[:_SHOWN])
            elif not FIRST_YEAR <= first <= last <= LAST_YEAR:
                self._fault(
                    "tahun",
                    N_("“%(item)s” bukan tahun atau rentang antara %(first)s dan %(last)s."),
                    text,
                    item=item,
                    first=FIRST_YEAR,
                    last=LAST_YEAR,
                )
            else:
                years.update(range(first, last + 1))
        return tuple(sorted(years))


def _contradictions(entries: Iterable[Entry]) -> list[Problem]:
    """Return the faults that show only between rows: codes used twice, codes with two names."""
    problems: list[Problem] = []
    actions: dict[tuple[str, str], Entry] = {}
    named: dict[tuple[str, ...], Entry] = {}
    for entry in entries:
        plan = names.slug(entry.plan)
        first = actions.setdefault((plan, entry.code.casefold()), entry)
        if first is not entry:
            problems.append(
                Problem(
                    entry.line,
                    "aksi_kode",
                    N_("Kode %(code)s sudah dipakai pada baris %(line)s."),
                    {"code": entry.code, "line": first.line},
                    entry.code,
                )
            )
        levels: tuple[tuple[str, tuple[str, ...], str], ...] = (
            ("plan", (plan,), "plan"),
            ("pilar", (plan, entry.branch_code), "branch"),
            ("fokus", (plan, entry.branch_code, entry.focus_code), "focus"),
        )
        for column, key, value in levels:
            earlier = named.setdefault(key, entry)
            if getattr(earlier, value) != getattr(entry, value):
                problems.append(
                    Problem(
                        entry.line,
                        column,
                        N_("Berbeda dari “%(name)s” pada baris %(line)s untuk kode yang sama."),
                        {"name": getattr(earlier, value)[:_SHOWN], "line": earlier.line},
                        getattr(entry, value)[:_SHOWN],
                    )
                )
    return problems
