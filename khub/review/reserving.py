"""Reservations: who has opened what, and until when that keeps others from deciding. Pure."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import datetime


#: A reservation without a decision lapses, so that no item hangs on a reviewer who left.
RESERVATION = timedelta(hours=2)


class Held(Protocol):
    """What a reviewer can reserve: a version, a report row, a second look, a line of the queue."""

    @property
    def reviewer_id(self) -> int | None:
        """Return who has it reserved."""

    @property
    def reserved_at(self) -> datetime | None:
        """Return since when."""


def lapsed(reserved_at: datetime | None, now: datetime) -> bool:
    """Tell whether a reservation has run out."""
    return reserved_at is None or now - reserved_at > RESERVATION


def free_for(person_id: int | None, thing: Held, now: datetime) -> bool:
    """Tell whether nobody else has ``thing`` reserved."""
    return thing.reviewer_id in (None, person_id) or lapsed(thing.reserved_at, now)
