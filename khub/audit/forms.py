"""What the trail is narrowed to, read from an address."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from khub.audit.verify_jsonl import parse_head
from khub.errors import N_, FieldError, InvalidError

if TYPE_CHECKING:
    from collections.abc import Mapping

_LIMIT = 80


@dataclass(frozen=True, slots=True)
class TrailFilter:
    """Empty and None mean all. ``before``: only events below this number, for the next page."""

    object_id: str = ""
    person: str = ""
    act: str = ""
    since: date | None = None
    before: int | None = None


def trail_filter(arguments: Mapping[str, str], acts: Mapping[str, str]) -> TrailFilter:
    """Read the filter; raises ``InvalidError`` with every fault."""
    errors: list[FieldError] = []
    since: date | None = None
    if text := arguments.get("sejak", "").strip():
        try:
            since = date.fromisoformat(text)
        except ValueError:
            errors.append(FieldError("sejak", N_("Tulis tanggal seperti 2023-10-09.")))
    act = arguments.get("perbuatan", "")
    if act and act not in acts:
        errors.append(FieldError("perbuatan", N_("Pilih salah satu perbuatan yang ada.")))
    number = arguments.get("sebelum", "")
    if number and not (number.isascii() and number.isdigit() and len(number) < 19):  # noqa: PLR2004 - fits 64 bits
        errors.append(FieldError("", N_("Nomor halaman tidak dikenali.")))
        number = ""
    texts = {}
    for name in ("objek", "orang"):
        texts[name] = arguments.get(name, "").strip()
        if len(texts[name]) > _LIMIT:
            errors.append(FieldError(name, N_("Paling panjang %(limit)s huruf."), {"limit": _LIMIT}))
    if errors:
        raise InvalidError(errors)
    return TrailFilter(texts["objek"], texts["orang"], act, since, int(number) if number else None)


def noted_head(text: str) -> tuple[int, str]:
    """Return (seq, hash) of a head that somebody noted; raises ``InvalidError``."""
    try:
        return parse_head(text)
    except ValueError:
        raise InvalidError.one(
            "kepala", N_("Tulis nomor, titik dua, lalu 64 huruf hash, seperti yang tertera di halaman ini.")
        ) from None
