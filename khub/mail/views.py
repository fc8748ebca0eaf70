"""Letters that went out, reminders by hand, holidays."""

from __future__ import annotations

import csv
import io
import secrets
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request

from khub import web
from khub.clock import wib_date
from khub.errors import N_, InvalidError
from khub.i18n import gettext
from khub.links import url_for
from khub.mail import chasing, forms, queries
from khub.mail.forms import YEARS, HolidayForm
from khub.mail.terms import KINDS, STATES
from khub.plan.running import days_left
from khub.policy import Right, holds

if TYPE_CHECKING:
    from datetime import datetime

    from khub.mail.chasing import Chased, Choice, Preview
    from khub.mail.queries import LetterRow, LetterShown

bp = Blueprint("mail", __name__)

_SHOWN = 50
_UNITS_SHOWN = 100
_NUMBER = "/surat-keluar/<int(max=2147483647):letter_id>"
#: Public holidays with a fixed day; the others are set anew each year and come by import.
_FIXED = (
    (1, 1, N_("Tahun Baru Masehi")),
    (5, 1, N_("Hari Buruh Internasional")),
    (6, 1, N_("Hari Lahir Pancasila")),
    (8, 17, N_("Hari Kemerdekaan")),
    (12, 25, N_("Hari Natal")),
)


@dataclass(frozen=True, slots=True)
class OutboxPage:
    """Letters; ``tabs`` are (label, state, count), ``server`` tells whether one is set."""

    rows: list[LetterShownRow]
    tabs: list[tuple[str, str, int]]
    state: str
    search: str
    pager: web.Pager
    server: bool
    prepared: int | None


@dataclass(frozen=True, slots=True)
class LetterShownRow:
    """A letter with its words; ``error`` is translated where the words are ours."""

    letter: LetterRow
    kind: str
    state: str
    error: str


@dataclass(frozen=True, slots=True)
class LetterPage:
    """One letter; ``manages``: who may send it again or call it off."""

    shown: LetterShown
    words: LetterShownRow
    manages: bool


@dataclass(frozen=True, slots=True)
class ChasedRow:
    """A K/L in the list of who is to be reminded; ``days``: until the deadline, negative when past."""

    chased: Chased
    days: int
    chosen: bool
    contact: str


@dataclass(frozen=True, slots=True)
class ChasePage:
    """Who owes what in a running period."""

    choices: list[Choice]
    choice: Choice | None
    rows: list[ChasedRow]
    pager: web.Pager


@dataclass(frozen=True, slots=True)
class ChaseLetterPage:
    """Reminders before they are prepared."""

    errors: list[web.Problem]
    preview: Preview
    text: str
    token: str
    server: bool


@dataclass(frozen=True, slots=True)
class HolidaysPage:
    """The holidays of a year."""

    errors: list[web.Problem]
    year: int
    days: list[tuple[date, str]]
    form: HolidayForm
    changed: int | None


# -- letters ---------------------------------------------------------------------------------------


@bp.get("/surat-keluar")
def outbox() -> Response:
    """List letters."""
    state, search = request.args.get("keadaan", ""), request.args.get("orang", "")[:200]
    if state and state not in STATES:
        raise InvalidError.one("keadaan", N_("Pilihan ini tidak dikenali."))
    number = web.page_number()
    found = web.ask(queries.letters, state=state, search=search, offset=(number - 1) * _SHOWN, limit=_SHOWN)
    prepared = request.args.get("disiapkan", "")
    page = OutboxPage(
        rows=[words(row) for row in found.rows],
        tabs=[
            (gettext("Semua"), "", sum(found.counts.values())),
            *((gettext(label), code, found.counts.get(code, 0)) for code, label in STATES.items()),
        ],
        state=state,
        search=search,
        pager=web.Pager(number, _SHOWN, found.total),
        server=bool(web.services().settings.smtp_host),
        prepared=int(prepared) if prepared.isascii() and prepared.isdigit() and len(prepared) < 6 else None,  # noqa: PLR2004 - nobody writes so many
    )
    return web.show("mail/outbox.html", page)


@bp.get(_NUMBER)
def letter(letter_id: int) -> Response:
    """Show one letter."""
    shown = web.ask(queries.letter, letter_id)
    page = LetterPage(shown, words(shown.row), holds(web.actor(), Right.PLAN))
    return web.show("mail/letter.html", page)


@bp.post(f"{_NUMBER}/kirim-ulang")
def retry(letter_id: int) -> Response:
    """Send a letter again."""
    web.services().mail.retry(web.actor(), letter_id)
    return web.go(url_for("mail.letter", letter_id=letter_id))


@bp.post(f"{_NUMBER}/batal")
def drop(letter_id: int) -> Response:
    """Call a letter off."""
    web.services().mail.drop(web.actor(), letter_id)
    return web.go(url_for("mail.letter", letter_id=letter_id))


def words(row: LetterRow) -> LetterShownRow:
    """Return a letter with its words in the page's language."""
    return LetterShownRow(
        row, gettext(KINDS[row.kind]), gettext(STATES[row.state]), gettext(row.error) if row.error else ""
    )


# -- reminders by hand -----------------------------------------------------------------------------


