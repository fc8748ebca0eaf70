"""The two languages, apart from any request: sentences, dates, numbers. Pages choose one in ``i18n``.

Msgids are Indonesian; English stands in ``translations/en/*.po``, one file a room.
"""

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

from khub.clock import WIB

if TYPE_CHECKING:
    from typing import Any

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


def plain(value: float) -> str:
    """Return a whole number that is written alike in both languages, "" for any other."""
    return str(value) if isinstance(value, int) and 0 <= value < _THOUSAND else ""


class Tongue:
    """Says things in one language."""

    def __init__(self, code: str) -> None:
        self.code = code if code in LANGUAGES else LANGUAGES[0]

    def gettext(self, message: str, **params: Any) -> str:
        """Return a sentence with its places filled."""
        if not message:  # stands for the head of a catalogue
            return ""
        said = str(catalog(self.code).gettext(message))
        return said % params if params else said

    def ngettext(self, one: str, many: str, num: int, **params: Any) -> str:
        """Return the form of a sentence for ``num`` things, which is also its place ``num``."""
        return str(catalog(self.code).ngettext(one, many, num)) % {"num": self.number(num), **params}

    def day(self, value: date | datetime) -> str:
        """Return "9 Oktober 2023" (day in WIB for an instant)."""
        return format_date(_day(value), "d MMMM y", locale=self.code)

    def short_day(self, value: date | datetime) -> str:
        """Return "9 Okt 2023"."""
        return format_date(_day(value), "d MMM y", locale=self.code)

    def moment(self, value: datetime) -> str:
        """Return "9 Oktober 2023 09.14 WIB"."""
        return f"{self.day(value)} {self._time(value)} WIB"

    def short_moment(self, value: datetime) -> str:
        """Return "9 Okt 2023 09.14", in WIB, for tables whose head says so."""
        return f"{self.short_day(value)} {self._time(value)}"

    def number(self, value: float, digits: int = 0) -> str:
        """Return a number with the locale's separators and up to ``digits`` decimals."""
        return plain(value) or _decimal(round(value, digits), self.code)

    def file_size(self, size: int) -> str:
        """Return "1,2 MB"."""
        if size < _KB:
            return f"{size} B"
        if size < _KB * _KB:
            return f"{self.number(size / _KB)} KB"
        if size < _KB**3:
            return f"{self.number(size / _KB**2, 1)} MB"
        return f"{self.number(size / _KB**3, 1)} GB"

    def _time(self, value: datetime) -> str:
        local = value.astimezone(WIB)
        return f"{local:%H}{'.' if self.code == 'id' else ':'}{local:%M}"


#: The language of the command line, whose own words are English.
ENGLISH = Tongue("en")


@functools.lru_cache(maxsize=4096)
def _decimal(value: float, language: str) -> str:
    return format_decimal(value, locale=language)


def _day(value: date | datetime) -> date:
    return value.astimezone(WIB).date() if isinstance(value, datetime) else value
