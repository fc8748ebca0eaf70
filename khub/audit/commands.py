"""``khub audit``: checking the trail from the command line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from khub.audit import chain, verify_jsonl

if TYPE_CHECKING:
    from collections.abc import Callable

    from khub.wiring import Services


@click.group()
def audit() -> None:
    """Look after the audit trail."""


@audit.command()
@click.option(
    "--jsonl",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Check this export (page Audit, jejak.jsonl) instead of the database.",
)
@click.option(
    "--head", metavar="SEQ:HASH", help="A head noted earlier; finds a cut tail or a rewritten chain."
)
@click.pass_obj
def verify(services: Callable[[], Services], jsonl: Path | None, head: str | None) -> None:
    """Walk the chain. Exit code 0: whole, 1: broken."""
    try:
        known = verify_jsonl.parse_head(head) if head else None
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--head") from None
    report = _of_file(jsonl, known) if jsonl is not None else _of_database(services(), known)
    click.echo(verify_jsonl.describe(report))
    if report.broken:
        raise SystemExit(1)


def _of_file(path: Path, known: tuple[int, str] | None) -> verify_jsonl.Report:
    try:
        with path.open(encoding="utf-8") as lines:
            return verify_jsonl.verify(lines, known)
    except UnicodeDecodeError as error:
        raise click.ClickException(f"{path}: not a text file: {error}") from None


_WHY = {
    "missing": "a number is missing or out of order",
    "link": "the event does not follow the one before",
    "content": "the event was changed",
    "head": "the end of the chain is not the head that the database keeps",
}
_HEAD = {
    "missing": "the noted head is missing: the tail was cut",
    "mismatch": "the noted head differs: the chain was rewritten",
}


def _of_database(services: Services, known: tuple[int, str] | None) -> verify_jsonl.Report:
    with services.db.read() as session:
        found = chain.verify(session)
        if found.broken or known is None:
            return verify_jsonl.Report(found.events, found.head, found.broken, _WHY.get(found.why, found.why))
        fault = _HEAD.get(chain.compare(session, *known), "")
    return verify_jsonl.Report(found.events, found.head, known[0] if fault else 0, fault)
