"""Numbers shared out in a row: "Pilar 1, 2, dan 3 masing-masing 41, 12, dan 11 dari 50, 15, dan 14 aksi"."""

from __future__ import annotations

import bisect
import functools

from khub.checking import lexicon
from khub.checking.attaching import Parts
from khub.checking.found import Found
from khub.checking.model import Kind, Percent
from khub.checking.tokens import Sort

#: How many tokens before and behind a row of numbers may hold the word that shares it out.
_BEFORE, _BEHIND = 5, 8
_MOST = 20
#: More tokens than a row with its totals and percents can have.
_LONGEST = 12 * _MOST


class SeriesParts(Parts):
    """Reads rows of numbers that a word such as "masing-masing" shares out."""

    def series(self, at: int) -> tuple[Found, ...]:
        """Return the figures of the row that begins at ``at``; none where it is no row of at least two."""
        if bisect.bisect(self._sharing, at - _BEFORE - 1) == bisect.bisect(self._sharing, at + _LONGEST):
            return ()
        places, end = self._row(at)
        if len(places) < 2:  # noqa: PLR2004
            return ()
        thing, last = self.noun(end + 1)
        totals: tuple[int, ...] = ()
        if (start := self.of(last + 1)) is not None:
            totals, end = self._row(start)
            if len(totals) != len(places):
                return ()
            total_thing, last = self.noun(end + 1)
            thing = total_thing or thing
        percents, last = self._percents(last + 1, len(places))
        if not self._shared_out(at, last):
            return ()
        kind = Kind.RATIO if totals else Kind.COUNT
        return tuple(
            Found(
                kind,
                place,
                last if order + 1 == len(places) else place,
                self.number(place),
                self.number(totals[order]) if totals else None,
                percents[order] if percents else None,
                thing,
                "approximate" if self.approximate(at) else "",
                twins=self.twins(place),
                row=at,
            )
            for order, place in enumerate(places)
        )

    @functools.cached_property
    def _sharing(self) -> list[int]:
        """Return where words that share out stand: a row without one near it need not be read at all."""
        return [at for at, token in enumerate(self.tokens) if token.word in lexicon.SHARES_OUT]

    def _row(self, at: int) -> tuple[tuple[int, ...], int]:
        """Return where the numbers of "41, 12, dan 11" stand, and the last token of them."""
        places: list[int] = []
        while self.number(at) is not None and len(places) < _MOST:
            places.append(at)
            joint = at + 1 + (self.word(at + 1) == ",")
            joined = self.word(joint) in lexicon.JOINS
            if places[1:] and self.word(at - 1) in lexicon.JOINS:
                break
            if joint == at + 1 and not joined:
                break
            at = joint + joined
        ended = len(places) > 1 and self.word(places[-1] - 1) in lexicon.JOINS
        return (tuple(places), places[-1]) if ended else ((), at)

    def _percents(self, at: int, many: int) -> tuple[tuple[Percent, ...], int]:
        """Read "(82, 80, dan 79 persen)", "(82%, 80%, dan 79%)" or the same behind "atau"."""
        last = at - 1
        at += self.word(at) == ","
        opened = self.word(at) == "("
        at += opened or self.word(at) in lexicon.EQUALS or self.word(at) == "atau"
        found: list[tuple[int, Percent]] = []
        while len(found) < many and self.sort(at) is Sort.NUMBER:
            percent = self.percent_number(at)
            if percent is None:
                return (), last
            found.append((at, percent))
            at += 1 + (self.sort(at + 1) is Sort.PERCENT)
            if len(found) < many:
                at += self.word(at) == ","
                at += self.word(at) in lexicon.JOINS
        if len(found) != many or self.sort(found[-1][0] + 1) is not Sort.PERCENT:
            return (), last
        if opened and self.word(at) != ")":
            return (), last
        return tuple(percent for _, percent in found), at if opened else at - 1

    def _shared_out(self, first: int, last: int) -> bool:
        before = range(max(0, first - _BEFORE), first)
        behind = range(last + 1, last + 1 + _BEHIND)
        for near in (reversed(before), behind):
            for place in near:
                if self.stops(place):
                    break
                if self.word(place) in lexicon.SHARES_OUT:
                    return True
        return False
