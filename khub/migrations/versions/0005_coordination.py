"""Tables of the room "coordination": contacts, notes, follow-ups, the letter's template."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

UTC_DATETIME = sa.DateTime()


def upgrade() -> None:
    """Add the room's tables."""
    op.create_table(
        "contact",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("institution_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("role", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("saved_at", UTC_DATETIME, nullable=False),
        sa.Column("saved_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_contact_institution_id_institution")
        ),
        sa.ForeignKeyConstraint(["saved_by"], ["person.id"], name=op.f("fk_contact_saved_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact")),
    )
    op.create_index(op.f("ix_contact_institution_id"), "contact", ["institution_id"])
    op.create_table(
        "letter_template",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column("created_at", UTC_DATETIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by"], ["person.id"], name=op.f("fk_letter_template_created_by_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_template")),
        sa.UniqueConstraint("number", name=op.f("uq_letter_template_number")),
    )
    op.create_table(
        "coordination_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("institution_id", sa.Integer(), nullable=False),
        sa.Column("pokja_id", sa.Integer(), nullable=True),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column("created_at", UTC_DATETIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by"], ["person.id"], name=op.f("fk_coordination_note_created_by_person")
        ),
        sa.ForeignKeyConstraint(
            ["institution_id"],
            ["institution.id"],
            name=op.f("fk_coordination_note_institution_id_institution"),
        ),
        sa.ForeignKeyConstraint(["pokja_id"], ["pokja.id"], name=op.f("fk_coordination_note_pokja_id_pokja")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coordination_note")),
    )
    op.create_index(
        "ix_coordination_note_institution_id_held_on", "coordination_note", ["institution_id", "held_on"]
    )
    op.create_index("ix_coordination_note_pokja_id", "coordination_note", ["pokja_id"])
    op.create_table(
        "follow_up",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("institution_id", sa.Integer(), nullable=False),
        sa.Column("pokja_id", sa.Integer(), nullable=True),
        sa.Column("text", sa.String(length=500), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column("created_at", UTC_DATETIME, nullable=False),
        sa.Column("done_at", UTC_DATETIME, nullable=True),
        sa.Column("done_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["created_by"], ["person.id"], name=op.f("fk_follow_up_created_by_person")),
        sa.ForeignKeyConstraint(["done_by"], ["person.id"], name=op.f("fk_follow_up_done_by_person")),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_follow_up_institution_id_institution")
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_follow_up_owner_id_person")),
        sa.ForeignKeyConstraint(["pokja_id"], ["pokja.id"], name=op.f("fk_follow_up_pokja_id_pokja")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow_up")),
    )
    op.create_index("ix_follow_up_done_at_due_on", "follow_up", ["done_at", "due_on"])
    op.create_index("ix_follow_up_institution_id", "follow_up", ["institution_id"])
    op.create_index("ix_follow_up_owner_id_done_at", "follow_up", ["owner_id", "done_at"])
    op.create_index("ix_follow_up_pokja_id", "follow_up", ["pokja_id"])
