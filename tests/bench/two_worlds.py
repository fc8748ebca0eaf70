"""``python -m tests.bench.two_worlds [--queries 10000] [--seed 1]``.

Every answer must be the same whether or not documents exist that the asker may not read: hits, order,
scores, pages, totals, facets, months, dropped words, counts, spelling, similar products and explanations
are compared exactly.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from pathlib import Path

from indexer.engines.store import WhooshWriter
from indexer.engines.whoosh import WhooshEngine
from indexer.query import to_text
from tests.indexer import worlds

_QUERIES_A_WORLD = 50


def compare(queries: int, seed: int, folder: Path) -> list[str]:
    """Ask ``queries`` random questions in pairs of worlds; return those that were answered differently."""
    rng = random.Random(seed)  # noqa: S311 - repeatable
    different: list[str] = []
    asked = number = 0
    while asked < queries:
        number += 1
        whole = worlds.world(rng, rng.randint(4, 30), (*worlds.CLASSES, worlds.SECRET, worlds.SECRET))
        less = whole.without(worlds.SECRET)
        engines = [_indexed(world, folder / f"{number}{name}") for name, world in (("a", whole), ("b", less))]
        tables = [whole.table(), less.table()]
        for _ in range(min(_QUERIES_A_WORLD, queries - asked)):
            asked += 1
            query = worlds.asked(rng, whole)
            words = [worlds.misspelt(rng), rng.choice(worlds.WORDS)]
            arguments = {
                "allow": worlds.allowed(rng),
                "filters": worlds.filters(rng),
                "sort": rng.choice(("relevance", "relevance", "date")),
                "offset": rng.choice((0, 0, 3)),
                "limit": rng.choice((2, 10, 50)),
                "all_versions": rng.random() < 0.3,
            }
            some = {name: arguments[name] for name in ("allow", "all_versions")}
            product = rng.choice(sorted(whole.units))
            seen = {"allow": arguments["allow"]}
            answers = [
                (
                    engine.search(query, units=table, **arguments),
                    engine.pages(query, units=table, product=product, **some),
                    engine.count([query], units=table, filters=arguments["filters"], **seen),
                    engine.spelling(words, units=table, **seen),
                    engine.similar(product, units=table, **seen),
                    engine.explain(query, product, units=table, **seen),
                )
                for engine, table in zip(engines, tables, strict=True)
            ]
            if answers[0] != answers[1]:
                different.append(f"seed {seed}, world {number}: {to_text(query)!r} {arguments}")
        for engine in engines:
            engine.close()
    return different


def _indexed(world: worlds.World, folder: Path) -> WhooshEngine:
    writer = WhooshWriter(folder)
    writer.rebuild(world.files.items(), world.titles.items(), lambda _: None)
    writer.close()
    return WhooshEngine(folder)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--queries", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        different = compare(options.queries, options.seed, Path(folder))
    for line in different[:20]:
        sys.stdout.write(line + "\n")
    sys.stdout.write(f"{options.queries} queries in two worlds, {len(different)} answered differently\n")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
