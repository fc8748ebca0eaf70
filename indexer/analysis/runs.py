"""Runs of joined words, each to its terms; what stands around a run does not matter here.

A word written with hyphens, slashes or dots ("alat-alat", "I-KHub", "7/2021", "1.3.07") gives its
parts, each at a position of its own, and the whole over the positions of its parts: hyphens
vanish from the whole ("ikhub"), so that "kontra-narasi" and "kontranarasi" meet. The whole of a
number loses the points between its thousands.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

_LETTER = r"[^\W_]"
#: A letter may carry marks that are characters of their own; they are looked for where there are any.
_MARKED = r"[^\W_][\u0300-\u036f]*"
_RUN = r"{0}(?:[-‐‑/.\u00ad]{0}|[-‐‑][ \t]*\r?\n[ \t]*{0})*"
_WORD = re.compile(rf"{_LETTER}+(?:['’ʼ]{_LETTER}+)*")
_MARKED_WORD = re.compile(rf"(?:{_MARKED})+(?:['’ʼ](?:{_MARKED})+)*")
_PLAIN_RUNS = re.compile(_RUN.format(_WORD.pattern))
_MARKED_RUNS = re.compile(_RUN.format(_MARKED_WORD.pattern))
_MARKS = re.compile(r"[\u0300-\u036f]")
_CUT = re.compile(rf"({_MARKED_WORD.pattern})[-‐‑]\Z")
_HYPHENS = str.maketrans("", "", "-‐‑\u00ad\r\n\t '’ʼ")
_APOSTROPHES = str.maketrans("", "", "'’ʼ")
#: Words in capitals up to this long are acronyms, which are never stemmed.
MAX_ACRONYM = 6
#: A longer run is no word; it is cut, so that no term is larger than this.
MAX_WORD = 64
#: Longer runs are not kept in memory, and no more than so many.
MEMORABLE = 40
SEEN_LIMIT = 50_000
#: Folding may make a form that folds once more; it settles at once or at the second time.
_ROUNDS = 4
_THOUSANDS = re.compile(r"[1-9][0-9]{0,2}(?:\.[0-9]{3})+")
_CURRENCY = re.compile(r"(?i:rp|idr|usd)(?=[1-9][0-9.]*\Z)")
_COMMA = re.compile(r"(?<=[0-9]),(?=[0-9])")
_DIGITS_READ = re.compile(r"[0-9oil]*[0-9][0-9oil]*")
_AS_DIGITS = str.maketrans("oil", "011")
#: One digit beside letters is more often part of a code.
_SURE_DIGITS = 2
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")


class Token(NamedTuple):
    """A term of a text: ``text[start:end]`` is where it stands; ``whole`` marks a joined word.

    A whole takes ``places`` positions, those of its parts. Terms hold letters and digits only, wholes
    also "/" and ".".
    """

    term: str
    start: int
    end: int
    position: int
    places: int
    acronym: bool

    @property
    def whole(self) -> bool:
        """Tell whether this is a joined word; its parts follow."""
        return self.places > 1


def fold(word: str) -> str:
    """Return ``word`` as terms are compared: compatibility forms and case folded, accents dropped."""
    if word.isascii():
        return word.lower()
    for _ in range(_ROUNDS):
        folded = unicodedata.normalize("NFKD", word).casefold()
        folded = unicodedata.normalize("NFKC", "".join(c for c in folded if not unicodedata.combining(c)))
        if folded == word:
            break
        word = folded
    return word


def plain(word: str) -> str:
    """Return the folded word with its signs of joining, and no other sign: "½" folds to one with a stroke.

    A comma within a number is a point.
    """
    folded = fold(word)
    if folded.isalnum():
        return folded
    return "".join(c for c in _COMMA.sub(".", folded) if c.isalnum() or c in "-/.")


def pattern_of(text: str) -> re.Pattern[str]:
    """Return the pattern that finds the runs of joined words of ``text``."""
    return _PLAIN_RUNS if text.isascii() or not _MARKS.search(text) else _MARKED_RUNS


def tokens_of(run: str) -> tuple[Token, ...]:
    """Return the tokens of a run, counted from its beginning; a whole comes before its parts.

    Most runs have been seen before and give the same object.
    """
    tokens = _seen.get(run)
    if tokens is None:
        tokens = _tokens(run)
        if len(run) <= MEMORABLE:
            if len(_seen) >= SEEN_LIMIT:
                _seen.clear()
            _seen[run] = tokens
    return tokens


def cut(before: str, after: str) -> Token | None:
    """Return the word that is cut by a hyphen where ``before`` ends and goes on where ``after`` begins.

    It takes one place, the last of ``before``; ``start`` and ``end`` count from between the two. What goes
    on with a capital is a word of its own, except in a word that is all in capitals.
    """
    first = _CUT.search(before[-MAX_WORD - 2 :])
    second = _MARKED_WORD.match(after[: MAX_WORD + 1]) if first is not None else None
    if first is None or second is None:
        return None
    head, tail = first[1], second[0]
    goes_on = tail[0].islower() or (head.isupper() and tail.isupper())
    if not goes_on or len(head) + len(tail) > MAX_WORD:
        return None
    tokens = tokens_of(head + tail)
    if len(tokens) != 1 or not tokens[0].term.isalpha():
        return None
    return tokens[0]._replace(start=-len(first[0]), end=len(tail), position=-1)


def _tokens(run: str) -> tuple[Token, ...]:
    if run.isascii() and run.isalnum():  # most words: one part, nothing to fold but case
        term = run.lower()[:MAX_WORD]
        return (Token(_digits(term, []), 0, len(run), 0, 1, _is_acronym(run)),)
    words = _MARKED_WORD if _MARKS.search(run) else _WORD
    parts = [
        (term, *part.span(), _is_acronym(part.group()))
        for part in words.finditer(run)
        if (term := plain(part.group().translate(_APOSTROPHES))[:MAX_WORD])
    ]
    terms = [term for term, *_ in parts]
    read = [_digits(term, terms[:place] + terms[place + 1 :]) for place, term in enumerate(terms)]
    found = [
        Token(term, first, last, place, 1, acronym)
        for place, (term, (_, first, last, acronym)) in enumerate(zip(read, parts, strict=True))
    ]
    if len(parts) > 1:
        found.insert(0, Token(_whole(run, parts, read), 0, len(run), 0, len(parts), acronym=True))
    return tuple(found)


def _whole(run: str, parts: list[tuple[str, int, int, bool]], read: list[str]) -> str:
    joined = plain(run.translate(_HYPHENS)).replace("-", "")
    if read != [term for term, *_ in parts]:
        joined, end = "", 0
        for term, (_, first, last, _) in zip(read, parts, strict=True):
            joined += "".join(c for c in run[end:first] if c in "/.") + term
            end = last
    amount = _CURRENCY.sub("", joined)
    if _THOUSANDS.fullmatch(amount):
        joined = amount.replace(".", "")
    return joined[:MAX_WORD]


def _digits(term: str, beside: list[str]) -> str:
    """Return a string of digits in which a scan was read as letters with the digits it shows.

    Letters between digits, and any in a year, are digits; beside parts that are all digits "o" is, too.
    "i10", "30o" and "5l" stay what they are.
    """
    if term.isdecimal() or term.isalpha() or not _DIGITS_READ.fullmatch(term):
        return term
    read = term.translate(_AS_DIGITS)
    digits = sum(c.isdecimal() for c in term)
    between = term[0].isdecimal() and term[-1].isdecimal()
    alone = digits >= _SURE_DIGITS and 2 * digits >= len(term) and (between or _YEAR.fullmatch(read))
    in_number = beside and all(each.isdecimal() for each in beside) and term[-1] not in "il"
    return read if alone or in_number else term


def number_of(term: str) -> str:
    """Return what a scan shows where a number must stand: "4i" is 41, "l" is 1, "ii" may be Roman and stays."""
    return term.translate(_AS_DIGITS) if len(term) == 1 or _DIGITS_READ.fullmatch(term) else term


def _is_acronym(word: str) -> bool:
    return 1 < len(word) <= MAX_ACRONYM and word.isupper()


_seen: dict[str, tuple[Token, ...]] = {}
