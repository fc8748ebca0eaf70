"""Names of K/L that stand for each other by themselves: abbreviation, name, aliases, old and new names.

A name joins only when it is specific, and only when no other K/L bears it. What a K/L was called before,
and what it has become, is joined with it; two K/L that went into the same one are not joined with each other.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from indexer.analysis import is_stop_word
from khub.plan.models import Institution, InstitutionAlias
from khub.synonyms.terms import Key, key_of, once

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

_SHORTEST = 3
#: Longer names are told apart by their first words anyway.
_MOST_WORDS = 16
#: "Kementerian X (sejak 2024: Y)": what stands in brackets is no part of the name.
_ASIDE = re.compile(r"\([^()]*\)")
#: Abbreviations that are everyday words: "bin" stands in the names of men.
_EVERYDAY: Final = frozenset({"bin", "ada", "dan", "hak"})
#: A circle of successors is refused where it is written; nothing here may hang on it.
_FAR = 50


@dataclass(frozen=True, slots=True)
class Named:
    """A K/L with the names that join; ``elsewhere``: names of what it was or became, which join too."""

    code: str
    name: str
    forms: tuple[str, ...]
    elsewhere: tuple[str, ...]


def named(session: Session) -> tuple[Named, ...]:
    """Return the K/L whose names are joined with another, by name."""
    rows = session.execute(
        sa.select(
            Institution.id,
            Institution.code,
            Institution.name,
            Institution.abbreviation,
            Institution.successor_id,
        ).order_by(Institution.name, Institution.id)
    ).all()
    aliases: dict[int, list[str]] = {}
    for owner, alias in session.execute(
        sa.select(InstitutionAlias.institution_id, InstitutionAlias.alias).order_by(InstitutionAlias.id)
    ):
        aliases.setdefault(owner, []).append(alias)
    forms = {row.id: _specific(row.abbreviation, (row.name, *aliases.get(row.id, ()))) for row in rows}
    lineages = _lineages({row.id: row.successor_id for row in rows})
    owners: dict[Key, set[int]] = {}
    for owner, own in forms.items():
        for form in own:
            owners.setdefault(key_of(form), set()).add(owner)
    vague = {key for key, bearers in owners.items() if any(not bearers <= lineages[each] for each in bearers)}
    found = []
    for row in rows:
        own = tuple(form for form in forms[row.id] if key_of(form) not in vague)
        kin = sorted(lineages[row.id] - {row.id})
        every = once((*own, *(form for each in kin for form in forms[each] if key_of(form) not in vague)))
        if len(every) > 1 and own:
            found.append(Named(row.code, row.name, own, every[len(own) :]))
    return tuple(found)


def joined(names: tuple[Named, ...]) -> Mapping[Key, tuple[str, ...]]:
    """Return each name's key with the names that a search for it also finds."""
    found: dict[Key, dict[Key, str]] = {}
    for each in names:
        every = (*each.forms, *each.elsewhere)
        for form in each.forms:
            others = found.setdefault(key_of(form), {})
            for other in every:
                others.setdefault(key_of(other), other)
    return {
        key: tuple(form for other, form in others.items() if other != key) for key, others in found.items()
    }


def _specific(abbreviation: str, names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names that mean one K/L wherever they stand, the abbreviation first."""
    kept = [abbreviation] if _is_telling(abbreviation, short=True) else []
    for name in names:
        plain = " ".join(_ASIDE.sub(" ", name).split())
        if _is_telling(plain, short=sum(char.isupper() for char in plain) > 1):
            kept.append(plain)
    return once(kept)


def _is_telling(name: str, *, short: bool) -> bool:
    """Tell whether a name is specific: an abbreviation of three letters, or two words."""
    key = key_of(name)
    if len(key) == 1:
        word = key[0]
        return short and len(word) >= _SHORTEST and word not in _EVERYDAY and not is_stop_word(word)
    return 1 < len(key) <= _MOST_WORDS and sum(map(len, key)) >= _SHORTEST


def _lineages(successors: Mapping[int, int | None]) -> dict[int, set[int]]:
    """Return for each K/L itself, what it became, and all that it came from."""
    before: dict[int, list[int]] = {}
    for each, successor in successors.items():
        if successor is not None:
            before.setdefault(successor, []).append(each)
    found = {}
    for each in successors:
        line = {each}
        later = successors[each]
        while later is not None and later not in line and len(line) < _FAR:
            line.add(later)
            later = successors.get(later)
        waiting = list(before.get(each, ()))
        while waiting and len(line) < _FAR:
            earlier = waiting.pop()
            if earlier not in line:
                line.add(earlier)
                waiting += before.get(earlier, ())
        found[each] = line
    return found
