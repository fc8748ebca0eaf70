"""What a group of forms is, and which forms it may hold."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from indexer.query import terms_of

if TYPE_CHECKING:
    from collections.abc import Iterable

#: The folded words of a form: forms that fold alike are one.
Key = tuple[str, ...]

FEWEST_FORMS = 2
MOST_FORMS = 20
MOST_LETTERS = 100
MOST_WORDS = 12
#: Groups of an installation; every web process holds them all.
MOST_GROUPS = 2000
#: Letters of a stored key.
KEY_LENGTH = 250


class Kind(StrEnum):
    """How the forms of a group belong together: joined by a search, or only offered to the searcher."""

    SAME = "same"
    RELATED = "related"


#: What a line of the text format begins with.
SIGNS = {Kind.SAME: "=", Kind.RELATED: "~"}


def key_of(form: str) -> Key:
    """Return the words that pages and queries are compared by."""
    return terms_of(form)


@dataclass(frozen=True, slots=True)
class Group:
    """Forms as they were written, and how they belong together."""

    kind: Kind
    forms: tuple[str, ...]

    @property
    def keys(self) -> tuple[Key, ...]:
        """Return the folded forms."""
        return tuple(map(key_of, self.forms))

    def with_forms(self, more: Iterable[str]) -> Group:
        """Return the group with the forms of ``more`` that it lacks."""
        return Group(self.kind, once((*self.forms, *more)))

    def __str__(self) -> str:
        return f"{SIGNS[self.kind]} {', '.join(self.forms)}"


@dataclass(frozen=True, slots=True)
class Step:
    """What happens to one group: ``before`` None: it is new (or comes back), ``after`` None: it goes.

    ``group_id`` None: it has no number yet.
    """

    group_id: int | None
    before: Group | None
    after: Group | None


def once(forms: Iterable[str]) -> tuple[str, ...]:
    """Return the first of all forms that fold alike, in order."""
    found: dict[Key, str] = {}
    for form in forms:
        found.setdefault(key_of(form), form)
    return tuple(found.values())
