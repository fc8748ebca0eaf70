"""Titles of keluaran by the beginnings of their words, in memory, kept in step by the epoch of search.

Everything a reader is offered comes from the titles he may read: of a keluaran the title of the copy
that he searches, and a misspelt word is mended only by words that he may read.
"""

from __future__ import annotations

import bisect
import re
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import sqlalchemy as sa

from indexer.analysis import fold
from khub import policy
from khub.search.models import Entry

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray
    from sqlalchemy.orm import Session

    from khub.policy import Actor

    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]

_WORD = re.compile(r"[^\W_]+")
#: Changed keluaran stand in a part of their own until there are so many.
_FRESH = 256
#: A word is taken for misspelt by one letter from this length on, its first two letters aside.
_MISSPELT = 5
_SURE = 2
#: Above every letter, so that a range of words ends after all that begin alike.
_END = "\U0010ffff"


def words_of(text: str) -> list[str]:
    """Return the folded words of ``text``."""
    return _WORD.findall(fold(text))


@dataclass(frozen=True, slots=True)
class Offered:
    """A title and the keluaran that bears it."""

    product: int
    title: str


@dataclass(frozen=True, slots=True)
class _Copy:
    product: int
    rank: int
    access: str
    date: int
    title: str


class _Part:
    """Copies of some keluaran, sorted by keluaran and rank; a keluaran is in one part only.

    ``words`` is sorted; the rows of word n are ``rows[starts[n]:starts[n + 1]]``, and ``leads`` tells where
    it is the first word of its title.
    """

    def __init__(self, source: Mapping[int, Sequence[_Copy]]) -> None:
        copies = [
            copy for product in sorted(source) for copy in sorted(source[product], key=lambda c: c.rank)
        ]
        found: dict[str, dict[int, bool]] = {}
        classes: dict[str, int] = {}
        for row, copy in enumerate(copies):
            for place, word in enumerate(words_of(copy.title)):
                found.setdefault(word, {}).setdefault(row, place == 0)
        self.copies = copies
        self.products = _ints(copy.product for copy in copies)
        self.dates = _ints(copy.date for copy in copies)
        self.access = _ints(classes.setdefault(copy.access, len(classes)) for copy in copies)
        self.classes = tuple(classes)
        self.words = sorted(found)
        self.rows = _ints(row for word in self.words for row in found[word])
        self.leads = np.fromiter((lead for word in self.words for lead in found[word].values()), np.bool_)
        self.starts = np.concatenate(([0], np.cumsum(_ints(len(found[word]) for word in self.words))))

    def heads(self, actor: Actor, alive: Bools) -> Bools:
        """Return which rows are the copies that ``actor`` searches: of each keluaran the highest he reads."""
        allowed = policy.readable_classes(actor, self.classes)
        seen: Bools = np.array([name in allowed for name in self.classes] or [False])[self.access] & alive
        rows = np.flatnonzero(seen)
        heads = np.zeros(len(seen), dtype=np.bool_)
        if len(rows):
            heads[rows[np.append(self.products[rows[1:]] != self.products[rows[:-1]], True)]] = True
        return heads

    def beginning(self, word: str) -> tuple[Bools, Bools]:
        """Return the rows with a word that begins so, and those whose title begins with it."""
        low, high = (bisect.bisect_left(self.words, each) for each in (word, word + _END))
        return self._marked([(low, high)])

    def near(self, word: str) -> tuple[Bools, Bools]:
        """Return the same for words that begin so but for one letter; the first two letters are sure."""
        low, high = (bisect.bisect_left(self.words, word[:_SURE] + end) for end in ("", _END))
        return self._marked([(n, n + 1) for n in range(low, high) if _one_off(word, self.words[n])])

    def _marked(self, spans: Iterable[tuple[int, int]]) -> tuple[Bools, Bools]:
        marked = np.zeros(len(self.copies), dtype=np.bool_)
        leading = marked.copy()
        for low, high in spans:
            rows = slice(self.starts[low], self.starts[high])
            marked[self.rows[rows]] = True
            leading[self.rows[rows][self.leads[rows]]] = True
        return marked, leading


