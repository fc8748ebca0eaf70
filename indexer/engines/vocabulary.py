"""The words of a segment as arrays, so that those spelt nearly the same are found without reading each."""

from __future__ import annotations

import zlib
from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from indexer.analysis import stem_term
from indexer.query import correctable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    Letters = NDArray[np.uint8]
    Sets = NDArray[np.uint32]

#: Bytes of a word that is kept as it is, besides its letters.
_OBJECT = 60


class Vocabulary:
    """Words by their length, a row of letters each, with the set of letters as bits; the rest as they are."""

    def __init__(self, terms: Iterable[str]) -> None:
        by_length: defaultdict[int, list[str]] = defaultdict(list)
        self._rest: list[str] = []
        for term in terms:
            if correctable(term):
                by_length[len(term)].append(term)
            elif not term.isascii() or term.isalpha():
                self._rest.append(term)
        self._letters: dict[int, Letters] = {}
        self._sets: dict[int, Sets] = {}
        for length, words in by_length.items():
            rows = np.frombuffer("".join(words).encode(), dtype=np.uint8).reshape(len(words), length)
            self._letters[length] = rows
            self._sets[length] = np.bitwise_or.reduce(
                np.left_shift(np.uint32(1), (rows - _A).astype(np.uint32)), axis=1
            )
        self._stems: dict[str, NDArray[np.uint32]] = {}

    @property
    def nbytes(self) -> int:
        """Return the memory of all this, with room for the stems that ``of_stem`` keeps."""
        arrays = sum(self._letters[length].nbytes + 3 * self._sets[length].nbytes for length in self._letters)
        return arrays + sum(_OBJECT + len(term) for term in self._rest)

    def near(self, term: str, distance: int) -> Iterator[str]:
        """Yield the words that differ from ``term`` by at most ``distance`` letters."""
        wanted = np.frombuffer(term.encode(), dtype=np.uint8)
        letters = np.bitwise_or.reduce(np.left_shift(np.uint32(1), (wanted - _A).astype(np.uint32)))
        for length in range(len(term) - distance, len(term) + distance + 1):
            if length not in self._letters:
                continue
            # One letter changed is one letter lost and another won.
            some = np.flatnonzero(np.bitwise_count(self._sets[length] ^ letters) <= 2 * distance)
            rows = self._letters[length][some]
            yield from _words(rows[_distances(rows, wanted) <= distance])

    def of_stem(self, term: str, language: str) -> Iterator[str]:
        """Yield the words that have their stem in ``language`` in common with ``term``, itself included."""
        wanted = stem_term(term, language)
        place = 0
        for rows in self._letters.values():
            stems = self._hashed(language)[place : place + len(rows)]
            place += len(rows)
            for word in _words(rows[stems == _hash(wanted)]):
                if stem_term(word, language) == wanted:
                    yield word
        yield from (word for word in self._rest if stem_term(word, language) == wanted)

    def _hashed(self, language: str) -> NDArray[np.uint32]:
        """Return a number for the stem of every word; made when it is first asked for."""
        found = self._stems.get(language)
        if found is None:
            words = (word for rows in self._letters.values() for word in _words(rows))
            found = np.fromiter((_hash(stem_term(word, language)) for word in words), dtype=np.uint32)
            self._stems[language] = found
        return found


_A = np.uint8(ord("a"))


def _hash(stem: str) -> int:
    return zlib.crc32(stem.encode())


def _words(rows: Letters) -> Iterator[str]:
    for row in rows:
        yield row.tobytes().decode()


def _distances(rows: Letters, wanted: Letters) -> NDArray[np.uint8]:
    """Return how many letters each row differs by, a neighbour swapped counting once; as ``distance`` does."""
    count, length = rows.shape
    earlier = before = np.zeros((0, count), dtype=np.uint8)
    row = np.repeat(np.arange(length + 1, dtype=np.uint8)[:, None], count, axis=1)
    for place, letter in enumerate(wanted, 1):
        earlier, before = before, row
        row = np.empty_like(before)
        row[0] = place
        for at in range(1, length + 1):
            changed = before[at - 1] + (rows[:, at - 1] != letter)
            row[at] = np.minimum(np.minimum(before[at], row[at - 1]) + np.uint8(1), changed)
            if place > 1 and at > 1:
                swapped = (rows[:, at - 2] == letter) & (rows[:, at - 1] == wanted[place - 2])
                row[at][swapped] = np.minimum(row[at], earlier[at - 2] + np.uint8(1))[swapped]
    return row[length]
