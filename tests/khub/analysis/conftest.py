"""The office's cycle, as the room of coordination builds it."""

from __future__ import annotations

from tests.khub.coordination.conftest import Cycle, cycle

__all__ = ["Cycle", "cycle"]
