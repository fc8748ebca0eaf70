"""Find the figures of a text: which tokens say n of N, a count, a percent, or an amount without a number.

Every form is read forward from one token over a bounded number of tokens; nothing is guessed: what fits no
form is left alone or found as something that cannot be read.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from khub.checking import lexicon
from khub.checking.masks import Masks, masks, word
from khub.checking.model import Kind, Percent, Subject
from khub.checking.nouns import Noun, noun
from khub.checking.tokens import Sort, Token, as_percent

if TYPE_CHECKING:
    from collections.abc import Sequence

#: How many tokens may stand inside a phrase between its numbers.
_INSIDE = 12
_SENTENCE_MARKS = frozenset({".", "!", "?", ";"})


@dataclass(frozen=True, slots=True)
class Found:
    """A figure on tokens [first, last]. ``hedge`` says why it cannot be held against anything ("" : it can).

    ``noun``: what is counted, as it stands at the number itself. ``apart``: of "Dari 79 aksi, 64 …" the
    token behind the total, where the count's own words begin. ``twins``: (number, what its words say).
    """

    kind: Kind
    first: int
    last: int
    count: int | None = None
    total: int | None = None
    percent: Percent | None = None
    noun: Noun | None = None
    hedge: str = ""
    apart: int | None = None
    twins: tuple[tuple[int, int], ...] = ()
    terms: tuple[int, ...] = ()


class Reader:
    """Reads one text's tokens once, from left to right."""

    def __init__(self, found: Sequence[Token]) -> None:
        self.tokens = found
        self.masks: Masks = masks(found)
        self._of_mention = {
            place: mention.last
            for mention in self.masks.mentions
            for place in range(mention.first, mention.last + 1)
        }

    def read(self) -> list[Found]:
        """Return the figures in order; no two share a token."""
        out: list[Found] = []
        at, end = 0, len(self.tokens)
        ranges = dict(self.masks.ranges)
        while at < end:
            found = self._at(at) if at not in ranges else self._range(at, ranges[at])
            if found is None:
                at += 1
                continue
            out.append(found)
            at = found.last + 1
        return out

    def _at(self, at: int) -> Found | None:
        token = self.tokens[at]
        if token.sort is Sort.NUMBER and not self.masks.used[at]:
            return (
                self._fraction(at)
                or self._equation(at)
                or self._percent_first(at)
                or self._ratio(at)
                or self._slash(at)
                or self._count(at)
            )
        if token.sort is Sort.WORD:
            return self._reversed(at) or self._vague(at)
        return None

    # --- small parts -------------------------------------------------------------------------------

    def number(self, at: int) -> int | None:
        """Return the whole number at a place when it may be part of a figure."""
        if not (0 <= at < len(self.tokens)):
            return None
        token = self.tokens[at]
        free = token.sort is Sort.NUMBER and not self.masks.used[at]
        return token.whole if free and not self._is_percent(at) else None

    def _is_percent(self, at: int) -> bool:
        return at + 1 < len(self.tokens) and self.tokens[at + 1].sort is Sort.PERCENT

    def _percent(self, at: int) -> Percent | None:
        if not (0 <= at < len(self.tokens)) or self.tokens[at].sort is not Sort.NUMBER:
            return None
        if not self._is_percent(at):
            return None
        read = as_percent(self.tokens[at])
        return None if read is None else Percent(*read)

    def _approximate(self, at: int) -> bool:
        """Tell whether a word like "sekitar" or "lebih dari" stands before the number."""
        near = [word(self.tokens, place) for place in (at - 1, at - 2)]
        if near[0] in ("dari", "than", "least", "most", "to"):
            return near[1] in ("lebih", "kurang", "more", "less", "fewer", "at", "up", "close", "tidak")
        return near[0] in lexicon.APPROXIMATE or (
            near[0] in ("total", "sebanyak", "sejumlah", "a") and near[1] in lexicon.APPROXIMATE
        )

    def _of(self, at: int) -> int | None:
        """Read "dari [total]", "out of [the]", "di antara"; returns where the total must stand."""
        here = word(self.tokens, at)
        if (here == "out" and word(self.tokens, at + 1) == "of") or (
            here == "di" and word(self.tokens, at + 1) == "antara"
        ):
            at += 2
        elif here in lexicon.OF or here in ("among", "diantara"):
            at += 1
        else:
            return None
        for _ in range(5):
            if (
                word(self.tokens, at) in lexicon.OF_QUALIFIERS
                or word(self.tokens, at) == "-"
                or ((thing := noun(self.tokens, at)) and thing.last == at and self.number(at + 1) is not None)
            ):
                at += 1
        return at

    def _twins(self, *places: int) -> tuple[tuple[int, int], ...]:
        found = []
        for place in places:
            token = self.tokens[place]
            if token.twin is not None and token.whole is not None:
                found.append((token.whole, token.twin))
        return tuple(found)

    def _noun_at(self, at: int) -> tuple[Noun | None, int]:
        """Return what is counted behind a number and the last token of it."""
        thing = noun(self.tokens, at)
        return thing, thing.last if thing else at - 1

    # --- forms -------------------------------------------------------------------------------------

    def _ratio(self, at: int) -> Found | None:
        """Read "41 dari 50 aksi (82 persen)", "64 aksi berkomitmen dari total 79", "41 aksi (82%) dari 50"."""
        count = self.number(at)
        if count is None:
            return None
        thing, end = self._noun_at(at + 1)
        percent, percent_end = self._attached(end + 1, near=True)
        behind = percent_end if percent else end
        middle = self._to_of(behind + 1, thing)
        if middle is None:
            return None
        place = self._of(middle)
        total = None if place is None else self.number(place)
        if place is None or total is None:
            return None
        if word(self.tokens, place + 1) in ("-", "–") and self.number(place + 2) is not None:
            return None
        total_thing, last = self._noun_at(place + 1)
        hedge = ""
        if thing and total_thing and not thing.same(total_thing):
            if not thing.adjective:
                return None
            hedge = "unclear"
        if not thing and total_thing is None and middle != at + 1:
            return None
        if self._changes(at):
            return None
        if not percent:
            percent, percent_end = self._attached(last + 1)
            last = max(last, percent_end) if percent else last
        if self._hedged(at, place):
            hedge = hedge or "approximate"
        if count == 1 and self.tokens[at].spelled and not percent:
            hedge = "one-of"
        if percent and self._percent_hedged(at, last):
            hedge = hedge or ("" if percent.digits else "approximate-percent")
        return Found(
            Kind.RATIO,
            at,
            last,
            count,
            total,
            percent,
            total_thing or thing,
            hedge,
            twins=self._twins(at, place),
        )

    def _hedged(self, first: int, second: int) -> bool:
        return self._approximate(first) or self._approximate(second)

    def _percent_hedged(self, first: int, last: int) -> bool:
        return any(
            self._is_percent(place) and self._approximate(place)
            for place in range(first, last)
            if self.tokens[place].sort is Sort.NUMBER
        )

    def _to_of(self, at: int, thing: Noun | None) -> int | None:
        """Return where "dari" stands behind the first number, over words that may stand between."""
        strange = 0
        for place in range(at, min(at + _INSIDE, len(self.tokens))):
            token = self.tokens[place]
            here = token.word
            if self._of(place) is not None and self.number(self._of(place) or 0) is not None:
                if word(self.tokens, place - 1) in lexicon.NOT_OF:
                    return None
                core = thing is not None and thing.core
                return place if not strange or core else None
            if token.sort not in (Sort.WORD, Sort.NUMBER) and not (here in ",()" and place > at):
                if not (here == "," and thing is not None):
                    return None
            if token.sort is Sort.NUMBER and not self.masks.used[place]:
                return None
            if thing is None and place == at:
                if here not in lexicon.ROLES and here not in ("di", "yang"):
                    return None
            if here and here not in lexicon.NEUTRAL and here not in lexicon.ROLES:
                strange += 1
            if here in lexicon.NOT_OF or strange > 4 or here == "dan":  # noqa: PLR2004
                return None
        return None

    def _changes(self, first: int) -> bool:
        """Tell "naik 12 dari 29 menjadi 41" from a part of a whole."""
        near = word(self.tokens, first - 1)
        by = near in ("sebanyak", "sebesar", "by", "sejumlah", "of")
        return (word(self.tokens, first - 2) if by else near) in lexicon.CHANGES

    def _attached(self, at: int, *, near: bool = False) -> tuple[Percent | None, int]:
        """Return the percent that belongs to the figure before ``at``, and its last token.

        ``near``: only directly behind, for "41 aksi (82 persen) dari 50".
        """
        if percent := self._percent(at):
            after = word(self.tokens, at + 2)
            if after not in ("dari", "of", "di", "diantaranya"):
                return percent, at + 1
            return (percent, at + 1) if near and after in lexicon.OF else (None, at)
        for place in range(at, min(at + (2 if near else _INSIDE), len(self.tokens))):
            token = self.tokens[place]
            if token.sort is Sort.BREAK or token.sort is Sort.BULLET or token.word in _SENTENCE_MARKS:
                return None, at
            if token.word in ("(", "["):
                percent, last = self._bracketed(place + 1)
                if percent or near:
                    return percent, last
                continue
            if token.word in lexicon.EQUALS and (
                place == at or token.word in ("atau", "or", "setara", "equal")
            ):
                return self._equal(place + 1, near=near)
            if token.word in (",", "|", "–", "—", ":", "-", "=", "→") and place == at:
                if word(self.tokens, place + 1) in lexicon.EQUALS:
                    return self._equal(place + 2, near=near)
                percent = self._percent(place + 1)
                return (percent, place + 2) if percent and self._closed(place + 3) else (None, at)
            if token.sort is Sort.NUMBER and not self.masks.used[place]:
                return None, at
            if token.word in (",", ":", "dan", "and", "sedangkan"):
                return None, at
        return None, at

    def _bracketed(self, at: int) -> tuple[Percent | None, int]:
        for place in range(at, min(at + 7, len(self.tokens))):
            if percent := self._percent(place):
                if word(self.tokens, place + 2) in lexicon.OF:
                    return None, at
                for end in range(place + 2, min(place + 9, len(self.tokens))):
                    if word(self.tokens, end) in (")", "]"):
                        return percent, end
                    if self.number(end) is not None or self._is_percent(end):
                        break
                return percent, place + 1
            if self.tokens[place].sort is Sort.NUMBER and not self.masks.used[place]:
                return None, at
            if word(self.tokens, place) in (")", "]"):
                return None, at
        return None, at

    def _equal(self, at: int, *, near: bool) -> tuple[Percent | None, int]:
        for place in range(at, min(at + 5, len(self.tokens))):
            if percent := self._percent(place):
                after = word(self.tokens, place + 2)
                if after in ("dari", "of", "di") and not near:
                    return None, at
                return percent, place + 1
            if word(self.tokens, place) not in lexicon.PERCENT_FILLERS:
                return None, at
        return None, at

    def _closed(self, at: int) -> bool:
        """Tell whether a clause may end here."""
        if at >= len(self.tokens) or self.tokens[at].sort in (Sort.BREAK, Sort.BULLET):
            return True
        return word(self.tokens, at) in (".", ";", ",", ")", "|", "dan", "and", "pada", "in", "untuk", ":")

    def _percent_first(self, at: int) -> Found | None:
        """Read "82 persen (41 dari 50 aksi)", "82 persen atau 41 dari 50"; any other percent cannot be read."""
        percent = self._percent(at)
        if percent is None:
            return Found(Kind.PERCENT, at, at + 1, hedge="unreadable") if self._is_percent(at) else None
        hedge = "approximate" if self._approximate(at) else "bare-percent"
        inner = self._ratio_behind(at + 2)
        if inner is not None:
            start, last = inner
            ratio = self._ratio(start) or self._slash(start, sure=True)
            if ratio is not None and ratio.percent is None:
                last = max(last, ratio.last)
                if word(self.tokens, last + 1) == ")" and word(self.tokens, start - 1) != ")":
                    last += 1
                hedge = ratio.hedge or ("approximate-percent" if hedge == "approximate" else "")
                return replace(ratio, first=at, last=last, percent=percent, hedge=hedge)
        place = self._of(at + 2)
        total = None if place is None else self.number(place)
        if place is not None and total is not None:
            thing, last = self._noun_at(place + 1)
            count, end = self._counted(last + 1)
            if count is not None:
                return Found(
                    Kind.RATIO,
                    at,
                    end,
                    count,
                    total,
                    percent,
                    thing,
                    "" if hedge == "bare-percent" else hedge,
                )
            return Found(Kind.PERCENT, at, last, None, total, percent, thing, hedge)
        thing, last = self._noun_at(at + 2)
        return Found(Kind.PERCENT, at, last, percent=percent, noun=thing, hedge=hedge)

    def _counted(self, at: int) -> tuple[int | None, int]:
        """Read "(41 aksi)" behind "82 persen dari 50 aksi"."""
        if word(self.tokens, at) != "(":
            return None, at
        count = self.number(at + 1)
        _, last = self._noun_at(at + 2)
        return (count, last + 1) if word(self.tokens, last + 1) == ")" else (None, at)

    def _ratio_behind(self, at: int) -> tuple[int, int] | None:
        """Return where the pair of a percent begins: in brackets, or behind "atau", "yaitu", ":"."""
        bracket = False
        for place in range(at, min(at + _INSIDE, len(self.tokens))):
            token = self.tokens[place]
            if token.sort in (Sort.BREAK, Sort.BULLET, Sort.PERCENT) or token.word in _SENTENCE_MARKS:
                return None
            if token.sort is Sort.NUMBER and not self.masks.used[place]:
                near = bracket or place - at <= 4  # noqa: PLR2004 - ", atau sebanyak"
                joined = bracket or word(self.tokens, place - 1) in lexicon.COUNT_FILLERS
                return (place, place) if near and joined and self.number(place) is not None else None
            if token.word in ("(", "["):
                bracket = True
            elif (bracket and token.word not in lexicon.COUNT_FILLERS) or (
                token.word in (",", "dan", "and") and word(self.tokens, place + 1) not in lexicon.EQUALS
            ):
                return None
        return None

    def _reversed(self, at: int) -> Found | None:
        """Read "Dari 79 aksi, 64 telah berkomitmen (81 persen)", "Of the 79 actions, 64 (81%) …"."""
        place = self._of(at)
        total = None if place is None else self.number(place)
        if place is None or total is None or not self._clause_starts(at):
            return None
        thing, last = self._noun_at(place + 1)
        comma = False
        for here in range(last + 1, min(last + 1 + _INSIDE, len(self.tokens))):
            token = self.tokens[here]
            if token.sort in (Sort.BREAK, Sort.BULLET, Sort.PERCENT) or token.word in _SENTENCE_MARKS:
                return None
            if token.sort is Sort.NUMBER and not self.masks.used[here]:
                found = self._reversed_with(place, total, thing, here, comma=comma, gap=last + 1)
                return found and replace(found, first=at)
            if token.word == ",":
                comma = True
            elif (comma and token.sort is Sort.WORD and not self._may_stand_before_count(here)) or (
                not comma and token.word in ("menjadi", "to", "(", "hingga", "sampai")
            ):
                return None
        return None

    def _may_stand_before_count(self, at: int) -> bool:
        here = word(self.tokens, at)
        known = here in lexicon.THEN_COUNT or here in lexicon.ROLES or here in lexicon.APPROXIMATE
        return known or at in self._of_mention or here in lexicon.NEUTRAL

    def _reversed_with(
        self, place: int, total: int, thing: Noun | None, at: int, *, comma: bool, gap: int
    ) -> Found | None:
        count = self.number(at)
        if count is None or (not comma and at != gap) or self._ratio(at) is not None:
            return None
        behind = next((here for here in range(gap, at) if word(self.tokens, here) == ","), at)
        if any(here in self._of_mention for here in range(behind, at)):
            return None  # "Dari 79 aksi, Pilar 1 memuat 50": parts of a total, not n of N
        count_thing, last = self._noun_at(at + 1)
        if count_thing and thing and not count_thing.same(thing):
            return None
        percent, end = self._attached(last + 1)
        if percent:
            last = end
        hedge = "approximate" if self._hedged(place, at) else ""
        if percent and self._percent_hedged(at, last):
            hedge = hedge or "approximate-percent"
        return Found(
            Kind.RATIO,
            place,
            last,
            count,
            total,
            percent,
            thing or count_thing,
            hedge,
            apart=gap,
            twins=self._twins(place, at),
        )

    def _clause_starts(self, at: int) -> bool:
        if at == 0 or self.tokens[at - 1].sort in (Sort.BREAK, Sort.BULLET):
            return True
        before = self.tokens[at - 1]
        if before.sort is Sort.MARK:
            return before.word in ".,;:!?)(–—-"
        return before.word in lexicon.SENTENCE_STARTERS or self.tokens[at].capital

    def _slash(self, at: int, *, sure: bool = False) -> Found | None:
        """Read "41/50 aksi (82%)"; a bare "41/50" only where something counted or a percent stands by it."""
        count, total = self.number(at), self.number(at + 2)
        if word(self.tokens, at + 1) != "/" or count is None or total is None:
            return None
        thing, last = self._noun_at(at + 3)
        percent, end = self._attached(last + 1)
        last = end if percent else last
        if not (sure or thing or percent or self._counts_before(at)):
            return None
        hedge = "approximate" if self._approximate(at) else ""
        return Found(Kind.RATIO, at, last, count, total, percent, thing, hedge, twins=self._twins(at, at + 2))

    def _counts_before(self, at: int) -> bool:
        return any(
            (thing := noun(self.tokens, place)) is not None and thing.core
            for place in range(max(0, at - 6), at)
            if self.tokens[place].sort is Sort.WORD
        )

    def _equation(self, at: int) -> Found | None:
        """Read "41 + 12 + 11 = 64"."""
        terms = [self.number(at)]
        place = at
        while word(self.tokens, place + 1) == "+" and len(terms) < 40:  # noqa: PLR2004
            place += 2
            terms.append(self.number(place))
        if len(terms) < 2 or word(self.tokens, place + 1) != "=":  # noqa: PLR2004
            return None
        total = self.number(place + 2)
        numbers = tuple(term for term in terms if term is not None)
        if total is None or len(numbers) != len(terms):
            return None
        thing, last = self._noun_at(place + 3)
        return Found(Kind.EQUATION, at, last, sum(numbers), total, noun=thing, terms=numbers)

    def _fraction(self, at: int) -> Found | None:
        following = word(self.tokens, at + 1)
        dashed = following == "-" and word(self.tokens, at + 2) in lexicon.FRACTIONS
        if not self.tokens[at].spelled or not (following in lexicon.FRACTIONS or dashed):
            return None
        return Found(Kind.VAGUE, at, self._amount(at + (2 if dashed else 1)), hedge="vague")

    def _range(self, at: int, last: int) -> Found | None:
        """Read "12–14 aksi": which of them is meant cannot be told."""
        if last + 1 < len(self.tokens) and self.tokens[last + 1].sort is Sort.PERCENT:
            return Found(Kind.PERCENT, at, last + 1, hedge="range")
        thing, end = self._noun_at(last + 1)
        if thing is None:
            return None
        return Found(Kind.COUNT, at, end, noun=thing, hedge="range")

    def _count(self, at: int) -> Found | None:
        """Read "64 aksi", "1.250 dosen", "jumlah aksi berkomitmen: 64"."""
        token = self.tokens[at]
        thing, last = self._noun_at(at + 1)
        if thing is None or thing.mixed:
            return self._labelled(at)
        single = token.spelled and (token.whole or 0) <= 1
        if single or (not thing.core and token.spelled):
            return None
        if token.whole is None:
            return Found(Kind.COUNT, at, last, noun=thing, hedge="unreadable")
        percent, end = self._attached(last + 1, near=True)
        last = end if percent else last
        hedge = "approximate" if self._approximate(at) else ""
        return Found(Kind.COUNT, at, last, token.whole, None, percent, thing, hedge, twins=self._twins(at))

    def _labelled(self, at: int) -> Found | None:
        """Read a number at the end of "Jumlah aksi yang berkomitmen: 64."."""
        value = self.number(at)
        if value is None or not self._closed(at + 1) or word(self.tokens, at - 1) in (",", "dan", "and"):
            return None
        thing, total = None, False
        for place in range(at - 1, max(-1, at - 10), -1):
            token = self.tokens[place]
            if token.sort in (Sort.BREAK, Sort.BULLET, Sort.NUMBER) or token.word in (".", ";", ","):
                break
            thing = thing or noun(self.tokens, place)
            total = total or token.word in ("jumlah", "total", "number", "banyaknya")
        if thing is None or not thing.core or not total:
            return None
        hedge = "approximate" if self._approximate(at) else ""
        return Found(Kind.COUNT, at, at, value, noun=thing, hedge=hedge, twins=self._twins(at))

    def _vague(self, at: int) -> Found | None:
        for run in lexicon.VAGUE_RUNS:
            if run[0] == self.tokens[at].word and all(
                word(self.tokens, at + place) == part for place, part in enumerate(run)
            ):
                return Found(Kind.VAGUE, at, self._amount(at + len(run) - 1), hedge="vague")
        if self.tokens[at].word in lexicon.VAGUE_DETERMINERS:
            place = at + 2 if word(self.tokens, at + 1) in ("of", "dari", "the", "besar") else at + 1
            thing = noun(self.tokens, place)
            if thing is not None and thing.core and thing.key in tuple(Subject):
                return Found(Kind.VAGUE, at, thing.last, noun=thing, hedge="vague")
        return None

    def _amount(self, at: int) -> int:
        """Return the last token of what an amount without a number is of."""
        last = at
        while word(self.tokens, last + 1) in ("dari", "of", "the"):
            last += 1
        if thing := noun(self.tokens, last + 1):
            return thing.last
        for place in (last + 1, last + 2):
            here = word(self.tokens, place)
            if not here.isalpha() or here in lexicon.NEUTRAL or here.startswith(("me", "ber", "ter", "di")):
                break
            last = place
        return last if last > at and word(self.tokens, last) not in ("dari", "of", "the") else at
