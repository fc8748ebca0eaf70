"""The index on disk: writers that die, readers that go on, damage that is told as damage."""

from __future__ import annotations

import errno
import gc
import random
import resource
import shutil
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from indexer.engines import store
from indexer.engines.store import WhooshWriter
from indexer.engines.whoosh import FRESH, WhooshEngine
from indexer.ports import IndexLockedError, IndexUnavailableError, PageText, Title
from indexer.query import parse
from indexer.units import Unit, UnitTable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from indexer.ports import Results

ALL = frozenset({"all"})
TABLE = UnitTable.empty().apply(
    {number: [Unit(number, number, 1, "all", (number,), 20230101, {})] for number in range(1, 60)}, 1
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "index"


@pytest.fixture
def writer(folder: Path) -> Iterator[WhooshWriter]:
    with closing(WhooshWriter(folder)) as opened:
        opened.rebuild([(1, texts("naskah lama"))], [(1, [Title(1, "judul", "id")])], lambda _: None)
        yield opened


@pytest.fixture
def engine(folder: Path, writer: WhooshWriter) -> Iterator[WhooshEngine]:
    with closing(WhooshEngine(folder, fresh=0)) as opened:
        yield opened


def texts(*pages: str) -> list[PageText]:
    return [PageText(number, text, "id") for number, text in enumerate(pages, 1)]


def ask(engine: WhooshEngine, text: str) -> Results:
    return engine.search(parse(text), allow=ALL, units=TABLE, limit=50)


def found(engine: WhooshEngine, text: str) -> list[int]:
    return sorted(hit.product for hit in ask(engine, text).hits)


# -- one writer ------------------------------------------------------------------------------------


@pytest.mark.kill
@pytest.mark.parametrize("act", ["commit", "rebuild"])
def test_a_writer_killed_at_any_step_leaves_all_or_nothing(act: str, folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.indexer.engines.killed", act, str(folder)],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[3],
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 20


def test_a_second_writer_is_refused_until_the_first_goes(folder: Path, writer: WhooshWriter) -> None:
    with closing(WhooshWriter(folder)) as second:
        with pytest.raises(IndexLockedError):
            second.open()
        with pytest.raises(IndexLockedError):
            second.rebuild((), (), lambda _: None)
        writer.close()
        assert second.open()


def test_a_failed_commit_keeps_its_work_and_no_lock(
    folder: Path, writer: WhooshWriter, engine: WhooshEngine
) -> None:
    writer.replace_file(1, texts("naskah baru"))
    writer.replace_file(2, texts("halaman " * 20_000))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
    try:
        with pytest.raises(OSError, match="large") as failed:
            writer.commit()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert failed.value.errno == errno.EFBIG
    assert found(engine, "lama") == [1]
    assert found(engine, "baru") == []
    writer.commit()
    assert found(engine, "baru") == [1]
    assert found(engine, "halaman") == [2]
    assert found(engine, "lama") == []


def test_a_page_that_cannot_be_indexed_is_refused_before_it_waits(
    writer: WhooshWriter, engine: WhooshEngine
) -> None:
    with pytest.raises(ValueError, match="page 0"):
        writer.replace_file(2, [PageText(0, "naskah", "id")])
    writer.replace_file(3, texts("naskah"))
    writer.commit()
    assert found(engine, "naskah") == [1, 3]


def test_a_rebuild_that_fails_changes_nothing(
    folder: Path, writer: WhooshWriter, engine: WhooshEngine
) -> None:
    def files() -> Iterator[tuple[int, list[PageText]]]:
        yield 1, texts("naskah baru")
        raise ConnectionError

    before = store.current(folder)
    with pytest.raises(ConnectionError):
        writer.rebuild(files(), (), lambda _: None)
    assert store.current(folder) == before
    assert list(folder.glob("gen-*")) == [before]
    assert found(engine, "lama") == [1]


def test_what_rebuilds_leave_behind_is_cleaned(folder: Path, writer: WhooshWriter) -> None:
    for _ in range(3):
        writer.rebuild([(1, texts("naskah"))], (), lambda _: None)
    assert len(list(folder.glob("gen-*"))) == 2  # in force, and the one before for those who read it
    (folder / "gen-stopped").mkdir()
    writer.close()
    with closing(WhooshWriter(folder)) as again:
        assert again.open()
    assert list(folder.glob("gen-*")) == [store.current(folder)]


def test_many_small_commits_stay_few_segments(
    folder: Path, writer: WhooshWriter, engine: WhooshEngine
) -> None:
    for number in range(1, 51):
        writer.replace_file(number, texts(f"naskah n{number}", "halaman dua"))
        writer.commit()
    assert store.describe(store.current(folder)).segments < 20
    assert found(engine, "naskah") == list(range(1, 51))
    assert ask(engine, "halaman").total_pages == 50


# -- readers -----------------------------------------------------------------------------------------


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
            writer.rebuild([(1, texts("naskah"))], (), lambda _: None)
            assert found(engine, "naskah") == [1]
    assert opened() == before


# -- damage ------------------------------------------------------------------------------------------


def test_no_index_is_told_as_missing(tmp_path: Path) -> None:
    with closing(WhooshEngine(tmp_path / "none")) as engine:
        with pytest.raises(IndexUnavailableError) as caught:
            ask(engine, "naskah")
        assert caught.value.reason == "missing"
    with closing(WhooshWriter(tmp_path / "none")) as writer:
        assert not writer.open()
        writer.replace_file(1, texts("naskah"))
        with pytest.raises(IndexUnavailableError):
            writer.commit()


def test_an_index_of_other_terms_is_told_as_another_version(
    folder: Path, writer: WhooshWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "ANALYZER_VERSION", store.ANALYZER_VERSION + 1)
    with closing(WhooshEngine(folder)) as engine:
        with pytest.raises(IndexUnavailableError) as caught:
            ask(engine, "naskah")
        assert caught.value.reason == "version"
        assert not writer.open()
        writer.rebuild([(1, texts("naskah"))], (), lambda _: None)
        assert found(engine, "naskah") == [1]


def damage(path: Path, rng: random.Random) -> None:
    data = bytearray(path.read_bytes())
    if rng.random() < 0.3:
        data = data[: rng.randrange(len(data))]
    else:
        for _ in range(rng.choice((1, 3, 30))):
            data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    path.write_bytes(data)


@pytest.mark.parametrize("kind", ["*.seg", "*.toc", "khub.json", "../current"])
def test_damaged_files_are_told_as_such(kind: str, folder: Path, writer: WhooshWriter) -> None:
    rng = random.Random(7)  # noqa: S311 - repeatable
    for number in range(1, 41):
        words = " ".join(
            f"{rng.choice(('modul', 'guru', 'pesantren'))} kata{n}" for n in range(rng.randint(1, 30))
        )
        writer.replace_file(number, texts(words, "halaman-dua modul"))
        writer.replace_titles(number, [Title(number, "judul guru", "id")])
    writer.commit()
    path = next(store.current(folder).glob(kind))
    whole = path.read_bytes()
    for _ in range(150):
        damage(path, rng)
        with closing(WhooshEngine(folder)) as engine:
            for text in ("modul guru", '"halaman dua modul"', "kat* -guru", "judul:guru", ""):
                _told(lambda engine=engine, text=text: ask(engine, text))
        _told(lambda: store.describe(store.current(folder)))
        path.write_bytes(whole)


def _told(act: Callable[[], object]) -> None:
    try:
        act()
    except IndexUnavailableError as error:
        reason = error.reason
    else:
        return
    assert reason in ("missing", "version", "damaged")


def test_a_damaged_index_refuses_a_commit_and_takes_a_rebuild(folder: Path, writer: WhooshWriter) -> None:
    rng = random.Random(3)  # noqa: S311 - repeatable
    for _ in range(25):
        writer.rebuild([(1, texts("naskah lama"))], (), lambda _: None)
        damage(rng.choice(list(store.current(folder).glob("*.*"))), rng)
        writer.replace_file(1, texts("naskah baru"))
        _told(writer.commit)
        writer.rebuild([(1, texts("naskah utuh"))], (), lambda _: None)
        with closing(WhooshEngine(folder)) as engine:
            assert found(engine, "utuh") == [1]
