"""How many letters two words differ by: for ``kata~`` and for help with spelling."""

from __future__ import annotations

from typing import Final

#: Letters of a word that may be misspelt: in a shorter one every change makes another word.
SHORTEST: Final = 4
LONGEST: Final = 32
#: From so many letters on two may be wrong.
_TWO: Final = 8
MAX_DISTANCE: Final = 2


def correctable(term: str) -> bool:
    """Tell whether a folded ``term`` is compared by letters: of a to z only, neither short nor endless."""
    return SHORTEST <= len(term) <= LONGEST and term.isascii() and term.isalpha()


def allowance(term: str) -> int:
    """Return how many letters of ``term`` may be wrong when nothing is said."""
    return 1 if len(term) < _TWO else MAX_DISTANCE


def distance(one: str, other: str) -> int:
    """Return how many letters to put in, leave out, change or swap with the next make one the other."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for place, letter in enumerate(one, 1):
        earlier, before = before, row
        row = [place]
        for at, wanted in enumerate(other, 1):
            least = min(before[at] + 1, row[at - 1] + 1, before[at - 1] + (letter != wanted))
            if place > 1 and at > 1 and letter == other[at - 2] and one[place - 2] == wanted:
                least = min(least, earlier[at - 2] + 1)
            row.append(least)
    return row[-1]
