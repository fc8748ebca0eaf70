"""Words for the codes that facets count."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import sqlalchemy as sa

from indexer.analysis import fold
from khub.db import read_rows
from khub.plan.directory import Directory
from khub.plan.models import Action, Branch, Focus, Institution, Period, Pokja
from khub.products.models import Kind
from khub.products.queries import short_name_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

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


def every(session: Session, actor: Actor, name: str) -> dict[str, tuple[str, str]]:
    """Return code → (Indonesian, English) of every value that facet ``name`` may have."""
    del actor
    return {code: words for _, code, words in _rows(session, [name] if name in _TABLES else [])}


def names(
    session: Session, actor: Actor, wanted: Mapping[str, Iterable[str]]
) -> dict[str, dict[str, tuple[str, str]]]:
    """Return facet → code → (Indonesian, English) for the codes in ``wanted``; unknown codes are left out."""
    del actor
    asked = {name: set(codes) for name, codes in wanted.items()}
    found: dict[str, dict[str, tuple[str, str]]] = {name: {} for name in asked}
    for name, code, words in _rows(session, [name for name in asked if name in _TABLES]):
        if code in asked[name]:
            found[name][code] = words
    return found


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


def _rows(session: Session, names: Sequence[str]) -> Iterator[tuple[str, str, tuple[str, str]]]:
    """Yield (facet, code as the columns hold it, words) of all values of facets, in one statement."""
    if not names:
        return
    for code, words, english, name in read_rows(session, _values_of(tuple(sorted(names)))).all():
        yield name, fold(code), (words, english or words)


@cache
def _values_of(names: tuple[str, ...]) -> sa.CompoundSelect[str, str, str, str]:
    """Return one statement for all values of facets; putting it together takes longer than asking it."""
    return sa.union_all(*(_TABLES[name].add_columns(sa.literal(name)) for name in names))
