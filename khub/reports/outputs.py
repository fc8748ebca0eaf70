"""Naming keluaran as evidence in a row: only those of its K/L, and only what serves the row's action."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub import policy
from khub.errors import N_, InvalidError
from khub.products.models import Copy, CopyAction, Product, Version
from khub.products.queries import COLUMNS as PRODUCT_COLUMNS
from khub.reports import evidence
from khub.reports.models import ReportOutput

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy.orm import Session

    from khub.policy import Actor
    from khub.reports.forms import Said
    from khub.reports.models import ReportCopy
    from khub.reports.rows import Spot


def own_products(
    session: Session, actor: Actor, action_ids: Sequence[int], public_ids: Sequence[str] | None = None
) -> dict[int, dict[str, int]]:
    """Return, for each action, the keluaran of the actor's K/L that serve it: public id → id.

    ``public_ids`` None: all of them.
    """
    return _products(session, actor, actor.institutions, action_ids, public_ids)


def named_for(
    session: Session, actor: Actor, spot: Spot, institution_ids: Collection[int], said: Said
) -> list[tuple[evidence.Output, str]]:
    """Return what an entry *atas nama* names with its pages: what these K/L have handed in, no draft."""
    action = spot.row.action.id
    ticked = [each.product for each in said.outputs]
    known = _products(session, actor, institution_ids, [action], ticked).get(action, {}) if ticked else {}
    described = evidence.described(session, actor, known.values(), spot.row.period.id)
    found = []
    for each in said.outputs:
        output = described.get(known.get(each.product, 0))
        if output is None or output.goes_along:
            raise InvalidError.one(
                "outputs",
                N_("%(id)s bukan keluaran yang sudah diajukan K/L ini untuk aksi ini."),
                id=each.product[:20],
            )
        found.append((output, each.pages))
    return found


def _products(
    session: Session,
    actor: Actor,
    institution_ids: Collection[int],
    action_ids: Sequence[int],
    public_ids: Sequence[str] | None,
) -> dict[int, dict[str, int]]:
    query = (
        sa.select(CopyAction.action_id, Product.public_id, Product.id)
        .join(Copy, Copy.id == CopyAction.copy_id)
        .join(Version, Version.id == Copy.version_id)
        .join(Product, Product.id == Version.product_id)
        .where(
            Product.discarded_at.is_(None),
            Product.institution_id.in_(sorted(institution_ids)),
            CopyAction.action_id.in_(action_ids),
            policy.readable(actor, PRODUCT_COLUMNS),
        )
        .distinct()
    )
    if public_ids is not None:
        query = query.where(Product.public_id.in_(public_ids))
    found: dict[int, dict[str, int]] = {}
    for action_id, public_id, product_id in session.execute(query):
        found.setdefault(action_id, {})[public_id] = product_id
    return found


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
    action = spot.row.action.id
    known = own_products(session, actor, [action], fresh).get(action, {}) if fresh else {}
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
