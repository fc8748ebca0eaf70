"""Finding in a text the few words that are looked for, without a look at the tokens of all others.

Where only plain words are looked for, the letters that every form of them shares are: Snowball takes away
what stands before and after, and turns no more than one letter at the edge of what it leaves. Else a text
is cut at its spaces, and each piece, once known, is looked up as one byte: a class that it shares with some
other pieces. Either way only pieces that may hold what is looked for are read as ``pieces`` reads them.
"""

from __future__ import annotations

import re
import threading
from functools import lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING

from indexer.analysis import references
from indexer.analysis.runs import MEMORABLE, SEEN_LIMIT, pattern_of
from indexer.analysis.stems import LANGUAGES, stem_term
from indexer.analysis.tokens import keyed, met

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from collections.abc import Set as AbstractSet

    from indexer.analysis.runs import Token

_KEYS_LIMIT = 4 * SEEN_LIMIT
#: The class of pieces without words, how many classes there are of others, and that of pieces to read always.
_NONE, _CLASSES, _ALWAYS = 0, 250, 255
_PIECE = re.compile(r"\S+")
_HYPHENS = ("-", "‐", "‑")
#: Signs that join parts to a word which is written without them; beyond ASCII, any sign may.
_JOINING = re.compile(r"['-]|[^\x00-\x7f]+")
#: A number that goes on on the next line, with a word or as one: what it is depends on what stands before it.
_BROKEN_NUMBER = re.compile("[0-9][-‐‑] ")
#: Fewer letters are in too many words.
_SHARED = 3
#: Letters that Snowball turns into others: of Indonesian "meny-" and "mem-" leave "s" and "p".
_TURNED = ("s", "p")


class _Memory:
    """Classes of pieces, and of each term or stem the classes of all pieces that hold it, as bits."""

    def __init__(self) -> None:
        self.classes: dict[str, int] = {}
        self.holding: dict[str, int] = {}
        self._adding = threading.Lock()

    @property
    def full(self) -> bool:
        """Tell whether enough is kept; of pieces too long to be kept only what they hold is."""
        return len(self.classes) >= SEEN_LIMIT or len(self.holding) >= _KEYS_LIMIT

    def class_of(self, piece: str) -> int:
        found = self.classes.get(piece)
        if found is not None:
            return found
        runs = [keyed(run) for run in pattern_of(piece).findall(piece)]
        keys = tuple(key for run in runs for key in run.keys)
        if piece.endswith(_HYPHENS) or any(run.opens for run in runs):
            chosen = _ALWAYS
        else:
            chosen = 1 + hash(keys) % _CLASSES if keys else _NONE
        with self._adding:  # before the class can be seen by others, and without losing what others add
            for key in keys:
                self.holding[key] = self.holding.get(key, 0) | 1 << chosen
        if len(piece) <= MEMORABLE:
            self.classes[piece] = chosen
        return chosen

    def looked(self, found: list[str], among: AbstractSet[str]) -> bytes:
        """Return for each piece 1 where it has to be read, as it may hold any of ``among``."""
        try:
            classes = bytes(map(self.classes.get, found))  # type: ignore[arg-type] # raises for what is new
        except TypeError:
            classes = bytes([self.class_of(piece) for piece in found])
        bits = 1 << _ALWAYS
        for key in among:  # after the classes: what they hold is known by now
            bits |= self.holding.get(key, 0)
        return classes.translate(_table(bits))


@lru_cache(maxsize=1024)
def _table(bits: int) -> bytes:
    return bytes(bits >> place & 1 for place in range(256))


_memory = _Memory()
#: What stands in what is written in several ways: looking for its letters finds not all of these.
_TOLD = references.VOCABULARY | {
    stem_term(word, language) for word in references.VOCABULARY for language in LANGUAGES
}


def _remembered() -> _Memory:
    global _memory  # noqa: PLW0603 - who reads beside this goes on with what he began with
    if _memory.full:
        _memory = _Memory()
    return _memory


