"""One engine serves many threads, from the map, within its caches."""

from __future__ import annotations

import random
import threading
from contextlib import closing
from typing import TYPE_CHECKING

from indexer.engines import disk, mapping, store
from indexer.engines.store import WhooshWriter
from indexer.engines.whoosh import WhooshEngine
from tests.indexer import worlds

if TYPE_CHECKING:
    from pathlib import Path


def build(folder: Path, world: worlds.World) -> None:
    with closing(WhooshWriter(folder)) as writer:
        writer.rebuild(world.files.items(), world.titles.items(), lambda _: None)


def test_threads_get_the_answers_that_one_alone_gets(tmp_path: Path) -> None:
    rng = random.Random(11)  # noqa: S311 - repeatable
    world = worlds.world(rng, 40)
    build(tmp_path, world)
    table, allow = world.table(), frozenset(worlds.CLASSES)
    queries = [worlds.asked(rng, world) for _ in range(40)]
    # The caches hold next to nothing, so that threads decode at the same time.
    with closing(WhooshEngine(tmp_path, cache_bytes=20_000)) as engine:
        expected = [engine.search(query, allow=allow, units=table) for query in queries]
        wrong: list[object] = []

        def run(seed: int) -> None:
            order = list(range(len(queries)))
            random.Random(seed).shuffle(order)  # noqa: S311 - repeatable
            for number in order:
                found = engine.search(queries[number], allow=allow, units=table)
                if found != expected[number]:
                    wrong.append((queries[number], found))

        threads = [threading.Thread(target=run, args=(seed,)) for seed in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert wrong == []
        assert engine.postings.size <= engine.postings.limit


def test_segments_are_read_in_the_map_not_from_a_copy(tmp_path: Path) -> None:
    """Guards against a Whoosh that opens segments in another way: 400 MB a process."""
    build(tmp_path, worlds.world(random.Random(3), 3))  # noqa: S311 - repeatable
    _, readers = disk.open_segments(store.current(tmp_path))
    files = [part._postfile for part in (reader._terms for reader in readers)]
    assert files
    assert all(isinstance(file, mapping._MappedFile) for file in files)
    for reader in readers:
        reader.close()
