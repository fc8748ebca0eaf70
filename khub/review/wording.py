"""Words for what reviewers do, in the trail."""

from __future__ import annotations

from khub.errors import N_

#: Acts on a report and second looks; those on a keluaran stand with the keluaran's other acts.
ACTS: dict[str, str] = {
    "review.answered": N_("Menjawab daftar periksa"),
    "report.opened": N_("Membuka laporan untuk ditinjau"),
    "report.released": N_("Melepaskan laporan dari peninjauan"),
    "report.answered": N_("Menjawab daftar periksa laporan"),
    "report.returned": N_("Mengembalikan laporan"),
    "report.approved": N_("Menyetujui laporan: lengkap dan sesuai"),
    "report.reopened": N_("Membuka kembali laporan"),
    "second.opened": N_("Membuka tinjauan kedua"),
    "second.answered": N_("Menjawab tinjauan kedua"),
    "second.decided": N_("Memutus tinjauan kedua"),
}
