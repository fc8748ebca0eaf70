"""How typed names are cleaned, compared and turned into codes."""

from __future__ import annotations

import re
import unicodedata

from khub.errors import N_

#: Invisible marks that word processors leave behind and that no word of ours needs.
_DROPPED = dict.fromkeys((0xAD, 0x200B, 0x2060, 0xFEFF))
_PLAIN_CONTROLS = "\t\n\r"
_REFUSED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_CODE = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]*\Z")

CONTROL = N_("Ada karakter tersembunyi %(point)s. Ketik ulang isinya.")
BAD_CODE = N_("Kode hanya boleh memuat huruf, angka, titik, tanda hubung, dan garis bawah.")


def hidden(text: str) -> str:
    """Return the first control or direction mark in ``text`` as "U+202E", "" when there is none."""
    for char in text:
        if (
            unicodedata.category(char) in _REFUSED
            and char not in _PLAIN_CONTROLS
            and ord(char) not in _DROPPED
        ):
            return f"U+{ord(char):04X}"
    return ""


def clean(text: str) -> str:
    """Return ``text`` composed (NFC), without soft hyphens and the like, with single spaces."""
    return " ".join(unicodedata.normalize("NFC", text.translate(_DROPPED)).split())


def fold(text: str) -> str:
    """Return the form in which names are compared: no case, no punctuation, single spaces."""
    plain = unicodedata.normalize("NFKC", text.translate(_DROPPED)).casefold()
    return " ".join("".join(char if char.isalnum() else " " for char in plain).split())


def slug(text: str, limit: int = 60) -> str:
    """Return an ASCII code made of ``text`` ("RAN PE 2020–2024" → "ran-pe-2020-2024"), perhaps ""."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    kept = "".join(
        char if char.isascii() and char.isalnum() else "-" if not unicodedata.combining(char) else ""
        for char in plain
    )
    return re.sub("-+", "-", kept).strip("-")[:limit].strip("-")


def is_code(text: str) -> bool:
    """Tell whether ``text`` can be a code of an action, fokus or pilar (it stands in addresses)."""
    return _CODE.match(text) is not None


def natural(code: str) -> tuple[tuple[int, int, str], ...]:
    """Return the sort key by which 1.2 comes before 1.10."""
    return tuple(
        (0, int(part), "") if part.isascii() and part.isdigit() else (1, 0, part)
        for part in re.split(r"(\d+)", code)
        if part
    )
