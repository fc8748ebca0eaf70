"""What the demo's K/L report: rows of four periods with kegiatan, percent, obstacles. All of it examples.

Computed from the rows of ``catalogue`` and a fixed seed, so that every installation shows the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Final

from khub.demo import catalogue
from khub.demo.catalogue import _actions, _random

_YES: Final = "+"
_SKIPPED: Final = "?"
#: Per sort of action: what is counted, its unit, its target, and what was done in words.
_WORK: dict[str, tuple[str, str, int, tuple[str, ...]]] = {
    "pelatihan": (
        "Peserta terlatih",
        "orang",
        240,
        (
            "kurikulum pelatihan disusun bersama narasumber",
            "angkatan pertama selesai dan dinilai lewat tes akhir",
            "angkatan kedua selesai; modul dipakai di satuan kerja peserta",
        ),
    ),
    "kajian": (
        "Kajian selesai",
        "dokumen",
        3,
        (
            "kerangka kajian dan alat pengumpulan data disepakati",
            "pengumpulan data di lapangan selesai",
            "laporan kajian dibahas bersama K/L terkait dan diserahkan",
        ),
    ),
    "sistem": (
        "Satuan kerja pengguna",
        "satuan kerja",
        24,
        (
            "kebutuhan sistem dihimpun dari calon pengguna",
            "purwarupa diuji di empat satuan kerja",
            "sistem dipakai dan buku petunjuknya dibagikan",
        ),
    ),
    "forum": (
        "Pertemuan forum",
        "pertemuan",
        4,
        (
            "susunan anggota forum ditetapkan",
            "pertemuan berkala menghasilkan rencana kerja bersama",
            "keputusan forum ditindaklanjuti dan dicatat dalam notula",
        ),
    ),
    "layanan": (
        "Penerima layanan",
        "orang",
        160,
        (
            "prosedur layanan diperbarui",
            "layanan dibuka dan penerimanya dicatat",
            "penerima layanan dinilai kepuasannya setiap triwulan",
        ),
    ),
    "regulasi": (
        "Pembahasan naskah",
        "pembahasan",
        5,
        (
            "pokok-pokok pedoman dirumuskan",
            "naskah dibahas lintas unit",
            "pedoman disosialisasikan kepada satuan kerja",
        ),
    ),
    "kampanye": (
        "Kegiatan kampanye",
        "kegiatan",
        12,
        (
            "bahan kampanye diuji pada kelompok sasaran",
            "kampanye berjalan di tiga provinsi",
            "survei khalayak sesudah kampanye selesai",
        ),
    ),
    "kerjasama": (
        "Kegiatan bersama",
        "kegiatan",
        2,
        (
            "pokok kerja sama dibicarakan dengan mitra",
            "naskah kerja sama disepakati",
            "kegiatan bersama terlaksana dan dilaporkan",
        ),
    ),
}
_OBSTACLES: Final = (
    ("jadwal peserta dari daerah sering berubah", "jadwal disepakati sejak awal triwulan"),
    ("anggaran kegiatan baru dapat dipakai pada semester kedua", "kegiatan dipadatkan pada semester kedua"),
    ("data dari daerah belum seragam", "format pengumpulan data disederhanakan"),
    ("koordinasi dengan pemerintah daerah memerlukan waktu", "pertemuan daring bulanan diadakan"),
    ("narasumber yang sesuai terbatas", "daftar narasumber bersama disusun antarpokja"),
    ("petugas pelaksana berganti", "serah terima dan pendampingan dilakukan"),
)
_NOTES: Final = (
    "Contoh catatan: sebut halaman data dukung yang memuat angka peserta.",
    "Contoh catatan: angka sejak Januari lebih kecil daripada laporan lalu; jelaskan sebabnya.",
    "Contoh catatan: uraikan tindak lanjut atas kendala yang ditulis.",
)


class Stage(StrEnum):
    """How far a row of the demo got."""

    MISSING = "missing"
    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    APPROVED = "approved"


@dataclass(frozen=True, slots=True)
class DemoActivity:
    """A planned kegiatan of a K/L for an action and a year."""

    action: str
    institution: str
    year: int
    name: str
    unit: str
    target: int


@dataclass(frozen=True, slots=True)
class DemoReport:
    """One row. ``value``: total since January of the K/L's kegiatan, None without one.

    ``progress`` is False for a K/L that did not say yes: it only tells its obstacles.
    """

    action: str
    institution: str
    period: str
    stage: Stage
    late: bool
    progress: bool
    percent: int | None
    achievement: str
    obstacles: str
    follow_up: str
    value: int | None
    note: str

    @property
    def no_obstacles(self) -> bool:
        """Tell whether the K/L says that there are none."""
        return not self.obstacles


@cache
def duties(year: int) -> tuple[tuple[str, str, str, str], ...]:
    """Return (action, sort, K/L, answer mark) of everybody responsible for an action of ``year``."""
    return tuple(
        (action.code, action.kind, name, mark)
        for action in _actions()
        if str(year) in action.years
        for name, mark in action.answers
    )


@cache
def activities() -> tuple[DemoActivity, ...]:
    """Return the kegiatan planned with a yes: two of three K/L name one."""
    found = []
    for year in (2022, catalogue.YEAR):
        for action, kind, name, mark in duties(year):
            if mark != _YES or _random("activity", action, name).random() > 0.66:  # noqa: PLR2004
                continue
            what, unit, target, _ = _WORK[kind]
            found.append(DemoActivity(action, name, year, f"Contoh kegiatan: {what.lower()}", unit, target))
    return tuple(found)


@cache
def reports() -> tuple[DemoReport, ...]:
    """Return every row that the demo's K/L have begun or handed in, period by period."""
    planned = {(each.action, each.institution, each.year): each for each in activities()}
    found = []
    for number, period in enumerate(catalogue.periods()):
        for action, kind, name, mark in duties(period.year):
            stage = _stage(period, action, name, mark)
            if stage is not Stage.MISSING:
                activity = planned.get((action, name, period.year))
                found.append(_report(number, period, (action, kind, name, mark), stage, activity))
    return tuple(found)


