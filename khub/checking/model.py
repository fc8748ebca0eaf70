"""What a check of figures finds: frozen values without a request, a session or a language.

A ``Said`` is a msgid with parameters; the edge (page, command line) translates it and writes its
numbers as its language does (``wording.say``).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


class Mark(StrEnum):
    """What became of a phrase; the values are the keys of the template macro ``check``."""

    MATCH = "match"
    MISMATCH = "mismatch"
    UNKNOWN = "unknown"


class Kind(StrEnum):
    """What a phrase says: n of N, one count, a percent without its pair, or no number at all."""

    RATIO = "ratio"
    COUNT = "count"
    PERCENT = "percent"
    EQUATION = "equation"
    VAGUE = "vague"


class Subject(StrEnum):
    """What khub has records of; other nouns are kept as they are written."""

    ACTION = "aksi"
    INSTITUTION = "K/L"
    REPORT = "laporan"
    OUTPUT = "keluaran"


class Role(StrEnum):
    """What is said of the things counted, as far as khub has a number for it."""

    COMMITTED = "committed"
    INVOLVED = "involved"
    ON_TABLE = "on-table"
    IN_PLAN = "in-plan"
    REPORTED = "reported"
    APPROVED = "approved"


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence: Indonesian msgid and its ``%(name)s`` values (str, int, Decimal)."""

    message: str
    params: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Percent:
    """A percent as written: 78,6 has ``digits`` 1."""

    value: Decimal
    digits: int


@dataclass(frozen=True, slots=True)
class Branch:
    """A level under the plan as the text names it: label "pilar" | "tema" | "fokus", code "1"."""

    label: str
    code: str


@dataclass(frozen=True, slots=True)
class Figure:
    """The numbers of a phrase and what they are said of, as far as the text tells."""

    kind: Kind
    count: int | None = None
    total: int | None = None
    percent: Percent | None = None
    subject: str = ""
    role: str = ""
    branch: Branch | None = None
    year: int | None = None
    period: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """One candidate under one test."""

    said: Said
    fits: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One test; its cells stand under ``Finding.columns``."""

    test: str  # "range" | "percent" | "sum" | "repeat" | "spelled" | "records"
    label: Said
    cells: tuple[Cell, ...]

    @property
    def fits(self) -> bool:
        """Tell whether what is written passes."""
        return self.cells[0].fits


@dataclass(frozen=True, slots=True)
class Column:
    """What is written (first), or a candidate that passes every test. ``head`` is what differs."""

    head: Said
    count: int | None
    total: int | None
    percent: Percent | None


@dataclass(frozen=True, slots=True)
class Finding:
    """A phrase at [start, end) of the text, in characters; ``page`` (from 1) when pages are known.

    ``page_start`` counts from the beginning of that page.
    """

    text: str
    start: int
    end: int
    figure: Figure
    mark: Mark
    reasons: tuple[Said, ...]
    columns: tuple[Column, ...] = ()
    rows: tuple[Row, ...] = ()
    page: int | None = None
    page_start: int | None = None

    @property
    def candidates(self) -> tuple[Column, ...]:
        """Return the figures that fit instead of the one written, best first."""
        return self.columns[1:]


@dataclass(frozen=True, slots=True)
class Report:
    """All phrases of a text in their order. ``language``: "id" | "en", given or recognised."""

    language: str
    length: int
    findings: tuple[Finding, ...]

    def counted(self, mark: Mark | str) -> int:
        """Return how many phrases carry ``mark``."""
        return sum(finding.mark == mark for finding in self.findings)

    @property
    def matches(self) -> int:
        """Return how many fit everything they were held against."""
        return self.counted(Mark.MATCH)

    @property
    def mismatches(self) -> int:
        """Return how many fail a test."""
        return self.counted(Mark.MISMATCH)

    @property
    def unknowns(self) -> int:
        """Return how many could not be read or had nothing to be held against."""
        return self.counted(Mark.UNKNOWN)

    def as_json(self) -> dict[str, Any]:
        """Return the whole tree as JSON values; sentences in Indonesian, decimals as text."""
        return {
            "language": self.language,
            "match": self.matches,
            "mismatch": self.mismatches,
            "unknown": self.unknowns,
            "findings": [_finding(finding) for finding in self.findings],
        }


def spoken(said: Said) -> str:
    """Return the Indonesian sentence, decimals with a comma."""
    params = {
        name: str(value).replace(".", ",") if isinstance(value, Decimal) else value
        for name, value in said.params.items()
    }
    return said.message % params if params else said.message


def _percent(percent: Percent | None) -> str | None:
    return None if percent is None else str(percent.value)


def _finding(finding: Finding) -> dict[str, Any]:
    figure = finding.figure
    return {
        "text": finding.text,
        "start": finding.start,
        "end": finding.end,
        "page": finding.page,
        "page_start": finding.page_start,
        "mark": finding.mark.value,
        "reasons": [spoken(reason) for reason in finding.reasons],
        "kind": figure.kind.value,
        "count": figure.count,
        "total": figure.total,
        "percent": _percent(figure.percent),
        "subject": figure.subject or None,
        "role": figure.role or None,
        "branch": f"{figure.branch.label} {figure.branch.code}" if figure.branch else None,
        "year": figure.year,
        "period": figure.period or None,
        "candidates": [
            {"count": column.count, "total": column.total, "percent": _percent(column.percent)}
            for column in finding.candidates
        ],
        "tests": [
            {
                "test": row.test,
                "label": spoken(row.label),
                "fits": row.fits,
                "cells": [{"text": spoken(cell.said), "fits": cell.fits} for cell in row.cells],
            }
            for row in finding.rows
        ],
    }
