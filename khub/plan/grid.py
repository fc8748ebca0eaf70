"""The grid of an action: expected outputs × periods. The frame is the plan's, the filling the products'."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub.plan.directory import Directory
from khub.plan.models import Action, ActionInstitution, ActionYear, ExpectedOutput, Period
from khub.plan.running import current_period
from khub.plan.terms import Duty, PeriodState
from khub.policy import Role

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from khub.policy import Actor

#: (expected output, period); no output: "Keluaran lain".
Place = tuple[int | None, int]


@dataclass(frozen=True, slots=True)
class GridProduct:
    """One keluaran in a cell, as far as the reader may read it."""

    public_id: str
    title: str
    state: str
    institution: str
    files: int
    pages: int


@dataclass(frozen=True, slots=True)
class Filling:
    """What is known of one cell.

    ``state``: the least advanced official state, the same for every signed-in role.
    ``institutions``: ids of the K/L that have handed something in. ``products``: what the reader may read.
    """

    state: str | None
    institutions: frozenset[int]
    products: tuple[GridProduct, ...]


@dataclass(frozen=True, slots=True)
class GridCell:
    """One cell: ``done`` of ``of`` responsible K/L; ``asked``: the action is on that year's table."""

    asked: bool
    state: str | None
    done: int
    of: int
    products: tuple[GridProduct, ...]
    upload: bool


@dataclass(frozen=True, slots=True)
class GridColumn:
    """A period, oldest first; ``running`` is the one that takes reports now."""

    period_id: int
    code: str
    name: str
    running: bool


@dataclass(frozen=True, slots=True)
class GridRow:
    """An expected output; ``output_id`` None is the row of everything else."""

    output_id: int | None
    name: str
    cells: tuple[GridCell, ...]


@dataclass(frozen=True, slots=True)
class ActionGrid:
    """The whole grid."""

    columns: tuple[GridColumn, ...]
    rows: tuple[GridRow, ...]


def build(
    session: Session, actor: Actor, action_id: int, now: datetime, filled: Mapping[Place, Filling]
) -> ActionGrid:
    """Return the grid of an action with ``filled`` in its places.

    The row "Keluaran lain" (name "") is there where something is in it, or where no output is expected.
    """
    action = session.get_one(Action, action_id)
    running = current_period(session, now, action.plan_id)
    columns = session.scalars(
        sa.select(Period)
        .where(Period.plan_id == action.plan_id, Period.state != PeriodState.PLANNED)
        .order_by(Period.ends, Period.starts, Period.id)
    ).all()
    years = set(session.scalars(sa.select(ActionYear.year).where(ActionYear.action_id == action_id)))
    directory = Directory.load(session)
    duties = session.execute(
        sa.select(ActionInstitution.institution_id, ActionInstitution.role).where(
            ActionInstitution.action_id == action_id
        )
    ).all()
    responsible = {directory.head(each) for each, role in duties if role == Duty.RESPONSIBLE}
    involved = {relative for each, _ in duties for relative in directory.family(directory.head(each))}
    may_upload = any(
        grant.role in (Role.MEMBER, Role.OFFICIAL) and grant.institution_id in involved
        for grant in actor.grants
    )

    def cell(output_id: int | None, period: Period) -> GridCell:
        found = filled.get((output_id, period.id), Filling(None, frozenset(), ()))
        done = {directory.head(each) for each in found.institutions} & responsible
        here = running is not None and period.id == running.id
        return GridCell(
            asked=period.year in years,
            state=found.state,
            done=len(done),
            of=len(responsible),
            products=found.products,
            upload=may_upload and here and period.year in years,
        )

    outputs: list[tuple[int | None, str]] = [
        (row.id, row.name)
        for row in session.scalars(
            sa.select(ExpectedOutput)
            .where(ExpectedOutput.action_id == action_id, ExpectedOutput.retired.is_(False))
            .order_by(ExpectedOutput.position, ExpectedOutput.id)
        )
    ]
    if not outputs or any(output_id is None for output_id, _ in filled):
        outputs.append((None, ""))
    return ActionGrid(
        tuple(
            GridColumn(each.id, each.code, each.name, running is not None and each.id == running.id)
            for each in columns
        ),
        tuple(
            GridRow(output_id, name, tuple(cell(output_id, period) for period in columns))
            for output_id, name in outputs
        ),
    )
