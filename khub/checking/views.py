"""Periksa angka: a text or a file in, its figures marked at their places out. Nothing is kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, cast

from flask import Blueprint, Response, request

from khub import i18n, web
from khub.checking import forms
from khub.checking.model import Mark
from khub.checking.service import Checked, typed
from khub.checking.wording import say
from khub.errors import InvalidError, TooLargeError
from khub.i18n import gettext

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from khub.checking.model import Finding, Said
    from khub.plan.queries import PlanRow

bp = Blueprint("checking", __name__)

#: Phrases whose reasoning is written out; what does not fit comes first.
_MOST = 300
#: A longer text is shown around its phrases only, this many characters on each side.
_WHOLE = 100_000
_AROUND = 300
_ORDER = (Mark.MISMATCH, Mark.UNKNOWN, Mark.MATCH)


@dataclass(frozen=True, slots=True)
class RowShown:
    """A test with what comes out for each column: (text, fits)."""

    label: str
    cells: list[tuple[str, bool]]


@dataclass(frozen=True, slots=True)
class FindingShown:
    """A phrase with its reasoning; ``heads`` are what is written and what would fit."""

    number: int
    text: str
    mark: str
    where: str
    reasons: list[str]
    heads: list[str]
    rows: list[RowShown]


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the text. ``number`` 0: nothing is said of it. ``cut``: something is left out before it."""

    text: str
    number: int = 0
    mark: str = ""
    cut: bool = False


@dataclass(frozen=True, slots=True)
class ResultShown:
    """A checked text. ``groups`` are (mark, how many, the findings written out)."""

    name: str
    language: str
    plan: PlanRow | None
    year: int | None
    until: datetime | None
    partial: bool
    groups: list[tuple[str, int, list[FindingShown]]]
    pieces: list[Piece]


@dataclass(frozen=True, slots=True)
class CheckPage:
    """The form, with what was typed, and the result once there is one."""

    errors: list[web.Problem]
    typed: Mapping[str, str]
    plans: list[tuple[str, str]]
    years: list[tuple[str, str]]
    result: ResultShown | None


@bp.get("/periksa-angka")
def form() -> Response:
    """Show the form."""
    return _show(request.args, [], None)


@bp.post("/periksa-angka")
def run() -> Response:
    """Check what was sent and show it, marked."""
    upload = request.files.get("berkas")
    try:
        asked = forms.check(request.form, upload.filename or "" if upload else "")
        checking = web.services().checking
        if asked.file_name and upload is not None:
            source = checking.read(cast("BinaryIO", upload.stream), asked.file_name)
        else:
            source = typed(asked.text)
        checked = checking.check(web.actor(), source, asked.choice)
    except InvalidError as error:
        return _show(request.form, web.problems(error.errors), None)
    except TooLargeError as error:
        return _show(request.form, [web.Problem("berkas", gettext(error.message))], None, error.status)
    return _show(request.form, [], _result(checked, asked.file_name))


def _show(
    given: Mapping[str, str], errors: list[web.Problem], result: ResultShown | None, status: int = 0
) -> Response:
    plans = web.services().checking.plans(web.actor())
    chosen = next((plan for plan in plans if plan.code == given.get("rencana")), plans[0] if plans else None)
    years = sorted({year for plan in plans for year in plan.years}, reverse=True)
    names = ("teks", "rencana", "tahun", "per")
    page = CheckPage(
        errors,
        {
            **{name: given.get(name, "") for name in names},
            "tahun": given.get("tahun") or (str(chosen.year) if chosen else ""),
        },
        [(plan.code, plan.name) for plan in plans],
        [(str(year), str(year)) for year in years],
        result,
    )
    return web.show("checking/check.html", page, status or (InvalidError.status if errors else 200))


def _result(checked: Checked, name: str) -> ResultShown:
    report = checked.report
    numbered = list(enumerate(report.findings, 1))
    groups = []
    left = _MOST
    for mark in _ORDER:
        found = [(number, finding) for number, finding in numbered if finding.mark is mark]
        shown = [_finding(checked, number, finding) for number, finding in found[:left]]
        left -= len(shown)
        groups.append((mark.value, len(found), shown))
    listed = {each.number for _, _, shown in groups for each in shown}
    return ResultShown(
        name,
        report.language,
        checked.plan,
        checked.year,
        checked.until,
        checked.source.partial,
        groups,
        _pieces(checked.source.text, numbered, listed),
    )


def _finding(checked: Checked, number: int, finding: Finding) -> FindingShown:
    label = checked.page_label(finding.page)
    return FindingShown(
        number,
        " ".join(finding.text.split()),
        finding.mark.value,
        gettext("hlm. %(page)s", page=label) if label else "",
        [_said(reason) for reason in finding.reasons],
        [_said(column.head) for column in finding.columns],
        [
            RowShown(_said(row.label), [(_said(cell.said), cell.fits) for cell in row.cells])
            for row in finding.rows
        ],
    )


def _said(said: Said) -> str:
    return say(said, i18n.language(), gettext)


def _pieces(text: str, numbered: Sequence[tuple[int, Finding]], listed: set[int]) -> list[Piece]:
    out: list[Piece] = []
    at = 0
    short = len(text) <= _WHOLE
    for number, finding in numbered:
        out.extend(_between(text[at : finding.start], short=short, first=at == 0))
        out.append(Piece(finding.text, number if number in listed else 0, finding.mark.value))
        at = finding.end
    out.extend(_between(text[at:], short=short, first=at == 0, last=True))
    return out


def _between(text: str, *, short: bool, first: bool = False, last: bool = False) -> list[Piece]:
    if short or len(text) <= 2 * _AROUND:
        return [Piece(text)] if text else []
    head = [] if first else [Piece(text[:_AROUND])]
    tail = [] if last else [Piece(text[-_AROUND:], cut=True)]
    return [*head, *(tail or [Piece("", cut=True)])]
