"""XLSX files: attendance, monitoring data and budgets; one with invented personal data."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from openpyxl import Workbook
from openpyxl.styles import Font

from khub.demo.archive import repack

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from khub.demo.compose import Script
    from khub.demo.prose import Voice

_CORE = "docProps/core.xml"
_MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*")
_MADE = datetime(2023, 1, 1, tzinfo=UTC).replace(tzinfo=None)


def _save(book: Workbook, script: Script) -> bytes:
    book.properties.title = script.title
    book.properties.creator = script.institution
    book.properties.created = _MADE
    out = io.BytesIO()
    book.save(out)
    data = out.getvalue()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        core = archive.read(_CORE)
    # openpyxl stamps the moment of saving, whatever the properties say
    return repack(data, {_CORE: _MODIFIED.sub(rb"\g<1>2023-01-01T00:00:00Z", core)})


def _fill(sheet: Any, head: Iterable[str], rows: Iterable[Sequence[object]]) -> None:
    sheet.append(list(head))
    for cell in sheet[sheet.max_row]:
        cell.font = Font(bold=True)
    for row in rows:
        sheet.append(list(row))
    sheet.column_dimensions["B"].width = 34
    sheet.freeze_panes = "A2"


def _about(book: Workbook, voice: Voice, script: Script) -> None:
    sheet = book.create_sheet("Keterangan" if script.language == "id" else "Notes")
    for text in (
        script.title,
        script.institution,
        voice.label("periode"),
        script.insert,
        voice.label("kaki"),
    ):
        sheet.append([text])


def attendance(script: Script) -> bytes:
    """Return an attendance list of ``script.size`` people named "Peserta 001" and so on."""
    voice = script.voice()
    book = Workbook()
    sheet: Any = book.active
    sheet.title = voice.label("hadir")
    word = "Peserta" if script.language == "id" else "Participant"
    rows = ((n, f"{word} {n:03d}", voice.expand("{tempat}"), "✓") for n in range(1, script.size + 1))
    _fill(sheet, voice.table("hadir"), rows)
    _about(book, voice, script)
    return _save(book, script)


def personal(script: Script) -> bytes:
    """Return an attendance list with numbers shaped like NIK and telephone numbers.

    The numbers cannot belong to anybody: no province has a regency 99, no operator the prefix 0844.
    """
    voice = script.voice()
    book = Workbook()
    sheet: Any = book.active
    sheet.title = voice.label("hadir")
    rows = (
        (
            n,
            f"Peserta {n:03d}",
            f"969999{n % 28 + 1:02d}0190{n:04d}",
            f"0844-0000-{n:04d}",
            f"peserta{n:03d}@contoh.example",
        )
        for n in range(1, script.size + 1)
    )
    _fill(sheet, ("No.", "Nama", "NIK (rekaan)", "Telepon (rekaan)", "Surel"), rows)
    _about(book, voice, script)
    return _save(book, script)


def figures(script: Script) -> bytes:
    """Return monitoring data: a sheet of sites, one of terms and one of spending by month."""
    voice = script.voice()
    book = Workbook()
    sheet: Any = book.active
    sheet.title = "Lokasi" if script.language == "id" else "Sites"
    numbers = voice.rng
    rows = []
    for n in range(1, script.size + 1):
        people = numbers.randint(18, 64)
        rows.append((n, voice.expand("{tempat}"), people, people // 2 - numbers.randint(0, 4)))
    _fill(sheet, voice.table("peserta"), rows)
    terms = book.create_sheet(voice.label("istilah"))
    for term, meaning in voice.terms():
        terms.append([term, meaning])
    spending = book.create_sheet("Anggaran" if script.language == "id" else "Budget")
    items = []
    for item in voice.table("biaya"):
        volume, unit = numbers.randint(2, 60), numbers.randint(3, 60) * 25_000
        items.append((item, volume, unit, volume * unit))
    _fill(spending, voice.table("anggaran"), items)
    spending.append([voice.table("jumlah")[0], "", "", sum(item[3] for item in items)])
    _about(book, voice, script)
    return _save(book, script)
