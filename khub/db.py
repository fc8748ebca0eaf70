"""Engine, sessions, column types. The only module that commits.

SQLite runs in WAL with ``synchronous=FULL`` (anything less loses acknowledged rows in a power
cut) and takes its write lock at BEGIN, behind an flock gate, because its own busy handler is
unfair to waiting processes.
"""

from __future__ import annotations

import contextlib
import fcntl
import importlib
import os
import sqlite3
import warnings
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVarTuple

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.pool import NullPool

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import ModuleType

Ts = TypeVarTuple("Ts")
#: In ``info`` of a session that writes nothing.
_READS = "khub-reads"

#: First SQLite without the WAL-reset corruption bug of 3.7.0 to 3.51.2.
SAFE_SQLITE = (3, 51, 3)

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Base of every mapped class."""

    metadata = sa.MetaData(naming_convention=NAMING)


class UTCDateTime(sa.types.TypeDecorator[datetime]):
    """An aware instant, kept as UTC on every database."""

    impl = sa.DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Refuse naive values and store UTC without a zone."""
        del dialect
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive datetime")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Return the value as aware UTC."""
        del dialect
        return None if value is None else value.replace(tzinfo=UTC)


#: 64-bit key; SQLite only counts rows by itself for the type named INTEGER.
BigKey = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def sqlite_module() -> ModuleType:
    """Return the newest SQLite driver at hand; warn where it has the WAL-reset bug."""
    module: ModuleType
    try:
        module = importlib.import_module("pysqlite3.dbapi2")
    except ImportError:
        module = sqlite3
    if tuple(module.sqlite_version_info) < SAFE_SQLITE:
        warnings.warn(
            f"SQLite {module.sqlite_version} has a rare WAL corruption bug (fixed in 3.51.3); "
            "use PostgreSQL or a newer Python build for real data",
            RuntimeWarning,
            stacklevel=2,
        )
    return module


class Database:
    """One database: a reading and a writing session at a time, and the migrations.

    ``url`` is an SQLAlchemy URL (``sqlite:///path`` or ``postgresql+psycopg://…``).
    """

    def __init__(self, url: str, *, statement_timeout: int = 30) -> None:
        self.url = sa.make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._gate: Path | None = None
        if self.is_sqlite:
            if not self.url.database:
                raise ValueError("a SQLite database needs a file")
            path = Path(self.url.database)
            path.parent.mkdir(parents=True, exist_ok=True)
            self._gate = path.with_name(path.name + ".gate")
            self.engine = sa.create_engine(
                self.url,
                module=sqlite_module(),
                # The connection that was given back last still has the pages it read at hand.
                **({"poolclass": NullPool} if path.name == ":memory:" else {"pool_use_lifo": True}),
                connect_args={"timeout": 30, "check_same_thread": False},
            )
            sa.event.listen(self.engine, "connect", _prepare_sqlite)
            sa.event.listen(self.engine, "begin", _begin_sqlite)
        else:
            options = (
                f"-c lock_timeout=5000 -c statement_timeout={statement_timeout * 1000}"
                " -c idle_in_transaction_session_timeout=60000"
            )
            self.engine = sa.create_engine(self.url, pool_pre_ping=True, connect_args={"options": options})
        self._writer = self.engine.execution_options(khub_write=True)
        #: On PostgreSQL each statement of a transaction else sees what was committed before it.
        self._reader = (
            self.engine
            if self.is_sqlite
            else self.engine.execution_options(isolation_level="REPEATABLE READ")
        )

    def spare_the_disk(self) -> None:
        """Let commits on connections opened from now on outlive this process, but not a power cut.

        For what can be told again: examples and tests. PostgreSQL is left as it is configured.
        """
        if self.is_sqlite:
            sa.event.listen(self.engine, "connect", _without_sync)

    @contextlib.contextmanager
    def read(self) -> Iterator[Session]:
        """Yield a session on one consistent snapshot; nothing it does is kept."""
        with Session(self._reader, expire_on_commit=False, info={_READS: True}) as session:
            yield session

    @contextlib.contextmanager
    def write(self) -> Iterator[Session]:
        """Yield a session whose work is committed, durably, when the block ends without error."""
        with self._turn(), Session(self._writer, expire_on_commit=False) as session:
            yield session
            session.commit()

    @contextlib.contextmanager
    def _turn(self) -> Iterator[None]:
        if self._gate is None:
            yield
            return
        handle = os.open(self._gate, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


def read_rows(
    session: Session,
    query: sa.Select[*Ts] | sa.CompoundSelect[*Ts],
    facts: Mapping[str, object] | None = None,
) -> sa.Result[*Ts]:
    """Return the rows of a query that asks for columns alone, not for entities.

    A session that only reads has nothing to write first and nothing to keep of them, so its connection is
    asked: a page of results asks for rows twenty times, and half of what that takes is the session's part.
    """
    asked = session.connection() if session.info.get(_READS) else session
    return asked.execute(query, facts)


def _prepare_sqlite(connection: Any, record: Any) -> None:
    del record
    connection.isolation_level = None  # BEGIN is ours, see _begin_sqlite
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "busy_timeout=30000",
        "foreign_keys=ON",
        "trusted_schema=OFF",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _without_sync(connection: Any, record: Any) -> None:
    del record
    cursor = connection.cursor()
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.close()


def _begin_sqlite(connection: sa.Connection) -> None:
    write = connection.get_execution_options().get("khub_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")
