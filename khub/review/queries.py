"""Reading for reviewers: one keluaran with everything a decision needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub import workdays
from khub.errors import NotFoundError
from khub.plan.deadlines import Deadlines
from khub.plan.models import Institution, Period, Pokja
from khub.products import copies, drafts, lifecycle, queries
from khub.products.models import WORKING, Copy, Kind, Product, Version
from khub.products.queries import file_shown, readable_copies, short_name
from khub.review import cases, checklist, compare, desk, evidence, line
from khub.review.desk import Desk

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from khub.policy import Actor
    from khub.products.drafts import Lookalike
    from khub.products.queries import FileShown
    from khub.review.compare import Changes
    from khub.review.evidence import ActionShown


@dataclass(frozen=True, slots=True, kw_only=True)
class Item(Desk):
    """A snapshot of a keluaran. ``report``: the waiting report that it is decided on with, or ""."""

    kind: str
    kind_en: str
    language: str
    personal_data: str
    actions: tuple[ActionShown, ...]
    files: tuple[FileShown, ...]
    changes: Changes | None
    lookalikes: tuple[Lookalike, ...]
    report: str

    @property
    def seen(self) -> tuple[str, ...]:
        """Return the names of waiting outputs that a decision takes along: a keluaran has none."""
        return ()


def item(
    session: Session,
    actor: Actor,
    public_id: str,
    now: datetime,
    *,
    copy_id: int | None = None,
    second: bool = False,
) -> Item:
    """Return the latest snapshot of a keluaran that ``actor`` may read, or the one with ``copy_id``.

    404 where nothing was handed in. ``second``: with the second reviewer's answers and without what
    the first one decided.
    """
    found = session.execute(
        readable_copies(actor)
        .where(Product.public_id == public_id, Copy.number != WORKING)
        .order_by(Version.number.desc(), Copy.number.desc())
    ).all()
    if copy_id is not None:
        ids = [copy.id for copy, _, _ in found]
        found = found[ids.index(copy_id) :] if copy_id in ids else []
    if not found:
        raise NotFoundError
    copy, version, product = found[0]
    files = copies.files_of(session, copy.id)
    institution = session.get_one(Institution, product.institution_id)
    period = session.get(Period, copy.period_id) if copy.period_id is not None else None
    kind = session.get_one(Kind, copy.kind)
    submitted_at = copy.submitted_at or copy.saved_at
    pressed = queries.first_pressed(session, {version.id}).get(version.id, submitted_at)
    pending = version.state == lifecycle.State.SUBMITTED and copy.outcome == "pending"
    actions = evidence.actions_with_measure(session, copy.id)
    deadline = Deadlines.asked(session, [copy.period_id], now).of(
        copy.period_id, product.institution_id, [each.id for each in actions]
    )
    barred = line.barred(actor, product.institution_id, product.pokja_id, copy.submitted_by)
    state = copies.status_of(copy, version)
    blind = second or desk.is_blind(session, actor, copy)
    subject = evidence.of_product(
        public_id, copy, institution, period, [(each.id, each.code) for each in actions], files
    )
    return Item(
        case=cases.PRODUCT,
        public_id=public_id,
        title=copy.title,
        state=state,
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
        files=tuple(file_shown(file) for file in files),
        submitted_at=submitted_at,
        submitted_by=line.names(session, [copy.submitted_by]).get(copy.submitted_by, ""),
        receipt=desk.receipt_number(session, copy.receipt_id),
        age=workdays.elapsed(submitted_at, now),
        deadline=deadline,
        late=deadline is not None and pressed > deadline,
        pending=pending,
        holder=line.holders(session, actor, {public_id: version}, now).get(public_id) if pending else None,
        barred=barred,
        reopenable=not barred
        and version.state == lifecycle.State.APPROVED
        and version.number == _newest(session, product.id),
        decision=desk.decided(session, copy, state, blind=blind) if not pending and not second else None,
        changes=compare.since_before(session, found[0], found[1]) if len(found) > 1 else None,
        lookalikes=drafts.lookalikes(session, actor, copy, product, files),
        checks=evidence.gather(session, [subject])[public_id] if pending or second else (),
        answers=checklist.stored(session, copy, second=second) if second or not blind else {},
        blind=blind,
        report=cases.report_of(session, actor, product.id) if pending else "",
    )


def _newest(session: Session, product_id: int) -> int | None:
    return session.scalar(sa.select(sa.func.max(Version.number)).where(Version.product_id == product_id))
