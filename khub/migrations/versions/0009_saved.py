"""Tables of the rooms "saved" and "picks": saved searches with what they found for whom, and selections."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

UTC_DATETIME = sa.DateTime()


def upgrade() -> None:
    """Add the tables of both rooms."""
    op.create_table(
        "saved_search",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("pairs", sa.JSON(), nullable=False),
        sa.Column("audience", sa.String(length=20), nullable=False),
        sa.Column("institution_id", sa.Integer(), nullable=True),
        sa.Column("pokja_id", sa.Integer(), nullable=True),
        sa.Column("created_at", UTC_DATETIME, nullable=False),
        sa.Column("ended_at", UTC_DATETIME, nullable=True),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_saved_search_institution_id_institution")
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_saved_search_owner_id_person")),
        sa.ForeignKeyConstraint(["pokja_id"], ["pokja.id"], name=op.f("fk_saved_search_pokja_id_pokja")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_search")),
        sa.UniqueConstraint("public_id", name=op.f("uq_saved_search_public_id")),
    )
    op.create_index("ix_saved_search_audience", "saved_search", ["audience"], unique=False)
    op.create_index("ix_saved_search_owner_id", "saved_search", ["owner_id"], unique=False)
    op.create_table(
        "pick",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("at", UTC_DATETIME, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_pick_person_id_person")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_pick_product_id_product")),
        sa.PrimaryKeyConstraint("person_id", "product_id", name=op.f("pk_pick")),
    )
    op.create_table(
        "saved_verdict",
        sa.Column("search_id", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("relevant", sa.Boolean(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("at", UTC_DATETIME, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_saved_verdict_person_id_person")),
        sa.ForeignKeyConstraint(
            ["product_id"], ["product.id"], name=op.f("fk_saved_verdict_product_id_product")
        ),
        sa.ForeignKeyConstraint(
            ["search_id"], ["saved_search.id"], name=op.f("fk_saved_verdict_search_id_saved_search")
        ),
        sa.PrimaryKeyConstraint("search_id", "product_id", name=op.f("pk_saved_verdict")),
    )
    op.create_table(
        "saved_watch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("search_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("alert", sa.String(length=10), nullable=False),
        sa.Column("known", sa.LargeBinary(), nullable=True),
        sa.Column("quiet", sa.Boolean(), nullable=False),
        sa.Column("mark", sa.String(length=160), nullable=False),
        sa.Column("checked_at", UTC_DATETIME, nullable=False),
        sa.Column("visited_at", UTC_DATETIME, nullable=True),
        sa.Column("seen_until", UTC_DATETIME, nullable=True),
        sa.Column("feed_hash", sa.String(length=64), nullable=True),
        sa.Column("feed_since", UTC_DATETIME, nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_saved_watch_person_id_person")),
        sa.ForeignKeyConstraint(
            ["search_id"], ["saved_search.id"], name=op.f("fk_saved_watch_search_id_saved_search")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_watch")),
        sa.UniqueConstraint("feed_hash", name=op.f("uq_saved_watch_feed_hash")),
        sa.UniqueConstraint("search_id", "person_id", name=op.f("uq_saved_watch_search_id_person_id")),
    )
    op.create_index("ix_saved_watch_checked_at", "saved_watch", ["checked_at"], unique=False)
    op.create_index("ix_saved_watch_person_id", "saved_watch", ["person_id"], unique=False)
    op.create_table(
        "saved_find",
        sa.Column("watch_id", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("found_at", UTC_DATETIME, nullable=False),
        sa.Column("told_at", UTC_DATETIME, nullable=True),
        sa.ForeignKeyConstraint(
            ["product_id"], ["product.id"], name=op.f("fk_saved_find_product_id_product")
        ),
        sa.ForeignKeyConstraint(
            ["watch_id"], ["saved_watch.id"], name=op.f("fk_saved_find_watch_id_saved_watch")
        ),
        sa.PrimaryKeyConstraint("watch_id", "product_id", name=op.f("pk_saved_find")),
    )
    op.create_index("ix_saved_find_told_at", "saved_find", ["told_at"], unique=False)
    op.create_index("ix_saved_find_watch_id_found_at", "saved_find", ["watch_id", "found_at"], unique=False)
