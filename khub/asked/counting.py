"""What the Sekretariat is told about what is asked.

A query is told only when several persons asked it, and what it finds is counted anew for whoever looks:
what it found for those who asked would tell of documents that he may not see.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from indexer.ports import IndexUnavailableError
from indexer.query import QueryError
from khub.asked import queries

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from khub.asked.service import Asked
    from khub.policy import Actor


@dataclass(frozen=True, slots=True)
class Counted:
    """A frequent query; ``found``: products that whoever looks finds with it now, None while nothing can."""

    text: str
    searches: int
    weeks: tuple[int, ...]
    found: int | None


@dataclass(frozen=True, slots=True)
class Told:
    """What is told of the weeks that begin on ``mondays``; ``searches``: all searches in each."""

    mondays: tuple[date, ...]
    searches: tuple[int, ...]
    rows: tuple[Counted, ...]


class Counting:
    """Counts searches for the Sekretariat; ``found``: how many products a person finds with a text."""

    def __init__(self, asked: Asked, found: Callable[[Actor, str], int]) -> None:
        self.asked = asked
        self.found = found

    def told(self, actor: Actor) -> Told:
        """Return what was asked in the last weeks, as ``actor`` may know it."""
        self.asked.flush()
        with self.asked.db.read() as session:
            found = queries.frequency(session, actor, self.asked.clock.now())
        return Told(
            found.mondays,
            found.searches,
            tuple(
                Counted(each.text, each.searches, each.weeks, self._total(actor, each.text))
                for each in found.frequent
            ),
        )

    def _total(self, actor: Actor, text: str) -> int | None:
        try:
            return self.found(actor, text)
        except QueryError:
            return 0
        except IndexUnavailableError:
            return None
