"""Reading keluaran: lists, the page of one, its history. Everything passes the policy's SQL face."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa

from khub import policy
from khub.db import read_rows
from khub.plan.deadlines import Deadlines
from khub.plan.models import Action, Institution, Period, Plan
from khub.policy import ContentColumns
from khub.products import copies, lifecycle
from khub.products.models import WORKING, Copy, CopyAction, CopyFile, File, Kind, Product, Version
from khub.review.reserving import lapsed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from khub.policy import Actor

COLUMNS = ContentColumns(Copy.access, Product.classification, Product.institution_id, Product.pokja_id)

# Statements of every page of results are put together once: that takes longer than asking them.
_IDS: sa.BindParameter[list[int]] = sa.bindparam("ids", expanding=True)
_COUNTS = (
    sa.select(CopyFile.copy_id, sa.func.count(), sa.func.sum(File.page_count))
    .join(File, File.id == CopyFile.file_id)
    .where(CopyFile.copy_id.in_(_IDS))
    .group_by(CopyFile.copy_id)
)
_PRESSED = (
    sa.select(Copy.version_id, sa.func.min(Copy.submitted_at))
    .where(Copy.version_id.in_(_IDS), Copy.number != WORKING, Copy.outcome != "withdrawn")
    .group_by(Copy.version_id)
)
_ACTIONS = (
    sa.select(CopyAction.copy_id, Plan.code, Action.code, Action.title)
    .join(Action, Action.id == CopyAction.action_id)
    .join(Plan, Plan.id == Action.plan_id)
    .where(CopyAction.copy_id.in_(_IDS))
    .order_by(CopyAction.copy_id, CopyAction.position, Action.code)
)


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


class Head(NamedTuple):
    """A copy that its reader may read, with what lists say of it and its keluaran.

    ``number`` is the snapshot's, ``version`` the version's; ``period`` and its ``deadline``: None without one.
    """

    id: int
    version_id: int
    number: int
    outcome: str
    title: str
    period_id: int | None
    submitted_at: datetime | None
    saved_at: datetime
    version: int
    state: str
    reviewer_id: int | None
    reserved_at: datetime | None
    public_id: str
    institution_id: int
    classification: str
    institution: str
    kind: str
    kind_en: str
    period: str | None
    deadline: datetime | None


def short_name_of(unit: type[Institution]) -> sa.ColumnElement[str]:
    """Return the SQL face of ``short_name``."""
    return sa.case((unit.abbreviation != "", unit.abbreviation), else_=unit.name)


# Their own names, as lists are narrowed by the same tables.
_UNIT, _KIND, _PERIOD = sa.orm.aliased(Institution), sa.orm.aliased(Kind), sa.orm.aliased(Period)
_HEAD = (
    Copy.id,
    Copy.version_id,
    Copy.number,
    Copy.outcome,
    Copy.title,
    Copy.period_id,
    Copy.submitted_at,
    Copy.saved_at,
    Version.number,
    Version.state,
    Version.reviewer_id,
    Version.reserved_at,
    Product.public_id,
    Product.institution_id,
    Product.classification,
    short_name_of(_UNIT),
    _KIND.name,
    _KIND.name_en,
    _PERIOD.name,
    _PERIOD.deadline,
)


@dataclass(frozen=True, slots=True)
class ProductNamed:
    """A copy of a keluaran as every list names it."""

    public_id: str
    title: str
    state: str
    version: int
    institution: str
    kind: str
    kind_en: str
    classification: str
    period: str
    in_review: bool
    actions: tuple[ActionRef, ...]


@dataclass(frozen=True, slots=True)
class ProductRow(ProductNamed):
    """A keluaran in a list: its highest-ranked copy that the reader may read."""

    date: datetime
    late: bool
    files: int
    pages: int


@lru_cache(maxsize=256)
def readable_copies(actor: Actor) -> sa.Select[Copy, Version, Product]:
    """Return the query over every copy that ``actor`` may read, of keluaran not thrown away."""
    return (
        sa.select(Copy, Version, Product)
        .join(Version, Version.id == Copy.version_id)
        .join(Product, Product.id == Version.product_id)
        .where(Product.discarded_at.is_(None), policy.readable(actor, COLUMNS))
    )


@lru_cache(maxsize=256)
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
    part = query.order_by(moment.desc(), Product.id.desc()).offset(offset).limit(limit)
    return total, listed(session, part, now)


def listed(session: Session, query: sa.Select[Copy, Version, Product], now: datetime) -> list[ProductRow]:
    """Return list rows for what a query over readable copies finds."""
    return rows(session, heads(session, heads_of(query)), now)


def heads_of(query: sa.Select[Copy, Version, Product]) -> sa.Select[*tuple[Any, ...]]:
    """Return a query over readable copies as one for the columns of ``Head``."""
    return (
        query.join(_UNIT, _UNIT.id == Product.institution_id)
        .join(_KIND, _KIND.code == Copy.kind)
        .outerjoin(_PERIOD, _PERIOD.id == Copy.period_id)
        .with_only_columns(*_HEAD, maintain_column_froms=True)
    )


def heads(
    session: Session, query: sa.Select[*tuple[Any, ...]], facts: Mapping[str, object] | None = None
) -> list[Head]:
    """Return what ``query`` (of ``heads_of``) finds."""
    return [Head(*row) for row in read_rows(session, query, facts).all()]


def named(session: Session, found: Sequence[Head], now: datetime) -> list[ProductNamed]:
    """Return what names copies already found readable, where nobody asks how large they are or how late."""
    actions = actions_of(session, [head.id for head in found])
    return [ProductNamed(**_said(head, actions, now)) for head in found]


def rows(session: Session, found: Sequence[Head], now: datetime) -> list[ProductRow]:
    """Return list rows for copies already found readable."""
    ids = [head.id for head in found]
    actions = actions_of(session, ids)
    counts = {
        copy_id: (files, pages) for copy_id, files, pages in read_rows(session, _COUNTS, {"ids": ids}).all()
    }
    periods = {
        head.period_id: head.deadline
        for head in found
        if head.period_id is not None and head.deadline is not None
    }
    deadlines = Deadlines(session, periods, now)
    served = action_ids(session, ids) if deadlines.granted else {}
    pressed = first_pressed(session, {head.version_id for head in found})
    shown = []
    for head in found:
        deadline = deadlines.of(head.period_id, head.institution_id, served.get(head.id, ()))
        files, pages = counts.get(head.id, (0, 0))
        shown.append(
            ProductRow(
                **_said(head, actions, now),
                date=head.submitted_at or head.saved_at,
                late=is_late(head, pressed, deadline),
                files=files,
                pages=int(pages or 0),
            )
        )
    return shown


def _said(head: Head, actions: Mapping[int, tuple[ActionRef, ...]], now: datetime) -> dict[str, Any]:
    """Return the fields of ``ProductNamed``."""
    return {
        "public_id": head.public_id,
        "title": head.title,
        "state": copies.status(head.number, head.outcome, head.state),
        "version": head.version,
        "institution": head.institution,
        "kind": head.kind,
        "kind_en": head.kind_en,
        "classification": head.classification,
        "period": head.period or "",
        "in_review": in_review(head, now),
        "actions": actions.get(head.id, ()),
    }


def first_pressed(session: Session, version_ids: Iterable[int]) -> dict[int, datetime]:
    """Return when Ajukan was first pressed for each version, presses that were taken back apart.

    Lateness is counted from there: what is handed in again after a return is late only if the first was.
    """
    rows = read_rows(session, _PRESSED, {"ids": list(version_ids)}).all()
    return {version_id: at for version_id, at in rows if at is not None}


def is_late(copy: Copy | Head, pressed: dict[int, datetime], deadline: datetime | None) -> bool:
    """Tell whether Ajukan was first pressed (see ``first_pressed``) after the deadline in force."""
    if copy.submitted_at is None or deadline is None:
        return False
    at = copy.submitted_at if copy.outcome == "withdrawn" else pressed.get(copy.version_id, copy.submitted_at)
    return at > deadline


def action_ids(session: Session, copy_ids: Iterable[int]) -> dict[int, tuple[int, ...]]:
    """Return the ids of the actions that each copy serves."""
    found: dict[int, tuple[int, ...]] = {}
    for copy_id, action_id in session.execute(
        sa.select(CopyAction.copy_id, CopyAction.action_id).where(CopyAction.copy_id.in_(list(copy_ids)))
    ):
        found[copy_id] = (*found.get(copy_id, ()), action_id)
    return found


def actions_of(session: Session, copy_ids: Iterable[int]) -> dict[int, tuple[ActionRef, ...]]:
    """Return the actions of each copy, in order."""
    found: dict[int, tuple[ActionRef, ...]] = {}
    for copy_id, plan, code, title in read_rows(session, _ACTIONS, {"ids": list(copy_ids)}).all():
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


def in_review(version: Version | Head, now: datetime) -> bool:
    """Tell whether a reviewer has the version reserved."""
    return (
        version.state == lifecycle.State.SUBMITTED
        and version.reviewer_id is not None
        and not lapsed(version.reserved_at, now)
    )
