"""Rows of the task list: which aksi × K/L × period somebody fills in, in whose name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub import policy
from khub.cycle import ledger as ledgers
from khub.errors import N_, ConflictError, NotFoundError
from khub.plan.models import Branch, Institution, Period, Plan, Pokja
from khub.plan.running import current_period
from khub.plan.terms import PeriodState
from khub.policy import Role
from khub.reports.models import Report

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from khub.cycle.facts import PeriodFacts, Row
    from khub.cycle.ledger import Ledger
    from khub.policy import Actor, Grant, Subject

_MEMBERS = (Role.MEMBER, Role.OFFICIAL)


@dataclass(frozen=True, slots=True)
class Place:
    """Which row: codes of plan, period, K/L and action, as an address names them."""

    plan: str
    period: str
    unit: str
    action: str

    @property
    def period_key(self) -> str:
        """Return the form value "plan/period"."""
        return f"{self.plan}/{self.period}"

    @property
    def action_key(self) -> str:
        """Return the form value "plan/action"."""
        return f"{self.plan}/{self.action}"


@dataclass(frozen=True, slots=True)
class Spot:
    """A row of the ledger, and what the actor is to it.

    ``institution_id``: the K/L (under the name that the actor knows it by) that a new report is
    written for. ``owner``: in its own name; ``submits``: may press Ajukan (the K/L may
    have named who does); ``stands_in``: *atas nama* with a letter.
    """

    row: Row
    place: Place
    institution_id: int
    pokja_id: int | None
    classification: str
    official_submits: bool
    owner: bool
    submits: bool
    stands_in: bool

    @property
    def subject(self) -> Subject:
        """Return the policy's facts for an act on the row."""
        return policy.Subject(self.institution_id, self.pokja_id or 0, official_submits=self.official_submits)


@dataclass(frozen=True, slots=True)
class Scene:
    """A period with the ledger that its rows come from. ``heads``: every K/L → its last successor."""

    plan_id: int
    plan: str
    period: PeriodFacts
    ledger: Ledger
    branches: dict[str, tuple[str, tuple[int, ...]]]
    heads: dict[int, int]
    officials: frozenset[int]

    def spot(self, actor: Actor, row: Row) -> Spot:
        """Return what ``actor`` is to ``row``."""
        classification, pokjas = self.branches[row.action.branch]
        grant = next((g for g in actor.grants if self._serves(g, row, pokjas)), None)
        institution = grant.institution_id if grant and grant.institution_id else row.unit.id
        pokja = next(iter(pokjas), grant.pokja_id if grant else None)
        stands_in = pokja is not None and policy.can_stand_in(actor, institution, pokja).allowed
        pokja_id = grant.pokja_id if grant and grant.pokja_id in pokjas else pokja
        official = institution in self.officials
        subject = policy.Subject(institution, pokja_id or 0, official_submits=official)
        return Spot(
            row=row,
            place=Place(self.plan, self.period.code, row.unit.code, row.action.code),
            institution_id=institution,
            pokja_id=pokja_id,
            classification=classification,
            official_submits=official,
            owner=grant is not None and pokja is not None,
            submits=grant is not None and policy.can_report(actor, subject).allowed,
            stands_in=stands_in and grant is None,
        )

    def _serves(self, grant: Grant, row: Row, pokjas: tuple[int, ...]) -> bool:
        return (
            grant.role in _MEMBERS
            and grant.institution_id is not None
            and (grant.pokja_id is None or not pokjas or grant.pokja_id in pokjas)
            and self.ledger.head(grant.institution_id) == row.unit.id
        )

    def family(self, unit_id: int) -> dict[int, int]:
        """Return the K/L ``unit_id`` under every name it had → itself."""
        return {each: head for each, head in self.heads.items() if head == unit_id}

    def spots(self, actor: Actor, unit: str = "") -> list[Spot]:
        """Return the rows that ``actor`` fills in: his own, or those of the K/L ``unit`` that he may see."""
        found = (
            self.spot(actor, row) for row in self.ledger.rows(self.period.id) if unit in ("", row.unit.code)
        )
        return [spot for spot in found if spot.owner or (unit and spot.stands_in)]

    def at(self, actor: Actor, place: Place) -> Spot:
        """Return the row at ``place``. 404 where none is asked for, or it is not the actor's to fill."""
        for row in self.ledger.rows(self.period.id):
            if row.action.code == place.action and row.unit.code == place.unit:
                spot = self.spot(actor, row)
                if spot.owner or spot.stands_in:
                    return spot
        raise NotFoundError


def scene(session: Session, plan: str, period: str, now: datetime) -> Scene:
    """Return a period by codes, with its ledger; 404 for one that is unknown or only planned."""
    found = session.execute(
        sa.select(Plan.id, Period.id)
        .join(Plan, Plan.id == Period.plan_id)
        .where(Plan.code == plan, Period.code == period, Period.state != PeriodState.PLANNED)
    ).one_or_none()
    if found is None:
        raise NotFoundError
    plan_id, period_id = found
    ledger = ledgers.read(session, plan_id, now, period_ids=[period_id])
    pokjas: dict[int, list[int]] = {}
    for branch_id, pokja_id in session.execute(
        sa.select(Pokja.branch_id, Pokja.id).where(Pokja.branch_id.is_not(None)).order_by(Pokja.id)
    ):
        pokjas.setdefault(branch_id or 0, []).append(pokja_id)
    institutions = session.execute(sa.select(Institution.id, Institution.official_submits)).all()
    return Scene(
        plan_id=plan_id,
        plan=plan,
        period=ledger.period(period_id),
        ledger=ledger,
        branches={
            branch.code: (branch.classification, tuple(pokjas.get(branch.id, ())))
            for branch in session.scalars(sa.select(Branch).where(Branch.plan_id == plan_id))
        },
        heads={institution_id: ledger.head(institution_id) for institution_id, _ in institutions},
        officials=frozenset(institution_id for institution_id, official in institutions if official),
    )


def running_key(session: Session, actor: Actor, now: datetime) -> str:
    """Return the "plan/period" that a task list starts with: the running one, else the last, "" for none."""
    del actor
    period = current_period(session, now) or session.scalar(
        sa.select(Period)
        .where(Period.state != PeriodState.PLANNED)
        .order_by(Period.ends.desc(), Period.id.desc())
        .limit(1)
    )
    if period is None:
        return ""
    plan = session.scalar(sa.select(Plan.code).where(Plan.id == period.plan_id))
    return f"{plan}/{period.code}"


def report_of(session: Session, spot: Spot, *, lock: bool = False) -> Report | None:
    """Return the report that stands in a row under the actor's name of the K/L; ``lock``: for change."""
    query = sa.select(Report).where(
        Report.action_id == spot.row.action.id,
        Report.period_id == spot.row.period.id,
        Report.institution_id == spot.institution_id,
    )
    return session.scalar(query.with_for_update() if lock else query)


def demand_free(spot: Spot, report: Report | None) -> None:
    """Raise ``ConflictError`` where a predecessor of the K/L has already reported on the row."""
    if spot.row.handed_in and (report is None or report.public_id != spot.row.report):
        raise ConflictError(N_("Baris ini sudah dilaporkan dengan nama lama K/L ini."))


def demand_own(session: Session, actor: Actor, plan: str, period: str, now: datetime) -> None:
    """Raise ``NotFoundError`` for who has no row of his own K/L in a period."""
    if not any(spot.owner for spot in scene(session, plan, period, now).spots(actor)):
        raise NotFoundError
