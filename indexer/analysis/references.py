"""Places where the same thing is written in several ways, and the one way in which it is indexed.

"Perpres 7/2021" and "Peraturan Presiden RI (Perpres) Nomor 7 Tahun 2021", "Pilar II" and "pilar 2",
"1,250" and "1250". Whatever is written, the words by position are the same (those of the way in full),
so words and phrases of any of the ways find all of them. What is written otherwise, and short names,
stand beside them as wholes, which phrases leave out.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from indexer.analysis.kinds import DOUBTFUL, FULL, LONGEST, SHORT
from indexer.analysis.runs import Token, number_of, tokens_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from indexer.analysis.kinds import Kind

#: Words that a counted thing's number follows, in digits, Roman or spelt out.
_COUNTED_WORDS = """
    pilar bab lampiran tahap tahapan fase fokus tujuan sasaran bagian buku jilid volume edisi seri kelas
    golongan tingkat tier level triwulan semester caturwulan periode gelombang angkatan tim kelompok pokja
    pillar chapter annex appendix phase stage focus part section quarter goal objective
"""
_COUNTED: Final = frozenset(_COUNTED_WORDS.split())
_NUMBERS: Final = {
    word: number
    for words in (
        "satu dua tiga empat lima enam tujuh delapan sembilan sepuluh",
        "one two three four five six seven eight nine ten",
    )
    for number, word in enumerate(words.split(), 1)
}
_ROMAN: Final = re.compile(r"x{0,3}(?:ix|iv|v?i{0,3})")
_ROMAN_DIGITS: Final = (("x", 10), ("ix", 9), ("v", 5), ("iv", 4), ("i", 1))
_MOST_COUNTED = 39
_NUMBER_WORDS: Final = frozenset(("nomor", "nomer", "no", "nr", "number"))
_YEAR_WORDS: Final = frozenset(("tahun", "thn", "th", "year", "of"))
_NUMBER: Final = re.compile(r"0*([1-9][0-9]{0,3}[a-z]?)")
_YEAR: Final = re.compile(r"(?:19|20)[0-9]{2}")
#: Words whose halves at the ends of two lines are put together here.
_WORDS: Final = (
    frozenset(word for words in FULL for word in words) | frozenset(SHORT) | {"nomor", "tahun"} | _COUNTED
)
_OPENERS: Final = frozenset(LONGEST) | frozenset(SHORT) | _NUMBER_WORDS | _COUNTED
_ONLY_COUNTED: Final = _COUNTED - set(LONGEST) - set(SHORT) - _NUMBER_WORDS
#: What stands before a number and how one may begin: most that follows "kelas" or "tahap" is none.
_MAY_COUNT: Final = re.compile(r"(?i)\)?\s{1,8}(?:[0-9ivxlsdteofn]|[^\x00-\x7f])")
#: Words that stand beside others are wholes that no phrase takes for one word, see ``JOINED``.
_BESIDE = 3
_SPACE: Final = re.compile(r"\)?\s{1,8}")
_WITHIN: Final = re.compile(r"[\s‐‑\u00ad-]{1,8}")
_BEFORE_NUMBER: Final = re.compile(r"[\s.:)‐‑-]{1,8}")
_SLASH: Final = re.compile(r"\s?/\s?")
_OPENING: Final = re.compile(r"\s{0,4}\(\s?")
_CLOSING: Final = re.compile(r"\s?\)\s{0,4}")
_THOUSANDS: Final = re.compile(r"[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]+)?(?!\w|[,./‐‑-]\w)")
_DATED: Final = re.compile(
    r"(?i)([1-9][0-9]{0,2})\s{1,8}(tahun|thn|th)\b\.?\s{1,8}((?:19|20)[0-9]{2})(?![\w]|[./‐‑-]\w)"
)
_GROUP: Final = re.compile("[0-9]+")
_PERCENT: Final = re.compile(r"\s?(?:%|‰|persen|percent|per cent)")
_FEW_DIGITS = 3
_FAR = 9
#: The one kind that is written with a hyphen, which makes a whole of its own.
_LAW: Final = ("undang", "undang")


class _Atom(NamedTuple):
    """A word as it is written; ``ends`` where a run of joined words ends with it."""

    term: str
    start: int
    end: int
    ends: bool


class _Read(NamedTuple):
    """What was read up to ``place``, an index of atoms."""

    place: int
    tokens: list[Token]


def opens(tokens: tuple[Token, ...], run: str) -> bool:
    """Tell whether something that is written in several ways may begin with this run."""
    if not tokens:
        return False
    if run[0].isdecimal():
        return len(run) <= _FEW_DIGITS and run.isascii() and run.isdecimal()
    return tokens[0].term in _OPENERS or (len(tokens) > 1 and tokens[1].term in _OPENERS)


def read(text: str, start: int, run: str, pattern: re.Pattern[str]) -> tuple[int, tuple[Token, ...]] | None:
    """Return where what begins with ``run`` at ``start`` ends, and its tokens counted from there.

    ``pattern`` finds the runs of this text. None when it is an ordinary run.
    """
    if run[0].isdecimal():
        end = start + len(run)
        if text.startswith(",", end):
            return _amount(text, start)
        # Almost no number is followed by "tahun": looked at before anything is matched.
        return _dated(text, start) if text[end : end + _FAR].lstrip()[:1] in ("t", "T") else None
    if run.lower() in _ONLY_COUNTED and not _MAY_COUNT.match(text, start + len(run)):
        return None
    atoms = _Atoms(text, start, pattern)
    found = _law(atoms) or _counted(atoms)
    if found is None:
        return None
    end = atoms[found.place - 1].end
    tokens = sorted(found.tokens, key=lambda token: token.position)
    return end, tuple(token._replace(start=token.start - start, end=token.end - start) for token in tokens)


class _Atoms:
    """The words from a place on, looked at only as far as they are asked for."""

    def __init__(self, text: str, start: int, pattern: re.Pattern[str]) -> None:
        self.text = text
        self._more = self._atoms(start, pattern)
        self._known: list[_Atom] = []

    def _atoms(self, start: int, pattern: re.Pattern[str]) -> Iterator[_Atom]:
        for run in pattern.finditer(self.text, start):
            at, tokens = run.start(), tokens_of(run.group())
            if len(tokens) > 1 and "\n" in run.group() and tokens[0].term in _WORDS:
                tokens = tokens[:1]
            parts = [token for token in tokens if not token.whole] or tokens
            for place, token in enumerate(parts):
                last = place == len(parts) - 1
                yield _Atom(token.term, at + token.start, at + token.end, last)

    def __getitem__(self, place: int) -> _Atom:
        """Return a word; behind the last one stand words without letters."""
        while len(self._known) <= place:
            size = len(self.text)
            self._known.append(next(self._more, _Atom("", size, size, ends=True)))
        return self._known[place]

    def gap(self, place: int, allowed: re.Pattern[str]) -> bool:
        """Tell whether nothing but ``allowed`` stands between a word and the one before it."""
        between = allowed.fullmatch(self.text, self[place - 1].end, self[place].start)
        return bool(self[place].term) and between is not None


# -- legal texts ---------------------------------------------------------------------------------


def _law(atoms: _Atoms) -> _Read | None:
    """Read the kind of a legal text, its number and year, or some of these."""
    named = _kind(atoms)
    if named is None:
        tail = _tail(atoms, 0, 0, named=False)
        return tail if tail is not None and atoms[tail.place - 1].ends else _misread(atoms)
    place, kind, sure = named
    size = len(kind.words)
    tokens = _kind_tokens(atoms, place, kind)
    after, beside = _between(atoms, place, kind, size)
    tail = _tail(atoms, after, size, named=True)
    if tail is not None and atoms[tail.place - 1].ends:
        return _Read(tail.place, tokens + tail.tokens + beside)
    return _Read(place, tokens) if sure and atoms[place - 1].ends else None


def _kind(atoms: _Atoms) -> tuple[int, Kind, bool] | None:
    """Return behind which word the kind ends, the kind, and whether it is sure without a number."""
    first = atoms[0].term
    if (kind := SHORT.get(first)) is not None:
        return 1, kind, first not in DOUBTFUL
    words = [first]
    for place in range(1, LONGEST.get(first, 0)):
        if not atoms.gap(place, _WITHIN):
            break
        words.append(atoms[place].term)
    for size in range(len(words), 1, -1):
        if (kind := FULL.get(tuple(words[:size]))) is not None:
            return size, kind, True
    return None


def _kind_tokens(atoms: _Atoms, place: int, kind: Kind) -> list[Token]:
    """Return the kind in full and, over it, its short names; "permendagri" is a "permen", too."""
    start, end, size = atoms[0].start, atoms[place - 1].end, len(kind.words)
    names = dict.fromkeys(kind.shorts, (end, size))
    if kind.words == _LAW:
        names["".join(_LAW)] = (end, size)
    # The one that is written comes first: it is what a query is told by.
    written_first = atoms[0].term if place == 1 else "".join(kind.words)
    names = {name: names[name] for name in sorted(names, key=lambda name: name != written_first)}
    pair = FULL.get(kind.words[:2])
    if pair is not None and pair is not kind:
        names |= dict.fromkeys(pair.shorts, (atoms[1].end if place == size else end, len(pair.words)))
    written = {atoms[n].term for n in range(place)} - set(kind.words) - set(names)
    names |= dict.fromkeys(sorted(written), (end, size))
    tokens = [Token(name, start, till, 0, places, acronym=True) for name, (till, places) in names.items()]
    for position, word in enumerate(kind.words):
        first, last = (atoms[position].start, atoms[position].end) if place == size else (start, end)
        tokens.append(Token(word, first, last, position, 1, acronym=False))
    return tokens


def _between(atoms: _Atoms, place: int, kind: Kind, size: int) -> tuple[int, list[Token]]:
    """Return where the number may begin, behind "(Perpres)" and "Republik Indonesia", and these."""
    beside: list[_Atom] = []
    if atoms.gap(place, _OPENING) and atoms[place].term in kind.shorts and atoms.gap(place + 1, _CLOSING):
        place += 1
    for country in (("ri",), ("republik", "indonesia")):
        words = [atoms[place + n] for n in range(len(country))]
        if all(
            word.term == wanted and atoms.gap(place + n, _SPACE)
            for n, (word, wanted) in enumerate(zip(words, country, strict=True))
        ):
            beside += words
            place += len(words)
            break
    if atoms.gap(place, _OPENING) and atoms[place].term in kind.shorts and atoms.gap(place + 1, _CLOSING):
        place += 1
    return place, [
        Token(atom.term, atom.start, atom.end, size + n, _BESIDE, acronym=True)
        for n, atom in enumerate(beside)
    ]


def _tail(atoms: _Atoms, place: int, position: int, *, named: bool) -> _Read | None:
    """Read "Nomor 7 Tahun 2021" or "7/2021"; where no kind is named before it, "nomor" must be there."""
    begins = place
    if atoms[place].term in _NUMBER_WORDS and (place == 0 or atoms.gap(place, _BEFORE_NUMBER)):
        place += 1
    elif not named:
        return None
    number = _NUMBER.fullmatch(number_of(atoms[place].term))
    if number is None or not atoms.gap(place, _BEFORE_NUMBER):
        return None
    at_year, at_word = _year(atoms, place + 1, named=named)
    if not at_year:
        return None
    # A word that is not written stands at the number that it would stand before.
    words = (
        ("nomor", begins),
        (number.group(1), place),
        ("tahun", at_word or at_year),
        (atoms[at_year].term, at_year),
    )
    first, last = atoms[begins], atoms[at_year]
    whole = f"{number.group(1)}/{last.term}"
    tokens = [Token(whole, first.start, last.end, position, len(words), acronym=True)]
    written = {(atoms[at].term, at): min(n, len(words) - _BESIDE) for n, (_, at) in enumerate(words)}
    for (word, at), n in {("no", begins): 0, **written}.items():
        if all(word != other for other, _ in words):
            tokens.append(Token(word, atoms[at].start, atoms[at].end, position + n, _BESIDE, acronym=True))
    for n, (word, at) in enumerate(words):
        start, end = atoms[at].start, atoms[at].end
        if n % 2:  # "nomor 7" is "7", too, and "tahun 2021" is "2021"
            tokens.append(Token(word, start, end, position + n - 1, 2, acronym=True))
        tokens.append(Token(word, start, end, position + n, 1, acronym=False))
    return _Read(at_year + 1, tokens)


def _year(atoms: _Atoms, place: int, *, named: bool) -> tuple[int, int]:
    """Return where the year behind a number stands and where the word "tahun" does; 0 for neither."""
    at_word = 0
    if atoms[place].term in _YEAR_WORDS and atoms.gap(place, _SPACE) and atoms.gap(place + 1, _BEFORE_NUMBER):
        place, at_word = place + 1, place
    elif not (atoms.gap(place, _SLASH) or (named and atoms.gap(place, _SPACE))):
        return 0, 0
    return (place, at_word) if _YEAR.fullmatch(atoms[place].term) else (0, 0)


def _misread(atoms: _Atoms) -> _Read | None:
    """Read "Nomor 4I", in which a scan shows 41; "Pasal 43I" is an article, "Nomor 43A" is left alone."""
    word, number = atoms[0], atoms[1]
    if word.term not in _NUMBER_WORDS or not word.ends or not number.ends or number.term.isalpha():
        return None
    digits = number_of(number.term)
    if digits == number.term or not atoms.gap(1, _BEFORE_NUMBER):
        return None
    return _Read(
        2,
        [
            Token(word.term, word.start, word.end, 0, 1, acronym=False),
            _beside(atoms, number.term, 1),
            Token(digits, number.start, number.end, 1, 1, acronym=False),
        ],
    )


def _beside(atoms: _Atoms, term: str, place: int) -> Token:
    """Return another way to write the word at a place, over two: with the next or, at the end, with the one before."""
    at = atoms[place]
    return Token(term, at.start, at.end, place if atoms[place + 1].term else place - 1, 2, acronym=True)


# -- counted things and amounts ------------------------------------------------------------------


def is_counted(term: str) -> bool:
    """Tell whether a folded ``term`` is a thing that a number may follow, as "pilar" is."""
    return term in _COUNTED


def _counted(atoms: _Atoms) -> _Read | None:
    """Read "Pilar II", "pilar 2", "Pillar two", "Semester I/2022"."""
    thing, number = atoms[0], atoms[1]
    if thing.term not in _COUNTED or not thing.ends or not atoms.gap(1, _SPACE):
        return None
    value = _value(number.term)
    if not 1 <= value <= _MOST_COUNTED:
        return None
    roman = _roman(value)
    tokens = [Token(thing.term, thing.start, thing.end, 0, 1, acronym=False)]
    tokens += [_beside(atoms, word, 1) for word in dict.fromkeys((roman, number.term)) if word != str(value)]
    last = 1
    if not number.ends:
        last, year = 2, atoms[2]
        if not (year.ends and _YEAR.fullmatch(year.term) and atoms.gap(2, _SLASH)):
            return None
        tokens += [
            Token(f"{word}/{year.term}", number.start, year.end, 1, 2, acronym=True)
            for word in (str(value), roman)
        ]
        tokens.append(Token(year.term, year.start, year.end, 2, 1, acronym=False))
    tokens.append(Token(str(value), number.start, number.end, 1, 1, acronym=False))
    return _Read(last + 1, tokens)


def _value(term: str) -> int:
    """Return the number that a word says, 0 for none; "l" stands for "I" where a scan was misread."""
    if term.isdecimal() and len(term) < _FEW_DIGITS:
        return int(term)
    if (value := _NUMBERS.get(term)) is not None:
        return value
    letters = term.replace("l", "i")
    if not _ROMAN.fullmatch(letters):
        return 0
    return next(value for value in range(1, _MOST_COUNTED + 1) if _roman(value) == letters)


def _roman(value: int) -> str:
    letters = ""
    for sign, worth in _ROMAN_DIGITS:
        letters += sign * (value // worth)
        value %= worth
    return letters


def _amount(text: str, start: int) -> tuple[int, tuple[Token, ...]] | None:
    """Read "1,250.75"; a comma before three digits and a percent sign stands before a fraction."""
    found = _THOUSANDS.match(text, start)
    if not found or _PERCENT.match(text, found.end()):
        return None
    groups = list(_GROUP.finditer(found.group()))
    thousands = groups[: found.group().count(",") + 1]
    term = "".join(group.group() for group in thousands)
    whole = Token(term, 0, thousands[-1].end(), 0, len(thousands), acronym=True)
    parts = [
        Token(group.group(), group.start(), group.end(), place, 1, acronym=False)
        for place, group in enumerate(groups)
    ]
    return found.end(), (whole, *parts)


def _dated(text: str, start: int) -> tuple[int, tuple[Token, ...]] | None:
    """Read "11 Tahun 2024" where no kind is known: the short way stands beside what is written."""
    found = _DATED.match(text, start)
    if found is None:
        return None
    words = [(found.group(n).lower(), found.start(n) - start, found.end(n) - start) for n in (1, 2, 3)]
    whole = Token(f"{words[0][0]}/{words[2][0]}", 0, words[2][2], 0, len(words), acronym=True)
    number, word, year = (Token(*word, place, 1, acronym=False) for place, word in enumerate(words))
    return found.end(), (whole, number, year._replace(position=1, places=2, acronym=True), word, year)


#: Every word that anything read here may give, numbers in digits apart.
VOCABULARY: Final = frozenset(
    (
        *(word for words, kind in FULL.items() for word in (*words, *kind.words, "".join(kind.words))),
        *SHORT,
        *_NUMBER_WORDS,
        *_YEAR_WORDS,
        *_COUNTED,
        *_NUMBERS,
        *map(_roman, range(1, _MOST_COUNTED + 1)),
        *("republik", "indonesia", "ri"),
    )
)
