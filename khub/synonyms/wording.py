"""Words for acts on groups."""

from __future__ import annotations

from khub.errors import N_

#: Acts of a change, as its history says them.
CHANGES: dict[str, str] = {
    "added": N_("Ditambah"),
    "edited": N_("Diubah"),
    "removed": N_("Dihapus"),
    "undone": N_("Dibatalkan"),
    "imported": N_("Diimpor"),
    "starter": N_("Daftar awal"),
}
#: The same in the trail.
ACTS: dict[str, str] = {
    "synonym.added": N_("Menambah kelompok sinonim"),
    "synonym.edited": N_("Mengubah kelompok sinonim"),
    "synonym.removed": N_("Menghapus kelompok sinonim"),
    "synonym.undone": N_("Membatalkan perubahan sinonim"),
    "synonym.imported": N_("Mengimpor sinonim"),
    "synonym.starter": N_("Memuat daftar awal sinonim"),
}
