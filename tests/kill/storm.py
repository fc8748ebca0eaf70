"""Uploads under way, processes killed at random; then everything is counted."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import threading
import time
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub import outbox
from khub.demo import people
from khub.outbox import Job
from khub.policy import Role
from khub.products.models import File
from khub.products.scans import OCR
from tests.kill.accounting import count
from tests.kill.client import Client, Report
from tests.kill.site import Installation, until

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CLIENTS = 3
#: Starting the whole tree takes longest, so it dies less often.
_VICTIMS = ("web", "worker", "worker", "helper", "helper", "tree")


def storm(folder: Path, kills: int, seed: int, tell: Callable[[str], None] = lambda _: None) -> Report:
    """Upload and kill, then count; the report's ``faults`` are empty when every promise was kept."""
    report, rng = Report(), random.Random(seed)  # noqa: S311 - the same storm again from the same seed
    folder.mkdir(parents=True, exist_ok=True)
    site = Installation(folder)
    stop = threading.Event()
    began = time.monotonic()
    try:
        site.start()
        logins = [p.login for p in people.people() if p.role is Role.MEMBER][:CLIENTS]
        clients = [Client(site, login, rng.randrange(1 << 30), report, stop) for login in logins]
        for client in clients:
            client.start()
        try:
            _kill(site, kills, rng, report, tell)
        finally:
            stop.set()
            for client in clients:
                client.join(60)
        report.seconds = time.monotonic() - began
        _settle(site, clients, report)
        _search(clients, report)
    finally:
        stop.set()
        site.stop()
    if not until(lambda: not site.left(), 30):
        report.faults.append(f"processes remain: {site.left()}")
    report.faults += count(site, report.acknowledged)
    site.services.close()
    return report


def _kill(
    site: Installation, kills: int, rng: random.Random, report: Report, tell: Callable[[str], None]
) -> None:
    pause, bag = threading.Event(), list[str]()
    for number in range(1, kills + 1):
        if not bag:
            bag = rng.sample(_VICTIMS, len(_VICTIMS))
        kind = bag.pop()
        known = len(report.acknowledged)
        if not until(lambda: site.find(kind) and len(report.acknowledged) > known, 60):  # noqa: B023 - called at once
            report.faults.append(f"before kill {number}: no {kind}, or no upload came through for a minute")
            return
        pause.wait(rng.uniform(0.0, 1.2))
        victims = site.find(kind)
        if kind == "helper":
            victims = [rng.choice(victims)] if victims else []
        for pid in victims:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        report.kills[kind] += 1
        tell(f"{number}/{kills} {kind}, {len(report.acknowledged)} acknowledged")
        if kind == "tree":
            assert site.process is not None
            site.process.wait(30)
            site.start()


def _settle(site: Installation, clients: list[Client], report: Report) -> None:
    """Wait for the work to end; files that a kill made look dangerous are read again, as a person would."""
    began = time.monotonic()

    if stuck := _work(site):
        report.faults.append(f"jobs are stuck: {stuck}")
    with site.services.db.read() as session:
        unread = session.scalars(sa.select(File.public_id).where(File.state != "read")).all()
    for public_id in unread:
        owner = next(
            c for c in clients if any(done.file == public_id for done, _, _ in c.mine) or c is clients[-1]
        )
        body = f"csrf_token={owner.csrf}".encode()
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        status, _ = owner.ask("POST", f"/berkas/{public_id}/baca-ulang", body, kind)
        report.reread += 1
        if status != 303:
            report.faults.append(f"{public_id} cannot be read again: {status}")
    if stuck := _work(site):
        report.faults.append(f"jobs are stuck after reading again: {stuck}")
    report.settled = time.monotonic() - began


def _work(site: Installation) -> list[str]:
    """Wait until no job is open; what still is after two minutes and the longest pause after a death."""

    def jobs() -> list[Job]:
        with site.services.db.read() as session:
            return list(session.scalars(sa.select(Job).where(Job.open, Job.kind != OCR)))

    until(lambda: not jobs(), 120 + outbox.LONGEST_PAUSE)
    return [f"{job.kind}/{job.ref}, try {job.attempts}, {job.run_at}: {job.error[-300:]}" for job in jobs()]


def _search(clients: list[Client], report: Report) -> None:
    """Ask over HTTP, as its uploader, for the one word of every acknowledged upload."""
    for client in clients:
        for done, _, _ in client.mine:
            status, page = client.ask("GET", f"/cari?q={done.word}", b"", {})
            if status != 200 or f"<mark>{done.word}</mark>".encode() not in page:
                report.faults.append(f"{done.file}: a search for {done.word} answers {status} without it")
