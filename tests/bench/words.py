"""Words for measuring, as often as words are: real roots in front, made-up ones behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random

_ROOTS = [
    "guru",
    "modul",
    "toleransi",
    "sekolah",
    "pelatihan",
    "kelas",
    "peserta",
    "laporan",
    "kegiatan",
    "masyarakat",
    "polisi",
    "damai",
    "pemuda",
    "agama",
    "korban",
    "saksi",
    "pelindungan",
    "deradikalisasi",
    "kampanye",
    "daring",
    "konten",
    "media",
    "kerja",
    "sama",
    "negara",
    "anggaran",
    "kendala",
    "rekomendasi",
    "evaluasi",
    "kurikulum",
    "dosen",
    "penyuluh",
    "lembaga",
    "kementerian",
    "desa",
    "kota",
    "provinsi",
    "perempuan",
    "anak",
    "keluarga",
    "narasi",
    "kontra",
    "ekstremisme",
    "terorisme",
    "pencegahan",
    "pemulihan",
    "reintegrasi",
    "pendampingan",
    "psikososial",
    "hukum",
    "perkara",
]


def vocabulary(rng: random.Random) -> tuple[list[str], list[float]]:
    """Return words and their weights: real roots with affixes in front, made-up ones behind, after Zipf."""
    affixed = [
        f"{prefix}{root}{suffix}"
        for root in _ROOTS
        for prefix in ("", "pe", "ber")
        for suffix in ("", "an", "nya")
    ]
    syllables = [c + v for c in "bcdghjklmnprstw" for v in "aiueo"]
    made = ["".join(rng.choices(syllables, k=rng.randint(2, 4))) for _ in range(40_000)]
    words = list(dict.fromkeys([*_ROOTS, *affixed, *made]))
    return words, [1 / (rank + 10) for rank in range(len(words))]
