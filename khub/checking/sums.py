"""Parts and their total within a passage: which figures belong together, and who is at fault when they do not add up."""

from __future__ import annotations

import bisect
from dataclasses import dataclass
from typing import TYPE_CHECKING

from khub.checking.model import Kind, Subject
from khub.checking.trials import Sum, Triple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from khub.checking.context import Placed
    from khub.checking.trials import Trial

#: Things of which each belongs to one branch only; K/L may work in several, so they never add up.
_ADDITIVE = frozenset({Subject.ACTION.value, Subject.REPORT.value, Subject.OUTPUT.value, ""})
_MOST_PARTS = 20


@dataclass(frozen=True, slots=True)
class Group:
    """Indices of parts and of their total. ``sure``: all are said of the same thing."""

    parts: tuple[int, ...]
    total: int
    column: str
    sure: bool

    @property
    def members(self) -> tuple[int, ...]:
        """Return parts and total."""
        return (*self.parts, self.total)


def value(triple: Triple, column: str) -> int | None:
    """Return n or N."""
    return triple.count if column == "count" else triple.total


def groups(placed: Sequence[Placed], branches: int | None) -> list[Group]:
    """Return what has to add up. ``branches``: how many the plan has, when records tell."""
    by_passage: dict[int, list[int]] = {}
    for index, each in enumerate(placed):
        if _usable(each):
            by_passage.setdefault(each.passage, []).append(index)
    out: list[Group] = []
    for members in by_passage.values():
        wholes = _Wholes(placed, members)
        for parts in _runs(placed, members):
            out.extend(_with_total(placed, parts, wholes, branches))
    return out


def _usable(each: Placed) -> bool:
    kind = each.found.kind in (Kind.RATIO, Kind.COUNT)
    return kind and not each.found.hedge and each.found.count is not None and each.subject in _ADDITIVE


def _runs(placed: Sequence[Placed], members: Sequence[int]) -> list[list[int]]:
    """Return runs of figures of one kind and subject: with distinct branches of one label, or a row over all."""
    spread: dict[int | None, list[int]] = {}
    for index in members:
        if placed[index].spread:
            spread.setdefault(placed[index].found.row, []).append(index)
    runs: list[list[int]] = []
    run: list[int] = []
    for index in members:
        each = placed[index]
        if each.branch is None or each.whole:
            continue
        if run:
            last = placed[run[-1]]
            same = (
                each.found.kind is last.found.kind
                and _like(each.subject, last.subject)
                and last.branch is not None
                and each.branch.label == last.branch.label
                and all(each.branch != placed[other].branch for other in run)
                and each.years == last.years
                and len(run) < _MOST_PARTS
            )
            if not same:
                runs.append(run)
                run = []
        run.append(index)
    runs += [run, *spread.values()]
    return [run for run in runs if len(run) > 1]


def _like(first: str, second: str) -> bool:
    return first == second or not first or not second


class _Wholes:
    """The figures of a passage that may be a total, so kept that a run finds its nearest without looking at all."""

    def __init__(self, placed: Sequence[Placed], members: Sequence[int]) -> None:
        self._of: dict[tuple[int, ...], dict[tuple[str, str], list[int]]] = {}
        for index in members:
            each = placed[index]
            if each.branch is None and not each.spread:
                alike = self._of.setdefault(each.years, {})
                alike.setdefault((each.subject, each.role), []).append(index)

    def nearest(self, part: Placed, first: int, last: int) -> list[int]:
        """Return up to ``_MOST_PARTS`` that may be the total of such parts from ``first`` to ``last``."""
        found: list[int] = []
        for (subject, role), indices in self._of.get(part.years, {}).items():
            if _like(subject, part.subject) and _like(role, part.role):
                begins, ends = bisect.bisect(indices, first), bisect.bisect(indices, last)
                found += indices[max(0, begins - _MOST_PARTS) : ends + _MOST_PARTS]
        found.sort(key=lambda index: (min(abs(index - first), abs(index - last)), index))
        return found[:_MOST_PARTS]


