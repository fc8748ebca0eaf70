"""What a person says about a keluaran, checked."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from khub.errors import N_, FieldError, InvalidError
from khub.policy import Classification

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

TITLE_LIMIT = 500
NOTE_LIMIT = 10_000


@dataclass(frozen=True, slots=True)
class Metadata:
    """The fields of the check card. ``actions`` are ``plan/code`` keys, ``period`` a ``plan/code`` key."""

    title: str
    kind: str
    language: str
    period: str
    actions: tuple[str, ...]
    classification: str
    classification_reason: str
    personal_data: str
    owner: str
    revision: int


def clean(text: str) -> str:
    """Return ``text`` in NFC without control, bidi or zero-width characters, line breaks as line feeds."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    return "".join(
        c for c in text if c == "\n" or unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Cn")
    ).strip()


def metadata(form: Mapping[str, str], actions: Sequence[str]) -> Metadata:
    """Read the check card; raises ``InvalidError`` with every fault at once."""
    errors: list[FieldError] = []
    title = " ".join(clean(form.get("title", "")).split())
    if not title:
        errors.append(FieldError("title", N_("Judul belum diisi.")))
    elif len(title) > TITLE_LIMIT:
        errors.append(
            FieldError("title", N_("Judul lebih panjang dari %(limit)s huruf."), {"limit": TITLE_LIMIT})
        )
    language = form.get("language", "")
    if language not in ("", "id", "en"):
        errors.append(FieldError("language", N_("Pilih salah satu bahasa yang ada.")))
    classification = form.get("classification", "")
    if classification not in set(Classification):
        errors.append(FieldError("classification", N_("Pilih salah satu klasifikasi yang ada.")))
    personal = form.get("personal_data", "")
    if personal not in ("", "yes", "no"):
        errors.append(FieldError("personal_data", N_("Pilih salah satu jawaban yang ada.")))
    revision = form.get("revision", "")
    if not (revision.isascii() and revision.isdigit() and len(revision) < 10):  # noqa: PLR2004 - fits an integer column
        errors.append(FieldError("", N_("Formulir ini tidak lengkap. Muat ulang halaman.")))
        revision = "0"
    if errors:
        raise InvalidError(errors)
    return Metadata(
        title=title,
        kind=form.get("kind", ""),
        language=language,
        period=form.get("period", ""),
        actions=tuple(dict.fromkeys(key for key in actions if key)),
        classification=classification,
        classification_reason=clean(form.get("classification_reason", ""))[:NOTE_LIMIT],
        personal_data=personal,
        owner=form.get("owner", ""),
        revision=int(revision),
    )


def gaps(*, title: str, files: int, actions: int, period: bool, unanswered: bool) -> list[FieldError]:
    """Return what a keluaran lacks before it can be handed in.

    ``unanswered``: something that looks like personal data was found and nobody said what it is.
    """
    found = []
    if not files:
        found.append(FieldError("files", N_("Keluaran ini belum punya berkas.")))
    if not title.strip():
        found.append(FieldError("title", N_("Judul belum diisi.")))
    if not actions:
        found.append(FieldError("actions", N_("Pilih sekurangnya satu aksi.")))
    if not period:
        found.append(FieldError("period", N_("Pilih periode pelaporan.")))
    if unanswered:
        found.append(FieldError("personal_data", N_("Jawab apakah keluaran ini memuat data pribadi.")))
    return found


def note(text: str, *, required: bool, name: str = "note") -> str:
    """Return a cleaned note; raises ``InvalidError`` when it is missing or too long."""
    text = clean(text)
    if required and not text:
        raise InvalidError.one(name, N_("Catatan wajib diisi, agar pemilik tahu apa yang diperbaiki."))
    if len(text) > NOTE_LIMIT:
        raise InvalidError.one(name, N_("Catatan lebih panjang dari %(limit)s huruf."), limit=NOTE_LIMIT)
    return text
