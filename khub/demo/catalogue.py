"""The demo plan: 79 actions of 2023, their K/L, commitments and periods. Every figure follows from rows.

``actions_published.csv`` holds the 13 action titles that the press quotes, verbatim, with source and
confidence. ``actions_example.csv`` fills the gap with titles that say "Contoh". In both, column ``kl``
lists the responsible demo institutions by number with their answer for 2023: ``+`` ya, ``-`` tidak,
``?`` not answered. No real institution answers for anything here.
"""

from __future__ import annotations

import csv
import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Final, Literal

from khub.clock import WIB
from khub.demo.tables import read_table

PLAN: Final = "Contoh RAN PE"
YEAR: Final = 2023
COLUMNS: Final = (
    "plan",
    "pilar_kode",
    "pilar",
    "fokus_kode",
    "fokus",
    "aksi_kode",
    "aksi",
    "penanggung_jawab",
    "instansi_terkait",
    "keluaran",
    "ukuran_keberhasilan",
    "tahun",
)

_TAIL = "Ekstremisme Berbasis Kekerasan yang Mengarah pada Terorisme"
_BRANCHES = {"1": "Pencegahan", "2": "Penegakan hukum", "3": "Kemitraan dan kerja sama"}
_FOCUSES = {
    "1.1": "Contoh fokus: Kesiapsiagaan",
    "1.2": "Contoh fokus: Kontra radikalisasi",
    "1.3": "Contoh fokus: Pendidikan dan komunitas",
    "1.4": "Contoh fokus: Deradikalisasi",
    "2.1": "Contoh fokus: Penanganan perkara",
    "2.2": "Contoh fokus: Pelindungan saksi dan korban",
    "2.3": "Contoh fokus: Penguatan kerangka legislasi",
    "3.1": "Contoh fokus: Kemitraan",
    "3.2": "Contoh fokus: Kerja sama internasional",
}
#: Per sort of action: the outputs an action of that sort may expect, and its measure of success.
_EXPECTED: dict[str, tuple[tuple[str, ...], str]] = {
    "pelatihan": (
        ("laporan pelatihan", "modul pelatihan", "daftar peserta terlatih", "hasil evaluasi pascapelatihan"),
        "sekurang-kurangnya 80 % peserta meningkat nilainya pada tes akhir",
    ),
    "kajian": (
        ("laporan kajian", "ringkasan kebijakan", "paparan hasil kajian"),
        "rekomendasi kajian dipakai dalam sekurang-kurangnya satu dokumen kebijakan",
    ),
    "sistem": (
        ("dokumen kebutuhan sistem", "sistem yang dapat dipakai", "buku petunjuk penggunaan"),
        "sistem dipakai oleh sekurang-kurangnya sepuluh satuan kerja",
    ),
    "forum": (
        ("notula pertemuan", "rencana kerja bersama", "laporan forum tahunan"),
        "forum bertemu sekurang-kurangnya dua kali setahun dan keputusannya ditindaklanjuti",
    ),
    "layanan": (
        ("laporan layanan", "prosedur layanan"),
        "jumlah penerima layanan dan tingkat kepuasannya tercatat setiap triwulan",
    ),
    "regulasi": (
        ("naskah pedoman", "notula pembahasan", "salinan pedoman yang ditetapkan"),
        "pedoman ditetapkan dan disosialisasikan kepada seluruh satuan kerja terkait",
    ),
    "kampanye": (
        ("bahan kampanye", "laporan jangkauan kampanye", "dokumentasi kegiatan", "hasil survei khalayak"),
        "jangkauan dan pemahaman kelompok sasaran terukur sebelum dan sesudah kampanye",
    ),
    "kerjasama": (
        ("nota kesepahaman", "laporan kunjungan kerja"),
        "sekurang-kurangnya satu kegiatan bersama terlaksana dalam setahun",
    ),
}
_REASONS = (
    "Contoh alasan: anggaran tahun 2023 dialihkan ke kegiatan yang lebih mendesak.",
    "Contoh alasan: kegiatan dijadwalkan ulang ke tahun berikutnya karena menunggu petunjuk teknis.",
    "Contoh alasan: satuan kerja pelaksana sedang ditata ulang.",
    "Contoh alasan: kegiatan serupa sudah dilaksanakan oleh penanggung jawab lain.",
)

Answer = Literal["ya", "tidak"]


@dataclass(frozen=True, slots=True)
class Institution:
    """A demo K/L. ``code`` is the stable key ("KL-07"), ``name`` what the plan's rows call it."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Source:
    """Where a published title comes from. ``urls``: one or two; ``note`` is ready to be shown."""

    urls: tuple[str, ...]
    confidence: str
    note: str


@dataclass(frozen=True, slots=True)
class CommitmentRow:
    """A K/L's answer for an action and 2023. ``answer`` and ``recorded_at`` are None while unanswered."""

    action: str
    institution: str
    answer: Answer | None
    reason: str
    recorded_at: datetime | None


@dataclass(frozen=True, slots=True)
class PeriodRow:
    """A reporting period, cumulative from January; ``current`` marks the demo's open one."""

    code: str
    name: str
    starts: date
    ends: date
    deadline: datetime
    current: bool

    @property
    def year(self) -> int:
        """Return the year that the period reports on."""
        return self.starts.year


@dataclass(frozen=True, slots=True)
class _Action:
    code: str
    kind: str
    title: str
    answers: tuple[tuple[str, str], ...]
    related: tuple[str, ...]
    years: str
    published: tuple[str, str, str, str] | None


def institution_name(number: int | str) -> str:
    """Return the name of the demo K/L with that number (1–44)."""
    return f"K/L Contoh {int(number):02d}"


