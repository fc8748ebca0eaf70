"""Indonesian or English, on a sample of the text; the only module that knows py3langid."""

from collections.abc import Iterable
from functools import cache
from typing import Any

from py3langid.langid import MODEL_FILE, LanguageIdentifier

_MIN_WORDS = 20
_SAMPLE_CHARS = 6_000
_PAGE_SAMPLE = 2_000


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
