"""Write a faultless import into the plan tables, in the caller's transaction."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub.plan import names, past, stored
from khub.plan.directory import Directory
from khub.plan.models import (
    Action,
    ActionInstitution,
    Branch,
    ExpectedOutput,
    Focus,
    Institution,
    Plan,
    Pokja,
)
from khub.plan.terms import Duty
from khub.policy import Classification

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from khub.plan.catalogue import Catalogue, Entry
    from khub.plan.comparison import ImportPlan
    from khub.plan.stored import StoredAction

#: Perpres 7/2021, pilar 2 (law enforcement, witnesses and victims): its keluaran start restricted.
_RESTRICTED = ("Pilar", "2")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)", re.ASCII)


def write(session: Session, catalogue: Catalogue, planned: ImportPlan, now: datetime) -> list[int]:
    """Carry ``planned`` (free of problems, just computed in this session) out.

    Returns the ids of the actions whose facts changed, those under a renamed pilar or fokus included.
    """
    writer = _Writer(session, catalogue, now)
    writer.add_institutions(planned)
    by_plan: dict[str, list[Entry]] = defaultdict(list)
    for entry in catalogue.entries:
        by_plan[stored.plan_code(entry.plan)].append(entry)
    touched = {(change.plan, change.code) for change in (*planned.added, *planned.changed)}
    for code, entries in by_plan.items():
        writer.plan(code, entries, {action for plan, action in touched if plan == code})
    session.flush()
    return sorted(writer.changed)


class _Writer:
    def __init__(self, session: Session, catalogue: Catalogue, now: datetime) -> None:
        self.session = session
        self.catalogue = catalogue
        self.now = now
        self.directory = Directory.load(session)
        self.made: dict[str, int] = {}
        self.changed: set[int] = set()
        #: When khub learns what is written now; None while a plan is new: it has always known that.
        self.learnt: datetime | None = now

    def add_institutions(self, planned: ImportPlan) -> None:
        taken: list[str] = []
        for new in planned.new_institutions:
            code = self.directory.free_code(new.name, taken)
            taken.append(code)
            institution = Institution(code=code, name=new.name)
            self.session.add(institution)
            self.session.flush()
            self.made[names.fold(new.name)] = institution.id

    def plan(self, code: str, entries: list[Entry], touched: set[str]) -> None:
        known = stored.find_plan(self.session, entries[0].plan)
        self.learnt = self.now if known is not None else None
        plan = known or self._new_plan(code, entries)
        present = stored.actions(self.session, plan.id)
        branches = {
            branch.code: branch
            for branch in self.session.scalars(sa.select(Branch).where(Branch.plan_id == plan.id))
        }
        focuses = {
            (focus.branch_id, focus.code): focus
            for focus in self.session.scalars(
                sa.select(Focus).join(Branch, Branch.id == Focus.branch_id).where(Branch.plan_id == plan.id)
            )
        }
        for entry in entries:
            branch = branches.get(entry.branch_code)
            if branch is None:
                branch = branches[entry.branch_code] = self._new_branch(plan, entry)
            elif branch.name != entry.branch:
                branch.name = entry.branch
                self._note_all(Focus.branch_id == branch.id)
            focus = focuses.get((branch.id, entry.focus_code))
            if focus is None:
                focus = Focus(branch_id=branch.id, code=entry.focus_code, name=entry.focus)
                self.session.add(focus)
                self.session.flush()
                focuses[branch.id, entry.focus_code] = focus
            elif focus.name != entry.focus:
                focus.name = entry.focus
                self._note_all(Focus.id == focus.id)
            if entry.code in touched:
                self._action(plan, focus, entry, present.get(entry.code))

    def _new_plan(self, code: str, entries: Iterable[Entry]) -> Plan:
        name = next(iter(entries)).plan
        years = sorted(
            map(int, _YEAR.findall(name))
            if len(_YEAR.findall(name)) > 1
            else {year for entry in entries for year in entry.years}
        )
        plan = Plan(
            code=code,
            name=name,
            branch_label=self.catalogue.label,
            year_from=years[0] if years else None,
            year_to=years[-1] if years else None,
            created_at=self.now,
        )
        self.session.add(plan)
        self.session.flush()
        return plan

    def _new_branch(self, plan: Plan, entry: Entry) -> Branch:
        restricted = (plan.branch_label, entry.branch_code) == _RESTRICTED
        branch = Branch(
            plan_id=plan.id,
            code=entry.branch_code,
            name=entry.branch,
            classification=Classification.RESTRICTED if restricted else Classification.INTERNAL,
        )
        self.session.add(branch)
        self.session.flush()
        self.session.add(self._new_pokja(plan, branch))
        self.session.flush()
        return branch

    def _new_pokja(self, plan: Plan, branch: Branch) -> Pokja:
        code, name = stored.free_pokja(self.session, plan.branch_label, branch.code, plan.name)
        return Pokja(code=code, name=name, branch_id=branch.id)

    def _action(self, plan: Plan, focus: Focus, entry: Entry, known: StoredAction | None) -> None:
        action = self.session.get(Action, known.id) if known else None
        if action is None:
            action = Action(plan_id=plan.id, focus_id=focus.id, code=entry.code, title=entry.title)
            self.session.add(action)
        action.focus_id, action.title, action.measure = focus.id, entry.title, entry.measure
        if entry.source is not None:
            action.source = entry.source
        self.session.flush()
        self._duties(action.id, Duty.RESPONSIBLE, entry.responsible, known.responsible if known else ())
        self._duties(action.id, Duty.RELATED, entry.related, known.related if known else ())
        self._years(action.id, entry.years, known.years if known else ())
        if known is None or known.outputs != entry.outputs:
            self._outputs(action.id, entry.outputs)
        self.changed.add(action.id)

    def _duties(self, action_id: int, role: Duty, texts: Iterable[str], old: tuple[int, ...]) -> None:
        new = tuple(
            found[0].id if (found := self.directory.find(text)) else self.made[names.fold(text)]
            for text in texts
        )
        if new == old:
            return
        rows = {
            row.institution_id: row
            for row in self.session.scalars(
                sa.select(ActionInstitution).where(
                    ActionInstitution.action_id == action_id, ActionInstitution.role == role
                )
            )
        }
        for gone in rows.keys() - set(new):
            if role is Duty.RESPONSIBLE:
                past.keep(self.session, "duty", action_id, gone, rows[gone].recorded_at, self.now)
            self.session.delete(rows[gone])
        for position, each in enumerate(new):
            if each in rows:
                rows[each].position = position
            else:
                self.session.add(
                    ActionInstitution(
                        action_id=action_id,
                        institution_id=each,
                        role=role,
                        position=position,
                        recorded_at=self.learnt,
                    )
                )

    def _years(self, action_id: int, new: tuple[int, ...], old: tuple[int, ...]) -> None:
        past.set_years(self.session, action_id, new, old, removed_at=self.now, learnt=self.learnt)

    def _outputs(self, action_id: int, wanted: tuple[str, ...]) -> None:
        """Keep the row of every expected output that stays: keluaran point at it."""
        rows = self.session.scalars(
            sa.select(ExpectedOutput).where(ExpectedOutput.action_id == action_id).order_by(ExpectedOutput.id)
        ).all()
        by_name: dict[str, ExpectedOutput] = {}
        for row in rows:
            if row.name not in by_name or by_name[row.name].retired:
                by_name[row.name] = row
            row.retired = True
        for position, name in enumerate(wanted):
            row = by_name.get(name) or ExpectedOutput(action_id=action_id, name=name, position=position)
            row.position, row.retired = position, False
            self.session.add(row)

    def _note_all(self, condition: sa.ColumnElement[bool]) -> None:
        self.changed.update(
            self.session.scalars(
                sa.select(Action.id).join(Focus, Focus.id == Action.focus_id).where(condition)
            )
        )
