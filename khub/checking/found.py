"""A figure as it was found on the tokens of a text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from khub.checking.model import Kind, Percent
    from khub.checking.nouns import Noun


@dataclass(frozen=True, slots=True)
class Found:
    """A figure on tokens [first, last]. ``hedge`` says why it cannot be held against anything ("": it can).

    ``noun``: what is counted, as it stands at the number itself. ``apart``: of "Dari 79 aksi, 64 …" the
    token behind the total, where the count's own words begin. ``twins``: (number, what its words say).
    ``row``: where the row of numbers begins that this is one of; what is said of one is said of all.
    ``aimed``: the total is a target or a plan, which a count may pass.
    """

    kind: Kind
    first: int
    last: int
    count: int | None = None
    total: int | None = None
    percent: Percent | None = None
    noun: Noun | None = None
    hedge: str = ""
    apart: int | None = None
    twins: tuple[tuple[int, int], ...] = ()
    terms: tuple[int, ...] = ()
    row: int | None = None
    aimed: bool = False
