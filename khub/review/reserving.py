"""Reservations: who has opened what, and until when that keeps others from deciding. Pure."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from khub.products.lifecycle import Reviewed

#: A reservation without a decision lapses, so that no item hangs on a reviewer who left.
RESERVATION = timedelta(hours=2)


def lapsed(reserved_at: datetime | None, now: datetime) -> bool:
    """Tell whether a reservation has run out."""
    return reserved_at is None or now - reserved_at > RESERVATION


def free_for(person_id: int | None, thing: Reviewed, now: datetime) -> bool:
    """Tell whether nobody else has ``thing`` reserved."""
    return thing.reviewer_id in (None, person_id) or lapsed(thing.reserved_at, now)