def institutions() -> tuple[Institution, ...]:
    """Return the 44 demo K/L."""
    return tuple(Institution(f"KL-{n:02d}", institution_name(n)) for n in range(1, 45))


def periods() -> tuple[PeriodRow, ...]:
    """Return the four demo periods; the deadlines of 2022 are examples, that of 2023 was in the news."""

    def row(year: int, month: int, last: int, name: str, due: tuple[int, int, int]) -> PeriodRow:
        deadline = datetime(*due, 23, 59, tzinfo=WIB).astimezone(UTC)
        return PeriodRow(
            f"{year}-{month:02d}",
            f"Januari–{name} {year}",
            date(year, 1, 1),
            date(year, month, last),
            deadline,
            year == YEAR,
        )

    return (
        row(2022, 4, 30, "April", (2022, 5, 20)),
        row(2022, 7, 31, "Juli", (2022, 8, 19)),
        row(2022, 12, 31, "Desember", (2023, 1, 20)),
        row(2023, 10, 31, "Oktober", (2023, 10, 31)),
    )


@cache
def _actions() -> tuple[_Action, ...]:
    def action(row: dict[str, str], title: str, published: tuple[str, str, str, str] | None) -> _Action:
        answers = tuple((institution_name(word[:2]), word[2]) for word in row["kl"].split())
        related = tuple(institution_name(word) for word in row["terkait"].split())
        return _Action(row["kode"], row["jenis"], title, answers, related, row["tahun"], published)

    found = [
        action(
            row,
            row["judul"],
            (row["sumber"], row["keyakinan"], row["catatan"], row["hasil_dan_keluaran"]),
        )
        for row in read_table("actions_published.csv")
    ]
    for row in read_table("actions_example.csv"):
        title = row["judul"].replace("{ekor}", _TAIL)
        found.append(action(row, f"Contoh aksi {row['kode']}: {title}", None))
    return tuple(sorted(found, key=lambda item: item.code))


def _random(*key: str) -> random.Random:
    return random.Random("/".join(("khub", *key)))  # noqa: S311 - a repeatable demo, not a secret


def _published_parts(action: _Action, *, outcomes: bool) -> list[str]:
    if action.published is None or not action.published[3]:
        return []
    parts = [part.strip() for part in action.published[3].split(";")]
    return [part.partition(" [")[0] for part in parts if ("[hasil" in part) is outcomes]


def _outputs(action: _Action) -> list[str]:
    published = _published_parts(action, outcomes=False)
    choices, _ = _EXPECTED[action.kind]
    count = _random("outputs", action.code).randint(1, len(choices))
    return (published + [f"Contoh: {choice}" for choice in choices])[: max(count, len(published))]


def _row(action: _Action) -> dict[str, str]:
    branch, focus = action.code[0], action.code[:3]
    return {
        "plan": PLAN,
        "pilar_kode": branch,
        "pilar": _BRANCHES[branch],
        "fokus_kode": focus,
        "fokus": _FOCUSES[focus],
        "aksi_kode": action.code,
        "aksi": action.title,
        "penanggung_jawab": ";".join(name for name, _ in action.answers),
        "instansi_terkait": ";".join(action.related),
        "keluaran": ";".join(_outputs(action)),
        "ukuran_keberhasilan": f"Contoh ukuran: {_EXPECTED[action.kind][1]}",
        "tahun": action.years,
    }


def rows() -> list[dict[str, str]]:
    """Return the plan in the import format: one dict per action with the keys of ``COLUMNS``."""
    return [_row(action) for action in _actions()]


def to_csv() -> str:
    """Return the plan as CSV text that ``khub import plan`` accepts."""
    lines: list[str] = []

    class _Sink:
        def write(self, text: str) -> None:
            lines.append(text)

    writer = csv.DictWriter(_Sink(), COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows())
    return "".join(lines)


def sources() -> dict[str, Source]:
    """Return, by action code, where each of the 13 published titles comes from."""
    found = {}
    for action in _actions():
        if action.published is None:
            continue
        addresses, confidence, remark, _ = action.published
        urls = tuple(part.strip() for part in addresses.split(";"))
        outcome = "; ".join(_published_parts(action, outcomes=True))
        note = (
            f"Judul dikutip dari pemberitaan pers ({remark}; keyakinan {confidence}): {' ; '.join(urls)}. "
            + (f"Hasil menurut sumber: {outcome}. " if outcome else "")
            + "Kode, penanggung jawab, komitmen, dan ukuran keberhasilan pada demo ini adalah contoh; "
            "K/L contoh menggantikan penanggung jawab yang sebenarnya."
        )
        found[action.code] = Source(urls, confidence, note)
    return found


def commitments(year: int = YEAR) -> list[CommitmentRow]:
    """Return one row per action on the table of ``year`` and responsible K/L, unanswered ones included.

    Computed from the rows: in 2023, 64 of 79 actions have a *ya* (41 of 50, 12 of 15, 11 of 14), from 36
    of 44 K/L. For 2022 the same K/L answer the same, for the actions that were on its table.
    """
    found = []
    opened = datetime(year, 1, 16, 8, 0, tzinfo=WIB)
    for action in _actions():
        if str(year) not in action.years:
            continue
        for name, mark in action.answers:
            if mark == "?":
                found.append(CommitmentRow(action.code, name, None, "", None))
                continue
            rng = _random("commitment", *([] if year == YEAR else [str(year)]), action.code, name)
            days = rng.randint(0, 60) if rng.random() < 0.8 else rng.randint(61, 230)  # noqa: PLR2004
            at = opened + timedelta(days=days, minutes=rng.randint(0, 9 * 60))
            reason = rng.choice(_REASONS) if mark == "-" else ""
            found.append(CommitmentRow(action.code, name, "ya" if mark == "+" else "tidak", reason, at))
    return found
