"""Words for what reading a file gave, and for events of the trail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import ngettext

from indexer.extract.ocr import INSTALL
from khub import web
from khub.errors import N_
from khub.i18n import gettext, language
from khub.products.pages import WITH_PICTURES, page_phrase

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from khub.products.drafts import Choice
    from khub.products.pages import FileRef
    from khub.products.queries import FileShown
    from khub.search.scope import Unread

STATES: dict[str, str] = {
    "waiting": N_("Menunggu"),
    "processing": N_("Sedang diproses"),
    "read": N_("Siap dicari"),
    "partial": N_("Siap sebagian"),
    "needs_ocr": N_("Perlu OCR"),
    "ocr_running": N_("Sedang dibaca dari pindaian"),
    "ocr_failed": N_("Pindaian tidak terbaca"),
    "locked": N_("Terkunci kata sandi"),
    "no_text": N_("Tanpa teks"),
    "broken": N_("Rusak"),
    "too_risky": N_("Terlalu besar atau berisiko"),
    "timeout": N_("Waktu habis"),
    "unsupported": N_("Jenis tidak didukung"),
    "evidence": N_("Tersimpan sebagai bukti"),
}

#: What a person can do about a state; the reason code, where known, says more.
_ADVICE: dict[str, str] = {
    "waiting": N_("Berkas sudah tersimpan. Teksnya dibaca sebentar lagi."),
    "processing": N_("Teksnya sedang dibaca."),
    "partial": N_("Sebagian halaman tidak terbaca; sisanya dapat dicari."),
    "needs_ocr": N_("Halamannya gambar pindaian; menunggu giliran dibaca. Berkas sudah dapat diunduh."),
    "ocr_running": N_("Halaman yang sudah dibaca dari pindaian dapat dicari."),
    "ocr_failed": N_("Halaman pindaiannya tidak dapat dibaca. Berkas tetap tersimpan dan dapat diunduh."),
    "locked": N_("Berkas dikunci kata sandi. Unggah salinan tanpa kata sandi agar dapat dibaca dan dicari."),
    "no_text": N_("Tidak ada teks di dalamnya. Berkas tetap tersimpan dan dapat diunduh."),
    "broken": N_(
        "Berkas rusak atau terpotong. Simpan ulang dari aplikasinya, lalu unggah sebagai pengganti."
    ),
    "too_risky": N_("Isinya melampaui batas aman, jadi tidak dibuka. Berkas tetap tersimpan."),
    "timeout": N_("Membacanya terlalu lama. Coba baca ulang, atau unggah bentuk yang lebih sederhana."),
    "unsupported": N_("khub belum dapat membaca jenis ini. Berkas tetap tersimpan dan dapat diunduh."),
    "evidence": N_("Gambar disimpan sebagai bukti dengan pratinjau."),
}

_OBSTACLES: dict[str, str] = {
    "off": N_("Halamannya gambar pindaian, dan OCR dimatikan di server ini (KHUB_OCR=off)."),
    "no_tool": N_(
        "Halamannya gambar pindaian. Agar dapat dicari, server ini perlu tesseract: %(install)s. "
        "Berkas tetap dapat diunduh."
    ),
    "no_language": N_(
        "Halamannya gambar pindaian. tesseract di server ini belum mengenal bahasa Indonesia: %(install)s."
    ),
}

#: Why a page could not be read from its picture, by the code of the sandbox.
_FAILURES: dict[str, str] = {
    "limit.time": N_("OCR melampaui batas waktu pada sebuah halaman."),
    "limit.memory": N_("OCR melampaui batas memori pada sebuah halaman."),
    "image.pixels": N_("Gambarnya terlalu besar untuk OCR."),
    "reader.crash": N_("OCR berhenti karena kesalahan pada sebuah halaman."),
    "page.failed": N_("Gambar sebuah halaman tidak dapat dibuat."),
    "image.damaged": N_("Gambar sebuah halaman rusak."),
    "pdf.damaged": N_("Gambar sebuah halaman rusak."),
}

_WARNINGS: dict[str, str] = {
    "wrong_extension": N_("Akhiran nama tidak cocok dengan isinya; khub membaca menurut isinya."),
    "macros": N_("Berisi makro. khub tidak menjalankannya; pengunduh sebaiknya juga tidak."),
    "cut.pages": N_("Terlalu banyak halaman; hanya bagian awal yang dapat dicari."),
    "cut.text": N_("Teksnya terlalu panjang; hanya bagian awal yang dapat dicari."),
}

ACTS: dict[str, str] = {
    "product.created": N_("Membuat draf"),
    "product.split": N_("Memisahkan berkas menjadi keluaran tersendiri"),
    "product.discarded": N_("Membuang draf"),
    "product.handed-over": N_("Menyerahterimakan draf"),
    "product.submitted": N_("Mengajukan"),
    "product.withdrawn": N_("Menarik kembali"),
    "product.classified": N_("Mengubah klasifikasi"),
    "version.created": N_("Mulai versi baru"),
    "version.discarded": N_("Membuang draf versi"),
    "version.from-draft": N_("Menjadikan draf versi baru"),
    "file.received": N_("Menerima berkas"),
    "file.removed": N_("Melepas berkas"),
    "file.retried": N_("Meminta berkas dibaca ulang"),
    "file.downloaded": N_("Mengunduh berkas"),
    "review.opened": N_("Membuka untuk ditinjau"),
    "review.released": N_("Melepaskan dari peninjauan"),
    "review.returned": N_("Mengembalikan"),
    "review.approved": N_("Menyetujui: lengkap dan sesuai"),
    "review.reopened": N_("Membuka kembali"),
}


def state_word(state: str) -> str:
    """Return the word for a file state."""
    return str(gettext(STATES.get(state, state)))


def advice(state: str, page_count: int, detail: dict[str, object], reason: str = "") -> str:
    """Return what a person should know about a file in ``state``; "" where all is well."""
    scanned = _of_scan(state, page_count, detail, reason)
    if scanned:
        return scanned
    if state == "partial" and isinstance(detail.get("failed"), int):
        return str(
            gettext(
                "%(failed)s dari %(pages)s halaman tidak terbaca; sisanya dapat dicari.",
                failed=detail["failed"],
                pages=page_count,
            )
        )
    return str(gettext(_ADVICE[state])) if state in _ADVICE else ""


def _of_scan(state: str, page_count: int, detail: dict[str, object], reason: str) -> str:
    """Return how far the pages are that are pictures, "" where there are none."""
    scans, done, confidence = (int(str(detail.get(name, 0))) for name in ("scans", "done", "confidence"))
    if reason == "ocr.photo":
        return str(gettext("Gambar disimpan sebagai bukti; OCR tidak menemukan teks di dalamnya."))
    if reason.removeprefix("ocr.") in _FAILURES:
        why = str(gettext(_FAILURES[reason.removeprefix("ocr.")]))
        return f"{gettext(_ADVICE[state]) if state in _ADVICE else ''} {why}".strip()
    if state == "needs_ocr" or (state == "partial" and scans and not confidence):
        blocked = _OBSTACLES.get(web.services().ocr.state().obstacle, "")
        if blocked:
            return str(gettext(blocked, install=INSTALL))
    if state in ("ocr_running", "partial") and done:
        return str(
            gettext(
                "%(done)s dari %(scans)s halaman pindaian sudah dibaca dan dapat dicari.",
                done=done,
                scans=scans,
            )
        )
    if state == "read" and scans and scans < page_count:
        return str(
            gettext(
                "%(scans)s dari %(pages)s halaman dibaca dari pindaian, keyakinan %(percent)s %%.",
                scans=scans,
                pages=page_count,
                percent=confidence,
            )
        )
    return confidence_words(confidence) if state == "read" and scans else ""


def confidence_words(percent: int) -> str:
    """Return that a text was read from a picture, and how surely."""
    return str(gettext("dibaca dari pindaian, keyakinan %(percent)s %%", percent=percent))


def may_read_again(file: FileShown) -> bool:
    """Tell whether reading a file once more may help."""
    if file.state == "evidence":
        return file.reason.removeprefix("ocr.") in _FAILURES
    return file.state not in ("read", "waiting", "processing", "needs_ocr", "ocr_running")


def warning(code: str) -> str:
    """Return the words for a warning code."""
    return str(gettext(_WARNINGS.get(code, code)))


def act(code: str) -> str:
    """Return the words for an event code."""
    return str(gettext(ACTS.get(code, code)))


_TYPES = {
    "application/pdf": "PDF",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "DOCX",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.template": "DOTX",
    "application/vnd.ms-word.document.macroenabled.12": "DOCM",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "PPTX",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "XLSX",
    "application/vnd.oasis.opendocument.text": "ODT",
    "text/plain": "TXT",
    "text/csv": "CSV",
    "text/markdown": "MD",
    "text/html": "HTML",
    "image/jpeg": "JPG",
    "image/png": "PNG",
}


def type_word(media_type: str) -> str:
    """Return the short name of a media type."""
    return _TYPES.get(media_type.lower(), media_type)


def has_image(media_type: str) -> bool:
    """Tell whether pages of such a file can be shown as pictures."""
    return media_type in WITH_PICTURES


def count_pages(media_type: str, count: int) -> str:
    """Return "9 halaman", "12 salindia", "3 lembar" or "± 4 bagian"."""
    short = type_word(media_type)
    if short == "PPTX":
        return str(ngettext("%(num)s salindia", "%(num)s salindia", count))
    if short == "XLSX":
        return str(ngettext("%(num)s lembar", "%(num)s lembar", count))
    if short in ("PDF", "JPG", "PNG"):
        return str(ngettext("%(num)s halaman", "%(num)s halaman", count))
    return str(ngettext("± %(num)s halaman", "± %(num)s halaman", count))


def page_word(kind: str, label: str, *, approximate: bool) -> str:
    """Return how a hit names its page: "hlm. 3", "± hlm. 3", "salindia 9", "lembar Rekap"."""
    return str(gettext(page_phrase(kind, approximate=approximate), label=label))


def file_advice(file: FileShown | FileRef | Unread) -> str:
    """Return ``advice`` for a file as pages hold it."""
    return advice(file.state, file.page_count, file.detail, file.reason)


def personal_finding(finding: dict[str, object]) -> str:
    """Return what the scan for personal data found, in words."""
    number = int(str(finding["count"]))
    if finding["kind"] == "nik":
        return str(ngettext("%(num)s nomor berpola NIK", "%(num)s nomor berpola NIK", number))
    return str(ngettext("%(num)s nomor berpola telepon", "%(num)s nomor berpola telepon", number))


def page_list(pages: Sequence[int]) -> str:
    """Return "hlm. 2–4, 9" for page numbers."""
    runs: list[list[int]] = []
    for page in sorted(pages):
        if runs and page == runs[-1][-1] + 1:
            runs[-1].append(page)
        else:
            runs.append([page])
    shown = ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs)
    return str(gettext("hlm. %(label)s", label=shown))


def option(choice: Choice) -> tuple[str, str]:
    """Return a choice as (value, label) in the page's language."""
    english = language() == "en" and choice.label_en
    return choice.value, choice.label_en if english else choice.label


FILTERS: dict[str, Callable[..., object]] = {
    "jenis_berkas": type_word,
    "punya_gambar": has_image,
    "hitung_halaman": count_pages,
    "nasihat_berkas": file_advice,
    "boleh_dibaca_ulang": may_read_again,
    "sebut_keyakinan": confidence_words,
    "peringatan_berkas": warning,
    "temuan_pribadi": personal_finding,
    "daftar_halaman": page_list,
    "pasangan": option,
    "perbuatan": act,
}
