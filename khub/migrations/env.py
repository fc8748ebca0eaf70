"""Alembic's entry: one transaction, one process at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import sqlalchemy as sa
from alembic import context

from khub.models import metadata

if TYPE_CHECKING:
    from khub.db import Database

#: Any number that nothing else of this database locks; SQLite has its write gate.
_LOCK = 5_482_017

database = cast("Database", context.config.attributes["database"])
with database.write() as session:
    if not database.is_sqlite:
        session.execute(sa.text("SET LOCAL lock_timeout = '120s'"))
        session.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    context.configure(connection=session.connection(), target_metadata=metadata, render_as_batch=False)
    context.run_migrations()