def _with_total(
    placed: Sequence[Placed], parts: list[int], wholes: _Wholes, branches: int | None
) -> list[Group]:
    pairs = placed[parts[0]].found.kind is Kind.RATIO
    counts = sum(placed[index].found.count or 0 for index in parts)
    totals = sum(placed[index].found.total or 0 for index in parts)
    best: list[Group] = []
    for index in wholes.nearest(placed[parts[0]], parts[0], parts[-1]):
        whole = placed[index]
        sure = _one_thing(placed, parts, whole)
        if pairs and whole.found.total is not None:
            if whole.found.total == totals:
                return [Group(tuple(parts), index, column, sure) for column in ("count", "total")]
            if whole.found.count == counts:
                announced = sure and _complete(placed, parts, whole, branches)
                best = best or [Group(tuple(parts), index, "count", sure=True)]
                if announced:
                    best = [*best, Group(tuple(parts), index, "total", sure=True)]
                continue
        if whole.found.count == counts and _announced(whole, placed, parts):
            best = best or [Group(tuple(parts), index, "count", sure=True)]
            continue
        too_many = counts > (whole.found.count or 0)
        complete = _complete(placed, parts, whole, branches)
        if not best and sure and _announced(whole, placed, parts) and (too_many or complete):
            best = [Group(tuple(parts), index, "count", sure=complete or too_many)]
    return best


def _announced(whole: Placed, placed: Sequence[Placed], parts: Sequence[int]) -> bool:
    """Tell whether the text calls it the total of these, or says that what follows composes it."""
    return whole.totalled or (whole.composed and whole.found.first < placed[parts[0]].found.first)


def _complete(placed: Sequence[Placed], parts: Sequence[int], whole: Placed, branches: int | None) -> bool:
    if branches is not None and (placed[parts[0]].branch is not None or placed[parts[0]].spread):
        return len(parts) == branches
    before = whole.found.first < placed[parts[0]].found.first
    return whole.composed and before and placed[parts[0]].sentence - whole.sentence <= 1


def _one_thing(placed: Sequence[Placed], parts: Sequence[int], whole: Placed) -> bool:
    every = [whole, *(placed[index] for index in parts)]
    if any(each.foreign != whole.foreign for each in every):
        return False
    if whole.foreign:
        return False
    roles = {each.role for each in every if each.role}
    return len(roles) <= 1 and all(each.sure for each in every)


def settle(
    found: Sequence[Group], written: Sequence[Triple], trials: Sequence[list[Trial]], pinned: Sequence[bool]
) -> None:
    """Add to ``trials`` what each group asks of its members.

    Where it does not add up, those are at fault whom one change would bring to fit everything, first
    among them who fails another test already. ``pinned``: khub's records confirm the figure.
    """
    failing = [
        not all(trial.cell(triple).fits for trial in own) for own, triple in zip(trials, written, strict=True)
    ]
    for group in found:
        values = [value(written[index], group.column) for index in group.parts]
        whole = value(written[group.total], group.column)
        if whole is None or None in values:
            continue
        parts = [each for each in values if each is not None]
        if sum(parts) == whole:
            _add(group, parts, whole, trials, group.members)
            continue
        at_fault = _at_fault(group, parts, whole, written, trials, failing)
        if not at_fault:
            if group.sure:
                _add(group, parts, whole, trials, [index for index in group.members if not pinned[index]])
            continue
        if not group.sure and not any(failing[index] for index in at_fault):
            continue
        _add(group, parts, whole, trials, at_fault)
        if len(at_fault) == 1:
            right_parts, right_whole = _righted(group, parts, whole, at_fault[0])
            rest = [index for index in group.members if index != at_fault[0]]
            _add(group, right_parts, right_whole, trials, rest)


def _at_fault(
    group: Group,
    parts: list[int],
    whole: int,
    written: Sequence[Triple],
    trials: Sequence[list[Trial]],
    failing: Sequence[bool],
) -> list[int]:
    able: list[int] = []
    for index in group.members:
        right_parts, right_whole = _righted(group, parts, whole, index)
        right = right_whole if index == group.total else right_parts[group.parts.index(index)]
        if right < 0:
            continue
        triple = written[index]
        changed = (
            Triple(right, triple.total, triple.percent)
            if group.column == "count"
            else Triple(triple.count, right, triple.percent)
        )
        if all(trial.cell(changed).fits for trial in trials[index]):
            able.append(index)
    worse = [index for index in able if failing[index]]
    return worse or able


def _righted(group: Group, parts: list[int], whole: int, index: int) -> tuple[list[int], int]:
    if index == group.total:
        return parts, sum(parts)
    place = group.parts.index(index)
    right = whole - (sum(parts) - parts[place])
    return [*parts[:place], right, *parts[place + 1 :]], whole


def _add(
    group: Group, parts: list[int], whole: int, trials: Sequence[list[Trial]], members: Sequence[int]
) -> None:
    for index in members:
        if index == group.total:
            trials[index].append(Sum(group.column, tuple(parts), None))
        else:
            place = group.parts.index(index)
            others = (*parts[:place], *parts[place + 1 :])
            trials[index].append(Sum(group.column, others, whole, place))
