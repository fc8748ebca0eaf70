"""Numbers that are no figures (dates, laws, pages, telephones, times, money) and what names a scope.

Everything here looks a few tokens around a number and no further, so that any text takes linear time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from khub.checking import lexicon, numerals
from khub.checking.model import Branch
from khub.checking.tokens import Sort, Token

if TYPE_CHECKING:
    from collections.abc import Sequence

_YEARS = range(1900, 2101)
_LAST_DAY = 31
_LARGEST_BRANCH = 20
_LARGEST_LISTED = 9
_CHAIN = frozenset({"/", "-", "–", ".", ":"})
_JOINS = frozenset({"dan", "and", "&", "serta", ",", "-", "–", "s", "sampai", "hingga", "to"})


@dataclass(frozen=True, slots=True)
class Mention:
    """Tokens [first, last] name a branch; ``branch`` None: several, or one that cannot be told.

    ``whole``: all of them together ("ketiga pilar"). ``listed``: each of several ("Pilar 1, 2, dan 3").
    """

    first: int
    last: int
    branch: Branch | None
    whole: bool = False
    listed: tuple[Branch, ...] = ()


@dataclass(slots=True)
class Masks:
    """Which tokens are taken, and what was found on them."""

    used: list[bool]
    mentions: list[Mention] = field(default_factory=list)
    years: dict[int, int] = field(default_factory=dict)
    dated: set[int] = field(default_factory=set)
    ranges: list[tuple[int, int]] = field(default_factory=list)


def word(found: Sequence[Token], at: int) -> str:
    """Return the folded word or mark at a place, "" outside the text and at numbers."""
    if 0 <= at < len(found) and found[at].sort in (Sort.WORD, Sort.MARK):
        return found[at].word
    return ""


def masks(found: Sequence[Token]) -> Masks:
    """Return what is taken before any figure is looked for."""
    out = Masks([token.sort is not Sort.NUMBER for token in found])
    for at, token in enumerate(found):
        if token.sort is Sort.WORD and token.word in lexicon.BRANCHES:
            _branch(found, at, out)
    for at, token in enumerate(found):
        if token.sort is Sort.NUMBER and not out.used[at]:
            _number(found, at, out)
    return out


def _branch(found: Sequence[Token], at: int, out: Masks) -> None:
    before = found[at - 1] if at else None
    if before is not None and before.word in lexicon.ALL_OF:
        out.mentions.append(Mention(at - 1, at, None, whole=True))
        return
    place = numerals.ordinal(before.word) if before is not None and before.sort is Sort.WORD else None
    code, last = _code(found, at + 1)
    if place is not None and code is not None and not _ends(found, last + 1):
        code = None  # "in the third pillar 11 of 14": the number begins a figure
    if code is None:
        _branch_before(found, at, place, out)
        return
    for each in range(at + 1, last + 1):
        out.used[each] = True
    end, more = _more_codes(found, last, out)
    label = lexicon.BRANCHES[found[at].word]
    listed = tuple(Branch(label, str(each)) for each in (code, *more))
    out.mentions.append(Mention(at, end, None if more else listed[0], listed=listed))


def _branch_before(found: Sequence[Token], at: int, place: int | None, out: Masks) -> None:
    """Take "the third pillar", "ketiga pilar" (all of them), "three pillars", "pilar tersebut"."""
    label = lexicon.BRANCHES[found[at].word]
    if place is not None and found[at].word not in ("pilar", "tema", "fokus"):
        out.mentions.append(Mention(at - 1, at, Branch(label, str(place))))
    elif place is not None:
        out.mentions.append(Mention(at - 1, at, None, whole=True))
    elif at and found[at - 1].sort is Sort.NUMBER and (found[at - 1].whole or 0) > 1:
        out.used[at - 1] = word(found, at - 2) not in (*lexicon.OF, "the")
        out.mentions.append(Mention(at - 1, at, None, whole=True))
    elif word(found, at + 1) in ("tersebut", "ini", "itu", "lain", "lainnya", "other", "others"):
        out.mentions.append(Mention(at, at + 1, None))


def _code(found: Sequence[Token], at: int) -> tuple[int | None, int]:
    """Read "1", "ke-3", "Pertama", "III", "satu" behind a branch's label."""
    while word(found, at) in ("ke", "-", "nomor", "no", "number", ".", "("):
        if word(found, at) == "(":
            return None, at
        at += 1
    if at >= len(found):
        return None, at
    token = found[at]
    if token.sort is Sort.NUMBER:
        value = token.whole
        if value is not None and 0 < value <= _LARGEST_BRANCH and (token.plain or token.spelled):
            return value, at
        return None, at
    if token.sort is Sort.WORD:
        return numerals.ordinal(token.word), at
    return None, at


