"""Periksa angka over the narratives of a report, section by section, as readers see them.

The text that is checked is the resolved one: a live figure beside a typed one must fit it too. Each
phrase is led back to the paragraph as written, so that it can be replaced there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub.annual import tokens
from khub.annual.compose import Composer
from khub.annual.figures import written
from khub.annual.models import AnnualException
from khub.annual.tokens import Form
from khub.checking.check import check
from khub.checking.model import Mark, Role
from khub.checking.records import Known
from khub.clock import wib_date

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session

    from khub.annual.compose import Draft
    from khub.annual.document import Block
    from khub.annual.figures import Figures
    from khub.annual.following import SectionRow
    from khub.checking.model import Finding, Report

_GAP = "\n\n"
_KEYS: dict[Role, str] = {
    Role.COMMITTED: "committed",
    Role.INVOLVED: "involved",
    Role.ON_TABLE: "on-table",
    Role.IN_PLAN: "in-plan",
    Role.REPORTED: "reported",
    Role.APPROVED: "approved",
}
_DIGITS = re.compile(r"\d+(?:[.,]\d+)?")
_PERCENT = re.compile(r"\s*%|\s+(?:persen|per cent|percent)\b")


@dataclass(frozen=True, slots=True)
class FrozenRecords:
    """Official numbers of a plan as Periksa angka asks for them; equal ones give equal checks.

    ``known``: (role, year, branch, period) → (count, total).
    """

    year: int
    day: tuple[int, int, int]
    branch_label: str
    names: tuple[tuple[str, str], ...]
    known: frozenset[tuple[tuple[str, int, str, str], tuple[int, int | None]]]

    @property
    def branches(self) -> Mapping[str, str]:
        """Return the names of the branches by code."""
        return dict(self.names)

    def number(self, role: Role, *, year: int, branch: str | None = None, period: str = "") -> Known | None:
        """Return khub's number, None where there is none."""
        found = _table(self).get((role, year, branch or "", period.casefold()))
        return None if found is None else Known(*found)


@lru_cache(maxsize=64)
def _table(records: FrozenRecords) -> dict[tuple[str, int, str, str], tuple[int, int | None]]:
    return dict(records.known)


def records_of(figures: Figures) -> FrozenRecords:
    """Return the numbers of the report's year, of the year before, and of the periods of its year."""
    known: dict[tuple[str, int, str, str], tuple[int, int | None]] = {}
    places: list[tuple[Role, int, str, str]] = [
        (role, year, str(year), "")
        for role in (Role.COMMITTED, Role.INVOLVED, Role.ON_TABLE, Role.IN_PLAN)
        for year in (figures.year, figures.year - 1)
    ]
    periods = figures.ledger.periods
    for role in (Role.REPORTED, Role.APPROVED):
        places += [(role, figures.year, period.code, period.name.casefold()) for period in periods]
        if len(periods) == 1:
            places.append((role, figures.year, periods[0].code, ""))
    for role, year, place, period in places:
        for branch in ("", *figures.branches):
            number = figures.number(_KEYS[role], branch, place)
            if number is not None and (number.counted or number.missing):
                known[role, year, branch, period] = (number.count, number.total)
    day = wib_date(figures.ledger.until)
    return FrozenRecords(
        figures.year,
        (day.year, day.month, day.day),
        figures.label.lower(),
        tuple(figures.branches.items()),
        frozenset(known.items()),
    )


@lru_cache(maxsize=4096)
def _checked(text: str, records: FrozenRecords) -> Report:
    return check(text, records)


@dataclass(frozen=True, slots=True)
class Found:
    """A phrase of a narrative and what the check says of it.

    ``place``: which paragraph of its section, from 1. ``raw`` at ``start``: how it is written there.
    ``token``: the live figure that would stand in its place, "" where none fits its shape.
    ``first``, ``last``: where it lies in the resolved paragraph. ``kept``: why it may stay, "".
    """

    finding: Finding
    paragraph: int
    place: int
    raw: str
    start: int
    first: int
    last: int
    token: str
    kept: str

    @property
    def open(self) -> bool:
        """Tell whether something is to be done about it."""
        return self.finding.mark == Mark.MISMATCH and not self.kept


