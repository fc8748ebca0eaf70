"""``python -m tests.indexer.engines.killed commit|rebuild|merge FOLDER``: die at every step of a write.

A child is killed when it touches the file system for the first time, the next one at the second time,
and so on until one lives to the end. After every death the index must hold all of the commit or nothing
of it, and take a writer. ``merge`` commits while a merge is under way, then ends the merge and the next.
Prints how many children died.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
from contextlib import closing
from pathlib import Path

from indexer.engines import merging, store
from indexer.engines.store import WhooshWriter
from indexer.engines.whoosh import WhooshEngine
from indexer.ports import PageText
from indexer.query import parse
from indexer.units import Unit, UnitTable

_TOUCHES = {"open", "os.listdir", "os.mkdir", "os.remove", "os.rename", "os.rmdir", "mmap.__new__"}
_OLD = {file: [PageText(1, "naskah lama", "id"), PageText(2, "naskah kedua", "id")] for file in (1, 2, 3)}
_CHANGES = {1: [PageText(1, "naskah baru", "id")], 3: [], 4: [PageText(1, "naskah baru", "id")]}
_NEW = {**_OLD, **_CHANGES}


def main(act: str, folder: Path) -> int:
    deaths = 0
    merging.FANOUT = 2
    fresh = folder.with_name("fresh")
    _fresh(act, fresh)
    while True:
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(fresh, folder)
        child = os.fork()
        if child == 0:
            _write(act, folder, deaths)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        lived = status == 0
        if not lived and not os.WIFSIGNALED(status):
            raise SystemExit(f"a child failed at step {deaths}")
        if _held(folder) not in ([_pages(_NEW)] if lived else [_pages(_OLD), _pages(_NEW)]):
            raise SystemExit(f"step {deaths} left half a commit: {_held(folder)}")
        if lived and act == "merge" and store.describe(store.current(folder)).segments > 1:
            raise SystemExit("nothing was merged")
        if lived:
            return deaths
        deaths += 1
        _again(folder, deaths)
        if _held(folder) != _pages(_NEW):
            raise SystemExit(f"no good commit after step {deaths}: {_held(folder)}")


def _fresh(act: str, folder: Path) -> None:
    """Make the index that the child writes to; for a merge every file has its own segment."""
    with closing(WhooshWriter(folder)) as writer:
        writer.open()
        writer.rebuild(() if act == "merge" else _OLD.items(), (), lambda _: None)
        for file, pages in _OLD.items() if act == "merge" else ():
            writer.replace_file(file, pages)
            writer.commit()


def _again(folder: Path, step: int) -> None:
    """Write after a death as if nothing had happened."""
    with closing(WhooshWriter(folder)) as writer:
        if not writer.open():
            raise SystemExit(f"step {step} left no usable index")
        for file, pages in _NEW.items():
            writer.replace_file(file, pages)
        writer.commit()
        while writer.tidy(60):
            pass


def _write(act: str, folder: Path, step: int) -> None:
    """Write, and die when the file system is touched for the ``step``-th time."""
    touched = 0

    def touch(event: str, _: tuple[object, ...]) -> None:
        nonlocal touched
        if event in _TOUCHES:
            if touched == step:
                os.kill(os.getpid(), signal.SIGKILL)
            touched += 1

    sys.addaudithook(touch)
    with closing(WhooshWriter(folder)) as writer:
        writer.open()
        if act == "rebuild":
            writer.rebuild(_NEW.items(), (), lambda _: None)
            return
        if act == "merge":
            writer.tidy(0)
        for file, pages in _CHANGES.items():
            writer.replace_file(file, pages)
        writer.commit()

        while act == "merge" and writer.tidy(0):
            pass


def _held(folder: Path) -> set[tuple[int, int, str]]:
    """Return the pages that the index finds, with the word that tells old from new."""
    table = UnitTable.empty().apply(
        {file: [Unit(file, file, 1, "all", (file,), 20230101, {})] for file in _NEW}, 1
    )
    found = set()
    with closing(WhooshEngine(folder)) as engine:
        for word in ("lama", "kedua", "baru"):
            for file in _NEW:
                pages = engine.pages(parse(word), allow=frozenset({"all"}), units=table, product=file)
                found |= {(page.file, page.number, word) for page in pages}
    return found


def _pages(files: dict[int, list[PageText]]) -> set[tuple[int, int, str]]:
    return {(file, page.number, page.text.split()[1]) for file, pages in files.items() for page in pages}


if __name__ == "__main__":
    print(main(sys.argv[1], Path(sys.argv[2])))  # noqa: T201 - speaks to the test
