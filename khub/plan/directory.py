"""All K/L in hand: found by code, name, abbreviation or alias, under the name of a day."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub.plan import names
from khub.plan.models import Institution, InstitutionAlias

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from sqlalchemy.orm import Session

_MAX_ROWS = 20_000
_ALIKE = 0.72
#: Words that addresses of the room use beside codes.
_RESERVED = ("baru",)


@dataclass(frozen=True, slots=True)
class Listed:
    """One K/L as the directory knows it."""

    id: int
    code: str
    name: str
    abbreviation: str
    valid_from: date | None
    valid_to: date | None
    successor_id: int | None
    aliases: tuple[str, ...]

    @property
    def short(self) -> str:
        """Return the abbreviation, or the name where there is none."""
        return self.abbreviation or self.name

    def stands(self, day: date) -> bool:
        """Tell whether the K/L bore this name on ``day``."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_to is None or day <= self.valid_to
        )

    @property
    def keys(self) -> frozenset[str]:
        """Return the folded forms under which it is found."""
        return frozenset(
            key for key in map(names.fold, (self.code, self.name, self.abbreviation, *self.aliases)) if key
        )


class Directory:
    """Every K/L, read once. Look-ups compare folded names: no case, no punctuation."""

    def __init__(self, listed: Iterable[Listed]) -> None:
        self.by_id = {item.id: item for item in listed}
        self._by_key: dict[str, set[int]] = {}
        for item in self.by_id.values():
            for key in item.keys:
                self._by_key.setdefault(key, set()).add(item.id)
        self._by_code = {item.code: item for item in self.by_id.values()}

    @classmethod
    def load(cls, session: Session) -> Directory:
        """Return the directory of ``session``'s database."""
        aliases: dict[int, list[str]] = {}
        for owner, alias in session.execute(
            sa.select(InstitutionAlias.institution_id, InstitutionAlias.alias)
            .order_by(InstitutionAlias.id)
            .limit(_MAX_ROWS)
        ):
            aliases.setdefault(owner, []).append(alias)
        return cls(
            Listed(
                row.id,
                row.code,
                row.name,
                row.abbreviation,
                row.valid_from,
                row.valid_to,
                row.successor_id,
                tuple(aliases.get(row.id, ())),
            )
            for row in session.scalars(sa.select(Institution).order_by(Institution.id).limit(_MAX_ROWS))
        )

    def find(self, text: str) -> tuple[Listed, ...]:
        """Return the K/L that ``text`` names; more than one when the name is ambiguous.

        An exact code decides. Among several, those still in being win over those replaced.
        """
        if exact := self._by_code.get(text):
            return (exact,)
        found = [self.by_id[each] for each in sorted(self._by_key.get(names.fold(text), ()))]
        living = [item for item in found if item.successor_id is None and item.valid_to is None]
        return tuple(living or found)

    def alike(self, text: str, most: int = 3) -> tuple[str, ...]:
        """Return names of existing K/L that look like ``text``, nearest first."""
        keys = difflib.get_close_matches(names.fold(text), self._by_key, n=most * 3, cutoff=_ALIKE)
        shown: dict[str, None] = {}
        for key in keys:
            for each in sorted(self._by_key[key]):
                shown.setdefault(self.by_id[each].name)
        return tuple(shown)[:most]

    def head(self, institution_id: int) -> int:
        """Return the last successor of a K/L (itself where there is none)."""
        seen = {institution_id}
        here = self.by_id[institution_id]
        while here.successor_id is not None and here.successor_id not in seen:
            seen.add(here.successor_id)
            here = self.by_id[here.successor_id]
        return here.id

    def family(self, institution_id: int) -> frozenset[int]:
        """Return the K/L itself with all it has replaced, directly or not."""
        family, grown = {institution_id}, True
        while grown:
            more = {item.id for item in self.by_id.values() if item.successor_id in family} - family
            family |= more
            grown = bool(more)
        return frozenset(family)

    def name_at(self, institution_id: int, day: date) -> str:
        """Return the name under which this K/L stood on ``day``."""
        return self.bearer_at(institution_id, day).name

    def bearer_at(self, institution_id: int, day: date) -> Listed:
        """Return the entry under which this K/L stood on ``day``.

        A later name is its successor's, an earlier one its predecessor's; where several K/L were
        merged into it, none of them is it, and its own name stands.
        """
        here, seen = self.by_id[institution_id], {institution_id}
        while not here.stands(day):
            if here.valid_to is not None and day > here.valid_to:
                others = [here.successor_id] if here.successor_id is not None else []
            else:
                others = [item.id for item in self.by_id.values() if item.successor_id == here.id]
            if len(others) != 1 or others[0] in seen:
                break
            seen.add(others[0])
            here = self.by_id[others[0]]
        return here

    def resolve(self, text: str) -> frozenset[str]:
        """Return the codes that a search for ``kl:text`` means: the K/L named and its predecessors.

        Empty when no K/L has that name. An ambiguous name means all of its bearers.
        """
        key = names.fold(text)
        found = {item.id for item in self.find(text)} | self._by_key.get(key, set())
        return frozenset(self.by_id[each].code for one in found for each in self.family(one))

    def name_for(self, institution_id: int) -> str:
        """Return the text that finds exactly this K/L again: its name where unique, else its code."""
        item = self.by_id[institution_id]
        found = self.find(item.name)
        alone = len(found) == 1 and found[0].id == institution_id
        return item.name if alone and ";" not in item.name else item.code

    def free_code(self, name: str, taken: Iterable[str]) -> str:
        """Return an unused code for a new K/L called ``name``."""
        used = {*self._by_code, *taken, *_RESERVED}
        base = names.slug(name, 54) or "kl"
        code, number = base, 1
        while code in used or names.fold(code) in self._by_key:
            number += 1
            code = f"{base}-{number}"
        return code
