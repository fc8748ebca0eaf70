"""Merges: fewer segments, the same answers, whatever changes meanwhile."""

from __future__ import annotations

import resource
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from indexer.engines import merging, store
from indexer.engines.store import WhooshWriter
from indexer.ports import Title
from indexer.query import parse
from tests.indexer.engines.shelf import ALL, TABLE, ask, fill, found, segments, settle, texts

if TYPE_CHECKING:
    from pathlib import Path

    from indexer.engines.whoosh import WhooshEngine


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
        writer.replace_file(file, texts(*(f"kata kedua {'kata ' * (n % 3)} akhir" for n in range(3_000))))
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