def _more_codes(found: Sequence[Token], last: int, out: Masks) -> tuple[int, list[int]]:
    """Follow "Pilar 1, 2, dan 3": its last token, and the codes behind the first.

    A number that begins a figure of its own ends it.
    """
    end, more = last, list[int]()
    while True:
        at = end + 1
        while word(found, at) in _JOINS and at - end <= 3:  # noqa: PLR2004 - ", dan"
            at += 1
        if at == end + 1:
            return end, more
        if word(found, at) in lexicon.BRANCHES and word(found, at - 1) != ",":
            return end, more
        previous = _code(found, end)[0] or 0
        code, place = _code(found, at)
        if code is None or place != at or not _ends(found, at + 1):
            return end, more
        if not previous < code <= _LARGEST_LISTED or (word(found, at - 1) == "," and code != previous + 1):
            return end, more
        if found[at].sort is Sort.WORD and not found[at].capital:
            return end, more
        out.used[at] = True
        end = at
        more.append(code)


def _ends(found: Sequence[Token], at: int) -> bool:
    """Tell whether no figure begins with the number just before ``at``."""
    if at < len(found) and found[at].sort in (Sort.PERCENT, Sort.NUMBER):
        return False
    following = word(found, at)
    return not (
        following in lexicon.OF
        or following in ("/", "out", "+")
        or following in lexicon.SUBJECTS
        or following in lexicon.NOUNS
        or following in ("rencana", "lembaga")
    )


def _number(found: Sequence[Token], at: int, out: Masks) -> None:
    last = _chain(found, at)
    if last > at:
        _chained(found, at, last, out)
        return
    if _dated(found, at, out) or _year(found, at, out):
        return
    if _named(found, at, out) or _measured(found, at):
        out.used[at] = True


def _chain(found: Sequence[Token], at: int) -> int:
    """Return the last of the numbers that marks without a space join to this one."""
    last = at
    while (
        last + 2 < len(found)
        and word(found, last + 1) in _CHAIN
        and found[last + 1].start == found[last].end
        and found[last + 2].start == found[last + 1].end
        and found[last + 2].sort in (Sort.NUMBER, Sort.WORD)
    ):
        if found[last + 2].sort is Sort.WORD and word(found, last + 1) != "/":
            break
        last += 2
    return last


def _chained(found: Sequence[Token], at: int, last: int, out: Masks) -> None:
    numbers = [found[place] for place in range(at, last + 1, 2)]
    joint = word(found, at + 1)
    pair = last == at + 2 and found[last].sort is Sort.NUMBER
    years = [token.whole for token in numbers if token.plain and token.whole in _YEARS]
    if pair and joint == "/" and not years and not _named(found, at, out):
        return  # "41/50": a figure may be in it
    if pair and joint in ("-", "–") and not years and not _named(found, at, out):
        out.ranges.append((at, last))
    for place in range(at, last + 1):
        out.used[place] = True
    if pair and joint == "/" and len(years) == 1 and _month_before(found, at):
        out.years[last] = years[0] or 0


def _month_before(found: Sequence[Token], at: int) -> bool:
    return word(found, at - 1) in lexicon.MONTHS


def _dated(found: Sequence[Token], at: int, out: Masks) -> bool:
    """Take "9 Oktober", "1–31 Oktober" (chained elsewhere) and "October 9"."""
    token = found[at]
    if not token.plain or token.whole is None or not 1 <= token.whole <= _LAST_DAY:
        return False
    for month in (at + 1, at - 1):
        name = word(found, month)
        if name in lexicon.MONTHS and (name != "may" or found[month].capital):
            if month == at - 1 and not _ends(found, at + 1):
                return False
            out.used[at] = True
            out.dated.add(at)
            return True
    return False


