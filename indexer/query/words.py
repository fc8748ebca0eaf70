"""Text of a query → its words, such that they are read as the same words when they are printed."""

from __future__ import annotations

from typing import Final

from indexer.analysis import fold, plain, tokenise
from indexer.query.tree import Word

_HYPHENS = str.maketrans("‐‑", "--")
#: Texts settle at the second reading.
_ROUNDS: Final = 4


def terms_of(text: str) -> tuple[str, ...]:
    """Return the words of a phrase, parts of joined words one by one.

    Words side by side may be another way to write something: read until it stays as it is.
    """
    for _ in range(_ROUNDS):
        terms = tuple(token.term for token in tokenise(_settled(text)) if not token.whole)
        if (printed := " ".join(terms)) == text:
            break
        text = printed
    return terms


def words_of(text: str) -> list[Word]:
    """Return the words of a text; a joined word is one word with its parts."""
    found: list[Word] = []
    inside = -1
    text = _settled(text)
    for token in tokenise(text):
        if token.whole:
            if token.start < inside:
                continue  # another way to write it
            inside = token.end
            found.append(Word(token.term, (), plain(text[token.start : token.end])))
        elif token.start < inside:
            last = found[-1]
            found[-1] = Word(last.term, (*last.parts, token.term), last.spelling)
        else:
            found.append(Word(token.term))
    return [_alone(word) for word in found]


def _alone(word: Word) -> Word:
    """Return ``word`` spelt such that it reads the same without what stood before: "undang-undang-7/2021"."""
    match word:
        case Word(term, ("nomor", number, "tahun", year), spelling) if spelling == f"{number}/{year}":
            return Word(term, word.parts, f"no.{spelling}")
    return word


def _settled(text: str) -> str:
    """Return a text in which no letter folds to one with a sign ("⒍", "ŉ"), which would not read as printed."""
    if text.isascii():
        return text
    return "".join(_plain_sign(c) for c in text.translate(_HYPHENS))


def _plain_sign(sign: str) -> str:
    folded = "" if sign.isascii() else fold(sign)
    return "".join(c for c in folded if c.isalnum() and c != "ʼ") if len(folded) > 1 else sign
