"""Find the figures of a text: which tokens say n of N, a count, a percent, or an amount without a number.

Every form is read forward from one token over a bounded number of tokens; nothing is guessed: what fits no
form is left alone or found as something that cannot be read.
"""

from __future__ import annotations

from dataclasses import replace

from khub.checking import lexicon
from khub.checking.attaching import INSIDE
from khub.checking.backward import BackParts
from khub.checking.found import Found
from khub.checking.model import Kind, Percent
from khub.checking.nouns import Noun, noun
from khub.checking.tokens import Sort

_TERMS = 12
#: Between a count and the branch it belongs to, behind it and before it.
_AT = frozenset({"di", "pada", "untuk", "in", "under", "for"})
_AT_LAST = (":", "=", "(", "memuat", "mencatat", "memiliki")


class Reader(BackParts):
    """Reads one text's tokens once, from left to right."""

    def read(self) -> list[Found]:
        """Return the figures in order; no two share a token."""
        out: list[Found] = []
        ranges = dict(self.masks.ranges)
        at = 0
        while at < len(self.tokens):
            if self.free(at) and (row := self.series(at)):
                out += row
                at = row[-1].last + 1
                continue
            found = self._range(at, ranges[at]) if at in ranges else self.back(at, out) or self._at(at)
            if found is not None:
                passed = (found.count or 0) > (found.total or 0) and self._aimed(found)
                out.append(replace(found, aimed=True) if passed else found)
            at = at + 1 if found is None else found.last + 1
        return out

    def _aimed(self, found: Found) -> bool:
        """Tell "60 dari target 50 kegiatan (120 persen)" from a part of a whole."""
        near = range(max(0, found.first - INSIDE), found.last + 1)
        reach = (at for at in near if at >= found.first or not any(map(self.stops, range(at, found.first))))
        return any(
            self.word(at) in lexicon.AIMS and self.word(at + 1) not in lexicon.SUBJECTS for at in reach
        )

    def _at(self, at: int) -> Found | None:
        if self.free(at):
            return (
                self._fraction(at)
                or self._equation(at)
                or self._percent_first(at)
                or self._ratio(at)
                or self._slash(at)
                or self._among(at)
                or self._count(at)
            )
        if self.sort(at) is Sort.WORD:
            return self._reversed(at) or self._vague(at)
        return None

    def _ratio(self, at: int) -> Found | None:
        """Read "41 dari 50 aksi (82 persen)", "64 aksi berkomitmen dari total 79", "41 aksi (82%) dari 50"."""
        count = self.number(at)
        if count is None or self._changes(at):
            return None
        thing, end = self.noun(at + 1)
        percent = self.attached(end + 1, near=True)
        share = None if percent else self._share_in_brackets(at, count, thing, end)
        if share is not None:
            return share
        middle = self.to_of((percent.last if percent else end) + 1, thing)
        found = None if middle is None else self.total_at(middle)
        if middle is None or found is None or (self.word(middle) == "from" and thing is None):
            return None
        place, total = found
        total_thing, last = self.noun(place + 1)
        hedge = self._apart(thing, total_thing, ranged=self.word(place + 1) in ("-", "–"))
        if hedge is None or (self.word(middle) == "from" and not _same_core(thing, total_thing)):
            return None
        percent = percent or self.behind_pair(last + 1, count, total)
        last = max(last, percent.last) if percent else last
        hedge = hedge or self._hedged(at, place)
        if count == 1 and self.tokens[at].spelled and not percent:
            hedge = "one-of"
        hedge = hedge or self._percent_hedged(at, last)
        return Found(
            Kind.RATIO,
            at,
            last,
            count,
            total,
            percent.percent if percent else None,
            total_thing or thing,
            hedge,
            twins=self.twins(at, place),
        )

    def _share_in_brackets(self, at: int, count: int, thing: Noun | None, end: int) -> Found | None:
        """Read "41 aksi (82 persen dari 50 aksi)"."""
        percent = self.percent(end + 2)
        found = self.total_at(end + 4)
        if self.word(end + 1) != "(" or percent is None or found is None:
            return None
        place, total = found
        total_thing, last = self.noun(place + 1)
        if self._apart(thing, total_thing, ranged=False) != "" or self.word(last + 1) != ")":
            return None
        twins, hedge = self.twins(at, place), self._hedged(at, place)
        return Found(
            Kind.RATIO, at, last + 1, count, total, percent, total_thing or thing, hedge, twins=twins
        )

    def _among(self, at: int) -> Found | None:
        """Read "50 aksi, 41 di antaranya berkomitmen (82 persen)", "50 actions, 41 of which …"."""
        total = self.number(at)
        thing, last = self.noun(at + 1)
        if total is None or thing is None:
            return None
        place = next((here for here in range(last + 1, last + 7) if self.free(here)), None)
        between = range(last + 1, place or last + 1)
        apart = next((here for here in between if self.word(here) in (",", "dan", "and", "(", ";")), None)
        if (
            place is None
            or apart is None
            or any(self.stops(here) for here in between if self.word(here) != ";")
        ):
            return None
        count, (count_thing, end) = self.number(place), self.noun(place + 1)
        them = self.of_them(end + 1)
        if count is None or not them or (count_thing and not count_thing.same(thing)):
            return None
        percent = self.behind_pair(end + 1 + them, count, total)
        value, stop = (percent.percent, percent.last) if percent else (None, end + them)
        twins, hedge = self.twins(at, place), self._hedged(at, place)
        return Found(Kind.RATIO, at, stop, count, total, value, thing, hedge, apart=apart, twins=twins)

    @staticmethod
    def _apart(thing: Noun | None, total: Noun | None, *, ranged: bool) -> str | None:
        """Return "" for a part and its whole, a hedge in doubt, None where they are two different things."""
        if ranged:
            return None
        if thing and total and not thing.same(total):
            return "unclear" if thing.adjective else None
        return ""

    def _hedged(self, *places: int) -> str:
        return "approximate" if any(self.approximate(place) for place in places) else ""

    def _percent_hedged(self, first: int, last: int) -> str:
        """Tell of "(sekitar 82 persen)" that it is only near."""
        near = any(self.percent(place) and self.approximate(place) for place in range(first, last))
        return "approximate-percent" if near else ""

    def _changes(self, first: int) -> bool:
        """Tell "naik 12 dari 29 menjadi 41" from a part of a whole."""
        near = self.word(first - 1)
        by = near in ("sebanyak", "sebesar", "by", "sejumlah", "of")
        return (self.word(first - 2) if by else near) in lexicon.CHANGES

    def _percent_first(self, at: int) -> Found | None:
        """Read "82 persen (41 dari 50 aksi)", "82 persen atau 41 dari 50"; any other percent cannot be read."""
        percent = self.percent(at)
        if percent is None:
            bad = self.sort(at + 1) is Sort.PERCENT
            return Found(Kind.PERCENT, at, at + 1, hedge="unreadable") if bad else None
        hedge = "approximate" if self.approximate(at) else "bare-percent"
        start = self._pair_behind(at + 2)
        ratio = None if start is None else self._ratio(start) or self._slash(start, sure=True)
        if start is not None and ratio is not None and ratio.percent is None:
            last = ratio.last + (self.word(ratio.last + 1) == ")")
            near = "approximate-percent" if hedge == "approximate" else ""
            return replace(ratio, first=at, last=last, percent=percent, hedge=ratio.hedge or near)
        found = self.total_at(at + 2)
        if found is not None:
            return self._percent_of(at, percent, found, hedge)
        thing, last = self.noun(at + 2)
        return Found(Kind.PERCENT, at, last, percent=percent, noun=thing, hedge=hedge)

    def _percent_of(self, at: int, percent: Percent, found: tuple[int, int], hedge: str) -> Found:
        """Read "82 persen dari 50 aksi", with the count behind it in brackets or without."""
        place, total = found
        thing, last = self.noun(place + 1)
        comma = self.word(last + 1) == ","
        count = self.number(last + 2 + comma)
        if count is not None and self.word(last + 1 + comma) in ("atau", "or", "yaitu", "yakni"):
            _, end = self.noun(last + 3 + comma)
            near = "" if hedge == "bare-percent" else hedge
            return Found(Kind.RATIO, at, end, count, total, percent, thing, near)
        for bracket in range(last + 1, last + 7):
            if self.word(bracket) == "(":
                count = self.number(bracket + 1)
                _, end = self.noun(bracket + 2)
                if count is not None and self.word(end + 1) == ")":
                    near = "" if hedge == "bare-percent" else hedge
                    return Found(Kind.RATIO, at, end + 1, count, total, percent, thing, near)
                break
            if self.stops(bracket) or self.free(bracket) or self.word(bracket) == ",":
                break
        return Found(Kind.PERCENT, at, last, None, total, percent, thing, hedge)

    def _pair_behind(self, at: int) -> int | None:
        """Return where the pair of a percent begins: in brackets, or behind "atau", "yaitu", ":"."""
        bracket = False
        for place in range(at, at + INSIDE):
            here = self.word(place)
            if self.free(place):
                near = bracket or (place - at <= 4 and self.word(place - 1) in lexicon.COUNT_FILLERS)  # noqa: PLR2004
                return place if near and self.number(place) is not None else None
            if self.stops(place) or self.sort(place) is Sort.PERCENT:
                return None
            if bracket and here not in lexicon.COUNT_FILLERS:
                return None
            if here in (",", "dan", "and") and self.word(place + 1) not in lexicon.EQUALS:
                return None
            bracket = bracket or here in ("(", "[")
        return None

    def _reversed(self, at: int) -> Found | None:
        """Read "Dari 79 aksi, 64 telah berkomitmen (81 persen)", "Of the 79 actions, 64 (81%) …"."""
        found = self.total_at(at)
        if found is None or not self._clause_starts(at):
            return None
        thing, last = self.noun(found[0] + 1)
        comma: int | None = None
        for here in range(last + 1, last + 1 + INSIDE):
            if self.free(here):
                plain = all(self._plain(between) for between in range(last + 1, here))
                if comma is None and not plain:
                    return None
                return self._reversed_with(at, found, thing, here, comma or here)
            if self.stops(here) or self.sort(here) is Sort.PERCENT:
                return None
            if comma is None and self.word(here) == ",":
                comma = here
            elif not self._goes_on(here, behind=comma is not None):
                return None
        return None

    def _plain(self, at: int) -> bool:
        """Tell whether what stands between total and count without a comma says nothing of its own."""
        here = self.word(at)
        joins = here in (
            "dan",
            "and",
            "serta",
            "hingga",
            "sampai",
            "menjadi",
            "to",
            "with",
            "dengan",
            ":",
            "(",
        )
        taken = at in self.mentioned or (self.sort(at) is Sort.NUMBER and not self.free(at))
        return (here in lexicon.NEUTRAL and not joins) or taken

    def _goes_on(self, at: int, *, behind: bool) -> bool:
        """Tell whether a word may stand between the total and the count; ``behind``: behind the comma."""
        here = self.word(at)
        if not behind:
            return here not in ("menjadi", "to", "(", "hingga", "sampai")
        known = here in lexicon.THEN_COUNT or here in lexicon.ROLES or here in lexicon.APPROXIMATE
        thing = here in lexicon.SUBJECTS or here in lexicon.NEUTRAL
        return known or thing or at in self.mentioned or self.sort(at) is Sort.NUMBER

    def _reversed_with(
        self, first: int, found: tuple[int, int], thing: Noun | None, at: int, comma: int
    ) -> Found | None:
        count = self.number(at)
        if self.percent(at) is not None:
            return self._reversed_share(first, found, thing, at, comma)
        if count is None or self._ratio(at) is not None:
            return None
        if any(here in self.mentioned for here in range(comma, at)):
            return None  # "Dari 79 aksi, Pilar 1 memuat 50": parts of a total, not n of N
        count_thing, last = self.noun(at + 1)
        if count_thing and thing and not count_thing.same(thing):
            return None
        place, total = found
        percent = self.behind_pair(last + 1, count, total)
        last = percent.last if percent else last
        return Found(
            Kind.RATIO,
            first,
            last,
            count,
            total,
            percent.percent if percent else None,
            thing or count_thing,
            self._hedged(place, at) or self._percent_hedged(at, last),
            apart=comma,
            twins=self.twins(place, at),
        )

    def _reversed_share(
        self, first: int, found: tuple[int, int], thing: Noun | None, at: int, comma: int
    ) -> Found | None:
        """Read "Dari 120 peserta, 38 persen (45 orang) adalah perempuan", "Of the 120, 38% (45) were …"."""
        place = at + 3
        count = self.number(place)
        count_thing, end = self.noun(place + 1)
        closed = self.word(at + 2) == "(" and self.word(end + 1) == ")"
        if count is None or not closed or (count_thing and thing and not count_thing.same(thing)):
            return None
        total_at, total = found
        near = "approximate" if self.approximate(at) else self._hedged(total_at, place)
        percent, noun_of, twins = self.percent(at), thing or count_thing, self.twins(total_at, place)
        return Found(
            Kind.RATIO, first, end + 1, count, total, percent, noun_of, near, apart=comma, twins=twins
        )

    def _clause_starts(self, at: int) -> bool:
        before = self.sort(at - 1)
        if before in (Sort.BREAK, Sort.BULLET):
            return True
        if before is Sort.MARK:
            return self.word(at - 1) in ".,;:!?)(–—-"
        return self.word(at - 1) in lexicon.SENTENCE_STARTERS or self.tokens[at].capital

    def _slash(self, at: int, *, sure: bool = False) -> Found | None:
        """Read "41/50 aksi (82%)"; a bare "41/50" only where something counted or a percent stands by it."""
        count, total = self.number(at), self.number(at + 2)
        if self.word(at + 1) != "/" or count is None or total is None:
            return None
        thing, last = self.noun(at + 3)
        percent = self.behind_pair(last + 1, count, total)
        last = percent.last if percent else last
        totalled = any(self.word(place) in lexicon.TOTALS for place in (at - 1, at - 2, at - 3))
        if not (sure or thing or percent or totalled or self._counts_before(at)):
            return None
        value = percent.percent if percent else None
        twins = self.twins(at, at + 2)
        return Found(Kind.RATIO, at, last, count, total, value, thing, self._hedged(at), twins=twins)

    def _counts_before(self, at: int) -> bool:
        near = (noun(self.tokens, place) for place in range(max(0, at - 6), at))
        return any(thing is not None and thing.core for thing in near)

    def _equation(self, at: int) -> Found | None:
        """Read "41 + 12 + 11 = 64"."""
        terms = [self.number(at)]
        place = at
        while self.word(place + 1) == "+" and len(terms) < _TERMS:
            place += 2
            terms.append(self.number(place))
        total = self.number(place + 2)
        numbers = tuple(term for term in terms if term is not None)
        if place == at or self.word(place + 1) != "=" or total is None or len(numbers) != len(terms):
            return None
        thing, last = self.noun(place + 3)
        return Found(Kind.EQUATION, at, last, sum(numbers), total, noun=thing, terms=numbers)

    def _count(self, at: int) -> Found | None:
        """Read "64 aksi", "1.250 dosen", "jumlah aksi berkomitmen: 64"."""
        token = self.tokens[at]
        thing, last = self.noun(at + 1)
        if thing is None:
            return self._of_branch(at) or self._labelled(at)
        if token.spelled and ((token.whole or 0) <= 1 or not thing.core):
            return None
        behind = self.tokens[at + 1]
        if (behind.fresh and behind.capital) or (token.whole is None and not thing.core):
            return None  # "Paragraf 4" and a heading under it
        if token.whole is None:
            return Found(Kind.COUNT, at, last, noun=thing, hedge="unreadable")
        percent = self.attached(last + 1, near=True)
        last = percent.last if percent else last
        value = percent.percent if percent else None
        hedge = self._hedged(at)
        return Found(Kind.COUNT, at, last, token.whole, None, value, thing, hedge, twins=self.twins(at))

    def _of_branch(self, at: int) -> Found | None:
        """Read "41 di Pilar 1", "Pilar 1: 41" and "total 64"."""
        value = self.number(at)
        the = self.word(at + 2) == "the"
        behind = self.word(at + 1) in _AT and at + (3 if the else 2) in self.mentioned
        joined = self.word(at - 1) in (*_AT_LAST, *lexicon.THEN_COUNT) and at - 2 in self.mentioned
        totalled = self.word(at - 1) in lexicon.TOTALS or (
            self.word(at - 1) in (":", "=") and self.word(at - 2) in lexicon.TOTALS
        )
        before = joined or totalled or at - 1 in self.mentioned
        if value is None or not (behind or (before and self._ends_list_item(at + 1))):
            return None
        return Found(Kind.COUNT, at, at, value, hedge=self._hedged(at), twins=self.twins(at))

    def _ends_list_item(self, at: int) -> bool:
        return self.stops(at) or self.word(at) in (",", ")", "|", "dan", "and", "serta")

    def _labelled(self, at: int) -> Found | None:
        """Read a number at the end of "Jumlah aksi yang berkomitmen: 64."."""
        value = self.number(at)
        ends = self._ends_list_item(at + 1) or self.word(at + 1) in ("pada", "in", "untuk", ":")
        if value is None or not ends or self.word(at - 1) in (",", "dan", "and"):
            return None
        thing, total = None, False
        for place in range(at - 1, at - 10, -1):
            if self.stops(place) or self.sort(place) is Sort.NUMBER or self.word(place) == ",":
                break
            thing = thing or noun(self.tokens, place)
            total = total or self.word(place) in ("jumlah", "total", "number", "banyaknya")
        if thing is None or not thing.core or not total:
            return None
        return Found(Kind.COUNT, at, at, value, noun=thing, hedge=self._hedged(at), twins=self.twins(at))


def _same_core(first: Noun | None, second: Noun | None) -> bool:
    return first is not None and second is not None and first.core and first.key == second.key
