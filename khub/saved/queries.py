"""Reading side of saved searches: the list, one with whom it is shared, what is new and what was said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub.accounts.models import Person
from khub.db import read_rows
from khub.errors import NotFoundError
from khub.plan.models import Institution, Pokja
from khub.products.models import Product
from khub.products.queries import readable_copies
from khub.saved import question, rules
from khub.saved.models import SavedFind, SavedSearch, SavedVerdict, SavedWatch
from khub.saved.terms import Alert

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from khub.policy import Actor

_OWN = sa.select(SavedSearch.public_id, SavedSearch.pairs).where(
    SavedSearch.owner_id == sa.bindparam("person"), SavedSearch.ended_at.is_(None)
)


@dataclass(frozen=True, slots=True)
class SearchShown:
    """A saved search as its reader sees it. ``shared`` names a K/L or pokja; ``fresh`` counts hits since his last visit."""

    id: int
    public_id: str
    name: str
    pairs: tuple[tuple[str, str], ...]
    mine: bool
    owner: str
    audience: str
    share: str
    shared: str
    created_at: datetime
    alert: str
    visited_at: datetime | None
    feed_since: datetime | None
    fresh: int

    @property
    def href(self) -> str:
        """Return the address of the same search on the page of results."""
        return question.address(self.pairs)


def listed(session: Session, actor: Actor, page: int, size: int) -> tuple[int, list[SearchShown]]:
    """Return how many searches ``actor`` opens and one page of them, his own first, then by name."""
    total = session.scalar(sa.select(sa.func.count()).select_from(SavedSearch).where(rules.open_to(actor)))
    rows = session.execute(
        _shown(actor)
        .order_by((SavedSearch.owner_id != actor.person_id), SavedSearch.name, SavedSearch.id)
        .offset((page - 1) * size)
        .limit(size)
    ).all()
    return total or 0, _rows(session, actor, rows)


def one(session: Session, actor: Actor, public_id: str) -> SearchShown:
    """Return a saved search; 404 for who does not open it."""
    rows = session.execute(_shown(actor).where(SavedSearch.public_id == public_id)).all()
    if not rows:
        raise NotFoundError
    return _rows(session, actor, rows)[0]


def _shown(actor: Actor) -> sa.Select[SavedSearch, str, str | None, str | None, SavedWatch | None]:
    return (
        sa.select(SavedSearch, Person.name, Institution.name, Pokja.name, SavedWatch)
        .join(Person, Person.id == SavedSearch.owner_id)
        .outerjoin(Institution, Institution.id == SavedSearch.institution_id)
        .outerjoin(Pokja, Pokja.id == SavedSearch.pokja_id)
        .outerjoin(
            SavedWatch,
            sa.and_(SavedWatch.search_id == SavedSearch.id, SavedWatch.person_id == actor.person_id),
        )
        .where(rules.open_to(actor))
    )


def _rows(
    session: Session,
    actor: Actor,
    rows: Sequence[sa.Row[SavedSearch, str, str | None, str | None, SavedWatch | None]],
) -> list[SearchShown]:
    fresh = _fresh(session, actor, [watch.id for *_, watch in rows if watch is not None])
    return [
        SearchShown(
            id=search.id,
            public_id=search.public_id,
            name=search.name,
            pairs=tuple((name, value) for name, value in search.pairs),
            mine=search.owner_id == actor.person_id,
            owner=owner,
            audience=search.audience,
            share=rules.value_of(search),
            shared=institution or pokja or "",
            created_at=search.created_at,
            alert=watch.alert if watch is not None else Alert.OFF,
            visited_at=watch.visited_at if watch is not None else None,
            feed_since=watch.feed_since if watch is not None and watch.feed_hash else None,
            fresh=fresh.get(watch.id, 0) if watch is not None else 0,
        )
        for search, owner, institution, pokja, watch in rows
    ]


def _fresh(session: Session, actor: Actor, watch_ids: Iterable[int]) -> dict[int, int]:
    """Return how many products each watch has found since its last visit that ``actor`` may read now."""
    rows = session.execute(
        readable_copies(actor)
        .join(SavedFind, SavedFind.product_id == Product.id)
        .join(SavedWatch, SavedWatch.id == SavedFind.watch_id)
        .where(
            SavedWatch.id.in_(list(watch_ids)),
            sa.or_(SavedWatch.visited_at.is_(None), SavedFind.found_at > SavedWatch.visited_at),
        )
        .with_only_columns(
            SavedFind.watch_id, sa.func.count(sa.distinct(Product.id)), maintain_column_froms=True
        )
        .group_by(SavedFind.watch_id)
    ).all()
    return {row[0]: row[1] for row in rows}


def fresh_total(session: Session, actor: Actor) -> int:
    """Return how many new hits wait in all searches that ``actor`` watches."""
    ids = session.scalars(
        sa.select(SavedWatch.id)
        .join(SavedSearch, SavedSearch.id == SavedWatch.search_id)
        .where(SavedWatch.person_id == actor.person_id, rules.open_to(actor))
    ).all()
    return sum(_fresh(session, actor, ids).values())


@dataclass(frozen=True, slots=True)
class Verdict:
    """What somebody said of a hit."""

    relevant: bool
    person: str
    at: datetime


def verdicts(session: Session, search_id: int) -> Mapping[int, Verdict]:
    """Return product id → what was said of it."""
    rows = session.execute(
        sa.select(SavedVerdict, Person.name)
        .join(Person, Person.id == SavedVerdict.person_id)
        .where(SavedVerdict.search_id == search_id)
    )
    return {row.product_id: Verdict(row.relevant, name, row.at) for row, name in rows}


def same(session: Session, actor: Actor, pairs: Sequence[Sequence[str]]) -> str:
    """Return the public id of a search of ``actor``'s own with just these ``pairs``, "" when there is none."""
    wanted = [list(pair) for pair in pairs]
    rows = read_rows(session, _OWN, {"person": actor.person_id})
    return next((public_id for public_id, kept in rows if kept == wanted), "")
