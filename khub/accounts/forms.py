"""From request forms to values; every fault of a form is told at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from khub.accounts import rules
from khub.errors import N_, FieldError, InvalidError
from khub.policy import Role

if TYPE_CHECKING:
    from collections.abc import Mapping

#: The largest id that every database here can hold.
MAX_ID = 2**31 - 1
_YEARS = range(2000, 2101)


@dataclass(frozen=True, slots=True)
class PersonForm:
    """Particulars as typed, for the service and for showing them again."""

    login: str = ""
    name: str = ""
    email: str = ""
    language: str = ""

    @classmethod
    def of(cls, form: Mapping[str, str]) -> PersonForm:
        """Return what was typed, cut to what a page can show."""
        return cls(*(form.get(key, "")[:1000] for key in ("login", "name", "email", "language")))


@dataclass(frozen=True, slots=True)
class MembershipForm:
    """A new membership as typed; ``parse`` gives its values."""

    role: str = ""
    institution: str = ""
    pokja: str = ""
    valid_from: str = ""
    valid_to: str = ""

    @classmethod
    def of(cls, form: Mapping[str, str]) -> MembershipForm:
        """Return what was typed."""
        return cls(*(form.get(key, "").strip()[:100] for key in cls.__slots__))

    def parse(self, today: date) -> tuple[Role, int | None, int | None, date, date | None]:
        """Return role, K/L id, pokja id, first and last day; ``InvalidError`` with every fault."""
        faults: list[FieldError] = []
        role = Role(self.role) if self.role in {*Role} else None
        if role is None:
            faults.append(FieldError("role", N_("Pilih peran.")))
        institution = _id(faults, "institution", self.institution)
        pokja = _id(faults, "pokja", self.pokja)
        first = day(faults, "valid_from", self.valid_from) or today
        last = day(faults, "valid_to", self.valid_to)
        if role is not None:
            told = {fault.name for fault in faults}
            shape = rules.membership_faults(role, institution, pokja, first, last)
            faults += [fault for fault in shape if fault.name not in told]
        if faults or role is None:
            raise InvalidError(faults)
        return role, institution, pokja, first, last


def day(faults: list[FieldError], name: str, text: str) -> date | None:
    """Return the day that a date field holds (YYYY-MM-DD), None when empty; adds to ``faults``."""
    if not text:
        return None
    try:
        value = date.fromisoformat(text)
    except ValueError:
        value = date.min
    if value.year in _YEARS:
        return value
    faults.append(
        FieldError(name, N_("Tanggal tidak dikenali; tulis tahun-bulan-hari, misalnya 2023-10-09."))
    )
    return None


def last_day(text: str) -> date | None:
    """Return the last day of a membership that is to end; None means at once."""
    faults: list[FieldError] = []
    value = day(faults, "last_day", text.strip())
    if faults:
        raise InvalidError(faults)
    return value


def _id(faults: list[FieldError], name: str, text: str) -> int | None:
    if not text:
        return None
    if text.isascii() and text.isdigit() and len(text) <= 10 and int(text) <= MAX_ID:  # noqa: PLR2004
        return int(text)
    faults.append(FieldError(name, N_("Pilihan ini tidak dikenali.")))
    return None
