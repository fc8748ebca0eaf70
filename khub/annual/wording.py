"""Words for the codes that the annual report keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from khub import i18n
from khub.annual.citations import Standing
from khub.checking.wording import say
from khub.errors import N_
from khub.i18n import gettext

if TYPE_CHECKING:
    from collections.abc import Callable

    from khub.annual.citations import Cited
    from khub.annual.figures import Offer
    from khub.checking.model import Said

ACTS: dict[str, str] = {
    "annual.created": N_("Memulai Laporan Pelaksanaan"),
    "annual.date-set": N_("Mengganti tanggal angka hidup"),
    "annual.paragraph-added": N_("Menambah paragraf"),
    "annual.paragraph-saved": N_("Menyimpan paragraf"),
    "annual.paragraph-moved": N_("Memindahkan paragraf"),
    "annual.paragraph-deleted": N_("Menghapus paragraf"),
    "annual.paragraph-restored": N_("Memulihkan paragraf"),
    "annual.paragraph-conflict": N_("Menyimpan teks yang bentrok"),
    "annual.phrase-kept": N_("Membiarkan angka yang tidak cocok"),
    "annual.cited": N_("Mengutip"),
    "annual.cited-restricted": N_("Mengutip sumber terbatas"),
    "annual.citation-allowed": N_("Mengizinkan kutipan dari sumber terbatas"),
    "annual.citation-dropped": N_("Membuang kutipan"),
    "annual.input-opened": N_("Membuka masukan"),
    "annual.input-closed": N_("Menutup masukan"),
    "annual.commented": N_("Memberi masukan"),
    "annual.answered": N_("Menjawab masukan"),
    "annual.frozen": N_("Membekukan edisi"),
    "annual.export-asked": N_("Meminta ekspor laporan"),
    "annual.downloaded": N_("Mengunduh ekspor laporan"),
}
#: Standing of a citation → (words, class of its sign).
_STANDINGS: dict[str, tuple[str, str]] = {
    Standing.OK: (N_("Kata masih ada"), "st-cocok"),
    Standing.PENDING: (N_("v%(newer)s menunggu"), "st-waspada"),
    Standing.SUPERSEDED: (N_("Ada yang lebih baru: v%(newer)s"), "st-waspada"),
    Standing.GONE: (N_("Kata tidak lagi ada"), "st-tidak-cocok"),
    Standing.RESTRICTED: (N_("Sumber terbatas"), "st-tidak-cocok"),
    Standing.UNAPPROVED: (N_("Tidak (lagi) disetujui"), "st-tidak-cocok"),
}
REVISIONS: dict[str, str] = {
    "added": N_("ditambahkan"),
    "saved": N_("disimpan"),
    "deleted": N_("dihapus"),
    "restored": N_("dipulihkan"),
    "conflict": N_("tidak dipakai: bentrok dengan simpanan lain"),
}
STATES: dict[str, str] = {
    "waiting": N_("Menunggu giliran"),
    "working": N_("Sedang dibuat"),
    "done": N_("Siap"),
    "refused": N_("Tidak dibuat"),
    "expired": N_("Sudah dihapus: berkas draf disimpan 90 hari"),
}
WHY: dict[str, str] = {
    "restricted": N_("Ada kutipan yang belum boleh keluar. Periksa kutipan, lalu minta lagi."),
    "no-libreoffice": N_("LibreOffice tidak terpasang pada peladen, jadi PDF tidak dapat dibuat."),
    "no-pdf": N_("LibreOffice gagal membuat PDF. Ekspor DOCX tetap dapat dipakai."),
}
DIFFERENCES: dict[str, str] = {
    "figure": N_("Angka berubah"),
    "table": N_("Tabel berubah"),
    "changed": N_("Paragraf diubah"),
    "added": N_("Ditambahkan"),
    "removed": N_("Dihapus"),
    "reference": N_("Kutipan"),
}


def standing(cited: Cited) -> str:
    """Return how a citation stands, in words."""
    return str(gettext(_STANDINGS[cited.standing][0], newer=cited.newer))


def standing_class(cited: Cited) -> str:
    """Return the class of the sign beside the words of ``standing``."""
    return _STANDINGS[cited.standing][1]


def offered(offer: Offer) -> str:
    """Return an option of the list of live figures: what it is, of what, and what it says now."""
    label = gettext(offer.label, **offer.params)
    branch = f" · {offer.params['branch']}" if offer.params["branch"] else ""
    return f"{label}{branch}: {offer.now}" if offer.now else gettext("Tabel: %(name)s", name=label)


def spoken(said: Said) -> str:
    """Return a sentence of Periksa angka with its numbers as the page's language writes them."""
    return say(said, i18n.language(), gettext)


FILTERS: dict[str, Callable[..., str]] = {
    "keadaan_kutipan": standing,
    "tanda_kutipan": standing_class,
    "tawaran_angka": offered,
    "kata_periksa": spoken,
}
