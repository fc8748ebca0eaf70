"""Reading one keluaran: its page, versions, history, and what the reader may do with it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub import policy
from khub.accounts.models import Person
from khub.audit.models import Event
from khub.errors import NotFoundError
from khub.plan.deadlines import Deadlines
from khub.plan.models import Institution, Period, Pokja
from khub.products import copies, lifecycle
from khub.products.models import WORKING, Copy, Kind, Product, Receipt, Version
from khub.products.queries import (
    ActionRef,
    FileShown,
    action_ids,
    actions_of,
    file_shown,
    first_pressed,
    in_review,
    is_late,
    readable_copies,
    short_name,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from khub.policy import Actor

#: Which events tell of copies of which access group.
ACT_GROUPS = {
    policy.Access.DRAFT: (
        "product.created",
        "product.split",
        "product.discarded",
        "version.created",
        "version.discarded",
        "version.from-draft",
        "file.received",
        "file.removed",
        "file.retried",
    ),
    policy.Access.WITHDRAWN: ("product.withdrawn",),
    policy.Access.SUBMITTED: (
        "product.submitted",
        "product.classified",
        "review.opened",
        "review.released",
        "review.returned",
        "review.reopened",
    ),
    policy.Access.APPROVED: ("review.approved",),
}
#: Of a draft that nobody else has seen it tells of the draft, whatever became of it later.
CLASSIFIED = "product.classified"


@dataclass(frozen=True, slots=True)
class CopyLink:
    """One readable copy of a keluaran, for the list of versions."""

    version: int
    snapshot: int
    state: str
    date: datetime
    by: str
    note: str
    decided_at: datetime | None
    decided_by: str
    receipt: str
    current: bool


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One event of the audit trail about a keluaran. ``bulk``: done together with others in one press."""

    at: datetime
    person: str
    act: str
    reason: str
    bulk: bool


@dataclass(frozen=True, slots=True)
class Rights:
    """What the reader may do with a keluaran now; the state allows it as well."""

    edit: bool
    submit: bool
    withdraw: bool
    new_version: bool
    discard: bool
    classify: bool
    review: bool
    reopen: bool
    retry: bool


@dataclass(frozen=True, slots=True)
class Detail:
    """Everything the page of a keluaran shows."""

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
    actions: tuple[ActionRef, ...]
    files: tuple[FileShown, ...]
    links: tuple[CopyLink, ...]
    history: tuple[HistoryRow, ...]
    created_by: str
    submitted_at: datetime | None
    late: bool
    in_review: bool
    note: str
    due_at: datetime | None
    rights: Rights


def detail(
    session: Session,
    actor: Actor,
    public_id: str,
    now: datetime,
    *,
    version: int | None,
    snapshot: int | None,
) -> Detail:
    """Return the page of a keluaran; the copy asked for, else the highest-ranked readable one.

    Raises ``NotFoundError`` when there is none that ``actor`` may read.
    """
    found = session.execute(readable_copies(actor).where(Product.public_id == public_id)).all()
    ranked = sorted(found, key=lambda row: copies.rank_of(row[0], row[1]), reverse=True)
    chosen = next(
        (row for row in ranked if version in (None, row[1].number) and snapshot in (None, row[0].number)),
        None,
    )
    if chosen is None:
        raise NotFoundError
    copy, its_version, product = chosen
    institution = session.get_one(Institution, product.institution_id)
    kind = session.get_one(Kind, copy.kind)
    period = session.get_one(Period, copy.period_id) if copy.period_id is not None else None
    deadlines = Deadlines(session, {period.id: period.deadline} if period is not None else {}, now)
    said = _said(copy, its_version, found)
    people = _people(
        session, [product.created_by, *(p for c, _, _ in found for p in (c.submitted_by, c.decided_by))]
    )
    receipts = _receipts(session, [c.receipt_id for c, _, _ in found])
    return Detail(
        public_id=public_id,
        title=copy.title,
        state=copies.status_of(copy, its_version),
        version=its_version.number,
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
        actions=actions_of(session, [copy.id]).get(copy.id, ()),
        files=tuple(file_shown(file) for file in copies.files_of(session, copy.id)),
        links=tuple(
            CopyLink(
                version=v.number,
                snapshot=c.number,
                state=copies.status_of(c, v),
                date=c.submitted_at or c.saved_at,
                by=people.get(c.submitted_by or product.created_by, ""),
                note=c.note,
                decided_at=c.decided_at,
                decided_by=people.get(c.decided_by or 0, ""),
                receipt=receipts.get(c.receipt_id or 0, ""),
                current=c.id == copy.id,
            )
            for c, v, _ in sorted(
                found, key=lambda row: (row[1].number, row[0].number or 9_999), reverse=True
            )
        ),
        history=history(session, actor, product),
        created_by=people.get(product.created_by, ""),
        submitted_at=copy.submitted_at,
        late=is_late(
            copy,
            first_pressed(session, {its_version.id}),
            deadlines.of(
                copy.period_id, product.institution_id, action_ids(session, [copy.id]).get(copy.id, ())
            ),
        ),
        in_review=in_review(its_version, now),
        note=said[0],
        due_at=said[1],
        rights=_rights(session, actor, product, [(c, v) for c, v, _ in found], institution),
    )


