"""Which other numbers would fit: everything that passes every test, fewest changes first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from khub.checking.model import Column, Said
from khub.checking.trials import Quotient, Recorded, Repeat, Spelled, Sum, Triple, share
from khub.errors import N_

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from decimal import Decimal

    from khub.checking.trials import Trial

MOST = 6
#: How far around the quotient numbers are tried; more would fit only where none is the one.
_TRIED = 40
_PER_PERCENT = 100


def fitting(written: Triple, trials: Sequence[Trial]) -> tuple[Triple, ...]:
    """Return the triples that pass all tests: those that change one number, else those that change more."""
    for generate in (_one_change, _more_changes):
        found: dict[Triple, None] = {}
        for triple in generate(written, trials):
            if triple != written and all(trial.cell(triple).fits for trial in trials):
                found[triple] = None
        if found:
            return tuple(found)[:MOST]
    return ()


def _one_change(written: Triple, trials: Sequence[Trial]) -> Iterator[Triple]:
    count, total, percent = written.count, written.total, written.percent
    for value in _targets(written, trials, "count"):
        yield Triple(value, total, percent)
    if percent is not None and count is not None and total:
        for value in _near(percent.value * total / 100, total / _PER_PERCENT, total):
            yield Triple(value, total, percent)
    for value in _targets(written, trials, "total"):
        yield Triple(count, value, percent)
    if percent is not None and percent.value > 0 and count is not None and total:
        middle = 100 * count / percent.value
        for value in _near(middle, float(middle / percent.value), None):
            if value > 0:
                yield Triple(count, value, percent)
    yield from _other_percents(written, trials)


def _other_percents(written: Triple, trials: Sequence[Trial]) -> Iterator[Triple]:
    count, total, percent = written.count, written.total, written.percent
    if percent is not None and count is not None and total:
        yield Triple(count, total, share(count, total, percent.digits))
    for trial in trials:
        if (
            isinstance(trial, Quotient)
            and trial.against is not None
            and percent is not None
            and trial.against.total
        ):
            yield Triple(count, total, share(trial.against.count, trial.against.total, percent.digits))


def _more_changes(written: Triple, trials: Sequence[Trial]) -> Iterator[Triple]:
    digits = written.percent.digits if written.percent else None

    def with_percent(count: int | None, total: int | None) -> Triple:
        if digits is None or count is None or not total:
            return Triple(count, total, written.percent)
        return Triple(count, total, share(count, total, digits))

    for trial in trials:
        if isinstance(trial, Recorded):
            yield with_percent(trial.known.count, written.total and trial.known.total)
        elif isinstance(trial, Repeat):
            yield with_percent(trial.count, trial.total)
    counts = [written.count, *_targets(written, trials, "count")]
    totals = [written.total, *_targets(written, trials, "total")]
    for count in counts:
        for total in totals:
            yield with_percent(count, total)


def _targets(written: Triple, trials: Sequence[Trial], column: str) -> Iterator[int]:
    """Return the values that a test asks for outright."""
    for trial in trials:
        if isinstance(trial, Sum) and trial.column == column:
            parts = sum(trial.parts)
            value = parts if trial.whole is None else trial.whole - parts
            if value >= 0:
                yield value
        elif isinstance(trial, Recorded):
            known = trial.known.count if column == "count" else trial.known.total
            if known is not None and (column == "count" or written.total is not None):
                yield known
        elif isinstance(trial, Repeat):
            yield trial.count if column == "count" else trial.total
        elif isinstance(trial, Spelled) and trial.column == column:
            yield trial.said


def _near(middle: Decimal, reach: float, most: int | None) -> Iterator[int]:
    """Yield whole numbers around ``middle``, the nearest first; beyond ``reach`` the percent is another one."""
    centre, tried = int(middle), min(_TRIED, MOST + int(reach))
    values = sorted(range(max(0, centre - tried), centre + tried + 1), key=lambda value: abs(value - middle))
    return (value for value in values if most is None or value <= most)


def columns(written: Triple, found: Sequence[Triple]) -> tuple[Column, ...]:
    """Return what is written and the candidates, each under what sets it apart."""
    every = (written, *found)
    differing = [
        part
        for part in ("count", "total", "percent")
        if any(getattr(triple, part) != getattr(written, part) for triple in found)
    ]
    return tuple(
        Column(_head(triple, differing), triple.count, triple.total, triple.percent) for triple in every
    )


def _head(triple: Triple, differing: Sequence[str]) -> Said:
    if differing == ["percent"] and triple.percent is not None:
        return Said(N_("%(percent)s persen"), {"percent": triple.percent.value})
    if differing in ([], ["count"]) and triple.count is not None:
        return Said("%(count)s", {"count": triple.count})
    if differing == ["total"] and triple.total is not None:
        return Said("%(count)s", {"count": triple.total})
    if triple.percent is None:
        return Said(N_("%(count)s dari %(total)s"), {"count": triple.count or 0, "total": triple.total or 0})
    return Said(
        N_("%(count)s dari %(total)s, %(percent)s persen"),
        {"count": triple.count or 0, "total": triple.total or 0, "percent": triple.percent.value},
    )
