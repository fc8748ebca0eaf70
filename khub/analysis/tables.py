"""The tables of the room as lines of text, for CSV."""

from __future__ import annotations

from typing import TYPE_CHECKING

from babel.dates import format_date

from khub import i18n
from khub.analysis.reviews import LONGEST
from khub.i18n import gettext

if TYPE_CHECKING:
    from datetime import date

    from khub.analysis.achievement import Achievement
    from khub.analysis.obstacles import Obstacles
    from khub.analysis.outputs import Outputs
    from khub.analysis.reviews import Reviews
    from khub.analysis.scope import Scope

Lines = list[tuple[str, ...]]


def achievement(scope: Scope, found: Achievement) -> Lines:
    """Return one line for each group and period, then the whole."""
    head = (
        gettext("Kode"),
        gettext("Kelompok"),
        gettext("Periode"),
        gettext("Rata-rata capaian (persen)"),
        gettext("Laporan yang dapat Anda lihat"),
        gettext("Laporan disetujui"),
        gettext("Laporan diminta"),
    )
    lines: Lines = [head]
    for row in (*found.rows, found.whole):
        for period, cell in zip(scope.periods, row.cells, strict=True):
            lines.append(
                (
                    row.code,
                    row.name or gettext("Semua"),
                    period.name,
                    "" if cell.mean is None else str(cell.mean),
                    str(cell.read),
                    str(cell.approved.count),
                    str(cell.approved.total),
                )
            )
    return lines


def obstacle_groups(found: Obstacles) -> Lines:
    """Return one line for each group."""
    head = (gettext("Kode"), gettext("Kelompok"), gettext("Laporan dengan kendala"))
    return [head, *((group.code, group.name, str(group.count)) for group in found.groups)]


def obstacle_rows(found: Obstacles) -> Lines:
    """Return one line for each report with an obstacle."""
    head = (
        gettext("Periode"),
        gettext("Kode aksi"),
        gettext("Aksi"),
        gettext("K/L"),
        gettext("Kendala"),
        gettext("Tindak lanjut"),
        gettext("Laporan"),
    )
    return [
        head,
        *(
            (
                row.period.name,
                row.action.code,
                row.action.title,
                row.unit.name,
                row.obstacles,
                row.follow_up,
                row.report,
            )
            for row in found.rows
        ),
    ]


def outputs(found: Outputs) -> Lines:
    """Return one line for each month and jenis that has something."""
    names = {kind.code: kind.name if i18n.language() == "id" else kind.name_en for kind in found.kinds}
    head = (gettext("Bulan"), gettext("Jenis"), gettext("Keluaran"))
    return [
        head,
        *((f"{month:%Y-%m}", names[kind], str(count)) for (month, kind), count in sorted(found.both.items())),
    ]


def reviews(found: Reviews) -> Lines:
    """Return how many decisions took how many working days."""
    return [
        (gettext("Hari kerja"), gettext("Keputusan")),
        *((f"{day}+" if day == LONGEST else str(day), str(count)) for day, count in found.days),
    ]


def month_name(month: date) -> str:
    """Return "Oktober 2023" in the page's language."""
    return str(format_date(month, "LLLL y", locale=i18n.language()))


def short_month(day: date) -> str:
    """Return "Okt 23" in the page's language."""
    return str(format_date(day, "LLL yy", locale=i18n.language()))
