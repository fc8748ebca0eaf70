"""Number words of Indonesian and English, up to the hundred thousands; roman numerals and ordinals."""

from __future__ import annotations

import re

_ID_UNITS = dict(
    zip(
        ["nol", "satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan"],
        range(10),
        strict=True,
    )
)
_EN_UNITS = dict(
    zip(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
        ],
        range(20),
        strict=True,
    )
)
_EN_TENS = dict(
    zip(
        ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"],
        range(20, 100, 10),
        strict=True,
    )
)
_ID_WHOLE = {"sepuluh": 10, "sebelas": 11, "seratus": 100, "seribu": 1000}
_ID_PARTS = ("belas", "puluh", "ratus", "ribu")
_EN_PARTS = ("hundred", "thousand")
_SCALES = {"ribu": 1000, "thousand": 1000}
_INDONESIAN = frozenset({*_ID_UNITS, *_ID_WHOLE, *_ID_PARTS})
_ENGLISH = frozenset({*_EN_UNITS, *_EN_TENS, *_EN_PARTS})
#: More words than any number up to 999 999 has.
LONGEST = 14

_ORDINALS = {
    word: place + 1
    for words in (
        "pertama kedua ketiga keempat kelima keenam ketujuh kedelapan kesembilan kesepuluh",
        "kesatu",
        "first second third fourth fifth sixth seventh eighth ninth tenth",
    )
    for place, word in enumerate(words.split())
}
_ROMAN = re.compile(r"(?=[ivx])(x{0,3})(ix|iv|v?i{0,3})")
_GLUED = re.compile(
    r"(satu|dua|tiga|empat|lima|enam|tujuh|delapan|sembilan)(belas|puluh|ratus|ribu)"
    r"|(twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)(one|two|three|four|five|six|seven|eight|nine)"
)


def known(word: str) -> bool:
    """Tell whether ``word`` (folded) is part of a number."""
    return word in _INDONESIAN or word in _ENGLISH or _GLUED.fullmatch(word) is not None


def starts(word: str) -> bool:
    """Tell whether a number can begin with ``word``."""
    return known(word) and word not in _ID_PARTS and word not in _EN_PARTS


def scale(word: str) -> int:
    """Return what a word behind digits multiplies by ("2 ribu"), 0 for none."""
    return _SCALES.get(word, 0)


def ordinal(word: str) -> int | None:
    """Return the place that an ordinal or a roman numeral names: "kedua", "second", "iv"."""
    if word in _ORDINALS:
        return _ORDINALS[word]
    found = _ROMAN.fullmatch(word)
    if found is None or not word:
        return None
    low = {"": 0, "i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5, "vi": 6, "vii": 7, "viii": 8, "ix": 9}
    return 10 * len(found[1]) + low[found[2]]


def read(words: list[str]) -> tuple[int, int | None]:
    """Return (how many of ``words`` the number at their beginning takes, its value); (0, None) for none."""
    split: list[tuple[str, int]] = []  # a glued word stands as two with the same place
    for place, word in enumerate(words):
        glued = _GLUED.fullmatch(word)
        parts = [part for part in glued.groups() if part] if glued else [word]
        split.extend((part, place) for part in parts)
    if not split:
        return 0, None
    parse = _indonesian if split[0][0] in _INDONESIAN else _english
    used, value = parse([word for word, _ in split])
    return (split[used - 1][1] + 1, value) if used else (0, None)


def _indonesian(words: list[str]) -> tuple[int, int | None]:
    used, below = _below_thousand_id(words)
    if not used:
        return 0, None
    value = below
    if value < 1000 and words[used : used + 1] == ["ribu"]:  # noqa: PLR2004
        value, used = value * 1000, used + 1
    if value >= 1000:  # noqa: PLR2004
        more, rest = _below_thousand_id(words[used:])
        if more and rest < 1000:  # noqa: PLR2004
            return used + more, value + rest
    return used, value


def _below_thousand_id(words: list[str]) -> tuple[int, int]:
    """Read hundreds, tens and units; "seribu" counts as the 1000 that it is."""
    if words[:1] == ["seribu"]:
        return 1, 1000
    used, value = 0, 0
    if words[:1] == ["seratus"]:
        used, value = 1, 100
    elif len(words) > 1 and words[1] == "ratus" and words[0] in _ID_UNITS:
        used, value = 2, 100 * _ID_UNITS[words[0]]
    more, rest = _below_hundred_id(words[used:])
    return used + more, value + rest


def _below_hundred_id(words: list[str]) -> tuple[int, int]:
    first, second, third, behind = [*words[:4], "", "", "", ""][:4]
    if first in ("sepuluh", "sebelas"):
        return 1, _ID_WHOLE[first]
    if first not in _ID_UNITS or second == "ratus":
        return 0, 0
    unit = _ID_UNITS[first]
    if second == "belas":
        return 2, 10 + unit
    if second == "puluh":
        more = third in _ID_UNITS and behind not in ("belas", "puluh", "ratus")
        return (3, 10 * unit + _ID_UNITS[third]) if more else (2, 10 * unit)
    return 1, unit


def _english(words: list[str]) -> tuple[int, int | None]:
    used, value = _below_thousand_en(words)
    if not used:
        return 0, None
    if words[used : used + 1] == ["thousand"]:
        value, used = value * 1000, used + 1
        skip = int(words[used : used + 1] == ["and"])
        more, rest = _below_thousand_en(words[used + skip :])
        if more:
            return used + skip + more, value + rest
    return used, value


def _below_thousand_en(words: list[str]) -> tuple[int, int]:
    used, value = _below_hundred_en(words)
    if used and words[used : used + 1] == ["hundred"]:
        used, value = used + 1, value * 100
        skip = int(words[used : used + 1] == ["and"])
        more, rest = _below_hundred_en(words[used + skip :])
        if more:
            return used + skip + more, value + rest
    return used, value


def _below_hundred_en(words: list[str]) -> tuple[int, int]:
    if not words:
        return 0, 0
    if words[0] in _EN_TENS:
        unit = _EN_UNITS.get(words[1], 0) if len(words) > 1 else 0
        if 0 < unit < 10:  # noqa: PLR2004
            return 2, _EN_TENS[words[0]] + unit
        return 1, _EN_TENS[words[0]]
    if words[0] in _EN_UNITS:
        return 1, _EN_UNITS[words[0]]
    return 0, 0
