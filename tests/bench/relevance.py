"""``python -m tests.bench.relevance DOCS.jsonl QUESTIONS.jsonl [--json FILE]``.

Passages (``id``, ``text``) are indexed as products of one page; questions (``q``, ``rel``) go through
the grammar and the engine as a person's would. Prints MRR@10, recall@10 and nDCG@10 with 95 %
bootstrap intervals.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import tempfile
import time
from pathlib import Path

from indexer.engines.store import WhooshWriter
from indexer.engines.whoosh import WhooshEngine
from indexer.ports import PageText
from indexer.query import QueryError, parse
from indexer.units import Unit, UnitTable
from tests.bench.machine import machine

_AT = 10


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("docs", type=Path)
    parser.add_argument("questions", type=Path)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--language", default="id")
    options = parser.parse_args()
    docs = _lines(options.docs)
    questions = _lines(options.questions)
    with tempfile.TemporaryDirectory() as folder:
        engine, table, numbers = _index(Path(folder), docs, options.language)
        began = time.perf_counter()
        found = [_ask(engine, table, question["q"]) for question in questions]
        seconds = time.perf_counter() - began
        engine.close()
    wanted = [{numbers[str(rel)] for rel in question["rel"]} for question in questions]
    report = {
        "documents": len(docs),
        "questions": len(questions),
        "milliseconds": 1000 * seconds / max(1, len(questions)),
        "machine": machine(),
    }
    for name, measure in (("mrr", _mrr), ("recall", _recall), ("ndcg", _ndcg)):
        values = [measure(hits, want) for hits, want in zip(found, wanted, strict=True)]
        low, high = _interval(values)
        report[name] = {"mean": sum(values) / len(values), "low": low, "high": high}
        print(f"{name}@{_AT}: {report[name]['mean']:.4f}  [{low:.4f}, {high:.4f}]")
    print(
        f"{report['questions']} questions, {report['documents']} passages, {report['milliseconds']:.2f} ms each"
    )
    print(report["machine"])
    if options.json:
        options.json.write_text(json.dumps(report, indent=1), encoding="utf-8")


def _lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def _index(folder: Path, docs: list[dict], language: str) -> tuple[WhooshEngine, UnitTable, dict[str, int]]:
    numbers = {str(doc["id"]): number for number, doc in enumerate(docs, 1)}
    writer = WhooshWriter(folder)
    writer.rebuild(
        ((numbers[str(doc["id"])], [PageText(1, doc["text"], language)]) for doc in docs), (), lambda _: None
    )
    writer.close()
    units = {number: [Unit(number, number, 1, "all", (number,), 20230101, {})] for number in numbers.values()}
    return WhooshEngine(folder), UnitTable.empty().apply(units, 1), numbers


def _ask(engine: WhooshEngine, table: UnitTable, text: str) -> list[int]:
    try:
        query = parse(text)
    except QueryError:
        return []
    results = engine.search(query, allow=frozenset({"all"}), units=table, filters={}, limit=_AT)
    return [hit.product for hit in results.hits]


def _mrr(hits: list[int], wanted: set[int]) -> float:
    return next((1 / place for place, hit in enumerate(hits, 1) if hit in wanted), 0.0)


def _recall(hits: list[int], wanted: set[int]) -> float:
    return len(wanted.intersection(hits)) / len(wanted)


def _ndcg(hits: list[int], wanted: set[int]) -> float:
    gain = sum(1 / math.log2(place + 1) for place, hit in enumerate(hits, 1) if hit in wanted)
    best = sum(1 / math.log2(place + 1) for place in range(1, min(len(wanted), _AT) + 1))
    return gain / best


def _interval(values: list[float], rounds: int = 1000) -> tuple[float, float]:
    rng = random.Random(7)  # noqa: S311 - a repeatable interval
    means = sorted(sum(rng.choices(values, k=len(values))) / len(values) for _ in range(rounds))
    return means[int(0.025 * rounds)], means[int(0.975 * rounds)]


if __name__ == "__main__":
    main()
