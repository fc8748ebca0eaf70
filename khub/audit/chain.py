"""Append to the trail and check it.

Each event's hash is SHA-256 over a canonical JSON of its fields and the previous hash. Reason and
facts go in as a digest of their own, so that an export that withholds them can still be checked. An edit,
deletion, insertion or swap breaks the chain; a cut tail or a full rewrite shows only against a
head kept elsewhere (the ``head`` that ``verify`` prints).
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub.audit.models import Event, Head

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from khub.policy import Actor

GENESIS = "0" * 64
_BATCH = 2000


def content_digest(event: Event) -> str:
    """Return the hex SHA-256 over reason and facts."""
    return _sha([event.reason, event.facts])


def digest(event: Event) -> str:
    """Return the hex SHA-256 that ``event`` must carry."""
    return _sha(
        [
            event.seq,
            instant(event.at),
            event.person_id,
            event.person,
            event.act,
            event.object_type,
            event.object_id,
            content_digest(event),
            event.previous,
        ]
    )


def instant(at: datetime) -> str:
    """Return an aware instant, in whatever zone, as the chain writes it: UTC to the microsecond."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _sha(value: list[object]) -> str:
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(body.encode()).hexdigest()


def append(
    session: Session,
    actor: Actor,
    act: str,
    object_type: str,
    object_id: str,
    at: datetime,
    *,
    reason: str = "",
    facts: Mapping[str, object] | None = None,
) -> Event:
    """Write one event in the caller's transaction and return it.

    The head row is locked first, so that two transactions cannot write the same link.
    """
    head = session.scalar(sa.select(Head).where(Head.id == 1).with_for_update())
    if head is None:
        head = Head(id=1, seq=0, hash=GENESIS)
        session.add(head)
    event = Event(
        seq=head.seq + 1,
        at=at,
        person_id=actor.person_id,
        person=actor.name[:200],
        act=act,
        object_type=object_type,
        object_id=object_id,
        reason=reason,
        facts=json.dumps(
            {**(facts or {}), **({"simulated": True} if actor.simulated else {})},
            ensure_ascii=False,
            sort_keys=True,
            default=str,
        ),
        previous=head.hash,
        hash="",
    )
    event.hash = digest(event)
    session.add(event)
    head.seq, head.hash = event.seq, event.hash
    session.flush()
    return event


@dataclass(frozen=True, slots=True)
class ChainReport:
    """Result of a check: ``broken`` is the first bad seq (0 = none), ``why`` a code."""

    events: int
    head: str
    broken: int = 0
    why: str = ""

    @property
    def whole(self) -> bool:
        """Tell whether every link holds."""
        return not self.broken


def verify(session: Session) -> ChainReport:
    """Walk the whole chain, in batches, and return what was found."""
    previous, seq = GENESIS, 0
    for event in _events(session):
        if event.seq != seq + 1:
            return ChainReport(seq, previous, seq + 1, "missing")
        if event.previous != previous:
            return ChainReport(seq, previous, event.seq, "link")
        if digest(event) != event.hash:
            return ChainReport(seq, previous, event.seq, "content")
        previous, seq = event.hash, event.seq
    head = session.get(Head, 1)
    if (head.seq if head else 0) != seq or (head is not None and head.hash != previous):
        return ChainReport(seq, previous, seq + 1, "head")
    return ChainReport(seq, previous)


def compare(session: Session, seq: int, sha: str) -> str:
    """Hold a head noted earlier against the chain: "match", "mismatch", or "missing" (the tail was cut)."""
    found = session.scalar(sa.select(Event.hash).where(Event.seq == seq))
    if found is None:
        return "missing"
    return "match" if found == sha else "mismatch"


def _events(session: Session) -> Iterator[Event]:
    last = 0
    while True:
        batch = session.scalars(
            sa.select(Event).where(Event.seq > last).order_by(Event.seq).limit(_BATCH)
        ).all()
        yield from batch
        session.expunge_all()
        if len(batch) < _BATCH:
            return
        last = batch[-1].seq
