"""Reading what can be approved in one press: what waits, with what the machine says of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from khub.review import cases, checks, evidence, line
from khub.review.reserving import free_for

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from khub.policy import Actor
    from khub.review.checks import Check
    from khub.review.line import QueueRow


@dataclass(frozen=True, slots=True)
class Candidate:
    """A waiting item. ``value``: what its check box sends (see ``forms.chosen``).

    ``clean``: the machine finds nothing against it. ``missing``: outputs that were returned or taken back.
    """

    row: QueueRow
    checks: tuple[Check, ...]
    value: str
    missing: tuple[str, ...]

    @property
    def clean(self) -> bool:
        """Tell whether the machine finds nothing against it."""
        return checks.clean(self.checks)

    @property
    def tickable(self) -> bool:
        """Tell whether it can be approved in bulk."""
        return self.clean and not self.missing


def candidates(
    session: Session, actor: Actor, now: datetime, *, offset: int, limit: int
) -> tuple[int, tuple[Candidate, ...]]:
    """Return how many items wait that ``actor`` may decide on, and one page of them, the oldest first."""
    found = [
        each
        for each in line.waiting(session, actor, now)
        if not each.barred and free_for(actor.person_id, each, now)
    ]
    shown = found[offset : offset + limit]
    held = cases.evidence_of_many(session, [each.copy_id for each in shown if each.kind == cases.REPORT])
    said = evidence.gather(
        session, evidence.of_waiting(session, [(each.kind, each.copy_id) for each in shown])
    )
    return len(found), tuple(
        Candidate(
            row=row,
            checks=said[row.public_id],
            value="|".join([cases.seen(row.public_id, row.version, row.snapshot), *_seen(_of(held, each))]),
            missing=tuple(
                output.public_id for output in _of(held, each) if not (output.waits or output.approved)
            ),
        )
        for row, each in zip(line.rows(session, actor, shown, now), shown, strict=True)
    )


def _of(held: dict[int, list[cases.Evidence]], waiting: line.Waiting) -> list[cases.Evidence]:
    return held.get(waiting.copy_id, []) if waiting.kind == cases.REPORT else []


def _seen(outputs: list[cases.Evidence]) -> list[str]:
    return [
        cases.seen(each.public_id, each.version.number, each.copy.number)
        for each in outputs
        if each.waits and each.copy is not None and each.version is not None
    ]
