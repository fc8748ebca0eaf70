"""Gathers from the database what the machine's checks look at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub.plan.models import Action, ActionInstitution, ActionYear, Plan
from khub.products import pages
from khub.products.models import Copy, CopyAction, File, Page, Product
from khub.products.queries import file_shown
from khub.review import checks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from khub.plan.models import Period
    from khub.review.checks import Check

#: Pages of text that the search for a day looks through, over all files.
_PAGES = 30
#: Pages without text that are named one by one.
_NAMED = 50


@dataclass(frozen=True, slots=True)
class ActionShown:
    """An action with its measure of success, which the keluaran is to fit."""

    id: int
    plan: str
    code: str
    title: str
    measure: str


def actions_with_measure(session: Session, copy_id: int) -> tuple[ActionShown, ...]:
    """Return the actions of a copy in order."""
    rows = session.execute(
        sa.select(Action.id, Plan.code.label("plan"), Action.code, Action.title, Action.measure)
        .join(CopyAction, CopyAction.action_id == Action.id)
        .join(Plan, Plan.id == Action.plan_id)
        .where(CopyAction.copy_id == copy_id)
        .order_by(CopyAction.position, Action.code)
    )
    return tuple(ActionShown(row.id, row.plan, row.code, row.title, row.measure) for row in rows)


def checklist(
    session: Session,
    copy: Copy,
    product: Product,
    period: Period | None,
    files: Sequence[File],
    actions: Sequence[ActionShown],
) -> tuple[Check, ...]:
    """Return the machine's side of the checklist for a snapshot."""
    shown = [file_shown(file) for file in files]
    read, failed = _reading(session, files)
    span = checks.Range(period.name, period.starts, period.ends) if period is not None else None
    year = period.year if period is not None else None
    ids = [action.id for action in actions]
    on_table = set(
        session.scalars(
            sa.select(ActionYear.action_id).where(ActionYear.action_id.in_(ids), ActionYear.year == year)
        )
    )
    tied = set(
        session.scalars(
            sa.select(ActionInstitution.action_id).where(
                ActionInstitution.action_id.in_(ids),
                ActionInstitution.institution_id == product.institution_id,
            )
        )
    )
    return (
        checks.of_actions(
            year,
            [action.code for action in actions if action.id not in on_table],
            [action.code for action in actions if action.id not in tied],
        ),
        checks.of_period(span, _first_pages(session, files)),
        checks.of_reading(shown, read, failed),
        checks.of_personal_data(shown, copy.personal_data),
    )


def _first_pages(session: Session, files: Sequence[File]) -> list[checks.PageRead]:
    wanted = [(file, number) for file in files for number in range(1, file.page_count + 1)][:_PAGES]
    texts = pages.page_texts(session, [(file.id, number) for file, number in wanted])
    return [
        checks.PageRead(file_shown(file), number, texts[file.id, number].text)
        for file, number in wanted
        if (file.id, number) in texts
    ]


def _reading(session: Session, files: Sequence[File]) -> tuple[dict[str, int], dict[str, tuple[int, ...]]]:
    ids = {file.id: file.public_id for file in files}
    read = {
        ids[file_id]: count
        for file_id, count in session.execute(
            sa.select(Page.file_id, sa.func.count())
            .where(Page.file_id.in_(ids), Page.error == "")
            .group_by(Page.file_id)
        )
    }
    failed: dict[str, tuple[int, ...]] = {}
    for file_id, number in session.execute(
        sa.select(Page.file_id, Page.number)
        .where(Page.file_id.in_(ids), Page.error != "")
        .order_by(Page.file_id, Page.number)
        .limit(_NAMED)
    ):
        failed[ids[file_id]] = (*failed.get(ids[file_id], ()), number)
    return read, failed
