"""The rows of a K/L as an XLSX to fill in without a connection, and what bringing it back would change."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub.errors import N_, FieldError
from khub.plan import sheets, workbook
from khub.plan.sheets import Problem
from khub.plan.terms import Part
from khub.products import lifecycle
from khub.products.models import WORKING
from khub.reports import forms, gaps
from khub.reports.earlier import Earlier, earlier
from khub.reports.filling import offered_period, shown_figure, start_or_saved
from khub.reports.models import Report, ReportCopy

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy.orm import Session

    from khub.plan.models import Activity
    from khub.policy import Actor
    from khub.reports.forms import Said
    from khub.reports.rows import Scene, Spot

SHEET, SHEET_FIGURES, SHEET_HELP = "Laporan", "Kegiatan", "Penjelasan"
KEYS = ("periode", "kl", "aksi_kode")
#: Column → field of the form.
WORDS = {
    "capaian": "achievement",
    "persen": "percent",
    "alasan_turun": "percent_why",
    "kendala": "obstacles",
    "tidak_ada_kendala": "no_obstacles",
    "tindak_lanjut": "follow_up",
}
HEAD = (*KEYS, "aksi", "status", "revisi", *WORDS, "catatan")
FIGURES = ("kegiatan_nomor", "kegiatan_aksi", "kegiatan", "satuan", "target", "periode_lalu", "sejak_januari", "alasan_kegiatan")  # fmt: skip
_KNOWN = frozenset({*KEYS, "revisi", *WORDS})
_IGNORED = frozenset({"aksi", "status", "catatan"})
_FIGURES_KNOWN = frozenset({"kegiatan_nomor", "sejak_januari", "alasan_kegiatan"})
_WIDTHS = (22, 14, 12, 50, 14, 8, 60, 9, 30, 50, 18, 50, 40)
#: Longest text that a cell of a spreadsheet holds.
CELL = 32_000
TOO_LONG = "(teks ini lebih panjang daripada yang muat dalam sel; ubahlah di khub)"
_YES, _NO = frozenset({"ya", "yes", "x", "1", "true"}), frozenset({"", "tidak", "no", "0", "false"})
_DECIMAL = re.compile(r"\d+\.\d+")
_TWO_WAYS = re.compile(r"\d{1,3}\.\d{3}")
_HELP = (
    ("Kolom", "Isi"),
    ("periode, kl, aksi_kode, revisi", "Jangan diubah: kolom ini mengenali baris dan perubahan sesudahnya."),
    ("capaian", "Capaian sejak Januari, paling panjang 32.000 huruf di sini."),
    ("persen", "Bilangan bulat 0 sampai 100."),
    ("alasan_turun", "Bila persentase turun dari periode lalu: mengapa."),
    ("kendala", "Kendala; kosongkan bila tidak ada."),
    ("tidak_ada_kendala", "Tulis ya bila tidak ada kendala."),
    ("tindak_lanjut", "Tindak lanjut atas kendala."),
    ("sejak_januari", "Lembar Kegiatan: jumlah sejak Januari, misalnya 1200 atau 12,5."),
    ("", "Keluaran dan halaman data dukung diisi di khub. Rumus tidak dibaca."),
)


@dataclass(frozen=True, slots=True)
class Own:
    """A row of the K/L with what its form holds now; ``fields`` as ``filling`` fills them."""

    spot: Spot
    public_id: str
    state: str
    revision: int
    fields: dict[str, str]
    activities: tuple[Activity, ...]
    before: Earlier | None
    offered: str

    @property
    def editable(self) -> bool:
        """Tell whether the words may be changed now."""
        row = self.spot.row
        return row.period.running and bool(row.asks) and self.state in ("", *lifecycle.EDITABLE)


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field: what stands in khub, what the file says."""

    column: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Change:
    """What the file would do to a row. ``refusal``: msgid of why it is left alone, "" when it is done."""

    own: Own
    line: int
    fields: tuple[FieldChange, ...]
    refusal: str
    said: Said


@dataclass(frozen=True, slots=True)
class Preview:
    """What bringing a file back would do; ``problems`` name line and column and stop everything."""

    name: str
    changes: tuple[Change, ...]
    conflicts: tuple[Change, ...]
    unchanged: int
    problems: tuple[Problem, ...]
    fingerprint: str


