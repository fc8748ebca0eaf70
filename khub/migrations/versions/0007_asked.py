"""Tables of the room "asked": the queries that people asked."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

UTC_DATETIME = sa.DateTime()


def upgrade() -> None:
    """Add the room's table."""
    op.create_table(
        "asked_query",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(length=300), nullable=False),
        sa.Column("key", sa.String(length=300), nullable=False),
        sa.Column("filters", sa.JSON(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("asked_at", UTC_DATETIME, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_asked_query_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_asked_query")),
    )
    op.create_index("ix_asked_query_asked_at", "asked_query", ["asked_at"])
    op.create_index("ix_asked_query_person_id_asked_at", "asked_query", ["person_id", "asked_at"])
