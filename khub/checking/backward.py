"""Figures whose whole stands in the sentence before: "Ada 44 K/L. Sebanyak 36 di antaranya (82 persen) hadir."."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from khub.checking.found import Found
from khub.checking.model import Kind
from khub.checking.tokens import Sort
from khub.checking.vague import VagueParts

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Words that point back at what was counted, as a clause begins with them.
_BACK = tuple(
    tuple(run.split())
    for run in (
        "dari jumlah tersebut",
        "dari jumlah itu",
        "dari jumlah ini",
        "dari total tersebut",
        "dari total itu",
        "dari angka tersebut",
        "dari angka itu",
        "dari keseluruhan tersebut",
        "of these",
        "of those",
        "of them",
        "of this number",
        "of that number",
        "of this total",
        "of that total",
    )
)
#: The same within a sentence, behind a comma.
_BACK_INSIDE = (("of", "which"), ("of", "whom"), ("di", "antaranya"), ("diantaranya",))
#: How far behind such words the count stands, and how far back its whole.
_NEAR, _FAR = 4, 40
#: Most parts of one whole.
_PARTS = 12


class BackParts(VagueParts):
    """Reads a count whose whole was named before it. Where two wholes are possible, nothing is read."""

    def back(self, at: int, before: Sequence[Found]) -> Found | None:
        """Return the pair that the count at or behind ``at`` makes with the figure before it."""
        if not before:
            return None
        if not self.free(at):
            place = self._behind_back(at)
            return None if place is None else self._with_whole(at, place, 0, before)
        _, end = self.noun(at + 1)
        them = self.of_them(end + 1)
        return self._with_whole(at, at, them, before) if them else self._another(at, before)

    def _with_whole(self, at: int, place: int, them: int, before: Sequence[Found]) -> Found | None:
        """Return the count at ``place`` with the whole before ``at``; ``them`` words stand behind its noun."""
        count, whole = self.number(place), self._whole(at, before)
        thing, end = self.noun(place + 1)
        if count is None or whole is None or whole.count is None or whole.noun is None:
            return None
        percent = self.behind_pair(end + them + 1, count, whole.count)
        if percent is None or (thing is not None and not thing.same(whole.noun)):
            return None
        hedge = "approximate" if self.approximate(place) else whole.hedge
        near = any(self.percent(each) and self.approximate(each) for each in range(end, percent.last))
        return Found(
            Kind.RATIO,
            place,
            percent.last,
            count,
            whole.count,
            percent.percent,
            replace(thing or whole.noun, adjective=False),
            hedge or ("approximate-percent" if near else ""),
            twins=self.twins(place),
        )

    def _another(self, at: int, before: Sequence[Found]) -> Found | None:
        """Read the second part of "Dari 79 aksi, 64 berkomitmen (81 persen) dan 15 belum (19 persen)"."""
        first = before[-1]
        same = first.kind is Kind.RATIO and first.apart is not None and not first.hedge
        between = range(first.last + 1, at)
        if not same or first.total is None or len(between) > _FAR or any(map(self._parts, between)):
            return None
        count, (thing, end) = self.number(at), self.noun(at + 1)
        if count is None or (thing is not None and first.noun is not None and not thing.same(first.noun)):
            return None
        if self.of(end + 1) is not None or self.of_them(end + 1) or self.word(at + 1) == "/":
            return None
        told = [each for each in before[-_PARTS:] if each.total == first.total and each.apart == first.apart]
        if count + sum(each.count or 0 for each in told) > first.total:
            return None
        percent = self.behind_pair(end + 1, count, first.total)
        if percent is None or any(self.approximate(each) for each in range(at, percent.last)):
            return None
        return replace(
            first, first=at, last=percent.last, count=count, percent=percent.percent, twins=self.twins(at)
        )

    def _parts(self, at: int) -> bool:
        """Tell whether something between two parts of a whole speaks of another whole."""
        return self.stops(at) or self.of(at) is not None or bool(self.of_them(at))

    def _behind_back(self, at: int) -> int | None:
        """Return where the count stands behind "Dari jumlah tersebut, sebanyak"."""
        inside = self.word(at - 1) in (",", "(")
        if not (inside or self.tokens[at].capital):
            return None
        run = next(
            (
                run
                for run in (_BACK_INSIDE if inside else _BACK)
                if all(self.word(at + order) == part for order, part in enumerate(run))
            ),
            None,
        )
        if run is None:
            return None
        start = at + len(run)
        for place in range(start, start + _NEAR):
            if self.free(place):
                return place
            if self.stops(place) or self.sort(place) is Sort.PERCENT:
                return None
        return None

    def _whole(self, at: int, before: Sequence[Found]) -> Found | None:
        """Return the one count of the sentence before, None where it has several figures or none."""
        sentence = [each for each in before[-2:] if each.last > self._begins(at)]
        if len(sentence) != 1 or sentence[0].kind is not Kind.COUNT or sentence[0].percent is not None:
            return None
        return sentence[0]

    def _begins(self, at: int) -> int:
        """Return the token before the sentence that stands before the one of ``at``; a paragraph ends the look."""
        stops = 0
        for place in range(at - 1, max(-1, at - _FAR), -1):
            if self.sort(place) in (Sort.BREAK, Sort.BULLET):
                return place
            stops += self.stops(place)
            if stops > 1:
                return place
        return max(-1, at - _FAR)
