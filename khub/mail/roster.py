"""Who answers for a row: the people of the K/L within the pokja of the action."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa

from khub.accounts import sessions
from khub.accounts.models import Membership, Person
from khub.plan.models import Branch, Plan, Pokja
from khub.plan.terms import Answer
from khub.policy import Role
from khub.products.lifecycle import State

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from sqlalchemy.orm import Session

    from khub.cycle.facts import Row
    from khub.cycle.ledger import Ledger

_OWNERS = (Role.MEMBER, Role.OFFICIAL)


class Debt(NamedTuple):
    """A row with what is still open in it: a report, the answer on commitment, or both."""

    row: Row
    report: bool
    answer: bool

    @property
    def key(self) -> tuple[int, int, int]:
        """Return ids: period, action, K/L (its last successor)."""
        return (self.row.period.id, self.row.action.id, self.row.unit.id)

    @property
    def returned(self) -> bool:
        """Tell whether the report was handed in and sent back."""
        return self.row.state == State.RETURNED


def debts(ledger: Ledger, period_id: int) -> list[Debt]:
    """Return the rows of a period in which something is still open, in the plan's order."""
    year = ledger.period(period_id).year
    asked = {
        (owed.action.id, owed.unit.id) for owed in ledger.owed(year) if owed.answer in ("", Answer.RETURNED)
    }
    found = (
        Debt(
            row,
            bool(row.asks) and (not row.handed_in or row.state == State.RETURNED),
            (row.action.id, row.unit.id) in asked,
        )
        for row in ledger.rows(period_id)
    )
    return [debt for debt in found if debt.report or debt.answer]


@dataclass(frozen=True, slots=True)
class Addressee:
    """A person who can be written to; ``places``: (K/L as recorded, pokja or None for all)."""

    id: int
    name: str
    email: str
    language: str
    places: frozenset[tuple[int, int | None]] = field(default_factory=frozenset)


class Roster:
    """Who belongs to which K/L and pokja on a day."""

    def __init__(
        self, people: Iterable[Addressee], pokjas: Mapping[tuple[str, str], frozenset[int]], ledger: Ledger
    ) -> None:
        self._pokjas = pokjas
        self._by_unit: dict[int, dict[int, tuple[Addressee, set[int | None]]]] = defaultdict(dict)
        for person in people:
            for institution, pokja in person.places:
                unit = self._by_unit[ledger.head(institution)]
                unit.setdefault(person.id, (person, set()))[1].add(pokja)

    @classmethod
    def read(cls, session: Session, day: date, ledger: Ledger) -> Roster:
        """Return the roster of ``day`` (WIB), in two statements."""
        return cls(addressees(session, day), pokjas_of_branches(session), ledger)

    def of(self, row: Row) -> list[Addressee]:
        """Return who answers for a row: the K/L's people of the pokja, or all of them where it has none."""
        everybody = self._by_unit.get(row.unit.id, {})
        wanted = self._pokjas.get((row.action.plan, row.action.branch), frozenset())
        near = [
            person for person, places in everybody.values() if None in places or not wanted.isdisjoint(places)
        ]
        return near or [person for person, _ in everybody.values()]


def addressees(session: Session, day: date) -> list[Addressee]:
    """Return every active person who belongs to a K/L on ``day``, by name."""
    rows = session.execute(
        sa.select(
            Person.id,
            Person.name,
            Person.email,
            Person.language,
            Membership.institution_id,
            Membership.pokja_id,
        )
        .join(Membership, Membership.person_id == Person.id)
        .where(
            Person.active.is_(True),
            Membership.role.in_(_OWNERS),
            *sessions.in_force(day),
        )
        .order_by(Person.name, Person.id)
    )
    facts: dict[int, tuple[str, str, str]] = {}
    places: dict[int, set[tuple[int, int | None]]] = defaultdict(set)
    for person_id, name, email, language, institution_id, pokja_id in rows:
        facts[person_id] = (name, email, language)
        if institution_id is not None:
            places[person_id].add((institution_id, pokja_id))
    return [Addressee(each, *told, frozenset(places[each])) for each, told in facts.items()]


def pokjas_of_branches(session: Session) -> dict[tuple[str, str], frozenset[int]]:
    """Return the pokja ids by (plan code, branch code)."""
    found: dict[tuple[str, str], set[int]] = defaultdict(set)
    for plan, branch, pokja in session.execute(
        sa.select(Plan.code, Branch.code, Pokja.id)
        .join(Branch, Branch.id == Pokja.branch_id)
        .join(Plan, Plan.id == Branch.plan_id)
    ):
        found[plan, branch].add(pokja)
    return {key: frozenset(ids) for key, ids in found.items()}
