"""Tables of the room "coordination"."""

from __future__ import annotations

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the room's tables."""
