"""Parts and total within one sentence, without branches: "1.250 orang, terdiri atas 750 guru dan 500 dosen".

Only a closed list counts ("A, B, dan C"), of things that are of the total's own kind, and only behind words that say
that the list is all of it; what is merely among it ("antara lain", "termasuk") never adds up.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from khub.checking import lexicon
from khub.checking.masks import Masks, word
from khub.checking.model import Kind, Subject
from khub.checking.sums import Group
from khub.checking.tokens import Sort

if TYPE_CHECKING:
    from collections.abc import Sequence

    from khub.checking.context import Placed
    from khub.checking.tokens import Token

_BEFORE_NUMBER = frozenset({"sebanyak", "sejumlah", "a", "total"})
_TOTALLED = frozenset({"total", "totalnya", "jumlahnya", "totalling", "totaling", "seluruhnya"})
_LEADS = frozenset({",", "dengan", "sehingga", "maka", "for", "a", "in", "jumlah", "dan", "with"})

_MOST_PARTS = 20


def groups(placed: Sequence[Placed], tokens: Sequence[Token], masks: Masks) -> list[Group]:
    """Return what each sentence says is made of what."""
    by_sentence: dict[int, list[int]] = {}
    for index, each in enumerate(placed):
        by_sentence.setdefault(each.sentence, []).append(index)
    reader = _Sentence(placed, tokens, masks)
    return [group for members in by_sentence.values() for group in reader.groups(members)]


class _Sentence:
    def __init__(self, placed: Sequence[Placed], tokens: Sequence[Token], masks: Masks) -> None:
        self.placed, self.tokens, self.masks = placed, tokens, masks
        self._joints: dict[tuple[int, int, bool], str] = {}

    def groups(self, members: Sequence[int]) -> list[Group]:
        out: list[Group] = []
        at = 0
        while at < len(members):
            before = at and self._announces(members[at - 1], members[at])
            run = self._list(members[at : at + _MOST_PARTS], strict=bool(before))
            behind = at + len(run)
            total: int | None = None
            if len(run) > 1 and before:
                total = members[at - 1]
            elif len(run) > 1 and behind < len(members) and self._totals(run[-1], members[behind]):
                total = members[behind]
            if total is not None and self._adds(run, total):
                out.append(Group(tuple(run), total, "count", sure=True))
            at += max(1, len(run))
        return out

    def _list(self, members: Sequence[int], *, strict: bool) -> list[int]:
        """Return the closed list that begins with the first of ``members``: "A, B, dan C" and nothing more.

        ``strict``: words between its items stand before the comma, never behind it.
        """
        run = [members[0]] if self._counts(members[0]) else []
        closed = False
        for previous, index in itertools.pairwise(members):
            joint = self._joint_of(previous, index, strict=strict) if run else ""
            like = (
                bool(joint)
                and self._counts(index)
                and _kind(self.placed[index]) == _kind(self.placed[run[0]])
            )
            if closed and like:
                return run if not strict and self._totals(previous, index) else []
            if closed or not like:
                break
            run.append(index)
            closed = joint != ","
        return run if closed else []

    def _counts(self, index: int) -> bool:
        found = self.placed[index].found
        return found.kind is Kind.COUNT and found.count is not None and not found.hedge

    def _joint_of(self, previous: int, index: int, *, strict: bool) -> str:
        """Return ``_joint``, read once: in a long list every figure begins a list that is looked at."""
        key = (previous, index, strict)
        if key not in self._joints:
            self._joints[key] = self._joint(previous, index, strict=strict)
        return self._joints[key]

    def _joint(self, previous: int, index: int, *, strict: bool) -> str:
        """Return what joins two figures of a list: ",", "dan", or "" where they are not joined."""
        last, first = self.placed[previous].found.last, self.placed[index].found.first
        begins = last + 1
        behind = begins + 1 if word(self.tokens, begins) in (",", ";") else begins
        if not strict and not any(map(self._parts_from, range(begins, first))):
            if word(self.tokens, behind) in lexicon.JOINS:
                return "dan"
            if behind > begins:
                return ","
        at = first - 1
        while word(self.tokens, at) in _BEFORE_NUMBER:
            at -= 1
        here = word(self.tokens, at)
        between = range(self.placed[previous].found.last + 1, at)
        if here not in lexicon.JOINS and here not in (",", ";"):
            return ""
        if any(self._parts_from(each) for each in between):
            return ""
        return "," if here in (",", ";") else "dan"

    def _parts_from(self, at: int) -> bool:
        """Tell whether a word or number makes something else of what stands around it."""
        token = self.tokens[at]
        free = token.sort is Sort.NUMBER and not self.masks.used[at]
        return (
            free
            or token.sort is Sort.PERCENT
            or token.word in lexicon.SOME_OF_IT
            or token.word in lexicon.ALL_OF_IT
        )

    def _gap(self, before: int, behind: int) -> range:
        return range(self.placed[before].found.last + 1, self.placed[behind].found.first)

    def _announces(self, whole: int, part: int) -> bool:
        """Tell ", yang terdiri atas", ": " and "(" between a total and its first part."""
        if not self._counts(whole):
            return False
        gap = self._gap(whole, part)
        words = [word(self.tokens, at) for at in gap]
        plain = not any(
            (self.tokens[at].sort is Sort.NUMBER and not self.masks.used[at])
            or self.tokens[at].sort is Sort.PERCENT
            or self.tokens[at].word in lexicon.SOME_OF_IT
            for at in gap
        )
        opened = words[:1] in (["("], [":"]) and len(words) == 1
        return plain and (opened or any(each in lexicon.ALL_OF_IT for each in words))

    def _totals(self, part: int, whole: int) -> bool:
        """Tell ", sehingga totalnya" and ", dengan total" from "dari total"."""
        words = [word(self.tokens, at) for at in self._gap(part, whole)] if self._counts(whole) else []
        totals = [at for at, each in enumerate(words) if each in _TOTALLED]
        return bool(totals) and totals[0] > 0 and words[totals[0] - 1] in _LEADS

    def _adds(self, run: Sequence[int], total: int) -> bool:
        """Tell whether such parts can make up such a whole."""
        whole = self.placed[total]
        parts = [self.placed[index] for index in run]
        kinds = {_kind(each) for each in parts}
        if kinds - {_kind(whole)} or _kind(whole) == "":
            return False
        keys = [_key(each) for each in parts]
        if _kind(whole) == Subject.INSTITUTION.value and len(set(keys)) < len(keys):
            return False  # one ministry may stand in several parts, unless these are kinds of it
        sexes = {_key(each) in lexicon.SEXES for each in parts}
        return len(sexes) == 1


def _key(placed: Placed) -> str:
    return placed.found.noun.key if placed.found.noun else placed.subject


def _kind(placed: Placed) -> str:
    """Return the class of what is counted; ministries and agencies are one."""
    key = _key(placed)
    if key in lexicon.LIKE_INSTITUTIONS or key == Subject.INSTITUTION.value:
        return Subject.INSTITUTION.value
    return lexicon.CLASSES.get(key, key)
