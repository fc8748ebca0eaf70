"""Serah terima: somebody leaves a K/L, and what he had in hand goes to a colleague of the same K/L."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub.accounts import rules, sessions
from khub.accounts.models import Membership, Person
from khub.audit import chain
from khub.clock import wib_date
from khub.coordination.models import FollowUp
from khub.errors import N_, ConflictError, FieldError, InvalidError, NotFoundError
from khub.plan.models import Institution
from khub.policy import Role
from khub.products.lifecycle import EDITABLE
from khub.products.models import Product, Version

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from khub.clock import Clock
    from khub.db import Database
    from khub.policy import Actor

_WORKERS = (Role.MEMBER, Role.OFFICIAL)


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody who may take over, with the pokja ids he works in (None: all of them)."""

    id: int
    name: str
    login: str
    pokjas: frozenset[int | None]


@dataclass(frozen=True, slots=True)
class UnitHeld:
    """A K/L that the person works for: how many roles and open drafts he has there, and who may take over."""

    id: int
    name: str
    memberships: int
    drafts: int
    colleagues: tuple[Colleague, ...]


@dataclass(frozen=True, slots=True)
class Held:
    """What a person has in hand."""

    id: int
    login: str
    name: str
    units: tuple[UnitHeld, ...]
    follow_ups: int


@dataclass(frozen=True, slots=True)
class Done:
    """What was handed over."""

    drafts: int
    follow_ups: int
    memberships: int


