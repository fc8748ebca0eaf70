"""What is typed about contacts, notes and follow-ups, and what is wrong with it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from khub.accounts import rules
from khub.coordination.words import CHANNELS
from khub.errors import N_, FieldError, InvalidError

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_ROLE, MAX_NOTE, MAX_TASK = 200, 5000, 500
_PHONE = re.compile(r"\+?[0-9][0-9 ()./-]{3,32}[0-9](?: (?:ext|pes)\.? ?[0-9]{1,5})?")
_ID = re.compile(r"[0-9]{1,9}", re.ASCII)
_YEARS = range(2000, 2101)
_WRONG_DAY = N_("Tanggal tidak dikenali; tulis tahun-bulan-hari, misalnya 2023-10-09.")


@dataclass(frozen=True, slots=True)
class ContactForm:
    """The fields of a contact as typed; ``revision`` is the save that the editor had before him."""

    name: str = ""
    role: str = ""
    email: str = ""
    phone: str = ""
    revision: str = ""

    @classmethod
    def of(cls, form: Mapping[str, str]) -> ContactForm:
        """Return what a request holds."""
        return cls(*(_line(form, name) for name in ("name", "role", "email", "phone", "revision")))

    def check(self) -> None:
        """Raise ``InvalidError`` with everything that is wrong."""
        faults = rules.person_faults(self.name, self.email, "")
        if len(self.role) > MAX_ROLE or not self.role.isprintable():
            faults.append(
                FieldError("role", N_("Paling panjang %(most)s huruf, satu baris."), {"most": MAX_ROLE})
            )
        if self.phone and not _PHONE.fullmatch(self.phone):
            faults.append(FieldError("phone", N_("Nomor telepon tidak dikenali; contoh: +62 21 5550 123.")))
        if faults:
            raise InvalidError(faults)


@dataclass(frozen=True, slots=True)
class NoteForm:
    """The fields of a note as typed. ``pokja``: an id, "" for the Sekretariat alone."""

    held_on: str = ""
    channel: str = "meeting"
    pokja: str = ""
    text: str = ""

    @classmethod
    def of(cls, form: Mapping[str, str]) -> NoteForm:
        """Return what a request holds."""
        return cls(
            _line(form, "held_on"), _line(form, "channel"), _line(form, "pokja"), form.get("text", "").strip()
        )

    def parse(self, today: date) -> tuple[date, int | None]:
        """Return (day, pokja id or None); raises ``InvalidError`` with everything that is wrong."""
        faults: list[FieldError] = []
        day = _day(faults, "held_on", self.held_on)
        if day is not None and day > today:
            faults.append(FieldError("held_on", N_("Hari ini belum tiba; catat sesudah terjadi.")))
        if self.channel not in CHANNELS:
            faults.append(FieldError("channel", N_("Pilihan ini tidak dikenali.")))
        pokja = _id(faults, "pokja", self.pokja)
        if not self.text:
            faults.append(FieldError("text", N_("Tulis catatannya.")))
        elif len(self.text) > MAX_NOTE:
            faults.append(FieldError("text", N_("Paling panjang %(most)s huruf."), {"most": MAX_NOTE}))
        if faults or day is None:
            raise InvalidError(faults)
        return day, pokja


@dataclass(frozen=True, slots=True)
class FollowUpForm:
    """The fields of a follow-up as typed."""

    text: str = ""
    owner: str = ""
    due_on: str = ""
    pokja: str = ""
    revision: str = ""

    @classmethod
    def of(cls, form: Mapping[str, str]) -> FollowUpForm:
        """Return what a request holds."""
        return cls(*(_line(form, name) for name in ("text", "owner", "due_on", "pokja", "revision")))

    def parse(self, today: date, known: date | None = None) -> tuple[int, date, int | None]:
        """Return (owner's id, day, pokja id or None); ``known`` is the day it had, which may stay.

        Raises ``InvalidError`` with everything that is wrong.
        """
        faults: list[FieldError] = []
        if not self.text:
            faults.append(FieldError("text", N_("Tulis apa yang harus dilakukan.")))
        elif len(self.text) > MAX_TASK or not self.text.isprintable():
            faults.append(
                FieldError("text", N_("Paling panjang %(most)s huruf, satu baris."), {"most": MAX_TASK})
            )
        owner = _id(faults, "owner", self.owner)
        if not self.owner:
            faults.append(FieldError("owner", N_("Pilih siapa yang mengerjakan.")))
        day = _day(faults, "due_on", self.due_on)
        if day is not None and day < today and day != known:
            faults.append(FieldError("due_on", N_("Tanggal ini sudah lewat.")))
        pokja = _id(faults, "pokja", self.pokja)
        if faults or day is None or owner is None:
            raise InvalidError(faults)
        return owner, day, pokja


def _line(form: Mapping[str, str], name: str) -> str:
    return form.get(name, "").strip()


def _day(faults: list[FieldError], name: str, text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = date.min
    if day.year in _YEARS:
        return day
    faults.append(FieldError(name, _WRONG_DAY if text else N_("Isi tanggalnya.")))
    return None


def _id(faults: list[FieldError], name: str, text: str) -> int | None:
    if not text:
        return None
    if _ID.fullmatch(text):
        return int(text)
    faults.append(FieldError(name, N_("Pilihan ini tidak dikenali.")))
    return None
