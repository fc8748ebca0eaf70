"""Snowball stems, kept apart by language: "i:latih", "e:train".

Acronyms, words with digits and words of five letters or fewer are never stemmed (BNPT is not BPNT).
Snowball overstems Indonesian, so the surface form is always indexed beside the stem.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final

import Stemmer

if TYPE_CHECKING:
    from indexer.analysis.runs import Token

#: Raised whenever the same text would give other terms; the index is then rebuilt.
ANALYZER_VERSION: Final = 3
#: Language code → prefix of its stems; an unknown language is read as Indonesian.
LANGUAGES: Final = {"id": "i", "en": "e"}

_SNOWBALL = {"id": "indonesian", "en": "english"}
_SHORT = 5
_CACHE_LIMIT = 200_000


class _Local(threading.local):
    """Stemmer objects are not safe to share between threads."""

    def __init__(self) -> None:
        self.stemmers = {code: Stemmer.Stemmer(name, 0) for code, name in _SNOWBALL.items()}


_local = _Local()
_cache: dict[str, dict[str, str]] = {code: {} for code in _SNOWBALL}


def stem(term: str, language: str) -> str:
    """Return the stem of a folded ``term``; short words and words with digits are returned as they are."""
    if len(term) <= _SHORT or not term.isalpha():
        return term
    language = language if language in LANGUAGES else "id"
    cache = _cache[language]
    found = cache.get(term)
    if found is None:
        if len(cache) >= _CACHE_LIMIT:
            cache.clear()
        found = cache[term] = str(_local.stemmers[language].stemWord(term))
    return found


def stem_token(token: Token, language: str) -> str:
    """Return the stem of a token of a text, as the index keeps it; acronyms stay as they are."""
    if not token.acronym:
        return stem_term(token.term, language)
    return f"{LANGUAGES.get(language, LANGUAGES['id'])}:{token.term}"


def stem_term(term: str, language: str) -> str:
    """Return the stem as the index keeps it, marked with its language."""
    language = language if language in LANGUAGES else "id"
    return f"{LANGUAGES[language]}:{stem(term, language)}"
