"""Reading the trail: a filtered page, the state of the chain, the export."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, time
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from khub import policy
from khub.accounts.models import Person
from khub.audit import chain
from khub.audit.models import Event, Head
from khub.audit.wording import OBJECTS
from khub.clock import WIB
from khub.plan.models import Plan
from khub.products.detail import ACT_GROUPS, CLASSIFIED, handed_in_at
from khub.products.models import Product

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy.orm import Session

    from khub.audit.forms import TrailFilter
    from khub.policy import Actor

#: People that a name may stand for.
_NAMESAKES = 50
_BATCH = 1000


@dataclass(frozen=True, slots=True)
class TrailRow:
    """One event. ``facts`` is None, and ``reason`` "", where they are content the reader may not read.

    ``object_name`` is what to call the object on screen: a person's name, "" for oneself, else the id.
    """

    seq: int
    at: datetime
    person: str
    act: str
    object_type: str
    object_id: str
    object_name: str
    reason: str
    facts: dict[str, Any] | None
    hash: str
    simulated: bool


@dataclass(frozen=True, slots=True)
class Trail:
    """A page of events, newest first; ``older`` is the number to go on below, None at the end."""

    rows: tuple[TrailRow, ...]
    older: int | None


@dataclass(frozen=True, slots=True)
class LastCheck:
    """The newest check of the chain that the trail itself records."""

    at: datetime
    person: str
    events: int
    head: str
    broken: int
    why: str


@dataclass(frozen=True, slots=True)
class ChainState:
    """How long the chain is, its head now, and how the last check ended."""

    events: int
    head: str
    first_at: datetime | None
    last: LastCheck | None


@dataclass(frozen=True, slots=True)
class ExportBatch:
    """Some lines of the export; ``last`` is the number of the last one."""

    lines: tuple[str, ...]
    last: int


def trail(session: Session, actor: Actor, wanted: TrailFilter, *, limit: int) -> Trail:
    """Return the newest events that fit ``wanted``."""
    query = sa.select(Event).order_by(Event.seq.desc()).limit(limit + 1)
    if wanted.before is not None:
        query = query.where(Event.seq < wanted.before)
    if wanted.act:
        query = query.where(Event.act == wanted.act)
    if wanted.since is not None:
        query = query.where(Event.at >= datetime.combine(wanted.since, time(), WIB))
    if wanted.object_id:
        query = query.where(
            Event.object_type.in_(OBJECTS), Event.object_id.in_(_object_ids(session, wanted.object_id))
        )
    if wanted.person:
        query = query.where(Event.person_id.in_(_people(session, wanted.person)))
    found = session.scalars(query).all()
    shown = found[:limit]
    readable = _readable(session, actor, shown)
    names = _persons(session, shown)
    return Trail(
        rows=tuple(_row(event, names, content=event.seq in readable) for event in shown),
        older=shown[-1].seq if len(found) > limit else None,
    )


def state(session: Session, actor: Actor) -> ChainState:
    """Return the state of the chain as far as it is known without walking it."""
    del actor
    head = session.get(Head, 1)
    event = session.scalar(
        sa.select(Event).where(Event.act == "audit.verified").order_by(Event.seq.desc()).limit(1)
    )
    last = None
    if event is not None:
        facts = _facts(event)
        last = LastCheck(
            at=event.at,
            person=event.person,
            events=int(facts.get("events", 0)),
            head=str(facts.get("head", "")),
            broken=int(facts.get("broken", 0)),
            why=str(facts.get("why", "")),
        )
    return ChainState(
        events=head.seq if head is not None else 0,
        head=head.hash if head is not None else chain.GENESIS,
        first_at=session.scalar(sa.select(Event.at).order_by(Event.seq).limit(1)),
        last=last,
    )


def compare(session: Session, actor: Actor, seq: int, sha: str) -> str:
    """Hold a noted head against the chain; see ``chain.compare``."""
    del actor
    return chain.compare(session, seq, sha)


def export_batch(session: Session, actor: Actor, after: int) -> ExportBatch:
    """Return the next lines of the trail above number ``after``, as JSON for ``verify_jsonl``.

    What the reader may not read is null; ``content`` is the digest that stands for it.
    """
    events = session.scalars(
        sa.select(Event).where(Event.seq > after).order_by(Event.seq).limit(_BATCH)
    ).all()
    readable = _readable(session, actor, events)
    return ExportBatch(
        lines=tuple(_line(event, content=event.seq in readable) for event in events),
        last=events[-1].seq if events else after,
    )


def _line(event: Event, *, content: bool) -> str:
    line = {
        "seq": event.seq,
        "at": chain.instant(event.at),
        "person_id": event.person_id,
        "person": event.person,
        "act": event.act,
        "object_type": event.object_type,
        "object_id": event.object_id,
        "reason": event.reason if content else None,
        "facts": event.facts if content else None,
        "content": chain.content_digest(event),
        "previous": event.previous,
        "hash": event.hash,
    }
    return json.dumps(line, ensure_ascii=False) + "\n"


def _readable(session: Session, actor: Actor, events: Sequence[Event]) -> set[int]:
    """Return the numbers of those events whose reason and facts ``actor`` may read.

    What an event tells of a keluaran is content, and follows the keluaran's own rule.
    """
    products = {
        product.public_id: product
        for product in session.scalars(
            sa.select(Product).where(
                Product.public_id.in_({e.object_id for e in events if e.object_type == "product"})
            )
        )
    }
    since = handed_in_at(session, products)
    return {
        event.seq
        for event in events
        if _tells(actor, event, products.get(event.object_id), since.get(event.object_id))
    }


def _tells(actor: Actor, event: Event, product: Product | None, since: int | None) -> bool:
    """``since``: the event by which the keluaran was first handed in, None for a mere draft."""
    if event.object_type == "product":
        if product is None:
            return False
        group = _GROUP_OF.get(event.act, policy.Access.DRAFT)
        if event.act == CLASSIFIED and (since is None or event.seq < since):
            group = policy.Access.DRAFT
        return bool(
            policy.can_read(
                actor,
                policy.Content(group, product.classification, product.institution_id, product.pokja_id),
            )
        )
    return event.act not in _CONTENT_ACTS or policy.reads_content(actor)


_GROUP_OF = {act: group for group, acts in ACT_GROUPS.items() for act in acts}
#: Acts on other things than keluaran whose reason is a K/L's own text.
_CONTENT_ACTS = frozenset({"commitment.recorded"})


def _row(event: Event, names: dict[str, str], *, content: bool) -> TrailRow:
    facts = _facts(event)
    name = event.object_id
    if event.object_type == "person":
        name = "" if name == str(event.person_id) else names.get(name, name)
    simulated = bool(facts.pop("simulated", False))
    return TrailRow(
        seq=event.seq,
        at=event.at,
        person=event.person,
        act=event.act,
        object_type=event.object_type,
        object_id=event.object_id,
        object_name=name,
        reason=event.reason if content else "",
        facts=facts if content else None,
        hash=event.hash,
        simulated=simulated,
    )


def _facts(event: Event) -> dict[str, Any]:
    """Return an event's facts; a tampered row must not break the page that shows it."""
    try:
        facts = json.loads(event.facts)
    except ValueError:
        return {}
    return facts if isinstance(facts, dict) else {}


def _persons(session: Session, events: Sequence[Event]) -> dict[str, str]:
    """Return the names of the people that events are about, by id as text."""
    ids = {int(e.object_id) for e in events if e.object_type == "person" and e.object_id.isdecimal()}
    found = session.execute(sa.select(Person.id, Person.name).where(Person.id.in_(ids)))
    return {str(row.id): row.name for row in found}


def _object_ids(session: Session, text: str) -> list[str]:
    """Return the ids that ``text`` may mean: as typed, in capitals, or a code within some plan."""
    plans: Iterable[str] = session.scalars(sa.select(Plan.code))
    return sorted({text, text.upper(), *(f"{plan}/{text}" for plan in plans)})


def _people(session: Session, text: str) -> list[int]:
    pattern = f"%{text.lower().replace('/', '//').replace('%', '/%').replace('_', '/_')}%"
    return list(
        session.scalars(
            sa.select(Person.id)
            .where(sa.or_(sa.func.lower(Person.name).like(pattern, escape="/"), Person.login == text.lower()))
            .order_by(Person.id)
            .limit(_NAMESAKES)
        )
    )
