"""Tables of the room "kinds": columns of reports, actions and K/L for search.

They are filled by the first build of their index, which the worker asks for when there is none.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Add the room's table."""
    op.create_table(
        "kind_entry",
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("subject_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("epoch", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("copies", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "subject_id", name=op.f("pk_kind_entry")),
    )
    op.create_index("ix_kind_entry_kind_epoch", "kind_entry", ["kind", "epoch"])
