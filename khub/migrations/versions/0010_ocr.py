"""Pages read from their pictures; the scans that are there already are put into the queue."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

_QUEUE = """
INSERT INTO job (kind, ref, open, priority, wanted, done, attempts, run_at, token, error, created_at)
SELECT 'ocr', file.id, true, 9, 1, 0, 0, file.read_at, '', '', file.read_at FROM file
WHERE file.read_at IS NOT NULL AND EXISTS (
  SELECT 1 FROM page WHERE page.file_id = file.id AND page.error IN ('ocr.scan', 'ocr.garbled')
)
"""


def upgrade() -> None:
    """Add the columns and the table, and ask for what waits."""
    op.add_column("page", sa.Column("source", sa.String(length=10), nullable=False, server_default=""))
    op.add_column("page", sa.Column("confidence", sa.Integer(), nullable=False, server_default="0"))
    op.create_table(
        "page_words",
        sa.Column("file_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["file_id"], ["file.id"], name=op.f("fk_page_words_file_id_file")),
        sa.PrimaryKeyConstraint("file_id", "number", name=op.f("pk_page_words")),
    )
    op.execute(_QUEUE)