def _stage(period: catalogue.PeriodRow, action: str, name: str, mark: str) -> Stage:
    chance = _random("report", period.code, action, name).random()
    if not period.current:
        return Stage.MISSING if chance < (0.25 if mark == _SKIPPED else 0.06) else Stage.APPROVED
    if mark == _SKIPPED:
        return Stage.MISSING
    if int(name[-2:]) % 3 == 0:  # a third of the K/L has done everything
        return Stage.APPROVED if chance < 0.6 else Stage.SUBMITTED  # noqa: PLR2004
    for limit, stage in (
        (0.34, Stage.APPROVED),
        (0.54, Stage.SUBMITTED),
        (0.60, Stage.RETURNED),
        (0.69, Stage.DRAFT),
    ):
        if chance < limit:
            return stage
    return Stage.MISSING


def _report(
    number: int,
    period: catalogue.PeriodRow,
    duty: tuple[str, str, str, str],
    stage: Stage,
    activity: DemoActivity | None,
) -> DemoReport:
    action, kind, name, mark = duty
    rng = _random("words", period.code, action, name)
    share = (0.3, 0.55, 0.95, 0.8)[number] * rng.uniform(0.75, 1.05)
    percent = min(100, round(share * 20) * 5)
    _, _, _, steps = _WORK[kind]
    step = steps[min(2, int(share * 3))]
    value = min(round(activity.target * share), activity.target) if activity is not None else None
    counted = (
        f" Sejak Januari tercatat {value} {activity.unit} dari target {activity.target}." if activity else ""
    )
    troubled = mark != _YES or rng.random() < 0.4  # noqa: PLR2004
    obstacle, answer = rng.choice(_OBSTACLES)
    progress = mark == _YES
    return DemoReport(
        action=action,
        institution=name,
        period=period.name,
        stage=stage,
        late=not period.current and rng.random() < 0.05,  # noqa: PLR2004
        progress=progress,
        percent=percent if progress else None,
        achievement=f"Contoh capaian {period.name}: {step}.{counted}" if progress else "",
        obstacles=f"Contoh kendala: {obstacle}." if troubled else "",
        follow_up=f"Contoh tindak lanjut: {answer}." if troubled else "",
        value=value if progress else None,
        note=rng.choice(_NOTES) if stage is Stage.RETURNED else "",
    )
