"""The ledger: who owes what for which action, and where it stands, as khub had it recorded at an instant.

Official facts, the same for every signed-in role; nothing that anybody wrote is in it. Every number,
matrix, list of who has not reported, export and mail is computed from here, so that they agree.

``until`` is the second clock: what khub had recorded by then. A period that was closed by then is read
with the duties and commitments as they stood when it closed. K/L that replaced one another count once,
under the last of them that khub knew of.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from khub.cycle import source as reading
from khub.cycle.facts import ORDER, ActionFacts, Owed, PeriodFacts, Row, Unit
from khub.plan.deadlines import extensions_of, in_force
from khub.plan.terms import Answer, Part

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date, datetime

    from sqlalchemy.orm import Session

_PLACE = {state: place for place, state in enumerate(ORDER)}


class Ledger:
    """The facts of one plan as recorded ``until``; build with ``read``."""

    def __init__(
        self,
        until: datetime,
        actions: tuple[ActionFacts, ...],
        periods: tuple[PeriodFacts, ...],
        source: reading.Source,
        reported: Mapping[int, Mapping[int, Sequence[reading.Reported]]],
        extensions: Mapping[int, Mapping[tuple[int | None, int | None], datetime]],
    ) -> None:
        self.until = until
        self.actions = actions
        self.periods = periods
        self._by_id = {action.id: action for action in actions}
        self._place = {action.id: place for place, action in enumerate(actions)}
        self._source = source
        self._reported = reported
        self._extensions = extensions
        self._worlds: dict[datetime, reading.World] = {}
        self._rows: dict[int, tuple[Row, ...]] = {}
        self._units: dict[tuple[int, date | None], Unit] = {}

    def period(self, period_id: int) -> PeriodFacts:
        """Return a period of this ledger. Raises ``KeyError``."""
        return next(each for each in self.periods if each.id == period_id)

    def on_table(self, year: int) -> tuple[ActionFacts, ...]:
        """Return the actions on the table of ``year``, in the plan's order."""
        listed = self._world(self.until).on_table.get(year, set())
        return tuple(action for action in self.actions if action.id in listed)

    def years(self) -> tuple[int, ...]:
        """Return the years that have a table, oldest first."""
        return tuple(sorted(year for year, listed in self._world(self.until).on_table.items() if listed))

    def owed(self, year: int) -> tuple[Owed, ...]:
        """Return every commitment asked for ``year``: action by action, K/L in the plan's order."""
        world = self._world(self.until)
        answers = world.answers(year)
        found = []
        for action in self.on_table(year):
            for head in world.duties.get(action.id, ()):
                answer, at = answers.get((action.id, head), ("", None))
                found.append(Owed(action, self._unit(head, None), year, answer, at))
        return tuple(found)

    def rows(self, period_id: int) -> tuple[Row, ...]:
        """Return every row of a period that is asked for or was reported on, in the plan's order."""
        if period_id not in self._rows:
            self._rows[period_id] = tuple(self._of_period(self.period(period_id)))
        return self._rows[period_id]

    def head(self, institution_id: int) -> int:
        """Return the last successor of a K/L that khub knew of."""
        return self._world(self.until).heads[institution_id]

    def unit(self, institution_id: int, day: date | None = None) -> Unit:
        """Return a K/L under its last successor's id, called as it was on ``day`` (None: as it is)."""
        return self._unit(self.head(institution_id), day)

    def _world(self, at: datetime) -> reading.World:
        if at not in self._worlds:
            self._worlds[at] = reading.World(self._source, at)
        return self._worlds[at]

    def _unit(self, head: int, day: date | None, bearer: int | None = None) -> Unit:
        key = (bearer or head, day)
        if key not in self._units or self._units[key].id != head:
            directory = self._source.directory
            if bearer is not None:
                item = directory.by_id[bearer]
            elif day is None:
                item = directory.by_id[head]
            else:
                item = directory.bearer_at(head, day)
            self._units[key] = Unit(head, directory.by_id[head].code, item.name, item.short)
        return self._units[key]

    def _of_period(self, period: PeriodFacts) -> Iterable[Row]:
        world = self._world(min(self.until, period.closed_at or self.until))
        listed = world.on_table.get(period.year, set())
        reported = self._reported.get(period.id, {})
        everybody = frozenset(period.parts)
        some = everybody - {Part.PROGRESS}
        answers = world.answers(period.year)
        extended = bool(self._extensions.get(period.id))
        for action_id in sorted(listed | reported.keys(), key=self._place.__getitem__):
            by_head: dict[int, reading.Reported] = {}
            for each in reported.get(action_id, ()):
                head = world.heads[each.institution]
                if head not in by_head or _PLACE[each.state] > _PLACE[by_head[head].state]:
                    by_head[head] = each
            asked = world.duties.get(action_id, ()) if action_id in listed else ()
            for head in (*asked, *(head for head in by_head if head not in asked)):
                report = by_head.get(head)
                answer = answers.get((action_id, head), ("", None))[0]
                yield Row(
                    self._by_id[action_id],
                    self._unit(head, period.ends, report.institution if report else None),
                    period,
                    answer,
                    (everybody if answer == Answer.YES else some) if head in asked else frozenset(),
                    report.state if report else "",
                    report.public_id if report else "",
                    report.pressed_at if report else None,
                    self._deadline(world, period, action_id, head) if extended else period.deadline,
                    report.in_review if report else False,
                )

    def _deadline(self, world: reading.World, period: PeriodFacts, action_id: int, head: int) -> datetime:
        granted = self._extensions[period.id]
        return in_force(
            period.deadline, granted, (action_id,), lambda institution: world.heads[institution] == head
        )


def read(
    session: Session, plan_id: int, until: datetime, *, period_ids: Sequence[int] | None = None
) -> Ledger:
    """Return the ledger of a plan as recorded ``until``, in at most eleven statements.

    ``period_ids``: the periods whose reports are wanted (None: all of the plan, () : none).
    """
    actions = reading.actions_of(session, plan_id)
    periods = reading.periods_of(session, plan_id, until, period_ids)
    ids = [period.id for period in periods]
    return Ledger(
        until,
        actions,
        periods,
        reading.load(session, plan_id, until),
        reading.reports_of(session, ids, until),
        extensions_of(session, ids, until),
    )
