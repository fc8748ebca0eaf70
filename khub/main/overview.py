"""The home pages of those who see the whole: Sekretariat, ketua pokja, auditor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub import policy
from khub.clock import wib_date
from khub.coordination.reached import last_contact
from khub.cycle import ledger as ledgers
from khub.cycle import missing, numbers, outputs
from khub.plan.models import Action, ActionYear, Branch, Focus, Institution, Plan, Pokja
from khub.policy import Access, Role
from khub.products import copies
from khub.products.lifecycle import State
from khub.products.models import WORKING, Copy, CopyAction, Product, Version
from khub.products.queries import (
    ActionRef,
    head_condition,
    heads,
    heads_of,
    readable_copies,
    rows,
    short_name,
)
from khub.review import line as review

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from khub.coordination.reached import LastContact
    from khub.cycle.ledger import Ledger
    from khub.cycle.missing import Belum
    from khub.cycle.numbers import BranchNumber, Number
    from khub.main.queries import PeriodHead
    from khub.policy import Actor
    from khub.products.queries import ProductRow
    from khub.review.line import Queue

_SHOWN = 6
_MISSING = 10
_DRAFTS = 10
#: Copies of an access group among which the latest are looked for first.
_WINDOW = 50
#: Outcomes of a snapshot that count as handed in; a returned one counts again once it is resubmitted.
_COUNTS = ("pending", "approved")


@dataclass(frozen=True, slots=True)
class Drafts:
    """Drafts of one K/L: that there are some, and how old the oldest is in days. Never what is in them."""

    institution: str
    code: str
    count: int
    oldest_days: int


@dataclass(frozen=True, slots=True)
class Numbers:
    """Official figures of the running period's year, the total first, then its branches."""

    committed: Number
    branches: tuple[BranchNumber, ...]
    involved: Number
    reported: Number
    label: str


@dataclass(frozen=True, slots=True)
class Handed:
    """Keluaran of the running period that the reader may see."""

    products: int
    approved: int


@dataclass(frozen=True, slots=True)
class Overview:
    """The Sekretariat's home page; ``numbers`` and ``handed`` are None without a running period."""

    numbers: Numbers | None
    handed: Handed | None
    belum: Belum | None
    contacts: Mapping[int, LastContact]
    queue: Queue
    latest: tuple[ProductRow, ...]
    drafts: tuple[Drafts, ...]
    recorded: datetime


@dataclass(frozen=True, slots=True)
class Completeness:
    """One pokja: which actions of its branch have an output in the running period, as the chair sees it."""

    pokja: str
    plan: str
    branch: str
    done: int
    total: int
    missing: tuple[ActionRef, ...]


@dataclass(frozen=True, slots=True)
class Chaired:
    """The home page of a ketua pokja."""

    groups: tuple[Completeness, ...]
    drafts: tuple[Drafts, ...]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One frozen snapshot, withdrawn ones too."""

    public_id: str
    version: int
    snapshot: int
    title: str
    state: str
    institution: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Inspected:
    """The home page of an auditor."""

    branches: tuple[BranchNumber, ...]
    plan: str
    label: str
    latest: tuple[Snapshot, ...]


def overview(session: Session, actor: Actor, now: datetime, period: PeriodHead | None) -> Overview:
    """Return the Sekretariat's home page."""
    official = belum = None
    if period is not None:
        ledger = ledgers.read(session, period.plan_id, now, period_ids=[period.id])
        official = _numbers(session, period, ledger)
        belum = missing.of_ledger(session, actor, ledger, period.id)
    shown = [each.unit.id for each in belum.units[:_SHOWN]] if belum is not None else []
    return Overview(
        numbers=official,
        handed=_handed(session, actor, period, now) if period is not None else None,
        belum=belum,
        contacts=last_contact(session, shown) if shown else {},
        queue=review.queue(session, actor, now, offset=0, limit=_SHOWN),
        latest=_latest(session, actor, now),
        drafts=_drafts(session, actor, now),
        recorded=now,
    )


def chaired(session: Session, actor: Actor, now: datetime, period: PeriodHead | None) -> Chaired:
    """Return the home page of a ketua pokja."""
    ids = sorted({g.pokja_id for g in actor.grants if g.role is Role.CHAIR and g.pokja_id is not None})
    groups = session.execute(
        sa.select(Pokja, Branch, Plan.code)
        .outerjoin(Branch, Branch.id == Pokja.branch_id)
        .outerjoin(Plan, Plan.id == Branch.plan_id)
        .where(Pokja.id.in_(ids))
        .order_by(Pokja.code)
    ).all()
    return Chaired(
        groups=tuple(
            _completeness(session, actor, pokja, branch, plan or "", period) for pokja, branch, plan in groups
        ),
        drafts=_drafts(session, actor, now),
    )


