"""Evidence that goes along when one draft keluaran becomes part of another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub.reports.models import ReportOutput

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def repoint(session: Session, old: int, new: int) -> None:
    """Make rows that name the draft keluaran ``old`` as evidence name ``new``; page numbers stay."""
    already = set(session.scalars(sa.select(ReportOutput.copy_id).where(ReportOutput.product_id == new)))
    for link in session.scalars(sa.select(ReportOutput).where(ReportOutput.product_id == old)).all():
        if link.copy_id not in already:
            session.add(
                ReportOutput(copy_id=link.copy_id, product_id=new, pages=link.pages, position=link.position)
            )
        session.delete(link)
    session.flush()
