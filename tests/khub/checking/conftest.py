"""Records as an installation would have them, and sentences taken apart."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest

from khub.checking.model import Role
from khub.checking.records import Known

_MARKS = {"+": "match", "!": "mismatch", "?": "unknown"}


@dataclass(frozen=True)
class Noted:
    """The figures of 2023 as of 31 October."""

    year: int = 2023
    day: tuple[int, int, int] = (2023, 10, 31)
    branch_label: str = "pilar"

    @property
    def branches(self):
        return {"1": "Pencegahan", "2": "Penegakan hukum", "3": "Kemitraan dan kerja sama internasional"}

    def number(self, role, *, year, branch=None, period=""):  # noqa: ARG002 - the protocol has it
        if year != 2023:
            return None
        known = {
            (Role.COMMITTED, None): (64, 79),
            (Role.COMMITTED, "1"): (41, 50),
            (Role.COMMITTED, "2"): (12, 15),
            (Role.COMMITTED, "3"): (11, 14),
            (Role.INVOLVED, None): (36, 44),
            (Role.ON_TABLE, None): (79, None),
            (Role.ON_TABLE, "1"): (50, None),
            (Role.IN_PLAN, None): (135, None),
            (Role.REPORTED, None): (100, 164),
            (Role.APPROVED, None): (80, 164),
        }.get((role, branch))
        return Known(*known) if known else None


@pytest.fixture
def noted():
    return Noted()


def parted(marked):
    """Return (text, [(start, end, mark)]) of a sentence with ⟦+…⟧ in it."""
    text, expected = "", []
    for piece in re.split(r"(⟦[+!?].*?⟧)", marked, flags=re.DOTALL):
        if piece.startswith("⟦"):
            inner = piece[2:-1]
            expected.append((len(text), len(text) + len(inner), _MARKS[piece[1]]))
            text += inner
        else:
            text += piece
    return text, expected


def faults(marked, records):
    """Return what differs from the expected marks, in words."""
    from khub.checking.check import check  # noqa: PLC0415 - a broken parser should not break collection

    text, expected = parted(marked)
    found = [(each.start, each.end, each.mark.value) for each in check(text, records).findings]
    out = [f"{text[s:e]!r} is {mark}, nothing expected" for s, e, mark in found if not _at(expected, s, e)]
    for start, end, mark in expected:
        at = _at(found, start, end)
        if [each[2] for each in at] != [mark]:
            seen = [(text[s:e], m) for s, e, m in at]
            out.append(f"{text[start:end]!r} should be {mark}, is {seen}")
    return out


def _at(spans, start, end):
    return [span for span in spans if span[0] < end and start < span[1]]
