"""``check``: the figures of a text held against one another and against khub's records."""

from __future__ import annotations

import bisect
from typing import TYPE_CHECKING

from khub.checking import composed, lexicon, sums
from khub.checking.candidates import columns, fitting
from khub.checking.context import Placed, place
from khub.checking.model import Figure, Finding, Kind, Mark, Report, Row, Said
from khub.checking.phrases import Reader
from khub.checking.recorded import period_name, recorded
from khub.checking.tables import tables
from khub.checking.tokens import Sort, Token, tokens
from khub.checking.trials import Equation, Quotient, Range, Recorded, Repeat, Spelled, Triple
from khub.errors import N_

if TYPE_CHECKING:
    from collections.abc import Sequence

    from khub.checking.records import Records
    from khub.checking.trials import Trial

#: Longest text, in characters, that is read in one go.
LONGEST = 4_000_000

_HEDGES = {
    "vague": N_("Tidak ada angka yang dapat dibandingkan. khub tidak menebak."),
    "bare-percent": N_("Persen tanpa jumlahnya: tidak ada yang dapat dihitung ulang."),
    "approximate": N_("Angka perkiraan atau batas, bukan jumlah pasti: tidak dibandingkan."),
    "one-of": N_("“Satu dari” menunjuk salah satunya, bukan jumlahnya: tidak dibandingkan."),
    "range": N_("Rentang angka: tidak dapat dibandingkan."),
    "unreadable": N_("Angka ini tidak terbaca sebagai jumlah."),
    "unclear": N_("Apa yang dihitung dan keseluruhannya bernama lain: tidak dibandingkan."),
}
#: Phrases that are never held against anything.
_LOOSE = frozenset({"approximate", "unclear", "one-of", "range", "unreadable", "vague"})
_ALONE = N_("Terbaca, tetapi tidak ada persen, total, atau catatan khub untuk membandingkannya.")
_FITS = {
    "percent": N_("Persennya cocok dengan jumlahnya."),
    "sum": N_("Jumlah bagian dan totalnya cocok."),
    "records": N_("Sama dengan catatan khub."),
}


def check(
    text: str,
    records: Records | None,
    *,
    language: str | None = None,
    page_starts: Sequence[int] = (),
) -> Report:
    """Return every figure of ``text`` with its mark, reasons and right figures.

    ``records`` None: only the text itself is held against itself. ``language``: "id" | "en", recognised
    when None; both are always read. ``page_starts``: offset at which each page begins.
    """
    text = text[:LONGEST]
    found = tokens(text)
    reader = Reader(found)
    figures = reader.read()
    placed = place(text, found, reader.masks, figures, _names(records))
    written = [Triple(each.count, each.total, each.percent) for each in figures]
    told = composed.groups(placed, found, reader.masks)
    trials, notes = _trials(placed, written, records, told)
    findings = [
        _finding(text, found, each, triple, own, note, page_starts)
        for each, triple, own, note in zip(placed, written, trials, notes, strict=True)
    ]
    return Report(language or spoken_in(found), len(text), _with_tables(findings, text, page_starts))


def _with_tables(findings: Sequence[Finding], text: str, page_starts: Sequence[int]) -> tuple[Finding, ...]:
    """Add what tables tell; a cell that was found as a figure already keeps what was held against it there."""
    ends = [finding.end for finding in findings]
    starts = [finding.start for finding in findings]
    out: dict[int, Finding | None] = dict(enumerate(findings))
    for told in tables(text):
        over = range(bisect.bisect_right(ends, told.start), bisect.bisect_left(starts, told.end))
        if any(findings[at].mark is not Mark.UNKNOWN for at in over):
            continue
        out.update(dict.fromkeys(over))
        failing = [trial for trial in told.trials if not trial.cell(told.triple).fits]
        candidates = fitting(told.triple, told.trials) if failing else ()
        every = (told.triple, *candidates)
        page, page_start = _page(told.start, page_starts)
        names = {trial.name for trial in told.trials}
        out[len(out)] = Finding(
            text=text[told.start : told.end],
            start=told.start,
            end=told.end,
            figure=Figure(told.kind, told.triple.count, told.triple.total, told.triple.percent),
            mark=Mark.MISMATCH if failing else Mark.MATCH,
            reasons=tuple(trial.reason(told.triple) for trial in failing)
            or tuple(Said(_FITS[name]) for name in _FITS if name in names),
            columns=columns(told.triple, candidates),
            rows=_rows(told.trials, every),
            page=page,
            page_start=page_start,
        )
    return tuple(sorted((each for each in out.values() if each is not None), key=lambda each: each.start))


def spoken_in(found: Sequence[Token]) -> str:
    """Return "id" or "en", whichever has more of its small words in the text."""
    words = [token.word for token in found if token.sort is Sort.WORD]
    english = sum(word in lexicon.FUNCTION_WORDS["en"] for word in words)
    return "en" if english > sum(word in lexicon.FUNCTION_WORDS["id"] for word in words) else "id"


def _names(records: Records | None) -> frozenset[str]:
    if records is None:
        return frozenset()
    return frozenset(
        word.strip(",.()").casefold() for name in records.branches.values() for word in name.split()
    )


