"""Text to terms: the same for pages, titles and queries."""

from indexer.analysis.kinds import is_legal_kind
from indexer.analysis.references import is_counted
from indexer.analysis.runs import MAX_ACRONYM, Token, cut, fold, plain
from indexer.analysis.skimming import learn, skim
from indexer.analysis.stems import ANALYZER_VERSION, LANGUAGES, stem, stem_term, stem_token
from indexer.analysis.stopwords import is_stop_word
from indexer.analysis.tokens import JOINED, chosen, pieces, tokenise

__all__ = [
    "ANALYZER_VERSION",
    "JOINED",
    "LANGUAGES",
    "MAX_ACRONYM",
    "Token",
    "chosen",
    "cut",
    "fold",
    "is_counted",
    "is_legal_kind",
    "is_stop_word",
    "learn",
    "pieces",
    "plain",
    "skim",
    "stem",
    "stem_term",
    "stem_token",
    "tokenise",
]
