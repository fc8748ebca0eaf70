"""Sentences, and passages in which figures may belong together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from khub.checking import lexicon
from khub.checking.masks import word
from khub.checking.tokens import Sort

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from khub.checking.found import Found
    from khub.checking.masks import Mention
    from khub.checking.tokens import Token

_SHORT = 4


def bounds(tokens: Sequence[Token]) -> tuple[list[range], list[range]]:
    """Return the sentences and the passages of a text as ranges of its tokens.

    A passage is a paragraph together with the list that it announces.
    """
    sentences: list[range] = []
    passages: list[range] = []
    start = passage = 0
    for at, token in enumerate(tokens):
        if token.sort in (Sort.BREAK, Sort.BULLET):
            sentences.append(range(start, at))
            if token.sort is Sort.BREAK and not _goes_on(tokens, at):
                passages.append(range(passage, at))
                passage = at
            start = at + 1
        elif token.word in (".", "!", "?") and token.sort is Sort.MARK and _ends_sentence(tokens, at):
            sentences.append(range(start, at + 1))
            start = at + 1
    sentences.append(range(start, len(tokens)))
    passages.append(range(passage, len(tokens)))
    return sentences, passages


def places(found: Sequence[range], length: int) -> list[int]:
    """Return for each token the number of the range it lies in."""
    out = [0] * length
    for number, bound in enumerate(found):
        for at in bound:
            out[at] = number
    return out


def _goes_on(tokens: Sequence[Token], at: int) -> bool:
    """Tell whether a list follows, or goes on, behind an empty line."""
    if word(tokens, at - 1) == ":":
        return True
    following = at + 1
    if following < len(tokens) and tokens[following].sort is Sort.BULLET:
        return True
    return word(tokens, following) in lexicon.BRANCHES


def _ends_sentence(tokens: Sequence[Token], at: int) -> bool:
    after = tokens[at + 1] if at + 1 < len(tokens) else None
    before = word(tokens, at - 1)
    if after is None or after.sort in (Sort.BREAK, Sort.BULLET):
        return True
    if after.start == tokens[at].end or (before in lexicon.LABELS and len(before) <= _SHORT):
        return False
    return after.capital or after.sort is Sort.NUMBER or after.sort is Sort.MARK


def over_all(figures: Sequence[Found], index: int, start: int, mentions: Mapping[int, Mention]) -> bool:
    """Tell whether a figure is one of a row behind "di tiga pilar" or the like, in a sentence from ``start``."""
    row, first = figures[index].row, index
    if row is None:
        return False
    while first and figures[first - 1].row == row:
        first -= 1
    begin = max(start, figures[first - 1].last + 1) if first else start
    return any(mentions[at].whole for at in range(begin, row) if at in mentions)
