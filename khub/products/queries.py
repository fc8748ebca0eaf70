"""Reading keluaran: lists, the page of one, its history. Everything passes the policy's SQL face."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import sqlalchemy as sa

from khub import policy
from khub.accounts.models import Person
from khub.audit.models import Event
from khub.errors import NotFoundError
from khub.plan.models import Action, Institution, Period, Plan, Pokja
from khub.policy import ContentColumns
from khub.products import copies, lifecycle
from khub.products.models import WORKING, Copy, CopyAction, CopyFile, File, Kind, Product, Receipt, Version
from khub.review.service import lapsed, late

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from khub.policy import Actor

M = TypeVar("M", Institution, Period)

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
        "review.returned",
        "review.reopened",
    ),
    policy.Access.APPROVED: ("review.approved",),
}

COLUMNS = ContentColumns(Copy.access, Product.classification, Product.institution_id, Product.pokja_id)


@dataclass(frozen=True, slots=True)
class ActionRef:
    """An action as links name it; ``key`` is ``plan/code``."""

    key: str
    plan: str
    code: str
    title: str


@dataclass(frozen=True, slots=True)
class FileShown:
    """A file of a copy. ``state`` and ``reason`` are codes that ``wording`` turns into words."""

    public_id: str
    name: str
    size: int
    media_type: str
    sha256: str
    state: str
    reason: str
    detail: dict[str, object]
    warnings: tuple[str, ...]
    personal: tuple[dict[str, object], ...]
    page_count: int
    title: str
    uploaded_at: datetime


@dataclass(frozen=True, slots=True)
class ProductRow:
    """A keluaran in a list: its highest-ranked copy that the reader may read."""

    public_id: str
    title: str
    state: str
    version: int
    institution: str
    kind: str
    kind_en: str
    classification: str
    period: str
    date: datetime
    late: bool
    in_review: bool
    actions: tuple[ActionRef, ...]
    files: int
    pages: int


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
    """One event of the audit trail about a keluaran."""

    at: datetime
    person: str
    act: str
    reason: str


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
    rights: Rights


def readable_copies(actor: Actor) -> sa.Select[Copy, Version, Product]:
    """Return the query over every copy that ``actor`` may read, of keluaran not thrown away."""
    return (
        sa.select(Copy, Version, Product)
        .join(Version, Version.id == Copy.version_id)
        .join(Product, Product.id == Version.product_id)
        .where(Product.discarded_at.is_(None), policy.readable(actor, COLUMNS))
    )


def head_condition(actor: Actor) -> sa.ColumnElement[bool]:
    """Return the condition that a copy is the highest-ranked readable one of its keluaran.

    The rank is that of ``copies.rank_of``, said in SQL.
    """
    other, other_version = sa.orm.aliased(Copy), sa.orm.aliased(Version)
    columns = ContentColumns(other.access, Product.classification, Product.institution_id, Product.pokja_id)
    return ~sa.exists(
        sa.select(other.id)
        .join(other_version, other_version.id == other.version_id)
        .where(
            other_version.product_id == Product.id,
            policy.readable(actor, columns),
            _rank(other, other_version) > _rank(Copy, Version),
        )
        .correlate(Copy, Version, Product)
    )


def _rank(copy: type[Copy], version: type[Version]) -> sa.ColumnElement[int]:
    passed = sa.and_(copy.number != WORKING, copy.outcome.in_(("returned", "withdrawn")))
    place = version.number * 10_000 + sa.case((copy.number == WORKING, 9_999), else_=copy.number)
    return place + sa.case((passed, 0), else_=100_000_000)


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list of keluaran is narrowed to; "" means all."""

    state: str = ""
    period: str = ""
    kind: str = ""
    institution: str = ""
    mine: bool = False


def product_list(
    session: Session, actor: Actor, wanted: Filter, now: datetime, *, offset: int, limit: int
) -> tuple[int, list[ProductRow]]:
    """Return (how many, one page) of the keluaran that ``actor`` may read, newest first."""
    query = readable_copies(actor).where(head_condition(actor))
    if wanted.state:
        query = query.where(Version.state == wanted.state)
    if wanted.kind:
        query = query.where(Copy.kind == wanted.kind)
    if wanted.period:
        query = query.join(Period, Period.id == Copy.period_id).where(Period.code == wanted.period)
    if wanted.institution:
        query = query.join(Institution, Institution.id == Product.institution_id).where(
            Institution.code == wanted.institution
        )
    if wanted.mine:
        query = query.where(Product.institution_id.in_(sorted(actor.institutions)))
    total = session.scalar(query.with_only_columns(sa.func.count(), maintain_column_froms=True)) or 0
    moment = sa.func.coalesce(Copy.submitted_at, Copy.saved_at)
    found = session.execute(
        query.order_by(moment.desc(), Product.id.desc()).offset(offset).limit(limit)
    ).all()
    return total, rows(session, [(copy, version, product) for copy, version, product in found], now)


