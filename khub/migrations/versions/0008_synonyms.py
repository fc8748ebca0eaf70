"""Tables of the room "synonyms": groups of forms, what changed them, and the epoch that tells of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

UTC_DATETIME = sa.DateTime()
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

#: Names of K/L are joined too, whoever writes them: their tables move the epoch on by themselves. A
#: migration that makes one of these tables anew must make its triggers anew.
_NAMED = ("institution", "institution_alias")
_SQLITE_TOLD = """
CREATE TRIGGER {table}_told_{verb} AFTER {verb} ON {table}
BEGIN UPDATE synonym_epoch SET value = value + 1 WHERE id = 1; END
"""
_POSTGRESQL_TELL = """
CREATE FUNCTION synonym_epoch_move() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN UPDATE synonym_epoch SET value = value + 1 WHERE id = 1; RETURN NULL; END $$
"""
_POSTGRESQL_TOLD = """
CREATE TRIGGER {table}_told AFTER INSERT OR UPDATE OR DELETE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION synonym_epoch_move()
"""


def upgrade() -> None:
    """Add the room's tables; a changed K/L moves the epoch on."""
    op.create_table(
        "synonym_epoch",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("value", BIG, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_synonym_epoch")),
    )
    op.create_table(
        "synonym_group",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("head", sa.String(length=250), nullable=False),
        sa.Column("removed_at", UTC_DATETIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_synonym_group")),
    )
    op.create_index("ix_synonym_group_removed_at_head", "synonym_group", ["removed_at", "head"], unique=False)
    op.create_table(
        "synonym_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", UTC_DATETIME, nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("person", sa.String(length=200), nullable=False),
        sa.Column("act", sa.String(length=20), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("undoes_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_synonym_change_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["undoes_id"], ["synonym_change.id"], name=op.f("fk_synonym_change_undoes_id_synonym_change")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_synonym_change")),
    )
    op.create_index(op.f("ix_synonym_change_undoes_id"), "synonym_change", ["undoes_id"], unique=False)
    op.create_table(
        "synonym_form",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("text", sa.String(length=250), nullable=False),
        sa.Column("key", sa.String(length=250), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"], ["synonym_group.id"], name=op.f("fk_synonym_form_group_id_synonym_group")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_synonym_form")),
    )
    op.create_index(op.f("ix_synonym_form_group_id"), "synonym_form", ["group_id"], unique=False)
    op.create_index(op.f("ix_synonym_form_key"), "synonym_form", ["key"], unique=False)
    op.create_index(
        "uq_synonym_form_same",
        "synonym_form",
        ["key"],
        unique=True,
        sqlite_where=sa.text("kind = 'same'"),
        postgresql_where=sa.text("kind = 'same'"),
    )
    op.create_table(
        "synonym_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("change_id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=True),
        sa.Column("after", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(
            ["change_id"], ["synonym_change.id"], name=op.f("fk_synonym_step_change_id_synonym_change")
        ),
        sa.ForeignKeyConstraint(
            ["group_id"], ["synonym_group.id"], name=op.f("fk_synonym_step_group_id_synonym_group")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_synonym_step")),
    )
    op.create_index(op.f("ix_synonym_step_change_id"), "synonym_step", ["change_id"], unique=False)
    op.create_index(op.f("ix_synonym_step_group_id"), "synonym_step", ["group_id"], unique=False)

    epoch = sa.table("synonym_epoch", sa.column("id"), sa.column("value"))
    op.bulk_insert(epoch, [{"id": 1, "value": 0}])
    if op.get_bind().dialect.name == "postgresql":
        op.execute(_POSTGRESQL_TELL)
        for table in _NAMED:
            op.execute(_POSTGRESQL_TOLD.format(table=table))
        return
    for table in _NAMED:
        for verb in ("INSERT", "UPDATE", "DELETE"):
            op.execute(_SQLITE_TOLD.format(table=table, verb=verb))
