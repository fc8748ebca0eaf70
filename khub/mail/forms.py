"""From request forms to values; every fault is told at once."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from khub.errors import N_, FieldError, InvalidError
from khub.mail.terms import MUTABLE, Rhythm

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MOST_WORDS = 4000
_MOST_NAME = 120
_MOST_ROWS = 1000
_MOST_BYTES = 200_000
_FAULTS_SHOWN = 20
#: An id of more digits fits no database here.
_DIGITS = 9
_TOKEN = re.compile(r"[A-Za-z0-9_-]{16,64}")
_LOCAL = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")
YEARS = range(2000, 2101)
_HEADS = {"tanggal", "hari", "day", "date"}


def intro(text: str) -> str:
    """Return the words that open a reminder, cleaned of control characters."""
    cleaned = "".join(c for c in text.replace("\r\n", "\n") if c.isprintable() or c in "\n\t").strip()
    if not cleaned:
        raise InvalidError.one("teks", N_("Tulis teks pengantar."))
    if len(cleaned) > MOST_WORDS:
        raise InvalidError.one("teks", N_("Teks paling panjang %(most)s huruf."), most=MOST_WORDS)
    return cleaned


def token(text: str) -> str:
    """Return the mark of one press of the button."""
    if not _TOKEN.fullmatch(text):
        raise InvalidError.one("kiriman", N_("Formulir ini tidak lengkap. Muat ulang halaman."))
    return text


def ids(values: Iterable[str]) -> frozenset[int]:
    """Return the ids among ``values``; anything else names nobody."""
    fitting = (value for value in values if value.isascii() and value.isdigit() and len(value) <= _DIGITS)
    return frozenset(map(int, fitting))


def wishes(rhythm: str, muted: Iterable[str]) -> tuple[Rhythm, list[str]]:
    """Return how letters are wanted."""
    if rhythm not in {*Rhythm}:
        raise InvalidError.one("irama", N_("Pilihan ini tidak dikenali."))
    chosen = set(muted)
    if not chosen <= {*MUTABLE}:
        raise InvalidError.one("bisu", N_("Pengembalian dan tenggat selalu dikirim."))
    return Rhythm(rhythm), sorted(chosen)


@dataclass(frozen=True, slots=True)
class HolidayForm:
    """A holiday as typed."""

    day: str = ""
    name: str = ""

    @classmethod
    def of(cls, form: Mapping[str, str]) -> HolidayForm:
        """Return what was typed."""
        return cls(form.get("tanggal", "").strip()[:40], form.get("nama", "").strip()[:1000])

    def parse(self) -> tuple[date, str]:
        """Return day and name; ``InvalidError`` with every fault."""
        faults = []
        found = _day(self.day)
        if found is None:
            faults.append(
                FieldError(
                    "tanggal", N_("Tanggal tidak dikenali; tulis tahun-bulan-hari, misalnya 2023-10-09.")
                )
            )
        if not _is_name(self.name):
            faults.append(
                FieldError("nama", N_("Nama hari libur: 1–%(most)s huruf, satu baris."), {"most": _MOST_NAME})
            )
        if faults or found is None:
            raise InvalidError(faults)
        return found, self.name


def holidays(data: bytes) -> dict[date, str]:
    """Return the holidays of a CSV (day, name; comma or semicolon); ``InvalidError`` names every bad line."""
    if len(data) > _MOST_BYTES:
        raise InvalidError.one("berkas", N_("Berkas ini terlalu besar untuk daftar hari libur."))
    try:
        lines = _lines(data.decode("utf-8-sig"))
    except (UnicodeDecodeError, csv.Error):
        raise InvalidError.one("berkas", N_("Berkas ini bukan CSV dalam UTF-8.")) from None
    if len(lines) > _MOST_ROWS:
        raise InvalidError.one("berkas", N_("Paling banyak %(most)s baris."), most=_MOST_ROWS)
    found: dict[date, str] = {}
    faults: list[FieldError] = []
    for number, day_text, name in lines:
        day = _day(day_text)
        if day is None or not _is_name(name):
            faults.append(
                FieldError("berkas", N_("Baris %(line)s: perlu tanggal dan nama."), {"line": number})
            )
        else:
            found[day] = name
    if faults:
        raise InvalidError(faults[:_FAULTS_SHOWN])
    if not found:
        raise InvalidError.one("berkas", N_("Tidak ada hari libur dalam berkas ini."))
    return found


def _lines(text: str) -> list[tuple[int, str, str]]:
    """Return (line number, day, name) of a CSV without its head and empty lines."""
    first = text.partition("\n")[0]
    delimiter = ";" if first.count(";") > first.count(",") else ","
    rows = [
        (number, [*(cell.strip() for cell in cells), ""][:2])
        for number, cells in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), 1)
        if any(cell.strip() for cell in cells)
    ]
    if rows and rows[0][1][0].casefold() in _HEADS:
        del rows[0]
    return [(number, cells[0], cells[1]) for number, cells in rows]


def _is_name(text: str) -> bool:
    return 0 < len(text) <= _MOST_NAME and text.isprintable()


def _day(text: str) -> date | None:
    if local := _LOCAL.fullmatch(text):
        text = f"{local[3]}-{int(local[2]):02}-{int(local[1]):02}"
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if found.year in YEARS else None