class Handover:
    """The act; for admins."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self.db = db
        self.clock = clock

    def hand_over(
        self,
        actor: Actor,
        person_id: int,
        institution_id: int,
        heir_id: int | None,
        last_day: date | None,
    ) -> Done:
        """End a person's roles in a K/L after ``last_day`` (None: at once) and give what he has to ``heir_id``.

        His open drafts of that K/L and all his open follow-ups change hands now. Sessions end where the
        roles end at once. ``heir_id`` may be None where nothing is in hand. Raises ``InvalidError``,
        ``ConflictError`` when he has no role there that would end.
        """
        rules.demand_admin(actor)
        now = self.clock.now()
        today = wib_date(now)
        if last_day is not None and last_day < today:
            raise InvalidError([FieldError("last_day", N_("Hari terakhir paling awal hari ini."))])
        end = last_day or today - timedelta(days=1)
        with self.db.write() as session:
            person = session.get(Person, person_id, with_for_update=True)
            if person is None:
                raise NotFoundError
            ending = _memberships(session, person_id, institution_id, end)
            if not ending:
                raise ConflictError(N_("Orang ini tidak bekerja untuk K/L itu lagi."))
            drafts = _drafts(session, person_id, institution_id)
            follow_ups = session.scalars(
                sa.select(FollowUp)
                .where(FollowUp.owner_id == person_id, FollowUp.done_at.is_(None))
                .with_for_update()
            ).all()
            heir = _heir(session, person_id, institution_id, heir_id, today)
            if drafts or follow_ups or heir_id is not None:
                _demand(heir, drafts)
            for membership in ending:
                membership.valid_to = end
                facts = {"membership": membership.id, "role": membership.role, "to": end}
                chain.append(session, actor, "membership.ended", "person", str(person_id), now, facts=facts)
            if heir is not None:
                for product in drafts:
                    product.created_by = heir.id
                    facts = {"before": person_id, "after": heir.id}
                    chain.append(
                        session, actor, "product.handed-over", "product", product.public_id, now, facts=facts
                    )
                for follow_up in follow_ups:
                    follow_up.owner_id = heir.id
                    follow_up.revision += 1
            if last_day is None:
                sessions.end_all(session, person_id, now)
            done = Done(len(drafts), len(follow_ups), len(ending))
            facts = {
                "heir": heir.id if heir is not None else None,
                "institution": institution_id,
                "drafts": done.drafts,
                "follow_ups": done.follow_ups,
                "last_day": end,
            }
            chain.append(session, actor, "person.handed-over", "person", str(person_id), now, facts=facts)
            return done


def held(session: Session, actor: Actor, person_id: int, today: date) -> Held:
    """Return what a person has in hand, K/L by K/L; ``NotFoundError`` without such an account."""
    rules.demand_admin(actor)
    person = session.get(Person, person_id)
    if person is None:
        raise NotFoundError
    counted = Counter(
        membership.institution_id for membership in _memberships(session, person_id, None, today - _DAY)
    )
    names = session.execute(
        sa.select(Institution.id, Institution.name)
        .where(Institution.id.in_([each for each in counted if each is not None]))
        .order_by(Institution.name)
    ).all()
    todo = sa.select(sa.func.count()).where(FollowUp.owner_id == person_id, FollowUp.done_at.is_(None))
    return Held(
        person.id,
        person.login,
        person.name,
        tuple(
            UnitHeld(
                institution_id,
                name,
                counted[institution_id],
                len(_drafts(session, person_id, institution_id)),
                colleagues(session, person_id, institution_id, today),
            )
            for institution_id, name in names
        ),
        session.scalar(todo) or 0,
    )


_DAY = timedelta(days=1)


def colleagues(session: Session, person_id: int, institution_id: int, today: date) -> tuple[Colleague, ...]:
    """Return the other people who work for a K/L today, by name."""
    found: dict[int, Colleague] = {}
    for other_id, name, login, pokja_id in session.execute(
        sa.select(Person.id, Person.name, Person.login, Membership.pokja_id)
        .join(Membership, Membership.person_id == Person.id)
        .where(
            Person.active.is_(True),
            Person.id != person_id,
            Membership.institution_id == institution_id,
            Membership.role.in_(_WORKERS),
            *sessions.in_force(today),
        )
        .order_by(Person.name, Person.id)
    ):
        known = found[other_id].pokjas if other_id in found else frozenset()
        found[other_id] = Colleague(other_id, name, login, known | {pokja_id})
    return tuple(found.values())


def _memberships(
    session: Session, person_id: int, institution_id: int | None, end: date
) -> Sequence[Membership]:
    """Return the roles of a person in a K/L (None: in any) that would outlast ``end``."""
    query = (
        sa.select(Membership)
        .where(
            Membership.person_id == person_id,
            Membership.role.in_(_WORKERS),
            sa.or_(Membership.valid_to.is_(None), Membership.valid_to > end),
        )
        .order_by(Membership.id)
    )
    if institution_id is not None:
        query = query.where(Membership.institution_id == institution_id)
    return session.scalars(query).all()


def _drafts(session: Session, person_id: int, institution_id: int) -> Sequence[Product]:
    """Return the keluaran of a K/L that a person uploaded and that can still be worked on."""
    return session.scalars(
        sa.select(Product)
        .where(
            Product.created_by == person_id,
            Product.institution_id == institution_id,
            Product.discarded_at.is_(None),
            Product.id.in_(sa.select(Version.product_id).where(Version.state.in_(EDITABLE))),
        )
        .order_by(Product.id)
    ).all()


def _heir(
    session: Session, person_id: int, institution_id: int, heir_id: int | None, today: date
) -> Colleague | None:
    found = colleagues(session, person_id, institution_id, today)
    return next((each for each in found if each.id == heir_id), None)


def _demand(heir: Colleague | None, drafts: Sequence[Product]) -> None:
    if heir is None:
        raise InvalidError([FieldError("heir", N_("Pilih rekan yang bekerja untuk K/L yang sama."))])
    blind = [each for each in drafts if None not in heir.pokjas and each.pokja_id not in heir.pokjas]
    if blind:
        raise InvalidError(
            [
                FieldError(
                    "heir",
                    N_(
                        "%(count)s draf ada di pokja tempat %(name)s tidak bekerja, jadi tidak akan dilihatnya. "
                        "Pilih orang lain, atau beri peran di pokja itu dahulu."
                    ),
                    {"count": len(blind), "name": heir.name},
                )
            ]
        )
