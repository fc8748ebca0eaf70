"""The form of the page, parsed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from khub.checking.service import Choice
from khub.cycle.number_queries import day
from khub.errors import N_, FieldError, InvalidError
from khub.plan.catalogue import FIRST_YEAR, LAST_YEAR

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

_CODE = 60
_NAME = 100


@dataclass(frozen=True, slots=True)
class CheckForm:
    """What is to be checked: ``text`` as typed, or a file called ``file_name``."""

    text: str
    file_name: str
    choice: Choice


def check(form: Mapping[str, str], file_name: str) -> CheckForm:
    """Return the form. Raises ``InvalidError`` with every fault at once."""
    errors: list[FieldError] = []
    year = form.get("tahun", "").strip()
    if year and not (year.isascii() and year.isdigit() and FIRST_YEAR <= int(year[:9]) <= LAST_YEAR):
        errors.append(FieldError("tahun", N_("Tahun tidak dikenali.")))
    as_of: date | None = None
    try:
        as_of = day(form.get("per", "").strip())
    except InvalidError as error:
        errors.extend(error.errors)
    text = form.get("teks", "")
    if not text.strip() and not file_name:
        errors.append(FieldError("teks", N_("Tempel teks atau pilih berkas.")))
    if text.strip() and file_name:
        errors.append(FieldError("berkas", N_("Pilih salah satu: teks atau berkas.")))
    if errors:
        raise InvalidError(errors)
    name = "".join(char for char in file_name if char.isprintable())[-_NAME:]
    return CheckForm(text, name, Choice(form.get("rencana", "")[:_CODE], int(year) if year else None, as_of))
