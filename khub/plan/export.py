"""A plan in the import format: what goes out comes back in with nothing to change."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub.plan import names, sheets, stored, workbook
from khub.plan.catalogue import COLUMNS, SOURCE
from khub.plan.directory import Directory
from khub.plan.models import Branch, Focus

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy.orm import Session

    from khub.plan.models import Plan

#: What a spreadsheet would take for a formula, also in full width; leading quotes count, so that reading can undo it.
_RISKY = re.compile(rf"'*{sheets.FORMULA_STARTS}")
_WIDTHS = (18, 10, 28, 10, 28, 10, 60, 28, 28, 40, 40, 18, 40)
SHEET = "Rencana"
SHEET_HELP = "Penjelasan"

#: The example row of the template; "#" in front keeps the reader from taking it.
_EXAMPLE = (
    "# RAN PE 2020–2024",
    "1",
    "Pencegahan",
    "1.1",
    "Contoh fokus",
    "1.1.01",
    "Contoh aksi; hapus baris ini",
    "K/L Contoh 01; K/L Contoh 02",
    "K/L Contoh 03",
    "Laporan kegiatan; Modul pelatihan",
    "Jumlah peserta pelatihan",
    "2021-2023",
)
_HELP = (
    ("Kolom", "Wajib", "Isi"),
    ("plan", "ya", "Nama rencana, sama pada semua barisnya. Rencana yang belum ada akan dibuat."),
    ("pilar_kode", "ya", "Kode pilar. Untuk rencana bertema, tulis tema_kode sebagai judul kolom."),
    ("pilar", "ya", "Nama pilar, sama untuk kode yang sama. Untuk rencana bertema: tema."),
    ("fokus_kode", "ya", "Kode fokus di dalam pilar."),
    ("fokus", "ya", "Nama fokus, sama untuk kode yang sama."),
    ("aksi_kode", "ya", "Kode lokal aksi, kunci impor. Huruf, angka, titik, tanda hubung, garis bawah."),
    ("aksi", "ya", "Judul aksi, paling panjang 1.000 huruf."),
    ("penanggung_jawab", "", "Nama, singkatan, atau kode K/L, dipisah titik koma."),
    ("instansi_terkait", "", "Seperti penanggung_jawab."),
    ("keluaran", "", "Keluaran yang diharapkan, dipisah titik koma."),
    ("ukuran_keberhasilan", "", "Satu teks."),
    ("tahun", "", "Tahun dalam daftar, misalnya 2022; 2023 atau 2021-2023."),
    ("sumber", "", "Boleh ditambahkan: dari mana judul aksi dikutip."),
    ("", "", "Baris yang dimulai tanda # tidak dibaca. Aksi yang tidak ada dalam berkas tidak dihapus."),
)


def lines(session: Session, plan: Plan) -> list[tuple[str, ...]]:
    """Return the head and one line for each action of ``plan``, in the order of their codes."""
    directory = Directory.load(session)
    levels = {
        (branch, focus): (branch_name, focus_name)
        for branch, branch_name, focus, focus_name in session.execute(
            sa.select(Branch.code, Branch.name, Focus.code, Focus.name)
            .join(Focus, Focus.branch_id == Branch.id)
            .where(Branch.plan_id == plan.id)
        )
    }
    present = stored.actions(session, plan.id)
    order = sorted(
        present,
        key=lambda code: tuple(
            map(names.natural, (present[code].branch_code, present[code].focus_code, code))
        ),
    )
    plan_name = plan.name if stored.plan_code(plan.name) == plan.code else plan.code
    with_source = any(action.source for action in present.values())
    found: list[tuple[str, ...]] = [head(plan.branch_label, with_source=with_source)]
    for code in order:
        action = present[code]
        branch_name, focus_name = levels[action.branch_code, action.focus_code]
        line = (
            plan_name,
            action.branch_code,
            branch_name,
            action.focus_code,
            focus_name,
            code,
            action.title,
            "; ".join(directory.name_for(each) for each in action.responsible),
            "; ".join(directory.name_for(each) for each in action.related),
            "; ".join(action.outputs),
            action.measure,
            "; ".join(map(str, action.years)),
        )
        found.append((*line, action.source) if with_source else line)
    return found


def head(label: str, *, with_source: bool = False) -> tuple[str, ...]:
    """Return the column names; a plan of themes says so."""
    columns = (*COLUMNS, SOURCE) if with_source else COLUMNS
    if label == "Tema":
        return tuple({"pilar_kode": "tema_kode", "pilar": "tema"}.get(name, name) for name in columns)
    return columns


def as_csv(rows: Iterable[Sequence[str | int]], *, bom: bool = True) -> bytes:
    """Return ``rows`` as CSV in UTF-8, safe to open in a spreadsheet."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    for row in rows:
        writer.writerow(["'" + text if _RISKY.match(text) else text for text in map(str, row)])
    return out.getvalue().encode("utf-8-sig" if bom else "utf-8")


def as_xlsx(rows: Sequence[Sequence[str]]) -> bytes:
    """Return ``rows`` as a workbook of text cells."""
    return workbook.write([(SHEET, rows), (SHEET_HELP, _HELP)], _WIDTHS)


def template() -> list[tuple[str, ...]]:
    """Return the head and one example line that the reader skips."""
    return [COLUMNS, _EXAMPLE]
