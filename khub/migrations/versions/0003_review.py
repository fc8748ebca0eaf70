"""Tables of the room "review"."""

from __future__ import annotations

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the room's tables."""
