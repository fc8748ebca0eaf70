"""What a search asks: which forms to join, which to offer. Held by each process until the epoch moves."""

from __future__ import annotations

import threading
import weakref
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import sqlalchemy as sa

from indexer.query import widen, widened
from khub.db import read_rows
from khub.synonyms import naming
from khub.synonyms.models import SynonymEpoch, SynonymForm, SynonymGroup
from khub.synonyms.terms import Group, Key, Kind, key_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from indexer.query import Query, Synonyms
    from khub.synonyms.naming import Named

#: Offers beside a result list.
_OFFERED = 6


@dataclass(frozen=True, slots=True)
class Tables:
    """Everything of one epoch. ``spelled``: folded words → how people write them."""

    epoch: int
    groups: Mapping[int, Group]
    named: tuple[Named, ...]
    same: Synonyms
    related: Synonyms
    spelled: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Offer:
    """A related word to search for instead: for which word of the query, how it reads, what to ask."""

    asked: str
    text: str
    query: str


def table(session: Session) -> Synonyms:
    """Return which forms a search joins: the groups of equals, and the names of each K/L."""
    return tables(session).same


def related(session: Session, query: Query) -> list[Offer]:
    """Return what to offer beside the results of ``query``: related words that it neither holds nor joins."""
    held = tables(session)
    found: dict[str, Offer] = {}
    matched = widened(widen(query, held.related))
    if not matched:
        return []
    known = {asked for asked, _ in matched} | {
        form for _, others in widened(widen(query, held.same)) for form in others
    }
    for asked, others in matched:
        for other in others:
            if other not in known and other not in found:
                text = held.spelled.get(other, other)
                found[other] = Offer(
                    held.spelled.get(asked, asked), text, f'"{text}"' if " " in other else text
                )
    return list(found.values())[:_OFFERED]


def spelled(session: Session, form: str) -> str:
    """Return how people write a folded form ("bnpt" → "BNPT")."""
    return tables(session).spelled.get(form, form)


def tables(session: Session) -> Tables:
    """Return everything of the present epoch, which is asked for once a session."""
    kept = session.info.get(_HELD)
    if kept is not None:
        return cast("Tables", kept)
    epoch = read_rows(session, _EPOCH).scalar() or 0
    engine = session.get_bind()
    held = _held.get(engine)
    if held is None or held.epoch != epoch:
        with _lock:
            held = build(epoch, groups(session), naming.named(session))
            _held[engine] = held
    session.info[_HELD] = held
    return held


def groups(session: Session) -> dict[int, Group]:
    """Return all groups by id."""
    forms: dict[int, list[str]] = {}
    for group_id, text in session.execute(
        sa.select(SynonymForm.group_id, SynonymForm.text).order_by(SynonymForm.group_id, SynonymForm.position)
    ):
        forms.setdefault(group_id, []).append(text)
    kinds = session.execute(
        sa.select(SynonymGroup.id, SynonymGroup.kind)
        .where(SynonymGroup.removed_at.is_(None))
        .order_by(SynonymGroup.id)
    )
    return {row.id: Group(Kind(row.kind), tuple(forms.get(row.id, ()))) for row in kinds}


def build(epoch: int, found: Mapping[int, Group], named: tuple[Named, ...]) -> Tables:
    """Return the tables that groups and names of K/L make."""
    joins = {Kind.SAME: dict[Key, dict[Key, None]](), Kind.RELATED: dict[Key, dict[Key, None]]()}
    written: dict[str, str] = {}
    for group in found.values():
        keys = group.keys
        for key, form in zip(keys, group.forms, strict=True):
            written.setdefault(" ".join(key), form)
            joins[group.kind].setdefault(key, {}).update(dict.fromkeys(keys))
    for key, forms in naming.joined(named).items():
        others = joins[Kind.SAME].setdefault(key, {})
        for form in forms:
            other = key_of(form)
            written.setdefault(" ".join(other), form)
            others[other] = None
    return Tables(
        epoch=epoch,
        groups=found,
        named=named,
        same=_without_themselves(joins[Kind.SAME]),
        related=_without_themselves(joins[Kind.RELATED]),
        spelled=written,
    )


def _without_themselves(joins: Mapping[Key, Mapping[Key, None]]) -> dict[Key, tuple[Key, ...]]:
    return {
        key: kept
        for key, others in joins.items()
        if (kept := tuple(other for other in others if other != key))
    }


_HELD = "synonyms"
_EPOCH = sa.select(SynonymEpoch.value).where(SynonymEpoch.id == 1)
#: By engine: tests and commands have several databases in one process.
_held: weakref.WeakKeyDictionary[Any, Tables] = weakref.WeakKeyDictionary()
_lock = threading.Lock()
