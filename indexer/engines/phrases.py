"""Words that follow each other, found on arrays of places.

A place is a key, document × ``STRIDE`` + position. A word written in two parts ("kontra-narasi", "pence-"
at the end of a line) is also one word that takes two places; its postings in the field of joined words
say where it ends; at ``CUT``, that it ends on the next page, as its second part does. A phrase is walked
from its last word to its first, so that what is left are the places where it begins: the page that holds
it, even when it ends on the next.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import numpy as np

from indexer.engines.corpus import STRIDE
from indexer.engines.fields import CUT

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from indexer.engines.corpus import Corpus

    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]
    #: Where a word stands (ascending): written as one, and in two parts by its end.
    Places = tuple[Ints, Ints]

NONE: Ints = np.zeros(0, dtype=np.int64)
#: The place in a key of two pages at which the second begins.
_BREAK = STRIDE // 2


def begins(
    corpus: Corpus,
    fields: tuple[str, str],
    terms: Sequence[tuple[str, ...]],
    visible: Bools,
    slop: int = 0,
    *,
    within: bool = True,
    crossing: bool,
) -> Ints:
    """Return where ``terms``, any of each, follow each other with ``slop`` words between in all.

    If ``within``, in a document and, if ``crossing``, over the break to the next page of its file.
    """
    known: dict[tuple[str, ...], Bools] = {}
    for alternatives in terms:
        if alternatives not in known:
            docs = [corpus.postings(field, term).docs for term in alternatives for field in fields]
            if not any(map(len, docs)):
                return NONE
            holding = np.zeros(corpus.size, dtype=np.bool_)
            for each in docs:
                holding[each.astype(np.intp)] = True  # else numpy widens them in small pieces
            known[alternatives] = holding & visible
    found = []
    if within:
        holding = functools.reduce(np.logical_and, known.values())
        if holding.any():
            found.append(_walk([_places(corpus, fields, each, holding) for each in terms], slop))
    if crossing and len(terms) > 1:
        found.append(_over_breaks(corpus, fields, terms, known, slop))
    return union(found)


def _over_breaks(
    corpus: Corpus,
    fields: tuple[str, str],
    terms: Sequence[tuple[str, ...]],
    known: dict[tuple[str, ...], Bools],
    slop: int,
) -> Ints:
    """Return the places near the end of a page where phrases begin that end on the next page.

    They go over the lines that run at the foot of the one and at the head of the other.
    """
    following = corpus.following
    first = np.flatnonzero(known[terms[0]] & (following >= 0))
    first = first[known[terms[-1]][following[first]]]
    for alternatives in terms[1:-1]:
        first = first[known[alternatives][first] | known[alternatives][following[first]]]
    if not len(first):
        return NONE
    second = following[first]
    of_first = np.zeros(corpus.size, dtype=np.bool_)
    of_first[first] = True
    before = np.full(corpus.size, -1, dtype=np.int64)
    before[second] = first
    wanted = of_first | (before >= 0)
    reach = 2 * len(terms) + slop

    def of_pair(keys: Ints, more: int) -> Ints:
        """Return keys in which the break between two pages is at one place; words take ``more`` places before."""
        docs, places = np.divmod(keys, STRIDE)
        back, ahead = places - corpus.ends[docs], places - corpus.begins[docs]
        end = of_first[docs] & (back >= -reach) & (back < 0)
        if more:
            cut = places == CUT
            end, back = np.where(cut, of_first[docs], end), np.where(cut, 0, back)
        start = (before[docs] >= 0) & (ahead >= more) & (ahead < reach)
        return np.sort(
            np.concatenate(
                (
                    docs[end] * STRIDE + _BREAK + back[end],
                    before[docs[start]] * STRIDE + _BREAK + ahead[start],
                )
            )
        )

    places = [_places(corpus, fields, each, wanted, of_pair) for each in terms]
    places[-1] = tuple(keys[keys % STRIDE >= _BREAK] for keys in places[-1])  # type: ignore[assignment]
    found = _walk(places, slop)
    docs, place = np.divmod(found[found % STRIDE < _BREAK], STRIDE)
    return docs * STRIDE + place - _BREAK + corpus.ends[docs]


def _places(
    corpus: Corpus,
    fields: tuple[str, str],
    alternatives: tuple[str, ...],
    wanted: Bools,
    also: Callable[[Ints, int], Ints] | None = None,
) -> Places:
    single, joined = (
        union([(also or _on_the_page)(corpus.keys(field, term, wanted), more) for term in alternatives])
        for more, field in enumerate(fields)
    )
    return single, joined


def _on_the_page(keys: Ints, more: int) -> Ints:
    """Return keys without those of words that end on the next page."""
    return keys[keys % STRIDE != CUT] if more else keys


def _walk(places: Sequence[Places], slop: int) -> Ints:
    """Return where the first words stand of which all others follow."""
    single, joined = places[-1]
    reached = union([single, joined - 1])
    used = np.zeros(len(reached), dtype=np.int8)
    for single, joined in reversed(places[:-1]):
        if not len(reached):
            break
        if not slop:
            reached = union([_before(single, reached), _before(joined, reached) - 1])
            continue
        if not len(joined):
            reached, used = _sparing(single, reached, used, slop)
            continue
        parts = [(*_sparing(single, reached, used, slop), 0), (*_sparing(joined, reached, used, slop), 1)]
        keys = np.concatenate([ends - shift for ends, _, shift in parts])
        spent = np.concatenate([words for _, words, _ in parts])
        order = np.lexsort((spent, keys))
        keys, spent = keys[order], spent[order]
        first = firsts(keys)
        reached, used = keys[first], spent[first]
    return reached


def _before(ends: Ints, reached: Ints) -> Ints:
    """Return which of ``ends`` stand right before any of ``reached``; both are ascending."""
    if len(reached) <= len(ends):
        return reached[np.flatnonzero(_contained(reached - 1, ends))] - 1
    return ends[np.flatnonzero(_contained(ends + 1, reached))]


def _sparing(ends: Ints, reached: Ints, used: NDArray[np.int8], slop: int) -> tuple[Ints, NDArray[np.int8]]:
    """Return which of ``ends`` stand before any of ``reached``, and the fewest words between so far."""
    spent = np.full(len(ends), slop + 1, dtype=np.int8)
    places = np.searchsorted(reached, ends + 1)
    for words in range(slop + 1):
        inside = np.minimum(places, len(reached) - 1)
        here = reached[inside] == ends + 1 + words
        np.minimum(spent, np.where(here, used[inside] + words, slop + 1).astype(np.int8), out=spent)
        places += here  # no place stands twice in ``reached``: the next is the first after this one
    enough = np.flatnonzero(spent <= slop)
    return ends[enough], spent[enough]


def firsts(keys: Ints | NDArray[np.int32]) -> Ints:
    """Return the places in an ascending array at which each value begins."""
    if not len(keys):
        return NONE
    begins = np.ones(len(keys), dtype=np.bool_)
    np.not_equal(keys[1:], keys[:-1], out=begins[1:])
    return np.flatnonzero(begins)


def union(keys: Sequence[Ints]) -> Ints:
    """Return all of several ascending arrays, each once, ascending."""
    some = [each for each in keys if len(each)]
    if not some:
        return NONE
    if len(some) == 1:
        return some[0]
    merged = np.sort(np.concatenate(some), kind="stable")  # which sees that they ascend, and merges them
    return merged[firsts(merged)]


def _contained(keys: Ints, other: Ints) -> Bools:
    """Return which of sorted ``keys`` are in sorted ``other``."""
    if not len(other):
        return np.zeros(len(keys), dtype=np.bool_)
    places = np.minimum(np.searchsorted(other, keys), len(other) - 1)
    result: Bools = other[places] == keys
    return result