def _year(found: Sequence[Token], at: int, out: Masks) -> bool:
    token = found[at]
    if not token.plain or token.whole not in _YEARS or token.end - token.start != 4:  # noqa: PLR2004
        return False
    out.used[at] = True
    if (
        word(found, at - 1) in ("tahun", "of")
        and at > 1
        and found[at - 2].sort is Sort.NUMBER
        and out.used[at - 2]
    ):
        return True  # "Nomor 7 Tahun 2021": the year of a law
    dash = word(found, at + 1) in ("-", "–") or word(found, at - 1) in ("-", "–")
    if not (dash and _near_year(found, at)):
        out.years[at] = int(token.word)
    return True


def _near_year(found: Sequence[Token], at: int) -> bool:
    return any(
        0 <= place < len(found) and found[place].whole in _YEARS and found[place].plain
        for place in (at - 2, at + 2)
    )


def _named(found: Sequence[Token], at: int, out: Masks) -> bool:
    """Tell whether the words before make a name of the number: "Perpres 7", "No. 12", "Covid-19", "Rp 5"."""
    before = at - 1
    while word(found, before) in (".", ":", "-", "(", "#", "+") and at - before <= 2:  # noqa: PLR2004
        if word(found, before) in ("#", "+") and _bare(found, at):
            return True
        before -= 1
    label = word(found, before)
    if label in lexicon.LABELS or label in lexicon.MONEY:
        if label in lexicon.RUNS:
            _run(found, at, out)
        if label in _ALSO_COUNTED and not _ends(found, at + 1):
            return False
        return not (label in _ALSO_BEFORE and before != at - 1)
    if _glued(found, at):
        return True
    zero = found[at].word[:1] == "0" and found[at].plain and len(found[at].word) > 1
    if zero or label in ("telp", "+"):
        _run(found, at, out)
        return zero
    return word(found, at + 1) == "/" and at + 2 < len(found) and found[at + 2].sort is Sort.WORD


def _glued(found: Sequence[Token], at: int) -> bool:
    """Tell "Covid-19" and "VII.5": a word, a mark and the number without a space."""
    if at < 2 or word(found, at - 1) not in ("-", "‐", ".") or found[at - 2].sort is not Sort.WORD:  # noqa: PLR2004
        return False
    return found[at - 2].end == found[at - 1].start and found[at - 1].end == found[at].start


#: Labels that also stand before a count: "halaman: 41 dari 50 aksi", "bulan 12 aksi", "tahun 41 dari".
_ALSO_COUNTED = frozenset(
    [
        "tahun",
        "bulan",
        "minggu",
        "hari",
        "year",
        "years",
        "month",
        "week",
        "day",
        "angka",
        "periode",
        "poin",
        "item",
        "bagian",
        "tabel",
        "table",
        "gambar",
        "figure",
        "indeks",
        "nilai",
        "skor",
        "score",
        "halaman",
        "page",
        "tahap",
        "fase",
        "phase",
        "kelas",
        "tingkat",
        "level",
        "bab",
        "us",
        "no",
        "top",
        "step",
        "langkah",
        "kode",
    ]
)
_ALSO_BEFORE = frozenset({"no", "us", "tahun", "bulan", "year", "month", "day", "hari"})


def _bare(found: Sequence[Token], at: int) -> bool:
    return found[at].start == found[at - 1].end and found[at].plain and len(found[at].word) <= 3  # noqa: PLR2004


def _run(found: Sequence[Token], at: int, out: Masks) -> None:
    """Take the groups of a telephone number or the like."""
    place = at
    while place < len(found) and place - at <= 12:  # noqa: PLR2004
        if found[place].sort is Sort.NUMBER:
            out.used[place] = True
        elif word(found, place) not in ("-", "(", ")", ".", "+", "/", "–"):
            return
        place += 1


def _measured(found: Sequence[Token], at: int) -> bool:
    """Tell whether what follows makes a measure, a time or money of the number."""
    following = word(found, at + 1)
    if following in ("°", "'", "″", "²"):
        return True
    if following in ("st", "nd", "rd", "th"):
        return found[at + 1].start == found[at].end
    return following in lexicon.UNITS
