"""Text to terms: the same for pages, titles and queries."""

from indexer.analysis.stems import ANALYZER_VERSION, LANGUAGES, stem, stem_term
from indexer.analysis.stopwords import is_stop_word
from indexer.analysis.tokens import Token, fold, tokenise

__all__ = [
    "ANALYZER_VERSION",
    "LANGUAGES",
    "Token",
    "fold",
    "is_stop_word",
    "stem",
    "stem_term",
    "tokenise",
]
