"""Official numbers: each one query, one label, one definition; the same for every signed-in role.

``until`` is the second clock: what khub had recorded by then. K/L that replaced one another count
once, under the last of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub.errors import N_
from khub.plan import names
from khub.plan.models import (
    Action,
    ActionInstitution,
    ActionYear,
    Branch,
    Commitment,
    Focus,
    Institution,
)
from khub.plan.terms import Answer, Duty

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Definition:
    """What a number is called and what it counts; both are msgids, ``%(year)s`` its year."""

    label: str
    meaning: str


IN_PLAN = Definition(N_("Aksi dalam rencana"), N_("Semua aksi rencana ini, tahun mana pun."))
ON_TABLE = Definition(N_("Aksi dalam daftar %(year)s"), N_("Aksi rencana ini yang masuk daftar tahun itu."))
COMMITTED = Definition(
    N_("Aksi berkomitmen %(year)s"), N_("Paling sedikit satu penanggung jawab menjawab ya dan mengajukan.")
)
INVOLVED = Definition(
    N_("K/L terlibat %(year)s"), N_("K/L penanggung jawab dengan paling sedikit satu jawaban ya.")
)


@dataclass(frozen=True, slots=True)
class Figure:
    """``count`` of ``total`` things (``total`` None: a plain count), as recorded until ``until``."""

    definition: Definition
    count: int
    total: int | None = None
    year: int | None = None
    until: datetime | None = None

    @property
    def percent(self) -> int | None:
        """Return the share in whole percent, half rounded up; ``None`` where there is nothing to share."""
        if not self.total:
            return None
        return (200 * self.count + self.total) // (2 * self.total)


@dataclass(frozen=True, slots=True)
class BranchFigure:
    """A figure of one pilar or tema."""

    code: str
    name: str
    figure: Figure


def in_plan(session: Session, plan_id: int) -> Figure:
    """Count the actions of a plan."""
    count = session.scalar(sa.select(sa.func.count()).select_from(Action).where(Action.plan_id == plan_id))
    return Figure(IN_PLAN, count or 0)


def on_table(session: Session, plan_id: int, year: int) -> Figure:
    """Count the actions on the table of ``year``."""
    count = session.scalar(
        sa.select(sa.func.count())
        .select_from(ActionYear)
        .join(Action, Action.id == ActionYear.action_id)
        .where(Action.plan_id == plan_id, ActionYear.year == year)
    )
    return Figure(ON_TABLE, count or 0, year=year)


def committed_by_branch(session: Session, plan_id: int, year: int, until: datetime) -> list[BranchFigure]:
    """Count, for each branch, the committed actions among those on the table of ``year``."""
    yes = committed_actions(year, until)
    rows = session.execute(
        sa.select(
            Branch.code,
            Branch.name,
            sa.func.count(ActionYear.action_id),
            sa.func.count(yes.c.action_id),
        )
        .join(Focus, Focus.branch_id == Branch.id)
        .join(Action, Action.focus_id == Focus.id)
        .join(ActionYear, sa.and_(ActionYear.action_id == Action.id, ActionYear.year == year))
        .outerjoin(yes, yes.c.action_id == Action.id)
        .where(Branch.plan_id == plan_id)
        .group_by(Branch.id, Branch.code, Branch.name)
    )
    found = [
        BranchFigure(code, name, Figure(COMMITTED, count, total, year, until))
        for code, name, total, count in rows
    ]
    return sorted(found, key=lambda each: names.natural(each.code))


def total(branches: list[BranchFigure], year: int, until: datetime) -> Figure:
    """Add the branches' figures up: a total is never asked for apart from its parts."""
    return Figure(
        COMMITTED,
        sum(each.figure.count for each in branches),
        sum(each.figure.total or 0 for each in branches),
        year,
        until,
    )


def committed(session: Session, plan_id: int, year: int, until: datetime) -> Figure:
    """Count the committed actions among those on the table of ``year``."""
    return total(committed_by_branch(session, plan_id, year, until), year, until)


def involved(session: Session, plan_id: int, year: int, until: datetime) -> Figure:
    """Count the K/L responsible for an action on the table of ``year``, and those with a yes among them."""
    owed, answers = _owed_and_answered(year, until)
    count, everybody = session.execute(
        sa.select(
            sa.func.count(sa.distinct(sa.case((answers.c.answer == Answer.YES, owed.c.head)))),
            sa.func.count(sa.distinct(owed.c.head)),
        )
        .select_from(owed)
        .join(Action, Action.id == owed.c.action_id)
        .outerjoin(answers, sa.and_(answers.c.action_id == owed.c.action_id, answers.c.head == owed.c.head))
        .where(Action.plan_id == plan_id)
    ).one()
    return Figure(INVOLVED, count, everybody, year, until)


