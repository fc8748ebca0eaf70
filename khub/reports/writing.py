"""From what a person said to the working copy of a row."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from khub.plan.models import Activity
    from khub.reports.earlier import Earlier
    from khub.reports.forms import Said
    from khub.reports.models import ReportCopy


def write(copy: ReportCopy, said: Said, activities: Sequence[Activity], before: Earlier | None) -> None:
    """Put the words and figures of ``said`` into ``copy``; figures of kegiatan not named stay.

    The mark of a text taken from ``before`` stays until none of its words stand there unchanged.
    """
    copy.achievement = said.achievement
    copy.percent = said.percent
    copy.percent_why = said.percent_why
    copy.obstacles = said.obstacles
    copy.no_obstacles = said.no_obstacles
    copy.follow_up = said.follow_up
    own = {activity.id for activity in activities}
    values = {int(str(each["activity"])): each for each in copy.values}
    for value in said.values:
        if value.activity in own:
            values[value.activity] = {"activity": value.activity, "value": value.value, "why": value.why}
    copy.values = [values[activity.id] for activity in activities if activity.id in values]
    copy.offered_from = before.copy_id if before is not None and _still(said, before) else None


def _still(said: Said, before: Earlier) -> bool:
    """Tell whether a text of the period before stands unchanged."""
    return any(
        text and text == other
        for text, other in (
            (said.achievement, before.achievement),
            (said.obstacles, before.obstacles),
            (said.follow_up, before.follow_up),
        )
    )
