"""What looks like a filter and is none, because its name is misspelt: ``pilr:2``."""

from __future__ import annotations

import re
from typing import NamedTuple

from indexer.query.edits import allowance, correctable, distance
from indexer.query.parsing import QUOTES
from indexer.query.tree import FIELDS

_QUOTED = re.compile(rf"[{QUOTES}][^{QUOTES}]*[{QUOTES}]?")
#: A name that begins a clause, with a value behind it; no address ("https://…").
_NAMED = re.compile(r"(?<![^\s()+-])([A-Za-z]{2,20}):(?=[^\s:/)])")


class Misnamed(NamedTuple):
    """Names in a query that no filter has → the likeliest that was meant; the query with those."""

    names: dict[str, str]
    text: str


def misnamed(text: str) -> Misnamed | None:
    """Return the names in a query that are a letter or two off the name of a filter; None if there are none."""
    # In the place of what is quoted, where nothing names a filter, so many quotes.
    outside = _QUOTED.sub(lambda quoted: '"' * len(quoted.group()), text)
    names: dict[str, str] = {}
    written, at = "", 0
    for place in _NAMED.finditer(outside):
        start, end = place.span(1)
        meant = _nearest(text[start:end].casefold())
        if meant:
            names[text[start:end]] = meant
            written, at = written + text[at:start] + meant, end
    return Misnamed(names, written + text[at:]) if names else None


def _nearest(name: str) -> str:
    if name in FIELDS or not correctable(name):
        return ""
    off, nearest = min((distance(name, field), field) for field in FIELDS)
    return nearest if off <= allowance(name) else ""
