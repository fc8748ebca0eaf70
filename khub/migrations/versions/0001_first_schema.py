"""The first schema: people, plan, keluaran, audit chain, jobs, search columns."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

KINDS = (
    ("laporan-kegiatan", "Laporan kegiatan", "Activity report"),
    ("modul", "Modul/bahan ajar", "Module/teaching material"),
    ("kajian", "Kajian/policy brief", "Study/policy brief"),
    ("regulasi", "Regulasi/pedoman/SOP", "Regulation/guideline/SOP"),
    ("data", "Data/statistik", "Data/statistics"),
    ("publikasi", "Publikasi/media", "Publication/media"),
    ("dokumentasi", "Dokumentasi foto", "Photo documentation"),
    ("notula", "Notula/daftar hadir", "Minutes/attendance list"),
    ("nota-kesepahaman", "Nota kesepahaman", "Memorandum of understanding"),
    ("lainnya", "Lainnya", "Other"),
)

#: The trail takes no edits: the database itself refuses them.
_SQLITE_GUARD = """
CREATE TRIGGER event_no_{verb} BEFORE {verb} ON event
BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END
"""
_POSTGRESQL_GUARD = (
    """
    CREATE FUNCTION event_refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'the audit trail is append-only'; END $$
    """,
    """
    CREATE TRIGGER event_append_only BEFORE UPDATE OR DELETE ON event
    FOR EACH ROW EXECUTE FUNCTION event_refuse()
    """,
    """
    CREATE TRIGGER event_no_truncate BEFORE TRUNCATE ON event
    FOR EACH STATEMENT EXECUTE FUNCTION event_refuse()
    """,
)


def upgrade() -> None:
    """Create everything."""
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", BIG, nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    op.create_table(
        "event",
        sa.Column("seq", BIG, autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("person", sa.String(length=200), nullable=False),
        sa.Column("act", sa.String(length=60), nullable=False),
        sa.Column("object_type", sa.String(length=30), nullable=False),
        sa.Column("object_id", sa.String(length=60), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_event")),
    )
    op.create_index("ix_event_act_seq", "event", ["act", "seq"], unique=False)
    op.create_index("ix_event_at", "event", ["at"], unique=False)
    op.create_index("ix_event_object", "event", ["object_type", "object_id", "seq"], unique=False)
    op.create_index("ix_event_person_id_seq", "event", ["person_id", "seq"], unique=False)
    op.create_table(
        "institution",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=250), nullable=False),
        sa.Column("abbreviation", sa.String(length=60), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("successor_id", sa.Integer(), nullable=True),
        sa.Column("official_submits", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["successor_id"], ["institution.id"], name=op.f("fk_institution_successor_id_institution")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_institution")),
        sa.UniqueConstraint("code", name=op.f("uq_institution_code")),
    )
    op.create_index(op.f("ix_institution_successor_id"), "institution", ["successor_id"], unique=False)
    op.create_table(
        "job",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("ref", sa.Integer(), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("run_at", sa.DateTime(), nullable=False),
        sa.Column("lease_until", sa.DateTime(), nullable=True),
        sa.Column("token", sa.String(length=32), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
        sa.UniqueConstraint("kind", "ref", name=op.f("uq_job_kind_ref")),
    )
    op.create_index("ix_job_open_priority_run_at", "job", ["open", "priority", "run_at"], unique=False)
    op.create_index(
        "ix_job_given_up",
        "job",
        ["id"],
        sqlite_where=sa.text("open IS 0 AND wanted > done"),
        postgresql_where=sa.text("open IS false AND wanted > done"),
    )
    op.create_table(
        "kind",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_kind")),
    )
    op.create_table(
        "person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("login", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("login", name=op.f("uq_person_login")),
    )
    op.create_table(
        "plan",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=250), nullable=False),
        sa.Column("branch_label", sa.String(length=40), nullable=False),
        sa.Column("year_from", sa.Integer(), nullable=True),
        sa.Column("year_to", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan")),
        sa.UniqueConstraint("code", name=op.f("uq_plan_code")),
    )
    op.create_table(
        "search_epoch",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("value", BIG, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_epoch")),
    )
    op.create_table(
        "sign_in_attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("login", sa.String(length=80), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_attempt")),
    )
    op.create_index("ix_sign_in_attempt_address_at", "sign_in_attempt", ["address", "at"], unique=False)
    op.create_index("ix_sign_in_attempt_at", "sign_in_attempt", ["at"], unique=False)
    op.create_index("ix_sign_in_attempt_login_at", "sign_in_attempt", ["login", "at"], unique=False)
    op.create_table(
        "branch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=500), nullable=False),
        sa.Column("classification", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_branch_plan_id_plan")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_branch")),
        sa.UniqueConstraint("plan_id", "code", name=op.f("uq_branch_plan_id_code")),
    )
    op.create_table(
        "institution_alias",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("institution_id", sa.Integer(), nullable=False),
        sa.Column("alias", sa.String(length=250), nullable=False),
        sa.Column("key", sa.String(length=250), nullable=False),
        sa.ForeignKeyConstraint(
            ["institution_id"],
            ["institution.id"],
            name=op.f("fk_institution_alias_institution_id_institution"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_institution_alias")),
        sa.UniqueConstraint("key", name=op.f("uq_institution_alias_key")),
    )
    op.create_index(
        op.f("ix_institution_alias_institution_id"), "institution_alias", ["institution_id"], unique=False
    )
    op.create_table(
        "parked_form",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("path", sa.String(length=500), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("ends_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_parked_form_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parked_form")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_parked_form_token_hash")),
    )
    op.create_index(op.f("ix_parked_form_person_id"), "parked_form", ["person_id"], unique=False)
    op.create_table(
        "password_reset",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("issued_by", sa.Integer(), nullable=True),
        sa.Column("ends_at", sa.DateTime(), nullable=False),
        sa.Column("used_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["issued_by"], ["person.id"], name=op.f("fk_password_reset_issued_by_person")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_password_reset_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_password_reset")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_password_reset_token_hash")),
    )
    op.create_index(op.f("ix_password_reset_person_id"), "password_reset", ["person_id"], unique=False)
    op.create_table(
        "period",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("starts", sa.Date(), nullable=False),
        sa.Column("ends", sa.Date(), nullable=False),
        sa.Column("deadline", sa.DateTime(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_period_plan_id_plan")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_period")),
        sa.UniqueConstraint("plan_id", "code", name=op.f("uq_period_plan_id_code")),
    )
    op.create_index(op.f("ix_period_year"), "period", ["year"], unique=False)
    op.create_table(
        "receipt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=30), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("institution_id", sa.Integer(), nullable=False),
        sa.Column("event_seq", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_receipt_institution_id_institution")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_receipt_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipt")),
        sa.UniqueConstraint("number", name=op.f("uq_receipt_number")),
    )
    op.create_table(
        "sign_in",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("seen_at", sa.DateTime(), nullable=False),
        sa.Column("ends_at", sa.DateTime(), nullable=False),
        sa.Column("revoked_at", sa.DateTime(), nullable=True),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("agent", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_sign_in_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sign_in_token_hash")),
    )
    op.create_index(op.f("ix_sign_in_person_id"), "sign_in", ["person_id"], unique=False)
    op.create_table(
        "focus",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_focus_branch_id_branch")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_focus")),
        sa.UniqueConstraint("branch_id", "code", name=op.f("uq_focus_branch_id_code")),
    )
    op.create_table(
        "pokja",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=250), nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_pokja_branch_id_branch")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pokja")),
        sa.UniqueConstraint("code", name=op.f("uq_pokja_code")),
    )
    op.create_index(op.f("ix_pokja_branch_id"), "pokja", ["branch_id"], unique=False)
    op.create_table(
        "action",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("focus_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("measure", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["focus_id"], ["focus.id"], name=op.f("fk_action_focus_id_focus")),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_action_plan_id_plan")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_action")),
        sa.UniqueConstraint("plan_id", "code", name=op.f("uq_action_plan_id_code")),
    )
    op.create_index("ix_action_focus_id", "action", ["focus_id"], unique=False)
    op.create_table(
        "membership",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("institution_id", sa.Integer(), nullable=True),
        sa.Column("pokja_id", sa.Integer(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_membership_institution_id_institution")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_membership_person_id_person")),
        sa.ForeignKeyConstraint(["pokja_id"], ["pokja.id"], name=op.f("fk_membership_pokja_id_pokja")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_membership")),
    )
    op.create_index(op.f("ix_membership_institution_id"), "membership", ["institution_id"], unique=False)
    op.create_index(op.f("ix_membership_person_id"), "membership", ["person_id"], unique=False)
    op.create_index(op.f("ix_membership_pokja_id"), "membership", ["pokja_id"], unique=False)
    op.create_table(
        "product",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("institution_id", sa.Integer(), nullable=False),
        sa.Column("pokja_id", sa.Integer(), nullable=False),
        sa.Column("classification", sa.String(length=20), nullable=False),
        sa.Column("batch", sa.String(length=40), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("discarded_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["created_by"], ["person.id"], name=op.f("fk_product_created_by_person")),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_product_institution_id_institution")
        ),
        sa.ForeignKeyConstraint(["pokja_id"], ["pokja.id"], name=op.f("fk_product_pokja_id_pokja")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product")),
        sa.UniqueConstraint("public_id", name=op.f("uq_product_public_id")),
    )
    op.create_index("ix_product_batch", "product", ["batch"], unique=False)
    op.create_index("ix_product_created_at", "product", ["created_at"], unique=False)
    op.create_index(op.f("ix_product_created_by"), "product", ["created_by"], unique=False)
    op.create_index(
        "ix_product_institution_id_pokja_id", "product", ["institution_id", "pokja_id"], unique=False
    )
    op.create_index(op.f("ix_product_pokja_id"), "product", ["pokja_id"], unique=False)
    op.create_table(
        "action_institution",
        sa.Column("action_id", sa.Integer(), nullable=False),
        sa.Column("institution_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["action_id"], ["action.id"], name=op.f("fk_action_institution_action_id_action")
        ),
        sa.ForeignKeyConstraint(
            ["institution_id"],
            ["institution.id"],
            name=op.f("fk_action_institution_institution_id_institution"),
        ),
        sa.PrimaryKeyConstraint("action_id", "institution_id", "role", name=op.f("pk_action_institution")),
    )
    op.create_index(
        op.f("ix_action_institution_institution_id"), "action_institution", ["institution_id"], unique=False
    )
    op.create_table(
        "action_year",
        sa.Column("action_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["action_id"], ["action.id"], name=op.f("fk_action_year_action_id_action")),
        sa.PrimaryKeyConstraint("action_id", "year", name=op.f("pk_action_year")),
    )
    op.create_index(op.f("ix_action_year_year"), "action_year", ["year"], unique=False)
    op.create_table(
        "commitment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("action_id", sa.Integer(), nullable=False),
        sa.Column("institution_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("answer", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(), nullable=False),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["action_id"], ["action.id"], name=op.f("fk_commitment_action_id_action")),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_commitment_institution_id_institution")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commitment")),
        sa.UniqueConstraint(
            "action_id",
            "institution_id",
            "year",
            "recorded_at",
            name=op.f("uq_commitment_action_id_institution_id_year_recorded_at"),
        ),
    )
    op.create_index(op.f("ix_commitment_institution_id"), "commitment", ["institution_id"], unique=False)
    op.create_index(op.f("ix_commitment_year"), "commitment", ["year"], unique=False)
    op.create_table(
        "expected_output",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("action_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["action_id"], ["action.id"], name=op.f("fk_expected_output_action_id_action")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_expected_output")),
    )
    op.create_index(op.f("ix_expected_output_action_id"), "expected_output", ["action_id"], unique=False)
    op.create_table(
        "file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=150), nullable=False),
        sa.Column("media_type", sa.String(length=120), nullable=False),
        sa.Column("uploaded_by", sa.Integer(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=60), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("warnings", sa.JSON(), nullable=False),
        sa.Column("personal", sa.JSON(), nullable=False),
        sa.Column("outline", sa.JSON(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("page_count", sa.Integer(), nullable=False),
        sa.Column("read_at", sa.DateTime(), nullable=True),
        sa.Column("extractor", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_file_product_id_product")),
        sa.ForeignKeyConstraint(["uploaded_by"], ["person.id"], name=op.f("fk_file_uploaded_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_file")),
        sa.UniqueConstraint("public_id", name=op.f("uq_file_public_id")),
    )
    op.create_index("ix_file_product_id", "file", ["product_id"], unique=False)
    op.create_index("ix_file_sha256", "file", ["sha256"], unique=False)
    op.create_index("ix_file_state", "file", ["state"], unique=False)
    op.create_table(
        "search_entry",
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("epoch", BIG, nullable=False),
        sa.Column("copies", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["product_id"], ["product.id"], name=op.f("fk_search_entry_product_id_product")
        ),
        sa.PrimaryKeyConstraint("product_id", name=op.f("pk_search_entry")),
    )
    op.create_index(op.f("ix_search_entry_epoch"), "search_entry", ["epoch"], unique=False)
    op.create_table(
        "version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("reviewer_id", sa.Integer(), nullable=True),
        sa.Column("reserved_at", sa.DateTime(), nullable=True),
        sa.Column("created_by", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["person.id"], name=op.f("fk_version_created_by_person")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_version_product_id_product")),
        sa.ForeignKeyConstraint(["reviewer_id"], ["person.id"], name=op.f("fk_version_reviewer_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_version")),
        sa.UniqueConstraint("product_id", "number", name=op.f("uq_version_product_id_number")),
    )
    op.create_index("ix_version_state", "version", ["state"], unique=False)
    op.create_table(
        "copy",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("access", sa.String(length=20), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("title_typed", sa.Boolean(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("language_chosen", sa.Boolean(), nullable=False),
        sa.Column("period_id", sa.Integer(), nullable=True),
        sa.Column("personal_data", sa.String(length=10), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("saved_at", sa.DateTime(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(), nullable=True),
        sa.Column("submitted_by", sa.Integer(), nullable=True),
        sa.Column("receipt_id", sa.Integer(), nullable=True),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("decided_at", sa.DateTime(), nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_copy_decided_by_person")),
        sa.ForeignKeyConstraint(["kind"], ["kind.code"], name=op.f("fk_copy_kind_kind")),
        sa.ForeignKeyConstraint(["period_id"], ["period.id"], name=op.f("fk_copy_period_id_period")),
        sa.ForeignKeyConstraint(["receipt_id"], ["receipt.id"], name=op.f("fk_copy_receipt_id_receipt")),
        sa.ForeignKeyConstraint(["submitted_by"], ["person.id"], name=op.f("fk_copy_submitted_by_person")),
        sa.ForeignKeyConstraint(["version_id"], ["version.id"], name=op.f("fk_copy_version_id_version")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_copy")),
        sa.UniqueConstraint("version_id", "number", name=op.f("uq_copy_version_id_number")),
    )
    op.create_index("ix_copy_access_submitted_at", "copy", ["access", "submitted_at"], unique=False)
    op.create_index("ix_copy_period_id", "copy", ["period_id"], unique=False)
    op.create_index("ix_copy_receipt_id", "copy", ["receipt_id"], unique=False)
    op.create_table(
        "page",
        sa.Column("file_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("approximate", sa.Boolean(), nullable=False),
        sa.Column("heading", sa.Text(), nullable=False),
        sa.Column("error", sa.String(length=60), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["file_id"], ["file.id"], name=op.f("fk_page_file_id_file")),
        sa.PrimaryKeyConstraint("file_id", "number", name=op.f("pk_page")),
    )
    op.create_table(
        "upload_key",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["file_id"], ["file.id"], name=op.f("fk_upload_key_file_id_file")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_upload_key_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", "key", name=op.f("pk_upload_key")),
    )
    op.create_index(op.f("ix_upload_key_file_id"), "upload_key", ["file_id"], unique=False)
    op.create_table(
        "copy_action",
        sa.Column("copy_id", sa.Integer(), nullable=False),
        sa.Column("action_id", sa.Integer(), nullable=False),
        sa.Column("output_id", sa.Integer(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["action_id"], ["action.id"], name=op.f("fk_copy_action_action_id_action")),
        sa.ForeignKeyConstraint(["copy_id"], ["copy.id"], name=op.f("fk_copy_action_copy_id_copy")),
        sa.ForeignKeyConstraint(
            ["output_id"], ["expected_output.id"], name=op.f("fk_copy_action_output_id_expected_output")
        ),
        sa.PrimaryKeyConstraint("copy_id", "action_id", name=op.f("pk_copy_action")),
    )
    op.create_index(op.f("ix_copy_action_action_id"), "copy_action", ["action_id"], unique=False)
    op.create_index(op.f("ix_copy_action_output_id"), "copy_action", ["output_id"], unique=False)
    op.create_table(
        "copy_file",
        sa.Column("copy_id", sa.Integer(), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["copy_id"], ["copy.id"], name=op.f("fk_copy_file_copy_id_copy")),
        sa.ForeignKeyConstraint(["file_id"], ["file.id"], name=op.f("fk_copy_file_file_id_file")),
        sa.PrimaryKeyConstraint("copy_id", "file_id", name=op.f("pk_copy_file")),
    )
    op.create_index(op.f("ix_copy_file_file_id"), "copy_file", ["file_id"], unique=False)
    # ### end Alembic commands ###
    kinds = sa.table(
        "kind", sa.column("code"), sa.column("name"), sa.column("name_en"), sa.column("position")
    )
    op.bulk_insert(
        kinds,
        [
            {"code": code, "name": name, "name_en": name_en, "position": position}
            for position, (code, name, name_en) in enumerate(KINDS, 1)
        ],
    )
    head = sa.table("audit_head", sa.column("id"), sa.column("seq"), sa.column("hash"))
    op.bulk_insert(head, [{"id": 1, "seq": 0, "hash": "0" * 64}])
    epoch = sa.table("search_epoch", sa.column("id"), sa.column("value"))
    op.bulk_insert(epoch, [{"id": 1, "value": 0}])
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(_SQLITE_GUARD.format(verb=verb))
    else:
        for statement in _POSTGRESQL_GUARD:
            op.execute(statement)
