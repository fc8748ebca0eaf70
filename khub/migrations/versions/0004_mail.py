"""Tables of the room "mail"."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

UTC_DATETIME = sa.DateTime()


def upgrade() -> None:
    """Add the room's tables."""
    op.create_table(
        "holiday",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_holiday")),
    )
    op.create_table(
        "mail_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", UTC_DATETIME, nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_mail_day")),
    )
    op.create_table(
        "feed_secret",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("created_at", UTC_DATETIME, nullable=False),
        sa.Column("revoked_at", UTC_DATETIME, nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_feed_secret_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feed_secret")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_feed_secret_token_hash")),
    )
    op.create_index(op.f("ix_feed_secret_person_id"), "feed_secret", ["person_id"], unique=False)
    op.create_table(
        "mail_news",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=160), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("subject", sa.JSON(), nullable=False),
        sa.Column("at", UTC_DATETIME, nullable=False),
        sa.Column("told_at", UTC_DATETIME, nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_mail_news_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_news")),
        sa.UniqueConstraint("key", name=op.f("uq_mail_news_key")),
    )
    op.create_index("ix_mail_news_told_at_person_id", "mail_news", ["told_at", "person_id"], unique=False)
    op.create_table(
        "mail_preference",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("rhythm", sa.String(length=10), nullable=False),
        sa.Column("muted", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_mail_preference_person_id_person")
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_mail_preference")),
    )
    op.create_table(
        "mail_message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=160), nullable=False),
        sa.Column("message_id", sa.String(length=300), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("period_id", sa.Integer(), nullable=True),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("prepared_at", UTC_DATETIME, nullable=False),
        sa.Column("send_after", UTC_DATETIME, nullable=False),
        sa.Column("queued_at", UTC_DATETIME, nullable=True),
        sa.Column("sending_at", UTC_DATETIME, nullable=True),
        sa.Column("sent_at", UTC_DATETIME, nullable=True),
        sa.Column("next_try_at", UTC_DATETIME, nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("code", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["period_id"], ["period.id"], name=op.f("fk_mail_message_period_id_period")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_mail_message_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_message")),
        sa.UniqueConstraint("key", name=op.f("uq_mail_message_key")),
    )
    op.create_index("ix_mail_message_person_id_id", "mail_message", ["person_id", "id"], unique=False)
    op.create_index("ix_mail_message_state_send_after", "mail_message", ["state", "send_after"], unique=False)
    op.create_table(
        "mail_unit",
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("institution_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_mail_unit_institution_id_institution")
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["mail_message.id"], name=op.f("fk_mail_unit_message_id_mail_message")
        ),
        sa.PrimaryKeyConstraint("message_id", "institution_id", name=op.f("pk_mail_unit")),
    )
    op.create_index(op.f("ix_mail_unit_institution_id"), "mail_unit", ["institution_id"], unique=False)
