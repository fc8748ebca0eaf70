"""A row's form with everything it is filled with before anybody types."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub.accounts.models import Person
from khub.plan.models import Action, Commitment, ExpectedOutput
from khub.plan.running import days_left
from khub.plan.terms import Part
from khub.products import lifecycle
from khub.products.models import WORKING
from khub.reports import copies, evidence, gaps, rows
from khub.reports.earlier import Earlier, earlier
from khub.reports.models import ReportCopy

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from khub.errors import FieldError
    from khub.plan.models import Activity
    from khub.policy import Actor
    from khub.reports.evidence import Output
    from khub.reports.models import Report
    from khub.reports.rows import Place, Spot


@dataclass(frozen=True, slots=True)
class Figure:
    """A kegiatan of the K/L's commitment: target and the last period's total beside the field."""

    id: int
    name: str
    unit: str
    target: float | None
    last: float | None
    fallen: bool


@dataclass(frozen=True, slots=True)
class Filling:
    """The form. ``typed``: what stands in its fields, by name; ``chosen``: outputs ticked.

    ``offered``: name of the period whose text stands there as a start, "" once it was changed.
    ``missing`` blocks Ajukan, ``questions`` ask only.
    """

    spot: Spot
    report: str
    state: str
    revision: int
    saved_at: datetime | None
    saved_by: str
    typed: dict[str, str]
    chosen: frozenset[str]
    offered: str
    figures: tuple[Figure, ...]
    figures_period: str
    last_percent: int | None
    percent_fallen: bool
    outputs: tuple[Output, ...]
    missing: tuple[FieldError, ...]
    questions: tuple[FieldError, ...]
    measure: str
    expected: tuple[str, ...]
    promised: str
    days_left: int
    note: str
    due_at: datetime | None

    @property
    def editable(self) -> bool:
        """Tell whether the words may be changed now."""
        row = self.spot.row
        return row.period.running and bool(row.asks) and self.state in ("", *lifecycle.EDITABLE)

    @property
    def progress(self) -> bool:
        """Tell whether realisasi is asked for."""
        return Part.PROGRESS in self.spot.row.asks

    @property
    def obstacles(self) -> bool:
        """Tell whether kendala is asked for."""
        return Part.OBSTACLES in self.spot.row.asks


def shown_figure(value: object) -> str:
    """Return a figure as people type it: "1200", "12,5"; "" for none."""
    if not isinstance(value, int | float):
        return ""
    return f"{value:.6f}".rstrip("0").rstrip(".").replace(".", ",")


def filling(session: Session, actor: Actor, place: Place, now: datetime) -> Filling:
    """Return the form of a row that ``actor`` fills in, in his K/L's name or *atas nama*. 404 else."""
    scene = rows.scene(session, place.plan, place.period, now)
    spot = scene.at(actor, place)
    family = scene.family(spot.row.unit.id)
    report = rows.report_of(session, spot) if spot.owner else None
    working, latest = _copies(session, report)
    before = earlier(session, actor, scene.period, scene.plan_id, [spot.row.action.id], family).get(
        spot.row.action.id
    )
    activities = gaps.activities_of(
        session, [(spot.row.action.id, spot.row.unit.id)], scene.period.year, family
    ).get((spot.row.action.id, spot.row.unit.id), [])
    links = copies.outputs_of(session, working.id) if working is not None else []
    offered = evidence.offered(
        session, actor, actor.institutions if spot.owner else family, spot.row.action.id, scene.period.id
    )
    known = {
        product: output
        for product, output in evidence.described(
            session, actor, {*offered, *(link.product_id for link in links)}, scene.period.id
        ).items()
        if spot.owner or not output.goes_along
    }
    chosen = {link.product_id: link.pages for link in links if link.product_id in known}
    facts = session.execute(
        sa.select(Action.measure, Commitment.expected)
        .outerjoin(
            Commitment,
            sa.and_(
                Commitment.action_id == Action.id,
                Commitment.institution_id.in_(list(family)),
                Commitment.year == scene.period.year,
            ),
        )
        .where(Action.id == spot.row.action.id)
        .order_by(Commitment.recorded_at.desc().nulls_last())
        .limit(1)
    ).one()
    typed = start_or_saved(working, before if spot.owner else None, activities)
    typed |= {f"pages-{output.public_id}": chosen.get(product, "") for product, output in known.items()}
    last = before.values if before is not None else {}
    values = {int(str(each["activity"])): each["value"] for each in working.values} if working else {}
    returned = latest if latest is not None and latest.outcome == "returned" else None
    return Filling(
        spot=spot,
        report=report.public_id if report is not None else "",
        state=report.state if report is not None else "" if spot.owner else spot.row.state,
        revision=working.revision if working is not None else 0,
        saved_at=working.saved_at if working is not None and working.revision else None,
        saved_by=_name(session, working.saved_by) if working is not None else "",
        typed=typed,
        chosen=frozenset(known[product].public_id for product in chosen),
        offered=offered_period(working, before) if spot.owner else "",
        figures=tuple(
            Figure(
                activity.id,
                activity.name,
                activity.unit,
                activity.target,
                last.get(activity.id),
                gaps.fallen(values.get(activity.id), last.get(activity.id)),
            )
            for activity in activities
        ),
        figures_period=before.figures_period if before is not None else "",
        last_percent=before.percent if before is not None else None,
        percent_fallen=bool(working and before and gaps.fallen(working.percent, before.percent)),
        outputs=tuple(known[product] for product in dict.fromkeys((*chosen, *offered)) if product in known),
        missing=tuple(
            gaps.missing(
                working,
                spot.row.asks,
                activities,
                [(known[product], pages) for product, pages in chosen.items()],
            )
        )
        if working is not None and working.revision
        else (),
        questions=tuple(gaps.questions(working, before.percent if before else None, last)) if working else (),
        measure=facts[0],
        expected=tuple(
            session.scalars(
                sa.select(ExpectedOutput.name)
                .where(ExpectedOutput.action_id == spot.row.action.id, ExpectedOutput.retired.is_(False))
                .order_by(ExpectedOutput.position)
            )
        ),
        promised=facts[1] or "",
        days_left=days_left(spot.row.deadline, now),
        note=returned.note if returned is not None else "",
        due_at=returned.due_at if returned is not None else None,
    )