def answers_of_action(session: Session, action_id: int, year: int, until: datetime) -> Figure:
    """Count the responsible K/L of one action that answered yes."""
    owed, answers = _owed_and_answered(year, until)
    count, everybody = session.execute(
        sa.select(
            sa.func.count(sa.case((answers.c.answer == Answer.YES, owed.c.head))),
            sa.func.count(),
        )
        .select_from(owed)
        .outerjoin(answers, sa.and_(answers.c.action_id == owed.c.action_id, answers.c.head == owed.c.head))
        .where(owed.c.action_id == action_id)
    ).one()
    return Figure(COMMITTED, count, everybody, year, until)


def committed_actions(year: int, until: datetime) -> sa.Subquery:
    """Return the query of ``action_id`` with a yes of a responsible K/L, for filters and counts."""
    owed, answers = _owed_and_answered(year, until)
    return (
        sa.select(owed.c.action_id)
        .join(answers, sa.and_(answers.c.action_id == owed.c.action_id, answers.c.head == owed.c.head))
        .where(answers.c.answer == Answer.YES)
        .distinct()
        .subquery("committed")
    )


def institutions_with_yes(year: int, until: datetime, plan_id: int) -> tuple[sa.Subquery, sa.Subquery]:
    """Return the queries of ``head``: K/L owing an answer in ``year``, and those of them with a yes."""
    owed, answers = _owed_and_answered(year, until)
    within = (
        sa.select(owed.c.head).join(Action, Action.id == owed.c.action_id).where(Action.plan_id == plan_id)
    )
    said = within.join(
        answers, sa.and_(answers.c.action_id == owed.c.action_id, answers.c.head == owed.c.head)
    ).where(answers.c.answer == Answer.YES)
    return within.distinct().subquery("asked"), said.distinct().subquery("agreed")


def answers_given(session: Session, action_id: int, year: int, until: datetime) -> dict[int, str]:
    """Return the last answer of each K/L (its last successor's id) for an action and a year."""
    latest = _latest(heads(), year, until)
    rows = session.execute(sa.select(latest.c.head, latest.c.answer).where(latest.c.action_id == action_id))
    return dict(rows.all())


def heads() -> sa.Subquery:
    """Return the query of (id, head): each K/L with the last of its successors."""
    chain = sa.select(
        Institution.id.label("id"), Institution.id.label("head"), Institution.successor_id.label("next")
    ).cte("chain", recursive=True)
    later = sa.orm.aliased(Institution)
    chain = chain.union(sa.select(chain.c.id, later.id, later.successor_id).where(later.id == chain.c.next))
    return sa.select(chain.c.id, chain.c.head).where(chain.c.next.is_(None)).subquery("heads")


def _owed_and_answered(year: int, until: datetime) -> tuple[sa.Subquery, sa.Subquery]:
    """Return (action_id, head) asked for a commitment, and (action_id, head, answer) as recorded."""
    head = heads()
    return _owed(head, year), _latest(head, year, until)


def _owed(head: sa.Subquery, year: int) -> sa.Subquery:
    return (
        sa.select(ActionInstitution.action_id, head.c.head)
        .join(head, head.c.id == ActionInstitution.institution_id)
        .join(
            ActionYear,
            sa.and_(ActionYear.action_id == ActionInstitution.action_id, ActionYear.year == year),
        )
        .where(ActionInstitution.role == Duty.RESPONSIBLE)
        .distinct()
        .subquery("owed")
    )


def _latest(head: sa.Subquery, year: int, until: datetime) -> sa.Subquery:
    ranked = (
        sa.select(
            Commitment.action_id,
            head.c.head,
            Commitment.answer,
            sa.func.row_number()
            .over(
                partition_by=(Commitment.action_id, head.c.head),
                order_by=(Commitment.recorded_at.desc(), Commitment.id.desc()),
            )
            .label("place"),
        )
        .join(head, head.c.id == Commitment.institution_id)
        .where(Commitment.year == year, Commitment.recorded_at <= until)
        .subquery("ranked")
    )
    return (
        sa.select(ranked.c.action_id, ranked.c.head, ranked.c.answer)
        .where(ranked.c.place == 1)
        .subquery("latest")
    )