class Inspection:
    """The check of a whole report; build with ``load``."""

    def __init__(self, draft: Draft, kept: Mapping[tuple[int, str], str]) -> None:
        self.draft = draft
        self.kept = kept
        self.records = records_of(draft.figures)
        self.composer = Composer(draft)
        self._found: dict[int, tuple[Found, ...]] = {}

    @classmethod
    def load(cls, session: Session, draft: Draft) -> Inspection:
        """Return the check of ``draft``, in one statement."""
        rows = session.scalars(
            sa.select(AnnualException)
            .where(AnnualException.report_id == draft.report.id)
            .order_by(AnnualException.id)
        )
        return cls(draft, {(row.paragraph_id, row.phrase): row.reason for row in rows})

    def of(self, section: SectionRow) -> tuple[Found, ...]:
        """Return every phrase of a section in its order."""
        if section.id not in self._found:
            blocks = [
                self.composer.block(section, paragraph)
                for paragraph in self.draft.paragraphs.get(section.id, ())
            ]
            self._found[section.id] = tuple(self._in(blocks))
        return self._found[section.id]

    def open_faults(self, section: SectionRow) -> int:
        """Return how many phrases of a section do not fit and nobody said why they stay."""
        return sum(found.open for found in self.of(section))

    def _in(self, blocks: Sequence[Block]) -> list[Found]:
        text = _GAP.join(block.text for block in blocks)
        if not text.strip():
            return []
        found = []
        starts, at = [], 0
        for block in blocks:
            starts.append(at)
            at += len(block.text) + len(_GAP)
        for finding in _checked(text, self.records).findings:
            place = max(index for index, start in enumerate(starts) if start <= finding.start)
            block = blocks[place]
            first, last = finding.start - starts[place], finding.end - starts[place]
            if last <= len(block.text):
                found.append(self._lead_back(finding, block, place, first, last))
        return found

    def _lead_back(self, finding: Finding, block: Block, place: int, first: int, last: int) -> Found:
        start, end = _written_at(block, first, last)
        raw = self._raw(block.id)[start:end]
        return Found(
            finding=finding,
            paragraph=block.id,
            place=place + 1,
            raw=raw,
            start=start,
            first=first,
            last=last,
            token=_token(self.draft.figures, finding) if finding.mark == Mark.MISMATCH else "",
            kept=self.kept.get((block.id, raw), ""),
        )

    def _raw(self, paragraph_id: int) -> str:
        return next(
            each.text for row in self.draft.paragraphs.values() for each in row if each.id == paragraph_id
        )


def _written_at(block: Block, first: int, last: int) -> tuple[int, int]:
    """Return where [first, last) of the resolved words stands in the paragraph as written; tokens go whole."""
    start = end = at = 0
    begun = False
    for run in block.runs:
        until = at + len(run.text)
        if at < last and first < until:
            plain = run.kind == "text"
            if not begun:
                start, begun = run.at + (first - at if plain else 0), True
            end = run.at + (last - at if plain and last < until else run.length)
        at = until
    return start, end


def _token(figures: Figures, finding: Finding) -> str:
    """Return the live figure that has the shape of the phrase and one of the numbers that fit it."""
    shape = _shape(finding.text)
    branch = finding.figure.branch.code if finding.figure.branch else ""
    roles = [role for role in _KEYS if finding.figure.role in ("", role)]
    for role in roles:
        number = figures.number(_KEYS[role], branch)
        if number is None or not any(
            column.count == number.count and column.total in (None, number.total)
            for column in finding.candidates
        ):
            continue
        for form in Form:
            said = written(number, form)
            if said is not None and _shape(said) == shape:
                return tokens.figure(_KEYS[role], branch, form)
    return ""


def _shape(text: str) -> str:
    return " ".join(_PERCENT.sub(" persen", _DIGITS.sub("#", text)).split()).casefold()