@bp.get("/pengingat")
def chase() -> Response:
    """List who owes what, to choose whom to remind."""
    now = web.services().clock.now()
    choices = web.ask(chasing.choices)
    choice = web.ask(chasing.chosen, request.args.get("periode", ""), now)
    chosen = set(request.args.getlist("kl"))
    found = web.ask(chasing.chased, choice.id, now, web.services().settings) if choice else []
    number = web.page_number()
    shown = found[(number - 1) * _UNITS_SHOWN : number * _UNITS_SHOWN]
    rows = [
        ChasedRow(
            each,
            days_left(each.deadline, now),
            each.unit.code in chosen,
            gettext(STATES[each.contact.state]) if each.contact else "",
        )
        for each in shown
    ]
    page = ChasePage(choices, choice, rows, web.Pager(number, _UNITS_SHOWN, len(found)))
    return web.show("mail/chase.html", page)


@bp.get("/pengingat/surat")
def chase_letter() -> Response:
    """Show the reminders to the chosen K/L before they are prepared."""
    text = gettext(
        "Mohon lengkapi hal-hal di bawah ini. Bila ada kendala, balas melalui Sekretariat sebelum tenggat."
    )
    return _show_letter(request.args.getlist("kl"), None, text, secrets.token_urlsafe(16))


@bp.post("/pengingat/surat")
def send_chase() -> Response:
    """Prepare the reminders, or show them anew with what was changed."""
    form = request.form
    units, people = form.getlist("kl"), forms.ids(form.getlist("orang"))
    text, token = form.get("teks", ""), form.get("kiriman", "")
    if form.get("langkah") != "siapkan":
        return _show_letter(units, people, text, token)
    try:
        made = web.services().mail.remind(web.actor(), form.get("periode", ""), units, people, text, token)
    except InvalidError as error:
        return _show_letter(units, people, text, token, web.problems(error.errors))
    if holds(web.actor(), Right.PLAN):
        return web.go(url_for("mail.outbox", disiapkan=made))
    return web.go(url_for("mail.chase", periode=form.get("periode", "")))


def _show_letter(
    units: list[str],
    people: frozenset[int] | None,
    text: str,
    token: str,
    errors: list[web.Problem] | None = None,
) -> Response:
    services = web.services()
    now: datetime = services.clock.now()
    preview = web.ask(
        chasing.preview,
        request.values.get("periode", ""),
        units,
        people,
        text[: forms.MOST_WORDS],
        now,
        services.settings,
    )
    if not units or not preview.recipients:
        errors = errors or [web.Problem("kl", gettext("Pilih K/L yang akan diingatkan."))]
    page = ChaseLetterPage(errors or [], preview, text, token, bool(services.settings.smtp_host))
    return web.show("mail/chase_letter.html", page, InvalidError.status if errors else 200)


# -- holidays --------------------------------------------------------------------------------------


@bp.get("/hari-libur")
def holidays() -> Response:
    """List the holidays of a year."""
    return _show_holidays()


@bp.post("/hari-libur")
def add_holiday() -> Response:
    """Add a day."""
    form = HolidayForm.of(request.form)
    try:
        day, name = form.parse()
        changed = web.services().mail.add_holidays(web.actor(), {day: name})
    except InvalidError as error:
        return _show_holidays(web.problems(error.errors), form)
    return web.go(url_for("mail.holidays", tahun=day.year, berubah=changed))


@bp.post("/hari-libur/impor")
def import_holidays() -> Response:
    """Add every day of a CSV."""
    file = request.files.get("berkas")
    try:
        days = forms.holidays(file.stream.read() if file is not None else b"")
        changed = web.services().mail.add_holidays(web.actor(), days)
    except InvalidError as error:
        return _show_holidays(web.problems(error.errors))
    return web.go(url_for("mail.holidays", tahun=max(days).year, berubah=changed))


@bp.post("/hari-libur/hapus")
def remove_holiday() -> Response:
    """Remove a day."""
    day, _ = HolidayForm(request.form.get("tanggal", "")[:40], "-").parse()
    web.services().mail.remove_holiday(web.actor(), day)
    return web.go(url_for("mail.holidays", tahun=day.year))


@bp.get("/hari-libur/contoh.csv")
def sample_holidays() -> Response:
    """Give a CSV of the holidays with a fixed day, to be completed and imported."""
    year, text = _year(), io.StringIO()
    rows = csv.writer(text, lineterminator="\r\n")
    rows.writerow(["tanggal", "nama"])
    rows.writerows([date(year, month, day).isoformat(), gettext(name)] for month, day, name in _FIXED)
    name = f"hari-libur-{year}.csv"
    return Response(
        "\ufeff" + text.getvalue(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _year() -> int:
    text = request.args.get("tahun", "")
    if not text:
        return wib_date(web.services().clock.now()).year
    if not (text.isascii() and text.isdigit() and len(text) == 4 and int(text) in YEARS):  # noqa: PLR2004 - a year
        raise InvalidError.one("tahun", N_("Tahun tidak dikenali."))
    return int(text)


def _show_holidays(errors: list[web.Problem] | None = None, form: HolidayForm | None = None) -> Response:
    changed = request.args.get("berubah", "")
    year = _year()
    page = HolidaysPage(
        errors=errors or [],
        year=year,
        days=web.ask(queries.holidays, year),
        form=form or HolidayForm(),
        changed=int(changed) if changed.isascii() and changed.isdigit() and len(changed) < 6 else None,  # noqa: PLR2004 - nobody writes so many
    )
    return web.show("mail/holidays.html", page, InvalidError.status if errors else 200)
