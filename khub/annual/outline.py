"""Chapters from the plan: Pendahuluan; Capaian (komitmen, pilar → fokus → aksi); Kendala; Rekomendasi; Lampiran.

The sentences are a start that is true at any date, because their figures are live. The report is
written in Indonesian, whatever language its readers choose for the pages around it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from khub.annual import tokens
from khub.annual.tokens import Form

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from khub.cycle.facts import ActionFacts

#: Sections that are a page of their own; the others stand on the page of the one before them.
PAGES = frozenset({"chapter", "achievement", "obstacles", "appendix", "focus"})


_UNFIT = re.compile(r"[^\w.-]+")


@dataclass(frozen=True, slots=True)
class Planned:
    """A section to be made, with the paragraphs that it starts with."""

    key: str
    level: int
    number: str
    kind: str
    title: str
    paragraphs: tuple[str, ...] = ()
    branch: str = ""


def chapters(plan: str, label: str, year: int, actions: Sequence[ActionFacts]) -> tuple[Planned, ...]:
    """Return the sections of a report on ``year``.

    ``label`` is the plan's word for its branches ("Pilar"); ``actions`` those on the table of the
    year, branch by branch and focus by focus.
    """
    return (
        Planned("pendahuluan", 1, "I", "chapter", "Pendahuluan", _opening(plan, year)),
        *_achievement(label, year, actions),
        Planned("kendala", 1, "III", "obstacles", "Kendala dan tindak lanjut", (tokens.table("kendala"),)),
        Planned("rekomendasi", 1, "IV", "chapter", "Rekomendasi"),
        Planned("lampiran", 1, "", "appendix", "Lampiran", _appendix()),
    )


def key_of(kind: str, code: str) -> str:
    """Return what names a section in addresses."""
    return _UNFIT.sub("-", f"{kind}-{code}")[:60]


def _opening(plan: str, year: int) -> tuple[str, ...]:
    planned, listed = tokens.figure("in-plan"), tokens.figure("on-table")
    return (
        f"Laporan ini memuat pelaksanaan {plan} pada tahun {year}, disusun dari catatan khub.",
        f"Dari {planned} aksi dalam rencana, {listed} aksi masuk daftar tahun {year}.",
    )


def _appendix() -> tuple[str, ...]:
    keys = ("laporan-per-pilar", "kl-terlibat", "keluaran-per-jenis", "aksi")
    return tuple(tokens.table(key) for key in keys)


def _achievement(label: str, year: int, actions: Sequence[ActionFacts]) -> Iterator[Planned]:
    branches = [(code, list(group)) for code, group in groupby(actions, key=lambda action: action.branch)]
    yield Planned("capaian", 1, "II", "achievement", "Capaian")
    yield Planned(
        "komitmen", 2, "II.1", "commitments", "Komitmen", _commitments(label, year, [c for c, _ in branches])
    )
    for place, (code, its) in enumerate(branches, 2):
        yield Planned(
            key_of("pilar", code),
            2,
            f"II.{place}",
            "branch",
            f"{label} {code} {its[0].branch_name}",
            (_branch(label, code),),
            code,
        )
        focuses = [(key, list(group)) for key, group in groupby(its, key=lambda action: action.focus)]
        for part, (focus, under) in enumerate(focuses, 1):
            number = f"II.{place}.{part}"
            title = f"Fokus {focus} {under[0].focus_name}"
            yield Planned(key_of("fokus", focus), 3, number, "focus", title, branch=code)
            for leaf, action in enumerate(under, 1):
                title = f"{action.code} {action.title}"
                key = key_of("aksi", action.code)
                yield Planned(key, 4, f"{number}.{leaf}", "action", title, branch=code)


def _commitments(label: str, year: int, branches: Sequence[str]) -> tuple[str, ...]:
    of = tokens.figure("committed", form=Form.OF)
    said = [
        f"{tokens.figure('committed', code, Form.WHOLE)} pada {label} {code}" if code else ""
        for code in branches
    ]
    parts = f"{', '.join(said[:-1])}, dan {said[-1]}" if len(said) > 1 else "".join(said)
    percent = tokens.figure("committed", form=Form.PERCENT)
    involved = tokens.figure("involved", form=Form.OF)
    sentence = f"Pada tahun {year} sebanyak {of} aksi berkomitmen ({percent}){': ' if parts else ''}{parts}."
    return f"{sentence} K/L yang terlibat mencapai {involved}.", tokens.table("komitmen-per-pilar")


def _branch(label: str, code: str) -> str:
    return (
        f"Pada {label} {code} masuk {tokens.figure('reported', code, Form.WHOLE)} yang diminta; "
        f"{tokens.figure('approved', code)} di antaranya disetujui."
    )
