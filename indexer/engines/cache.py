"""A cache that is bounded by bytes, shared by threads."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Hashable

V = TypeVar("V")
#: Bytes that an entry costs besides its arrays.
_ENTRY = 400


@dataclass(frozen=True, slots=True)
class CacheFigures:
    """How a cache does: bytes kept and allowed, entries, and what was found, missed, and put out."""

    size: int
    limit: int
    entries: int
    hits: int
    misses: int
    evictions: int


class ByteCache(Generic[V]):
    """Keeps up to ``limit`` bytes, least recently used out first. An entry above the limit is not kept."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.size = 0
        self._hits = self._misses = self._evictions = 0
        self._kept: OrderedDict[Hashable, tuple[V, int]] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: Hashable) -> V | None:
        """Return what is kept under ``key``."""
        with self._lock:
            found = self._kept.get(key)
            if found is None:
                self._misses += 1
                return None
            self._hits += 1
            self._kept.move_to_end(key)
            return found[0]

    def put(self, key: Hashable, value: V, size: int) -> None:
        """Keep ``value`` of ``size`` bytes, and drop the oldest until all fits."""
        size += _ENTRY
        with self._lock:
            if size > self.limit or key in self._kept:
                return
            self._kept[key] = value, size
            self.size += size
            while self.size > self.limit:
                _, (_, freed) = self._kept.popitem(last=False)
                self.size -= freed
                self._evictions += 1

    def stats(self) -> CacheFigures:
        """Return the figures since the process began."""
        with self._lock:
            return CacheFigures(
                self.size, self.limit, len(self._kept), self._hits, self._misses, self._evictions
            )

    def clear(self) -> None:
        """Drop everything."""
        with self._lock:
            self._kept.clear()
            self.size = 0
