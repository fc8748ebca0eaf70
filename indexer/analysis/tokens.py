"""Words with their places.

A word written with hyphens, slashes or dots ("alat-alat", "I-KHub", "7/2021", "1.3.07") gives its
parts, each at a position of its own, and the whole at the position of the first part: hyphens
vanish from the whole ("ikhub"), so that "kontra-narasi" and "kontranarasi" meet.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_WORD = r"[^\W_]+(?:['’ʼ][^\W_]+)*"
_CHUNK = re.compile(rf"{_WORD}(?:[-‐‑/.\u00ad]\s?(?<=\S){_WORD}|[-‐‑]\n{_WORD})*")
_PART = re.compile(_WORD)
_HYPHENS = str.maketrans("", "", "-‐‑\u00ad\n '’ʼ")
_APOSTROPHES = str.maketrans("", "", "'’ʼ")
#: A longer run is no word; it is cut, so that no term is larger than this.
MAX_WORD = 64


class Token(NamedTuple):
    """A term of a text: ``text[start:end]`` is where it stands; ``whole`` marks a joined word."""

    term: str
    start: int
    end: int
    position: int
    whole: bool
    acronym: bool


def fold(word: str) -> str:
    """Return ``word`` as terms are compared: compatibility forms and case folded, accents dropped."""
    if word.isascii():
        return word.lower()
    decomposed = unicodedata.normalize("NFKD", word).casefold()
    return unicodedata.normalize("NFKC", "".join(c for c in decomposed if not unicodedata.combining(c)))


def tokenise(text: str) -> Iterator[Token]:
    """Yield the terms of ``text`` in order of position; a whole comes before its first part."""
    position = 0
    for chunk in _CHUNK.finditer(text):
        start, end = chunk.span()
        found = list(_PART.finditer(text, start, end))
        if len(found) > 1:
            whole = fold(chunk.group().translate(_HYPHENS))[:MAX_WORD]
            yield Token(whole, start, end, position, whole=True, acronym=True)
        for part in found:
            word = part.group()
            acronym = word.isupper() and 1 < len(word) <= _ACRONYM
            term = fold(word.translate(_APOSTROPHES))[:MAX_WORD]
            yield Token(term, *part.span(), position, whole=False, acronym=acronym)
            position += 1


_ACRONYM = 6
