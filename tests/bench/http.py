"""``python -m tests.bench.http [--products N] [--pages N] [--json FILE]``: khub over HTTP, as people meet it.

Builds an installation once (cached in the temporary folder), starts the real process tree, and
measures: the search page with facets and snippets (p50, p95, and pages a second from four clients; each
question asked for the first time, and again as by who comes back from a hit), the time from the start of
an upload of a 30-page PDF until a search finds a word of it, and the memory of every process. What it hands
in stays: for the figures of an installation as it was built, give a copy of its folder.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import statistics
import subprocess
import tempfile
import threading
import time
from pathlib import Path

from tests.bench import world
from tests.bench.machine import machine
from tests.bench.site import Client, new_mark, p95, pdf, question, serving, settle

_QUERIES = 400
_UPLOADS = 60


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--products", type=int, default=10_000)
    parser.add_argument("--pages", type=int, default=10)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    folder = options.folder or Path(tempfile.gettempdir()) / f"khub-bench-{options.products}x{options.pages}"
    chosen = world.build(folder, options.products, options.pages)
    with serving(chosen) as (base, pid):
        report = _measure(base, pid)
    report |= {"products": options.products, "pages": options.products * options.pages, "machine": machine()}
    for name, value in report.items():
        print(f"{name}: {value}")
    if options.json:
        options.json.write_text(json.dumps(report, indent=1), encoding="utf-8")


def _measure(base: str, pid: int) -> dict[str, object]:
    settle(pid)
    client = Client(base, "anggota")
    rng = random.Random(5)  # noqa: S311 - the same questions each time
    words, weights = world.vocabulary(random.Random(2023))  # noqa: S311
    first, asked, further = (
        [question(rng, words, weights) for _ in range(count)] for count in (20, _QUERIES, _QUERIES)
    )
    for query in first:
        client.get(query)
    times, again = ([_timed(client.get, query) for query in asked] for _ in range(2))
    rate, rate_again = (_rate(base, further) for _ in range(2))
    uploads = [_until_found(client, rng) for _ in range(_UPLOADS)]
    return {
        "search page p50 ms": round(1000 * statistics.median(times), 1),
        "search page p95 ms": round(1000 * p95(times), 1),
        "the same pages again p50 ms": round(1000 * statistics.median(again), 1),
        "the same pages again p95 ms": round(1000 * p95(again), 1),
        "search pages a second, 4 clients": round(rate, 1),
        "the same pages again a second": round(rate_again, 1),
        "upload of 30 pages until searchable p50 s": round(statistics.median(uploads), 2),
        "upload of 30 pages until searchable p95 s": round(p95(uploads), 2),
        "memory MB": _memory(pid),
    }


def _rate(base: str, asked: list[str]) -> float:
    """Return pages a second that four clients get, each of whom asks the next question when it has an answer."""
    clients = [Client(base, "anggota") for _ in range(4)]
    left = list(reversed(asked))

    def run(client: Client) -> None:
        with contextlib.suppress(IndexError):  # none is left
            while True:
                client.get(left.pop())

    threads = [threading.Thread(target=run, args=(client,)) for client in clients]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(asked) / (time.perf_counter() - started)


def _until_found(client: Client, rng: random.Random) -> float:
    mark = new_mark()
    data = pdf(rng, mark)
    began = time.perf_counter()
    client.upload(f"{mark}.pdf", data)
    while f"<mark>{mark}</mark>" not in client.get(f"/cari?q={mark}"):
        if time.perf_counter() - began > 60:
            raise SystemExit("an upload was not searchable within a minute")
    return time.perf_counter() - began


def _timed(call, *arguments) -> float:  # type: ignore[no-untyped-def]
    began = time.perf_counter()
    call(*arguments)
    return time.perf_counter() - began


def _memory(pid: int) -> dict[str, int]:
    """Return the resident MB of every process of the tree, by what it does."""
    found: dict[str, int] = {}
    pids = subprocess.run(
        ["ps", "-eo", "pid,ppid,rss,args"], capture_output=True, text=True, check=True
    ).stdout
    rows = [line.split(None, 3) for line in pids.splitlines()[1:]]
    family = {pid}
    for _ in range(3):
        family |= {int(row[0]) for row in rows if int(row[1]) in family}
    for row in rows:
        if int(row[0]) in family:
            words = row[3].split()
            name = next((w for w in ("serve", "web", "worker") if w in words), "extraction helper")
            found[f"{name} {row[0]}"] = int(row[2]) // 1024
    return {
        name.partition(" ")[0] + f" #{n}": size for n, (name, size) in enumerate(sorted(found.items()), 1)
    }


if __name__ == "__main__":
    os.environ.pop("KHUB_DATA", None)
    main()
