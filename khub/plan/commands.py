"""`khub import plan FILE`: the same dry run and import as the page, for a terminal."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from khub.plan.sheets import MAX_BYTES
from khub.policy import SYSTEM
from khub.tongue import ENGLISH

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from khub.plan.comparison import ImportPlan
    from khub.plan.sheets import Problem
    from khub.wiring import Services


@click.group("import")
def group() -> None:
    """Bring data in from files."""


@group.command("plan")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Tell what would be done, and change nothing.")
@click.pass_obj
def plan(services: Callable[[], Services], file: Path, *, dry_run: bool) -> None:
    """Import a plan from FILE (CSV or XLSX); see `khub serve`, page /rencana/impor, for a template.

    Every bad row is listed with its line, column and reason, and nothing is changed until all are right.
    Exit code 0: done, or nothing to do. 1: faults found.
    """
    if file.stat().st_size > MAX_BYTES:
        raise click.ClickException(f"{file.name}: larger than {MAX_BYTES >> 20} MB")
    data = file.read_bytes()
    built = services()
    try:
        planned = built.plans.check(SYSTEM, data, file.name)
        _tell(planned)
        if planned.problems:
            raise click.exceptions.Exit(1)
        if planned.nothing_to_do:
            click.echo("Nothing to do.")
        elif dry_run:
            click.echo("Dry run: nothing was changed.")
        else:
            built.plans.apply(SYSTEM, data, file.name, planned.fingerprint)
            click.echo("Imported.")
    finally:
        built.close()


def _tell(planned: ImportPlan) -> None:
    _faults("warning", planned.warnings)
    _faults("error", planned.problems)
    for new in planned.new_institutions:
        alike = f" (resembles: {'; '.join(new.alike)})" if new.alike else ""
        click.echo(f"line {new.line}: new K/L: {new.name}{alike}")
    for change in planned.added:
        click.echo(f"line {change.line}: add {change.code} {change.title}")
    for name in planned.new_pokja:
        click.echo(f"new pokja: {name}")
    for level in planned.levels:
        click.echo(f"{level.column} {level.code}: {level.old or '(new)'} -> {level.new}")
    for change in planned.changed:
        for field in change.fields:
            click.echo(
                f"line {change.line}: change {change.code} {field.column}: {field.old!r} -> {field.new!r}"
            )
    for item in planned.left:
        click.echo(f"left as it is, not in the file: {item.code} {item.title}")
    click.echo(
        f"{planned.rows} rows: {len(planned.added)} to add, {len(planned.changed)} to change, "
        f"{planned.unchanged} alike, {len(planned.left)} not in the file, {planned.bad_rows} with faults"
    )


def _faults(kind: str, faults: Iterable[Problem]) -> None:
    for fault in faults:
        place = f"line {fault.line}: " if fault.line else ""
        column = f"{fault.column}: " if fault.column else ""
        value = f" [{fault.value}]" if fault.value else ""
        click.echo(
            f"{kind}: {place}{column}{ENGLISH.gettext(fault.message, **fault.params)}{value}", err=True
        )
