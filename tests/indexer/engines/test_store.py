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

from indexer.engines import merging, store
from indexer.engines.store import WhooshWriter
from indexer.engines.whoosh import FRESH, WhooshEngine
from indexer.ports import IndexLockedError, IndexUnavailableError, PageText, Title
from indexer.query import parse
from indexer.units import Unit, UnitTable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

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
@pytest.mark.parametrize("act", ["commit", "rebuild", "merge"])
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


# -- merges ----------------------------------------------------------------------------------------


def fill(writer: WhooshWriter, files: Iterable[int], *, often: int = 1) -> None:
    """Commit every file by itself: a page that tells its number, and one that is the same in all."""
    for number in files:
        writer.replace_file(number, texts(f"naskah n{number}", "halaman dua " * often))
        writer.commit()


def segments(folder: Path) -> int:
    return store.describe(store.current(folder)).segments


def settle(writer: WhooshWriter) -> None:
    while writer.tidy(0):
        pass


def test_an_idle_writer_leaves_few_segments_and_the_same_answers(
    folder: Path, writer: WhooshWriter, engine: WhooshEngine
) -> None:
    fill(writer, range(1, 51))
    writer.replace_titles(7, [Title(7, "naskah judul", "id")])
    writer.replace_file(9, ())
    writer.commit()
    asked = ("naskah", '"halaman dua"', "n1*", "judul:naskah", "naskah -n3", "")
    before = [ask(engine, text) for text in asked]
    assert segments(folder) > 40
    settle(writer)
    assert segments(folder) < merging.FANOUT
    assert [ask(engine, text) for text in asked] == before
    assert before[1].total_pages == 49
    assert not list(folder.glob("merge-*"))


def test_a_word_on_more_pages_than_a_block_holds_is_merged(
    folder: Path, writer: WhooshWriter, engine: WhooshEngine
) -> None:
    for file in range(2, 7):
        writer.replace_file(file, texts(*(f"kata kedua {'kata ' * (n % 3)}" for n in range(3_000))))
        writer.replace_file(20 + file, texts("kata lain"))
        writer.commit()
        writer.replace_file(20 + file, ())
    writer.replace_file(4, texts("kata baru"))
    writer.commit()
    queries = [parse(text) for text in ('"kata kedua kata"', '"kedua kata" lain')]
    before = [
        engine.pages(query, allow=ALL, units=TABLE, product=file) for query in queries for file in range(2, 7)
    ]
    assert [len(pages) for pages in before] == [2000, 2000, 0, 2000, 2000] * 2
    settle(writer)
    assert segments(folder) < merging.FANOUT
    assert before == [
        engine.pages(query, allow=ALL, units=TABLE, product=file) for query in queries for file in range(2, 7)
    ]


