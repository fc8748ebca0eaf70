"""Words for the codes that facets count."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING

import sqlalchemy as sa

from indexer.analysis import fold
from khub.db import read_rows
from khub.plan.directory import Directory
from khub.plan.models import Action, Branch, Focus, Institution, Period, Pokja
from khub.products.models import Kind
from khub.products.queries import short_name_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sqlalchemy.orm import Session

    from khub.policy import Actor


#: Facet → the query for (code, words, English words; "" for the same) of its values.
_TABLES: dict[str, sa.Select[str, str, str]] = {
    "pilar": sa.select(Branch.code, Branch.code + " " + Branch.name, sa.literal("")),
    "fokus": sa.select(Focus.code, Focus.code + " " + Focus.name, sa.literal("")),
    "aksi": sa.select(Action.code, Action.code + " " + Action.title, sa.literal("")),
    "kl": sa.select(Institution.code, short_name_of(Institution), sa.literal("")),
    "pokja": sa.select(Pokja.code, Pokja.name, sa.literal("")),
    "periode": sa.select(Period.code, Period.name, sa.literal("")),
    "jenis": sa.select(Kind.code, Kind.name, Kind.name_en),
}
#: Facets whose values have names in the database.
NAMED = tuple(_TABLES)


def names(
    session: Session, actor: Actor, facets: Collection[str], language: str
) -> Mapping[str, Mapping[str, str]]:
    """Return facet → code, as the columns hold it → words in ``language``, of every value the facets may have."""
    del actor
    named = tuple(sorted(name for name in facets if name in _TABLES))
    if not named:
        return {}
    return _worded(tuple(map(tuple, read_rows(session, _values_of(named)).all())), language)


def called(session: Session, actor: Actor, text: str) -> frozenset[str]:
    """Return the codes of the K/L that, or whose predecessors or successors, bear a name with all words of ``text``."""
    del actor
    wanted = fold(text).split()
    directory = Directory.load(session)
    families = (
        directory.family(directory.head(each.id))
        for each in directory.by_id.values()
        if any(
            all(part in fold(name) for part in wanted)
            for name in (each.code, each.abbreviation, each.name, *each.aliases)
        )
    )
    return frozenset(fold(directory.by_id[each].code) for family in families for each in family)


@lru_cache(maxsize=16)
def _worded(rows: tuple[tuple[str, str, str, str], ...], language: str) -> Mapping[str, Mapping[str, str]]:
    """Return ``rows`` by facet and code; each page asks for the same two hundred, and they seldom change."""
    found: dict[str, dict[str, str]] = {}
    for code, words, english, name in rows:
        found.setdefault(name, {})[fold(code)] = (english if language == "en" else "") or words
    return found


@cache
def _values_of(names: tuple[str, ...]) -> sa.CompoundSelect[str, str, str, str]:
    """Return one statement for all values of facets; putting it together takes longer than asking it."""
    return sa.union_all(*(_TABLES[name].add_columns(sa.literal(name)) for name in names))
