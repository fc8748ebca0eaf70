"""Reading for reviewers: the queue, and one item with everything a decision needs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub import policy, workdays
from khub.accounts.models import Person
from khub.audit.models import Event
from khub.clock import WIB, wib_date
from khub.errors import NotFoundError
from khub.plan.models import Institution, Period, Pokja
from khub.products import copies, drafts, lifecycle, queries
from khub.products.models import WORKING, Copy, Kind, Product, Receipt, Version
from khub.products.queries import file_shown, readable_copies, short_name
from khub.review import checks, compare
from khub.review.evidence import actions_with_measure, checklist
from khub.review.service import lapsed, late

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from khub.policy import Actor
    from khub.products.drafts import Lookalike
    from khub.products.queries import FileShown
    from khub.review.compare import Changes
    from khub.review.evidence import ActionShown

#: Decisions counted at most for "selesai hari ini", for each kind of decision.
_COUNTED = 500


@dataclass(frozen=True, slots=True)
class Holder:
    """Who has reserved an item, and since when."""

    name: str
    since: datetime
    me: bool


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One waiting item. ``age``: working days since Ajukan; ``barred``: why the reader may not decide, or ""."""

    public_id: str
    title: str
    version: int
    snapshot: int
    institution: str
    codes: tuple[str, ...]
    files: int
    pages: int
    submitted_at: datetime
    age: int
    late: bool
    holder: Holder | None
    barred: str