class Titles:
    """The titles of this process; every question asks the database for what changed since."""

    def __init__(self) -> None:
        self._epoch = 0
        self._source: dict[int, list[_Copy]] = {}
        self._fresh: dict[int, list[_Copy]] = {}
        self._base = _Part({})
        self._parts: tuple[tuple[_Part, Bools], ...] = ()
        self._lock = threading.Lock()

    def find(self, session: Session, actor: Actor, text: str, limit: int) -> list[Offered]:
        """Return titles with a word that begins as each word of ``text``: those that begin so, then the newest."""
        words = words_of(text)
        if not words:
            return []
        kept_parts = self._kept(session)
        parts = [part for part, _ in kept_parts]
        heads = [part.heads(actor, alive) for part, alive in kept_parts]
        # A word counts as misspelt only where no title that the reader may read has it.
        ways = [_Part.beginning] * len(words)
        for place, word in enumerate(words):
            exact = any(
                (part.beginning(word)[0] & head).any() for part, head in zip(parts, heads, strict=True)
            )
            if not exact and len(word) >= _MISSPELT:
                ways[place] = _Part.near
        found: list[tuple[bool, int, int, str]] = []
        for part, head in zip(parts, heads, strict=True):
            kept, leading = head, np.zeros(0, dtype=np.bool_)
            for place, (way, word) in enumerate(zip(ways, words, strict=True)):
                marked, first = way(part, word)
                kept = kept & marked
                leading = leading if place else first
            rows = np.flatnonzero(kept)
            order = np.lexsort((part.products[rows], -part.dates[rows], ~leading[rows]))[:limit]
            found += [
                (not leading[row], -int(part.dates[row]), int(part.products[row]), part.copies[row].title)
                for row in rows[order]
            ]
        return [Offered(product, title) for _, _, product, title in sorted(found)[:limit]]

    def _kept(self, session: Session) -> tuple[tuple[_Part, Bools], ...]:
        """Return the parts with the rows of each that count: what changed lately stands in the second only."""
        with self._lock:
            changed = session.execute(
                sa.select(Entry.product_id, Entry.epoch, Entry.copies).where(Entry.epoch > self._epoch)
            ).all()
            if not changed:
                return self._parts
            self._epoch = max(row.epoch for row in changed)
            for row in changed:
                self._fresh[row.product_id] = [_copy(row.product_id, copy) for copy in row.copies]
            if len(self._fresh) > _FRESH:
                self._source.update(self._fresh)
                self._fresh = {}
                self._base = _Part(self._source)
            late = _Part(self._fresh)
            self._parts = (
                (self._base, ~np.isin(self._base.products, _ints(self._fresh))),
                (late, np.ones(len(late.copies), dtype=np.bool_)),
            )
            return self._parts


def _copy(product: int, copy: Mapping[str, object]) -> _Copy:
    return _Copy(
        product,
        int(str(copy["rank"])),
        str(copy["access"]),
        int(str(copy["date"])),
        str(copy["title"]),
    )


def _one_off(word: str, other: str) -> bool:
    """Tell whether ``other`` begins as ``word`` does but for one letter wrong, missing, too many or swapped."""
    same = next((n for n, (a, b) in enumerate(zip(word, other, strict=False)) if a != b), len(word))
    rest, there = word[same:], other[same:]
    return (
        there[1:].startswith(rest[1:])
        or there.startswith(rest[1:])
        or there[1:].startswith(rest)
        or (len(rest) > 1 and there[:2] == rest[1::-1] and there[2:].startswith(rest[2:]))
    )


def _ints(values: Iterable[int]) -> Ints:
    return np.fromiter(values, dtype=np.int64)
