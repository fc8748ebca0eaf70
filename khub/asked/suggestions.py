"""What the search box offers while somebody types: own queries, actions, K/L, titles."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub.asked import queries
from khub.asked.titles import Titles, words_of
from khub.plan.models import Action, Institution, InstitutionAlias, Plan
from khub.products.models import Product

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from khub.db import Database
    from khub.policy import Actor

#: How many of each kind are offered.
_OWN, _ACTIONS, _UNITS, _TITLES = 3, 3, 3, 5
#: Longest beginning that is looked at, and how many own queries.
MAX_TEXT = 100
_LOOK = 100


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One thing to go to. ``kind``: query, action, unit, product; ``ref``: how its page is named."""

    kind: str
    text: str
    ref: tuple[str, ...]


class Suggestions:
    """Answers beginnings of queries. Small tables are read anew each time; titles are kept in memory."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.titles = Titles()

    def find(self, actor: Actor, text: str) -> list[Suggestion]:
        """Return what fits the beginning ``text``, of what ``actor`` may read."""
        words = words_of(text[:MAX_TEXT])
        if not words:
            return []
        with self.db.read() as session:
            return [
                *_own(session, actor, words),
                *_actions(session, text[:MAX_TEXT]),
                *_units(session, words),
                *self._products(session, actor, text[:MAX_TEXT]),
            ]

    def _products(self, session: Session, actor: Actor, text: str) -> list[Suggestion]:
        offered = self.titles.find(session, actor, text, _TITLES)
        ids = sa.select(Product.id, Product.public_id).where(
            Product.id.in_([each.product for each in offered])
        )
        names = {row.id: row.public_id for row in session.execute(ids)}
        return [
            Suggestion("product", each.title, (names[each.product],))
            for each in offered
            if each.product in names
        ]


def _own(session: Session, actor: Actor, words: Sequence[str]) -> list[Suggestion]:
    if actor.person_id is None:
        return []
    found = [
        Suggestion("query", own.text, ())
        for own in queries.recent(session, actor.person_id, _LOOK)
        if _fits(words, own.text) and _words(own.text) != tuple(words)
    ]
    return found[:_OWN]


def _actions(session: Session, text: str) -> list[Suggestion]:
    rows = session.execute(
        sa.select(Plan.code, Action.code, Action.title)
        .join(Plan, Plan.id == Action.plan_id)
        .order_by(Action.code, Plan.code)
    )
    # "1.3" means the beginning of a code, not numbers somewhere in a title.
    codes = [part for part in text.split() if part[0].isdecimal() and "." in part]
    words = words_of(" ".join(part for part in text.split() if part not in codes))
    return [
        Suggestion("action", f"{code} {title}", (plan, code))
        for plan, code, title in rows
        if _fits(words, f"{code} {title}") and all(code.startswith(part) for part in codes)
    ][:_ACTIONS]


def _units(session: Session, words: Sequence[str]) -> list[Suggestion]:
    rows = session.execute(
        sa.select(Institution.id, Institution.code, Institution.name, Institution.abbreviation).order_by(
            Institution.name
        )
    ).all()
    names: dict[int, list[str]] = {row.id: [row.name, row.abbreviation] for row in rows}
    for owner, alias in session.execute(sa.select(InstitutionAlias.institution_id, InstitutionAlias.alias)):
        names[owner].append(alias)
    found = [
        (not any(_begins(words, name) for name in names[row.id]), row)
        for row in rows
        if any(_fits(words, name) for name in names[row.id])
    ]
    return [
        Suggestion("unit", f"{row.name} ({row.abbreviation})" if row.abbreviation else row.name, (row.code,))
        for _, row in sorted(found, key=lambda pair: pair[0])[:_UNITS]
    ]


@lru_cache(maxsize=4096)
def _words(text: str) -> tuple[str, ...]:
    return tuple(words_of(text))


def _fits(words: Sequence[str], text: str) -> bool:
    """Tell whether each of ``words`` begins a word of ``text``, each another one."""
    have = list(_words(text))
    # What a longer beginning fits is fitted by a shorter one, too: so the longer chooses first.
    for word in sorted(words, key=len, reverse=True):
        other = next((other for other in have if other.startswith(word)), None)
        if other is None:
            return False
        have.remove(other)
    return True


def _begins(words: Sequence[str], text: str) -> bool:
    have = _words(text)
    return len(have) >= len(words) and all(
        other.startswith(word) for word, other in zip(words, have, strict=False)
    )
