"""Write side of the room: every change is shown before, kept after, and can be taken back."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub import policy
from khub.asked import queries as asked
from khub.audit import chain
from khub.errors import N_, ConflictError, ForbiddenError
from khub.policy import Right
from khub.synonyms import forms, planning, records
from khub.synonyms.effects import EXAMINED, Asked, Preview, same_text
from khub.synonyms.models import SynonymChange, SynonymEpoch

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy.orm import Session

    from indexer.ports import SearchEngine
    from khub.clock import Clock
    from khub.db import Database
    from khub.policy import Actor
    from khub.search.columns import Columns
    from khub.synonyms.effects import Effects
    from khub.synonyms.planning import Brought, Line
    from khub.synonyms.terms import Group, Step

    #: Plans steps in a session, the same way before and while saving.
    Planner = Callable[[Session], tuple[Step, ...]]

STARTER = Path(__file__).with_name("starter.txt")
#: Groups that the trail spells out; a longer list says only how many.
_TOLD = 20


class ChangedSinceError(ConflictError):
    """What was shown is not what would be saved now."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What would happen, its mark, and what recent queries would notice."""

    steps: tuple[Step, ...]
    seen: str
    effects: Effects


class Synonyms:
    """Use cases of the Sekretariat."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        engine: SearchEngine,
        columns: Columns,
    ) -> None:
        self.db = db
        self.clock = clock
        self.engine = engine
        self.columns = columns

    # -- before saving ---------------------------------------------------------------------------

    def look(self, actor: Actor, planner: Planner) -> Plan:
        """Return what ``planner`` would do; raises what it raises."""
        _demand(actor)
        with self.db.read() as session:
            steps = planner(session)
            preview = Preview(session, actor, self.engine, self.columns.table(session), steps)
            return Plan(
                steps,
                planning.mark(session, steps),
                preview.effects(steps, self._asked(session, actor)),
            )

    def _asked(self, session: Session, actor: Actor) -> Asked:
        """Return recent queries; told are one's own, and those that several people asked."""
        told = [each.text for each in asked.frequency(session, actor, self.clock.now()).frequent]
        if actor.person_id is not None:
            told += [each.text for each in asked.recent(session, actor.person_id, EXAMINED)]
        return Asked(asked.latest_texts(session, EXAMINED), frozenset(map(same_text, told)))

    # -- saving ----------------------------------------------------------------------------------

    def save(
        self, actor: Actor, group_id: int | None, wanted: Group, merge: frozenset[int], note: str, seen: str
    ) -> int:
        """Set a group (None: a new one), swallowing those of ``merge``; returns the change's id.

        ``seen`` is the mark of the plan that was shown. Raises ``ClashError``, ``NotFoundError``, and
        ``ChangedSinceError`` when something else was saved meanwhile.
        """
        _demand(actor)
        act = "added" if group_id is None else "edited"
        planner: Planner = lambda session: planning.saving(session, group_id, wanted, merge)  # noqa: E731
        return self._write(actor, act, planner, note, seen)

    def remove(self, actor: Actor, group_id: int, note: str, seen: str) -> int:
        """Take a group away; it stays in the history."""
        _demand(actor)
        return self._write(actor, "removed", lambda session: planning.removing(session, group_id), note, seen)

    def undo(self, actor: Actor, change_id: int, note: str, seen: str) -> int:
        """Bring all groups of a change back to how they were before it; that is a change itself."""
        _demand(actor)
        return self._write(
            actor,
            "undone",
            lambda session: planning.undoing(session, change_id),
            note,
            seen,
            undoes=change_id,
        )

    def bring(self, actor: Actor, lines: Sequence[Line], note: str, seen: str) -> int:
        """Add what a file holds."""
        _demand(actor)
        return self._write(
            actor, "imported", lambda session: planning.bringing(session, lines).steps, note, seen
        )

    def start(self, actor: Actor) -> bool:
        """Load the starter list into a house in which nothing was ever changed; tells whether it did."""
        lines = forms.lines(STARTER.read_bytes())
        with self.db.write() as session:
            if session.scalar(sa.select(SynonymChange.id).limit(1)) is not None:
                return False
            epoch = _tick(session)
            brought: Brought = planning.bringing(session, lines)
            self._keep(session, actor, "starter", brought.steps, "", epoch)
            return True

    def _write(
        self,
        actor: Actor,
        act: str,
        planner: Planner,
        note: str,
        seen: str,
        *,
        undoes: int | None = None,
    ) -> int:
        with self.db.write() as session:
            epoch = _tick(session)  # its row lock: two cannot change groups at once
            steps = planner(session)
            if planning.marked(epoch - 1, steps) != seen:
                raise ChangedSinceError(N_("Ada yang berubah sejak diperiksa. Periksa lagi akibatnya."))
            return self._keep(session, actor, act, steps, note, epoch, undoes=undoes)

    def _keep(
        self,
        session: Session,
        actor: Actor,
        act: str,
        steps: Sequence[Step],
        note: str,
        epoch: int,
        *,
        undoes: int | None = None,
    ) -> int:
        now = self.clock.now()
        change = SynonymChange(
            at=now, person_id=actor.person_id, person=actor.name[:200], act=act, note=note, undoes_id=undoes
        )
        session.add(change)
        session.flush()
        records.write(session, change.id, steps, now)
        told = [
            {"before": records.to_json(step.before), "after": records.to_json(step.after)}
            for step in steps[:_TOLD]
        ]
        chain.append(
            session,
            actor,
            f"synonym.{act}",
            "synonym",
            str(change.id),
            now,
            reason=note,
            facts={"groups": len(steps), "steps": told, "epoch": epoch, "undoes": undoes},
        )
        return change.id


def _demand(actor: Actor) -> None:
    if not policy.holds(actor, Right.REVIEW):
        raise ForbiddenError(N_("Bagian ini untuk Sekretariat."))


def _tick(session: Session) -> int:
    return session.execute(
        sa.update(SynonymEpoch)
        .where(SynonymEpoch.id == 1)
        .values(value=SynonymEpoch.value + 1)
        .returning(SynonymEpoch.value)
    ).scalar_one()