@dataclass(frozen=True, slots=True)
class Queue:
    """A page of the queue, oldest first; ``waiting`` counts all, ``done_today`` today's decisions in WIB."""

    waiting: int
    done_today: int
    rows: tuple[QueueRow, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided on the latest snapshot."""

    state: str
    at: datetime
    by: str
    note: str


@dataclass(frozen=True, slots=True)
class Item:
    """The latest snapshot of a keluaran as a reviewer reads it."""

    public_id: str
    title: str
    state: str
    version: int
    snapshot: int
    institution: str
    institution_code: str
    pokja: str
    kind: str
    kind_en: str
    classification: str
    language: str
    period: str
    personal_data: str
    actions: tuple[ActionShown, ...]
    files: tuple[FileShown, ...]
    submitted_at: datetime
    submitted_by: str
    receipt: str
    age: int
    late: bool
    pending: bool
    holder: Holder | None
    barred: str
    reopenable: bool
    decision: Decision | None
    changes: Changes | None
    lookalikes: tuple[Lookalike, ...]
    checks: tuple[checks.Check, ...]

    @property
    def mine(self) -> bool:
        """Tell whether the reader holds it and may decide."""
        return self.pending and not self.barred and self.holder is not None and self.holder.me

    @property
    def free(self) -> bool:
        """Tell whether the reader may open it for review."""
        return self.pending and not self.barred and self.holder is None


def waiting_count(session: Session, actor: Actor) -> int:
    """Return how many handed-in keluaran wait for a decision, of those ``actor`` may read."""
    query = _pending(actor).with_only_columns(sa.func.count(), maintain_column_froms=True)
    return session.scalar(query) or 0


def queue(session: Session, actor: Actor, now: datetime, *, offset: int, limit: int) -> Queue:
    """Return one page of what waits, oldest first."""
    found = session.execute(
        _pending(actor).order_by(Copy.submitted_at, Product.id).offset(offset).limit(limit)
    ).all()
    triples = [(copy, version, product) for copy, version, product in found]
    shown = queries.rows(session, triples, now)
    holders = _holders(session, actor, [version for _, version, _ in triples], now)
    return Queue(
        waiting=waiting_count(session, actor),
        done_today=_done_today(session, now),
        rows=tuple(
            QueueRow(
                public_id=row.public_id,
                title=row.title,
                version=row.version,
                snapshot=copy.number,
                institution=row.institution,
                codes=tuple(action.code for action in row.actions),
                files=row.files,
                pages=row.pages,
                submitted_at=row.date,
                age=workdays.elapsed(row.date, now),
                late=row.late,
                holder=holders.get(version.id),
                barred=_barred(actor, product, copy),
            )
            for row, (copy, version, product) in zip(shown, triples, strict=True)
        ),
    )


def item(session: Session, actor: Actor, public_id: str, now: datetime) -> Item:
    """Return the latest snapshot that ``actor`` may read; 404 where nothing was handed in."""
    found = session.execute(
        readable_copies(actor)
        .where(Product.public_id == public_id, Copy.number != WORKING)
        .order_by(Version.number.desc(), Copy.number.desc())
    ).all()
    if not found:
        raise NotFoundError
    copy, version, product = found[0]
    files = copies.files_of(session, copy.id)
    shown = tuple(file_shown(file) for file in files)
    institution = session.get_one(Institution, product.institution_id)
    period = session.get(Period, copy.period_id) if copy.period_id is not None else None
    kind = session.get_one(Kind, copy.kind)
    submitted_at = copy.submitted_at or copy.saved_at
    pressed = queries.first_pressed(session, {version.id}).get(version.id, submitted_at)
    pending = version.state == lifecycle.State.SUBMITTED and copy.outcome == "pending"
    people = _names(session, copy.submitted_by, copy.decided_by)
    actions = actions_with_measure(session, copy.id)
    barred = _barred(actor, product, copy)
    return Item(
        public_id=public_id,
        title=copy.title,
        state=copies.status_of(copy, version),
        version=version.number,
        snapshot=copy.number,
        institution=short_name(institution),
        institution_code=institution.code,
        pokja=session.get_one(Pokja, product.pokja_id).name,
        kind=kind.name,
        kind_en=kind.name_en,
        classification=product.classification,
        language=copy.language,
        period=period.name if period is not None else "",
        personal_data=copy.personal_data,
        actions=actions,
        files=shown,
        submitted_at=submitted_at,
        submitted_by=people.get(copy.submitted_by, ""),
        receipt=_receipt(session, copy.receipt_id),
        age=workdays.elapsed(submitted_at, now),
        late=late(pressed, period),
        pending=pending,
        holder=_holders(session, actor, [version], now).get(version.id) if pending else None,
        barred=barred,
        reopenable=not barred
        and version.state == lifecycle.State.APPROVED
        and version.number == _newest(session, product.id),
        decision=Decision(
            copies.status_of(copy, version), copy.decided_at, people.get(copy.decided_by, ""), copy.note
        )
        if copy.decided_at is not None and not pending
        else None,
        changes=compare.since_before(session, found[0], found[1]) if len(found) > 1 else None,
        lookalikes=drafts.lookalikes(session, actor, copy, product, files),
        checks=checklist(session, copy, product, period, files, actions) if pending else (),
    )


def _pending(actor: Actor) -> sa.Select[Copy, Version, Product]:
    return readable_copies(actor).where(
        Version.state == lifecycle.State.SUBMITTED, Copy.outcome == "pending", Copy.number != WORKING
    )


def _barred(actor: Actor, product: Product, copy: Copy) -> str:
    verdict = policy.can_review(
        actor, policy.Subject(product.institution_id, product.pokja_id, submitted_by=copy.submitted_by)
    )
    return "" if verdict else verdict.why


def _holders(session: Session, actor: Actor, versions: list[Version], now: datetime) -> dict[int, Holder]:
    """Return who holds each version; a lapsed reservation holds nothing, except for its own reviewer."""
    held = {
        version.id: (version.reviewer_id, version.reserved_at)
        for version in versions
        if version.reviewer_id is not None
        and version.reserved_at is not None
        and (version.reviewer_id == actor.person_id or not lapsed(version.reserved_at, now))
    }
    names = _names(session, *(reviewer for reviewer, _ in held.values()))
    return {
        version_id: Holder(names.get(reviewer, ""), since, reviewer == actor.person_id)
        for version_id, (reviewer, since) in held.items()
    }


def _names(session: Session, *ids: int | None) -> dict[int | None, str]:
    wanted = {person for person in ids if person is not None}
    if not wanted:
        return {}
    found = session.execute(sa.select(Person.id, Person.name).where(Person.id.in_(wanted)))
    return {row.id: row.name for row in found}


def _newest(session: Session, product_id: int) -> int | None:
    return session.scalar(sa.select(sa.func.max(Version.number)).where(Version.product_id == product_id))


def _receipt(session: Session, receipt_id: int | None) -> str:
    found = session.get(Receipt, receipt_id) if receipt_id is not None else None
    return found.number if found is not None else ""


def _done_today(session: Session, now: datetime) -> int:
    midnight = datetime.combine(wib_date(now), time(), WIB)
    newest = [
        sa.select(Event.at).where(Event.act == act).order_by(Event.seq.desc()).limit(_COUNTED).subquery()
        for act in ("review.approved", "review.returned")
    ]
    return sum(
        session.scalar(sa.select(sa.func.count()).select_from(found).where(found.c.at >= midnight)) or 0
        for found in newest
    )
