"""Forms of the plan room, parsed; each raises ``InvalidError`` with every fault at once."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TYPE_CHECKING

from khub import months
from khub.clock import WIB, wib_date
from khub.errors import N_, FieldError, InvalidError
from khub.plan import names
from khub.plan.catalogue import FIRST_YEAR, LAST_YEAR
from khub.plan.terms import Part

if TYPE_CHECKING:
    from collections.abc import Mapping

_NAME = 250
_ABBREVIATION = 60
_MAX_ALIASES = 30
_REASON = 500
#: Deadlines last to the end of the minute 23.59 WIB.
_END_OF_DAY = time(23, 59, 59, tzinfo=WIB)
_NEVER = datetime(9999, 1, 1, tzinfo=WIB)
#: Days before (negative) and after a deadline on which reminders are prepared, unless told otherwise.
REMINDERS = (-14, -7, -1, 1, 7)
_MAX_REMINDERS = 12
_FURTHEST = 90


@dataclass(frozen=True, slots=True)
class InstitutionForm:
    """A K/L as typed. ``successor`` is a code or a name, "" for none; days are inclusive."""

    name: str
    abbreviation: str = ""
    aliases: tuple[str, ...] = ()
    valid_from: date | None = None
    valid_to: date | None = None
    successor: str = ""
    official_submits: bool = False


@dataclass(frozen=True, slots=True)
class PeriodForm:
    """A reporting period as typed; ``deadline`` is an instant.

    ``parts``: codes of ``terms.Part``; ``reminders``: days around the deadline, negative before it.
    """

    plan: str
    name: str
    starts: date
    ends: date
    deadline: datetime
    parts: tuple[str, ...] = tuple(Part)
    reminders: tuple[int, ...] = REMINDERS

    @property
    def code(self) -> str:
        """Return the code, "2023-01-10" for January to October 2023."""
        return f"{self.ends.year}-{self.starts.month:02}-{self.ends.month:02}"


class _Fields:
    """Reads fields of a form and collects what is wrong with them."""

    def __init__(self, form: Mapping[str, str]) -> None:
        self.form = form
        self.errors: list[FieldError] = []

    def fault(self, name: str, message: str, **params: object) -> None:
        self.errors.append(FieldError(name, message, params))

    def line(self, name: str, limit: int, *, required: str = "") -> str:
        """Return a one-line text; ``required`` is the message for an empty one."""
        text = self._checked(name, self.form.get(name, ""), limit)
        if not text and required and not self.errors_of(name):
            self.fault(name, required)
        return text

    def _checked(self, name: str, raw: str, limit: int) -> str:
        if point := names.hidden(raw):
            self.fault(name, names.CONTROL, point=point)
            return ""
        text = names.clean(raw)
        if len(text) > limit:
            self.fault(name, N_("Lebih panjang dari %(limit)s huruf."), limit=limit)
        elif ";" in text:
            self.fault(name, N_("Titik koma memisahkan nama dalam daftar, jadi tidak boleh ada dalam nama."))
        elif text and not names.fold(text):
            self.fault(name, N_("Nama ini tidak memuat huruf atau angka."))
        return text

    def lines(self, name: str, limit: int) -> tuple[str, ...]:
        """Return the filled lines of a text area, each once."""
        found = [self._checked(name, part, limit) for part in self.form.get(name, "").splitlines()]
        kept = tuple({names.fold(text): text for text in found if text}.values())
        if len(kept) > _MAX_ALIASES:
            self.fault(name, N_("Paling banyak %(limit)s nama lain."), limit=_MAX_ALIASES)
        return kept

    def day(self, name: str, *, required: str = "") -> date | None:
        """Return a day typed as 2023-10-31, or ``None`` for an empty field."""
        text = self.form.get(name, "").strip()
        if not text:
            if required:
                self.fault(name, required)
            return None
        try:
            day = date.fromisoformat(text[:20])
        except ValueError:
            self.fault(name, N_("Tulis tanggal sebagai tahun-bulan-hari, misalnya 2023-10-31."))
            return None
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            self.fault(
                name, N_("Tahunnya di luar %(first)s sampai %(last)s."), first=FIRST_YEAR, last=LAST_YEAR
            )
            return None
        return day

    def instant(self, name: str, *, required: str = "") -> datetime | None:
        """Return the end of a minute in WIB: a day in ``name``, a time in ``name``_time (empty: 23.59)."""
        day = self.day(name, required=required)
        text = self.form.get(f"{name}_time", "").strip().replace(".", ":")
        if not text:
            return datetime.combine(day, _END_OF_DAY) if day else None
        if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", text, re.ASCII):
            self.fault(name, N_("Tulis jam sebagai jam.menit WIB, misalnya 23.59."))
            return None
        hour, minute = text.split(":")
        return datetime.combine(day, time(int(hour), int(minute), 59, tzinfo=WIB)) if day else None

    def free(self, name: str, limit: int, *, required: str = "") -> str:
        """Return a text of any characters that show; ``required`` is the message for an empty one."""
        raw = self.form.get(name, "")
        if point := names.hidden(raw):
            self.fault(name, names.CONTROL, point=point)
            return ""
        text = names.clean(raw)
        if len(text) > limit:
            self.fault(name, N_("Lebih panjang dari %(limit)s huruf."), limit=limit)
        elif not text and required:
            self.fault(name, required)
        return text

    def errors_of(self, name: str) -> bool:
        """Tell whether a field has a fault."""
        return any(error.name == name for error in self.errors)

    def done(self) -> None:
        """Raise ``InvalidError`` when anything is wrong."""
        if self.errors:
            raise InvalidError(self.errors)


def institution(form: Mapping[str, str]) -> InstitutionForm:
    """Return a K/L form; raises ``InvalidError``."""
    fields = _Fields(form)
    parsed = InstitutionForm(
        name=fields.line("name", _NAME, required=N_("Isi nama K/L.")),
        abbreviation=fields.line("abbreviation", _ABBREVIATION),
        aliases=fields.lines("aliases", _NAME),
        valid_from=fields.day("valid_from"),
        valid_to=fields.day("valid_to"),
        successor=fields.line("successor", _NAME),
        official_submits=bool(form.get("official_submits")),
    )
    if parsed.valid_from and parsed.valid_to and parsed.valid_from > parsed.valid_to:
        fields.fault("valid_to", N_("Tanggal akhir mendahului tanggal awal."))
    if parsed.successor and parsed.valid_to is None and not fields.errors_of("valid_to"):
        fields.fault("valid_to", N_("K/L yang diganti perlu tanggal akhir."))
    fields.done()
    return parsed


def period(form: Mapping[str, str]) -> PeriodForm:
    """Return a period form. Raises ``InvalidError``.

    ``ask_<part>``: the parts asked; all of them where the form does not ask (no field ``asks``). A period is cumulative from 1 January of its year; the deadline lasts to the end of its minute, WIB. ``early``: it is meant to lie before the period's last day.
    """
    fields = _Fields(form)
    starts = fields.day("starts")
    ends = fields.day("ends", required=N_("Isi tanggal akhir periode."))
    deadline = fields.instant("deadline", required=N_("Isi tenggat."))
    plan, name = fields.line("plan", 60), fields.line("name", 120)
    parts = tuple(part for part in Part if form.get(f"ask_{part}"))
    if form.get("asks") and not parts:
        fields.fault("asks", N_("Pilih paling sedikit satu bagian yang diminta."))
    reminders = _reminders(fields, form.get("reminders"))
    if ends:
        january = date(ends.year, 1, 1)
        if starts and starts.year != ends.year:
            fields.fault("ends", N_("Satu periode berada dalam satu tahun."))
        elif starts and starts != january:
            fields.fault("starts", N_("Periode dihitung kumulatif sejak 1 Januari."))
        if deadline and deadline < datetime.combine(january, time(0), tzinfo=WIB):
            fields.fault("deadline", N_("Tenggat mendahului awal periode."))
        elif deadline and wib_date(deadline) < ends and not form.get("early"):
            fields.fault(
                "early",
                N_("Tenggat ini sebelum akhir periode. Ubah tenggatnya, atau beri tanda bila memang begitu."),
            )
    fields.done()
    if ends is None or deadline is None:
        raise InvalidError(fields.errors)
    return PeriodForm(
        plan=plan,
        name=name or period_name(january, ends),
        starts=january,
        ends=ends,
        deadline=deadline,
        parts=parts or tuple(Part),
        reminders=reminders,
    )


def _reminders(fields: _Fields, text: str | None) -> tuple[int, ...]:
    """Return days typed as "-14, -7, 1"; the usual ones where the field is absent, none where it is empty."""
    if text is None:
        return REMINDERS
    found: set[int] = set()
    for word in text.replace("−", "-").replace(",", " ").split()[:100]:
        if not re.fullmatch(r"[+-]?\d{1,3}", word, re.ASCII) or abs(int(word)) > _FURTHEST:
            fields.fault(
                "reminders",
                N_(
                    "Tulis hari sebelum (-) atau sesudah tenggat, misalnya -14, -7, -1, 1, 7; sampai %(most)s."
                ),
                most=_FURTHEST,
            )
            return ()
        found.add(int(word))
    if len(found) > _MAX_REMINDERS:
        fields.fault("reminders", N_("Paling banyak %(limit)s pengingat."), limit=_MAX_REMINDERS)
    return tuple(sorted(found))


@dataclass(frozen=True, slots=True)
class ExtensionForm:
    """A later deadline as typed. ``institution``: code of a K/L, "" for all; ``action``: "plan/code" or "".

    ``shorter``: it is meant to take back a part of what was granted before.
    """

    institution: str
    action: str
    deadline: datetime
    reason: str
    shorter: bool = False


def extension(form: Mapping[str, str]) -> ExtensionForm:
    """Return an extension form; raises ``InvalidError``."""
    fields = _Fields(form)
    parsed = ExtensionForm(
        institution=fields.line("institution", 60),
        action=fields.line("action", 120),
        deadline=fields.instant("deadline", required=N_("Isi tenggat baru.")) or _NEVER,
        reason=fields.free("reason", _REASON, required=N_("Tulis alasan perpanjangan; alasannya dicatat.")),
        shorter=bool(form.get("shorter")),
    )
    if parsed.action and not parsed.institution:
        fields.fault("institution", N_("Pilih K/L untuk baris itu."))
    fields.done()
    return parsed


def reason(form: Mapping[str, str]) -> str:
    """Return why a period is reopened, perhaps ""; raises ``InvalidError`` above 500 characters."""
    text = form.get("reason", "")
    if point := names.hidden(text):
        raise InvalidError.one("reason", names.CONTROL, point=point)
    text = names.clean(text)
    if len(text) > _REASON:
        raise InvalidError.one("reason", N_("Lebih panjang dari %(limit)s huruf."), limit=_REASON)
    return text


def period_name(starts: date, ends: date) -> str:
    """Return "Januari–Oktober 2023"."""
    return months.span(starts.month, ends.month, ends.year)
