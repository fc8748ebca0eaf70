"""Who can sign in to the demo, as what, and where each should start. All names are invented."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

from khub.demo.catalogue import institution_name
from khub.policy import Role

#: One password for every demo login; a demo binds to this machine and says so.
PASSWORD: Final = "contoh-khub"  # noqa: S105 - printed on the demo's start screen


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """A login with its one membership. ``listed``: printed at the start; others only own documents."""

    login: str
    name: str
    role: Role
    institution: str | None
    pokja: int | None
    start: str
    start_en: str
    listed: bool = True


_LISTED = (
    DemoPerson(
        "sekretariat",
        "Ratna Contoh",
        Role.SECRETARIAT,
        None,
        None,
        "Lihat siapa yang belum lapor, lalu tinjau keluaran yang diajukan.",
        "See who has not reported yet, then review what was submitted.",
    ),
    DemoPerson(
        "sekretariat2",
        "Wahyu Contoh",
        Role.SECRETARIAT,
        None,
        None,
        "Tinjau keluaran yang tidak boleh diputuskan rekan Anda.",
        "Review the outputs that your colleague may not decide on.",
    ),
    DemoPerson(
        "pokja1",
        "Dewi Contoh",
        Role.MEMBER,
        institution_name(7),
        1,
        "Perbaiki keluaran yang dikembalikan, atau unggah yang baru untuk aksi 1.3.07.",
        "Mend the output that was returned, or upload a new one for action 1.3.07.",
    ),
    DemoPerson(
        "pokja1b",
        "Bagus Contoh",
        Role.MEMBER,
        institution_name(12),
        1,
        "Cari modul pelatihan guru toleransi, lalu buka halamannya.",
        "Search for modul pelatihan guru toleransi, then open its page.",
    ),
    DemoPerson(
        "ketua1",
        "Laras Contoh",
        Role.CHAIR,
        None,
        1,
        "Periksa kelengkapan Pokja 1 per aksi.",
        "Check how complete Pokja 1 is, action by action.",
    ),
    DemoPerson(
        "pejabat07",
        "Hendra Contoh",
        Role.OFFICIAL,
        institution_name(7),
        1,
        "Ajukan draf milik K/L Contoh 07.",
        "Submit the drafts of K/L Contoh 07.",
    ),
    DemoPerson(
        "pokja2",
        "Sari Contoh",
        Role.MEMBER,
        institution_name(30),
        2,
        "Lihat keluaran terbatas Pilar 2 yang tidak tampak bagi pokja lain.",
        "See the restricted outputs of Pilar 2 that other pokja do not see.",
    ),
    DemoPerson(
        "pokja3",
        "Tegar Contoh",
        Role.MEMBER,
        institution_name(38),
        3,
        "Cari laporan berbahasa Inggris tentang kerja sama internasional.",
        "Search the English reports on international cooperation.",
    ),
    DemoPerson(
        "auditor",
        "Maya Contoh",
        Role.AUDITOR,
        None,
        None,
        "Telusuri keluaran per aksi, termasuk yang ditarik kembali.",
        "Browse outputs per action, withdrawn ones included.",
    ),
    DemoPerson(
        "admin",
        "Yoga Contoh",
        Role.ADMIN,
        None,
        None,
        "Kelola akun dan impor rencana.",
        "Manage accounts and import the plan.",
    ),
)
#: K/L whose documents the demo holds besides those with a listed login: (number, pokja, name).
_OWNERS = (
    (1, 1, "Arum Contoh"),
    (3, 1, "Bima Contoh"),
    (9, 1, "Citra Contoh"),
    (14, 1, "Damar Contoh"),
    (16, 1, "Endah Contoh"),
    (20, 1, "Fajar Contoh"),
    (24, 1, "Gita Contoh"),
    (28, 2, "Hanum Contoh"),
    (31, 2, "Intan Contoh"),
    (34, 2, "Jaya Contoh"),
    (35, 2, "Kirana Contoh"),
    (37, 3, "Lukman Contoh"),
    (40, 3, "Mega Contoh"),
    (43, 3, "Nanda Contoh"),
)


@cache
def people() -> tuple[DemoPerson, ...]:
    """Return every demo account: the ten listed logins first, then owners of other K/L's documents."""
    owners = tuple(
        DemoPerson(
            f"operator{number:02d}",
            name,
            Role.MEMBER,
            institution_name(number),
            pokja,
            "Lihat keluaran K/L Anda.",
            "See the outputs of your K/L.",
            listed=False,
        )
        for number, pokja, name in _OWNERS
    )
    return _LISTED + owners


def owner(institution: str, pokja: int) -> str:
    """Return the login that uploads for a K/L within a pokja; KeyError when the demo has none."""
    for person in people():
        if person.role is Role.MEMBER and (person.institution, person.pokja) == (institution, pokja):
            return person.login
    raise KeyError((institution, pokja))
