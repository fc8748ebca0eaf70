"""What a letter says of new hits: as of when it leaves, and only what its reader may read then."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub.mail import notices
from khub.mail.models import Message, Preference
from khub.mail.terms import MailKind
from khub.policy import Classification
from khub.products.models import Copy, Product
from khub.products.queries import head_condition, readable_copies
from khub.saved.models import SavedFind, SavedSearch, SavedWatch
from khub.saved.rules import open_to
from khub.saved.terms import Alert

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from khub.policy import Actor

#: "At once" is no more than one letter in so long: what is found meanwhile comes together in the next.
PAUSE = timedelta(minutes=10)
#: Titles that a letter names of one search.
SHOWN = 20
_MOST = 2000


@dataclass(frozen=True, slots=True)
class News:
    """New hits of one search: ``titles`` with the ids of their pages, ``hidden`` *terbatas* ones, ``more`` besides."""

    search: str
    name: str
    titles: tuple[tuple[str, str], ...]
    hidden: int
    more: int

    @property
    def count(self) -> int:
        """Return how many hits there are in all."""
        return len(self.titles) + self.hidden + self.more


def due(session: Session, now: datetime) -> Sequence[int]:
    """Return the ids of the people to whom a letter is due at once."""
    lately = sa.select(Message.person_id).where(
        Message.kind == MailKind.ALERT, Message.prepared_at > now - PAUSE
    )
    return session.scalars(
        sa.select(SavedWatch.person_id)
        .join(SavedFind, SavedFind.watch_id == SavedWatch.id)
        .where(
            SavedFind.told_at.is_(None), SavedWatch.alert == Alert.NOW, SavedWatch.person_id.not_in(lately)
        )
        .distinct()
        .order_by(SavedWatch.person_id)
        .limit(_MOST)
    ).all()


def at_once(session: Session, people: Iterable[int], now: datetime) -> int:
    """Prepare a letter to each of ``people`` and mark what it speaks of, as one; returns how many."""
    written = 0
    quiet = _mute(session, people)
    for person_id, finds in waiting(session, Alert.NOW, people).items():
        for find in finds:
            find.told_at = now
        if person_id in quiet:
            continue
        key = f"{MailKind.ALERT}:{person_id}:{now:%Y%m%dT%H%M%S.%f}"
        message = Message(
            key=key, kind=MailKind.ALERT, person_id=person_id, facts={"finds": named(finds)}, send_after=now
        )
        written += notices.add(session, message, now) is not None
    return written


def _mute(session: Session, people: Iterable[int]) -> set[int]:
    rows = session.scalars(sa.select(Preference).where(Preference.person_id.in_(list(people))))
    return {row.person_id for row in rows if MailKind.ALERT in row.muted}


def waiting(
    session: Session, alert: Alert, people: Iterable[int] | None = None
) -> Mapping[int, list[SavedFind]]:
    """Return what is still to be told by letters of a kind, by person, the oldest first."""
    query = (
        sa.select(SavedWatch.person_id, SavedFind)
        .join(SavedWatch, SavedWatch.id == SavedFind.watch_id)
        .where(SavedFind.told_at.is_(None), SavedWatch.alert == alert)
        .order_by(SavedFind.found_at, SavedFind.watch_id, SavedFind.product_id)
    )
    if people is not None:
        query = query.where(SavedWatch.person_id.in_(list(people)))
    found: dict[int, list[SavedFind]] = defaultdict(list)
    for person_id, find in session.execute(query):
        found[person_id].append(find)
    return found


def named(finds: Iterable[SavedFind]) -> list[list[int]]:
    """Return finds as a letter's facts keep them."""
    return [[find.watch_id, find.product_id] for find in finds]


def news(session: Session, actor: Actor, finds: Iterable[Sequence[int]]) -> list[News]:
    """Return what ``actor`` may be told of ``finds`` now, by search; a search that is gone for him is left out."""
    by_watch: dict[int, list[int]] = defaultdict(list)
    for watch_id, product_id in finds:
        by_watch[watch_id].append(product_id)
    searches = session.execute(
        sa.select(SavedWatch.id, SavedSearch.public_id, SavedSearch.name)
        .join(SavedSearch, SavedSearch.id == SavedWatch.search_id)
        .where(SavedWatch.id.in_(by_watch), SavedWatch.person_id == actor.person_id, open_to(actor))
        .order_by(SavedSearch.name, SavedWatch.id)
    ).all()
    wanted = {product for watch_id, _, _ in searches for product in by_watch[watch_id]}
    readable = {
        product.id: (product.public_id, copy.title, product.classification)
        for copy, _, product in session.execute(
            readable_copies(actor).where(Product.id.in_(wanted), head_condition(actor)).order_by(Copy.id)
        )
    }
    found = []
    for watch_id, public_id, name in searches:
        mine = [readable[product] for product in by_watch[watch_id] if product in readable]
        told = [(title, product) for product, title, kind in mine if kind != Classification.RESTRICTED]
        if mine:
            shown = tuple(told[:SHOWN])
            found.append(News(public_id, name, shown, len(mine) - len(told), len(told) - len(shown)))
    return found
