"""Words with their places.

These are runs of joined words one after the other, see ``runs``, except where something begins that is
written in several ways, see ``references``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeVar

from indexer.analysis import references
from indexer.analysis.runs import MEMORABLE, SEEN_LIMIT, Token, pattern_of, tokens_of
from indexer.analysis.stems import LANGUAGES, stem_token

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Set as AbstractSet

K = TypeVar("K")

#: A phrase takes a word written in this many parts for one word as well.
JOINED = 2


def tokenise(text: str) -> Iterator[Token]:
    """Yield the terms of ``text`` in order of position; a whole comes before its first part."""
    for start, position, tokens in pieces(text):
        for term, first, last, place, places, acronym in tokens:
            yield Token(term, start + first, start + last, position + place, places, acronym)


def pieces(text: str) -> Iterator[tuple[int, int, tuple[Token, ...]]]:
    """Yield (start, position, tokens) of words that stand together; the tokens count from these.

    The same as ``tokenise`` for those who need no offsets of each token: most runs have been seen before.
    """
    position = read_to = 0
    pattern = pattern_of(text)
    for found in pattern.finditer(text):
        start = found.start()
        if start < read_to:
            continue
        run = found.group()
        tokens, opens = _seen.get(run) or _see(run)
        if opens and (together := references.read(text, start, run, pattern)) is not None:
            read_to, tokens = together
        if tokens:
            yield start, position, tokens
            position += tokens[-1].position + 1


def chosen(text: str, among: AbstractSet[str]) -> Iterator[tuple[int, int, tuple[Token, ...]]]:
    """Yield what ``pieces`` gives, of which any term or stem (of any language) may be ``among`` these.

    The last is empty and stands where the text ends. Most of a page is passed over without a look at
    its tokens: the terms and stems of a run are known after it was met once.
    """
    position = read_to = 0
    pattern = pattern_of(text)
    for found in pattern.finditer(text):
        start = found.start()
        if start < read_to:
            continue
        run = found.group()
        tokens, opens, length, keys = keyed(run)
        if opens and (together := references.read(text, start, run, pattern)) is not None:
            read_to, tokens = together
            if tokens:
                yield start, position, tokens
                position += tokens[-1].position + 1
            continue
        if not among.isdisjoint(keys):
            yield start, position, tokens
        position += length
    yield len(text), position, ()


class Keyed(NamedTuple):
    """A run: its tokens, whether something may begin with it, its positions, its terms and stems."""

    tokens: tuple[Token, ...]
    opens: bool
    length: int
    keys: tuple[str, ...]


def keyed(run: str) -> Keyed:
    """Return what is known of a run of joined words."""
    known = _keyed.get(run)
    if known is not None:
        return known
    tokens, opens = _seen.get(run) or _see(run)
    keys = dict.fromkeys(token.term for token in tokens)
    for token in tokens:
        if not token.whole:
            keys.update(dict.fromkeys(stem_token(token, language) for language in LANGUAGES))
    return _kept(_keyed, run, Keyed(tokens, opens, tokens[-1].position + 1 if tokens else 0, tuple(keys)))


def met(run: str) -> Keyed | None:
    """Return what is known of a run that was met before; None of any other text."""
    return _keyed.get(run)


def _see(run: str) -> tuple[tuple[Token, ...], bool]:
    tokens = tokens_of(run)
    return _kept(_seen, run, (tokens, references.opens(tokens, run)))


def _kept(memory: dict[str, K], run: str, known: K) -> K:
    if len(run) <= MEMORABLE:
        if len(memory) >= SEEN_LIMIT:
            memory.clear()
        memory[run] = known
    return known


#: Run → its tokens, and whether something may begin with it.
_seen: dict[str, tuple[tuple[Token, ...], bool]] = {}
_keyed: dict[str, Keyed] = {}
