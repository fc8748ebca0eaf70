"""Tables of the room "review": decisions, answers to the checklist, second looks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

UTC_DATETIME = sa.DateTime()


def upgrade() -> None:
    """Add the room's tables."""
    op.create_table(
        "review_decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("copy_id", sa.Integer(), nullable=True),
        sa.Column("report_copy_id", sa.Integer(), nullable=True),
        sa.Column("with_id", sa.Integer(), nullable=True),
        sa.Column("act", sa.String(length=20), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("at", UTC_DATETIME, nullable=False),
        sa.Column("batch", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["copy_id"], ["copy.id"], name=op.f("fk_review_decision_copy_id_copy")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_review_decision_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["report_copy_id"],
            ["report_copy.id"],
            name=op.f("fk_review_decision_report_copy_id_report_copy"),
        ),
        sa.ForeignKeyConstraint(
            ["with_id"], ["review_decision.id"], name=op.f("fk_review_decision_with_id_review_decision")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_decision")),
    )
    op.create_index(op.f("ix_review_decision_at"), "review_decision", ["at"])
    op.create_index(op.f("ix_review_decision_batch"), "review_decision", ["batch"])
    op.create_index(op.f("ix_review_decision_copy_id"), "review_decision", ["copy_id"])
    op.create_index(op.f("ix_review_decision_report_copy_id"), "review_decision", ["report_copy_id"])
    op.create_index(op.f("ix_review_decision_with_id"), "review_decision", ["with_id"])
    op.create_table(
        "review_answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("copy_id", sa.Integer(), nullable=True),
        sa.Column("report_copy_id", sa.Integer(), nullable=True),
        sa.Column("item", sa.String(length=20), nullable=False),
        sa.Column("second", sa.Boolean(), nullable=False),
        sa.Column("answer", sa.String(length=10), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("at", UTC_DATETIME, nullable=False),
        sa.ForeignKeyConstraint(["copy_id"], ["copy.id"], name=op.f("fk_review_answer_copy_id_copy")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_review_answer_person_id_person")),
        sa.ForeignKeyConstraint(
            ["report_copy_id"], ["report_copy.id"], name=op.f("fk_review_answer_report_copy_id_report_copy")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_answer")),
        sa.UniqueConstraint("copy_id", "item", "second", name=op.f("uq_review_answer_copy_id_item_second")),
        sa.UniqueConstraint(
            "report_copy_id", "item", "second", name=op.f("uq_review_answer_report_copy_id_item_second")
        ),
    )
    op.create_table(
        "second_look",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("decision_id", sa.Integer(), nullable=False),
        sa.Column("drawn_at", UTC_DATETIME, nullable=False),
        sa.Column("reviewer_id", sa.Integer(), nullable=True),
        sa.Column("reserved_at", UTC_DATETIME, nullable=True),
        sa.Column("verdict", sa.String(length=20), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("decided_at", UTC_DATETIME, nullable=True),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["review_decision.id"], name=op.f("fk_second_look_decision_id_review_decision")
        ),
        sa.ForeignKeyConstraint(
            ["reviewer_id"], ["person.id"], name=op.f("fk_second_look_reviewer_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_second_look")),
        sa.UniqueConstraint("decision_id", name=op.f("uq_second_look_decision_id")),
    )
    op.create_index(op.f("ix_second_look_verdict"), "second_look", ["verdict"])
