"""The command line. Exit codes: 0 done, 1 khub says no, 2 the call is wrong."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import secrets
import socket
import sys
import threading
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from khub import settings as settings_module
from khub.errors import InvalidError, KhubError
from khub.settings import SettingsError
from khub.tongue import ENGLISH

if TYPE_CHECKING:
    from khub.wiring import Services

Lifeline = click.option("--lifeline", type=int, hidden=True)


def _services() -> Services:
    """Return the services of the installation that ``KHUB_*`` describes; its schema must be current."""
    from khub import migrations, wiring  # noqa: PLC0415 - a fast --help

    services = wiring.build(settings_module.load().check())
    if migrations.pending(services.db):
        raise click.ClickException("the database is empty or older than this khub: run `khub init`")
    return services


class _Group(click.Group):
    """Turns refusals into one line on standard error."""

    def invoke(self, context: click.Context) -> object:
        try:
            return super().invoke(context)
        except SettingsError as error:
            raise click.ClickException(str(error)) from error
        except ModuleNotFoundError as error:
            if error.name != "psycopg":
                raise
            raise click.ClickException(
                'PostgreSQL needs one more package: pip install "khub[postgresql]"'
            ) from error
        except InvalidError as error:
            lines = [ENGLISH.gettext(item.message, **item.params) for item in error.errors]
            raise click.ClickException("\n".join(lines)) from error
        except KhubError as error:
            raise click.ClickException(ENGLISH.gettext(error.message, **error.params)) from error


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="khub")
@click.pass_context
def cli(context: click.Context) -> None:
    """Knowledge-product repository and search. Settings come from KHUB_* variables; see the README."""
    context.obj = _services


@cli.command()
def init() -> None:
    """Create or upgrade the database of this installation."""
    from indexer.ports import IndexLockedError  # noqa: PLC0415
    from khub import migrations, wiring  # noqa: PLC0415
    from khub.policy import SYSTEM  # noqa: PLC0415
    from khub.search.indexing import Rebuild  # noqa: PLC0415

    services = wiring.build(settings_module.load().check())
    migrations.upgrade(services.db)
    services.synonyms.start(SYSTEM)
    with contextlib.suppress(IndexLockedError):  # a worker is running: it looks after its index
        if not services.index_writer.open():
            Rebuild(services.db, services.index_writer, lambda *_: None).run()
    services.close()
    click.echo(f"Ready: {services.settings.database}")
    click.echo("Next: khub create-user --role admin …, then khub serve")


@cli.command()
@click.option("--host", help="Address to listen on (KHUB_HOST).")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on (KHUB_PORT).")
@click.option("--no-worker", is_flag=True, help="Run the web part only; start `khub worker` elsewhere.")
def serve(host: str | None, port: int | None, *, no_worker: bool) -> None:
    """Run khub: web and worker in one process tree, until Ctrl-C."""
    from khub.running import run_tree  # noqa: PLC0415

    chosen = settings_module.load(**_given(host=host, port=port)).check()
    _services().close()
    run_tree(chosen, worker=not no_worker, ready=lambda address: click.echo(f"khub: {address}"))


@cli.command()
@Lifeline
def worker(lifeline: int | None) -> None:
    """Read and index what was uploaded, until Ctrl-C. One worker an installation."""
    from khub.running import run_worker  # noqa: PLC0415

    run_worker(_services(), lifeline)


@cli.command("web", hidden=True)
@click.option("--fd", type=int, required=True)
@Lifeline
def web(fd: int, lifeline: int | None) -> None:
    """Answer requests on an inherited socket."""
    from khub.running import run_web  # noqa: PLC0415

    run_web(_services(), socket.socket(fileno=fd), lifeline)


@cli.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="Port to listen on."
)
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("khub-demo"),
    show_default=True,
    help="Where the demo keeps its data; run again to go on with it.",
)
def demo(host: str, port: int, folder: Path) -> None:
    """Start a demo with example data: prints the address and the logins. Ctrl-C ends it."""
    from khub.demo.run import run_demo  # noqa: PLC0415

    folder = folder.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    secret = folder / "secret"
    if not secret.exists():
        secret.touch(mode=0o600)
        secret.write_text(secrets.token_hex(32), encoding="ascii")
    chosen = settings_module.load(
        {},
        mode="demo",
        data=folder / "data",
        uploads=folder / "uploads",
        secret_key=secret.read_text(encoding="ascii"),
        host=host,
        port=port,
        site_name="RAN PE 2020–2024",
        site_note="Data contoh",
    )
    run_demo(chosen)


@cli.command()
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a file, with the text of every page.")
def extract(files: tuple[Path, ...], *, as_json: bool) -> None:
    """Show what khub would make of FILES: state, reason, pages. Nothing is kept."""
    from indexer.extract import Sandbox  # noqa: PLC0415

    with Sandbox() as sandbox:
        for path in files:
            found = sandbox.extract(path, name=path.name)
            if as_json:
                click.echo(json.dumps({"file": str(path), **asdict(found)}, ensure_ascii=False))
                continue
            reason = f" ({found.reason})" if found.reason else ""
            click.echo(f"{path}: {found.state}{reason}, {found.page_count} pages, {found.media_type}")
            for notice in (*found.warnings, *(f"{item.kind}: {item.count}" for item in found.personal)):
                click.echo(f"  ! {notice}")
            for page in found.pages:
                words = " ".join(page.text.split())
                click.echo(f"  {page.kind} {page.label}{' ±' if page.approximate else ''}: {words[:90]}")


def _given(**options: object) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value is not None}


def _rooms() -> None:
    """Hang the rooms' own commands in."""
    from khub.accounts.commands import create_user  # noqa: PLC0415
    from khub.audit.commands import audit  # noqa: PLC0415
    from khub.checking.commands import check_figures  # noqa: PLC0415
    from khub.doctor import doctor  # noqa: PLC0415
    from khub.plan.commands import group  # noqa: PLC0415
    from khub.search.commands import reindex, search  # noqa: PLC0415

    for command in (create_user, audit, check_figures, doctor, group, reindex, search):
        cli.add_command(command)


def main() -> None:
    """Run the command line."""
    os.umask(0o077)  # what is kept is for the account that runs khub
    level = os.environ.get("KHUB_LOG_LEVEL", "")
    known = level in ("DEBUG", "INFO", "ERROR")  # a wrong one is refused by the settings, with its name
    logging.basicConfig(level=level if known else "WARNING", format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    threading.current_thread().name = "main"
    try:
        _rooms()
    except KeyboardInterrupt:  # click looks after it from here on
        sys.exit(1)
    sys.exit(cli(standalone_mode=True))
