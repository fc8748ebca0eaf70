"""The language of the present page, and what its templates need of it."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import TYPE_CHECKING

from flask_babel import Domain, get_locale
from markupsafe import Markup

from khub.tongue import LANGUAGES, Tongue, catalog, plain

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime

    from babel.support import NullTranslations, Translations
    from flask import Flask

__all__ = ["LANGUAGES", "catalog"]

#: The language of the present request once it was asked for: a page asks 250 times. "" before that.
_spoken: ContextVar[str] = ContextVar("spoken", default="")


class RoomDomain(Domain):  # type: ignore[misc]  # untyped base
    """A gettext domain over all rooms' catalogues."""

    def get_translations(self) -> Translations | NullTranslations:
        """Return the catalogue of the request's language."""
        return catalog(language())


def language() -> str:
    """Return the language code in force, "id" outside a request."""
    known = _spoken.get()
    if known:
        return known
    locale = get_locale()
    if locale is None:
        return "id"
    code = str(locale.language) if locale.language in LANGUAGES else "id"
    _spoken.set(code)
    return code


@contextmanager
def speaking(code: str) -> Iterator[None]:
    """Say everything in one language, whoever asks."""
    before = _spoken.set(code)
    try:
        yield
    finally:
        _spoken.reset(before)


def _forget(_error: BaseException | None = None) -> None:
    _spoken.set("")


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


def gettext(message: str, /, **params: object) -> str:
    """Return a sentence in the page's language, its places filled."""
    return Tongue(language()).gettext(message, **params)


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
    """Give templates the filters of this module, and the sentences by a shorter way than the extension's.

    Before anything that is done before a request: a thread serves one after the other.
    """
    app.before_request(_forget)
    app.teardown_request(_forget)
    app.jinja_env.globals.update(_=said, gettext=said)
    app.jinja_env.filters.update(
        tanggal=day,
        tanggal_pendek=short_day,
        tanggal_waktu=moment,
        waktu_pendek=short_moment,
        angka=number,
        ukuran_berkas=file_size,
    )
