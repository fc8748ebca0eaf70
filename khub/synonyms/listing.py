"""Reading the room: groups, names of K/L, history."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from indexer.query import terms_of
from khub.errors import NotFoundError
from khub.synonyms import queries
from khub.synonyms.models import SynonymChange, SynonymStep
from khub.synonyms.records import of_json, steps_of
from khub.synonyms.terms import Group, Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from khub.policy import Actor
    from khub.synonyms.naming import Named

#: Steps that a page of one change spells out.
STEPS_SHOWN = 200
_PAST_SHOWN = 20


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A group in a list."""

    id: int
    group: Group


@dataclass(frozen=True, slots=True)
class GroupList:
    """One page of groups; ``counts``: groups by kind, K/L under "named", under the words searched for."""

    counts: dict[str, int]
    rows: tuple[GroupRow, ...]
    named: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class StepRow:
    """What a change did to a group."""

    group_id: int
    before: Group | None
    after: Group | None


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """A change; ``undone`` is when it was taken back, ``undoes`` the change it takes back."""

    id: int
    at: datetime
    person: str
    act: str
    note: str
    undoes: int | None
    undone: datetime | None
    groups: int
    #: The one that says most: what a merge swallowed comes before what it made.
    last: StepRow | None


@dataclass(frozen=True, slots=True)
class ChangeFacts:
    """A change with its steps (the first ``STEPS_SHOWN`` of them)."""

    row: ChangeRow
    steps: tuple[StepRow, ...]


def group_list(
    session: Session, _actor: Actor, *, kind: str, text: str, offset: int, limit: int
) -> GroupList:
    """Return one page of the groups of ``kind``, or of K/L for "named", that hold the words of ``text``."""
    held = queries.tables(session)
    wanted = " ".join(terms_of(text[:200]))
    by_kind: dict[str, list[GroupRow]] = {each: [] for each in Kind}
    for number, group in held.groups.items():
        if not wanted or _holds(group.forms, wanted):
            by_kind[group.kind].append(GroupRow(number, group))
    named = [each for each in held.named if _holds((*each.forms, *each.elsewhere), wanted)]
    rows = sorted(by_kind.get(kind, ()), key=lambda row: row.group.keys[0])
    return GroupList(
        {**{each: len(found) for each, found in by_kind.items()}, "named": len(named)},
        tuple(rows[offset : offset + limit]),
        tuple(named[offset : offset + limit]) if kind == "named" else (),
    )


def group(session: Session, _actor: Actor, group_id: int) -> Group:
    """Return a group; ``NotFoundError`` for one that is not there any more."""
    found = queries.tables(session).groups.get(group_id)
    if found is None:
        raise NotFoundError
    return found


def text_of(session: Session, _actor: Actor) -> list[Group]:
    """Return all groups as a file lists them: equals first."""
    return sorted(
        queries.tables(session).groups.values(), key=lambda each: (each.kind is Kind.RELATED, each.keys[0])
    )


def past_of(session: Session, _actor: Actor, group_id: int) -> tuple[ChangeRow, ...]:
    """Return the latest changes of one group, the newest first."""
    found = session.scalars(
        sa.select(SynonymChange)
        .join(SynonymStep, SynonymStep.change_id == SynonymChange.id)
        .where(SynonymStep.group_id == group_id)
        .order_by(SynonymChange.id.desc())
        .limit(_PAST_SHOWN)
    ).all()
    return _rows(session, found)


def history(session: Session, _actor: Actor, *, offset: int, limit: int) -> tuple[int, tuple[ChangeRow, ...]]:
    """Return how many changes there were, and one page of them, the newest first."""
    total = session.scalar(sa.select(sa.func.count()).select_from(SynonymChange)) or 0
    found = session.scalars(
        sa.select(SynonymChange).order_by(SynonymChange.id.desc()).offset(offset).limit(limit)
    ).all()
    return total, _rows(session, found)


def change_row(session: Session, _actor: Actor, change_id: int) -> ChangeRow | None:
    """Return a change without its steps, None when there is none."""
    found = session.get(SynonymChange, change_id)
    return None if found is None else _rows(session, [found])[0]


def change(session: Session, _actor: Actor, change_id: int) -> ChangeFacts:
    """Return one change with its steps."""
    found = session.get(SynonymChange, change_id)
    if found is None:
        raise NotFoundError
    steps = steps_of(session, change_id)[:STEPS_SHOWN]
    return ChangeFacts(_rows(session, [found])[0], tuple(map(_step, steps)))


def _rows(session: Session, found: Sequence[SynonymChange]) -> tuple[ChangeRow, ...]:
    ids = [each.id for each in found]
    undone: dict[int | None, datetime] = {
        row.undoes_id: row.at
        for row in session.execute(
            sa.select(SynonymChange.undoes_id, sa.func.max(SynonymChange.at).label("at"))
            .where(SynonymChange.undoes_id.in_(ids))
            .group_by(SynonymChange.undoes_id)
        )
    }
    counted = {
        row.change_id: (row.steps, row.last)
        for row in session.execute(
            sa.select(
                SynonymStep.change_id,
                sa.func.count().label("steps"),
                sa.func.max(SynonymStep.id).label("last"),
            )
            .where(SynonymStep.change_id.in_(ids))
            .group_by(SynonymStep.change_id)
        )
    }
    lasts = {
        step.id: step
        for step in session.scalars(
            sa.select(SynonymStep).where(SynonymStep.id.in_([last for _, last in counted.values()]))
        )
    }
    return tuple(
        ChangeRow(
            each.id,
            each.at,
            each.person,
            each.act,
            each.note,
            each.undoes_id,
            undone.get(each.id),
            counted.get(each.id, (0, 0))[0],
            _step(lasts[counted[each.id][1]]) if each.id in counted else None,
        )
        for each in found
    )


def _step(row: SynonymStep) -> StepRow:
    return StepRow(row.group_id, of_json(row.before), of_json(row.after))


def _holds(forms: Iterable[str], wanted: str) -> bool:
    return any(wanted in " ".join(terms_of(form)) for form in forms)
