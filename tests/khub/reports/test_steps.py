"""The life of a row: every state it stood in stays readable, and a press is remembered."""

from __future__ import annotations

import sqlalchemy as sa

from khub.products.lifecycle import Act
from khub.reports import copies
from khub.reports.models import Report, ReportStep


def steps(office, public_id):
    with office.services.db.read() as session:
        return [
            (step.state, step.pressed_at, step.at, step.ended_at)
            for step in session.scalars(
                sa.select(ReportStep)
                .join(Report, Report.id == ReportStep.report_id)
                .where(Report.public_id == public_id)
                .order_by(ReportStep.id)
            )
        ]


def decide(office, public_id, act):
    """Move a row as a review would."""
    now = office.clock.now()
    with office.services.db.write() as session:
        loaded = copies.load_any(session, public_id)
        copies.move(session, loaded, act, loaded.latest, now)


def test_steps_follow_one_another_without_a_gap(desk, office):
    report = desk.save("budi")
    office.clock.forward(hours=1)
    pressed = office.clock.now()
    desk.submit("budi", report)
    decide(office, report, Act.RETURN)
    office.clock.forward(hours=1)
    found = steps(office, report)
    assert [state for state, *_ in found] == ["draft", "submitted", "returned"]
    assert [ended for *_, ended in found[:-1]] == [at for _, _, at, _ in found[1:]]
    assert found[-1][3] is None
    assert [at for _, at, *_ in found] == [None, pressed, pressed]


def test_a_resubmission_is_never_late_if_the_first_was_not(desk, office):
    report = desk.save("budi")
    desk.submit("budi", report)
    decide(office, report, Act.RETURN)
    office.clock.forward(days=40)
    desk.save("budi", achievement="Diperbaiki")
    desk.submit("budi", report)
    assert not desk.task("budi").spot.row.late
    decide(office, report, Act.RETURN)
    desk.submit("budi", report)
    office.services.reports.withdraw(office.people["budi"], report)
    assert desk.report(report).pressed_at is not None
    assert not desk.task("budi").spot.row.late


def test_what_was_withdrawn_was_never_pressed(desk, office):
    report = desk.save("budi")
    desk.submit("budi", report)
    office.services.reports.withdraw(office.people["budi"], report)
    assert desk.report(report).pressed_at is None
    office.clock.forward(days=40)
    desk.submit("budi", report)
    assert desk.task("budi").spot.row.late
