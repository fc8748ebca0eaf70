"""What a machine can say about a handed-in keluaran, each time with its proof. Pure.

The answers are hints for a person: none of them decides.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

from khub.errors import N_
from khub.months import NUMBER_OF

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from khub.products.queries import FileShown

_WORDS = "|".join(sorted(NUMBER_OF, key=len, reverse=True))
_DATE = re.compile(
    rf"\b(?:(?P<d1>\d{{1,2}})(?:\s?[–-]\s?\d{{1,2}})?\s+(?P<m1>{_WORDS})\.?|(?P<m2>{_WORDS})\.?\s+(?P<d2>\d{{1,2}}),?)"
    r"\s+(?P<y>(?:19|20)\d\d)\b",
    re.IGNORECASE,
)
_MONTH = re.compile(rf"\b(?P<m>{_WORDS})\.?\s+(?P<y>(?:19|20)\d\d)\b", re.IGNORECASE)
_WAIT = N_("Berkas masih dibaca; muat ulang sebentar lagi.")
_SIGNED = re.compile(
    r"tanda\s?tangan(?:i|an)?\s+(?:secara\s+)?(?:elektronik|digital)|sertifikat\s+elektronik|\bBSrE\b"
    r"|(?:electronic|digital)(?:ly)?\s+sign(?:ed|ature)",
    re.IGNORECASE,
)
_INITIALED = re.compile(r"(?<!\w)t\.?t\.?d\b", re.IGNORECASE)
#: Lines of a first page in which a letterhead names its K/L.
_TOP = 8
#: States in which reading is not over.
UNREAD = frozenset({"waiting", "processing"})


class Result(StrEnum):
    """What a check came to; the keys of the template's ``check`` macro."""

    MATCH = "match"
    MISMATCH = "mismatch"
    ATTENTION = "attention"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Proof:
    """Pages of one file that a check rests on (1-based)."""

    file: str
    name: str
    pages: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the checklist; ``text`` is a msgid with ``params``, dates among them as dates.

    ``unread``: files are still being read, so there may be more to say in a moment.
    """

    name: str
    result: Result
    text: str
    params: Mapping[str, object] = field(default_factory=dict)
    proofs: tuple[Proof, ...] = ()
    unread: bool = False


@dataclass(frozen=True, slots=True)
class Range:
    """The period that was named, with its days."""

    name: str
    starts: date
    ends: date


@dataclass(frozen=True, slots=True)
class PageRead:
    """The text of one page of a file."""

    file: FileShown
    number: int
    text: str


def dates_in(text: str) -> Iterator[date]:
    """Yield the days named in Indonesian or English words, in the order of the text."""
    for match in _DATE.finditer(text):
        month = NUMBER_OF[(match["m1"] or match["m2"]).lower()]
        try:
            yield date(int(match["y"]), month, int(match["d1"] or match["d2"]))
        except ValueError:
            continue


def months_in(text: str) -> Iterator[tuple[date, str]]:
    """Yield (first day, words) of the months named with a year, in the order of the text."""
    for match in _MONTH.finditer(text):
        yield date(int(match["y"]), NUMBER_OF[match["m"].lower()], 1), " ".join(match[0].split())


def of_period(period: Range | None, pages: Sequence[PageRead]) -> Check:
    """Look for a day within the period, else a month; the first one found is the proof."""
    if period is None:
        return Check("period", Result.MISMATCH, N_("Keluaran ini tidak menyebut periode."))
    days = _of_days(period, pages)
    if days is not None and days.result is Result.MATCH:
        return days
    return (
        _of_months(period, pages)
        or days
        or Check(
            "period",
            Result.UNKNOWN,
            N_("Tidak ada tanggal yang terbaca pada %(pages)s halaman pertama."),
            {"pages": len(pages)},
        )
    )


def _of_months(period: Range, pages: Sequence[PageRead]) -> Check | None:
    for page in pages:
        for first, words in months_in(page.text):
            if period.starts.replace(day=1) <= first <= period.ends:
                return Check(
                    "period",
                    Result.MATCH,
                    N_("%(month)s disebut, dalam %(period)s."),
                    {"month": words, "period": period.name},
                    (_proof(page),),
                )
    return None


def _of_days(period: Range, pages: Sequence[PageRead]) -> Check | None:
    outside: tuple[date, PageRead] | None = None
    for page in pages:
        for day in dates_in(page.text):
            if period.starts <= day <= period.ends:
                return Check(
                    "period",
                    Result.MATCH,
                    N_("Tanggal %(day)s ada dalam %(period)s."),
                    {"day": day, "period": period.name},
                    (_proof(page),),
                )
            outside = outside or (day, page)
    if outside is not None:
        return Check(
            "period",
            Result.ATTENTION,
            N_("Tanggal yang terbaca, antara lain %(day)s, di luar %(period)s."),
            {"day": outside[0], "period": period.name},
            (_proof(outside[1]),),
        )
    return None


def of_reading(
    files: Sequence[FileShown], read: Mapping[str, int], failed: Mapping[str, tuple[int, ...]]
) -> Check:
    """Count the pages with text. ``read`` and ``failed``: by file id, how many and which pages."""
    if any(file.state in UNREAD for file in files):
        return Check("reading", Result.UNKNOWN, _WAIT, unread=True)
    total = sum(file.page_count for file in files)
    done = sum(read.get(file.public_id, 0) for file in files)
    proofs = tuple(
        Proof(file.public_id, file.name, failed[file.public_id])
        for file in files
        if failed.get(file.public_id)
    )
    if not done:
        return Check(
            "reading", Result.ATTENTION, N_("Tidak ada halaman berteks, jadi tidak dapat dicari."), {}, proofs
        )
    whole = done >= total and all(file.state == "read" for file in files)
    return Check(
        "reading",
        Result.MATCH if whole else Result.ATTENTION,
        N_("%(done)s dari %(total)s halaman berteks."),
        {"done": done, "total": max(done, total)},
        proofs,
    )


def of_personal_data(files: Sequence[FileShown], answer: str) -> Check:
    """Show where patterns of personal data stand, beside what the owner answered."""
    proofs = tuple(
        Proof(file.public_id, file.name, _pages(finding)) for file in files for finding in file.personal
    )
    if proofs:
        words = {
            "yes": N_("%(count)s nomor berpola data pribadi; pemilik menjawab: memuat."),
            "no": N_("%(count)s nomor berpola data pribadi; pemilik menjawab: bukan data pribadi."),
        }
        count = sum(int(str(finding["count"])) for file in files for finding in file.personal)
        text = words.get(answer, N_("%(count)s nomor berpola data pribadi; pemilik belum menjawab."))
        return Check("personal", Result.ATTENTION, text, {"count": count}, proofs)
    if any(file.state in UNREAD for file in files):
        return Check("personal", Result.UNKNOWN, _WAIT, unread=True)
    if not any(file.state in ("read", "partial") for file in files):
        return Check("personal", Result.UNKNOWN, N_("Tanpa teks, mesin tidak dapat memeriksa."))
    return Check("personal", Result.MATCH, N_("Tidak ada nomor berpola NIK atau telepon."))


def of_signature(pages: Sequence[PageRead]) -> Check:
    """Look for words of an electronic signature; whether it is valid is not looked at."""
    for page in pages:
        if _SIGNED.search(page.text):
            return Check(
                "signed",
                Result.MATCH,
                N_("Kalimat tanda tangan elektronik terbaca. Keabsahannya tidak diperiksa."),
                {},
                (_proof(page),),
            )
    for page in pages:
        if _INITIALED.search(page.text):
            return Check(
                "signed",
                Result.UNKNOWN,
                N_("Tertulis ttd; lihat sendiri tanda tangannya."),
                {},
                (_proof(page),),
            )
    return Check(
        "signed", Result.UNKNOWN, N_("Tidak ada kalimat tanda tangan elektronik; yang basah dilihat sendiri.")
    )


def of_letterhead(names: Sequence[str], pages: Sequence[PageRead]) -> Check:
    """Look for the K/L's name (any of ``names``) in the first lines of a file's first page."""
    wanted = [re.compile(rf"\b{re.escape(name)}\b", re.IGNORECASE) for name in names if name]
    for page in pages:
        if page.number == 1:
            top = "\n".join([line for line in page.text.splitlines() if line.strip()][:_TOP])
            if any(pattern.search(top) for pattern in wanted):
                return Check(
                    "letterhead", Result.MATCH, N_("Nama K/L ada di bagian atas."), {}, (_proof(page),)
                )
    return Check("letterhead", Result.UNKNOWN, N_("Nama K/L tidak terbaca di bagian atas hlm. 1."))


def without_files(name: str) -> Check:
    """Return the check of something that needs a page, for a report without keluaran."""
    return Check(name, Result.UNKNOWN, N_("Laporan ini tanpa keluaran, jadi tanpa halaman."))


def clean(checks: Iterable[Check]) -> bool:
    """Tell whether the machine finds nothing against it, and has read all there is."""
    return not any(check.unread or check.result in (Result.MISMATCH, Result.ATTENTION) for check in checks)


def of_actions(year: int | None, off_table: Sequence[str], strangers: Sequence[str]) -> Check:
    """Hold the actions against the plan: on the table of the year, and answered for by the K/L.

    ``off_table``: codes not on that table; ``strangers``: codes that the owner is not tied to.
    """
    if year is not None and off_table:
        return Check(
            "actions",
            Result.ATTENTION,
            N_("Aksi %(codes)s tidak ada dalam daftar tahun %(year)s."),
            {"codes": ", ".join(off_table), "year": year},
        )
    if strangers:
        return Check(
            "actions",
            Result.ATTENTION,
            N_("K/L pemilik bukan penanggung jawab atau instansi terkait aksi %(codes)s."),
            {"codes": ", ".join(strangers)},
        )
    if year is None:
        return Check("actions", Result.UNKNOWN, N_("Tanpa periode, daftar tahunnya tidak dikenali."))
    return Check("actions", Result.MATCH, N_("Ada dalam daftar tahun %(year)s."), {"year": year})


def _proof(page: PageRead) -> Proof:
    return Proof(page.file.public_id, page.file.name, (page.number,))


def _pages(finding: Mapping[str, object]) -> tuple[int, ...]:
    pages = finding["pages"]
    return tuple(int(str(page)) for page in _iterable(pages))


def _iterable(value: object) -> Iterable[object]:
    return value if isinstance(value, list | tuple) else ()
