"""Indonesian or English, on a sample of the text; the only module that knows py3langid."""

from collections.abc import Iterable
from functools import cache
from typing import Any

from py3langid.langid import MODEL_FILE, LanguageIdentifier

_MIN_WORDS = 20
_SAMPLE_CHARS = 6_000
_PAGE_SAMPLE = 2_000
#: Words that stand in every text of one of the languages and in no text of the other.
_OFTEN_INDONESIAN = """
yang dan di ke dari untuk dengan pada dalam oleh ini itu adalah atau tidak akan sebagai serta telah dapat kepada
tentang secara
"""
_OFTEN_ENGLISH = """
the of and to for that with by are was this from which not have has were will their its
"""
_OFTEN = {"id": frozenset(_OFTEN_INDONESIAN.split()), "en": frozenset(_OFTEN_ENGLISH.split())}
#: So many of them tell the language where the other has at most a fourth as many.
_ENOUGH, _OUTNUMBERED = 5, 4


@cache
def _identifier() -> Any:
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    identifier.set_languages(["id", "en"])
    return identifier


def load_model() -> None:
    """Load the model now, so that forked children share it."""
    _identifier().classify("memuat")


def language_of(texts: Iterable[str]) -> str:
    """Return "id", "en", or "" for fewer than 20 words, from the first pages with text."""
    sample = ""
    for text in texts:
        sample += " " + text[:_PAGE_SAMPLE]
        if len(sample) >= _SAMPLE_CHARS:
            break
    words = [word for word in sample.split() if any(c.isalpha() for c in word)]
    if len(words) < _MIN_WORDS:
        return ""
    code, _score = _identifier().classify(" ".join(words))
    return str(code)


def language_of_page(text: str) -> str:
    """Return "id", "en", or "" for fewer than 20 words: such a page is in the language of its file.

    Common words tell almost every page at a tenth of the cost; the model is asked about the others.
    """
    words = text[:_PAGE_SAMPLE].lower().split()
    if len(words) < _MIN_WORDS:
        return ""
    (less, _), (more, code) = sorted(
        (sum(map(often.__contains__, words)), code) for code, often in _OFTEN.items()
    )
    if more >= _ENOUGH and more >= _OUTNUMBERED * less:
        return code
    return language_of([text])
