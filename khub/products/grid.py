"""What stands in the cells of an action's grid, as far as the reader may read it.

Keluaran are content: unlike commitments and reports their existence is no official figure, so a
cell says the same to a reader whether or not there is something in it that he may not see.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub.plan.grid import ActionGrid, Filling, GridProduct, Place, build
from khub.plan.models import ExpectedOutput, Institution
from khub.products import copies
from khub.products.lifecycle import State
from khub.products.models import Copy, CopyAction, CopyFile, File, Product
from khub.products.queries import head_condition, readable_copies, short_name

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from khub.policy import Actor

#: From least to most advanced.
_ORDER = ("withdrawn", State.DRAFT, State.RETURNED, State.SUBMITTED, State.APPROVED, State.LOCKED)
#: A cell shows so many titles; the list of keluaran has them all.
_LIMIT = 500


def action_grid(session: Session, actor: Actor, action_id: int, now: datetime) -> ActionGrid:
    """Return the grid of an action: expected outputs × periods, filled with readable keluaran."""
    found = session.execute(
        readable_copies(actor)
        .add_columns(CopyAction.output_id, ExpectedOutput.retired, Institution)
        .join(CopyAction, CopyAction.copy_id == Copy.id)
        .outerjoin(ExpectedOutput, ExpectedOutput.id == CopyAction.output_id)
        .join(Institution, Institution.id == Product.institution_id)
        .where(CopyAction.action_id == action_id, Copy.period_id.is_not(None), head_condition(actor))
        .order_by(Copy.submitted_at.desc().nulls_last(), Product.id.desc())
        .limit(_LIMIT)
    ).all()
    sizes = {
        copy_id: (files, int(pages or 0))
        for copy_id, files, pages in session.execute(
            sa.select(CopyFile.copy_id, sa.func.count(), sa.func.sum(File.page_count))
            .join(File, File.id == CopyFile.file_id)
            .where(CopyFile.copy_id.in_([row[0].id for row in found]))
            .group_by(CopyFile.copy_id)
        )
    }
    cells: dict[Place, Filling] = {}
    for copy, version, product, output_id, retired, institution in found:
        if copy.period_id is None:
            continue
        place = (None if retired else output_id, copy.period_id)
        before = cells.get(place, Filling(None, frozenset(), ()))
        state = copies.status_of(copy, version)
        handed_in = state in (State.SUBMITTED, State.APPROVED, State.LOCKED)
        files, pages = sizes.get(copy.id, (0, 0))
        cells[place] = Filling(
            state=state if before.state is None else min(before.state, state, key=_ORDER.index),
            institutions=before.institutions | ({product.institution_id} if handed_in else set()),
            products=(
                *before.products,
                GridProduct(
                    public_id=product.public_id,
                    title=copy.title,
                    state=state,
                    institution=short_name(institution),
                    files=files,
                    pages=pages,
                ),
            ),
        )
    return build(session, actor, action_id, now, cells)
