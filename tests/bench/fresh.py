"""``python -m tests.bench.fresh [--documents N] [--uploads N] [--rate N] [--json FILE]``: how soon a document is found.

Over an installation of ``--documents`` pages (built once, cached, shared with ``tests.bench.http``), with the
real web and worker processes, ``--rate`` searches a second run all the time, each sent when it is due
whether or not the ones before have been answered. Meanwhile PDFs are uploaded, alone and ten at once.
For each is measured the time from the moment that its text was extracted (as the worker recorded it)
until a search over HTTP shows a word of it.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import random
import statistics
import tempfile
import threading
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub.clock import ShiftedClock
from khub.db import Database
from khub.products.models import File
from tests.bench import world
from tests.bench.machine import load, machine
from tests.bench.site import Client, new_mark, p95, pdf, question, serving

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from khub.clock import Clock
    from khub.settings import Settings

_PAGES = 10
_TOGETHER = 10
_ASKED = 400
#: Seconds between two looks: what a look adds to the load, and by how much too late a find may be noticed.
_LOOK = 0.1
_PATIENCE = 120
#: Clients that searches are sent by: enough that slow answers do not hold back the next.
_SENDERS = 16


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=100_000)
    parser.add_argument("--uploads", type=int, default=40)
    parser.add_argument("--rate", type=float, default=20)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    products = max(1, options.documents // _PAGES)
    folder = options.folder or Path(tempfile.gettempdir()) / f"khub-bench-{products}x{_PAGES}"
    chosen = world.build(folder, products, _PAGES)
    busy = load()
    with serving(chosen) as (base, _):
        report = _measure(base, chosen, options.uploads, options.rate)
    report |= {"documents": products * _PAGES, "load before": busy, "machine": machine()}
    for name, value in report.items():
        print(f"{name}: {value}")
    if options.json:
        options.json.write_text(json.dumps(report, indent=1), encoding="utf-8")


def _measure(base: str, chosen: Settings, uploads: int, rate: float) -> dict[str, object]:
    rng = random.Random(5)  # noqa: S311 - the same questions each time
    words, weights = world.vocabulary(random.Random(2023))  # noqa: S311
    asked = [question(rng, words, weights) for _ in range(_ASKED)]
    client, db = Client(base, "anggota"), Database(chosen.database)
    clock = ShiftedClock(timedelta(seconds=chosen.clock_shift))  # the worker's own
    until_found = partial(_found_after, client, db, clock)
    try:
        for path in asked[:20]:
            client.get(path)
        with _searching(base, asked, rate) as searches:
            alone = [until_found(_upload(client, rng))[0] for _ in range(uploads)]
            together = until_found(*[_upload(client, rng) for _ in range(_TOGETHER)])
    finally:
        db.close()
    late = searches.seconds
    return {
        "uploads one after another": len(alone),
        "extracted until found p50 s": round(statistics.median(alone), 2),
        "extracted until found p95 s": round(p95(alone), 2),
        "extracted until found worst s": round(max(alone), 2),
        f"{_TOGETHER} uploads at once, extracted until found worst s": round(max(together), 2),
        "searches sent": len(late),
        "searches a second": round(len(late) / searches.took, 1),
        "searches that failed": dict(searches.failed),
        "search p50 ms, from when it was due": round(1000 * statistics.median(late), 1),
        "search p95 ms, from when it was due": round(1000 * p95(late), 1),
    }


@dataclass(slots=True)
class _Searches:
    """Seconds from when each search was due until its answer, what failed how often, and how long all went on."""

    seconds: list[float] = field(default_factory=list)
    failed: Counter[str] = field(default_factory=Counter)
    took: float = 0.0


@contextmanager
def _searching(base: str, asked: Sequence[str], rate: float) -> Iterator[_Searches]:
    """Send ``rate`` searches a second as long as the block runs."""
    found, stop, turn = _Searches(), threading.Event(), itertools.count()
    lock, began = threading.Lock(), time.perf_counter()
    clients = [Client(base, "anggota" if number % 2 else "sekretariat") for number in range(_SENDERS)]

    def send(client: Client) -> None:
        while not stop.is_set():
            number = next(turn)
            due = began + number / rate
            if stop.wait(max(0.0, due - time.perf_counter())):
                return
            try:
                client.get(asked[number % len(asked)])
            except OSError as error:  # an answer of 400 or more, too
                with lock:
                    found.failed[f"{error} {asked[number % len(asked)]}"] += 1
                continue
            with lock:
                found.seconds.append(time.perf_counter() - due)

    threads = [threading.Thread(target=send, args=(client,)) for client in clients]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    try:
        yield found
    finally:
        stop.set()
        for thread in threads:
            thread.join()
        found.took = time.perf_counter() - began


def _upload(client: Client, rng: random.Random) -> str:
    """Upload a PDF of ten pages with a new word in it; returns the word."""
    mark = new_mark()
    client.upload(f"{mark}.pdf", pdf(rng, mark, _PAGES))
    return mark


def _found_after(client: Client, db: Database, clock: Clock, *marks: str) -> list[float]:
    """Look for each of ``marks`` in turn until all were found.

    Returns the seconds from when the text of the file with each was extracted until a search showed it.
    """
    waiting, found = list(marks), dict[str, datetime]()
    limit = time.monotonic() + _PATIENCE
    while waiting:
        mark = waiting.pop(0)
        if f"<mark>{mark}</mark>" in client.get(f"/cari?q={mark}"):
            found[mark] = clock.now()
            continue
        if time.monotonic() > limit:
            raise SystemExit(f"an upload was not searchable within {_PATIENCE} s")
        waiting.append(mark)
        time.sleep(_LOOK)
    names = [f"{mark}.pdf" for mark in marks]
    with db.read() as session:
        rows = session.execute(sa.select(File.name, File.read_at).where(File.name.in_(names))).all()
    return [(found[name.removesuffix(".pdf")] - read_at).total_seconds() for name, read_at in rows if read_at]


if __name__ == "__main__":
    os.environ.pop("KHUB_DATA", None)
    main()
