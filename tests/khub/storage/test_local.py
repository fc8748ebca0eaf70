"""The file store: the order of syncs, full disks, what a sweep may take."""

from __future__ import annotations

import errno
import hashlib
import io
import os
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from khub.clock import SystemClock
from khub.errors import NotFoundError, TooLargeError, UnavailableError
from khub.storage.local import LocalStorage

TEXT = b"isi berkas"
SHA = hashlib.sha256(TEXT).hexdigest()


@pytest.fixture
def storage(tmp_path):
    return LocalStorage(tmp_path / "uploads", SystemClock())


def _put(storage, data=TEXT, limit=1 << 20):
    return storage.put(io.BytesIO(data), limit=limit)


@pytest.fixture
def calls(monkeypatch):
    """Record fsync, link and mkdir as they happen, each carried out for real."""
    made: list[tuple[str, str]] = []
    fsync, link, mkdir = os.fsync, os.link, Path.mkdir

    def synced(handle):
        made.append(("fsync", str(Path(f"/proc/self/fd/{handle}").readlink())))
        fsync(handle)

    def linked(source, target, **more):
        made.append(("link", str(target)))
        link(source, target, **more)

    def created(self, *args, **more):
        made.append(("mkdir", str(self)))
        mkdir(self, *args, **more)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "link", linked)
    monkeypatch.setattr(Path, "mkdir", created)
    return made


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="names of open files come from /proc")
def test_file_then_name_then_folder_each_synced_in_that_order(storage, calls):
    _put(storage)
    shard = str(storage.root / SHA[:2] / SHA[2:4])
    received = f"{storage.root / 'tmp'}/"
    ((at_file, _),) = [
        (n, path) for n, (what, path) in enumerate(calls) if what == "fsync" and path.startswith(received)
    ]
    at_link = calls.index(("link", f"{shard}/{SHA}"))
    at_folder = max(n for n, call in enumerate(calls) if call == ("fsync", shard))
    assert at_file < at_link < at_folder
    assert calls[-1] == ("fsync", shard)
    for n, (what, path) in enumerate(calls):
        if what == "mkdir":
            assert ("fsync", str(Path(path).parent)) in calls[n:at_link], f"{path} may be lost in a power cut"


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="names of open files come from /proc")
def test_known_bytes_are_synced_again_before_they_are_acknowledged_again(storage, calls):
    _put(storage)
    calls.clear()
    _put(storage)
    # The first sender may have been cut off between its link and its sync.
    assert calls[-1] == ("fsync", str(storage.root / SHA[:2] / SHA[2:4]))


def test_the_key_is_the_content(storage):
    blob = _put(storage)
    assert (blob.sha256, blob.size) == (SHA, len(TEXT))
    assert storage.path(SHA).read_bytes() == TEXT
    assert list(storage.keys()) == [SHA]
    assert list((storage.root / "tmp").iterdir()) == []


def test_a_shortened_object_is_replaced_by_whole_bytes(storage):
    storage.path(_put(storage).sha256).write_bytes(TEXT[:3])
    _put(storage)
    assert storage.path(SHA).read_bytes() == TEXT


def test_above_the_limit_nothing_stays(storage):
    with pytest.raises(TooLargeError):
        _put(storage, b"x" * 101, limit=100)
    assert _put(storage, b"x" * 100, limit=100).size == 100
    assert len(list(storage.keys())) == 1
    assert list((storage.root / "tmp").iterdir()) == []


@pytest.mark.parametrize("key", ["", "..", "../../etc/passwd", "A" * 64, "0" * 63, "0" * 64 + "/", SHA])
def test_what_is_no_key_or_not_there_is_not_found(storage, key):
    with pytest.raises(NotFoundError):
        storage.path(key)


def test_a_sender_that_breaks_off_leaves_nothing(storage):
    class Broken(io.BytesIO):
        def read(self, size=-1):
            if self.tell() > 2 << 20:
                raise ConnectionResetError
            return super().read(size)

    with pytest.raises(ConnectionResetError):
        storage.put(Broken(b"x" * (8 << 20)), limit=64 << 20)
    assert list(storage.keys()) == []
    assert list((storage.root / "tmp").iterdir()) == []


