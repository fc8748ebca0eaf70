"""Which recent queries a change of groups would change, and how, for the person who edits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from indexer.analysis import fold
from indexer.ports import IndexUnavailableError
from indexer.query import QueryError, parse, widen, widened
from khub import policy
from khub.products.models import Copy
from khub.products.queries import readable_copies
from khub.search import fields
from khub.synonyms import queries
from khub.synonyms.terms import once

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy.orm import Session

    from indexer.ports import SearchEngine
    from indexer.query import Query
    from indexer.units import UnitTable
    from khub.policy import Actor
    from khub.synonyms.queries import Tables
    from khub.synonyms.terms import Step

#: Recent queries that are looked at, and those of them that are shown.
EXAMINED = 200
SHOWN = 12
#: Forms that are tried as queries, of so many groups at most.
_FORMS_SHOWN = 20
_FEW = 4
#: Products that are named as coming in, of queries that found at most so many before.
_NAMED = 3
_MOST_BEFORE = 300


@dataclass(frozen=True, slots=True)
class Coming:
    """A product that a query would find anew."""

    public_id: str
    title: str


@dataclass(frozen=True, slots=True)
class Effect:
    """What a query would find: products before and after (None: the index does not answer now).

    ``gained`` and ``lost`` are forms that it would join, or no longer join.
    """

    text: str
    before: int | None
    after: int | None
    gained: tuple[str, ...]
    lost: tuple[str, ...]
    coming: tuple[Coming, ...] = ()


@dataclass(frozen=True, slots=True)
class Effects:
    """What a change does: to the forms themselves when searched for, and to recent queries.

    Of ``examined`` recent queries ``changed`` would join other forms; those that may be told stand in
    ``asked``. ``offered``: how many would only be offered other words.
    """

    forms: tuple[Effect, ...]
    asked: tuple[Effect, ...]
    examined: int
    changed: int
    offered: int


@dataclass(frozen=True, slots=True)
class Asked:
    """Recent query texts of anybody, and those of them that may be told to the person who looks."""

    texts: Sequence[str]
    told: frozenset[str]


def same_text(text: str) -> str:
    """Return a query text as texts are compared."""
    return " ".join(fold(text).split())


def after(held: Tables, steps: Iterable[Step]) -> Tables:
    """Return the tables as ``steps`` would leave them."""
    groups = dict(held.groups)
    for number, step in enumerate(steps):
        if step.group_id is not None:
            groups.pop(step.group_id, None)
        if step.after is not None:
            groups[step.group_id if step.group_id is not None else -1 - number] = step.after
    return queries.build(held.epoch, groups, held.named)


@dataclass(frozen=True, slots=True)
class _Pair:
    """A query as it is widened now and then."""

    text: str
    before: Query
    later: Query
    is_offered: bool


def _written(steps: Sequence[Step]) -> list[str]:
    """Return the forms of a few groups, as somebody would search for them; a long import has too many."""
    if len(steps) > _FEW:
        return []
    groups = [group for step in steps for group in (step.before, step.after) if group is not None]
    return [
        f'"{form}"' if " " in form else form
        for form in once(form for group in groups for form in group.forms)
    ]


class Preview:
    """Holds queries against the tables of now and of then."""

    def __init__(
        self, session: Session, actor: Actor, engine: SearchEngine, units: UnitTable, steps: Sequence[Step]
    ) -> None:
        self.session = session
        self.actor = actor
        self.engine = engine
        self.units = units
        self.allow = policy.readable_classes(actor, units.classes)
        self.now = queries.tables(session)
        self.then = after(self.now, steps)

    def effects(self, steps: Sequence[Step], asked: Asked) -> Effects:
        """Return what would change for the forms of ``steps`` and for the queries of ``asked``."""
        pairs = [pair for text in asked.texts if (pair := self._pair(text)) is not None]
        changed = [pair for pair in pairs if pair.before != pair.later]
        shown = [pair for pair in changed if same_text(pair.text) in asked.told][:SHOWN]
        forms = [pair for text in _written(steps) if (pair := self._pair(text)) is not None]
        direct = [pair for pair in forms if pair.before != pair.later][:_FORMS_SHOWN]
        effects = self._counted([*direct, *shown])
        return Effects(
            forms=effects[: len(direct)],
            asked=effects[len(direct) :],
            examined=len(pairs),
            changed=len(changed),
            offered=sum(pair.before == pair.later and pair.is_offered for pair in pairs),
        )

    def _pair(self, text: str) -> _Pair | None:
        try:
            query = parse(text)
        except QueryError:
            return None
        return _Pair(
            text,
            widen(query, self.now.same),
            widen(query, self.then.same),
            widen(query, self.now.related) != widen(query, self.then.related),
        )

    def _counted(self, pairs: Sequence[_Pair]) -> tuple[Effect, ...]:
        asked = [fields.resolve(self.session, query) for pair in pairs for query in (pair.before, pair.later)]
        counts: Sequence[int | None]
        try:
            counts = self.engine.count(asked, allow=self.allow, units=self.units) if asked else ()
        except IndexUnavailableError:
            counts = [None] * len(asked)
        return tuple(
            self._effect(pair.text, (asked[2 * n], asked[2 * n + 1]), (counts[2 * n], counts[2 * n + 1]))
            for n, pair in enumerate(pairs)
        )

    def _effect(self, text: str, pair: tuple[Query, Query], counts: tuple[int | None, int | None]) -> Effect:
        had, has = ({form for _, others in widened(query) for form in others} for query in pair)
        before, later = counts
        return Effect(
            text,
            before,
            later,
            gained=self._written(has - had),
            lost=self._written(had - has),
            coming=self._coming(pair, before) if before is not None and later and later > before else (),
        )

    def _written(self, forms: Iterable[str]) -> tuple[str, ...]:
        known = {**self.now.spelled, **self.then.spelled}
        return tuple(sorted(known.get(form, form) for form in forms))

    def _coming(self, pair: tuple[Query, Query], before: int) -> tuple[Coming, ...]:
        """Return the best products that only the wider query finds."""
        if before > _MOST_BEFORE:
            return ()
        old, new = (
            self.engine.search(query, allow=self.allow, units=self.units, limit=limit).hits
            for query, limit in zip(pair, (max(1, before), before + _NAMED), strict=True)
        )
        known = {hit.product for hit in old}
        units = [hit.unit for hit in new if hit.product not in known][:_NAMED]
        titles = {
            copy.id: Coming(product.public_id, copy.title)
            for copy, _, product in self.session.execute(
                readable_copies(self.actor).where(Copy.id.in_(units))
            )
        }
        return tuple(titles[unit] for unit in units if unit in titles)
