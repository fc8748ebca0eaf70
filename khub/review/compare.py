"""What a snapshot says differently from the one a reviewer saw before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from khub.plan.models import Period
from khub.products import copies
from khub.products.queries import actions_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    import sqlalchemy as sa
    from sqlalchemy.orm import Session

    from khub.products.models import Copy, Product, Version


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that differs: title, period, actions or files; what went and what came."""

    name: str
    gone: tuple[str, ...]
    came: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Changes:
    """Differences from an earlier snapshot, with what was decided on that and why."""

    version: int
    snapshot: int
    state: str
    decided_at: datetime | None
    note: str
    changes: tuple[Change, ...]
    kept_files: int


def since_before(
    session: Session, now: sa.Row[Copy, Version, Product], before: sa.Row[Copy, Version, Product]
) -> Changes:
    """Compare the snapshot ``now`` with ``before``, the last earlier one that the reader may read."""
    copy, earlier = now[0], before[0]
    actions = actions_of(session, [copy.id, earlier.id])
    files = {c.id: copies.files_of(session, c.id) for c in (copy, earlier)}
    bytes_of = {key: {file.sha256 for file in held} for key, held in files.items()}
    found = [
        _change("title", [earlier.title], [copy.title]),
        _change("period", _period(session, earlier), _period(session, copy)),
        _change(
            "actions",
            [action.code for action in actions.get(earlier.id, ())],
            [action.code for action in actions.get(copy.id, ())],
        ),
        Change(
            "files",
            tuple(file.name for file in files[earlier.id] if file.sha256 not in bytes_of[copy.id]),
            tuple(file.name for file in files[copy.id] if file.sha256 not in bytes_of[earlier.id]),
        ),
    ]
    return Changes(
        version=before[1].number,
        snapshot=earlier.number,
        state=copies.status_of(earlier, before[1]),
        decided_at=earlier.decided_at,
        note=earlier.note,
        changes=tuple(change for change in found if change.gone or change.came),
        kept_files=len(bytes_of[copy.id] & bytes_of[earlier.id]),
    )


def _change(name: str, before: Sequence[str], now: Sequence[str]) -> Change:
    return Change(
        name,
        tuple(value for value in before if value not in now),
        tuple(value for value in now if value not in before),
    )


def _period(session: Session, copy: Copy) -> list[str]:
    period = session.get(Period, copy.period_id) if copy.period_id is not None else None
    return [period.name] if period is not None else []
