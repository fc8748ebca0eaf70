"""What people send about a report, read and checked."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from typing import TYPE_CHECKING

from khub.annual import tokens
from khub.annual.tokens import Kind
from khub.clock import WIB
from khub.errors import N_, InvalidError

if TYPE_CHECKING:
    from collections.abc import Mapping

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_NUMBER = re.compile(r"[0-9]{1,9}")


def day(form: Mapping[str, str], name: str) -> datetime:
    """Return the last second, in WIB, of the day in field ``name``. Raises ``InvalidError``."""
    text = form.get(name, "").strip()
    wrong = InvalidError.one(name, N_("Tulis tanggal sebagai tahun-bulan-hari, misalnya 2023-10-31."))
    if not (text.isascii() and _DAY.fullmatch(text)):
        raise wrong
    try:
        return datetime.combine(date.fromisoformat(text), time(23, 59, 59), WIB)
    except ValueError:
        raise wrong from None


def number(form: Mapping[str, str], name: str, default: int = 0) -> int:
    """Return the whole number in field ``name``; ``default`` when it is missing or something else."""
    text = form.get(name, "")
    return int(text) if text.isascii() and _NUMBER.fullmatch(text) else default


def token(text: str, kind: Kind) -> str:
    """Return ``text`` when it is one token of ``kind``; figures may be tables too. Raises ``InvalidError``."""
    pieces = tokens.split(text)
    kinds = (Kind.FIGURE, Kind.TABLE) if kind is Kind.FIGURE else (kind,)
    if len(pieces) != 1 or pieces[0].kind not in kinds:
        raise InvalidError.one("sisip", N_("Pilih salah satu dari daftar."))
    return text


def inserted(text: str, what: str) -> str:
    """Return ``text`` with a token at its end, a blank between them."""
    text = text.rstrip()
    return f"{text} {what}" if text else what
