"""Schema changes, in order, run by Alembic inside the database's own write turn."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

if TYPE_CHECKING:
    from khub.db import Database


def config(database: Database | None = None) -> Config:
    """Return the Alembic configuration; with ``database`` it can run."""
    settings = Config()
    settings.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    settings.set_main_option("path_separator", "os")
    settings.attributes["database"] = database
    return settings


def upgrade(database: Database) -> None:
    """Bring the schema to the newest revision; safe to run twice and by several processes at once."""
    command.upgrade(config(database), "head")


def pending(database: Database) -> bool:
    """Tell whether the schema is older (or newer) than this code."""
    with database.engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    return current != ScriptDirectory.from_config(config()).get_current_head()
