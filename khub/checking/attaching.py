"""What belongs to a number of a phrase: its noun, the word "dari" behind it, the percent of the pair."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from khub.checking import lexicon
from khub.checking.masks import Masks, masks, word
from khub.checking.model import Percent
from khub.checking.nouns import Noun, noun
from khub.checking.tokens import Sort, Token, as_percent
from khub.checking.trials import rounded

if TYPE_CHECKING:
    from collections.abc import Sequence

#: How many tokens may stand inside a phrase between its numbers.
INSIDE = 12
_SENTENCE_MARKS = frozenset({".", "!", "?", ";"})
_STRANGE = 4
#: A percent behind these is one of theirs, not of the things counted before.
_OTHER_THINGS = frozenset(
    {
        *(
            "anggaran",
            "dana",
            "pagu",
            "biaya",
            "apbn",
            "apbd",
            "serapan",
            "penyerapan",
            "terserap",
            "kepuasan",
            "puas",
        ),
        *("nilai", "skor", "budget", "funds", "funding", "absorption", "spending", "satisfaction", "score"),
        *("rp", "idr", "usd", "rupiah", "naik", "turun", "up", "down", "meningkat", "menurun"),
    }
)


@dataclass(frozen=True, slots=True)
class Attached:
    """A percent with the last token of it; ``loose``: only meant where it fits the pair."""

    percent: Percent
    last: int
    loose: bool = False


class Parts:
    """The tokens of a text with what is taken on them, and the small parts that phrases are made of."""

    def __init__(self, found: Sequence[Token]) -> None:
        self.tokens = found
        self.masks: Masks = masks(found)
        self.mentioned = {
            place for mention in self.masks.mentions for place in range(mention.first, mention.last + 1)
        }

    def word(self, at: int) -> str:
        """Return the folded word or mark at a place, "" outside the text and at numbers."""
        return word(self.tokens, at)

    def sort(self, at: int) -> Sort:
        """Return what stands at a place; the end of the text is a break."""
        return self.tokens[at].sort if 0 <= at < len(self.tokens) else Sort.BREAK

    def stops(self, at: int) -> bool:
        """Tell whether no phrase goes on over this place."""
        if self.word(at) == "." and self.word(at - 1) in ("no", "nr", "art", "hlm", "hal"):
            return self.sort(at + 1) is not Sort.NUMBER
        return self.sort(at) in (Sort.BREAK, Sort.BULLET) or self.word(at) in _SENTENCE_MARKS

    def free(self, at: int) -> bool:
        """Tell whether a number stands here that may be part of a figure."""
        return self.sort(at) is Sort.NUMBER and not self.masks.used[at]

    def number(self, at: int) -> int | None:
        """Return the whole number at a place when it may be part of a figure."""
        return self.tokens[at].whole if self.free(at) and self.sort(at + 1) is not Sort.PERCENT else None

    def percent(self, at: int) -> Percent | None:
        """Return the percent whose number stands at a place."""
        if self.sort(at) is not Sort.NUMBER or self.sort(at + 1) is not Sort.PERCENT:
            return None
        return self.percent_number(at)

    def percent_number(self, at: int) -> Percent | None:
        """Return the number at a place read as a percent, whether or not the word stands behind it."""
        read = as_percent(self.tokens[at])
        return None if read is None else Percent(*read)

    def noun(self, at: int) -> tuple[Noun | None, int]:
        """Return what is counted behind a number and the last token of it."""
        thing = noun(self.tokens, at)
        return thing, thing.last if thing else at - 1

    def approximate(self, at: int) -> bool:
        """Tell whether a word like "sekitar" or "lebih dari" stands before the number."""
        near, far = self.word(at - 1), self.word(at - 2)
        if near in ("atas", "bawah"):
            return far == "di"
        if near in ("dari", "than", "least", "most", "to"):
            return far in ("lebih", "kurang", "more", "less", "fewer", "at", "up", "close", "tidak")
        introduced = near in ("total", "sebanyak", "sejumlah", "a") and far in lexicon.APPROXIMATE
        return near in lexicon.APPROXIMATE or introduced

    def twins(self, *places: int) -> tuple[tuple[int, int], ...]:
        """Return (number, what its words in brackets say) where the two differ."""
        found = []
        for place in places:
            token = self.tokens[place]
            if token.twin is not None and token.whole is not None:
                found.append((token.whole, token.twin))
        return tuple(found)

    def of(self, at: int) -> int | None:
        """Read "dari [total]", "out of [the]", "di antara"; returns where the total must stand."""
        here, following = self.word(at), self.word(at + 1)
        if (here, following) in (("out", "of"), ("di", "antara")):
            at += 2
        elif here in lexicon.OF or here in ("among", "diantara", "from"):
            at += 1
        else:
            return None
        for _ in range(5):
            thing = noun(self.tokens, at)
            before_number = thing is not None and thing.last == at and self.number(at + 1) is not None
            if self.word(at) in lexicon.OF_QUALIFIERS or self.word(at) == "-" or before_number:
                at += 1
        return at

    def total_at(self, at: int) -> tuple[int, int] | None:
        """Return (place, number) of the total that "dari" at ``at`` announces."""
        place = self.of(at)
        total = None if place is None else self.number(place)
        return None if place is None or total is None else (place, total)

    def to_of(self, at: int, thing: Noun | None) -> int | None:
        """Return where "dari" stands behind the first number, over words that may stand between."""
        begins = self.word(at) in lexicon.ROLES or self.word(at) in ("di", "yang", "(")
        if thing is None and self.total_at(at) is None and not begins:
            return None
        strange = 0
        for place in range(at, at + INSIDE):
            if self.total_at(place) is not None:
                if self.word(place - 1) in lexicon.NOT_OF:
                    return None
                return place if not strange or (thing is not None and thing.core) else None
            if not self._may_stand_between(place) or (self.word(place) == "," and thing is None):
                return None
            here = self.word(place)
            strange += bool(here) and here not in lexicon.NEUTRAL and here not in lexicon.ROLES
            if strange > _STRANGE:
                return None
        return None

    def _may_stand_between(self, at: int) -> bool:
        if self.stops(at) or self.sort(at) is Sort.PERCENT or self.free(at):
            return False
        here = self.word(at)
        if self.sort(at) is Sort.MARK:
            return here in ",()"
        return here not in lexicon.NOT_OF and here != "dan"

    def behind_pair(self, at: int, count: int, total: int) -> Attached | None:
        """Return the percent that belongs to the pair ending before ``at``; a loose one only where it fits."""
        found = self.attached(at)
        if found is not None and found.loose:
            fits = total > 0 and found.percent.value in rounded(count, total, found.percent.digits)
            return found if fits else None
        return found

    def attached(self, at: int, *, near: bool = False) -> Attached | None:
        """Return the percent that belongs to the figure before ``at``.

        ``near``: only directly behind, for "41 aksi (82 persen) dari 50".
        """
        if self.percent(at):
            return self._adjacent(at, near=near)
        for place in range(at, at + (2 if near else INSIDE)):
            here, loose = self.word(place), self._other(at, place)
            bracket = here in ("(", "[")
            found = self._bracketed(place + 1, loose=loose) if bracket else None
            if found is not None or (bracket and near) or self.stops(place):
                return found
            if place == at and here in _JOINTS:
                return self._joined(place, near=near)
            start = place + 1 if here == "," else place
            said = self.word(start), self.word(start + 1)
            if said[0] in (lexicon.EQUALS if place == at else _OR) or said in _WITH_SHARE:
                found = self._equal(start + 1, near=near, loose=loose)
                if found is not None or here != "adalah":  # "45 dari 120 adalah perempuan (38 persen)"
                    return found
            if self.free(place) or here in (",", ":", "dan", "and", "sedangkan"):
                break
        return None

    def _adjacent(self, at: int, *, near: bool) -> Attached | None:
        """Read "41 dari 50 aksi 82 persen"; a percent of something else is none of this pair."""
        percent, after = self.percent(at), self.word(at + 2)
        taken = after in lexicon.OF or self._among_them(at + 2)
        if percent is None or (taken and not (near and after in lexicon.OF)):
            return None
        return Attached(percent, at + 1)

    def _other(self, first: int, place: int) -> bool:
        """Tell whether a percent behind ``place`` may be of something that stands between it and the pair.

        What is said of the pair may be any words; money or a score is a thing of its own.
        """
        return any(self.word(at) in _OTHER_THINGS for at in range(first, place))

    def _joined(self, at: int, *, near: bool) -> Attached | None:
        """Read ", 82 persen", ": 82%", "| 82 %" and ", atau 82 persen"."""
        if self.word(at + 1) in lexicon.EQUALS:
            return self._equal(at + 2, near=near, loose=False)
        percent = self.percent(at + 1)
        dashed = self.word(at) in _DASHES and self.word(at + 3) in _DASHES
        if percent is None or not (dashed or self._closed(at + 3)):
            return None
        loose = self.word(at) == "," and self.word(at + 3) != ")"
        return Attached(percent, at + 2, loose)

    def _bracketed(self, at: int, *, loose: bool) -> Attached | None:
        for place in range(at, at + 7):
            if percent := self.percent(place):
                last = self._bracket_end(place + 2)
                if self.word(place + 2) in lexicon.OF or self._among_them(place + 2):
                    return None
                loose = loose or any(self._of_its_own(each) for each in range(place + 2, last))
                loose = loose or any(each in self.masks.years for each in range(at, place))
                return Attached(percent, last, loose)
            here = self.word(place)
            known = here in lexicon.PERCENT_FILLERS or here in lexicon.NEUTRAL or here in ",;:|"
            if self.free(place) or not (
                known or place in self.mentioned or (self.masks.used[place] and not here)
            ):
                return None
        return None

    def _of_its_own(self, at: int) -> bool:
        """Tell whether a word behind a percent in brackets may name what it is of: "(90 persen anggaran)"."""
        here = self.word(at)
        known = here in lexicon.NEUTRAL or here in lexicon.ROLES or here in lexicon.FOREIGN
        return self.sort(at) is Sort.WORD and not (known or at in self.mentioned)

    def _bracket_end(self, at: int) -> int:
        for end in range(at, at + 7):
            if self.word(end) in (")", "]"):
                return end
            if self.free(end) or self.stops(end):
                break
        return at - 1

    def _equal(self, at: int, *, near: bool, loose: bool) -> Attached | None:
        for place in range(at, at + 5):
            if percent := self.percent(place):
                after = self.word(place + 2)
                taken = (after in lexicon.OF and not near) or self._among_them(place + 2)
                return None if taken or after in _OTHER_THINGS else Attached(percent, place + 1, loose)
            if self.word(place) not in lexicon.PERCENT_FILLERS:
                return None
        return None

    def _among_them(self, at: int) -> bool:
        """Tell "82 persen di antaranya": a share of what was just counted."""
        return bool(self.of_them(at)) or (self.word(at), self.word(at + 1)) == ("di", "antara")

    def of_them(self, at: int) -> int:
        """Return how many words say "di antaranya", "of which", "of them"; 0 for others."""
        pair = self.word(at), self.word(at + 1)
        if pair[0] == "diantaranya":
            return 1
        among = pair[0] == "di" and pair[1].startswith("antara") and pair[1] != "antara"
        return (
            2 if among or (pair[0] == "of" and pair[1] in ("which", "whom", "them", "these", "those")) else 0
        )

    def _closed(self, at: int) -> bool:
        """Tell whether a clause may end here."""
        if self.sort(at) in (Sort.BREAK, Sort.BULLET):
            return True
        return self.word(at) in (".", ";", ",", ")", "|", "dan", "and", "pada", "in", "untuk", ":")


_DASHES = frozenset({"–", "—", "-"})
_JOINTS = frozenset({",", "|", "–", "—", ":", "-", "=", "→"})
_WITH_SHARE = frozenset({("dengan", "persentase"), ("with", "percentage")})
_OR = frozenset({"atau", "or", "setara", "equal"})
