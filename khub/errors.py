"""Refusals that services raise and the edges (web, command line) turn into words.

A message is an Indonesian msgid with ``%(name)s`` places; the edge translates it, so that
services need neither a request nor a language.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def N_(message: str) -> str:  # noqa: N802 - the name that message extractors look for
    """Mark ``message`` for translation and return it unchanged."""
    return message


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing wrong with one input; ``name`` is the form field's name, "" for the whole."""

    name: str
    message: str
    params: Mapping[str, object] = field(default_factory=dict)


class KhubError(Exception):
    """Base of all refusals. ``status`` is the HTTP status that the web edge answers."""

    status: ClassVar[int] = 500

    def __init__(self, message: str = "", **params: object) -> None:
        super().__init__(message)
        self.message = message
        self.params = params


class NotFoundError(KhubError):
    """Not there, or not yours: the two are never told apart."""

    status = 404

    def __init__(self, message: str = N_("Tidak ada, atau bukan untuk Anda."), **params: object) -> None:
        super().__init__(message, **params)


class NoPlanError(NotFoundError):
    """Nothing to show before the first plan is imported; the edge says so and who imports one."""

    def __init__(self) -> None:
        super().__init__(N_("Sekretariat atau admin mengimpor rencana; sesudah itu halaman ini terisi."))


class ForbiddenError(KhubError):
    """Visible, but the act is not allowed; the message says why."""

    status = 403


class ConflictError(KhubError):
    """The thing changed, or its state does not allow the act any more."""

    status = 409


class TooLargeError(KhubError):
    """A body or file above a limit."""

    status = 413


class ThrottledError(KhubError):
    """Too many tries; ``retry_after`` is in seconds."""

    status = 429

    def __init__(self, message: str, *, retry_after: int) -> None:
        super().__init__(message, minutes=max(1, round(retry_after / 60)))
        self.retry_after = retry_after


class UnavailableError(KhubError):
    """A part that khub needs does not answer now (disk full, index being built)."""

    status = 503


class InvalidError(KhubError):
    """Input that cannot be taken; carries every fault at once."""

    status = 422

    def __init__(self, errors: Sequence[FieldError]) -> None:
        super().__init__(errors[0].message if errors else "", **(errors[0].params if errors else {}))
        self.errors = tuple(errors)

    @classmethod
    def one(cls, name: str, message: str, /, **params: object) -> InvalidError:
        """Return the error for a single field."""
        return cls([FieldError(name, message, params)])
