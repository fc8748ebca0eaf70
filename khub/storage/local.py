"""Files under one directory, by content hash, synced before they are acknowledged."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import uuid
from typing import IO, TYPE_CHECKING

from khub.errors import N_, NotFoundError, TooLargeError, UnavailableError
from khub.storage import Blob

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import timedelta
    from pathlib import Path

    from khub.clock import Clock

_CHUNK = 1 << 20
_FULL = (errno.ENOSPC, errno.EDQUOT)
_HEX = frozenset("0123456789abcdef")
_HASH_LENGTH = 64


class LocalStorage:
    """``root/ab/cd/<sha256>``; half-received bytes stay in ``root/tmp`` until swept."""

    def __init__(self, root: Path, clock: Clock) -> None:
        self.root = root
        self.clock = clock
        self._tmp = root / "tmp"

    def put(self, stream: IO[bytes], *, limit: int) -> Blob:
        """Store a stream; see the port. The order of syncs is the commit protocol: do not reorder."""
        try:
            return self._put(stream, limit)
        except OSError as error:
            if error.errno in _FULL:
                raise UnavailableError(
                    N_("Penyimpanan penuh. Berkas belum diterima; hubungi admin, lalu coba lagi.")
                ) from error
            raise

    def _put(self, stream: IO[bytes], limit: int) -> Blob:
        _make_dirs(self._tmp)
        tmp = self._tmp / uuid.uuid4().hex
        handle = os.open(tmp, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o640)
        try:
            with os.fdopen(handle, "wb") as out:
                sha256, size = _copy(stream, out, limit)
                out.flush()
                os.fsync(out.fileno())
            target = self._at(sha256)
            _make_dirs(target.parent)
            try:
                os.link(tmp, target)
            except FileExistsError:
                _renew(tmp, target, size)
            _sync_dir(target.parent)
        finally:
            tmp.unlink(missing_ok=True)
        return Blob(sha256, size)

    def path(self, sha256: str) -> Path:
        """Return where the bytes are; ``NotFoundError`` when they are not."""
        path = self._at(sha256)
        if not path.is_file():
            raise NotFoundError(N_("Berkas ini tidak ada di penyimpanan."))
        return path

    def keys(self) -> Iterator[str]:
        """Yield the key of every stored object."""
        for path in self._objects():
            yield path.name

    def sweep(self, keep: frozenset[str], *, older_than: timedelta) -> int:
        """Delete unreferenced objects and half-received files older than ``older_than``."""
        before = (self.clock.now() - older_than).timestamp()
        gone = 0
        for path in [*self._objects(), *(self._tmp.iterdir() if self._tmp.is_dir() else ())]:
            with contextlib.suppress(FileNotFoundError):
                if path.name not in keep and path.stat().st_mtime < before:
                    path.unlink()
                    gone += 1
        return gone

    def _objects(self) -> Iterator[Path]:
        for path in self.root.glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]/*"):
            if len(path.name) == _HASH_LENGTH and _HEX.issuperset(path.name):
                yield path

    def _at(self, sha256: str) -> Path:
        if len(sha256) != _HASH_LENGTH or not _HEX.issuperset(sha256):
            raise NotFoundError(N_("Berkas ini tidak ada di penyimpanan."))
        return self.root / sha256[:2] / sha256[2:4] / sha256


def _renew(tmp: Path, target: Path, size: int) -> None:
    """Mark known bytes as just received, so that no sweep takes them before their new row is there."""
    if target.stat().st_size == size:
        os.utime(target)
    else:
        tmp.replace(target)


def _copy(stream: IO[bytes], out: IO[bytes], limit: int) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    while chunk := stream.read(_CHUNK):
        size += len(chunk)
        if size > limit:
            raise TooLargeError(
                N_("Berkas lebih besar dari %(limit)s MB. Bagi menjadi beberapa berkas, atau perkecil."),
                limit=limit >> 20,
            )
        digest.update(chunk)
        out.write(chunk)
    return digest.hexdigest(), size


def _make_dirs(path: Path) -> None:
    """Create ``path`` and sync the parent of every directory made: a new name is lost otherwise."""
    missing = []
    while not path.is_dir():
        missing.append(path)
        path = path.parent
    for new in reversed(missing):
        with contextlib.suppress(FileExistsError):
            new.mkdir()
        _sync_dir(new.parent)


def _sync_dir(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
