"""What the cells of the offline sheet say, in the words of the form."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from khub.errors import N_, FieldError
from khub.plan.sheets import Problem
from khub.reports import forms
from khub.reports.filling import shown_figure

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from khub.plan.sheets import Row

#: Column → field of the form.
WORDS = {
    "capaian": "achievement",
    "persen": "percent",
    "alasan_turun": "percent_why",
    "kendala": "obstacles",
    "tidak_ada_kendala": "no_obstacles",
    "tindak_lanjut": "follow_up",
}
EVIDENCE = "keluaran"
#: Longest text that a cell of a spreadsheet holds.
CELL = 32_000
TOO_LONG = "(teks ini lebih panjang daripada yang muat dalam sel; ubahlah di khub)"
_YES, _NO = frozenset({"ya", "yes", "x", "1", "true"}), frozenset({"", "tidak", "no", "0", "false"})
_DECIMAL = re.compile(r"\d+\.\d+")
_TWO_WAYS = re.compile(r"\d{1,3}\.\d{3}")
_CODE = re.compile(r"\b(K-[0-9A-Z]{7})\b", re.IGNORECASE)
_AROUND = " \t\r\n:;,()"


def fits(text: str) -> str:
    """Return a text as a cell holds it, or the note that stands for one that does not fit."""
    return text if len(text) <= CELL else TOO_LONG


def words(line: Row, problems: list[Problem]) -> dict[str, str]:
    """Return the fields that a line names, noting every bad cell in ``problems``."""
    found: dict[str, str] = {}
    for column, name in WORDS.items():
        raw = line.cells.get(column)
        if raw is None or raw.strip() == TOO_LONG:
            continue
        errors: list[FieldError] = []
        if name == "percent":
            percent = forms.percent(raw, name, errors)
            found[name] = "" if percent is None else str(percent)
        elif name == "no_obstacles":
            answer = raw.strip().casefold()
            if answer not in _YES | _NO:
                errors.append(FieldError(name, N_("Tulis ya, atau kosongkan.")))
            found[name] = "1" if answer in _YES else ""
        elif name == "percent_why":
            found[name] = forms.long_text(raw, name, errors)
        else:
            found[name] = forms.text(raw, name, errors)
        problems += faults(line.line, column, raw, errors)
    return found


def figures(lines: Mapping[int, tuple[int, Mapping[str, str]]], problems: list[Problem]) -> dict[str, str]:
    """Return fields of kegiatan; ``lines``: its number → (line, cells)."""
    found: dict[str, str] = {}
    for number, (at, cells) in lines.items():
        errors: list[FieldError] = []
        if (raw := cells.get("sejak_januari")) is not None:
            found[f"value-{number}"] = shown_figure(_figure(raw, errors))
            problems += faults(at, "sejak_januari", raw, errors)
        errors = []
        if (why := cells.get("alasan_kegiatan")) is not None:
            found[f"why-{number}"] = forms.long_text(why, "why", errors)
            problems += faults(at, "alasan_kegiatan", why, errors)
    return found


def evidence(line: Row, usable: Collection[str], problems: list[Problem]) -> dict[str, str]:
    """Return pages by code of each keluaran that a line names ("K-7QX2M4A: 6, 28-30").

    ``usable``: codes that the row may name; any other is a fault.
    """
    raw = line.cells.get(EVIDENCE, "")
    if not raw.strip(_AROUND) or raw.strip() == TOO_LONG:
        return {}
    lead, *pieces = _CODE.split(raw)
    errors: list[FieldError] = []
    if not pieces or lead.strip(_AROUND):
        errors.append(FieldError(EVIDENCE, N_("Tulis kode keluaran, lalu halamannya: K-7QX2M4A: 6, 28-30.")))
    said: dict[str, list[str]] = {}
    for code, after in zip(pieces[::2], pieces[1::2], strict=True):
        pages = after.strip(_AROUND)
        said.setdefault(code.upper(), []).extend([pages] if pages else [])
    errors += [
        FieldError(EVIDENCE, N_("%(id)s bukan keluaran K/L Anda untuk aksi ini."), {"id": code})
        for code in said
        if code not in usable
    ]
    found = {code: forms.pages(", ".join(parts), EVIDENCE, errors) for code, parts in said.items()}
    problems += faults(line.line, EVIDENCE, raw, errors)
    return found


def shown_evidence(named: Mapping[str, str]) -> str:
    """Return keluaran and their pages as the cell shows them, one a line."""
    return "\n".join(f"{code}: {pages}" if pages else code for code, pages in named.items())


def faults(line: int, column: str, raw: str, errors: list[FieldError]) -> list[Problem]:
    """Return what is wrong with a cell, with its place and the start of what stands there."""
    return [Problem(line, column, each.message, each.params, raw.strip()[:60]) for each in errors]


def _figure(raw: str, errors: list[FieldError]) -> float | None:
    """Return a figure of a cell; a spreadsheet's own number has a decimal point."""
    typed = raw.strip()
    if _TWO_WAYS.fullmatch(typed):
        errors.append(FieldError("", N_("Angka ini dapat dibaca dua cara. Tulis 1200 atau 1,2.")))
        return None
    if _DECIMAL.fullmatch(typed):
        typed = typed.replace(".", ",")
    return forms.figure(typed, "", errors)
