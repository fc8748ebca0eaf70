"""Naming keluaran as evidence in a row: only the K/L's own, and only what serves the row's action."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub import policy
from khub.errors import N_, InvalidError
from khub.products.models import Copy, CopyAction, Product, Version
from khub.products.queries import COLUMNS as PRODUCT_COLUMNS
from khub.reports.models import ReportOutput

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from khub.policy import Actor
    from khub.reports.forms import Said
    from khub.reports.models import ReportCopy
    from khub.reports.rows import Spot


def own_products(session: Session, actor: Actor, spot: Spot, public_ids: Sequence[str]) -> dict[str, int]:
    """Return, of these keluaran, those of the actor's K/L that serve the row's action."""
    found = session.execute(
        sa.select(Product.public_id, Product.id)
        .join(Version, Version.product_id == Product.id)
        .join(Copy, Copy.version_id == Version.id)
        .join(CopyAction, CopyAction.copy_id == Copy.id)
        .where(
            Product.public_id.in_(public_ids),
            Product.discarded_at.is_(None),
            Product.institution_id.in_(sorted(actor.institutions)),
            CopyAction.action_id == spot.row.action.id,
            policy.readable(actor, PRODUCT_COLUMNS),
        )
        .distinct()
    )
    return {public_id: product_id for public_id, product_id in found}  # noqa: C416 - rows are not pairs to a type checker


def link(session: Session, actor: Actor, spot: Spot, working: ReportCopy, said: Said) -> None:
    """Make the outputs ticked those of the row; what the form did not show stays as it is."""
    linked = {
        public_id: link
        for link, public_id in session.execute(
            sa.select(ReportOutput, Product.public_id)
            .join(Product, Product.id == ReportOutput.product_id)
            .where(ReportOutput.copy_id == working.id)
        )
    }
    chosen = {each.product: each.pages for each in said.outputs}
    for public_id in said.listed & linked.keys() - chosen.keys():
        session.delete(linked[public_id])
    fresh = [public_id for public_id in chosen if public_id not in linked]
    known = own_products(session, actor, spot, fresh) if fresh else {}
    if unknown := [public_id for public_id in fresh if public_id not in known]:
        raise InvalidError.one(
            "outputs", N_("%(id)s bukan keluaran K/L Anda untuk aksi ini."), id=unknown[0][:20]
        )
    session.flush()
    for public_id, pages in chosen.items():
        if public_id in linked:
            linked[public_id].pages = pages
        else:
            add(session, working.id, known[public_id], pages)


def add(session: Session, copy_id: int, product_id: int, pages: str) -> None:
    """Put an output at the end of a copy."""
    last = session.scalar(
        sa.select(sa.func.max(ReportOutput.position)).where(ReportOutput.copy_id == copy_id)
    )
    session.add(ReportOutput(copy_id=copy_id, product_id=product_id, pages=pages, position=(last or 0) + 1))
    session.flush()
