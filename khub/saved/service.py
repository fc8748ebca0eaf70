"""What people do with saved searches: keep, share, open, be told, tick."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import sqlalchemy as sa

from indexer.ports import IndexUnavailableError
from khub.accounts import sessions
from khub.audit import chain
from khub.errors import N_, ForbiddenError, InvalidError, NotFoundError
from khub.products import pages
from khub.products.models import Product
from khub.saved import feed, queries, question, rules
from khub.saved.matching import Look, record
from khub.saved.models import SavedFind, SavedSearch, SavedVerdict, SavedWatch
from khub.saved.terms import Alert, View

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from indexer.ports import ProductHit
    from khub.clock import Clock
    from khub.db import Database
    from khub.policy import Actor
    from khub.saved.matching import Matching
    from khub.saved.queries import SearchShown, Verdict
    from khub.search.hits import Found
    from khub.search.service import Search
    from khub.settings import Settings

#: Openings no further apart than this are one visit: paging on does not make what is new old.
VISIT = timedelta(minutes=30)
#: Searches that one person keeps.
MOST = 200
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
_ID_LENGTH = 7


@dataclass(frozen=True, slots=True)
class HitShown:
    """A hit in a saved search. ``fresh``: new since the last visit."""

    found: Found
    fresh: bool
    verdict: Verdict | None


@dataclass(frozen=True, slots=True)
class Opened:
    """One page of a saved search; ``counts`` by ``terms.View``, ``page`` the one that is shown."""

    search: SearchShown
    since: datetime | None
    counts: Mapping[str, int]
    hits: tuple[HitShown, ...]
    page: int


class Saved:
    """Use cases of the room."""

    def __init__(
        self, db: Database, clock: Clock, settings: Settings, search: Search, matching: Matching
    ) -> None:
        self.db = db
        self.clock = clock
        self.settings = settings
        self.search = search
        self.matching = matching

    # -- keeping ---------------------------------------------------------------------------------

    def create(
        self, actor: Actor, name: str, pairs: Iterable[tuple[str, str]], share: str = "", alert: str = "off"
    ) -> str:
        """Keep a search and return its public id; raises ``InvalidError`` and ``QueryError``."""
        kept, called, person_id = question.asked(pairs), question.named(name), _own(actor)
        wanted, now = _alert(alert), self.clock.now()
        with self.db.write() as session:
            held = session.scalar(
                sa.select(sa.func.count())
                .select_from(SavedSearch)
                .where(SavedSearch.owner_id == person_id, SavedSearch.ended_at.is_(None))
            )
            if (held or 0) >= MOST:
                raise InvalidError.one("nama", N_("Anda sudah menyimpan %(most)s pencarian."), most=MOST)
            search = SavedSearch(
                public_id=f"C-{''.join(secrets.choice(_ALPHABET) for _ in range(_ID_LENGTH))}",
                owner_id=person_id,
                name=called,
                pairs=kept,
                created_at=now,
            )
            rules.share(session, actor, search, share)
            session.add(search)
            session.flush()
            watch = _watch(session, search.id, person_id, now)
            watch.alert, watch.visited_at, watch.seen_until = wanted, now, now
            facts = {"name": called, "shared": share, "alert": wanted}
            chain.append(session, actor, "saved.created", "saved", search.public_id, now, facts=facts)
            public_id = search.public_id
        self._look_now(actor, public_id, now)
        return public_id

    def change(self, actor: Actor, public_id: str, name: str, share: str) -> None:
        """Give an own search another name, and share it with others or nobody. Raises ``InvalidError``."""
        called, now = question.named(name), self.clock.now()
        with self.db.write() as session:
            search = self._owned(session, actor, public_id)
            search.name = called
            if share != rules.value_of(search):
                rules.share(session, actor, search, share)
            facts = {"name": called, "shared": share}
            chain.append(session, actor, "saved.changed", "saved", public_id, now, facts=facts)

    def remove(self, actor: Actor, public_id: str) -> None:
        """End an own search, for all who share it; nobody is told anything of it any more."""
        now = self.clock.now()
        with self.db.write() as session:
            self._owned(session, actor, public_id).ended_at = now
            chain.append(session, actor, "saved.removed", "saved", public_id, now)

    # -- being told ------------------------------------------------------------------------------

    def set_alert(self, actor: Actor, public_id: str, alert: str) -> None:
        """Set how ``actor`` is told of new hits. What can be found by now is not told to who begins now."""
        wanted, now, person_id = _alert(alert), self.clock.now(), _own(actor)
        with self.db.write() as session:
            search = self._opened(session, actor, public_id)
            watch = _watch(session, search.id, person_id, now)
            begins = watch.alert == Alert.OFF and wanted != Alert.OFF
            if begins:
                watch.quiet = True
            if wanted == Alert.OFF:
                session.execute(
                    sa.update(SavedFind)
                    .where(SavedFind.watch_id == watch.id, SavedFind.told_at.is_(None))
                    .values(told_at=now)
                )
            watch.alert = wanted
            facts = {"alert": wanted}
            chain.append(session, actor, "saved.alert-set", "saved", public_id, now, facts=facts)
        if begins:
            self._look_now(actor, public_id, now)

    def open_feed(self, actor: Actor, public_id: str) -> str:
        """Make a new secret address for the search's new hits, end the old one, and return its token."""
        token, now, person_id = sessions.new_token(), self.clock.now(), _own(actor)
        with self.db.write() as session:
            search = self._opened(session, actor, public_id)
            watch = _watch(session, search.id, person_id, now)
            watch.feed_hash, watch.feed_since = sessions.digest(token), now
            chain.append(session, actor, "feed.opened", "saved", public_id, now)
        self._look_now(actor, public_id, now)
        return token

    def close_feed(self, actor: Actor, public_id: str) -> None:
        """End the secret address; nothing happens when there is none."""
        now, person_id = self.clock.now(), _own(actor)
        with self.db.write() as session:
            search = self._opened(session, actor, public_id)
            watch = _watch(session, search.id, person_id, now)
            if watch.feed_hash is not None:
                watch.feed_hash = watch.feed_since = None
                chain.append(session, actor, "feed.closed", "saved", public_id, now)

    def feed(self, token: str) -> bytes:
        """Return the Atom feed behind a secret address; ``NotFoundError`` when it leads to nobody."""
        with self.db.read() as session:
            return feed.atom(session, token, self.settings, self.clock.now())

    # -- opening and ticking ---------------------------------------------------------------------

    def open(self, actor: Actor, public_id: str, view: View, page: int, size: int) -> Opened:
        """Return one page of what the search finds for ``actor`` now, and note the visit.

        Raises ``QueryError`` and ``IndexUnavailableError`` as a search does; then no visit is noted.
        """
        now = self.clock.now()
        stamp = self.matching.stamp()
        with self.db.read() as session:
            search = queries.one(session, actor, public_id)
            query, hits = self.search.every(session, actor, question.request(search.pairs))
            mark = self.matching.mark(session, stamp, now)
        since, fresh = self._visit(actor, search.id, hits, mark, now)
        with self.db.read() as session:
            verdicts = queries.verdicts(session, search.id)
            tests: dict[View, Callable[[int], bool]] = {
                View.ALL: lambda _: True,
                View.NEW: lambda product: product in fresh,
                View.OPEN: lambda product: product not in verdicts,
                View.RELEVANT: lambda product: product in verdicts and verdicts[product].relevant,
                View.OFF_TOPIC: lambda product: product in verdicts and not verdicts[product].relevant,
            }
            counts = {str(each): sum(test(hit.product) for hit in hits) for each, test in tests.items()}
            chosen = [hit for hit in hits if tests[view](hit.product)]
            # A tick can empty the last page of what is not ticked yet: the page before it is shown.
            page = min(page, max(1, -(-len(chosen) // size)))
            part = chosen[(page - 1) * size : page * size]
            shown = _shown(self.search.described(session, actor, query, part), session, part, fresh, verdicts)
        return Opened(search, since, counts, shown, page)

    def _visit(
        self, actor: Actor, search_id: int, hits: Sequence[ProductHit], mark: str, now: datetime
    ) -> tuple[datetime | None, frozenset[int]]:
        """Note what was found and that it was seen; returns the end of the visit before, and what is new since."""
        person_id = _own(actor)
        found = np.unique(np.fromiter((hit.product for hit in hits), dtype=np.int64))
        with self.db.write() as session:
            watch = _watch(session, search_id, person_id, now)
            record(session, Look(watch.id, found), mark, now)
            first = watch.visited_at is None
            if watch.visited_at is None or now - watch.visited_at > VISIT:
                watch.seen_until = watch.visited_at or now
            watch.visited_at = now
            fresh = session.scalars(
                sa.select(SavedFind.product_id).where(
                    SavedFind.watch_id == watch.id, SavedFind.found_at > watch.seen_until
                )
            )
            return None if first else watch.seen_until, frozenset(fresh)

    def judge(self, actor: Actor, public_id: str, product: str, word: str) -> None:
        """Tick a product as relevant ("ya") or not ("tidak"), or take the tick back (""), for all who share.

        404 where ``actor`` does not open the search or may not read the product.
        """
        if word not in ("ya", "tidak", ""):
            raise InvalidError.one("nilai", N_("Pilihan ini tidak dikenali."))
        now, person_id = self.clock.now(), _own(actor)
        with self.db.write() as session:
            search = self._opened(session, actor, public_id)
            product_id = pages.product_number(session, actor, product)
            verdict = session.get(SavedVerdict, (search.id, product_id), with_for_update=True)
            if not word:
                if verdict is not None:
                    session.delete(verdict)
                return
            if verdict is None:
                verdict = SavedVerdict(search_id=search.id, product_id=product_id)
                session.add(verdict)
            verdict.relevant, verdict.person_id, verdict.at = word == "ya", person_id, now

    # -- within ----------------------------------------------------------------------------------

    def _look_now(self, actor: Actor, public_id: str, now: datetime) -> None:
        """Note what there is, at the moment somebody asks to be told; where it cannot be seen, the worker does."""
        try:
            stamp = self.matching.stamp()
            with self.db.read() as session:
                search = self._opened(session, actor, public_id)
                mark = self.matching.mark(session, stamp, now)
                found = self.matching.products(session, actor, search)
        except IndexUnavailableError:
            return
        with self.db.write() as session:
            watch = _watch(session, search.id, _own(actor), now)
            record(session, Look(watch.id, found), mark, now)

    @staticmethod
    def _opened(session: Session, actor: Actor, public_id: str) -> SavedSearch:
        found = session.scalar(
            sa.select(SavedSearch).where(SavedSearch.public_id == public_id, rules.open_to(actor))
        )
        if found is None:
            raise NotFoundError
        return found

    def _owned(self, session: Session, actor: Actor, public_id: str) -> SavedSearch:
        found = self._opened(session, actor, public_id)
        if found.owner_id != actor.person_id:
            raise ForbiddenError(N_("Hanya yang menyimpan pencarian ini yang dapat mengubahnya."))
        return found


def _shown(
    found: Sequence[Found],
    session: Session,
    part: Sequence[ProductHit],
    fresh: frozenset[int],
    verdicts: Mapping[int, Verdict],
) -> tuple[HitShown, ...]:
    numbers: dict[str, int] = {
        row[0]: row[1]
        for row in session.execute(
            sa.select(Product.public_id, Product.id).where(Product.id.in_([hit.product for hit in part]))
        )
    }
    return tuple(
        HitShown(
            each, numbers[each.product.public_id] in fresh, verdicts.get(numbers[each.product.public_id])
        )
        for each in found
    )


def _watch(session: Session, search_id: int, person_id: int, now: datetime) -> SavedWatch:
    query = sa.select(SavedWatch).where(SavedWatch.search_id == search_id, SavedWatch.person_id == person_id)
    found = session.scalar(query.with_for_update())
    if found is None:
        found = SavedWatch(search_id=search_id, person_id=person_id, alert=Alert.OFF, checked_at=now)
        session.add(found)
        session.flush()
    return found


def _alert(text: str) -> Alert:
    try:
        return Alert(text)
    except ValueError:
        raise InvalidError.one("kabar", N_("Pilihan ini tidak dikenali.")) from None


def _own(actor: Actor) -> int:
    if actor.person_id is None:
        raise NotFoundError
    return actor.person_id