def own_rows(session: Session, actor: Actor, scene: Scene) -> list[Own]:
    """Return every row that ``actor`` fills in, in his K/L's name, in the plan's order."""
    spots = [spot for spot in scene.spots(actor) if spot.owner and spot.row.asks]
    reports: dict[tuple[int, int], tuple[Report, ReportCopy]] = {}
    for stored, draft in session.execute(
        sa.select(Report, ReportCopy)
        .join(ReportCopy, ReportCopy.report_id == Report.id)
        .where(
            Report.period_id == scene.period.id,
            Report.institution_id.in_({spot.institution_id for spot in spots}),
            ReportCopy.number == WORKING,
        )
    ):
        reports[stored.action_id, stored.institution_id] = stored, draft
    found = []
    for unit_id in dict.fromkeys(spot.row.unit.id for spot in spots):
        family = scene.family(unit_id)
        mine = [spot for spot in spots if spot.row.unit.id == unit_id]
        actions = [spot.row.action.id for spot in mine]
        before = earlier(session, actor, scene.period, scene.plan_id, actions, family)
        activities = gaps.activities_of(
            session, [(action, unit_id) for action in actions], scene.period.year, family
        )
        for spot in mine:
            action = spot.row.action.id
            pair = reports.get((action, spot.institution_id))
            report: Report | None = pair[0] if pair is not None else None
            working: ReportCopy | None = pair[1] if pair is not None else None
            planned = activities.get((action, unit_id), [])
            found.append(
                Own(
                    spot=spot,
                    public_id=report.public_id if report is not None else "",
                    state=report.state if report is not None else "",
                    revision=working.revision if working is not None else 0,
                    fields=start_or_saved(working, before.get(action), planned),
                    activities=tuple(planned),
                    before=before.get(action),
                    offered=offered_period(working, before.get(action)),
                )
            )
    return found


def write(rows: Sequence[Own], state_word: Callable[[str], str], note: Callable[[str], str]) -> bytes:
    """Return the workbook: rows, kegiatan, help. ``note`` says from which period a text was taken."""
    lines: list[tuple[str, ...]] = [HEAD]
    figures: list[tuple[str, ...]] = [FIGURES]
    for own in rows:
        place, row = own.spot.place, own.spot.row
        fields = {**own.fields, "no_obstacles": "ya" if own.fields["no_obstacles"] else ""}
        lines.append(
            (
                place.period_key,
                place.unit,
                place.action,
                row.action.title,
                state_word(own.state),
                str(own.revision),
                *(_fits(fields[name]) for name in WORDS.values()),
                note(own.offered) if own.offered else "",
            )
        )
        last = own.before.values if own.before is not None else {}
        figures += [
            (
                str(activity.id),
                place.action,
                activity.name,
                activity.unit,
                shown_figure(activity.target),
                shown_figure(last.get(activity.id)),
                own.fields[f"value-{activity.id}"],
                own.fields[f"why-{activity.id}"],
            )
            for activity in own.activities
            if Part.PROGRESS in row.asks
        ]
    return workbook.write([(SHEET, lines), (SHEET_FIGURES, figures), (SHEET_HELP, _HELP)], _WIDTHS)


def _fits(text: str) -> str:
    return text if len(text) <= CELL else TOO_LONG


def preview(rows: Sequence[Own], data: bytes, name: str) -> Preview:
    """Return what the file would change. Raises ``InvalidError`` for an empty or too large file."""
    table = sheets.read_rows(data, name, _KNOWN | _IGNORED, longest=CELL + 1)
    figures = sheets.read_rows(data, name, _FIGURES_KNOWN, longest=CELL + 1)
    problems = list(table.problems)
    by_key = {(own.spot.place.period_key, own.spot.place.unit, own.spot.place.action): own for own in rows}
    by_activity = {activity.id: own for own in rows for activity in own.activities}
    said: dict[str, dict[int, tuple[int, Mapping[str, str]]]] = {}
    if "kegiatan_nomor" in figures.columns:
        problems += figures.problems
        _sort_figures(figures.rows, by_activity, said, problems)
    if table.columns and (lacking := [key for key in (*KEYS, "revisi") if key not in table.columns]):
        problems.append(
            Problem(1, ", ".join(lacking), N_("Kolom ini tidak ada. Unduh lembar isian sekali lagi."))
        )
        return Preview(name, (), (), 0, tuple(problems), "")
    seen: set[tuple[str, str, str]] = set()
    changes, unchanged = [], 0
    for line in table.rows:
        key = (line.cells["periode"].strip(), line.cells["kl"].strip(), line.cells["aksi_kode"].strip())
        own = by_key.get(key)
        if own is None:
            problems.append(
                Problem(
                    line.line,
                    "aksi_kode",
                    N_("Baris ini bukan baris laporan K/L Anda pada periode ini."),
                    value=" ".join(key)[:60],
                )
            )
            continue
        if key in seen:
            problems.append(Problem(line.line, "aksi_kode", N_("Aksi ini ada dua kali dalam berkas.")))
            continue
        seen.add(key)
        change = _change(own, line, said.get(" ".join(key), {}), problems)
        if change is None:
            unchanged += 1
        else:
            changes.append(change)
    shown = [change for change in changes if change.fields]
    return Preview(
        name=name,
        changes=tuple(change for change in shown if not change.refusal),
        conflicts=tuple(change for change in shown if change.refusal),
        unchanged=unchanged,
        problems=tuple(problems),
        fingerprint=_fingerprint(shown),
    )


