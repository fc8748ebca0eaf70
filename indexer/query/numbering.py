"""Numbers in a query: "nomor 7 tahun 2021" is one word of it, as in "perpres 7/2021"; "pilar I" is "pilar 1"."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from indexer.analysis import is_counted, is_legal_kind
from indexer.query.tree import Clause, Occur, Word

if TYPE_CHECKING:
    from collections.abc import Sequence

_NUMBERED: Final = re.compile(
    r"(?:(?:nomor|nomer|no|nr|number) )?0*([1-9][0-9]{0,3}) (?:tahun|thn|th) ((?:19|20)[0-9]{2})"
)
_SHORT: Final = re.compile(r"0*([1-9][0-9]{0,3})/((?:19|20)[0-9]{2})")
_ONE: Final = "i"
#: So many words say a number and its year.
_LENGTHS: Final = (4, 3, 1)


def numbered(clauses: Sequence[Clause]) -> list[Clause]:
    """Return ``clauses`` with such words made one; a page that writes it in any way holds it."""
    made: list[Clause] = []
    place = 0
    while place < len(clauses):
        for length in _LENGTHS:
            words = [_word(clause) for clause in clauses[place : place + length]]
            if len(words) == length and (word := _number(words, made)):
                made.append(Clause(Occur.SHOULD, word))
                place += length
                break
        else:
            made.append(_first(clauses[place], made))
            place += 1
    return made


def _number(words: list[str], before: list[Clause]) -> Word | None:
    found = _NUMBERED.fullmatch(" ".join(words))
    if found is None and before:
        kind = before[-1].node
        if before[-1].occur is Occur.SHOULD and isinstance(kind, Word) and is_legal_kind(kind.term):
            found = _SHORT.fullmatch(" ".join(words))
    if found is None:
        return None
    number, year = found.groups()
    return Word(f"{number}/{year}", ("nomor", number, "tahun", year), f"no.{number}/{year}")


def _first(clause: Clause, before: list[Clause]) -> Clause:
    """Return "I" behind a counted thing as the number it is there: by itself it is a common word."""
    thing = _word(before[-1]) if before else ""
    return Clause(Occur.SHOULD, Word("1")) if _word(clause) == _ONE and is_counted(thing) else clause


def parted(word: Word) -> tuple[tuple[str, ...], ...]:
    """Return how a word of several parts may be written where a page ends within it.

    A number and its year ("37/2019") are read as one only where both stand on a page.
    """
    if found := _SHORT.fullmatch(word.term):
        number, year = found.groups()
        return (number, year), (number, "tahun", year)
    return (word.parts,)


def _word(clause: Clause) -> str:
    node = clause.node
    return node.term if clause.occur is Occur.SHOULD and isinstance(node, Word) else "?"
