"""Forms of the cycle room, parsed; each raises ``InvalidError`` with every fault at once."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from khub.errors import N_, FieldError, InvalidError
from khub.plan import names
from khub.plan.terms import Answer

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Kegiatan that one commitment may name.
MAX_ACTIVITIES = 20
TEXT = 2_000
_CONTACT = 250
_ACTIVITY = 500
_UNIT = 60
_LARGEST = 1e12
_DIGITS = 9
_NUMBER = re.compile(r"\d{1,3}(?:\.\d{3})+(?:,\d+)?|\d+(?:,\d+)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Planned:
    """A kegiatan as typed; ``id`` 0 is a new one, ``target`` None where none is given."""

    id: int
    name: str
    unit: str
    target: float | None


@dataclass(frozen=True, slots=True)
class AnswerForm:
    """An answer as typed; None: the form did not show it. ``revision`` 0: no draft yet."""

    answer: str
    reason: str
    expected: str | None
    contact: str | None
    activities: tuple[Planned, ...] | None
    revision: int


def answer(form: Mapping[str, str]) -> AnswerForm:
    """Return what stands in the form of a commitment; an unfinished one is no fault."""
    errors: list[FieldError] = []
    chosen = form.get("answer", "")
    if chosen not in ("", Answer.YES, Answer.NO):
        errors.append(FieldError("answer", N_("Pilih ya atau tidak.")))
    parsed = AnswerForm(
        answer=chosen,
        reason=_text(form, "reason", TEXT, errors),
        expected=_text(form, "expected", TEXT, errors) if "expected" in form else None,
        contact=_text(form, "contact", _CONTACT, errors) if "contact" in form else None,
        activities=_activities(form, errors) if form.get("kegiatan") else None,
        revision=_revision(form),
    )
    if errors:
        raise InvalidError(errors)
    return parsed


def note(form: Mapping[str, str], name: str = "note") -> str:
    """Return a note that must not be empty."""
    errors: list[FieldError] = []
    text = _text(form, name, TEXT, errors)
    if not text and not errors:
        errors.append(FieldError(name, N_("Tulis catatannya; K/L membacanya.")))
    if errors:
        raise InvalidError(errors)
    return text


def gaps(chosen: str, reason: str, field: str = "reason") -> list[FieldError]:
    """Return what an answer lacks before it can be handed in."""
    if chosen == Answer.NO and not reason:
        return [FieldError(field, N_("Tulis alasan menjawab tidak."))]
    return []


def number(text: str) -> float | None:
    """Return a number typed the Indonesian way ("1.250", "12,5"); ``None`` for anything else."""
    if not _NUMBER.fullmatch(text):
        return None
    value = float(text.replace(".", "").replace(",", "."))
    return value if math.isfinite(value) and value <= _LARGEST else None


def _activities(form: Mapping[str, str], errors: list[FieldError]) -> tuple[Planned, ...]:
    found: list[Planned] = []
    for place in range(MAX_ACTIVITIES):
        name = _text(form, f"name-{place}", _ACTIVITY, errors)
        unit = _text(form, f"unit-{place}", _UNIT, errors)
        typed = form.get(f"target-{place}", "").strip()
        target = number(typed) if typed else None
        if typed and target is None:
            errors.append(
                FieldError(f"target-{place}", N_("Tulis target sebagai angka, misalnya 12 atau 1.250,5."))
            )
        if (typed or unit) and not name:
            errors.append(FieldError(f"name-{place}", N_("Isi nama kegiatan untuk target ini.")))
        if name:
            found.append(Planned(_whole(form.get(f"id-{place}", "")) or 0, name, unit, target))
    return tuple(found)


def _text(form: Mapping[str, str], name: str, limit: int, errors: list[FieldError]) -> str:
    """Return a text of some lines; line ends as one character, none at the ends."""
    raw = form.get(name, "").replace("\r\n", "\n").replace("\r", "\n")
    if point := names.hidden(raw.replace("\n", " ")):
        errors.append(FieldError(name, names.CONTROL, {"point": point}))
        return ""
    text = "\n".join(names.clean(line) for line in raw.split("\n")).strip()
    if len(text) > limit:
        errors.append(FieldError(name, N_("Lebih panjang dari %(limit)s huruf."), {"limit": limit}))
    return text


def _revision(form: Mapping[str, str]) -> int:
    number = _whole(form.get("revision", "0"))
    if number is None:
        raise InvalidError.one("revision", N_("Halaman ini tidak dikenali. Muat ulang."))
    return number


def whole(form: Mapping[str, str], name: str) -> int:
    """Return a number that a hidden field carries, 0 for anything else."""
    return _whole(form.get(name, "")) or 0


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS else None
