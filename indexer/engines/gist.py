"""What a page is about in a few words: kept with it, because postings do not tell the words of a page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from indexer.analysis import is_stop_word
from indexer.engines import formula

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_SHORTEST: Final = 4
#: Length of the language mark before a stem.
_MARK: Final = 2


def gist(stems: Mapping[str, int]) -> list[tuple[str, int]]:
    """Return the stems that a page repeats most, with how often."""
    telling = [
        (-count, stem)
        for stem, count in stems.items()
        if len(stem) >= _MARK + _SHORTEST and stem[_MARK:].isalpha() and not is_stop_word(stem[_MARK:])
    ]
    return [(stem, -count) for count, stem in sorted(telling)[: formula.GIST]]


def packed(found: list[tuple[str, int]]) -> bytes:
    """Return a gist as the index keeps it."""
    return " ".join(f"{stem} {count}" for stem, count in found).encode()


def unpacked(data: bytes) -> Iterator[tuple[str, int]]:
    """Yield what ``packed`` was given."""
    parts = data.decode().split(" ") if data else []
    for stem, count in zip(parts[::2], parts[1::2], strict=True):
        yield stem, int(count)