def rows(session: Session, found: Sequence[tuple[Copy, Version, Product]], now: datetime) -> list[ProductRow]:
    """Return list rows for copies already found readable."""
    ids = [copy.id for copy, _, _ in found]
    actions = actions_of(session, ids)
    counts = {
        copy_id: (files, pages)
        for copy_id, files, pages in session.execute(
            sa.select(CopyFile.copy_id, sa.func.count(), sa.func.sum(File.page_count))
            .join(File, File.id == CopyFile.file_id)
            .where(CopyFile.copy_id.in_(ids))
            .group_by(CopyFile.copy_id)
        )
    }
    institutions = _by_id(session, Institution, {p.institution_id for _, _, p in found})
    periods = _by_id(session, Period, {c.period_id for c, _, _ in found if c.period_id is not None})
    kinds = {kind.code: kind for kind in session.scalars(sa.select(Kind))}
    pressed = first_pressed(session, {version.id for _, version, _ in found})
    shown = []
    for copy, version, product in found:
        period = periods.get(copy.period_id) if copy.period_id is not None else None
        files, pages = counts.get(copy.id, (0, 0))
        shown.append(
            ProductRow(
                public_id=product.public_id,
                title=copy.title,
                state=copies.status_of(copy, version),
                version=version.number,
                institution=short_name(institutions[product.institution_id]),
                kind=kinds[copy.kind].name,
                kind_en=kinds[copy.kind].name_en,
                classification=product.classification,
                period=period.name if period is not None else "",
                date=copy.submitted_at or copy.saved_at,
                late=_late(copy, pressed, period),
                in_review=_in_review(version, now),
                actions=actions.get(copy.id, ()),
                files=files,
                pages=int(pages or 0),
            )
        )
    return shown


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
    period = session.get(Period, copy.period_id) if copy.period_id is not None else None
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
        late=_late(copy, first_pressed(session, {its_version.id}), period),
        in_review=_in_review(its_version, now),
        note=_return_note(copy, its_version, found),
        rights=_rights(session, actor, product, [(c, v) for c, v, _ in found], institution),
    )


def first_pressed(session: Session, version_ids: Iterable[int]) -> dict[int, datetime]:
    """Return when Ajukan was first pressed for each version, presses that were taken back apart.

    Lateness is counted from there: what is handed in again after a return is late only if the first was.
    """
    rows = session.execute(
        sa.select(Copy.version_id, sa.func.min(Copy.submitted_at))
        .where(Copy.version_id.in_(version_ids), Copy.number != WORKING, Copy.outcome != "withdrawn")
        .group_by(Copy.version_id)
    )
    return {version_id: at for version_id, at in rows if at is not None}


def _late(copy: Copy, pressed: dict[int, datetime], period: Period | None) -> bool:
    if copy.submitted_at is None:
        return False
    at = copy.submitted_at if copy.outcome == "withdrawn" else pressed.get(copy.version_id, copy.submitted_at)
    return late(at, period)


def history(session: Session, actor: Actor, product: Product, limit: int = 200) -> tuple[HistoryRow, ...]:
    """Return the newest events about a keluaran, as far as they tell of copies that ``actor`` may read."""
    acts = [
        act
        for group, its_acts in ACT_GROUPS.items()
        if policy.can_read(
            actor,
            policy.Content(group, product.classification, product.institution_id, product.pokja_id),
        )
        for act in its_acts
    ]
    return tuple(
        HistoryRow(event.at, event.person, event.act, event.reason)
        for event in session.scalars(
            sa.select(Event)
            .where(Event.object_type == "product", Event.object_id == product.public_id, Event.act.in_(acts))
            .order_by(Event.seq.desc())
            .limit(limit)
        )
    )


def actions_of(session: Session, copy_ids: Iterable[int]) -> dict[int, tuple[ActionRef, ...]]:
    """Return the actions of each copy, in order."""
    found: dict[int, tuple[ActionRef, ...]] = {}
    for copy_id, plan, code, title in session.execute(
        sa.select(CopyAction.copy_id, Plan.code, Action.code, Action.title)
        .join(Action, Action.id == CopyAction.action_id)
        .join(Plan, Plan.id == Action.plan_id)
        .where(CopyAction.copy_id.in_(list(copy_ids)))
        .order_by(CopyAction.copy_id, CopyAction.position, Action.code)
    ):
        found[copy_id] = (*found.get(copy_id, ()), ActionRef(f"{plan}/{code}", plan, code, title))
    return found


def file_shown(file: File) -> FileShown:
    """Return a file row as pages show it."""
    return FileShown(
        public_id=file.public_id,
        name=file.name,
        size=file.size,
        media_type=file.media_type,
        sha256=file.sha256,
        state=file.state,
        reason=file.reason,
        detail=dict(file.detail),
        warnings=tuple(file.warnings),
        personal=tuple(file.personal),
        page_count=file.page_count,
        title=file.title,
        uploaded_at=file.uploaded_at,
    )


def short_name(institution: Institution) -> str:
    """Return a K/L's abbreviation, or its name where it has none."""
    return institution.abbreviation or institution.name


def _in_review(version: Version, now: datetime) -> bool:
    return (
        version.state == lifecycle.State.SUBMITTED
        and version.reviewer_id is not None
        and not lapsed(version.reserved_at, now)
    )


def _return_note(copy: Copy, version: Version, found: Sequence[sa.Row[Copy, Version, Product]]) -> str:
    """Return why the version came back, also on its working copy."""
    if copy.note:
        return copy.note
    if copy.number == WORKING and version.state == lifecycle.State.RETURNED:
        notes = [(c.number, c.note) for c, v, _ in found if v.id == version.id and c.note]
        return max(notes)[1] if notes else ""
    return ""


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


def _by_id(session: Session, model: type[M], ids: set[int]) -> dict[int, M]:
    return {row.id: row for row in session.scalars(sa.select(model).where(model.id.in_(ids)))}
