"""Readers beside a writer: whole commits, soon, and nothing left open."""

from __future__ import annotations

import gc
import shutil
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from indexer.engines.whoosh import FRESH, WhooshEngine
from tests.indexer.engines.shelf import ask, fill, found, settle, texts

if TYPE_CHECKING:
    from indexer.engines.store import WhooshWriter
    from indexer.ports import PageText


def at(version: int) -> list[tuple[int, list[PageText]]]:
    return [(number, texts(f"naskah v{version}", f"lampiran v{version}")) for number in (1, 2, 3)]


def read(engine: WhooshEngine, stop: threading.Event) -> int:
    """Ask until told to stop; return how often. A half commit or an error ends it."""
    asked = 0
    while not stop.is_set():
        whole = ask(engine, "naskah OR lampiran")
        assert (whole.total_products, whole.total_pages) == (3, 6)
        assert {len(ask(engine, f"v{version}").hits) for version in range(30)} <= {0, 3}
        asked += 1
    return asked


def test_readers_never_see_half_a_commit(folder: Path, writer: WhooshWriter) -> None:
    writer.rebuild(at(0), (), lambda _: None)
    stop = threading.Event()
    with closing(WhooshEngine(folder, fresh=0)) as engine, ThreadPoolExecutor(4) as pool:
        readers = [pool.submit(read, engine, stop) for _ in range(4)]
        try:
            for version in range(1, 30):
                if version % 7 == 0:
                    writer.rebuild(at(version), (), lambda _: None)
                    continue
                for file, pages in at(version):
                    writer.replace_file(file, pages)
                writer.commit()
                writer.tidy(60)
        finally:
            stop.set()
        assert min(reader.result() for reader in readers) > 3
        assert found(engine, "v29") == [1, 2, 3]


def test_a_commit_is_seen_within_a_second(folder: Path, writer: WhooshWriter) -> None:
    with closing(WhooshEngine(folder)) as engine:
        assert found(engine, "baru") == []
        writer.replace_file(1, texts("naskah baru"))
        writer.commit()
        began = time.monotonic()
        while not found(engine, "baru"):
            assert time.monotonic() - began < 1
        assert FRESH < 1


def test_a_reader_keeps_a_generation_whose_files_are_gone(writer: WhooshWriter, engine: WhooshEngine) -> None:
    corpus = engine.corpus()
    shutil.rmtree(corpus.folder)
    assert len(corpus.postings("t", "naskah").docs) == 1
    assert corpus.expand("t", "nas") == ["naskah"]
    writer.rebuild([(1, texts("naskah baru"))], (), lambda _: None)
    assert found(engine, "baru") == [1]


def test_nothing_stays_open(folder: Path, writer: WhooshWriter) -> None:
    def opened() -> int:
        gc.collect()
        return sum(1 for _ in Path("/proc/self/fd").iterdir())

    before = opened()
    for round_ in range(3):
        with closing(WhooshEngine(folder, fresh=0)) as engine:
            writer.replace_file(1, texts(f"naskah n{round_}"))
            writer.commit()
            assert found(engine, f"n{round_}") == [1]
            fill(writer, range(2, 9))
            settle(writer)
            fill(writer, range(2, 9))
            assert writer.tidy(0)
            writer.rebuild([(1, texts("naskah"))], (), lambda _: None)
            assert found(engine, "naskah") == [1]
    assert opened() == before
