"""Our own query grammar, engine-neutral: text → immutable tree → text.

Plain words are alternatives that rank ("modul guru" finds either and puts both first). Phrases in
quotes, groups with OR or AND, and field filters are required; a leading ``-`` or NOT excludes.
"""

from indexer.query.essence import without_stop_words
from indexer.query.parsing import (
    MAX_BYTES,
    MAX_DEPTH,
    MAX_TERMS,
    MIN_PREFIX,
    QueryError,
    parse,
    terms_of,
    words_of,
)
from indexer.query.printing import to_text
from indexer.query.tree import (
    FIELDS,
    Clause,
    Field,
    Group,
    Node,
    Occur,
    Phrase,
    Prefix,
    Query,
    Range,
    Word,
)

__all__ = [
    "FIELDS",
    "MAX_BYTES",
    "MAX_DEPTH",
    "MAX_TERMS",
    "MIN_PREFIX",
    "Clause",
    "Field",
    "Group",
    "Node",
    "Occur",
    "Phrase",
    "Prefix",
    "Query",
    "QueryError",
    "Range",
    "Word",
    "parse",
    "terms_of",
    "to_text",
    "without_stop_words",
    "words_of",
]
