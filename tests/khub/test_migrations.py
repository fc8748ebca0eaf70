"""The migrations make exactly the schema that the code expects."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from khub import migrations
from khub.db import Database
from khub.models import metadata
from khub.settings import environment

if TYPE_CHECKING:
    from khub.settings import Settings


def test_the_migrated_schema_is_that_of_the_models(db: Database) -> None:
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    assert not migrations.pending(db)


def test_several_processes_may_migrate_at_once(settings: Settings) -> None:
    command = [sys.executable, "-m", "khub", "init"]
    running = [
        subprocess.Popen(
            command, env=environment(settings), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        for _ in range(3)
    ]
    said = [process.communicate(timeout=120)[0] for process in running]
    assert [process.returncode for process in running] == [0, 0, 0], said
    database = Database(settings.database)
    assert not migrations.pending(database)
    database.close()
