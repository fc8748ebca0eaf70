"""Words with their places.

A word written with hyphens, slashes or dots ("alat-alat", "I-KHub", "7/2021", "1.3.07") gives its
parts, each at a position of its own, and the whole over the positions of its parts: hyphens
vanish from the whole ("ikhub"), so that "kontra-narasi" and "kontranarasi" meet.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_WORD = r"[^\W_]+(?:['’ʼ][^\W_]+)*"
_CHUNK = re.compile(rf"{_WORD}(?:[-‐‑/.\u00ad]{_WORD}|[-‐‑][ \t]*\r?\n[ \t]*{_WORD})*")
_PART = re.compile(_WORD)
_HYPHENS = str.maketrans("", "", "-‐‑\u00ad\r\n\t '’ʼ")
_APOSTROPHES = str.maketrans("", "", "'’ʼ")
#: Words in capitals up to this long are acronyms, which are never stemmed.
_ACRONYM = 6
#: A phrase takes a word written in this many parts for one word as well.
JOINED = 2
#: A longer run is no word; it is cut, so that no term is larger than this.
MAX_WORD = 64
_MEMORABLE = 40
_SEEN_LIMIT = 50_000
#: Folding may make a form that folds once more; it settles at once or at the second time.
_ROUNDS = 4


class Token(NamedTuple):
    """A term of a text: ``text[start:end]`` is where it stands; ``whole`` marks a joined word.

    A whole takes ``places`` positions, those of its parts. Terms hold letters and digits only, wholes
    also "/" and ".".
    """

    term: str
    start: int
    end: int
    position: int
    places: int
    acronym: bool

    @property
    def whole(self) -> bool:
        """Tell whether this is a joined word; its parts follow."""
        return self.places > 1


def fold(word: str) -> str:
    """Return ``word`` as terms are compared: compatibility forms and case folded, accents dropped."""
    if word.isascii():
        return word.lower()
    for _ in range(_ROUNDS):
        folded = unicodedata.normalize("NFKD", word).casefold()
        folded = unicodedata.normalize("NFKC", "".join(c for c in folded if not unicodedata.combining(c)))
        if folded == word:
            break
        word = folded
    return word


def plain(word: str) -> str:
    """Return the folded word with its signs of joining, and no other sign: "½" folds to one with a stroke."""
    folded = fold(word)
    return folded if folded.isalnum() else "".join(c for c in folded if c.isalnum() or c in "-/.")


def tokenise(text: str) -> Iterator[Token]:
    """Yield the terms of ``text`` in order of position; a whole comes before its first part."""
    for start, position, tokens in pieces(text):
        for term, first, last, place, places, acronym in tokens:
            yield Token(term, start + first, start + last, position + place, places, acronym)


def pieces(text: str) -> Iterator[tuple[int, int, tuple[Token, ...]]]:
    """Yield (start, position, tokens) of each run of joined words; the tokens count from these.

    The same as ``tokenise`` for those who need no offsets of each token: most runs have been seen before.
    """
    position = 0
    for chunk in _CHUNK.finditer(text):
        run = chunk.group()
        tokens = _seen.get(run)
        if tokens is None:
            tokens = _tokens(run)
            if len(run) <= _MEMORABLE:
                if len(_seen) >= _SEEN_LIMIT:
                    _seen.clear()
                _seen[run] = tokens
        if tokens:
            yield chunk.start(), position, tokens
            position += tokens[0].places


def _tokens(run: str) -> tuple[Token, ...]:
    if run.isascii() and run.isalnum():  # most words: one part, nothing to fold but case
        return (Token(run.lower()[:MAX_WORD], 0, len(run), 0, 1, _is_acronym(run)),)
    parts = [
        (term, *part.span(), _is_acronym(part.group()))
        for part in _PART.finditer(run)
        if (term := plain(part.group().translate(_APOSTROPHES))[:MAX_WORD])
    ]
    found = [
        Token(term, first, last, place, 1, acronym)
        for place, (term, first, last, acronym) in enumerate(parts)
    ]
    if len(parts) > 1:
        whole = plain(run.translate(_HYPHENS)).replace("-", "")[:MAX_WORD]
        found.insert(0, Token(whole, 0, len(run), 0, len(parts), acronym=True))
    return tuple(found)


def _is_acronym(word: str) -> bool:
    return 1 < len(word) <= _ACRONYM and word.isupper()


_seen: dict[str, tuple[Token, ...]] = {}
