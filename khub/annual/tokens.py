"""What stands between the words of a narrative: live figures, live tables, citations.

    {{angka:KEY}}  {{angka:KEY:PILAR}}  {{angka:KEY:PILAR@TAHUN-atau-PERIODE|BENTUK}}
    {{tabel:KEY}}  {{tabel:KEY:PILAR@PERIODE}}          alone in its paragraph
    [[kutipan:N]]                                       N counts the citations of the report

What has another shape is plain text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

_TOKEN = re.compile(
    r"\{\{\s*(?P<kind>angka|tabel):(?P<key>[a-z-]{1,40})(?::(?P<branch>[\w.-]{1,40}))?"
    r"(?:@(?P<place>[\w.-]{1,40}))?(?:\|(?P<form>[a-z]{1,20}))?\s*\}\}"
    r"|\[\[kutipan:(?P<citation>[1-9]\d{0,5})\]\]"
)


class Kind(StrEnum):
    """What a piece of a narrative is."""

    TEXT = "text"
    FIGURE = "figure"
    TABLE = "table"
    CITATION = "citation"


class Form(StrEnum):
    """How a figure is written: 64 | 79 | 64 dari 79 | 81 persen | 64 aksi | 64 dari 79 aksi (81 persen)."""

    COUNT = ""
    TOTAL = "total"
    OF = "dari"
    PERCENT = "persen"
    UNIT = "satuan"
    WHOLE = "lengkap"


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch ``[start, end)`` of a narrative; ``raw`` is what is written there."""

    kind: Kind
    raw: str
    start: int
    end: int
    key: str = ""
    branch: str = ""
    place: str = ""
    form: str = ""

    @property
    def number(self) -> int:
        """Return the key of a citation."""
        return int(self.key)


def split(text: str) -> tuple[Piece, ...]:
    """Return the pieces of ``text``, in order and without a gap."""
    found: list[Piece] = []
    at = 0
    for match in _TOKEN.finditer(text):
        if match.start() > at:
            found.append(Piece(Kind.TEXT, text[at : match.start()], at, match.start()))
        found.append(_piece(match))
        at = match.end()
    if at < len(text):
        found.append(Piece(Kind.TEXT, text[at:], at, len(text)))
    return tuple(found)


def _piece(match: re.Match[str]) -> Piece:
    place = (match.group(), match.start(), match.end())
    if citation := match["citation"]:
        return Piece(Kind.CITATION, *place, key=citation)
    return Piece(
        Kind.FIGURE if match["kind"] == "angka" else Kind.TABLE,
        *place,
        key=match["key"],
        branch=match["branch"] or "",
        place=match["place"] or "",
        form=match["form"] or "",
    )


def table_of(text: str) -> Piece | None:
    """Return the live table that a paragraph is, None for a paragraph of words."""
    pieces = [piece for piece in split(text) if piece.kind is not Kind.TEXT or piece.raw.strip()]
    return pieces[0] if len(pieces) == 1 and pieces[0].kind is Kind.TABLE else None


def citations_in(text: str) -> tuple[int, ...]:
    """Return the keys of the citations in ``text``, in order, repeated ones too."""
    return tuple(piece.number for piece in split(text) if piece.kind is Kind.CITATION)


def figure(key: str, branch: str = "", form: Form | str = Form.COUNT, place: str = "") -> str:
    """Return the token of a live figure."""
    return "{{angka:" + key + _tail(branch, place) + (f"|{form}" if form else "") + "}}"


def table(key: str, branch: str = "", place: str = "") -> str:
    """Return the token of a live table."""
    return "{{tabel:" + key + _tail(branch, place) + "}}"


def citation(key: int) -> str:
    """Return the token of a citation."""
    return f"[[kutipan:{key}]]"


def _tail(branch: str, place: str) -> str:
    return (f":{branch}" if branch else "") + (f"@{place}" if place else "")