def test_large_segments_are_merged_too(
    folder: Path, writer: WhooshWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(merging, "SMALL", 2)
    for number in range(2, 2 + merging.FANOUT):
        writer.replace_file(number, texts(*["naskah"] * 4_200))
        writer.commit()
    assert segments(folder) == 1 + merging.FANOUT
    settle(writer)
    assert segments(folder) == 2


def test_what_is_changed_during_a_merge_is_changed_after_it(
    folder: Path, writer: WhooshWriter, engine: WhooshEngine
) -> None:
    fill(writer, range(1, 20))
    for file in (3, 5, 7):
        assert writer.tidy(0)
        writer.replace_file(file, texts(f"naskah baru n{file}") if file != 5 else ())
        writer.commit()
        assert found(engine, "baru") == [each for each in (3, 7) if each <= file]
    settle(writer)
    assert found(engine, "baru") == [3, 7]
    assert found(engine, "naskah") == [each for each in range(1, 20) if each != 5]
    assert len(engine.pages(parse("naskah OR halaman"), allow=ALL, units=TABLE, product=3)) == 1


def test_all_that_a_merge_holds_may_be_deleted_meanwhile(
    folder: Path, writer: WhooshWriter, engine: WhooshEngine
) -> None:
    fill(writer, range(1, 9))
    assert writer.tidy(0)
    for file in range(1, 9):
        writer.replace_file(file, ())
    writer.replace_titles(1, ())
    writer.commit()
    assert segments(folder) == 0
    settle(writer)
    assert (segments(folder), found(engine, "")) == (0, [])
    fill(writer, [1])
    assert found(engine, "naskah") == [1]


def test_without_a_pause_the_segments_stay_below_a_cap(
    folder: Path, writer: WhooshWriter, engine: WhooshEngine
) -> None:
    most = 0
    for number in range(1, 51):
        fill(writer, [number])
        writer.tidy(0, idle=False)
        most = max(most, segments(folder))
    assert merging.MOST < most <= 2 * merging.MOST + 1
    assert found(engine, "naskah") == list(range(1, 51))


def test_a_merge_that_cannot_wait_comes_before_one_that_can(
    folder: Path, writer: WhooshWriter, engine: WhooshEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(merging, "SMALL", 100)
    for number in range(2, 2 + merging.FANOUT):
        writer.replace_file(number, texts(*["naskah besar"] * 100))
        writer.commit()
    assert writer.tidy(0)  # the large ones, and then there is no pause any more
    (large,) = folder.glob("merge-*")
    for number in range(10, 50):
        fill(writer, [number])
        writer.tidy(60, idle=False)
        assert segments(folder) <= merging.MOST + 1
    assert list(folder.glob("merge-*")) == [large]
    settle(writer)
    assert segments(folder) <= 2 * merging.FANOUT
    assert found(engine, "naskah") == [*range(1, 2 + merging.FANOUT), *range(10, 50)]


def test_a_merge_that_cannot_wait_leaves_the_large_alone(
    folder: Path, writer: WhooshWriter, engine: WhooshEngine
) -> None:
    writer.rebuild([(1, texts(*["naskah besar"] * 600))], (), lambda _: None)
    (large,) = store.current(folder).glob("*.seg")
    fill(writer, range(2, 20))
    assert writer.tidy(0)  # takes all the small ones, and only the large one is free
    for number in range(20, 51):
        fill(writer, [number])
        writer.tidy(0, idle=False)
    assert large.exists()
    assert segments(folder) <= 2 * merging.MOST + 1
    assert found(engine, "naskah") == list(range(1, 51))


def test_deleted_pages_do_not_stay_in_the_index(folder: Path, writer: WhooshWriter) -> None:
    writer.rebuild([(number, texts(*["naskah"] * 30)) for number in range(1, 5)], (), lambda _: None)
    for number in (1, 2):
        writer.replace_file(number, ())
    writer.commit()
    assert store.describe(store.current(folder)).deleted == 60
    settle(writer)
    assert store.describe(store.current(folder)).deleted == 0


@pytest.mark.parametrize("end", ["rebuild", "close", "death"])
def test_a_merge_that_is_given_up_leaves_nothing(end: str, folder: Path, writer: WhooshWriter) -> None:
    fill(writer, range(1, 9))
    assert writer.tidy(0)
    assert list(folder.glob("merge-*"))
    if end == "rebuild":
        writer.rebuild([(1, texts("naskah"))], (), lambda _: None)
        settle(writer)
    elif end == "death":
        (folder / "merge-dead").mkdir()
    if end != "rebuild":
        writer.close()
        with closing(WhooshWriter(folder)) as again:
            assert again.open()
    assert not list(folder.glob("merge-*"))


def test_a_merge_on_a_full_disk_changes_nothing(
    folder: Path, writer: WhooshWriter, engine: WhooshEngine
) -> None:
    fill(writer, range(1, 9), often=3_000)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
    try:
        with pytest.raises(OSError, match="large"):
            settle(writer)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert not list(folder.glob("merge-*"))
    assert found(engine, "naskah") == list(range(1, 9))
    fill(writer, [9])
    settle(writer)
    assert segments(folder) < merging.FANOUT
    assert found(engine, "naskah") == list(range(1, 10))


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
        fill(writer, range(2, 2 + merging.FANOUT))
        damage(rng.choice(list(store.current(folder).glob("*.*"))), rng)
        _told(lambda: settle(writer))
        writer.replace_file(1, texts("naskah baru"))
        _told(writer.commit)
        writer.rebuild([(1, texts("naskah utuh"))], (), lambda _: None)
        with closing(WhooshEngine(folder)) as engine:
            assert found(engine, "utuh") == [1]
