"""Reading receipts: what one press of Ajukan handed in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub.accounts.models import Person
from khub.audit.models import Event
from khub.errors import NotFoundError
from khub.plan.models import Institution, Period
from khub.products import copies
from khub.products.models import Copy, Receipt, Version
from khub.products.queries import ActionRef, FileShown, actions_of, file_shown, readable_copies, short_name
from khub.reports.receipts import ReceiptRow, receipt_rows

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from khub.policy import Actor


@dataclass(frozen=True, slots=True)
class ReceiptItem:
    """One keluaran on a receipt, with the files as they were frozen."""

    public_id: str
    version: int
    snapshot: int
    title: str
    classification: str
    state: str
    withdrawable: bool
    actions: tuple[ActionRef, ...]
    files: tuple[FileShown, ...]


@dataclass(frozen=True, slots=True)
class ReceiptShown:
    """A receipt. ``days_before`` the deadline is negative when it was late, None without a period.

    ``event`` is the hash of its link in the audit chain: its number would tell how much others do.
    """

    number: str
    at: datetime
    person: str
    institution: str
    period: str
    days_before: int | None
    event: str
    items: tuple[ReceiptItem, ...]
    reports: tuple[ReceiptRow, ...]

    @property
    def state(self) -> str:
        """Return the state that the head of the receipt shows."""
        return self.reports[0].state if self.reports else self.items[0].state


def receipt(session: Session, actor: Actor, number: str, now: datetime) -> ReceiptShown:
    """Return a receipt with the items and report rows that ``actor`` may read; 404 where there is none."""
    found = session.scalar(sa.select(Receipt).where(Receipt.number == number[:30]))
    if found is None:
        raise NotFoundError
    rows = session.execute(readable_copies(actor).where(Copy.receipt_id == found.id).order_by(Copy.id)).all()
    reports = receipt_rows(session, actor, found.id, now)
    if not rows and not reports:
        raise NotFoundError
    period_id = reports[0].period_id if reports else rows[0][0].period_id
    period = session.get(Period, period_id) if period_id is not None else None
    deadline = reports[0].deadline if reports else period.deadline if period is not None else None
    actions = actions_of(session, [copy.id for copy, _, _ in rows])
    newest = {
        version.product_id: version.number
        for version in session.scalars(
            sa.select(Version)
            .where(Version.product_id.in_([product.id for _, _, product in rows]))
            .order_by(Version.number)
        )
    }
    return ReceiptShown(
        number=found.number,
        at=found.at,
        person=session.get_one(Person, found.person_id).name,
        institution=short_name(session.get_one(Institution, found.institution_id)),
        period=period.name if period is not None else "",
        days_before=(deadline - found.at).days if deadline is not None else None,
        event=session.scalar(sa.select(Event.hash).where(Event.seq == found.event_seq)) or "",
        items=tuple(
            ReceiptItem(
                public_id=product.public_id,
                version=version.number,
                snapshot=copy.number,
                title=copy.title,
                classification=product.classification,
                state=copies.status_of(copy, version),
                withdrawable=copy.outcome == "pending"
                and version.reviewer_id is None
                and newest[product.id] == version.number,
                actions=actions.get(copy.id, ()),
                files=tuple(file_shown(file) for file in copies.files_of(session, copy.id)),
            )
            for copy, version, product in rows
        ),
        reports=reports,
    )
