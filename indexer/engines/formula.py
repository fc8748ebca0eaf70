"""The ranking formula: its constants, said once for every engine.

A document is a page of a visible copy, or its title. A word scores BM25 twice, by its form and by its
stem; the score of a page is the sum over the parts of the query and over neighbours that stay close,
times the share of the query (by idf) that it holds. Pages fold into their product in falling shares.
"""

from __future__ import annotations

import math
from typing import Final

K1: Final = 1.2
B: Final = 0.75
#: A word counts by its surface form and by its stem.
SURFACE: Final = 0.5
STEM: Final = 0.5
#: Two words of the query that follow each other on a page, with so many others between at most.
NEAR: Final = 0.3
BETWEEN: Final = 1
#: A word that means the same as the one asked, and one that is nearly spelt so.
JOINED: Final = 0.6
FUZZY: Final = 0.6
#: A product's title beside its pages.
TITLE: Final = 0.4
#: Best page, second, third …: how much each adds to its product.
DECAY: Final = (1.0, 0.3, 0.09, 0.027, 0.0081)

#: A page keeps so many of its words as its gist; a product is compared by so many of the weightiest.
GIST: Final = 16
COMPARED: Final = 20
#: Share (by idf) of the compared words that a page holds at least to be like them.
ALIKE: Final = 0.2
#: A word is offered for another that occurs when it is on so many times as many pages; so many at most.
RARER: Final = 20
OFFERED: Final = 3


def idf(frequency: int, count: int) -> float:
    """Return the weight of a term that ``frequency`` of ``count`` visible documents hold."""
    return math.log(1.0 + (count - frequency + 0.5) / (frequency + 0.5))
