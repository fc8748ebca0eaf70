"""Two languages: msgids are Indonesian, English stands in ``translations/en/*.po``, one file a room."""

from __future__ import annotations

import functools
import io
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from babel.dates import format_date
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from babel.support import NullTranslations, Translations
from flask_babel import Domain, get_locale

from khub.clock import WIB

if TYPE_CHECKING:
    from flask import Flask

LANGUAGES = ("id", "en")
_FOLDER = Path(__file__).parent / "translations"
_KB = 1024
_THOUSAND = 1000


@functools.cache
def catalog(language: str) -> Translations | NullTranslations:
    """Return the translations into ``language``; Indonesian needs none."""
    whole = Catalog(locale=language)
    for path in sorted((_FOLDER / language).glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale=language):
                if message.id and message.string:
                    whole.add(message.id, message.string)
    if not len(whole):
        return NullTranslations()
    binary = io.BytesIO()
    write_mo(binary, whole)
    binary.seek(0)
    return Translations(binary)


class RoomDomain(Domain):  # type: ignore[misc]  # untyped base
    """A gettext domain over all rooms' catalogues."""

    def get_translations(self) -> Translations | NullTranslations:
        """Return the catalogue of the request's language."""
        return catalog(language())


def language() -> str:
    """Return the language code in force, "id" outside a request."""
    locale = get_locale()
    return str(locale.language) if locale is not None and locale.language in LANGUAGES else "id"


def day(value: date | datetime) -> str:
    """Return "9 Oktober 2023" (day in WIB for an instant)."""
    if isinstance(value, datetime):
        value = value.astimezone(WIB).date()
    return format_date(value, "d MMMM y", locale=language())


def short_day(value: date | datetime) -> str:
    """Return "9 Okt 2023"."""
    if isinstance(value, datetime):
        value = value.astimezone(WIB).date()
    return format_date(value, "d MMM y", locale=language())


def moment(value: datetime) -> str:
    """Return "9 Oktober 2023 09.14 WIB"."""
    local = value.astimezone(WIB)
    separator = "." if language() == "id" else ":"
    return f"{day(value)} {local:%H}{separator}{local:%M} WIB"


def short_moment(value: datetime) -> str:
    """Return "9 Okt 2023 09.14", in WIB, for tables whose head says so."""
    local = value.astimezone(WIB)
    separator = "." if language() == "id" else ":"
    return f"{short_day(value)} {local:%H}{separator}{local:%M}"


def number(value: float, digits: int = 0) -> str:
    """Return a number with the locale's separators and up to ``digits`` decimals."""
    if isinstance(value, int) and 0 <= value < _THOUSAND:
        return str(value)
    return format_decimal(round(value, digits), locale=language())


def file_size(size: int) -> str:
    """Return "1,2 MB"."""
    if size < _KB:
        return f"{size} B"
    if size < _KB * _KB:
        return f"{number(size / _KB)} KB"
    if size < _KB**3:
        return f"{number(size / _KB**2, 1)} MB"
    return f"{number(size / _KB**3, 1)} GB"


def install(app: Flask) -> None:
    """Give templates the filters of this module."""
    app.jinja_env.filters.update(
        tanggal=day,
        tanggal_pendek=short_day,
        tanggal_waktu=moment,
        waktu_pendek=short_moment,
        angka=number,
        ukuran_berkas=file_size,
    )