def history(session: Session, actor: Actor, product: Product, limit: int = 200) -> tuple[HistoryRow, ...]:
    """Return the newest events about a keluaran, as far as they tell of copies that ``actor`` may read."""
    groups = [
        group
        for group in ACT_GROUPS
        if policy.can_read(
            actor,
            policy.Content(group, product.classification, product.institution_id, product.pokja_id),
        )
    ]
    told: sa.ColumnElement[bool] = Event.act.in_([act for group in groups for act in ACT_GROUPS[group]])
    if policy.Access.DRAFT not in groups:
        first = handed_in_at(session, [product.public_id]).get(product.public_id)
        seen = Event.seq > first if first is not None else sa.false()
        told = sa.and_(told, sa.or_(Event.act != CLASSIFIED, seen))
    return tuple(
        HistoryRow(
            event.at, event.person, event.act, event.reason, json.loads(event.facts).get("bulk") is True
        )
        for event in session.scalars(
            sa.select(Event)
            .where(Event.object_type == "product", Event.object_id == product.public_id, told)
            .order_by(Event.seq.desc())
            .limit(limit)
        )
    )


def handed_in_at(session: Session, public_ids: Iterable[str]) -> dict[str, int]:
    """Return the number of the event by which each keluaran was first handed in; a mere draft has none."""
    found = session.execute(
        sa.select(Event.object_id, sa.func.min(Event.seq))
        .where(
            Event.object_type == "product",
            Event.object_id.in_(set(public_ids)),
            Event.act == "product.submitted",
        )
        .group_by(Event.object_id)
    )
    return {row[0]: row[1] for row in found}


def _said(
    copy: Copy, version: Version, found: Sequence[sa.Row[Copy, Version, Product]]
) -> tuple[str, datetime | None]:
    """Return why the version came back and until when it is to be mended, also on its working copy."""
    if copy.note:
        return copy.note, copy.due_at
    if copy.number == WORKING and version.state == lifecycle.State.RETURNED:
        noted = [c for c, v, _ in found if v.id == version.id and c.note]
        last = max(noted, key=lambda c: c.number, default=None)
        return (last.note, last.due_at) if last is not None else ("", None)
    return "", None


def _rights(
    session: Session,
    actor: Actor,
    product: Product,
    found: Sequence[tuple[Copy, Version]],
    institution: Institution,
) -> Rights:
    newest = session.scalar(
        sa.select(Version).where(Version.product_id == product.id).order_by(Version.number.desc()).limit(1)
    )
    if newest is None:
        raise NotFoundError
    snapshots = [c for c, v in found if v.id == newest.id and c.number != WORKING]
    submitted_by = snapshots[-1].submitted_by if snapshots else None
    subject = policy.Subject(
        product.institution_id, product.pokja_id, submitted_by, institution.official_submits
    )
    edit = bool(policy.can_edit(actor, subject))
    submit = bool(policy.can_submit(actor, subject))
    review = bool(policy.can_review(actor, subject))
    state = newest.state
    ever_handed_in = newest.number > 1 or bool(snapshots)
    return Rights(
        edit=edit and state in lifecycle.EDITABLE,
        submit=submit and state in lifecycle.EDITABLE,
        withdraw=submit and state == lifecycle.State.SUBMITTED and newest.reviewer_id is None,
        new_version=edit and state in (lifecycle.State.APPROVED, lifecycle.State.LOCKED),
        discard=edit and state == lifecycle.State.DRAFT and not snapshots,
        classify=ever_handed_in and bool(policy.can_classify(actor, subject)),
        review=review and state == lifecycle.State.SUBMITTED,
        reopen=review and state == lifecycle.State.APPROVED,
        retry=edit or actor.has(policy.Role.SECRETARIAT),
    )


def _people(session: Session, ids: Iterable[int | None]) -> dict[int, str]:
    wanted = {person for person in ids if person is not None}
    return {
        row.id: row.name
        for row in session.execute(sa.select(Person.id, Person.name).where(Person.id.in_(wanted)))
    }


def _receipts(session: Session, ids: Iterable[int | None]) -> dict[int, str]:
    wanted = {receipt for receipt in ids if receipt is not None}
    return {
        row.id: row.number
        for row in session.execute(sa.select(Receipt.id, Receipt.number).where(Receipt.id.in_(wanted)))
    }
