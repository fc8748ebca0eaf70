"""What each figure is said of: subject, role, branch, year, and how sure that is.

Words count for a figure only in its own window: from the separator before it to the separator behind it.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from khub.checking import lexicon
from khub.checking.masks import Mention, word
from khub.checking.nouns import noun
from khub.checking.passages import bounds, over_all, places
from khub.checking.roles import fitting, speaks_of_new, spoken
from khub.checking.tokens import Sort

if TYPE_CHECKING:
    from collections.abc import Sequence

    from khub.checking.found import Found
    from khub.checking.masks import Masks
    from khub.checking.model import Branch
    from khub.checking.tokens import Token

_SEPARATORS = frozenset(
    {
        ",",
        ";",
        ":",
        "–",
        "—",
        "|",
        "dan",
        "and",
        "serta",
        "sedangkan",
        "sementara",
        "while",
        "whereas",
        "adapun",
    }
)
_VERBS = ("me", "ber", "ter", "di")
_SHORT = 4


@dataclass(frozen=True, slots=True)
class Placed:
    """A figure with its context.

    ``own``: its role stands in its own window; ``sure``: no verb near it says something else; ``plain``: no unknown word
    stands in its clause at all.
    ``foreign``: it is said of something that khub has no number for. ``whole``: of all branches together.
    ``lost``: the branch cannot be told. ``timed``: at another day than the records'. ``unit``: some K/L or
    place is named near it. ``composed``: its parts are announced behind it. ``spread``: one of a row over all
    branches, which does not say whose it is.
    """

    found: Found
    sentence: int
    passage: int
    subject: str
    role: str
    own: bool
    sure: bool
    plain: bool
    foreign: bool
    branch: Branch | None
    whole: bool
    lost: bool
    years: tuple[int, ...]
    dates: tuple[tuple[int, int], ...]
    period: tuple[int, int] | None
    timed: bool
    unit: bool
    composed: bool
    totalled: bool
    spread: bool


@dataclass(frozen=True, slots=True)
class _Window:
    head: range
    tail: range
    inside: list[int]

    def all(self) -> list[int]:
        return [*self.head, *self.inside, *self.tail]


def place(
    text: str, tokens: Sequence[Token], masks: Masks, figures: Sequence[Found], known: frozenset[str]
) -> list[Placed]:
    """Return the figures with what they are said of. ``known``: folded words of the branches' names."""
    return _Context(text, tokens, masks, figures, known).placed()