def skim(text: str, among: frozenset[str]) -> Iterator[tuple[int, tuple[Token, ...]]]:
    """Yield (start, tokens) of the words of ``text`` of which any term or stem may be ``among`` these.

    What ``chosen`` yields, without positions and, mostly, without what else is written in several ways; the
    tokens count from ``start``.
    """
    shared = _shared(among)
    # Other spaces are seldom: pieces that hold some are only longer.
    spaced = text.replace("\n", " ").replace("\r", " ").replace("\t", " ").lower() if shared else ""
    by_letters = bool(shared) and len(spaced) == len(text) and not _BROKEN_NUMBER.search(spaced)
    read_to = 0
    for start, end in _pieces_with(spaced, shared) if by_letters else _by_class(text, among):
        whole = met(text[start:end])
        if whole is None or whole.opens:
            read_to, several = _read(text, start, end, read_to, among)
            yield from several
        elif start >= read_to and not among.isdisjoint(whole.keys):
            yield start, whole.tokens


@lru_cache(maxsize=1024)
def _shared(among: frozenset[str]) -> tuple[str, ...]:
    """Return letters of which some stand in every form of every word ``among`` these; none for other words."""
    found = set()
    for key in among:
        language, _, word = key.rpartition(":")
        if key in _TOLD or not (word.isascii() and word.isalpha()):
            return ()
        letters = (
            word[1:] if language == "i" and word[0] in _TURNED else word[:-1] if language == "e" else word
        )
        if len(letters) < _SHARED:
            return ()
        found.add(letters)
    return tuple(each for each in found if not any(other in each for other in found if other != each))


def _pieces_with(spaced: str, shared: tuple[str, ...]) -> list[tuple[int, int]]:
    """Return where the pieces stand that hold ``shared`` letters or may join, in order."""
    places = [each.start() for each in _JOINING.finditer(spaced)]
    for letters in shared:
        at = spaced.find(letters)
        while at >= 0:
            places.append(at)
            at = spaced.find(letters, at + 1)
    places.sort()
    found, end = [], 0
    for place in places:
        if place >= end:
            end = spaced.find(" ", place)
            end = len(spaced) if end < 0 else end
            found.append((spaced.rfind(" ", 0, place) + 1, end))
    return found


def _by_class(text: str, among: AbstractSet[str]) -> Iterator[tuple[int, int]]:
    """Yield where the pieces stand that are of classes that may hold any of ``among``, in order."""
    found = text.split()
    looked = _remembered().looked(found, among)
    at = looked.find(1)
    if at < 0:
        return
    start_of = _starts(text, found)
    while at >= 0:
        start = start_of(at)
        yield start, start + len(found[at])
        at = looked.find(1, at + 1)


def learn(text: str) -> None:
    """Meet the words of ``text`` before anything is looked for in it."""
    _remembered().looked(text.split(), frozenset())


def _read(
    text: str, start: int, end: int, read_to: int, among: AbstractSet[str]
) -> tuple[int, list[tuple[int, tuple[Token, ...]]]]:
    """Return how far ``text`` is read when all that begins in ``text[start:end]`` is, and what is wanted of it."""
    found = []
    pattern = pattern_of(text)
    for run in pattern.finditer(text, start):
        begin, written = run.start(), run.group()
        if begin >= end:
            break
        passed, read_to = begin < read_to, max(read_to, run.end())
        if passed:
            continue
        known = keyed(written)
        if known.opens and (together := references.read(text, begin, written, pattern)) is not None:
            read_to = max(read_to, together[0])
            if together[1]:
                found.append((begin, together[1]))
        elif not among.isdisjoint(known.keys):
            found.append((begin, known.tokens))
    return read_to, found


def _starts(text: str, found: list[str]) -> Callable[[int], int]:
    """Return what tells where a piece of ``text`` begins."""
    ends = list(accumulate(map(len, found), initial=len(text) - len(text.lstrip())))
    if ends[-1] + len(found) - 1 == len(text.rstrip()):  # one space between any two
        return lambda place: ends[place] + place
    return [piece.start() for piece in _PIECE.finditer(text)].__getitem__
