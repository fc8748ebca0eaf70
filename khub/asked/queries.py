"""Reading what was asked: one's own history, texts without names, and what many ask for."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub.asked.models import AskedQuery
from khub.clock import WIB

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

    from khub.policy import Actor

#: A query is told to others only when so many different persons asked it within the weeks shown.
PERSONS = 3
WEEKS = 12
#: So many of the most frequent queries are looked at.
MOST = 100
#: What may be somebody's number or address is never told, however many asked it.
_PERSONAL = re.compile(r"@|\d[\d .-]{6,}\d")
#: How far back suggestions and previews look.
_LOOK = 400


@dataclass(frozen=True, slots=True)
class Own:
    """One of a person's own searches."""

    text: str
    filters: dict[str, list[str]]
    total: int
    at: datetime


@dataclass(frozen=True, slots=True)
class OwnPage:
    """One page of a person's history."""

    rows: list[Own]
    total: int


@dataclass(frozen=True, slots=True)
class Frequent:
    """A query that several persons asked: how often in all and in each week, the oldest first."""

    text: str
    searches: int
    weeks: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Frequency:
    """What was asked in the weeks that begin on ``mondays``: all searches, and the frequent queries."""

    mondays: tuple[date, ...]
    searches: tuple[int, ...]
    frequent: tuple[Frequent, ...]


def recent(session: Session, person_id: int, limit: int) -> list[Own]:
    """Return a person's own last searches, each text once, the newest first."""
    found: dict[str, Own] = {}
    for row in session.execute(
        sa.select(AskedQuery.key, AskedQuery.text, AskedQuery.filters, AskedQuery.total, AskedQuery.asked_at)
        .where(AskedQuery.person_id == person_id)
        .order_by(AskedQuery.asked_at.desc(), AskedQuery.id.desc())
        .limit(_LOOK)
    ):
        found.setdefault(row.key, Own(row.text, row.filters, row.total, row.asked_at))
        if len(found) >= limit:
            break
    return list(found.values())


def latest_texts(session: Session, limit: int) -> list[str]:
    """Return distinct texts of the last searches of anybody, without names; for computing, not for show."""
    found: dict[str, str] = {}
    for key, text in session.execute(
        sa.select(AskedQuery.key, AskedQuery.text)
        .order_by(AskedQuery.asked_at.desc(), AskedQuery.id.desc())
        .limit(max(_LOOK, 4 * limit))
    ):
        found.setdefault(key, text)
        if len(found) >= limit:
            break
    return list(found.values())


def history(session: Session, actor: Actor, *, page: int, size: int) -> OwnPage:
    """Return one page of the asker's own searches, the newest first."""
    mine = AskedQuery.person_id == actor.person_id
    total = session.scalar(sa.select(sa.func.count()).select_from(AskedQuery).where(mine)) or 0
    rows = session.execute(
        sa.select(AskedQuery.text, AskedQuery.filters, AskedQuery.total, AskedQuery.asked_at)
        .where(mine)
        .order_by(AskedQuery.asked_at.desc(), AskedQuery.id.desc())
        .offset((page - 1) * size)
        .limit(size)
    )
    return OwnPage([Own(row.text, row.filters, row.total, row.asked_at) for row in rows], total)


def frequency(session: Session, actor: Actor, now: datetime) -> Frequency:
    """Return what was asked lately.

    Only acts of people are counted here, never what they found: that a query which finds nothing for one
    person found something for another would tell of documents.
    """
    del actor
    mondays = weeks(now)
    edges = [_start(monday) for monday in (*mondays, mondays[-1] + timedelta(days=7))]
    asked = AskedQuery.asked_at
    sums = [
        sa.func.sum(sa.case((sa.and_(asked >= low, asked < high), 1), else_=0))
        for low, high in itertools.pairwise(edges)
    ]
    within = asked >= edges[0]
    count = sa.func.count()
    rows = session.execute(
        sa.select(sa.func.max(AskedQuery.text), count, *sums)
        .where(within)
        .group_by(AskedQuery.key)
        .having(sa.func.count(AskedQuery.person_id.distinct()) >= PERSONS)
        .order_by(count.desc(), AskedQuery.key)
        .limit(MOST)
    ).all()
    whole = session.execute(sa.select(*sums).where(within)).one()
    return Frequency(
        mondays,
        tuple(int(each or 0) for each in whole),
        tuple(
            Frequent(row[0], row[1], tuple(int(each) for each in row[2:]))
            for row in rows
            if not _PERSONAL.search(row[0])
        ),
    )


def weeks(now: datetime) -> tuple[date, ...]:
    """Return the Mondays of the weeks shown, the oldest first."""
    today = now.astimezone(WIB).date()
    monday = today - timedelta(days=today.weekday())
    return tuple(monday - timedelta(days=7 * back) for back in reversed(range(WEEKS)))


def _start(day: date) -> datetime:
    return datetime.combine(day, time(), WIB).astimezone(UTC)