class _Context:
    def __init__(
        self,
        text: str,
        tokens: Sequence[Token],
        masks: Masks,
        figures: Sequence[Found],
        known: frozenset[str],
    ) -> None:
        self.text, self.tokens, self.masks, self.figures, self.known = text, tokens, masks, figures, known
        self.sentences, self.passages = bounds(tokens)
        self.sentence_of = places(self.sentences, len(tokens))
        self.passage_of = places(self.passages, len(tokens))
        self.mention_at = {
            place: mention for mention in masks.mentions for place in range(mention.first, mention.last + 1)
        }

    def placed(self) -> list[Placed]:
        groups: dict[int, list[int]] = {}
        for index, found in enumerate(self.figures):
            groups.setdefault(self.sentence_of[found.first], []).append(index)
        out: dict[int, Placed] = {}
        for sentence, members in groups.items():
            windows = self._windows(sentence, members)
            branches = self._branches(sentence, members, windows)
            facts = self._sentence_facts(sentence)
            for index, window, (branch, lost) in zip(members, windows, branches, strict=True):
                out[index] = self._place(index, sentence, window, branch, facts, lost=lost)
        return self._inherit([out[index] for index in range(len(self.figures))])

    # --- windows -----------------------------------------------------------------------------------

    def _windows(self, sentence: int, members: Sequence[int]) -> list[_Window]:
        bound = self.sentences[sentence]
        out: list[_Window] = []
        head_from = bound.start
        for order, index in enumerate(members):
            found = self.figures[index]
            later = self.figures[members[order + 1]].first if order + 1 < len(members) else bound.stop
            cut = next(
                (at for at in range(found.last + 1, later) if self.tokens[at].word in _SEPARATORS), None
            )
            stop = later if cut is None else cut
            inside = [at for at in range(found.first, found.last + 1) if self.tokens[at].sort is Sort.WORD]
            if found.apart is not None:
                inside = [at for at in inside if at >= found.apart]
            out.append(_Window(range(head_from, found.first), range(found.last + 1, stop), inside))
            head_from = stop
        return self._of_rows(members, out)

    def _of_rows(self, members: Sequence[int], windows: list[_Window]) -> list[_Window]:
        """Give every figure of a row what stands before its first and behind its last one."""
        out = list(windows)
        rows: dict[int, list[int]] = {}
        for place, index in enumerate(members):
            if (row := self.figures[index].row) is not None:
                rows.setdefault(row, []).append(place)
        for row_places in rows.values():
            inside = [at for place in row_places for at in windows[place].inside]
            whole = _Window(windows[row_places[0]].head, windows[row_places[-1]].tail, inside)
            for place in row_places:
                out[place] = whole
        return out

    # --- branches ----------------------------------------------------------------------------------

    def _branches(
        self, sentence: int, members: Sequence[int], windows: Sequence[_Window]
    ) -> list[tuple[Branch | None, bool]]:
        """Give each figure of a sentence its branch: all named before them, all behind, or clause by clause."""
        bound = self.sentences[sentence]
        firsts = [self.figures[index].first for index in members]
        lasts = [self.figures[index].last for index in members]
        inside = [self._mentions(range(first, last + 1)) for first, last in zip(firsts, lasts, strict=True)]
        starts = [bound.start, *(last + 1 for last in lasts)]
        ends = [*firsts, bound.stop]
        gaps = [self._mentions(range(start, end)) for start, end in zip(starts, ends, strict=True)]
        before = bool(gaps[0])
        behind = any(mention.first in windows[-1].tail for mention in gaps[-1])
        several = len(members) > 1 and len(gaps) > 1 and any(gaps[1:-1])
        shared = self._shared_out(members, gaps, bound)
        out: list[tuple[Branch | None, bool]] = []
        seen = False
        for order, window in enumerate(windows):
            if order in shared:
                out.append((shared[order], False))
                seen = True
                continue
            if inside[order]:
                near = inside[order]
            elif several and before and not behind:
                near = gaps[order][-1:]
            elif several and behind and not before:
                near = gaps[order + 1][:1]
            else:
                tail = [mention for mention in gaps[order + 1] if mention.first in window.tail]
                head = [mention for mention in gaps[order] if mention.first in window.head]
                near = tail or head[-1:]
                if tail and head and not seen:
                    near = [*head[-1:], *tail]
            out.append(self._one(near, lost=seen and not near))
            seen = seen or bool(gaps[order] or inside[order])
        return out

    def _shared_out(
        self, members: Sequence[int], gaps: Sequence[list[Mention]], bound: range
    ) -> dict[int, Branch]:
        """Read "Pilar 1, 2, dan 3 masing-masing 41, 12, dan 11": to each branch its figure, in their order."""
        if not any(word(self.tokens, at) in lexicon.SHARES_OUT for at in bound):
            return {}
        out: dict[int, Branch] = {}
        first = 0
        while first < len(members):
            last = next((at for at in range(first + 1, len(members)) if gaps[at]), len(members))
            before, behind = (
                [branch for mention in gaps[gap] for branch in mention.listed] for gap in (first, last)
            )
            if 1 < len(before) <= last - first:
                out.update(zip(range(first, first + len(before)), before, strict=True))
            elif 1 < len(behind) <= last - first:
                out.update(zip(range(last - len(behind), last), behind, strict=True))
            first = last
        return out

    def _mentions(self, bound: range) -> list[Mention]:
        out: list[Mention] = []
        for at in bound:
            mention = self.mention_at.get(at)
            if mention is not None and (not out or out[-1] != mention):
                out.append(mention)
        return out

    @staticmethod
    def _one(near: Sequence[Mention], *, lost: bool) -> tuple[Branch | None, bool]:
        named = {mention.branch for mention in near if not mention.whole}
        if not named:
            return None, lost
        if len(named) == 1:
            branch = named.pop()
            return branch, branch is None
        finer = [branch for branch in named if branch is not None and branch.label == "fokus"]
        return (finer[0], False) if len(finer) == 1 else (None, True)

    # --- what is said ------------------------------------------------------------------------------

    def _sentence_facts(
        self, sentence: int
    ) -> tuple[dict[int, int], tuple[tuple[int, int], ...], tuple[int, int] | None, bool]:
        """Return years (with where each is first named), (day, month) dates, the period, whether a K/L is named."""
        bound = self.sentences[sentence]
        years: dict[int, int] = {}
        dates, months, unit = [], [], False
        for at in bound:
            token = self.tokens[at]
            if at in self.masks.years:
                years.setdefault(self.masks.years[at], at)
            if at in self.masks.dated:
                month = (
                    word(self.tokens, at + 1)
                    if word(self.tokens, at + 1) in lexicon.MONTHS
                    else word(self.tokens, at - 1)
                )
                dates.append((token.whole or 0, lexicon.MONTHS[month]))
            elif token.word in lexicon.MONTHS and token.capital:
                months.append((at, lexicon.MONTHS[token.word]))
            unit = unit or (token.sort is Sort.WORD and self._names_unit(at))
        joined = len(months) == 2 and months[1][0] - months[0][0] <= _SHORT  # noqa: PLR2004
        period = (months[0][1], months[1][1]) if joined and not dates else None
        return years, tuple(dates), period, unit

    def _names_unit(self, at: int) -> bool:
        token = self.tokens[at]
        if token.word in lexicon.NOT_UNITS or at in self.mention_at:
            return False
        written = self.text[token.start : token.end]
        if written.isupper() and len(written) > 2:  # noqa: PLR2004 - an acronym
            return True
        if not (token.capital and token.word.startswith(lexicon.UNIT_STARTS)):
            return False
        named = at + 1 < len(self.tokens) and self.tokens[at + 1].capital
        return token.word not in lexicon.SUBJECTS or named

    def _place(
        self,
        index: int,
        sentence: int,
        window: _Window,
        branch: Branch | None,
        facts: tuple[dict[int, int], tuple[tuple[int, int], ...], tuple[int, int] | None, bool],
        *,
        lost: bool,
    ) -> Placed:
        found = self.figures[index]
        words = [word(self.tokens, at) for at in window.all()]
        roles = spoken(words)
        subject = self._subject(found, window)
        role = fitting(roles, subject)
        mentions = self._mentions(range(window.head.start, window.tail.stop))
        told = any(mention.whole for mention in mentions)
        spread = branch is None and over_all(
            self.figures, index, self.sentences[sentence].start, self.mention_at
        )
        whole = told and found.row is None
        totalled = any(each in lexicon.TOTALS for each in words) or whole
        years, dates, period, unit = facts
        moved = any(
            word(self.tokens, at) in lexicon.TIME_MOVES and self.tokens[at].sort is Sort.WORD
            for at in window.all()
            if not (period and word(self.tokens, at) in {*lexicon.MONTHS, "hingga", "sampai", "until", "to"})
        )
        strange = any(self._strange(at) for at in (*window.inside, *window.tail))
        return Placed(
            found=found,
            sentence=sentence,
            passage=self.passage_of[found.first],
            subject=subject,
            role=role,
            own=bool(role),
            sure=not strange and (bool(role) or not roles),
            plain=not self._holds_unknown(window),
            foreign=speaks_of_new(words)
            or any(each in lexicon.FOREIGN for each in words)
            or (bool(roles) and not role),
            branch=branch,
            whole=whole,
            lost=lost or spread,
            years=self._window_years(window) or self._years_of(index, sentence, window, years),
            dates=dates,
            period=period,
            timed=moved,
            unit=unit,
            composed=self._composed(window),
            totalled=totalled and not spread,
            spread=spread,
        )

    def _window_years(self, window: _Window) -> tuple[int, ...]:
        """Return the one year named right beside a figure, where its sentence names several."""
        places = (at for at in (*window.head, *window.tail) if at in self.masks.years)
        near = dict.fromkeys(self.masks.years[at] for at in places)
        return tuple(near) if len(near) == 1 else ()

    def _years_of(self, index: int, sentence: int, window: _Window, years: dict[int, int]) -> tuple[int, ...]:
        """Return the years that a figure without one of its own may be of.

        A year behind the figure's clause is the next figure's, where there is one.
        """
        if not years:
            return self._passage_years[self.passage_of[self.figures[index].first]]
        bound = self.sentences[sentence]
        last = index + 1 == len(self.figures) or self.figures[index + 1].first not in bound
        reach = bound.stop if last else window.tail.stop
        return tuple(year for year, at in years.items() if at < reach)

    @functools.cached_property
    def _passage_years(self) -> list[tuple[int, ...]]:
        return [
            tuple(dict.fromkeys(self.masks.years[at] for at in bound if at in self.masks.years))
            for bound in self.passages
        ]

    def _subject(self, found: Found, window: _Window) -> str:
        if found.noun is not None:
            return found.noun.key
        for at in reversed(window.head[-_NEAR:]):
            thing = noun(self.tokens, at)
            if thing is not None and thing.core and self.tokens[at].sort is Sort.WORD and not thing.adjective:
                return thing.key
        for at in window.tail[:_SHORT]:
            thing = noun(self.tokens, at)
            if thing is not None and thing.core and not thing.adjective:
                return thing.key
        return ""

    def _strange(self, at: int) -> bool:
        """Tell whether a word may say something of its own about the figure."""
        token = self.tokens[at]
        here = token.word
        if token.sort is not Sort.WORD or self._is_known(at) or here in lexicon.CARRIERS:
            return False
        verb = here.startswith(_VERBS) and len(here) > _SHORT
        return verb or (here.endswith(("ed", "ing")) and len(here) > _SHORT)

    def _holds_unknown(self, window: _Window) -> bool:
        """Tell whether the clause behind a figure has a word that is not known, or another number."""
        named = False
        for at in (*window.inside, *window.tail):
            token = self.tokens[at]
            named = named or at in self.mention_at
            if token.sort is Sort.NUMBER and not self.masks.used[at]:
                return True
            plain = (
                token.word in lexicon.CARRIERS or token.word in lexicon.MONTHS or (named and token.capital)
            )
            other = token.word in lexicon.TIME_MOVES or token.word in lexicon.OF_QUALIFIERS
            if token.sort is Sort.WORD and not (plain or other or self._is_known(at)):
                return True
        return False

    def _is_known(self, at: int) -> bool:
        here = self.tokens[at].word
        said = here in lexicon.NEUTRAL or here in lexicon.ROLES or here in lexicon.TOTALS
        thing = here in lexicon.SUBJECTS or here in lexicon.LIKE_INSTITUTIONS
        return said or thing or here in self.known or at in self.mention_at

    def _composed(self, window: _Window) -> bool:
        tail = window.tail
        behind = [word(self.tokens, at) for at in range(tail.start, min(tail.stop + 4, len(self.tokens)))]
        return ":" in behind or "(" in behind or any(each in lexicon.COMPOSED for each in behind)

    def _inherit(self, placed: list[Placed]) -> list[Placed]:
        """Give figures without a role of their own the only role that their passage speaks of."""
        roles: dict[tuple[int, str], set[str]] = {}
        for each in placed:
            if each.own and not each.foreign:
                roles.setdefault((each.passage, each.subject), set()).add(each.role)
        out = []
        for each in placed:
            said = roles.get((each.passage, each.subject), set())
            takes = not each.own and not each.foreign and each.sure and len(said) == 1 and bool(each.subject)
            out.append(replace(each, role=next(iter(said))) if takes else each)
        return out


_NEAR = 12
