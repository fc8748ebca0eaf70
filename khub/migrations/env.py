"""Alembic's entry: one transaction under the write lock."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from alembic import context

from khub.models import metadata

if TYPE_CHECKING:
    from khub.db import Database

database = cast("Database", context.config.attributes["database"])
with database.write() as session:
    context.configure(connection=session.connection(), target_metadata=metadata, render_as_batch=False)
    context.run_migrations()