def _sort_figures(
    lines: Sequence[sheets.Row],
    by_activity: Mapping[int, Own],
    said: dict[str, dict[int, tuple[int, Mapping[str, str]]]],
    problems: list[Problem],
) -> None:
    for line in lines:
        number = line.cells["kegiatan_nomor"].strip()
        own = (
            by_activity.get(int(number))
            if number.isascii() and number.isdigit() and len(number) < 10  # noqa: PLR2004 - fits an integer column
            else None
        )
        if own is None:
            problems.append(
                Problem(
                    line.line,
                    "kegiatan_nomor",
                    N_("Kegiatan ini tidak ada dalam komitmen K/L Anda."),
                    value=number[:60],
                )
            )
            continue
        place = own.spot.place
        said.setdefault(f"{place.period_key} {place.unit} {place.action}", {})[int(number)] = (
            line.line,
            line.cells,
        )


def _change(
    own: Own,
    line: sheets.Row,
    figures: Mapping[int, tuple[int, Mapping[str, str]]],
    problems: list[Problem],
) -> Change | None:
    """Return what a line does to its row, None where it says what stands there already."""
    sound = len(problems)
    found, values = _read(line, figures, problems)
    changed = [
        FieldChange(column, own.fields[name], found[name])
        for column, name in WORDS.items()
        if name in found and found[name] != own.fields[name]
    ]
    for activity in own.activities:
        for prefix, column in (("value", "sejak_januari"), ("why", "alasan_kegiatan")):
            name = f"{prefix}-{activity.id}"
            if name in values and values[name] != own.fields[name]:
                changed.append(FieldChange(f"{column}: {activity.name}", own.fields[name], values[name]))
    if not changed:
        return None
    revision = line.cells["revisi"].strip()
    refusal = ""
    if not own.editable:
        refusal = N_("Baris ini sudah diajukan, atau periodenya ditutup.")
    elif revision != str(own.revision):
        refusal = N_("Baris ini diubah di khub sesudah berkas ini diunduh.")
    fields = {**own.fields, **found, **values, "revision": str(own.revision)}
    return Change(
        own=own,
        line=line.line,
        fields=tuple(changed),
        refusal=refusal,
        said=forms.Said() if len(problems) > sound else forms.said(fields, (), ()),
    )


def _read(
    line: sheets.Row,
    figures: Mapping[int, tuple[int, Mapping[str, str]]],
    problems: list[Problem],
) -> tuple[dict[str, str], dict[str, str]]:
    """Return the fields that a line names, in the form's own words, noting every bad cell."""
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
        problems += [Problem(line.line, column, e.message, e.params, raw.strip()[:60]) for e in errors]
    values: dict[str, str] = {}
    for number, (at, cells) in figures.items():
        errors = []
        raw = cells.get("sejak_januari")
        if raw is not None:
            values[f"value-{number}"] = shown_figure(_figure(raw, errors))
        problems += [Problem(at, "sejak_januari", e.message, e.params, (raw or "")[:60]) for e in errors]
        errors = []
        if (why := cells.get("alasan_kegiatan")) is not None:
            values[f"why-{number}"] = forms.long_text(why, "why", errors)
        problems += [Problem(at, "alasan_kegiatan", e.message, e.params, (why or "")[:60]) for e in errors]
    return found, values


def _figure(raw: str, errors: list[FieldError]) -> float | None:
    """Return a figure of a cell; a spreadsheet's own number has a decimal point."""
    typed = raw.strip()
    if _TWO_WAYS.fullmatch(typed):
        errors.append(FieldError("", N_("Angka ini dapat dibaca dua cara. Tulis 1200 atau 1,2.")))
        return None
    if _DECIMAL.fullmatch(typed):
        typed = typed.replace(".", ",")
    return forms.figure(typed, "", errors)


def _fingerprint(changes: Sequence[Change]) -> str:
    said = [
        (change.own.spot.place, change.own.revision, change.fields, bool(change.refusal))
        for change in changes
    ]
    return hashlib.sha256(repr(said).encode()).hexdigest()
