"""One writer: it dies, is refused, fails, and leaves all of a commit or nothing."""

from __future__ import annotations

import errno
import resource
import shutil
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from indexer.engines import store
from indexer.engines.store import WhooshWriter
from indexer.ports import IndexLockedError, IndexUnavailableError, PageText
from tests.indexer.engines.shelf import found, texts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from indexer.engines.whoosh import WhooshEngine


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


def test_a_writer_whose_folder_was_removed_is_still_the_only_one(folder: Path, writer: WhooshWriter) -> None:
    """The lock went with the folder: whoever came then would write beside it."""
    shutil.rmtree(folder)
    writer.replace_file(1, texts("naskah baru"))
    with pytest.raises(IndexUnavailableError):
        writer.commit()
    with closing(WhooshWriter(folder)) as second:
        with pytest.raises(IndexLockedError):
            second.open()
        writer.rebuild([(1, texts("naskah baru"))], (), lambda _: None)
        with pytest.raises(IndexLockedError):
            second.open()
        shutil.rmtree(folder)
        assert not second.open()  # it came first this time
        with pytest.raises(IndexLockedError):
            writer.tidy(0.1, idle=True)


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
