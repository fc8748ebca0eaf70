"""Looking anew: what a saved search finds for a person now that it never found for him before.

A product counts as new when it is first among the hits that he may read: because it was handed in or
approved, was opened up, because he joined a pokja, or because its text could be searched only now. A
look is needed when the index, the columns, or any membership changed since the last one; how the
change came about is not asked, so none is missed. Where the index cannot be read nothing is noted.
"""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import sqlalchemy as sa

from indexer.ports import IndexUnavailableError
from indexer.query import QueryError
from khub.accounts import sessions
from khub.accounts.models import Membership
from khub.clock import wib_date
from khub.saved import question, telling
from khub.saved.models import SavedFind, SavedSearch, SavedWatch
from khub.saved.rules import open_to
from khub.saved.terms import Alert
from khub.search.models import Epoch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from numpy.typing import NDArray
    from sqlalchemy.orm import Session

    from khub.clock import Clock
    from khub.db import Database
    from khub.policy import Actor
    from khub.search.service import Search

    Ints = NDArray[np.int64]

#: Seconds of looking in one tick, and most watches: letters and other work come between.
_SECONDS = 0.3
_MOST = 50
#: Without an alert a search is looked at for the count in the list, so long after its last visit.
_CARED = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at one watch found; ``products`` None: its words cannot be read any more."""

    watch_id: int
    products: Ints | None


class Matching:
    """Looks at watches in turn, the longest unseen first. ``stamp`` names the commit of the index."""

    def __init__(self, db: Database, clock: Clock, search: Search, stamp: Callable[[], str]) -> None:
        self.db = db
        self.clock = clock
        self.search = search
        self.stamp = stamp

    def tick(self) -> int:
        """Look at what is due and prepare the letters about it; returns how many watches and letters."""
        now = self.clock.now()
        looks: list[Look] = []
        mark = ""
        with contextlib.suppress(IndexUnavailableError):  # being built: no hits now would mean nothing
            mark, looks = self._look(now)
        if looks:
            with self.db.write() as session:
                for look in looks:
                    record(session, look, mark, now)
        with self.db.read() as session:
            due = telling.due(session, now)
        written = 0
        if due:
            with self.db.write() as session:
                written = telling.at_once(session, due, now)
        return len(looks) + written

    def _look(self, now: datetime) -> tuple[str, list[Look]]:
        began = time.monotonic()
        # The stamp before the searches: a commit that comes between is looked at once more.
        stamp = self.stamp()
        with self.db.read() as session:
            mark = self.mark(session, stamp, now)
            looks: list[Look] = []
            known: dict[tuple[object, ...], Ints | None] = {}
            for watch, search in session.execute(_due(mark, now)):
                actor = sessions.rights_of(session, watch.person_id, now)
                if actor is not None and opens(session, actor, search.id):
                    key = (str(search.pairs), actor.grants)
                    if key not in known:
                        known[key] = self.products(session, actor, search)
                    looks.append(Look(watch.id, known[key]))
                else:
                    looks.append(Look(watch.id, None))
                if time.monotonic() - began > _SECONDS:
                    break
            return mark, looks

    def mark(self, session: Session, stamp: str, now: datetime) -> str:
        """Return the name of all that decides what can be found by whom."""
        epoch = session.scalar(sa.select(Epoch.value)) or 0
        membership = session.scalar(sa.select(sa.func.max(Membership.id))) or 0
        return f"{stamp[-100:]}/{epoch}/{membership}/{wib_date(now)}"

    def products(self, session: Session, actor: Actor, search: SavedSearch) -> Ints | None:
        """Return the ids of all that ``search`` finds for ``actor``; None where its words cannot be read."""
        try:
            _, hits = self.search.every(session, actor, question.request(search.pairs))
        except QueryError:
            return None
        return np.unique(np.fromiter((hit.product for hit in hits), dtype=np.int64))


def _due(mark: str, now: datetime) -> sa.Select[SavedWatch, SavedSearch]:
    return (
        sa.select(SavedWatch, SavedSearch)
        .join(SavedSearch, SavedSearch.id == SavedWatch.search_id)
        .where(
            SavedSearch.ended_at.is_(None),
            SavedWatch.mark != mark,
            sa.or_(
                SavedWatch.alert != Alert.OFF,
                SavedWatch.feed_hash.is_not(None),
                SavedWatch.visited_at > now - _CARED,
            ),
        )
        .order_by(SavedWatch.checked_at, SavedWatch.id)
        .limit(_MOST)
    )


def opens(session: Session, actor: Actor, search_id: int) -> bool:
    """Tell whether ``actor`` still opens a search."""
    found = session.scalar(sa.select(SavedSearch.id).where(SavedSearch.id == search_id, open_to(actor)))
    return found is not None


def record(session: Session, look: Look, mark: str, now: datetime) -> None:
    """Note what a look found; the first one, and a quiet one, give nobody anything to be told."""
    watch = session.get(SavedWatch, look.watch_id, with_for_update=True, populate_existing=True)
    if watch is None:
        return
    watch.mark, watch.checked_at = mark, now
    if look.products is None:
        return
    if watch.known is None:
        watch.known, watch.quiet = packed(look.products), False
        return
    before = unpacked(watch.known)
    fresh = np.setdiff1d(look.products, before, assume_unique=True)
    silent = watch.quiet or watch.alert == Alert.OFF
    session.add_all(
        SavedFind(watch_id=watch.id, product_id=int(product), found_at=now, told_at=now if silent else None)
        for product in fresh
    )
    watch.quiet = False
    if len(fresh):
        watch.known = packed(np.union1d(before, fresh))
    session.flush()


def packed(products: Iterable[int]) -> bytes:
    """Return ids as bits: an eighth of a byte for every id up to the highest."""
    ids = np.fromiter(products, dtype=np.int64)
    bits = np.zeros(int(ids.max()) + 1 if len(ids) else 0, dtype=np.uint8)
    bits[ids] = 1
    return np.packbits(bits).tobytes()


def unpacked(known: bytes) -> Ints:
    """Return the ids of ``packed``."""
    return np.flatnonzero(np.unpackbits(np.frombuffer(known, dtype=np.uint8))).astype(np.int64)
