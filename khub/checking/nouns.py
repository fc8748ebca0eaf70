"""What is counted: the noun at a number, and whether two of them are the same thing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from khub.checking import lexicon
from khub.checking.masks import word
from khub.checking.model import Subject
from khub.checking.tokens import Sort

if TYPE_CHECKING:
    from collections.abc import Sequence

    from khub.checking.tokens import Token

_BETWEEN = 3


@dataclass(frozen=True, slots=True)
class Noun:
    """``key``: a ``Subject`` value or the noun itself. ``core``: khub keeps records of such things.

    ``adjective``: words stood between the number and the noun ("36 participating ministries").
    ``mixed``: words of other meaning follow ("lembaga pendidikan").
    """

    key: str
    first: int
    last: int
    core: bool
    adjective: bool = False
    mixed: bool = False

    def same(self, other: Noun) -> bool:
        """Tell whether the two may be one kind of thing."""
        if self.key == other.key:
            return True
        group = lexicon.CLASSES.get(self.key)
        if group is not None and group == lexicon.CLASSES.get(other.key):
            return True
        loose = {Subject.INSTITUTION.value, *lexicon.LIKE_INSTITUTIONS}
        return self.key in loose and other.key in loose


def noun(found: Sequence[Token], at: int) -> Noun | None:
    """Return the noun that begins at a place, directly or behind up to three English adjectives."""
    direct = _direct(found, at)
    if direct is not None:
        return direct
    for place in range(at, at + _BETWEEN + 1):
        if not _adjective(found, place):
            return None
        behind = _direct(found, place + 1)
        if behind is not None and found[place + 1].word in _ENGLISH:
            return Noun(behind.key, at, behind.last, behind.core, adjective=True)
    return None


_ENGLISH = frozenset(
    [
        "actions",
        "ministries",
        "agencies",
        "institutions",
        "reports",
        "outputs",
        "action",
        "government",
        "knowledge",
    ]
)


def _adjective(found: Sequence[Token], at: int) -> bool:
    if not (0 <= at < len(found)) or found[at].sort is not Sort.WORD:
        return False
    here = found[at].word
    return not (
        here in lexicon.OF
        or here in lexicon.FUNCTION_WORDS["id"]
        or here in lexicon.FUNCTION_WORDS["en"] - {"actions"}
        or here in lexicon.NO_ADJECTIVES
        or here in lexicon.NOUNS
    )


def _direct(found: Sequence[Token], at: int) -> Noun | None:
    if not (0 <= at < len(found)) or found[at].sort is not Sort.WORD:
        return None
    here, following = found[at].word, word(found, at + 1)
    if (key := lexicon.SUBJECT_PAIRS.get((here, following))) is not None:
        return Noun(key, at, at + 1, core=True)
    if (key := lexicon.SUBJECTS.get(here)) is not None:
        last = _rest_of_institutions(found, at) if key == Subject.INSTITUTION.value else at
        return Noun(key, at, last, core=True)
    if here == "satuan" and following in ("pendidikan", "kerja", "tugas"):
        return Noun(f"satuan {following}", at, at + 1, core=False)
    if here in lexicon.LIKE_INSTITUTIONS or here in lexicon.NOUNS:
        twice = following == "-" and word(found, at + 2) == here  # "laki-laki"
        return Noun(here, at, at + 2 if twice else at, core=False)
    return None


def _rest_of_institutions(found: Sequence[Token], at: int) -> int:
    """Follow "kementerian/lembaga", "ministries and agencies", "kementerian/lembaga (K/L)"."""
    last = at
    joint = word(found, at + 1)
    if (
        joint in ("/", "dan", "and", "atau", "-", "or", "&")
        and word(found, at + 2) in lexicon.INSTITUTION_REST
    ):
        last = at + 2
    elif joint in lexicon.INSTITUTION_REST:
        last = at + 1
    if (
        word(found, last + 1) == "("
        and word(found, last + 2) in ("k/l", "kl")
        and word(found, last + 3) == ")"
    ):
        last += 3
    return last
