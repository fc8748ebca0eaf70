"""A text as words, numbers and marks, each with its place; numbers in digits or in words of two languages.

What stands between the words of a phrase in real documents is taken out here: line breaks, hyphens at
a line's end, soft hyphens, footnote marks, citation numbers, bullets, emphasis marks.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum, auto

from khub.checking import numerals


class Sort(Enum):
    """What a token is."""

    NUMBER = auto()
    WORD = auto()
    PERCENT = auto()
    MARK = auto()
    BULLET = auto()
    BREAK = auto()


@dataclass(frozen=True, slots=True)
class Token:
    """``word`` is the folded word or mark; ``value`` the number (None: unreadable).

    ``spelled`` tells a number in words, ``plain`` one in digits without any separator.
    ``fresh`` tells that a line begins with it. ``twin``: the number that its words in parentheses say, where they differ.
    """

    sort: Sort
    start: int
    end: int
    word: str = ""
    value: Decimal | None = None
    digits: int = 0
    spelled: bool = False
    plain: bool = False
    capital: bool = False
    fresh: bool = False
    twin: int | None = None

    @property
    def whole(self) -> int | None:
        """Return the number when it is a whole one."""
        if self.value is None or self.value != self.value.to_integral_value():
            return None
        return int(self.value)


#: A letter: superscripts, fractions and numbers in circles are none.
_LETTER = r"[^\W\d_\u00b2\u00b3\u00b9\u00bc-\u00be\u2070-\u209c\u2150-\u218b\u2460-\u24ff]"
_TOKEN = re.compile(
    r"(?P<break>\n[^\S\n]*\n\s*|\f)"
    r"|(?P<bullet>(?:(?<=\n)|(?<=\A))[^\S\n]*(?:[-•▪●◦*–—·‣]+|(?:\d{1,2}|[a-zA-Z]|[ivxIVX]{1,4})[.)])(?=\s))"
    r"|(?P<short>\b(?:[Ii]\.\s?[Ee]|[Ee]\.\s?[Gg]|[Ss][./][Dd])\b\.?)"
    r"|(?P<number>\d+(?:[.,]\d+)*)"
    r"|(?P<percent>[%％٪])"
    rf"|(?P<word>[Kk]\s?/\s?[Ll](?!{_LETTER})|{_LETTER}+(?:\u00ad{_LETTER}+)*)"
    r"|(?P<mark>[^\w\s]|_)"
)
_CITATION = re.compile(r"\[\d{1,3}(?:\s*[,–-]\s*\d{1,3})*\]")
_HYPHEN = re.compile(r"[-‐\u00ad][^\S\n]*\n[^\S\n]*(?=[a-zà-ÿ])")
_NO_MEANING = frozenset("*_`~\u200b\u200c\u200d\u2060\ufeff\u00ad“”\"‘’'«»")
_LONGEST = 12
_GROUPED = re.compile(r"\d{1,3}(?:\.\d{3})+(?:,\d+)?|\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_NOTED = frozenset({")", "]"})
_CURRENCIES = frozenset({"rp", "idr", "usd"})
_PERCENT_WORDS = frozenset({"persen", "percent", "prosen", "pct"})


def tokens(text: str) -> list[Token]:
    """Return the tokens of ``text`` in order; takes time in proportion to its length."""
    return _with_twins(_spelled(_percents(_hyphens(_raw(text), text))))


def _raw(text: str) -> list[Token]:
    cited = {at: found.end() for found in _CITATION.finditer(text) for at in (found.start(),)}
    out: list[Token] = []
    at, end = 0, len(text)
    while at < end:
        if at in cited:
            at = cited[at]
            continue
        found = _TOKEN.match(text, at)
        if found is None:
            at += 1
            continue
        start, at = found.span()
        kind, piece = found.lastgroup, found.group()
        if kind == "mark" and piece in _NO_MEANING:
            continue
        if kind == "number":
            if not _is_note(text, start, at, out):
                out.append(_number(piece, start, at))
            continue
        sort = {
            "break": Sort.BREAK,
            "short": Sort.WORD,
            "bullet": Sort.BULLET,
            "percent": Sort.PERCENT,
            "word": Sort.WORD,
        }.get(kind or "", Sort.MARK)
        if piece == "|" and _edge(text, start, at):
            sort = Sort.BULLET  # a row of a table is a line of its own
        word = piece.replace("\u00ad", "").casefold() if sort in (Sort.WORD, Sort.MARK) else ""
        if kind == "word" and "/" in word:
            word = "k/l"
        if kind == "short":
            word = re.sub(r"\W", "", word)
        fresh = bool(out) and "\n" in text[out[-1].end : start]
        out.append(Token(sort, start, at, word, capital=piece[:1].isupper(), fresh=fresh))
    return out


def _edge(text: str, start: int, end: int) -> bool:
    """Tell whether a bar begins or ends its line."""
    before = text[max(0, start - _MARGIN) : start].rstrip(" \t")
    behind = text[end : end + _MARGIN].lstrip(" \t")
    return before[-1:] in ("", "\n") or behind[:1] in ("", "\n")


def _is_note(text: str, start: int, end: int, before: list[Token]) -> bool:
    """Tell a footnote mark behind a word, a percent sign or a bracket, and the digits of a name, from a number."""
    if not before or before[-1].end != start:
        return False
    last = before[-1]
    if last.sort is Sort.WORD:
        return last.word not in _CURRENCIES
    noted = last.sort is Sort.PERCENT or (last.sort is Sort.MARK and last.word in _NOTED)
    return noted and end - start <= 2 and not text[end : end + 1].isalpha()  # noqa: PLR2004 - notes are short


def _number(piece: str, start: int, end: int) -> Token:
    if sum(map(str.isdigit, piece)) > _LONGEST:
        return Token(Sort.NUMBER, start, end, piece[:_LONGEST])
    groups = re.split(r"[.,]", piece)
    if len(groups) == 1:
        return Token(Sort.NUMBER, start, end, piece, Decimal(int(piece)), plain=True)
    if _GROUPED.fullmatch(piece):
        decimals = groups[-1] if piece.count(".") and piece.count(",") else ""
        thousands = groups[:-1] if decimals else groups
        # "90,412" is read as a count; a percent sign behind it makes a decimal of it (``as_percent``)
        value = Decimal("".join(thousands)) + (Decimal(f"0.{decimals}") if decimals else 0)
        return Token(Sort.NUMBER, start, end, piece, value, len(decimals))
    if len(groups) == 2:  # noqa: PLR2004 - one separator: a decimal
        value = Decimal(f"{int(groups[0])}.{groups[1]}")
        return Token(Sort.NUMBER, start, end, piece, value, len(groups[1]))
    return Token(Sort.NUMBER, start, end, piece)


def as_percent(token: Token) -> tuple[Decimal, int] | None:
    """Return a number as percent: value and decimals; one separator always starts the decimals."""
    groups = re.split(r"[.,]", token.word)
    if not token.spelled and len(groups) == 2 and token.value is not None:  # noqa: PLR2004
        return Decimal(f"{int(groups[0])}.{groups[1]}"), len(groups[1])
    return None if token.value is None else (token.value, token.digits)


def _hyphens(found: list[Token], text: str) -> list[Token]:
    out: list[Token] = []
    at = 0
    while at < len(found):
        token = found[at]
        if token.sort is Sort.WORD and _HYPHEN.match(text, token.end):
            after = at + 1
            if after < len(found) and found[after].sort is Sort.MARK:
                after += 1
            if after < len(found) and found[after].sort is Sort.WORD:
                right = found[after]
                if not (numerals.known(token.word) and numerals.known(right.word)):
                    word = token.word + right.word
                    out.append(Token(Sort.WORD, token.start, right.end, word, capital=token.capital))
                    at = after + 1
                    continue
        out.append(token)
        at += 1
    return out


def _percents(found: list[Token]) -> list[Token]:
    out: list[Token] = []
    for token in found:
        if token.sort is Sort.WORD and token.word in _PERCENT_WORDS:
            out.append(Token(Sort.PERCENT, token.start, token.end))
        elif (
            token.sort is Sort.WORD
            and token.word == "cent"
            and out
            and out[-1].word == "per"
            and out[-1].sort is Sort.WORD
        ):
            out[-1] = Token(Sort.PERCENT, out[-1].start, token.end)
        else:
            out.append(token)
    return out


def _spelled(found: list[Token]) -> list[Token]:
    out: list[Token] = []
    at = 0
    while at < len(found):
        token = found[at]
        if token.sort is Sort.WORD and numerals.starts(token.word):
            used, value = numerals.read(_number_words(found, at))
            if used and value is not None:
                last = _nth_word(found, at, used)
                end = found[last].end
                out.append(Token(Sort.NUMBER, token.start, end, token.word, Decimal(value), spelled=True))
                at = last + 1
                continue
        if token.sort is Sort.NUMBER and token.value is not None and at + 1 < len(found):
            scale = numerals.scale(found[at + 1].word) if found[at + 1].sort is Sort.WORD else 0
            if scale:
                out.append(
                    Token(Sort.NUMBER, token.start, found[at + 1].end, token.word, token.value * scale)
                )
                at += 2
                continue
        out.append(token)
        at += 1
    return out


def _number_words(found: list[Token], at: int) -> list[str]:
    """Return the words from ``at`` that may belong to one number; hyphens between them are skipped."""
    words: list[str] = []
    while at < len(found) and len(words) < numerals.LONGEST:
        token = found[at]
        if token.sort is Sort.WORD and (numerals.known(token.word) or token.word == "and"):
            words.append(token.word)
        elif not (token.sort is Sort.MARK and token.word in "-‐" and words):
            break
        at += 1
    return words


def _nth_word(found: list[Token], at: int, count: int) -> int:
    while True:
        if found[at].sort is Sort.WORD:
            count -= 1
            if not count:
                return at
        at += 1


def _with_twins(found: list[Token]) -> list[Token]:
    """Join "41 (empat puluh satu)" into one number."""
    out: list[Token] = []
    at = 0
    while at < len(found):
        token = found[at]
        again = _percent_again(found, at)
        if again:
            out.append(Token(Sort.PERCENT, token.start, found[again].end))
            at = again + 1
            continue
        group = found[at + 1 : at + 4]
        if (
            token.sort is Sort.NUMBER
            and not token.spelled
            and [each.sort for each in group] == [Sort.MARK, Sort.NUMBER, Sort.MARK]
            and group[0].word == "("
            and group[2].word == ")"
            and group[1].spelled
            and token.whole is not None
        ):
            said = group[1].whole
            twin = said if said != token.whole else None
            end = group[2].end
            out.append(
                Token(Sort.NUMBER, token.start, end, token.word, token.value, plain=token.plain, twin=twin)
            )
            at += 4
            continue
        out.append(token)
        at += 1
    return out


def _percent_again(found: list[Token], at: int) -> int:
    """Return the last token of "(lima puluh persen)" behind "50%", 0 where no such words follow.

    Words with decimals ("satu koma lima persen") are passed over unread.
    """
    if at == 0 or found[at].sort is not Sort.PERCENT or at + 1 >= len(found):
        return 0
    place, comma = at + 2, False
    while place < len(found) and place < at + _DECIMAL_WORDS:
        token = found[place]
        comma = comma or token.word in ("koma", "point")
        if not (token.spelled or token.word in ("koma", "point")):
            break
        place += 1
    closing = found[place : place + 2]
    closed = [each.sort for each in closing] == [Sort.PERCENT, Sort.MARK] and closing[1].word == ")"
    if found[at + 1].word != "(" or not closed or place == at + 2:
        return 0
    same = place == at + 3 and found[at + 2].value == found[at - 1].value
    return place + 1 if comma or same else 0


_DECIMAL_WORDS = 8
#: More spaces than stand before or behind the outer bars of a row.
_MARGIN = 20