def inspected(session: Session, actor: Actor, now: datetime, period: PeriodHead | None) -> Inspected:
    """Return the home page of an auditor."""
    found = session.execute(
        readable_copies(actor)
        .add_columns(Institution)
        .join(Institution, Institution.id == Product.institution_id)
        .where(Copy.number != WORKING)
        .order_by(Copy.submitted_at.desc().nulls_last(), Product.id.desc())
        .limit(_SHOWN)
    ).all()
    return Inspected(
        branches=numbers.by_branch(
            numbers.of_year(session, period.plan_id, now), numbers.committed, period.year
        )
        if period is not None
        else (),
        plan=period.plan if period is not None else "",
        label=_label(session, period),
        latest=tuple(
            Snapshot(
                product.public_id,
                version.number,
                copy.number,
                copy.title,
                copies.status_of(copy, version),
                short_name(institution),
                copy.submitted_at or copy.saved_at,
            )
            for copy, version, product, institution in found
        ),
    )


def _numbers(session: Session, period: PeriodHead, ledger: Ledger) -> Numbers:
    return Numbers(
        committed=numbers.committed(ledger, period.year),
        branches=numbers.by_branch(ledger, numbers.committed, period.year),
        involved=numbers.involved(ledger, period.year),
        reported=numbers.reported(ledger, period.id),
        label=_label(session, period),
    )


def _label(session: Session, period: PeriodHead | None) -> str:
    if period is None:
        return ""
    return session.scalar(sa.select(Plan.branch_label).where(Plan.id == period.plan_id)) or ""


def _of_period(actor: Actor, period: PeriodHead) -> sa.Select[Copy, Version, Product]:
    return readable_copies(actor).where(head_condition(actor), Copy.period_id == period.id)


def _handed(session: Session, actor: Actor, period: PeriodHead, now: datetime) -> Handed:
    approved = _of_period(actor, period).where(Version.state.in_((State.APPROVED, State.LOCKED)))
    counted = approved.with_only_columns(sa.func.count(), maintain_column_froms=True)
    return Handed(outputs.count(session, actor, period.id, now), session.scalar(counted) or 0)


def _latest(session: Session, actor: Actor, now: datetime) -> tuple[ProductRow, ...]:
    query = (
        readable_copies(actor)
        .where(Copy.number != WORKING, head_condition(actor))
        .order_by(Copy.submitted_at.desc().nulls_last(), Product.id.desc())
        .limit(_SHOWN)
    )
    # All of them would be sorted for six: the newest of each access group mostly hold these.
    newest, since = _newest(session)
    found = heads(session, heads_of(query.where(Copy.id.in_(newest))))
    if since is not None and (len(found) < _SHOWN or (found[-1].submitted_at or since) <= since):
        found = heads(session, heads_of(query))
    return tuple(rows(session, found, now))


def _newest(session: Session) -> tuple[list[int], datetime | None]:
    """Return the newest copies of each access group, and since when these are all there are.

    None: there are no others.
    """
    parts = [
        sa.select(Copy.id, Copy.submitted_at, Copy.access)
        .where(Copy.access == access, Copy.submitted_at.is_not(None))
        .order_by(Copy.submitted_at.desc())
        .limit(_WINDOW)
        .subquery()
        for access in Access
    ]
    found = session.execute(sa.union_all(*(sa.select(part) for part in parts))).all()
    dates: dict[str, list[datetime]] = {}
    for _, at, access in found:
        dates.setdefault(access, []).append(at)
    full = [min(each) for each in dates.values() if len(each) == _WINDOW]
    return [row[0] for row in found], max(full, default=None)


def _drafts(session: Session, actor: Actor, now: datetime) -> tuple[Drafts, ...]:
    oldest = sa.func.min(Version.created_at)
    counted = session.execute(
        sa.select(Institution, sa.func.count(), oldest)
        .join(Product, Product.institution_id == Institution.id)
        .join(Version, Version.product_id == Product.id)
        .where(
            Version.state == State.DRAFT,
            Product.discarded_at.is_(None),
            policy.oversees(actor, Product.pokja_id),
        )
        .group_by(Institution.id)
        .order_by(oldest, Institution.id)
        .limit(_DRAFTS)
    )
    return tuple(
        Drafts(short_name(institution), institution.code, count, (wib_date(now) - wib_date(since)).days)
        for institution, count, since in counted
    )


def _completeness(
    session: Session,
    actor: Actor,
    pokja: Pokja,
    branch: Branch | None,
    plan: str,
    period: PeriodHead | None,
) -> Completeness:
    if branch is None or period is None or branch.plan_id != period.plan_id:
        return Completeness(pokja.name, plan, branch.code if branch is not None else "", 0, 0, ())
    actions = session.execute(
        sa.select(Action.id, Action.code, Action.title)
        .join(Focus, Focus.id == Action.focus_id)
        .join(ActionYear, sa.and_(ActionYear.action_id == Action.id, ActionYear.year == period.year))
        .where(Focus.branch_id == branch.id)
        .order_by(Action.code)
    ).all()
    done = set(
        session.scalars(
            _of_period(actor, period)
            .join(CopyAction, CopyAction.copy_id == Copy.id)
            .where(Copy.outcome.in_(_COUNTS), CopyAction.action_id.in_([row.id for row in actions]))
            .with_only_columns(CopyAction.action_id, maintain_column_froms=True)
            .distinct()
        )
    )
    missing = [
        ActionRef(f"{plan}/{row.code}", plan, row.code, row.title) for row in actions if row.id not in done
    ]
    return Completeness(
        pokja.name, plan, branch.code, len(actions) - len(missing), len(actions), tuple(missing[:_MISSING])
    )
