"""``khub check-figures``."""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from indexer.extract import Sandbox
from khub.checking.check import LONGEST, check
from khub.checking.service import Checked, Choice, Source, source_of
from khub.checking.wording import MARKS, say
from khub.policy import SYSTEM
from khub.settings import SettingsError
from khub.tongue import ENGLISH

if TYPE_CHECKING:
    from collections.abc import Callable

    from khub.checking.model import Finding, Mark, Said
    from khub.wiring import Services


class _Day(click.ParamType[date]):
    """A day as YYYY-MM-DD."""

    name = "date"

    def convert(self, value: object, param: click.Parameter | None, context: click.Context | None) -> date:
        """Return the day; anything else is a wrong call."""
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r} is not a day like 2023-10-31", param, context)


@click.command("check-figures")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path))
@click.option(
    "--as-of", "day", type=_Day(), help="Hold it against what was recorded by the end of that day (WIB)."
)
@click.option("--plan", default="", help="Code of the plan; the running one when left out.")
@click.option("--year", type=click.IntRange(1900, 2100), help="Year that a text without one speaks of.")
@click.option("--no-records", is_flag=True, help="Hold the text against itself only.")
@click.option(
    "--json", "as_json", is_flag=True, help="One JSON object with every phrase, test and candidate."
)
@click.pass_obj
def check_figures(
    services: Callable[[], Services],
    file: Path,
    day: date | None,
    plan: str,
    year: int | None,
    *,
    no_records: bool,
    as_json: bool,
) -> None:
    """Find figures in FILE (txt, docx, pdf, html; "-" for text on standard input) and check them.

    Phrases such as "41 dari 50 aksi (82 persen)" are held against one another and against khub's records.
    Exit code 0: nothing is wrong. 1: some figure does not fit, or the file cannot be read.
    """
    source = _source(file)
    checked = Checked(check(source.text, None, page_starts=source.page_starts), source, None, None, None)
    if not no_records:
        checked = _against_records(services, source, Choice(plan, year, day)) or checked
    if as_json:
        click.echo(json.dumps(_facts(file, checked), ensure_ascii=False, indent=1))
    else:
        _tell(checked)
    if checked.report.mismatches:
        raise click.exceptions.Exit(1)


def _source(file: Path) -> Source:
    if str(file) == "-":
        text = sys.stdin.buffer.read(4 * LONGEST).decode("utf-8", errors="replace")
        return Source(text.replace("\r\n", "\n")[:LONGEST])
    with Sandbox() as sandbox:
        return source_of(sandbox.extract(file, name=file.name))


def _against_records(services: Callable[[], Services], source: Source, choice: Choice) -> Checked | None:
    """Hold the text against this installation's records; None where there is no installation to ask."""
    try:
        built = services()
    except (click.ClickException, SettingsError) as error:
        if choice != Choice():
            raise
        click.echo(f"Without records: {error}", err=True)
        return None
    try:
        return built.checking.check(SYSTEM, source, choice)
    finally:
        built.close()


def _facts(file: Path, checked: Checked) -> dict[str, object]:
    facts = checked.report.as_json()
    for finding in facts["findings"]:
        finding["page_label"] = checked.page_label(finding["page"]) or None
    return {
        "file": str(file),
        "plan": checked.plan.code if checked.plan else None,
        "year": checked.year,
        "as_of": checked.until.isoformat() if checked.until else None,
        "partial": checked.source.partial,
        **facts,
    }


def _tell(checked: Checked) -> None:
    report = checked.report
    counts = " · ".join(f"{_mark(mark)}: {report.counted(mark)}" for mark in MARKS)
    against = (
        f"{checked.plan.name}, {checked.year}, {checked.until:%Y-%m-%d}" if checked.plan else "no records"
    )
    click.echo(f"{counts}  ({against})")
    if checked.source.partial:
        click.echo("Some of the file could not be read.")
    for finding in report.findings:
        click.echo(f"\n{_mark(finding.mark)}  {_where(checked, finding)}: {' '.join(finding.text.split())}")
        for reason in finding.reasons:
            click.echo(f"  {_said(reason)}")
        if finding.candidates:
            click.echo("  What fits: " + "; ".join(_said(column.head) for column in finding.candidates))


def _where(checked: Checked, finding: Finding) -> str:
    label = checked.page_label(finding.page)
    if label:
        return f"p. {label}, character {finding.page_start}"
    return f"character {finding.start}"


def _mark(mark: Mark) -> str:
    return ENGLISH.gettext(MARKS[mark])


def _said(said: Said) -> str:
    return say(said, ENGLISH.code, ENGLISH.gettext)