def _copies(session: Session, report: Report | None) -> tuple[ReportCopy | None, ReportCopy | None]:
    """Return (working copy, last snapshot) of the K/L's own report."""
    if report is None:
        return None, None
    found = session.scalars(
        sa.select(ReportCopy).where(ReportCopy.report_id == report.id).order_by(ReportCopy.number)
    ).all()
    return found[0], found[-1] if found[-1].number != WORKING else None


def start_or_saved(
    working: ReportCopy | None, before: Earlier | None, activities: list[Activity]
) -> dict[str, str]:
    """Return the fields: as saved, or where nothing was saved yet, the last period's words and no figure."""
    if working is None or not working.revision:
        return {
            "achievement": before.achievement if before is not None else "",
            "percent": "",
            "percent_why": "",
            "obstacles": before.obstacles if before is not None else "",
            "no_obstacles": "",
            "follow_up": before.follow_up if before is not None else "",
            **{f"value-{activity.id}": "" for activity in activities},
            **{f"why-{activity.id}": "" for activity in activities},
        }
    values = {int(str(each["activity"])): each for each in working.values}
    return {
        "achievement": working.achievement,
        "percent": "" if working.percent is None else str(working.percent),
        "percent_why": working.percent_why,
        "obstacles": working.obstacles,
        "no_obstacles": "1" if working.no_obstacles else "",
        "follow_up": working.follow_up,
        **{
            f"value-{activity.id}": shown_figure(values.get(activity.id, {}).get("value"))
            for activity in activities
        },
        **{f"why-{activity.id}": str(values.get(activity.id, {}).get("why", "")) for activity in activities},
    }


def offered_period(working: ReportCopy | None, before: Earlier | None) -> str:
    """Return the name of the period whose words still stand there as a start, "" for none."""
    if before is None or not (before.achievement or before.obstacles or before.follow_up):
        return ""
    unsaved = working is None or not working.revision
    return before.period if unsaved or (working and working.offered_from == before.copy_id) else ""


def _name(session: Session, person_id: int | None) -> str:
    person = session.get(Person, person_id) if person_id is not None else None
    return person.name if person is not None else ""
