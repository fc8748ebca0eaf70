"""What a check says, in the language of the page or the terminal."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from babel.numbers import format_decimal

from khub.checking.model import Mark
from khub.errors import N_

if TYPE_CHECKING:
    from collections.abc import Callable

    from khub.checking.model import Said

MARKS: dict[Mark, str] = {
    Mark.MATCH: N_("cocok"),
    Mark.MISMATCH: N_("tidak cocok"),
    Mark.UNKNOWN: N_("tidak dikenali"),
}
_THOUSAND = 1000


def say(said: Said, language: str, translate: Callable[[str], str]) -> str:
    """Return a sentence with its numbers written as ``language`` ("id" | "en") does."""
    message = translate(said.message)
    if not said.params:
        return message
    return message % {name: _written(value, language) for name, value in said.params.items()}


def _written(value: object, language: str) -> object:
    if isinstance(value, Decimal):
        digits = max(0, -int(value.as_tuple().exponent))
        return format_decimal(value, format=f"#,##0.{'0' * digits}" if digits else "#,##0", locale=language)
    if isinstance(value, int) and value >= _THOUSAND:
        return format_decimal(value, locale=language)
    return value
