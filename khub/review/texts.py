"""Which words of a text changed, and which sentences were said before. Pure."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

SAME, GONE, CAME = "same", "gone", "came"

_SENTENCE = re.compile(r"[^.!?;\n]*(?:[.!?;](?!\s|$)[^.!?;\n]*)*(?:[.!?;]+\s*|\n+|$)")
_WORD = re.compile(r"\S+\s*|\s+")
#: Shorter sentences are anybody's ("Tidak ada kendala."): to say them again means nothing.
_LEAST_WORDS = 5
#: Words of a changed stretch above which it is shown as a whole, so that no text takes long to compare.
_MOST_WORDS = 400


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text: the same, gone or come."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of a text; ``reused``: the same was said before."""

    text: str
    reused: bool


def sentences(text: str) -> list[str]:
    """Cut a text into sentences that together are the text."""
    return [match[0] for match in _SENTENCE.finditer(text) if match[0]]


def difference(before: str, now: str) -> tuple[Piece, ...]:
    """Return what changed from ``before`` to ``now``, word by word within sentences that differ.

    The pieces that are the same or came make up ``now``; those the same or gone make up ``before``,
    white space apart.
    """
    found: list[Piece] = []
    for kind, old, new in _matched(sentences(before), sentences(now)):
        found += _same(old, new) if kind == SAME else _words(old, new)
    return tuple(_joined(found))


def reused(text: str, earlier: Iterable[str]) -> tuple[Run, ...]:
    """Mark the sentences of ``text`` that also stand in one of the ``earlier`` texts."""
    known = {_gist(sentence) for each in earlier for sentence in sentences(each)}
    runs: list[Run] = []
    for sentence in sentences(text):
        again = len(sentence.split()) >= _LEAST_WORDS and _gist(sentence) in known
        if runs and runs[-1].reused == again:
            runs[-1] = Run(runs[-1].text + sentence, again)
        else:
            runs.append(Run(sentence, again))
    return tuple(runs)


def _words(old: str, new: str) -> list[Piece]:
    before, now = _WORD.findall(old), _WORD.findall(new)
    if len(before) + len(now) > _MOST_WORDS or not before or not now:
        return [Piece(kind, text) for kind, text in ((GONE, old), (CAME, new)) if text]
    found = []
    for kind, gone, came in _matched(before, now):
        if kind == SAME:
            found += _same(gone, came)
        else:
            found += [Piece(way, text) for way, text in ((GONE, gone), (CAME, came)) if text]
    return found


def _same(old: str, new: str) -> list[Piece]:
    """Return a stretch that stayed; a space that went is kept, so that what went after it stands apart."""
    space = old[len(old.rstrip()) :]
    gone = [Piece(GONE, space)] if space and new == new.rstrip() else []
    return [Piece(SAME, new), *gone]


def _matched(before: Sequence[str], now: Sequence[str]) -> Iterable[tuple[str, str, str]]:
    """Yield (same or came, text before, text now) stretch by stretch; white space does not count."""
    old, new = ([" ".join(part.split()) for part in parts] for parts in (before, now))
    for tag, a, b, c, d in difflib.SequenceMatcher(None, old, new).get_opcodes():
        yield (SAME if tag == "equal" else CAME), "".join(before[a:b]), "".join(now[c:d])


def _gist(sentence: str) -> str:
    return " ".join(sentence.split()).casefold().rstrip(" .;!?")


def _joined(pieces: Iterable[Piece]) -> Iterable[Piece]:
    last: Piece | None = None
    for piece in pieces:
        if last is not None and last.kind == piece.kind:
            last = Piece(piece.kind, last.text + piece.text)
            continue
        if last is not None:
            yield last
        last = piece
    if last is not None:
        yield last
