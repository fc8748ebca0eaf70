"""What used to hold: facts of the plan are replaced only with a note of since when and until when they held."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub.plan.models import ActionYear, PastFact

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy.orm import Session


def keep(
    session: Session,
    kind: str,
    subject_id: int,
    value: int,
    recorded_at: datetime | None,
    removed_at: datetime,
) -> None:
    """Note a fact ("year", "duty", "successor"; see ``PastFact``) that holds no longer."""
    session.add(
        PastFact(
            kind=kind, subject_id=subject_id, value=value, recorded_at=recorded_at, removed_at=removed_at
        )
    )


def set_years(
    session: Session,
    action_id: int,
    new: Collection[int],
    old: Collection[int],
    *,
    removed_at: datetime,
    learnt: datetime | None,
) -> None:
    """Put an action on the table of exactly the years ``new``; ``learnt``: since when (None: always)."""
    gone = sorted(set(old) - set(new))
    for row in session.scalars(
        sa.select(ActionYear).where(ActionYear.action_id == action_id, ActionYear.year.in_(gone))
    ).all():
        keep(session, "year", action_id, row.year, row.recorded_at, removed_at)
        session.delete(row)
    session.add_all(
        ActionYear(action_id=action_id, year=year, recorded_at=learnt) for year in sorted(set(new) - set(old))
    )
