"""``python -m tests.bench.search [--documents N] [--folder DIR] [--json FILE]``.

Builds an index of N pages (ten to a product, 167 words each) once and keeps it in the folder; then
times 60 mixed queries: ten products with three pages each, exact totals, all facets. Cold: nothing
decoded; after a change: postings decoded, but rights, scores and views new; warm: asked before.
Snippets of the shown pages are timed apart. Times of queries are those of the
processor, so that other work on the machine does not count. Memory is that of the process beyond the columns.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from indexer import highlight
from indexer.engines import store
from indexer.engines.store import WhooshWriter
from indexer.engines.whoosh import WhooshEngine
from indexer.ports import IndexUnavailableError, PageText, Title
from indexer.query import parse
from indexer.units import Unit, UnitTable
from tests.bench import world
from tests.bench.machine import machine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from indexer.ports import Results
    from indexer.query import Query

_PAGES = 10
_WORDS = 167
_CLASSES = [f"class{number}" for number in range(60)]
_QUERIES = 60
_SEED = 2023


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=10_000)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "khub-bench-search")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--cache-mb", type=int, default=64, help="as the setting of khub")
    options = parser.parse_args()
    products = max(1, options.documents // _PAGES)
    folder = options.folder / str(options.documents)
    report: dict[str, object] = {"machine": machine(), "documents": options.documents, "products": products}
    report |= _built(folder, products)
    units = {number: [_unit(number)] for number in range(1, products + 1)}
    began = time.perf_counter()
    table = UnitTable.empty().apply(units, 1)
    report["columns built ms"] = _ms(time.perf_counter() - began)
    began = time.perf_counter()
    table = table.apply({7: [_unit(7)]}, 2)
    report["one product changed ms"] = _ms(time.perf_counter() - began)
    before = _resident()
    began = time.perf_counter()
    engine = WhooshEngine(folder, cache_bytes=options.cache_mb << 20)
    engine.corpus()
    report["opening ms"] = _ms(time.perf_counter() - began)
    report["opening MB"] = round(_resident() - before, 1)
    queries = list(_queries())
    for name, allow in (("all", frozenset(_CLASSES)), ("half", frozenset(_CLASSES[::2]))):
        report |= _timed(engine, table, queries, name, allow)
    report["memory MB"] = round(_resident() - before, 1)
    report["caches MB"] = round((engine.postings.size + engine.scores.size + engine.views.size) / 2**20, 1)
    for key, value in report.items():
        sys.stdout.write(f"{key}: {value}\n")
    if options.json:
        options.json.write_text(json.dumps(report, indent=1), encoding="utf-8")


def _built(folder: Path, products: int) -> dict[str, object]:
    """Build the index unless there is one of this version; return its size and, if built, the rate."""
    try:
        found = store.current(folder)
    except IndexUnavailableError:
        words, weights = world.vocabulary(random.Random(_SEED))  # noqa: S311 - the same texts each time
        writer = WhooshWriter(folder)
        began = time.process_time()
        info = writer.rebuild(
            ((number, _pages(number, words, weights)) for number in range(1, products + 1)),
            ((number, [Title(number, _title(number, words), "id")]) for number in range(1, products + 1)),
            lambda _: None,
        )
        seconds = time.process_time() - began
        writer.close()
        return {
            "built pages per CPU second": round(products * _PAGES / seconds),
            "index MB": round(info.size / 2**20, 1),
        }
    return {"index MB": round(store.describe(found).size / 2**20, 1)}


def _pages(number: int, words: list[str], weights: list[float]) -> list[PageText]:
    """Return the pages of a product: general words, and some that it repeats, as one subject does."""
    rng = random.Random(number)  # noqa: S311
    subject = rng.choices(words, weights, k=12)
    found = []
    for page in range(1, _PAGES + 1):
        chosen = rng.choices(words, weights, k=_WORDS - 20) + rng.choices(subject, k=20)
        rng.shuffle(chosen)
        found.append(PageText(page, " ".join(chosen), "id"))
    return found


def _title(number: int, words: list[str]) -> str:
    return " ".join(random.Random(number).choices(words[:400], k=6))  # noqa: S311


def _unit(number: int) -> Unit:
    rng = random.Random(number)  # noqa: S311
    facets = {
        "pilar": (str(rng.randint(1, 3)),),
        "aksi": tuple(str(rng.randint(1, 130)) for _ in range(2)),
        "kl": (f"kl{rng.randint(1, 60)}",),
        "pokja": (str(rng.randint(1, 5)),),
        "periode": (f"b{rng.randint(1, 8)}",),
        "jenis": (f"jenis{rng.randint(1, 12)}",),
        "status": (rng.choice(("draft", "approved")),),
        "tahun": (str(rng.randint(2021, 2024)),),
    }
    return Unit(number, number, 1, rng.choice(_CLASSES), (number,), 20210101 + rng.randint(0, 30), facets)


def _queries() -> Iterator[tuple[Query, dict[str, frozenset[str]]]]:
    rng = random.Random(5)  # noqa: S311
    words, weights = world.vocabulary(random.Random(_SEED))  # noqa: S311
    for number in range(_QUERIES):
        terms = rng.choices(words[:3000], weights[:3000], k=rng.randint(1, 5))
        text = " ".join(terms)
        match number % 6:
            case 3:
                text = f'"{terms[0]} {words[rng.randint(0, 20)]}" {text}'
            case 4:
                text = f"{text} -{words[rng.randint(0, 50)]} {terms[0][:4]}*"
            case 5:
                text = f"pilar:2 tahun:2022..2023 {text}"
        filters = {"kl": frozenset({"kl7", "kl8"})} if number % 10 == 0 else {}
        yield parse(text), filters


def _timed(
    engine: WhooshEngine,
    table: UnitTable,
    queries: list[tuple[Query, dict[str, frozenset[str]]]],
    name: str,
    allow: frozenset[str],
) -> dict[str, object]:
    def ask(query: Query, filters: dict[str, frozenset[str]]) -> Results:
        return engine.search(query, allow=allow, units=table, filters=filters)

    def decoded_none() -> None:
        engine.postings.clear()
        changed()

    def changed() -> None:
        engine.scores.clear()
        engine.views.clear()

    report: dict[str, object] = {}
    for kind, prepare in (("cold", decoded_none), ("after a change", changed), ("warm", lambda: None)):
        if kind == "warm":
            for query, filters in queries:
                ask(query, filters)
        times = [_seconds(lambda q=query, f=filters: ask(q, f), prepare) for query, filters in queries]
        report[f"{name}, {kind}: p50 / p95 / worst ms"] = _spread(times)
        if kind == "cold":
            for query, filters in queries:
                ask(query, filters)
    words, weights = world.vocabulary(random.Random(_SEED))  # noqa: S311
    times = []
    for query, filters in queries:
        shown = [page for hit in ask(query, filters).hits for page in hit.pages]
        texts = [_pages(page.file, words, weights)[page.number - 1].text for page in shown]
        times.append(_seconds(lambda q=query, t=texts: [highlight.snippet(each, q, "id") for each in t]))
    report[f"{name}, snippets: p50 / p95 / worst ms"] = _spread(times)
    return report


def _seconds(work: Callable[[], object], prepare: Callable[[], None] = lambda: None) -> float:
    prepare()
    began = time.thread_time()
    work()
    return time.thread_time() - began


def _spread(times: list[float]) -> str:
    times = sorted(times)
    return " / ".join(
        str(_ms(each)) for each in (statistics.median(times), times[int(0.95 * len(times))], times[-1])
    )


def _ms(seconds: float) -> float:
    return round(1000 * seconds, 2)


def _resident() -> float:
    fields = Path("/proc/self/statm").read_text(encoding="ascii").split()
    return int(fields[1]) * 4096 / 2**20


if __name__ == "__main__":
    main()
