"""The rows of a K/L as an XLSX to fill in without a connection, and what bringing it back would change."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub.errors import N_
from khub.plan import sheets, workbook
from khub.plan.sheets import Problem
from khub.plan.terms import Part
from khub.products import lifecycle
from khub.products.models import WORKING, Product
from khub.reports import evidence, forms, gaps, outputs
from khub.reports import offline_cells as cells
from khub.reports.earlier import Earlier, earlier
from khub.reports.filling import offered_period, shown_figure, start_or_saved
from khub.reports.models import Report, ReportCopy, ReportOutput
from khub.reports.offline_cells import EVIDENCE, WORDS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy.orm import Session

    from khub.plan.models import Activity
    from khub.policy import Actor
    from khub.reports.evidence import Output
    from khub.reports.forms import Said
    from khub.reports.rows import Scene, Spot

SHEET, SHEET_FIGURES, SHEET_OUTPUTS, SHEET_HELP = "Laporan", "Kegiatan", "Keluaran", "Penjelasan"
KEYS = ("periode", "kl", "aksi_kode")
HEAD = (*KEYS, "aksi", "status", "revisi", *WORDS, EVIDENCE, "catatan")
FIGURES = ("kegiatan_nomor", "kegiatan_aksi", "kegiatan", "satuan", "target", "periode_lalu", "sejak_januari", "alasan_kegiatan")  # fmt: skip
OUTPUTS = ("keluaran_aksi", "keluaran_kode", "keluaran_judul")
_KNOWN = frozenset(HEAD)
_FIGURES_KNOWN = frozenset(FIGURES)
_WIDTHS = (22, 14, 12, 50, 14, 8, 60, 9, 30, 50, 18, 50, 30, 40)
_HELP = (
    ("Kolom", "Isi"),
    ("periode, kl, aksi_kode, revisi", "Jangan diubah: kolom ini mengenali baris dan perubahan sesudahnya."),
    ("capaian", "Capaian sejak Januari, paling panjang 32.000 huruf di sini."),
    ("persen", "Bilangan bulat 0 sampai 100."),
    ("alasan_turun", "Bila persentase turun dari periode lalu: mengapa."),
    ("kendala", "Kendala; kosongkan bila tidak ada."),
    ("tidak_ada_kendala", "Tulis ya bila tidak ada kendala."),
    ("tindak_lanjut", "Tindak lanjut atas kendala."),
    ("sejak_januari", "Lembar Kegiatan: jumlah sejak Januari: 1200 atau 12,5; paling banyak enam desimal."),
    ("keluaran", "Data dukung: kode dari lembar Keluaran dan halamannya, misalnya K-7QX2M4A: 6, 28-30."),
    ("", "Keluaran yang tidak ditulis di sini tetap seperti di khub."),
    ("", "Rumus tidak dibaca. Kolom yang namanya diganti tidak dibaca."),
)


@dataclass(frozen=True, slots=True)
class Own:
    """A row of the K/L with what its form holds now; ``fields`` as ``filling`` fills them.

    ``named``: pages by code of the keluaran that it names; ``usable``: those it may name.
    """

    spot: Spot
    public_id: str
    state: str
    revision: int
    fields: dict[str, str]
    activities: tuple[Activity, ...]
    before: Earlier | None
    offered: str
    named: dict[str, str]
    usable: tuple[Output, ...]

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
    """What bringing a file back would do; ``problems`` name line and column and stop everything.

    ``warnings`` name columns that are not read.
    """

    name: str
    changes: tuple[Change, ...]
    conflicts: tuple[Change, ...]
    unchanged: int
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
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
    named = _named(session, [draft.id for _, draft in reports.values()])
    usable = _usable(session, actor, scene, [spot.row.action.id for spot in spots])
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
                    named=named.get(working.id, {}) if working is not None else {},
                    usable=usable.get(action, ()),
                )
            )
    return found


def _named(session: Session, copy_ids: Sequence[int]) -> dict[int, dict[str, str]]:
    """Return (code → pages) of the keluaran that each working copy names, in order."""
    found: dict[int, dict[str, str]] = {}
    for copy_id, code, pages in session.execute(
        sa.select(ReportOutput.copy_id, Product.public_id, ReportOutput.pages)
        .join(Product, Product.id == ReportOutput.product_id)
        .where(ReportOutput.copy_id.in_(copy_ids), Product.discarded_at.is_(None))
        .order_by(ReportOutput.position, ReportOutput.product_id)
    ):
        found.setdefault(copy_id, {})[code] = pages
    return found


def _usable(
    session: Session, actor: Actor, scene: Scene, action_ids: Sequence[int]
) -> dict[int, tuple[Output, ...]]:
    own = outputs.own_products(session, actor, action_ids)
    every = {product for products in own.values() for product in products.values()}
    known = evidence.described(session, actor, every, scene.period.id)
    return {
        action: tuple(
            known[product] for product in sorted(products.values(), reverse=True) if product in known
        )
        for action, products in own.items()
    }


def write(rows: Sequence[Own], state_word: Callable[[str], str], note: Callable[[str], str]) -> bytes:
    """Return the workbook: rows, kegiatan, keluaran to name, help.

    ``note`` says from which period a text was taken.
    """
    lines: list[tuple[str, ...]] = [HEAD]
    figures: list[tuple[str, ...]] = [FIGURES]
    usable: list[tuple[str, ...]] = [OUTPUTS]
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
                *(cells.fits(fields[name]) for name in WORDS.values()),
                cells.fits(cells.shown_evidence(own.named)),
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
        usable += [(place.action, output.public_id, output.title) for output in own.usable]
    return workbook.write(
        [(SHEET, lines), (SHEET_FIGURES, figures), (SHEET_OUTPUTS, usable), (SHEET_HELP, _HELP)], _WIDTHS
    )


def preview(rows: Sequence[Own], data: bytes, name: str) -> Preview:
    """Return what the file would change. Raises ``InvalidError`` for an empty or too large file."""
    table = sheets.read_rows(data, name, _KNOWN, longest=cells.CELL + 1)
    figures = sheets.read_rows(data, name, _FIGURES_KNOWN, longest=cells.CELL + 1)
    problems, warnings = list(table.problems), list(table.warnings)
    by_key = {(own.spot.place.period_key, own.spot.place.unit, own.spot.place.action): own for own in rows}
    by_activity = {activity.id: own for own in rows for activity in own.activities}
    said: dict[tuple[str, str, str], dict[int, tuple[int, Mapping[str, str]]]] = {}
    if "kegiatan_nomor" in figures.columns:
        problems += figures.problems
        warnings += figures.warnings
        _sort_figures(figures.rows, by_activity, said, problems)
    elif figures.columns:
        problems.append(
            Problem(1, "kegiatan_nomor", N_("Kolom ini tidak ada. Unduh lembar isian sekali lagi."))
        )
    if table.columns and (lacking := [key for key in (*KEYS, "revisi") if key not in table.columns]):
        problems.append(
            Problem(1, ", ".join(lacking), N_("Kolom ini tidak ada. Unduh lembar isian sekali lagi."))
        )
        return Preview(name, (), (), 0, tuple(problems), tuple(warnings), "")
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
        change = _change(own, line, said.pop(key, {}), problems)
        if change is None:
            unchanged += 1
        else:
            changes.append(change)
    for key, lines in said.items():
        problems += [
            Problem(line, "kegiatan_aksi", N_("Baris aksi kegiatan ini tidak ada di lembar Laporan."))
            for number, (line, texts) in lines.items()
            if any(
                by_key[key].fields[field] != text
                for field, text in cells.figures({number: (line, texts)}, []).items()
            )
        ]
    shown = [change for change in changes if change.fields]
    return Preview(
        name=name,
        changes=tuple(change for change in shown if not change.refusal),
        conflicts=tuple(change for change in shown if change.refusal),
        unchanged=unchanged,
        problems=tuple(problems),
        warnings=tuple(warnings),
        fingerprint=_fingerprint(shown),
    )


def _sort_figures(
    lines: Sequence[sheets.Row],
    by_activity: Mapping[int, Own],
    said: dict[tuple[str, str, str], dict[int, tuple[int, Mapping[str, str]]]],
    problems: list[Problem],
) -> None:
    seen: set[str] = set()
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
        if number in seen:
            problems.append(
                Problem(line.line, "kegiatan_nomor", N_("Kegiatan ini ada dua kali dalam berkas."))
            )
            continue
        seen.add(number)
        place = own.spot.place
        said.setdefault((place.period_key, place.unit, place.action), {})[int(number)] = line.line, line.cells


def _change(
    own: Own,
    line: sheets.Row,
    figures: Mapping[int, tuple[int, Mapping[str, str]]],
    problems: list[Problem],
) -> Change | None:
    """Return what a line does to its row, None where it says what stands there already."""
    sound = len(problems)
    found, values = cells.words(line, problems), cells.figures(figures, problems)
    evidence_said = cells.evidence(line, {*own.named, *(each.public_id for each in own.usable)}, problems)
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
    if (named := {**own.named, **evidence_said}) != own.named:
        changed.append(FieldChange(EVIDENCE, cells.shown_evidence(own.named), cells.shown_evidence(named)))
    if not changed:
        return None
    revision = line.cells["revisi"].strip()
    refusal = ""
    if not own.editable:
        refusal = N_("Baris ini sudah diajukan, atau periodenya ditutup.")
    elif revision != str(own.revision):
        refusal = N_("Baris ini diubah di khub sesudah berkas ini diunduh.")
    pages = {f"pages-{code}": text for code, text in evidence_said.items()}
    fields = {**own.fields, **found, **values, **pages, "revision": str(own.revision)}
    return Change(
        own=own,
        line=line.line,
        fields=tuple(changed),
        refusal=refusal,
        said=forms.Said() if len(problems) > sound else forms.said(fields, list(evidence_said), ()),
    )


def _fingerprint(changes: Sequence[Change]) -> str:
    said = [
        (change.own.spot.place, change.own.revision, change.fields, bool(change.refusal))
        for change in changes
    ]
    return hashlib.sha256(repr(said).encode()).hexdigest()
