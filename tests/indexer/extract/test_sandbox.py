"""Files that hurt, and helpers that die: each case with real processes."""

from __future__ import annotations

import io
import os
import select
import signal
import subprocess
import sys
import threading
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from indexer.extract import Extraction, FileState, Limits, Sandbox
from tests.indexer.extract.samples import make_docx, make_pdf, p, raw_pdf

if TYPE_CHECKING:
    from collections.abc import Callable

    Put = Callable[[str, bytes], Path]

pytestmark = [
    pytest.mark.kill,
    pytest.mark.skipif(sys.platform != "linux", reason="looks at processes through /proc"),
]
ROOT = Path(__file__).parents[3]
MB = 1024 * 1024
# Minutes of interpreting, next to nothing on disk.
SLOW = raw_pdf(b"0 0 m 1 1 l S\n" * 100_000, pages=4_000)
# Gigabytes of path objects from a small file.
HOG = raw_pdf(b"0 0 m 1 1 l S\n" * 5_000_000)


def _zygote(sandbox: Sandbox) -> int:
    process = sandbox._server._process
    assert process is not None
    return process.pid


def _children(parent: int) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text("ascii", "replace").rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[1]) == parent and fields[0] != "Z":
                found.append(int(entry.name))
    return found


def _wait_for(condition: Callable[[], object], seconds: float = 20.0) -> object:
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, "did not happen"
        os.sched_yield()
    return value


def _gone(pid: int, seconds: float = 20.0) -> bool:
    try:
        fd = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([fd], [], [], seconds)[0])
    finally:
        os.close(fd)


def test_an_endless_file_ends_at_the_wall_clock(sandbox: Sandbox, put: Put) -> None:
    path = put("a.pdf", SLOW)
    start = time.monotonic()
    result = sandbox.extract(path, name="a.pdf", limits=Limits(wall_seconds=0.3))
    assert (result.state, result.reason) == (FileState.TIMEOUT, "limit.time")
    assert time.monotonic() - start < 10
    _wait_for(lambda: not _children(_zygote(sandbox)))


def test_an_endless_file_ends_at_its_processor_time(sandbox: Sandbox, put: Put) -> None:
    result = sandbox.extract(put("a.pdf", SLOW), name="a.pdf", limits=Limits(cpu_seconds=1))
    assert (result.state, result.reason) == (FileState.TIMEOUT, "limit.time")


def test_a_memory_hog_is_stopped_and_named(sandbox: Sandbox, put: Put) -> None:
    limits = Limits(address_space=420 * MB)
    result = sandbox.extract(put("a.pdf", HOG), name="a.pdf", limits=limits)
    assert (result.state, result.reason) == (FileState.TOO_RISKY, "limit.memory")
    assert sandbox.extract(put("b.txt", b"masih hidup"), name="b.txt").state is FileState.READ


def test_pages_read_before_the_end_are_kept(sandbox: Sandbox, put: Put) -> None:
    pages = [f"Halaman nomor {n} tentang tata kelola pengetahuan nasional" for n in range(3000)]
    path = put("a.pdf", make_pdf(pages))
    result = sandbox.extract(path, name="a.pdf", limits=Limits(wall_seconds=0.2))
    if result.state is not FileState.READ:
        assert result.state in {FileState.PARTIAL, FileState.TIMEOUT}
        assert result.page_count in {0, 3000}
    for page in result.pages:
        assert page.text == pages[page.number - 1]


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ({"word/a.xml": b"0" * 30 * MB}, "zip.ratio"),
        ({f"word/{n}.xml": b"" for n in range(5001)}, "zip.entries"),
        ({"word/a.xml": os.urandom(65 * MB)}, "zip.part"),
    ],
)
def test_zip_bombs_are_refused_before_inflating(
    sandbox: Sandbox, put: Put, parts: dict[str, bytes], reason: str
) -> None:
    result = sandbox.extract(put("a.docx", make_docx(p("a"), extra=parts)), name="a.docx")
    assert (result.state, result.reason) == (FileState.TOO_RISKY, reason)


def test_a_zip_that_lies_about_its_sizes_inflates_no_more_than_it_says(sandbox: Sandbox, put: Put) -> None:
    data = bytearray(make_docx(p("kata " * 200_000)))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        size = archive.getinfo("word/document.xml").file_size.to_bytes(4, "little")
    data = data.replace(size, (1000).to_bytes(4, "little"))
    result = sandbox.extract(put("a.docx", bytes(data)), name="a.docx")
    assert result.state in {FileState.PARTIAL, FileState.BROKEN}
    assert sum(len(page.text) for page in result.pages) <= 1000


def test_many_threads_share_one_helper(sandbox: Sandbox, put: Put) -> None:
    paths = {f"isi nomor {n}": put(f"{n}.pdf", make_pdf([f"isi nomor {n}"])) for n in range(24)}

    def read(path: Path) -> Extraction:
        return sandbox.extract(path, name=path.name)

    with ThreadPoolExecutor(8) as pool:
        for text, result in zip(paths, pool.map(read, paths.values()), strict=True):
            assert result.pages[0].text == text


def test_a_killed_helper_is_replaced(put: Put) -> None:
    path = put("a.txt", b"halo")
    with Sandbox() as sandbox:
        assert sandbox.extract(path, name="a.txt").state is FileState.READ
        before = _zygote(sandbox)
        os.kill(before, signal.SIGKILL)
        assert sandbox.extract(path, name="a.txt").state is FileState.READ
        assert _zygote(sandbox) != before


