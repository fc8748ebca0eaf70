"""What a row still lacks before it can be handed in, and what it should say but need not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub.errors import N_, FieldError
from khub.plan.models import Activity
from khub.plan.terms import Part

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy.orm import Session

    from khub.reports.evidence import Output
    from khub.reports.models import ReportCopy


def missing(
    copy: ReportCopy,
    asks: Iterable[str],
    activities: Sequence[Activity],
    outputs: Sequence[tuple[Output, str]],
) -> list[FieldError]:
    """Return what blocks Ajukan of this row, by field of its form; an output's is "<id>.<field>".

    ``outputs``: each with its pages. A draft is never blocked by any of it.
    """
    found = []
    if Part.PROGRESS in asks:
        if not copy.achievement:
            found.append(FieldError("achievement", N_("Capaian belum diisi.")))
        if copy.percent is None:
            found.append(FieldError("percent", N_("Persentase capaian belum diisi.")))
        filled = {each["activity"] for each in copy.values if each["value"] is not None}
        found += [
            FieldError(
                f"value-{activity.id}", N_("Angka kegiatan “%(name)s” belum diisi."), {"name": activity.name}
            )
            for activity in activities
            if activity.id not in filled
        ]
        for output, pages in outputs:
            found += output.faults(pages)
    if Part.OBSTACLES in asks and not copy.no_obstacles and not copy.obstacles:
        found.append(
            FieldError("no_obstacles", N_("Kendala belum diisi. Bila tidak ada, cukup satu centang."))
        )
    return found


def activities_of(
    session: Session, pairs: Iterable[tuple[int, int]], year: int, institutions: Mapping[int, int]
) -> dict[tuple[int, int], list[Activity]]:
    """Return the kegiatan planned for ``year`` of each (action, head of the K/L), in order.

    ``institutions``: database id of every name of a K/L → its head.
    """
    wanted = set(pairs)
    found: dict[tuple[int, int], list[Activity]] = {}
    for activity in session.scalars(
        sa.select(Activity)
        .where(
            Activity.action_id.in_({action for action, _ in wanted}),
            Activity.institution_id.in_(sorted(institutions)),
            Activity.year == year,
            Activity.retired.is_(False),
        )
        .order_by(Activity.position, Activity.id)
    ):
        key = (activity.action_id, institutions[activity.institution_id])
        if key in wanted:
            found.setdefault(key, []).append(activity)
    return found


def fallen(value: object, before: object) -> bool:
    """Tell whether a figure is lower than the period before said."""
    return isinstance(value, int | float) and isinstance(before, int | float) and value < before


def questions(copy: ReportCopy, last_percent: int | None, last: Mapping[int, float]) -> list[FieldError]:
    """Return falling figures whose reason is not given; they ask and never block."""
    found = []
    if fallen(copy.percent, last_percent) and not copy.percent_why:
        found.append(FieldError("percent_why", N_("Persentase turun dari periode lalu. Mengapa?")))
    for each in copy.values:
        activity = int(str(each["activity"]))
        if fallen(each["value"], last.get(activity)) and not each["why"]:
            found.append(FieldError(f"why-{activity}", N_("Angka ini turun dari periode lalu. Mengapa?")))
    return found
