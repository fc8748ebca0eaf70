"""The number of keluaran handed in: content, so it counts what the reader may see, as of any past day."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub.audit.models import Event
from khub.cycle.facts import HandedIn
from khub.cycle.numbers import Definition, Number
from khub.errors import N_
from khub.plan.models import Action, Branch, Focus, Institution, Period
from khub.products.models import WORKING, Copy, CopyAction, Product, Version
from khub.products.queries import readable_copies, short_name

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy.orm import Session

    from khub.cycle.facts import PeriodFacts
    from khub.policy import Actor

KEY = "outputs"
DEFINITION = Definition(
    N_("Keluaran diserahkan"),
    N_("Keluaran yang diajukan untuk periode ini dan tidak ditarik kembali, yang dapat Anda lihat."),
)


def snapshots(
    actor: Actor, period_ids: Collection[int], until: datetime, branch: str = "", *, approved: bool = False
) -> sa.Select[int, int]:
    """Return the query of (keluaran, its newest snapshot) handed in for any of the periods as recorded ``until``.

    ``approved``: only snapshots that had been approved by then.
    """
    query = (
        readable_copies(actor)
        .where(
            Copy.number != WORKING,
            Copy.period_id.in_(period_ids),
            Copy.submitted_at <= until,
            sa.or_(Copy.outcome != "withdrawn", _taken_back_later(until)),
        )
        .group_by(Product.id)
    )
    if approved:
        query = query.where(Copy.outcome == "approved", Copy.decided_at <= until)
    if branch:
        served = (
            sa.select(CopyAction.copy_id)
            .join(Action, Action.id == CopyAction.action_id)
            .join(Focus, Focus.id == Action.focus_id)
            .join(Branch, Branch.id == Focus.branch_id)
            .join(Period, Period.plan_id == Branch.plan_id)
            .where(CopyAction.copy_id == Copy.id, Period.id == Copy.period_id, Branch.code == branch)
        )
        query = query.where(sa.exists(served))
    return query.with_only_columns(Product.id, sa.func.max(Copy.id), maintain_column_froms=True)


def _taken_back_later(until: datetime) -> sa.ColumnElement[bool]:
    """Return the condition that the trail has the snapshot's withdrawal after ``until``."""
    place = (
        sa.literal('%"snapshot": ')
        + sa.cast(Copy.number, sa.String)
        + ', "version": '
        + sa.cast(Version.number, sa.String)
        + "}"
    )
    return sa.exists(
        sa.select(Event.seq).where(
            Event.act == "product.withdrawn",
            Event.object_id == Product.public_id,
            Event.at > until,
            Event.facts.like(place),
        )
    )


def count(session: Session, actor: Actor, period_id: int, until: datetime) -> int:
    """Return how many keluaran were handed in for a period, of those ``actor`` may see."""
    found = snapshots(actor, [period_id], until).subquery()
    return session.scalar(sa.select(sa.func.count()).select_from(found)) or 0


def number(session: Session, actor: Actor, period: PeriodFacts, until: datetime, branch: str = "") -> Number:
    """Return the number with exactly the keluaran that it counts, newest first."""
    found = snapshots(actor, [period.id], until, branch).subquery()
    rows = session.execute(
        sa.select(Product.public_id, Copy.title, Institution, Copy.submitted_at, Copy.saved_at)
        .join(found, found.c.id == Product.id)
        .join(Copy, Copy.id == found.c[1])
        .join(Institution, Institution.id == Product.institution_id)
        .order_by(Copy.submitted_at.desc(), Product.id)
    )
    counted = tuple(HandedIn(row[0], row[1], short_name(row[2]), row[3] or row[4]) for row in rows)
    return Number(
        KEY, DEFINITION, counted, (), until, of_total=False, year=period.year, period=period, branch=branch
    )
