"""Noting what is asked without making a search wait, and erasing it."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from indexer.analysis import fold
from khub.asked.models import MAX_TEXT, AskedQuery

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from khub.clock import Clock
    from khub.db import Database
    from khub.policy import Actor

log = logging.getLogger("khub")

#: How long a query is kept.
KEPT = timedelta(days=90)
#: The same person asking the same again within this time is one search: reloads, steps back.
SAME = timedelta(minutes=10)
#: Seconds that notes gather before they are written together, and how many may wait at most.
GATHER = 1.0
WAITING = 1000


@dataclass(frozen=True, slots=True)
class Note:
    """A search that waits to be written."""

    person_id: int
    text: str
    filters: dict[str, list[str]]
    total: int
    at: datetime


class Asked:
    """The log of queries.

    ``note`` puts a search into memory; a thread writes what gathered in one transaction, because a commit
    waits for the disk and a page of results must not. What a killed process had gathered is lost: a second's
    worth of a log that is nobody's evidence.
    """

    def __init__(self, db: Database, clock: Clock) -> None:
        self.db = db
        self.clock = clock
        self._waiting: list[Note] = []
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._timer: threading.Timer | None = None

    def note(self, actor: Actor, text: str, filters: Mapping[str, Iterable[str]], total: int) -> None:
        """Remember the first page of a search; nothing for visitors, for empty or overlong texts."""
        text = " ".join(text.split())
        if actor.person_id is None or not text or len(text) > MAX_TEXT:
            return
        chosen = {name: sorted(values) for name, values in filters.items()}
        note = Note(actor.person_id, text, chosen, total, self.clock.now())
        with self._lock:
            if len(self._waiting) >= WAITING:
                return
            self._waiting.append(note)
            if self._timer is None:
                self._timer = threading.Timer(GATHER, self._due)
                self._timer.daemon = True
                self._timer.start()

    def _due(self) -> None:
        with self._lock:
            self._timer = None
        try:
            self.flush()
        except Exception:
            log.warning("searches could not be noted", exc_info=True)

    def flush(self) -> None:
        """Write what has gathered."""
        with self._writing:
            with self._lock:
                notes, self._waiting = self._waiting, []
            if notes:
                with self.db.write() as session:
                    _write(session, notes)

    def close(self) -> None:
        """Write what has gathered, and stop, once what is being written is written."""
        with self._lock:
            timer, self._timer = self._timer, None
        if timer is not None:
            timer.cancel()
        self._due()

    def forget(self, actor: Actor) -> None:
        """Erase everything that ``actor`` asked."""
        self.flush()
        with self.db.write() as session:
            session.execute(sa.delete(AskedQuery).where(AskedQuery.person_id == actor.person_id))

    def forget_old(self) -> int:
        """Erase what is older than ``KEPT``; return how many queries that were."""
        old = AskedQuery.asked_at < self.clock.now() - KEPT
        with self.db.read() as session:
            if session.scalar(sa.select(AskedQuery.id).where(old).limit(1)) is None:
                return 0
        with self.db.write() as session:
            return len(session.scalars(sa.delete(AskedQuery).where(old).returning(AskedQuery.id)).all())


def key_of(text: str) -> str:
    """Return ``text`` as queries are compared."""
    return " ".join(fold(text).split())[:MAX_TEXT]


def _write(session: Session, notes: Iterable[Note]) -> None:
    """Write notes in their order; of each person the last query is asked for once, as all go in together."""
    last: dict[int, AskedQuery | None] = {}
    for note in notes:
        if note.person_id not in last:
            last[note.person_id] = session.scalar(
                sa.select(AskedQuery)
                .where(AskedQuery.person_id == note.person_id)
                .order_by(AskedQuery.asked_at.desc(), AskedQuery.id.desc())
                .limit(1)
            )
        known, key = last[note.person_id], key_of(note.text)
        again = known is not None and known.key == key and known.filters == note.filters
        if known is not None and again and known.asked_at > note.at - SAME:
            known.total, known.asked_at = note.total, note.at
            continue
        query = AskedQuery(
            person_id=note.person_id,
            text=note.text,
            key=key,
            filters=note.filters,
            total=note.total,
            asked_at=note.at,
        )
        session.add(query)
        last[note.person_id] = query
