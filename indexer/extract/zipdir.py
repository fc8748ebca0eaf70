"""Zip containers: limits from the directory before anything is inflated, enforced again while inflating."""

import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO

from indexer.extract.limits import MB, Limits
from indexer.extract.model import ExtractError, FileState

_EOCD = b"PK\x05\x06"
_EOCD_SIZE = 22
_EOCD_SEARCH = 65_535 + _EOCD_SIZE
# Room for 5,000 entries with long names; zipfile reads this much before any entry can be counted.
_DIRECTORY_BYTES = 2 * MB
# Small parts compress without bound (a page of blanks): the ratio counts only where it can hurt.
_RATIO_FLOOR = 1 * MB
_CHUNK = 64 * 1024
_ENCRYPTED_FLAG = 0x1
_UNREADABLE = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, RuntimeError, ValueError)
# The only two methods that OOXML and ODF allow.
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})


class DamagedPartError(Exception):
    """A part whose stored bytes do not inflate; what came before it was already handed over."""


class Container:
    """A checked zip file; ``read`` and ``chunks`` share one budget of inflated bytes."""

    def __init__(self, stream: IO[bytes], limits: Limits) -> None:
        """Open and check. Raise ExtractError for a damaged, oversized or encrypted container."""
        self._limits = limits
        self._left = limits.zip_bytes
        self._zip = _open(stream)
        self.entries = {info.filename: info for info in self._zip.infolist()}
        self._folded = {name.lower().lstrip("/"): name for name in self.entries}
        _check(self._zip.infolist(), limits)

    def find(self, name: str) -> str:
        """Return the stored spelling of a part's name (case differs in the wild), "" if absent."""
        return self._folded.get(name.lower().lstrip("/"), "")

    def chunks(self, name: str) -> Iterator[bytes]:
        """Yield a part's inflated bytes. Raise KeyError when absent, DamagedPartError when unreadable."""
        info = self.entries[self.find(name)]
        try:
            with self._zip.open(info) as stream:
                while chunk := stream.read(_CHUNK):
                    self._spend(len(chunk))
                    yield chunk
        except _UNREADABLE as exc:
            raise DamagedPartError(name) from exc

    def read(self, name: str, limit: int = 16 * MB) -> bytes:
        """Return at most ``limit`` bytes of a part, b"" when it is absent or damaged."""
        data = bytearray()
        try:
            for chunk in self.chunks(name):
                data += chunk
                if len(data) >= limit:
                    break
        except (KeyError, DamagedPartError):
            return bytes(data[:limit])
        return bytes(data[:limit])

    def _spend(self, count: int) -> None:
        self._left -= count
        if self._left < 0:
            raise ExtractError(FileState.TOO_RISKY, "zip.size", limit=self._limits.zip_bytes // MB)


def _open(stream: IO[bytes]) -> zipfile.ZipFile:
    size = stream.seek(0, 2)
    start = max(0, size - _EOCD_SEARCH)
    stream.seek(start)
    tail = stream.read(_EOCD_SEARCH)
    at = tail.rfind(_EOCD)
    if at < 0 or at + _EOCD_SIZE > len(tail):
        raise ExtractError(FileState.BROKEN, "zip.truncated")
    directory_bytes = struct.unpack_from("<L", tail, at + 12)[0]
    if directory_bytes > _DIRECTORY_BYTES:
        raise ExtractError(FileState.TOO_RISKY, "zip.entries", limit=Limits().zip_entries)
    try:
        return zipfile.ZipFile(stream)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, struct.error, OverflowError) as exc:
        raise ExtractError(FileState.BROKEN, "zip.damaged") from exc


def _check(infos: list[zipfile.ZipInfo], limits: Limits) -> None:
    if len(infos) > limits.zip_entries:
        raise ExtractError(FileState.TOO_RISKY, "zip.entries", limit=limits.zip_entries)
    total = sum(info.file_size for info in infos)
    if total > limits.zip_bytes:
        raise ExtractError(FileState.TOO_RISKY, "zip.size", limit=limits.zip_bytes // MB)
    packed = sum(info.compress_size for info in infos)
    if total > _RATIO_FLOOR and total > limits.zip_ratio * max(1, packed):
        raise ExtractError(FileState.TOO_RISKY, "zip.ratio", limit=limits.zip_ratio)
    for info in infos:
        if info.file_size > limits.zip_part_bytes:
            raise ExtractError(FileState.TOO_RISKY, "zip.part", limit=limits.zip_part_bytes // MB)
        if info.file_size > _RATIO_FLOOR and info.file_size > limits.zip_ratio * max(1, info.compress_size):
            raise ExtractError(FileState.TOO_RISKY, "zip.ratio", limit=limits.zip_ratio)
        if info.compress_type not in _METHODS:
            raise ExtractError(FileState.BROKEN, "zip.damaged")
        if info.flag_bits & _ENCRYPTED_FLAG:
            raise ExtractError(FileState.LOCKED, "zip.password")
