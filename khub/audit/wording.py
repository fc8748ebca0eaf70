"""Words for the trail: acts, kinds of object, the facts worth reading at a glance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from khub.annual.wording import ACTS as ANNUAL_ACTS
from khub.errors import N_
from khub.i18n import gettext
from khub.products.wording import ACTS as PRODUCT_ACTS
from khub.reports.wording import ACTS as REPORT_ACTS
from khub.review.wording import ACTS as REVIEW_ACTS
from khub.synonyms.wording import ACTS as SYNONYM_ACTS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ACTS: dict[str, str] = {
    **PRODUCT_ACTS,
    **REPORT_ACTS,
    **REVIEW_ACTS,
    **ANNUAL_ACTS,
    **SYNONYM_ACTS,
    "session.opened": N_("Masuk"),
    "session.closed": N_("Keluar"),
    "session.refused": N_("Gagal masuk"),
    "session.revoked": N_("Mengakhiri sesi"),
    "password.changed": N_("Mengganti kata sandi"),
    "password.set": N_("Menetapkan kata sandi"),
    "password.reset-issued": N_("Membuat tautan atur ulang kata sandi"),
    "password.reset-used": N_("Memakai tautan atur ulang kata sandi"),
    "person.created": N_("Membuat akun"),
    "person.changed": N_("Mengubah akun"),
    "person.activated": N_("Mengaktifkan akun"),
    "person.deactivated": N_("Menonaktifkan akun"),
    "membership.added": N_("Memberi peran"),
    "membership.ended": N_("Mengakhiri peran"),
    "person.handed-over": N_("Serah terima"),
    "institution.added": N_("Menambah K/L"),
    "institution.changed": N_("Mengubah K/L"),
    "plan.imported": N_("Mengimpor rencana"),
    "period.created": N_("Menambah periode"),
    "period.changed": N_("Mengubah periode"),
    "period.moved": N_("Memindahkan keadaan periode"),
    "period.extended": N_("Memperpanjang tenggat"),
    "year.set": N_("Menetapkan daftar aksi suatu tahun"),
    "commitment.recorded": N_("Mencatat komitmen"),
    "commitment.returned": N_("Mengembalikan komitmen"),
    "commitment.confirmed": N_("Mengonfirmasi komitmen atas nama"),
    "contact.added": N_("Menambah kontak"),
    "contact.changed": N_("Mengubah kontak"),
    "contact.removed": N_("Menghapus kontak"),
    "note.added": N_("Mencatat pembicaraan"),
    "follow-up.added": N_("Menambah tindak lanjut"),
    "follow-up.changed": N_("Mengubah tindak lanjut"),
    "follow-up.done": N_("Menyelesaikan tindak lanjut"),
    "follow-up.reopened": N_("Membuka lagi tindak lanjut"),
    "letter-template.saved": N_("Menyimpan templat surat"),
    "search.as": N_("Mencari sebagai orang lain"),
    "saved.created": N_("Menyimpan pencarian"),
    "saved.changed": N_("Mengubah pencarian tersimpan"),
    "saved.removed": N_("Menghapus pencarian tersimpan"),
    "saved.alert-set": N_("Mengatur kabar pencarian tersimpan"),
    "reminder.prepared": N_("Menyiapkan pengingat"),
    "mail.retried": N_("Mengirim ulang surat"),
    "mail.dropped": N_("Membatalkan surat"),
    "mail.wishes-changed": N_("Mengatur surat untuk dirinya"),
    "feed.opened": N_("Membuat alamat rahasia"),
    "feed.closed": N_("Mencabut alamat rahasia"),
    "holiday.added": N_("Menambah hari libur"),
    "holiday.removed": N_("Menghapus hari libur"),
    "index.rebuild-asked": N_("Meminta indeks dibangun ulang"),
    "job.retried": N_("Mengulang pekerjaan yang gagal"),
    "audit.verified": N_("Memeriksa rantai audit"),
}

OBJECTS: dict[str, str] = {
    "product": N_("keluaran"),
    "report": N_("laporan"),
    "annual": N_("Laporan Pelaksanaan"),
    "person": N_("orang"),
    "synonym": N_("sinonim"),
    "institution": N_("K/L"),
    "plan": N_("rencana"),
    "period": N_("periode"),
    "action": N_("aksi"),
    "index": N_("indeks"),
    "job": N_("pekerjaan"),
    "mail": N_("surat"),
    "holiday": N_("hari libur"),
    "chain": N_("rantai audit"),
    "follow-up": N_("tindak lanjut"),
    "letter-template": N_("templat surat"),
    "saved": N_("pencarian tersimpan"),
}

#: Why a chain is broken, by ``ChainReport.why``.
BREAKS: dict[str, str] = {
    "missing": N_("Ada nomor yang hilang."),
    "link": N_("Kejadian ini tidak menyambung dari yang sebelumnya."),
    "content": N_("Isi kejadian ini diubah."),
    "head": N_("Ujung rantai tidak sama dengan kepala yang dicatat basis data."),
}

_FACTS: dict[str, str] = {
    "version": N_("versi %(value)s"),
    "snapshot": N_("cuplikan %(value)s"),
    "receipt": N_("tanda terima %(value)s"),
    "into": N_("menjadi %(value)s"),
    "name": N_("nama %(value)s"),
    "role": N_("peran %(value)s"),
    "year": N_("tahun %(value)s"),
    "institution": N_("K/L %(value)s"),
    "answer": N_("jawaban %(value)s"),
    "events": N_("%(value)s kejadian"),
    "letters": N_("%(value)s surat"),
}


def act(code: str) -> str:
    """Return the words for an act."""
    return str(gettext(ACTS.get(code, code)))


def object_word(kind: str) -> str:
    """Return the word for a kind of object."""
    return str(gettext(OBJECTS.get(kind, kind)))


def break_word(why: str) -> str:
    """Return why the chain is broken, in words."""
    return str(gettext(BREAKS.get(why, why)))


def facts_in_words(facts: Mapping[str, object]) -> str:
    """Return the facts that say something at a glance: "versi 1 · cuplikan 2"."""
    said = []
    if isinstance(facts.get("from"), str) and isinstance(facts.get("to"), str):
        said.append(gettext("dari %(before)s ke %(after)s", before=facts["from"], after=facts["to"]))
    for key, words in _FACTS.items():
        value = facts.get(key)
        if isinstance(value, str | int) and not isinstance(value, bool) and value != "":
            said.append(gettext(words, value=value))
    if facts.get("bulk") is True:
        said.append(gettext("massal"))
    return " · ".join(said)


FILTERS: dict[str, Callable[..., str]] = {
    "perbuatan_jejak": act,
    "jenis_objek": object_word,
    "sebab_putus": break_word,
    "fakta_ringkas": facts_in_words,
}
