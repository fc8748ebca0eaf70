"""What the index keeps of a page or title: Whoosh's schema, and text turned into its terms."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any, NamedTuple

import numpy as np
from whoosh import columns, fields, formats

from indexer.analysis import JOINED, pieces, stem_token
from indexer.engines.gist import gist, packed
from indexer.running import Edge

#: Raised whenever the files of an index mean something else, or a class of the schema or the codec
#: gets another name (both are pickles).
SCHEMA_VERSION = 9
#: Positions of a word on a page, and how many there are, are kept as unsigned 16-bit numbers.
MAX_POSITION = 65_534
#: Where a joined word "ends" that goes on on the next page: none on one page ends at its first position.
CUT = 0
#: The edge of a text that stands by itself.
ALONE = Edge()

#: Fields of terms, and whether they keep places: words, joined words, stems; the same of titles.
TERMS = {"t": True, "j": True, "s": False, "tt": True, "tj": True, "ts": False}


class _Postings(formats.Format):  # type: ignore[misc]  # untyped base
    """Posting values that we encode ourselves; ``posting_size`` 0 means none."""

    def __init__(self, *, positions: bool) -> None:
        super().__init__()
        self.posting_size = -1 if positions else 0

    def word_values(self, value: Any, analyzer: Any, **kwargs: Any) -> Any:
        """Fields give ready terms; see ``TermField``."""
        raise NotImplementedError

    def supports(self, name: str) -> bool:
        """Whoosh's own matchers are never asked for more."""
        return name == "frequency"


class TermField(fields.FieldType):  # type: ignore[misc]  # untyped base
    """A field given as ready terms: a mapping term → positions, or term → how often."""

    def __init__(self, *, positions: bool) -> None:
        super().__init__(_Postings(positions=positions), None, scorable=False, stored=False)

    def index(self, value: dict[str, Any], **kwargs: Any) -> Any:
        """Yield (term, frequency, weight, value) as Whoosh's writer wants them."""
        del kwargs
        if self.format.posting_size:
            for term, positions in value.items():
                count = len(positions)
                yield term.encode(), count, float(count), np.array(positions, dtype="<u2").tobytes()
        else:
            for term, count in value.items():
                yield term.encode(), count, float(count), b""


def schema() -> fields.Schema:
    """Return the schema: words by place, joined words by where they end, stems; the same for titles."""
    return fields.Schema(
        ref=fields.ID(stored=False),
        **{name: TermField(positions=places) for name, places in TERMS.items()},
        owner=fields.COLUMN(columns.NumericColumn("q")),
        page=fields.COLUMN(columns.NumericColumn("i")),
        length=fields.COLUMN(columns.NumericColumn("i")),
        head=fields.COLUMN(columns.NumericColumn("i")),
        foot=fields.COLUMN(columns.NumericColumn("i")),
        gist=fields.COLUMN(columns.VarBytesColumn()),
    )


class Terms(NamedTuple):
    """Word → positions, word in two parts → positions where it ends (or ``CUT``), stem → how often.

    ``length`` is the number of positions: where the next page goes on.
    """

    words: dict[str, list[int]]
    joined: dict[str, list[int]]
    stems: Counter[str]
    length: int
    gist: bytes


def terms_of(text: str, language: str, edge: Edge = ALONE) -> Terms:
    """Return what is indexed of a text with what is at its edges."""
    words: dict[str, list[int]] = defaultdict(list)
    joined: dict[str, list[int]] = defaultdict(list)
    stems: Counter[str] = Counter()
    length = 1
    for _, position, tokens in pieces(text):
        for token in tokens:
            first = position + token.position
            last = first + token.places - 1
            length = max(length, last + 1)
            if last <= MAX_POSITION:
                words[token.term].append(first)
                if token.places == JOINED:
                    joined[token.term].append(last)
            if token.places == 1:
                stems[stem_token(token, language)] += 1
    place = edge.cut_at(length)
    if edge.cut is not None and place >= 0:
        stems[stem_token(edge.cut, language)] += 1
        if place <= MAX_POSITION:
            words[edge.cut.term] = sorted({*words[edge.cut.term], place})
            joined[edge.cut.term].insert(0, CUT)
    return Terms(words, joined, stems, length, packed(gist(stems)))
