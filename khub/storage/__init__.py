"""The storage port: bytes in, content hash out. Names are data and never become paths."""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import timedelta
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Blob:
    """Stored bytes. ``sha256`` is their key, in hex; ``size`` in bytes."""

    sha256: str
    size: int


class Storage(Protocol):
    """Where received bytes live. What ``put`` has returned survives a power cut."""

    def put(self, stream: IO[bytes], *, limit: int) -> Blob:
        """Store a stream of at most ``limit`` bytes.

        Raises ``TooLargeError`` above it and ``UnavailableError`` when the disk is full.
        """
        ...

    def path(self, sha256: str) -> Path:
        """Return a local path to read the bytes from; ``NotFoundError`` when they are missing."""
        ...

    def keys(self) -> Iterator[str]:
        """Yield the key of every stored object."""
        ...

    def sweep(self, keep: frozenset[str], *, older_than: timedelta) -> int:
        """Delete objects not in ``keep`` and older than ``older_than``; return how many."""
        ...
