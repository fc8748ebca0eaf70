"""The language of each page; of those read before, it is told when the index is next built anew."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Add the column."""
    op.add_column("page", sa.Column("language", sa.String(length=2), nullable=False, server_default=""))
