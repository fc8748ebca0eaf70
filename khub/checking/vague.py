"""Amounts that no number can be made of: ranges, fractions, "hampir separuh"."""

from __future__ import annotations

from khub.checking import lexicon
from khub.checking.found import Found
from khub.checking.model import Kind, Subject
from khub.checking.nouns import noun
from khub.checking.series import SeriesParts
from khub.checking.tokens import Sort


class VagueParts(SeriesParts):
    """Reads what is found only to be called unrecognised."""

    def _fraction(self, at: int) -> Found | None:
        dashed = self.word(at + 1) == "-" and self.word(at + 2) in lexicon.FRACTIONS
        if not self.tokens[at].spelled or not (self.word(at + 1) in lexicon.FRACTIONS or dashed):
            return None
        return Found(Kind.VAGUE, at, self._amount(at + (2 if dashed else 1)), hedge="vague")

    def _range(self, at: int, last: int) -> Found | None:
        """Read "12–14 aksi": which of them is meant cannot be told."""
        if self.sort(last + 1) is Sort.PERCENT:
            return Found(Kind.PERCENT, at, last + 1, hedge="range")
        thing, end = self.noun(last + 1)
        return None if thing is None else Found(Kind.COUNT, at, end, noun=thing, hedge="range")

    def _vague(self, at: int) -> Found | None:
        here = self.word(at)
        for run in lexicon.VAGUE_RUNS.get(here, ()):
            if run == ("sebagian",) and noun(self.tokens, at + 1) is None:
                continue
            if all(self.word(at + place) == part for place, part in enumerate(run)):
                return Found(Kind.VAGUE, at, self._amount(at + len(run) - 1), hedge="vague")
        if here in lexicon.VAGUE_DETERMINERS:
            between = self.word(at + 1) in ("of", "dari", "the", "besar")
            thing = noun(self.tokens, at + 2 if between else at + 1)
            if thing is not None and thing.key in tuple(Subject):
                return Found(Kind.VAGUE, at, thing.last, noun=thing, hedge="vague")
        return None

    def _amount(self, at: int) -> int:
        """Return the last token of what an amount without a number is of."""
        last = at
        while self.word(last + 1) in ("dari", "of", "the"):
            last += 1
        if thing := noun(self.tokens, last + 1):
            return thing.last
        named = False
        for place in (last + 1, last + 2):
            here = self.word(place)
            if not here.isalpha() or here in lexicon.NEUTRAL or here.startswith(("me", "ber", "ter", "di")):
                break
            last, named = place, True
        return last if named else at
