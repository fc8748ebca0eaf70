"""Tables of the room "annual": the report on a year, its citations, masukan, editions and exports."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

UTC_DATETIME = sa.DateTime()

_SQLITE_GUARD = """
CREATE TRIGGER annual_edition_no_{verb} BEFORE {verb} ON annual_edition
BEGIN SELECT RAISE(ABORT, 'a frozen edition is kept for ever'); END
"""
_POSTGRESQL_GUARD = (
    """
    CREATE FUNCTION annual_edition_refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'a frozen edition is kept for ever'; END $$
    """,
    """
    CREATE TRIGGER annual_edition_kept BEFORE UPDATE OR DELETE ON annual_edition
    FOR EACH ROW EXECUTE FUNCTION annual_edition_refuse()
    """,
    """
    CREATE TRIGGER annual_edition_no_truncate BEFORE TRUNCATE ON annual_edition
    FOR EACH STATEMENT EXECUTE FUNCTION annual_edition_refuse()
    """,
)


def upgrade() -> None:
    """Add the room's tables; frozen editions can only be added."""
    op.create_table(
        "annual_report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("as_of", UTC_DATETIME, nullable=False),
        sa.Column("input_until", UTC_DATETIME, nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("saved_at", UTC_DATETIME, nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column("created_at", UTC_DATETIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by"], ["person.id"], name=op.f("fk_annual_report_created_by_person")
        ),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_annual_report_plan_id_plan")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_annual_report")),
        sa.UniqueConstraint("plan_id", "year", name=op.f("uq_annual_report_plan_id_year")),
        sa.UniqueConstraint("public_id", name=op.f("uq_annual_report_public_id")),
    )
    op.create_index("ix_annual_report_input_until", "annual_report", ["input_until"], unique=False)
    op.create_table(
        "annual_edition",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("as_of", UTC_DATETIME, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("restricted", sa.Boolean(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("frozen_by", sa.Integer(), nullable=True),
        sa.Column("frozen_at", UTC_DATETIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["frozen_by"], ["person.id"], name=op.f("fk_annual_edition_frozen_by_person")
        ),
        sa.ForeignKeyConstraint(
            ["report_id"], ["annual_report.id"], name=op.f("fk_annual_edition_report_id_annual_report")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_annual_edition")),
        sa.UniqueConstraint("report_id", "number", name=op.f("uq_annual_edition_report_id_number")),
    )
    op.create_table(
        "annual_section",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("branch", sa.String(length=40), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["report_id"], ["annual_report.id"], name=op.f("fk_annual_section_report_id_annual_report")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_annual_section")),
        sa.UniqueConstraint("report_id", "key", name=op.f("uq_annual_section_report_id_key")),
    )
    op.create_table(
        "annual_export",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=True),
        sa.Column("format", sa.String(length=10), nullable=False),
        sa.Column("restricted", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("progress", sa.Integer(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("name", sa.String(length=150), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("requested_by", sa.Integer(), nullable=True),
        sa.Column("requested_at", UTC_DATETIME, nullable=False),
        sa.Column("finished_at", UTC_DATETIME, nullable=True),
        sa.ForeignKeyConstraint(
            ["edition_id"], ["annual_edition.id"], name=op.f("fk_annual_export_edition_id_annual_edition")
        ),
        sa.ForeignKeyConstraint(
            ["report_id"], ["annual_report.id"], name=op.f("fk_annual_export_report_id_annual_report")
        ),
        sa.ForeignKeyConstraint(
            ["requested_by"], ["person.id"], name=op.f("fk_annual_export_requested_by_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_annual_export")),
        sa.UniqueConstraint("public_id", name=op.f("uq_annual_export_public_id")),
    )
    op.create_index("ix_annual_export_report_id", "annual_export", ["report_id"], unique=False)
    op.create_table(
        "annual_paragraph",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("section_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("saved_at", UTC_DATETIME, nullable=False),
        sa.Column("saved_by", sa.Integer(), nullable=True),
        sa.Column("deleted_at", UTC_DATETIME, nullable=True),
        sa.ForeignKeyConstraint(
            ["report_id"], ["annual_report.id"], name=op.f("fk_annual_paragraph_report_id_annual_report")
        ),
        sa.ForeignKeyConstraint(
            ["saved_by"], ["person.id"], name=op.f("fk_annual_paragraph_saved_by_person")
        ),
        sa.ForeignKeyConstraint(
            ["section_id"], ["annual_section.id"], name=op.f("fk_annual_paragraph_section_id_annual_section")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_annual_paragraph")),
    )
    op.create_index("ix_annual_paragraph_report_id", "annual_paragraph", ["report_id"], unique=False)
    op.create_index(
        "ix_annual_paragraph_section_id_position",
        "annual_paragraph",
        ["section_id", "position"],
        unique=False,
    )
    op.create_table(
        "annual_comment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("paragraph_id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("institution_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", UTC_DATETIME, nullable=False),
        sa.Column("answer", sa.String(length=20), nullable=False),
        sa.Column("reply", sa.Text(), nullable=False),
        sa.Column("answered_by", sa.Integer(), nullable=True),
        sa.Column("answered_at", UTC_DATETIME, nullable=True),
        sa.ForeignKeyConstraint(
            ["answered_by"], ["person.id"], name=op.f("fk_annual_comment_answered_by_person")
        ),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_annual_comment_institution_id_institution")
        ),
        sa.ForeignKeyConstraint(
            ["paragraph_id"],
            ["annual_paragraph.id"],
            name=op.f("fk_annual_comment_paragraph_id_annual_paragraph"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_annual_comment_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["report_id"], ["annual_report.id"], name=op.f("fk_annual_comment_report_id_annual_report")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_annual_comment")),
    )
    op.create_index("ix_annual_comment_paragraph_id", "annual_comment", ["paragraph_id"], unique=False)
    op.create_index(
        "ix_annual_comment_report_id_answer", "annual_comment", ["report_id", "answer"], unique=False
    )
    op.create_table(
        "annual_exception",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("paragraph_id", sa.Integer(), nullable=False),
        sa.Column("phrase", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("at", UTC_DATETIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["paragraph_id"],
            ["annual_paragraph.id"],
            name=op.f("fk_annual_exception_paragraph_id_annual_paragraph"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_annual_exception_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["report_id"], ["annual_report.id"], name=op.f("fk_annual_exception_report_id_annual_report")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_annual_exception")),
    )
    op.create_index("ix_annual_exception_report_id", "annual_exception", ["report_id"], unique=False)
    op.create_table(
        "annual_revision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("paragraph_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("act", sa.String(length=20), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("person", sa.String(length=200), nullable=False),
        sa.Column("at", UTC_DATETIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["paragraph_id"],
            ["annual_paragraph.id"],
            name=op.f("fk_annual_revision_paragraph_id_annual_paragraph"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_annual_revision_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_annual_revision")),
    )
    op.create_index("ix_annual_revision_paragraph_id", "annual_revision", ["paragraph_id"], unique=False)
    op.create_table(
        "annual_citation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Integer(), nullable=False),
        sa.Column("copy_id", sa.Integer(), nullable=True),
        sa.Column("file_id", sa.Integer(), nullable=True),
        sa.Column("page", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("report_copy_id", sa.Integer(), nullable=True),
        sa.Column("quote", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column("created_at", UTC_DATETIME, nullable=False),
        sa.Column("allowed_reason", sa.Text(), nullable=False),
        sa.Column("allowed_by", sa.Integer(), nullable=True),
        sa.Column("allowed_at", UTC_DATETIME, nullable=True),
        sa.Column("dropped_at", UTC_DATETIME, nullable=True),
        sa.ForeignKeyConstraint(
            ["allowed_by"], ["person.id"], name=op.f("fk_annual_citation_allowed_by_person")
        ),
        sa.ForeignKeyConstraint(["copy_id"], ["copy.id"], name=op.f("fk_annual_citation_copy_id_copy")),
        sa.ForeignKeyConstraint(
            ["created_by"], ["person.id"], name=op.f("fk_annual_citation_created_by_person")
        ),
        sa.ForeignKeyConstraint(["file_id"], ["file.id"], name=op.f("fk_annual_citation_file_id_file")),
        sa.ForeignKeyConstraint(
            ["report_copy_id"], ["report_copy.id"], name=op.f("fk_annual_citation_report_copy_id_report_copy")
        ),
        sa.ForeignKeyConstraint(
            ["report_id"], ["annual_report.id"], name=op.f("fk_annual_citation_report_id_annual_report")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_annual_citation")),
        sa.UniqueConstraint("report_id", "key", name=op.f("uq_annual_citation_report_id_key")),
    )
    op.create_index("ix_annual_citation_copy_id", "annual_citation", ["copy_id"], unique=False)
    if op.get_bind().dialect.name == "postgresql":
        for statement in _POSTGRESQL_GUARD:
            op.execute(statement)
    else:
        for verb in ("UPDATE", "DELETE"):
            op.execute(_SQLITE_GUARD.format(verb=verb))
