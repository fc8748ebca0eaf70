"""Reading K/L: a list, one with its names and duties."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub.cycle import numbers
from khub.cycle.facts import Unit as Owing
from khub.errors import NotFoundError
from khub.plan import institutions, names
from khub.plan.directory import Directory
from khub.plan.models import Action, ActionInstitution, Branch, Focus, Institution, Plan
from khub.plan.queries import MAX_SEARCH, InstitutionLink, link, plan_called
from khub.plan.terms import Duty

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from khub.plan.directory import Listed
    from khub.policy import Actor


@dataclass(frozen=True, slots=True)
class InstitutionRow:
    """A K/L in a list: numbers of actions it answers for and is related to."""

    code: str
    name: str
    abbreviation: str
    successor: InstitutionLink | None
    responsible: int
    related: int


@dataclass(frozen=True, slots=True)
class InstitutionList:
    """One page of K/L and how many there are."""

    total: int
    rows: tuple[InstitutionRow, ...]


@dataclass(frozen=True, slots=True)
class DutyRow:
    """An action that a K/L answers for or is related to; ``role`` is a code of ``terms.Duty``."""

    plan: str
    code: str
    title: str
    role: str


@dataclass(frozen=True, slots=True)
class InstitutionFacts:
    """A K/L with its names, its place among predecessors and successors, and one page of its actions.

    ``seen`` marks the facts an edit starts from.
    """

    code: str
    name: str
    abbreviation: str
    aliases: tuple[str, ...]
    valid_from: date | None
    valid_to: date | None
    official_submits: bool
    successor: InstitutionLink | None
    predecessors: tuple[InstitutionLink, ...]
    total: int
    duties: tuple[DutyRow, ...]
    seen: str


def institution_list(
    session: Session,
    actor: Actor,
    text: str,
    now: datetime,
    *,
    plan: str = "",
    year: int = 0,
    answer: str = "",
    page: int,
    size: int,
) -> InstitutionList:
    """Return one page of the K/L whose names hold every word of ``text``.

    With ``year``: those that owe an answer in it; ``answer`` "yes" or "none" narrows to their answers.
    """
    directory = Directory.load(session)
    found: Iterable[Listed] = directory.by_id.values()
    if year:
        ledger = numbers.of_year(session, plan_called(session, actor, plan, now).id, now)
        involved = numbers.involved(ledger, year)
        asked = {
            "yes": involved.counted,
            "none": involved.missing,
        }.get(answer, (*involved.counted, *involved.missing))
        ids = {unit.id for unit in asked if isinstance(unit, Owing)}
        found = [item for item in found if item.id in ids]
    words = names.fold(text[:MAX_SEARCH]).split()
    found = [item for item in found if all(any(word in key for key in item.keys) for word in words)]
    found.sort(key=lambda item: names.natural(names.fold(item.name)))
    shown = found[(page - 1) * size : page * size]
    counts = {
        (institution_id, role): count
        for institution_id, role, count in session.execute(
            sa.select(ActionInstitution.institution_id, ActionInstitution.role, sa.func.count())
            .where(ActionInstitution.institution_id.in_([item.id for item in shown]))
            .group_by(ActionInstitution.institution_id, ActionInstitution.role)
        )
    }
    return InstitutionList(
        len(found),
        tuple(
            InstitutionRow(
                item.code,
                item.name,
                item.abbreviation,
                link(directory, item.successor_id, now) if item.successor_id is not None else None,
                counts.get((item.id, Duty.RESPONSIBLE), 0),
                counts.get((item.id, Duty.RELATED), 0),
            )
            for item in shown
        ),
    )


def institution(
    session: Session, _actor: Actor, code: str, now: datetime, *, page: int = 1, size: int = 50
) -> InstitutionFacts:
    """Return a K/L by code; ``NotFoundError`` when there is none."""
    row = session.scalar(sa.select(Institution).where(Institution.code == code))
    if row is None:
        raise NotFoundError
    directory = Directory.load(session)
    item = directory.by_id[row.id]
    # An action may name the K/L under an older name: the family's duties are its duties.
    family = directory.family(row.id)
    duties = sorted(
        session.execute(
            sa.select(
                ActionInstitution.role,
                Plan.code.label("plan"),
                Branch.code,
                Focus.code,
                Action.code,
                Action.id,
            )
            .join(Action, Action.id == ActionInstitution.action_id)
            .join(Focus, Focus.id == Action.focus_id)
            .join(Branch, Branch.id == Focus.branch_id)
            .join(Plan, Plan.id == Action.plan_id)
            .where(ActionInstitution.institution_id.in_(family))
            .distinct()
        ),
        key=lambda each: (each[0] != Duty.RESPONSIBLE, each[1], *map(names.natural, each[2:5])),
    )
    shown = duties[(page - 1) * size : page * size]
    titles = dict(
        session.execute(
            sa.select(Action.id, Action.title).where(Action.id.in_([each[5] for each in shown]))
        ).all()
    )
    return InstitutionFacts(
        code=item.code,
        name=item.name,
        abbreviation=item.abbreviation,
        aliases=item.aliases,
        valid_from=item.valid_from,
        valid_to=item.valid_to,
        official_submits=row.official_submits,
        successor=link(directory, item.successor_id, now) if item.successor_id is not None else None,
        predecessors=tuple(
            InstitutionLink(old.code, old.short, old.name)
            for old in directory.by_id.values()
            if old.successor_id == item.id
        ),
        total=len(duties),
        duties=tuple(DutyRow(each[1], each[4], titles[each[5]], each[0]) for each in shown),
        seen=institutions.seen(item, official_submits=row.official_submits),
    )