def test_a_killed_helper_costs_no_thread_its_answer(put: Put) -> None:
    path = put("a.pdf", make_pdf([f"Halaman {n} " + "isi " * 200 for n in range(150)]))
    with Sandbox() as sandbox:
        sandbox.extract(put("b.txt", b"halo"), name="b.txt")
        with ThreadPoolExecutor(8) as pool:
            jobs = [pool.submit(sandbox.extract, path, name="a.pdf") for _ in range(16)]
            _wait_for(lambda: len(_children(_zygote(sandbox))) >= 2)
            os.kill(_zygote(sandbox), signal.SIGKILL)
            assert {(job.result().state, len(job.result().pages)) for job in jobs} == {(FileState.READ, 150)}


def test_a_helper_killed_at_work_takes_its_child_along_and_the_work_is_done_again(put: Put) -> None:
    path = put("a.pdf", SLOW)
    with Sandbox() as sandbox:
        sandbox.extract(put("b.txt", b"halo"), name="b.txt")
        first = _zygote(sandbox)
        results: list[Extraction] = []
        thread = threading.Thread(
            target=lambda: results.append(
                sandbox.extract(path, name="a.pdf", limits=Limits(wall_seconds=1.0))
            )
        )
        thread.start()
        child = _wait_for(lambda: _children(first))
        assert isinstance(child, list)
        os.kill(first, signal.SIGKILL)
        assert _gone(child[0])
        thread.join(30)
        assert results[0].state is FileState.TIMEOUT


def test_a_child_killed_from_outside_is_no_verdict_on_its_file(put: Put) -> None:
    path = put("a.txt", b"kata demi kata dibaca dengan tenang\n" * 100_000)
    with Sandbox() as sandbox, ThreadPoolExecutor(1) as pool:
        whole = sandbox.extract(path, name="a.txt")
        assert whole.pages
        for kills in (1, 99):
            # The child of the reading before may still be on its way out: killing it would prove nothing.
            _wait_for(lambda: not _children(_zygote(sandbox)))
            job = pool.submit(sandbox.extract, path, name="a.txt")
            for _ in range(kills):
                child = _wait_for(lambda job=job: job.done() or _children(_zygote(sandbox)))
                if not isinstance(child, list):
                    break
                os.kill(child[0], signal.SIGKILL)
                assert _gone(child[0])
            found = job.result(60)
            # Read again after one; killed whenever it begins, it is not tried for ever.
            assert found == whole if kills == 1 else found.state is FileState.TOO_RISKY


def test_close_leaves_no_process(put: Put) -> None:
    path = put("a.pdf", SLOW)
    sandbox = Sandbox()
    sandbox.extract(put("b.txt", b"halo"), name="b.txt")
    zygote = _zygote(sandbox)
    thread = threading.Thread(
        target=lambda: sandbox.extract(path, name="a.pdf", limits=Limits(wall_seconds=2))
    )
    thread.start()
    child = _wait_for(lambda: _children(zygote))
    assert isinstance(child, list)
    sandbox.close()
    assert _gone(zygote)
    assert _gone(child[0])
    thread.join(30)
    sandbox.close()


SCRIPT = """
import sys, threading
from pathlib import Path
from indexer.extract import Limits, Sandbox
sandbox = Sandbox()
sandbox.extract(Path(sys.argv[2]), name="b.txt")
threading.Thread(target=sandbox.extract, args=(Path(sys.argv[1]),), kwargs={"name": "a.pdf"}).start()
print(sandbox._server._process.pid, flush=True)
"""


def test_nothing_is_left_when_the_application_is_killed(put: Put) -> None:
    slow, quick = put("a.pdf", SLOW), put("b.txt", b"halo")
    with subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(slow), str(quick)],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as script:
        assert script.stdout is not None
        zygote = int(script.stdout.readline())
        child = _wait_for(lambda: _children(zygote))
        assert isinstance(child, list)
        script.kill()
    assert _gone(zygote)
    assert _gone(child[0])


def test_the_child_has_no_secrets_network_or_files(put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KHUB_SECRET_KEY", "sangat-rahasia")
    path = put("a.pdf", SLOW)
    with Sandbox() as sandbox:
        sandbox.extract(put("b.txt", b"halo"), name="b.txt")
        zygote = _zygote(sandbox)
        assert b"KHUB" not in Path(f"/proc/{zygote}/environ").read_bytes()
        thread = threading.Thread(
            target=lambda: sandbox.extract(path, name="a.pdf", limits=Limits(wall_seconds=3))
        )
        thread.start()

        def limited() -> str:
            for child in _children(zygote):
                text = Path(f"/proc/{child}/limits").read_text("ascii")
                if "Max cpu time              60" in text and (os.geteuid() or _uid(child)):
                    return text
            return ""

        limits = str(_wait_for(limited))
        assert f"Max address space         {1024 * MB}" in limits
        assert "Max file size             0" in limits
        assert "Max core file size        0" in limits
        child = _children(zygote)[0]
        assert os.getsid(child) == child
        os.kill(zygote, signal.SIGKILL)
        thread.join(30)


def _uid(pid: int) -> int:
    return Path(f"/proc/{pid}").stat().st_uid


def test_an_unreadable_path_is_an_error_of_the_caller(sandbox: Sandbox, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        sandbox.extract(tmp_path / "tidak-ada.pdf", name="tidak-ada.pdf")
