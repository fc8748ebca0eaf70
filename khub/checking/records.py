"""What the check asks of khub's records: a protocol that the app implements over the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from khub.checking.model import Role


@dataclass(frozen=True, slots=True)
class Known:
    """A number of khub: ``total`` is None for a plain count."""

    count: int
    total: int | None


class Records(Protocol):
    """Official numbers of one plan as of one moment; the same for every signed-in role."""

    @property
    def year(self) -> int:
        """Return the year that a text without one speaks of."""
        ...

    @property
    def day(self) -> tuple[int, int, int]:
        """Return the as-of day (year, month, day) in Jakarta."""
        ...

    @property
    def branch_label(self) -> str:
        """Return the plan's word for the level below it, in lower case: "pilar", "tema"."""
        ...

    @property
    def branches(self) -> Mapping[str, str]:
        """Return the names of the branches by code."""
        ...

    def number(self, role: Role, *, year: int, branch: str | None = None, period: str = "") -> Known | None:
        """Return khub's number, or None where there is none (unknown year, branch or period).

        ``branch`` is the number that texts call it by; ``period`` a name like "Januari–Oktober 2023", for
        reports only ("" asks for the only period of the year, None when there are several).
        """
        ...
