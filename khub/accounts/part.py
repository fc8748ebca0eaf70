"""What every use case of this room stands on."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from khub.accounts.throttle import Throttle

if TYPE_CHECKING:
    from khub.clock import Clock
    from khub.db import Database
    from khub.settings import Settings


class Part:
    """Database, clock and limits. ``idle`` and ``longest`` bound a session's life."""

    def __init__(self, db: Database, clock: Clock, settings: Settings) -> None:
        self.db = db
        self.clock = clock
        self.idle = timedelta(minutes=settings.session_idle_minutes)
        self.longest = timedelta(hours=settings.session_hours)
        self.throttle = Throttle(db, clock)
