"""The database under many hands: nothing fails, nothing is lost, readers see one moment."""

from __future__ import annotations

import multiprocessing
import threading
from datetime import UTC, datetime, timedelta, timezone

import pytest
import sqlalchemy as sa

from khub import migrations
from khub.audit import chain
from khub.audit.models import Event, Head
from khub.db import Database, UTCDateTime
from khub.policy import SYSTEM
from khub.products.models import Kind

_AT = datetime(2023, 10, 9, tzinfo=UTC)


def _append(url, writer, turns):
    database = Database(url)
    for turn in range(turns):
        with database.write() as session:
            chain.append(session, SYSTEM, "uji", "plan", f"{writer}-{turn}", _AT)
    database.close()


def test_processes_and_threads_writing_at_once_lose_nothing_and_fork_no_chain(db, database_url):
    """Two processes of four threads each, all appending to the one chain."""
    context = multiprocessing.get_context("spawn")
    others = [context.Process(target=_append, args=(database_url, f"proses-{n}", 25)) for n in range(2)]
    wrong = []

    def work(number):
        try:
            for turn in range(25):
                with db.write() as session:
                    chain.append(session, SYSTEM, "uji", "plan", f"utas-{number}-{turn}", _AT)
        except Exception as error:  # noqa: BLE001 - the test shows whatever came
            wrong.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for each in (*others, *threads):
        each.start()
    for each in (*others, *threads):
        each.join()
    assert wrong == []
    assert [other.exitcode for other in others] == [0, 0]
    for other in others:
        other.close()
    with db.read() as session:
        assert chain.verify(session).whole
        assert session.scalar(sa.select(sa.func.count()).select_from(Event)) == 150


def test_a_block_that_fails_leaves_nothing(db):
    def change():
        with db.write() as session:
            session.add(Kind(code="setengah", name="x", name_en="x", position=99))
            session.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        change()
    with db.read() as session:
        assert session.get(Kind, "setengah") is None


def test_what_a_reading_session_does_is_not_kept(db):
    with db.read() as session:
        session.add(Kind(code="coba", name="x", name_en="x", position=99))
        if not db.is_sqlite:
            session.flush()
    with db.read() as session:
        assert session.get(Kind, "coba") is None


def test_a_reading_session_sees_one_state_whatever_is_committed_meanwhile(db):
    """Two figures of one page would otherwise disagree."""
    total = sa.select(sa.func.count()).select_from(Kind)
    with db.read() as reading:
        before = reading.scalar(total)
        with db.write() as session:
            session.add(Kind(code="baru", name="Baru", name_en="New", position=99))
        assert reading.scalar(total) == before
    with db.read() as reading:
        assert reading.scalar(total) == before + 1


def test_a_writer_does_not_wait_for_readers_nor_they_for_it(db):
    with db.read() as reading:
        before = reading.scalar(sa.select(sa.func.count()).select_from(Kind))
        with db.write() as session:
            session.add(Kind(code="baru", name="x", name_en="x", position=99))
        if db.is_sqlite:  # one snapshot for the whole of a reading session
            assert reading.scalar(sa.select(sa.func.count()).select_from(Kind)) == before
    with db.read() as session:
        assert session.get(Kind, "baru") is not None


def test_sqlite_is_set_up_to_survive_a_power_cut(db):
    if not db.is_sqlite:
        return
    with db.read() as session:
        asked = {
            name: session.connection().exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "trusted_schema")
        }
    assert asked == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "trusted_schema": 0}


def test_instants_are_aware_and_in_utc(db):
    jakarta = datetime(2023, 10, 9, 9, 0, tzinfo=timezone(timedelta(hours=7)))
    with db.write() as session:
        chain.append(session, SYSTEM, "uji", "plan", "1", jakarta)
    with db.read() as session:
        assert session.scalars(sa.select(Event.at)).one() == jakarta
        assert session.scalars(sa.select(Event.at)).one().tzinfo is UTC
    with pytest.raises(ValueError, match="naive"):
        UTCDateTime().process_bind_param(datetime(2023, 1, 1), sa.create_engine("sqlite://").dialect)  # noqa: DTZ001


def test_the_schema_is_what_the_models_say(db):
    from alembic.autogenerate import compare_metadata  # noqa: PLC0415 - only here
    from alembic.runtime.migration import MigrationContext  # noqa: PLC0415

    from khub.models import Base  # noqa: PLC0415

    with db.engine.connect() as connection:
        found = compare_metadata(MigrationContext.configure(connection), Base.metadata)
    assert found == []


def _migrate(url):
    database = Database(url)
    migrations.upgrade(database)
    database.close()


def test_migrating_by_several_processes_at_once_and_twice_is_harmless(database_url):
    context = multiprocessing.get_context("spawn")
    others = [context.Process(target=_migrate, args=(database_url,)) for _ in range(3)]
    for other in others:
        other.start()
    for other in others:
        other.join()
    assert [other.exitcode for other in others] == [0, 0, 0]
    for other in others:
        other.close()
    database = Database(database_url)
    migrations.upgrade(database)
    assert not migrations.pending(database)
    with database.read() as session:
        assert session.get(Head, 1) is not None
    database.close()
