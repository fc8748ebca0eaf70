"""Reading second looks: what waits, what two reviewers said, where they differ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub.plan.models import Action, Institution
from khub.products.lifecycle import Act
from khub.products.models import Copy, Product, Version
from khub.products.queries import short_name
from khub.reports.models import Report, ReportCopy
from khub.review import cases, checklist, line, queries, report_item, second
from khub.review.models import Answer, Decision, SecondLook

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from khub.policy import Actor
    from khub.review.checklist import Answered
    from khub.review.line import Holder
    from khub.review.queries import Item
    from khub.review.report_item import ReportItem


@dataclass(frozen=True, slots=True)
class Row:
    """A second look in a list. ``differs``: the two reviewers do not agree; ``barred``: why not the reader."""

    id: int
    case: str
    title: str
    institution: str
    code: str
    drawn_at: datetime
    verdict: str
    decided_at: datetime | None
    differs: bool
    bulk: bool
    holder: Holder | None
    barred: str


@dataclass(frozen=True, slots=True)
class Both:
    """What the two said once the second has decided."""

    first: str
    second: str
    verdict: str
    note: str
    first_note: str
    decided_at: datetime
    answers: Mapping[str, tuple[Answered | None, Answered | None]]

    @property
    def differing(self) -> tuple[str, ...]:
        """Return the items that one answered yes and the other no."""
        return tuple(
            item
            for item, (one, other) in self.answers.items()
            if one and other and {one.answer, other.answer} == {checklist.YES, checklist.NO}
        )

    @property
    def differs(self) -> bool:
        """Tell whether the two do not agree."""
        return self.verdict == Act.RETURN or bool(self.differing)


@dataclass(frozen=True, slots=True)
class Look:
    """A second look: the item as the first reviewer saw it; ``both`` None until it is decided."""

    id: int
    item: Item | ReportItem
    holder: Holder | None
    barred: str
    both: Both | None

    @property
    def mine(self) -> bool:
        """Tell whether the reader holds it."""
        return self.both is None and not self.barred and self.holder is not None and self.holder.me

    @property
    def free(self) -> bool:
        """Tell whether the reader may open it."""
        return self.both is None and not self.barred and self.holder is None


def listed(
    session: Session, actor: Actor, now: datetime, *, decided: bool, offset: int, limit: int
) -> tuple[int, tuple[Row, ...]]:
    """Return how many second looks wait (or are decided, the newest first), and one page of them."""
    condition = SecondLook.verdict != "" if decided else SecondLook.verdict == ""
    total = session.scalar(sa.select(sa.func.count()).select_from(SecondLook).where(condition)) or 0
    order = SecondLook.decided_at.desc() if decided else SecondLook.drawn_at
    found = session.execute(
        sa.select(SecondLook, Decision, ReportCopy, Report, Action, Copy, Product)
        .join(Decision, Decision.id == SecondLook.decision_id)
        .outerjoin(ReportCopy, ReportCopy.id == Decision.report_copy_id)
        .outerjoin(Report, Report.id == ReportCopy.report_id)
        .outerjoin(Action, Action.id == Report.action_id)
        .outerjoin(Copy, Copy.id == Decision.copy_id)
        .outerjoin(Version, Version.id == Copy.version_id)
        .outerjoin(Product, Product.id == Version.product_id)
        .where(condition)
        .order_by(order, SecondLook.id)
        .offset(offset)
        .limit(limit)
    ).all()
    units = {
        row.id: short_name(row)
        for row in session.scalars(
            sa.select(Institution).where(Institution.id.in_({_owner(row[3], row[6]) for row in found}))
        )
    }
    held = line.holders(session, actor, {str(row[0].id): row[0] for row in found}, now)
    apart = _apart(session, [row[1] for row in found]) if decided else set()
    rows = []
    for look, decision, report_copy, report, action, copy, product in found:
        is_report = decision.report_copy_id is not None
        owner, snapshot = (report, report_copy) if is_report else (product, copy)
        barred = line.barred(actor, owner.institution_id, owner.pokja_id, snapshot.submitted_by)
        if decision.person_id == actor.person_id:
            barred = second.FIRST
        rows.append(
            Row(
                id=look.id,
                case=cases.REPORT if is_report else cases.PRODUCT,
                title=action.title if is_report else copy.title,
                institution=units[owner.institution_id],
                code=action.code if is_report else "",
                drawn_at=look.drawn_at,
                verdict=look.verdict,
                decided_at=look.decided_at,
                differs=look.verdict == Act.RETURN or decision.id in apart,
                bulk=bool(decision.batch),
                holder=None if decided else held.get(str(look.id)),
                barred=barred,
            )
        )
    return total, tuple(rows)


def look(session: Session, actor: Actor, look_id: int, now: datetime) -> Look:
    """Return a second look with its item; 404 where there is none."""
    looked = second.find(session, look_id)
    read = report_item.item if looked.kind == cases.REPORT else queries.item
    item = read(session, actor, looked.public_id, now, copy_id=looked.snapshot.id, second=True)
    verdict = second.may_look(actor, looked)
    return Look(
        id=look_id,
        item=item,
        holder=None if looked.look.verdict else line.holders(session, actor, {"": looked.look}, now).get(""),
        barred="" if verdict else verdict.why,
        both=_both(session, looked) if looked.look.verdict else None,
    )


def _both(session: Session, looked: second.Looked) -> Both:
    first = checklist.stored(session, looked.snapshot)
    other = checklist.stored(session, looked.snapshot, second=True)
    known = line.names(session, [looked.decision.person_id, looked.look.reviewer_id])
    assert looked.look.decided_at is not None  # noqa: S101 - set with the verdict
    return Both(
        first=known.get(looked.decision.person_id, ""),
        second=known.get(looked.look.reviewer_id, ""),
        verdict=looked.look.verdict,
        note=looked.look.note,
        first_note=looked.snapshot.note,
        decided_at=looked.look.decided_at,
        answers={item: (first.get(item), other.get(item)) for item in checklist.ITEMS},
    )


def _owner(report: Report | None, product: Product | None) -> int | None:
    return report.institution_id if report is not None else product.institution_id if product else None


def _apart(session: Session, decisions: list[Decision]) -> set[int]:
    """Return the ids of decisions on which first and second answered an item yes and no."""
    one, other = sa.orm.aliased(Answer), sa.orm.aliased(Answer)
    found: set[int] = set()
    for column, ids in (
        ("report_copy_id", {d.report_copy_id: d.id for d in decisions if d.report_copy_id is not None}),
        ("copy_id", {d.copy_id: d.id for d in decisions if d.copy_id is not None}),
    ):
        mine, its = getattr(one, column), getattr(other, column)
        found |= {
            ids[key]
            for key in session.scalars(
                sa.select(mine)
                .join(other, sa.and_(its == mine, other.item == one.item))
                .where(
                    mine.in_(ids),
                    one.second.is_(False),
                    other.second.is_(True),
                    one.answer.in_((checklist.YES, checklist.NO)),
                    other.answer.in_((checklist.YES, checklist.NO)),
                    one.answer != other.answer,
                )
            )
        }
    return found
