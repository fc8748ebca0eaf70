"""A returned keluaran may have a deadline of its own, as a returned report has."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Add the deadline that a return set."""
    op.add_column("copy", sa.Column("due_at", sa.DateTime(), nullable=True))