def _trials(
    placed: Sequence[Placed], written: Sequence[Triple], records: Records | None, told: Sequence[sums.Group]
) -> tuple[list[list[Trial]], list[Said | None]]:
    trials = [_own(each, triple) for each, triple in zip(placed, written, strict=True)]
    notes: list[Said | None] = [None] * len(placed)
    pinned = [False] * len(placed)
    if records is not None:
        for index, each in enumerate(placed):
            trial, notes[index] = (None, None) if each.found.hedge in _LOOSE else recorded(each, records)
            if trial is not None:
                trials[index].append(trial)
                pinned[index] = isinstance(trial, Recorded) and trial.cell(written[index]).fits
    branches = len(records.branches) if records is not None else None
    groups = sums.groups(placed, branches)
    taken = {index for group in groups for index in group.members}
    groups += [group for group in told if not taken.intersection(group.members)]
    sums.settle(groups, written, trials, pinned)
    _repeats(placed, written, trials)
    return trials, notes


def _own(each: Placed, triple: Triple) -> list[Trial]:
    """Return the tests that a phrase's own numbers make possible."""
    found = each.found
    own: list[Trial] = []
    for value, said in found.twins:
        own.append(Spelled("count" if value == triple.count else "total", said))
    if found.kind is Kind.EQUATION:
        return [*own, Equation(found.terms)]
    if found.kind is not Kind.RATIO or triple.count is None or triple.total is None:
        return own
    if triple.count > triple.total and not found.aimed:
        own.append(Range())
    if triple.percent is not None and triple.total:
        quotient = Quotient(triple.total)
        if found.hedge != "approximate-percent" or quotient.cell(triple).fits:
            own.append(quotient)
    return own


def _repeats(placed: Sequence[Placed], written: Sequence[Triple], trials: Sequence[list[Trial]]) -> None:
    """Hold what is certainly the same quantity against itself where it is said with another count."""
    seen: dict[tuple[object, ...], list[int]] = {}
    for index, each in enumerate(placed):
        usable = each.found.kind is Kind.RATIO and not each.found.hedge and each.role and each.sure
        if not usable or each.foreign or each.lost or each.timed or each.dates or each.unit:
            continue
        key = (each.subject, each.role, each.branch, each.years, each.period, written[index].total)
        seen.setdefault(key, []).append(index)
    for same in seen.values():
        counts = {written[index].count for index in same}
        if len(counts) != 2:  # noqa: PLR2004 - with three values nobody can tell which one they mean
            continue
        firm = {written[index].count for index in same if _confirmed(written[index], trials[index])}
        for index in same:
            other = next(count for count in counts if count != written[index].count)
            total = written[index].total
            wrong = written[index].count not in firm or len(firm) != 1
            if wrong and other is not None and total is not None:
                trials[index].append(Repeat(other, total))


def _confirmed(triple: Triple, trials: Sequence[Trial]) -> bool:
    return any(trial.confirms for trial in trials) and all(trial.cell(triple).fits for trial in trials)


def _finding(
    text: str,
    found: Sequence[Token],
    each: Placed,
    triple: Triple,
    trials: list[Trial],
    note: Said | None,
    page_starts: Sequence[int],
) -> Finding:
    start, end = found[each.found.first].start, found[each.found.last].end
    failing = [trial for trial in trials if not trial.cell(triple).fits]
    mark, reasons = _judge(each, triple, trials, failing)
    candidates = fitting(triple, trials) if failing else ()
    every = (triple, *candidates)
    page, page_start = _page(start, page_starts)
    return Finding(
        text=text[start:end],
        start=start,
        end=end,
        figure=Figure(
            each.found.kind,
            triple.count,
            triple.total,
            triple.percent,
            each.subject,
            each.role,
            each.branch,
            each.years[0] if len(each.years) == 1 else None,
            period_name(each, each.years[0]) if len(each.years) == 1 else "",
        ),
        mark=mark,
        reasons=(*reasons, note) if note is not None and mark is not Mark.MATCH else reasons,
        columns=columns(triple, candidates),
        rows=_rows(trials, every),
        page=page,
        page_start=page_start,
    )


def _rows(trials: Sequence[Trial], every: Sequence[Triple]) -> tuple[Row, ...]:
    return tuple(
        Row(trial.name, trial.label(), tuple(trial.cell(other) for other in every)) for trial in trials
    )


def _page(start: int, page_starts: Sequence[int]) -> tuple[int | None, int | None]:
    """Return the page of an offset, from 1, and the place on it; (None, None) where pages are unknown."""
    if not page_starts:
        return None, None
    page = bisect.bisect_right(page_starts, start)
    return page, start - page_starts[page - 1]


def _judge(
    each: Placed, triple: Triple, trials: Sequence[Trial], failing: Sequence[Trial]
) -> tuple[Mark, tuple[Said, ...]]:
    hedge = each.found.hedge
    if failing and all(isinstance(trial, Range) for trial in failing) and not _one_kind(each):
        return Mark.UNKNOWN, (Said(_HEDGES["unclear"]),)
    if failing and hedge not in _LOOSE:
        return Mark.MISMATCH, tuple(trial.reason(triple) for trial in failing)
    confirming = {trial.name for trial in trials if trial.confirms}
    if confirming and not failing and hedge not in _LOOSE:
        return Mark.MATCH, tuple(Said(_FITS[name]) for name in _FITS if name in confirming)
    return Mark.UNKNOWN, (Said(_HEDGES.get(hedge, _ALONE)),)


def _one_kind(each: Placed) -> bool:
    """Tell whether "120 dari 14" can only be a part of a whole: the noun is khub's own, or a percent says so."""
    noun = each.found.noun
    return each.found.percent is not None or noun is None or (noun.key == each.subject and noun.core)
