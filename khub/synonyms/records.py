"""Steps as they are kept: what a group held before and after."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from khub.synonyms.models import SynonymForm, SynonymGroup, SynonymStep
from khub.synonyms.terms import Group, Kind, Step

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session


def to_json(group: Group | None) -> dict[str, Any] | None:
    """Return a group as it is kept in a step."""
    return None if group is None else {"kind": group.kind.value, "forms": list(group.forms)}


def of_json(kept: dict[str, Any] | None) -> Group | None:
    """Return the group that a step kept."""
    return None if kept is None else Group(Kind(kept["kind"]), tuple(kept["forms"]))


def steps_of(session: Session, change_id: int) -> Sequence[SynonymStep]:
    """Return what a change did, in order."""
    return session.scalars(
        sa.select(SynonymStep).where(SynonymStep.change_id == change_id).order_by(SynonymStep.id)
    ).all()


def write(session: Session, change_id: int, steps: Sequence[Step], now: datetime) -> None:
    """Bring the groups to what the steps say, and keep the steps; what goes makes room first."""
    rows = [
        session.get_one(SynonymGroup, step.group_id)
        if step.group_id is not None
        else SynonymGroup(kind="", head="")
        for step in steps
    ]
    session.add_all(rows)
    session.flush()
    session.execute(sa.delete(SynonymForm).where(SynonymForm.group_id.in_([row.id for row in rows])))
    for row, step in zip(rows, steps, strict=True):
        row.removed_at = now if step.after is None else None
        if step.after is not None:
            keys = [" ".join(key) for key in step.after.keys]
            row.kind, row.head = step.after.kind, keys[0]
            session.add_all(
                SynonymForm(group_id=row.id, position=place, kind=step.after.kind, text=text, key=key)
                for place, (text, key) in enumerate(zip(step.after.forms, keys, strict=True))
            )
        session.add(
            SynonymStep(
                change_id=change_id,
                group_id=row.id,
                before=to_json(step.before),
                after=to_json(step.after),
            )
        )
    session.flush()
