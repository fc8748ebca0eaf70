"""When a figure may be held against khub's records, and what then has to be equal.

An equal figure is always told. A difference is only told where the text leaves no doubt which number is
meant; otherwise the figure stays unrecognised, with khub's number beside it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from khub import months
from khub.checking.model import Kind, Role, Said, Subject
from khub.checking.records import Known
from khub.checking.trials import Quotient, Recorded, Trial
from khub.errors import N_

if TYPE_CHECKING:
    from khub.checking.context import Placed
    from khub.checking.records import Records

_DEFAULT = {
    Subject.ACTION.value: Role.COMMITTED,
    Subject.INSTITUTION.value: Role.INVOLVED,
    "": Role.COMMITTED,
}


def recorded(placed: Placed, records: Records) -> tuple[Trial | None, Said | None]:
    """Return the test against the records, or what khub knows where the text is in doubt, or neither."""
    known, year = _known(placed, records)
    if known is None:
        return None, None
    if placed.found.kind is Kind.PERCENT:
        return _percent(placed, known)
    if _equal(placed, known) or (not placed.lost and _certain(placed, known, records, year)):
        return Recorded(known), None
    doubtful = placed.role and not placed.foreign and not placed.lost
    return None, (_aside(known) if doubtful else None)


def _known(placed: Placed, records: Records) -> tuple[Known | None, int]:
    """Return the number of khub that a figure may mean, with its year."""
    kind = placed.found.kind
    role = Role(placed.role) if placed.role else _DEFAULT.get(placed.subject)
    year = placed.years[0] if placed.years else records.year
    elsewhere = placed.branch is not None and placed.branch.label != records.branch_label
    if kind not in (Kind.RATIO, Kind.COUNT, Kind.PERCENT) or len(placed.years) > 1 or elsewhere:
        return None, year
    branch = placed.branch.code if placed.branch else None
    if role is Role.ON_TABLE and kind is Kind.RATIO:
        return _of_plan(records, year, branch), year
    if role is None or (kind is Kind.RATIO and role is Role.IN_PLAN):
        return None, year
    return records.number(role, year=year, branch=branch, period=period_name(placed, year)), year


def _of_plan(records: Records, year: int, branch: str | None) -> Known | None:
    """Return how many actions of the plan are on the table of a year."""
    listed, planned = (
        records.number(role, year=year, branch=branch) for role in (Role.ON_TABLE, Role.IN_PLAN)
    )
    return Known(listed.count, planned.count) if listed is not None and planned is not None else None


def period_name(placed: Placed, year: int) -> str:
    """Return the period that a figure's sentence names, "Januari–Oktober 2023"; "" for none."""
    if placed.period is None:
        return ""
    return months.span(*placed.period, year)


def _aside(known: Known) -> Said:
    if known.total is None:
        return Said(
            N_("Catatan khub: %(count)s. Apakah itu yang dimaksud, belum pasti."), {"count": known.count}
        )
    return Said(
        N_("Catatan khub: %(count)s dari %(total)s. Apakah itu yang dimaksud, belum pasti."),
        {"count": known.count, "total": known.total},
    )


def _percent(placed: Placed, known: Known) -> tuple[Trial | None, Said | None]:
    """Hold "82 persen dari 50 aksi berkomitmen" against the pair in the records."""
    found = placed.found
    fits = found.total is not None and found.total == known.total and not found.hedge.startswith("appro")
    if fits and placed.own and placed.sure and not (placed.foreign or placed.lost or _elsewhen(placed)):
        return Quotient(found.total or 0, known, name="records"), None
    return None, None


def _equal(placed: Placed, known: Known) -> bool:
    found = placed.found
    meant = placed.role or placed.sure  # without a role, nothing may speak of something else
    if placed.foreign or not meant or found.count != known.count:
        return False
    if found.kind is Kind.COUNT:
        return bool(placed.role) and placed.sure and (placed.own or placed.branch is not None)
    return found.total == known.total


def _elsewhen(placed: Placed) -> bool:
    return placed.timed or bool(placed.dates)


def _other_day(placed: Placed, records: Records) -> bool:
    """Tell whether the text speaks of another day than the records' own."""
    if placed.dates:
        year, month, day = records.day
        return placed.dates != ((day, month),) or (bool(placed.years) and placed.years != (year,))
    if placed.period is not None:
        return placed.period[1] != records.day[1]
    return placed.timed


def _certain(placed: Placed, known: Known, records: Records, year: int) -> bool:
    found = placed.found
    if not placed.role or placed.foreign or not (placed.sure and placed.plain) or _other_day(placed, records):
        return False
    named = placed.branch is not None or placed.whole or placed.totalled
    if found.kind is Kind.COUNT or known.total is None:
        return placed.own and named and not placed.unit
    if found.total == known.total:
        return True
    if found.total in _denominators(records, year):
        return False
    if found.count == known.count:
        return named
    return placed.own and named and placed.branch is not None and bool(placed.years) and not placed.unit


def _denominators(records: Records, year: int) -> set[int]:
    """Return the numbers of the whole plan: "41 dari 64 aksi berkomitmen" is a share of one of them."""
    found = set()
    for role in (Role.IN_PLAN, Role.ON_TABLE, Role.COMMITTED, Role.INVOLVED):
        known = records.number(role, year=year)
        if known is not None:
            found |= {known.count, known.total or known.count}
    return found
