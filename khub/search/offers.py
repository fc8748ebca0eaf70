"""Pieces of advice in words, each a link that says what it does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import request

from indexer.query import Occur, parse
from khub.errors import N_
from khub.i18n import gettext
from khub.search import address, reading, showing
from khub.search.advice import Advice

if TYPE_CHECKING:
    from khub.search.advice import Variant
    from khub.search.showing import Words


@dataclass(frozen=True, slots=True)
class Offer:
    """Another search: what it changes, its address, how much it finds."""

    label: str
    href: str
    count: int


@dataclass(frozen=True, slots=True)
class Offers:
    """``Advice`` as the present page of results shows it. ``products``: that is what it counts."""

    products: bool
    spellings: list[Offer]
    others: list[Offer]
    related: list[Offer]


def offers(advice: Advice | None, words: Words, *, products: bool) -> Offers:
    """Return ``advice`` in words, with addresses of the present kind of results."""
    found = advice or Advice()
    return Offers(
        products,
        [_offer(each, words) for each in found.spellings],
        [_offer(each, words) for each in found.others],
        [_offer(each, words) for each in found.related],
    )


def _offer(variant: Variant, words: Words) -> Offer:
    match variant.kind:
        case "filter":
            name = showing.FACETS.get(variant.about, N_("Diajukan"))
            label = gettext("tanpa saringan %(name)s", name=gettext(name))
        case "filters":
            label = gettext("tanpa semua saringan")
        case "clause":
            label = _without(variant.about, words)
        case "loose":
            label = gettext("bila salah satu katanya cukup")
        case "words":
            label = gettext("hanya kata-katanya, tanpa saringan dan syarat")
        case "word":
            word = words.get(showing.TYPED, {}).get(variant.about, variant.about)
            label = gettext("hanya %(word)s", word=word)
        case "related":
            label = variant.about
        case _:
            label = variant.text
    kept = [pair for pair in address.here() if pair[0] not in (*address.FILTERS, "q")]
    filters = [(name, value) for name, values in variant.filters.items() for value in sorted(values)]
    return Offer(label, request.path + address.tail([("q", variant.text), *filters, *kept]), variant.count)


def _without(text: str, words: Words) -> str:
    """Say that the clause ``text`` is left out."""
    clause = parse(text).clauses[0]
    if clause.occur is Occur.NOT:
        return str(gettext("tanpa mengecualikan %(clause)s", clause=reading.node_text(clause.node, words)))
    return str(gettext("tanpa syarat %(clause)s", clause=reading.clause(text, words)))
