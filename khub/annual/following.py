"""The chapters of a draft follow its plan: new, renamed and moved actions, fokus and pilar.

A frozen edition has its own words and is never touched. What was written about something that is no longer on
the table stays where it stood, under its last name with a remark, until somebody takes it out.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from khub.annual.models import AnnualSection
    from khub.annual.outline import Planned

#: Kinds of sections that are named after something in the plan.
_OF_PLAN = frozenset({"branch", "focus", "action"})
_GONE = " (tidak lagi dalam daftar)"


@dataclass(frozen=True, slots=True)
class SectionRow:
    """A section as it stands now. ``id`` 0: new in the plan and not stored yet; ``gone``: no longer in it."""

    id: int
    key: str
    level: int
    number: str
    kind: str
    branch: str
    title: str
    gone: bool = False
    planned: Planned | None = None


def follow(
    stored: Sequence[AnnualSection], planned: Sequence[Planned], kept: Collection[int]
) -> tuple[SectionRow, ...]:
    """Return the sections in the order of the plan as it is now.

    ``kept``: ids of sections that were written in; what left the plan unwritten is left out. A section follows
    its action through a new title or a new code, not through both at once.
    """
    if not any(each.kind in _OF_PLAN for each in planned):
        return tuple(_as_stored(each) for each in stored)  # a date before the table was: nothing to follow
    its = _matched(stored, planned)
    rows = [_as_planned(its.get(place), each) for place, each in enumerate(planned)]
    here = {each.id for each in its.values()}
    for place, section in enumerate(stored):
        if section.id not in here and section.id in kept:
            above = [each.id for each in stored[:place] if each.level < section.level]
            _insert(rows, section, above)
    return tuple(rows)


def _matched(stored: Sequence[AnnualSection], planned: Sequence[Planned]) -> dict[int, AnnualSection]:
    """Return place in the plan → stored section: of the same name first, then of the same code."""
    rest = {each.id: each for each in stored}
    found: dict[int, AnnualSection] = {}
    for name in (_whole, _name, _key):
        once = Counter(name(each) for each in planned)
        of = {name(each): each for each in rest.values()}
        several = Counter(name(each) for each in rest.values())
        for place, each in enumerate(planned):
            section = of.get(name(each))
            if place not in found and section is not None and once[name(each)] == several[name(each)] == 1:
                found[place] = section
                del rest[section.id]
    return found


def _whole(section: AnnualSection | Planned) -> tuple[str, ...]:
    return section.kind, section.key, section.title


def _name(section: AnnualSection | Planned) -> tuple[str, ...]:
    """Return what stands in the plan behind a code: "1.1.01 Judul", "Fokus 1.1 Nama", "Pilar 1 Nama"."""
    parts = section.title.split(" ", 1 if section.kind == "action" else 2)
    return (section.kind, parts[-1]) if section.kind in _OF_PLAN else (section.kind, section.key)


def _key(section: AnnualSection | Planned) -> tuple[str, ...]:
    return section.kind, section.key.partition("~")[0]


def _as_planned(section: AnnualSection | None, planned: Planned) -> SectionRow:
    return SectionRow(
        section.id if section is not None else 0,
        planned.key,
        planned.level,
        planned.number,
        planned.kind,
        planned.branch,
        planned.title,
        planned=planned,
    )


def _as_stored(section: AnnualSection, *, gone: bool = False) -> SectionRow:
    return SectionRow(
        section.id,
        f"{section.key}~{section.id}" if gone and "~" not in section.key else section.key,
        section.level,
        "" if gone else section.number,
        section.kind,
        section.branch,
        section.title + _GONE if gone else section.title,
        gone=gone,
    )


def _insert(rows: list[SectionRow], section: AnnualSection, above: Sequence[int]) -> None:
    """Put a section that left the plan at the end of the nearest section above it that is still there."""
    places = {row.id: place for place, row in enumerate(rows) if row.id}
    parent = next((places[each] for each in reversed(above) if each in places), None)
    if parent is None:
        rows.append(_as_stored(section, gone=True))
        return
    level = rows[parent].level
    end = next((at for at in range(parent + 1, len(rows)) if rows[at].level <= level), len(rows))
    rows.insert(end, _as_stored(section, gone=True))
