"""The only place that asks the machine what time it is."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pathlib import Path

WIB = timezone(timedelta(hours=7), "WIB")


class Clock(Protocol):
    """Something that knows the time."""

    def now(self) -> datetime:
        """Return the current instant, aware, in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the current instant, aware, in UTC."""
        return datetime.now(UTC)


class ShiftedClock:
    """The machine's clock moved by a fixed time; the demo's "today" is a day of 2023."""

    def __init__(self, shift: timedelta) -> None:
        self.shift = shift

    def now(self) -> datetime:
        """Return the shifted instant, aware, in UTC."""
        return datetime.now(UTC) + self.shift


class SteeredClock:
    """A clock that runs on from the instant written in a file (ISO 8601 with zone), since it was written.

    A test plays a year through real processes with it: whoever rewrites the file moves all of them.
    """

    def __init__(self, file: Path) -> None:
        self.file = file

    def now(self) -> datetime:
        """Return the steered instant, aware, in UTC. Raises ``ValueError`` for a file that holds none."""
        written = datetime.fromtimestamp(self.file.stat().st_mtime, UTC)
        at = datetime.fromisoformat(self.file.read_text(encoding="ascii").strip())
        return at.astimezone(UTC) + (datetime.now(UTC) - written)


class FixedClock:
    """A clock that stands where it was set; for tests and for simulated records."""

    def __init__(self, at: datetime) -> None:
        self.at = at.astimezone(UTC)

    def now(self) -> datetime:
        """Return the instant it was set to."""
        return self.at

    def forward(self, **delta: float) -> None:
        """Move the clock on by a ``timedelta(**delta)``."""
        self.at += timedelta(**delta)


def wib_date(at: datetime) -> date:
    """Return the calendar day in Jakarta of an aware instant."""
    return at.astimezone(WIB).date()
