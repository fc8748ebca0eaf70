"""Our own query grammar, engine-neutral: text → immutable tree → text.

Plain words are alternatives that rank ("modul guru" finds either and puts both first). Phrases in
quotes, groups with OR or AND, and field filters are required; a leading ``-`` or NOT excludes.
"""

from indexer.query.edits import allowance, correctable, distance
from indexer.query.essence import without_stop_words
from indexer.query.misnaming import Misnamed, misnamed
from indexer.query.numbering import parted
from indexer.query.parsing import (
    MAX_BYTES,
    MAX_DEPTH,
    MAX_TERMS,
    MIN_PREFIX,
    QueryError,
    parse,
)
from indexer.query.printing import to_text
from indexer.query.tree import (
    FIELDS,
    Clause,
    Field,
    Fuzzy,
    Group,
    Joined,
    Node,
    Occur,
    Phrase,
    Prefix,
    Query,
    Range,
    Word,
)
from indexer.query.widening import Synonyms, widen, widened
from indexer.query.words import terms_of, words_of

__all__ = [
    "FIELDS",
    "MAX_BYTES",
    "MAX_DEPTH",
    "MAX_TERMS",
    "MIN_PREFIX",
    "Clause",
    "Field",
    "Fuzzy",
    "Group",
    "Joined",
    "Misnamed",
    "Node",
    "Occur",
    "Phrase",
    "Prefix",
    "Query",
    "QueryError",
    "Range",
    "Synonyms",
    "Word",
    "allowance",
    "correctable",
    "distance",
    "misnamed",
    "parse",
    "parted",
    "terms_of",
    "to_text",
    "widen",
    "widened",
    "without_stop_words",
    "words_of",
]
