"""Snippets that were cut are kept for who comes back to the same results."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

from indexer import highlight
from indexer.engines.cache import ByteCache

if TYPE_CHECKING:
    from indexer.engines.cache import CacheFigures
    from indexer.highlight import Snippet
    from indexer.query import Query

#: Bytes of a fragment besides its characters.
_PER_FRAGMENT = 120


class Snippets:
    """Cuts snippets and keeps up to ``cache_bytes`` of them, by the text itself and what was asked."""

    def __init__(self, cache_bytes: int) -> None:
        self._kept: ByteCache[Snippet] = ByteCache(cache_bytes)

    def cut(
        self, text: str, query: Query, language: str = "", *, before: str = "", after: str = ""
    ) -> Snippet:
        """Return the piece of ``text`` to show; see ``highlight.snippet``."""
        # Texts are never kept: what may be read is decided before one comes here, each time anew.
        digests = tuple(blake2b(part.encode(), digest_size=16).digest() for part in (before, text, after))
        key = (query, language, digests)
        found = self._kept.get(key)
        if found is None:
            found = highlight.snippet(text, query, language, before=before, after=after)
            size = sum(_PER_FRAGMENT + len(part.text) for part in found.fragments)
            self._kept.put(key, found, size)
        return found

    def stats(self) -> CacheFigures:
        """Return the figures since the process began."""
        return self._kept.stats()
