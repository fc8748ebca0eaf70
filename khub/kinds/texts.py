"""The words of reports, actions and K/L, part by part, as the index takes them and the results show them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub.kinds.projection import ACTION, REPORT, UNIT, named, number_of
from khub.plan.models import Action, ExpectedOutput, Institution, InstitutionAlias
from khub.policy import Access
from khub.reports.models import ReportCopy

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from sqlalchemy.orm import Session

#: Reports, plan and catalogue are written in Indonesian.
LANGUAGE = "id"


@dataclass(frozen=True, slots=True)
class Text:
    """What one text says: a title, and its parts by number, as pages."""

    title: str
    parts: dict[int, str]


def texts(session: Session, numbers: Iterable[int]) -> dict[int, Text]:
    """Return the words of these texts, as they stand now; one that is gone is left out."""
    keys: dict[str, list[int]] = {REPORT: [], ACTION: [], UNIT: []}
    for number in numbers:
        kind, key = named(number)
        keys[kind].append(key)
    return {
        **_reports(session, keys[REPORT]),
        **_actions(session, keys[ACTION]),
        **_units(session, keys[UNIT]),
    }


def _reports(session: Session, ids: Collection[int]) -> dict[int, Text]:
    """Return what copies of reports say that anybody may find: capaian, kendala, tindak lanjut."""
    if not ids:
        return {}
    return {
        number_of(REPORT, row.id): Text("", _said({1: row.achievement, 2: row.obstacles, 3: row.follow_up}))
        for row in session.execute(
            sa.select(
                ReportCopy.id, ReportCopy.achievement, ReportCopy.obstacles, ReportCopy.follow_up
            ).where(ReportCopy.id.in_(ids), ReportCopy.access != Access.FROZEN)
        )
    }


def _actions(session: Session, ids: Collection[int]) -> dict[int, Text]:
    """Return what the plan says of actions: measure of success, expected outputs."""
    if not ids:
        return {}
    outputs: dict[int, list[str]] = {}
    for action, name in session.execute(
        sa.select(ExpectedOutput.action_id, ExpectedOutput.name)
        .where(ExpectedOutput.action_id.in_(ids), ExpectedOutput.retired.is_(False))
        .order_by(ExpectedOutput.action_id, ExpectedOutput.position)
    ):
        outputs.setdefault(action, []).append(name)
    return {
        number_of(ACTION, row.id): Text(
            f"{row.code} {row.title}",
            _said({1: row.measure, 2: "; ".join(outputs.get(row.id, []))}),
        )
        for row in session.execute(
            sa.select(Action.id, Action.code, Action.title, Action.measure).where(Action.id.in_(ids))
        )
    }


def _units(session: Session, ids: Collection[int]) -> dict[int, Text]:
    """Return how K/L are and were called."""
    if not ids:
        return {}
    aliases: dict[int, list[str]] = {}
    for unit, alias in session.execute(
        sa.select(InstitutionAlias.institution_id, InstitutionAlias.alias)
        .where(InstitutionAlias.institution_id.in_(ids))
        .order_by(InstitutionAlias.institution_id, InstitutionAlias.alias)
    ):
        aliases.setdefault(unit, []).append(alias)
    return {
        number_of(UNIT, row.id): Text(
            f"{row.name} ({row.abbreviation})" if row.abbreviation else row.name,
            _said({1: "; ".join(aliases.get(row.id, []))}),
        )
        for row in session.execute(
            sa.select(Institution.id, Institution.name, Institution.abbreviation).where(
                Institution.id.in_(ids)
            )
        )
    }


def _said(parts: dict[int, str]) -> dict[int, str]:
    return {number: text for number, text in parts.items() if text.strip()}