def test_many_at_once_store_the_same_and_different_bytes(storage):
    start, wrong = threading.Barrier(8), []

    def send(number):
        start.wait()
        try:
            for turn in range(20):
                _put(storage, b"%d" % (turn if number % 2 else turn + 100 * number))
        except Exception as error:  # noqa: BLE001 - the test shows whatever came
            wrong.append(error)

    threads = [threading.Thread(target=send, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    for key in storage.keys():  # noqa: SIM118 - not a mapping
        assert hashlib.sha256(storage.path(key).read_bytes()).hexdigest() == key


def test_a_sweep_takes_old_strays_and_half_received_bytes_only(storage):
    kept, stray, fresh = (_put(storage, text).sha256 for text in (b"a", b"b", b"c"))
    half = storage.root / "tmp" / "setengah"
    half.write_bytes(b"x")
    foreign = storage.root / "README.md"
    foreign.write_text("bukan objek")
    old = (storage.clock.now() - timedelta(hours=25)).timestamp()
    for path in (half, foreign, storage.path(kept), storage.path(stray)):
        os.utime(path, (old, old))
    assert storage.sweep(frozenset({kept}), older_than=timedelta(hours=24)) == 2
    assert set(storage.keys()) == {kept, fresh}
    assert foreign.exists()
    assert not half.exists()


# -- full disks -------------------------------------------------------------------------------------


def test_the_errors_of_a_full_disk_become_a_reason(storage, monkeypatch):
    for number in (errno.ENOSPC, errno.EDQUOT):

        def full(handle, number=number):
            raise OSError(number, os.strerror(number))

        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", full)
            with pytest.raises(UnavailableError) as refused:
                _put(storage)
        assert "penuh" in refused.value.message
    assert list(storage.keys()) == []
    assert _put(storage).sha256 == SHA


@pytest.mark.parametrize("number", [errno.EIO, errno.ENOSPC])
@pytest.mark.parametrize("call", ["fsync", "link", "open"])
def test_whatever_call_fails_nothing_is_acknowledged_and_the_next_try_works(
    storage, monkeypatch, call, number
):
    """Fail the nth call of each kind in turn: an acknowledged blob is always whole."""
    real = getattr(os, call)
    for nth in range(8):
        seen = []

        def failing(*args, nth=nth, seen=seen, **more):
            seen.append(args)
            if len(seen) == nth + 1:
                raise OSError(number, os.strerror(number))
            return real(*args, **more)

        data = b"percobaan %d" % nth
        with monkeypatch.context() as patch:
            patch.setattr(os, call, failing)
            try:
                blob = _put(storage, data)
            except (OSError, UnavailableError):
                blob = None
        if blob is not None:
            assert storage.path(blob.sha256).read_bytes() == data
        assert _put(storage, data).size == len(data)
        assert list((storage.root / "tmp").iterdir()) == []


_FULL = """
import io, resource, signal, sys
from pathlib import Path
from khub.clock import SystemClock
from khub.storage.local import LocalStorage
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
storage = LocalStorage(Path(sys.argv[1]), SystemClock())
try:
    storage.put(io.BytesIO(b"x" * 5_000_000), limit=64 << 20)
except OSError as error:
    print(type(error).__name__, error.errno)
print(storage.put(io.BytesIO(b"muat"), limit=100).size, len(list(storage.keys())), len(list((storage.root / "tmp").iterdir())))
"""


def test_a_write_that_the_system_cuts_short_is_never_acknowledged(tmp_path):
    """A file-size limit of the system makes a real write fail in the middle."""
    done = subprocess.run(
        [sys.executable, "-c", _FULL, str(tmp_path / "uploads")], capture_output=True, text=True, check=True
    )
    assert done.stdout.split("\n")[:2] == [f"OSError {errno.EFBIG}", "4 1 0"]


@pytest.fixture
def small_disk(tmp_path):
    """Return a mounted 1 MB file system; needs root."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)], capture_output=True, check=False
    )
    if mounted.returncode:
        yield None
        return
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_disk_that_fills_up_refuses_with_a_reason_and_takes_the_next_file(small_disk):
    if small_disk is None:
        return  # without the right to mount, the system's own limit above stands for it
    storage = LocalStorage(small_disk / "uploads", SystemClock())
    with pytest.raises(UnavailableError) as refused:
        _put(storage, b"x" * (3 << 20), limit=64 << 20)
    assert "penuh" in refused.value.message
    assert list(storage.keys()) == []
    assert list((storage.root / "tmp").iterdir()) == []
    assert storage.path(_put(storage).sha256).read_bytes() == TEXT
