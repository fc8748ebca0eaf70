"""``khub demo``: set up, serve, and load the example story while people can already sign in."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

import click
import sqlalchemy as sa

from khub import migrations, wiring
from khub.clock import WIB, SystemClock
from khub.demo import load, people
from khub.outbox import Job
from khub.products.scans import OCR
from khub.running import run_tree

if TYPE_CHECKING:
    from khub.serving import Stop
    from khub.settings import Settings
    from khub.wiring import Services

#: The demo's "today" at its first start.
TODAY = datetime(2023, 10, 31, 9, 0, tzinfo=WIB)
_WIDTH = 36


def run_demo(chosen: Settings) -> None:
    """Serve the demo at the address of ``chosen`` until told to stop; its data outlives it."""
    chosen = replace(chosen, clock_shift=_shift(chosen))
    services = wiring.build(chosen)
    migrations.upgrade(services.db)
    load.foundation(services)

    def ready(address: str) -> None:
        click.echo(f"\n  khub demo   {address}\n")
        for person in people.people():
            if person.listed:
                click.echo(f"  {person.login:<13} {person.start_en}")
        click.echo(f"\n  password    {people.PASSWORD}      (Ctrl-C ends; run again to go on)\n")

    def work(stop: Stop) -> None:
        steps = load.story(chosen)
        for number, step in enumerate(steps, 1):
            if stop.event.is_set():
                return
            step()
            _bar("loading", number, len(steps))
        _wait_for_worker(services, stop)
        if not stop.event.is_set():
            load.close(services)

    try:
        run_tree(chosen, worker=True, ready=ready, work=work)
    finally:
        services.close()


def _shift(chosen: Settings) -> int:
    """Return the seconds from the true time to the demo's, fixed at the first start."""
    file = chosen.data.parent / "clock"
    if not file.exists():
        shift = TODAY - SystemClock().now()
        file.write_text(str(round(shift.total_seconds())), encoding="ascii")
    return int(file.read_text(encoding="ascii"))


def _wait_for_worker(services: Services, stop: Stop) -> None:
    most = 0
    while not stop.event.wait(0.3):
        with services.db.read() as session:
            left = (
                session.scalar(sa.select(sa.func.count()).select_from(Job).where(Job.open, Job.kind != OCR))
                or 0
            )
        most = max(most, left)
        if not left:
            _bar("indexing", 1, 1)
            click.echo("\n  Everything is searchable.")
            return
        _bar("indexing", most - left, most)


def _bar(word: str, done: int, of: int) -> None:
    if not sys.stdout.isatty():
        if done == of:
            click.echo(f"  {word}: {done}/{of}")
        return
    full = _WIDTH * done // max(of, 1)
    click.echo(f"\r  {word:<9} [{'#' * full}{'.' * (_WIDTH - full)}] {done}/{of}   ", nl=False)
