"""Text to terms: the same for pages, titles and queries."""

from indexer.analysis.stems import ANALYZER_VERSION, LANGUAGES, stem, stem_term, stem_token
from indexer.analysis.stopwords import is_stop_word
from indexer.analysis.tokens import JOINED, Token, fold, pieces, plain, tokenise

__all__ = [
    "ANALYZER_VERSION",
    "JOINED",
    "LANGUAGES",
    "Token",
    "fold",
    "is_stop_word",
    "pieces",
    "plain",
    "stem",
    "stem_term",
    "stem_token",
    "tokenise",
]
