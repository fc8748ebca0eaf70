"""The language of the present page, and what its templates need of it."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from flask_babel import Domain, get_locale
from markupsafe import Markup

from khub.tongue import LANGUAGES, Tongue, catalog, plain

if TYPE_CHECKING:
    from datetime import date, datetime

    from babel.support import NullTranslations, Translations
    from flask import Flask

__all__ = ["LANGUAGES", "catalog"]


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
    return Tongue(language()).day(value)


def short_day(value: date | datetime) -> str:
    """Return "9 Okt 2023"."""
    return Tongue(language()).short_day(value)


def moment(value: datetime) -> str:
    """Return "9 Oktober 2023 09.14 WIB"."""
    return Tongue(language()).moment(value)


def short_moment(value: datetime) -> str:
    """Return "9 Okt 2023 09.14", in WIB, for tables whose head says so."""
    return Tongue(language()).short_moment(value)


def number(value: float, digits: int = 0) -> str:
    """Return a number with the locale's separators and up to ``digits`` decimals."""
    return plain(value) or Tongue(language()).number(value, digits)


def file_size(size: int) -> str:
    """Return "1,2 MB"."""
    return Tongue(language()).file_size(size)


def said(message: str, /, **params: object) -> Markup:
    """Return a sentence of a template in the page's language, its places filled."""
    code = language()
    return _sentence(message, code) % params if params else _plain_sentence(message, code)


@lru_cache(maxsize=8192)
def _sentence(message: str, code: str) -> Markup:
    return Markup(Tongue(code).gettext(message))  # noqa: S704 - sentences are ours, what fills them is escaped


@lru_cache(maxsize=8192)
def _plain_sentence(message: str, code: str) -> Markup:
    return _sentence(message, code) % {}


def install(app: Flask) -> None:
    """Give templates the filters of this module, and the sentences by a shorter way than the extension's."""
    app.jinja_env.globals.update(_=said, gettext=said)
    app.jinja_env.filters.update(
        tanggal=day,
        tanggal_pendek=short_day,
        tanggal_waktu=moment,
        waktu_pendek=short_moment,
        angka=number,
        ukuran_berkas=file_size,
    )
