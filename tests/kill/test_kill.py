"""kill -9 of the real processes during upload, reading and indexing: nothing acknowledged is lost."""

from __future__ import annotations

import pytest

from tests.kill.storm import storm

pytestmark = pytest.mark.kill


def test_nothing_acknowledged_is_lost_when_processes_are_killed(request, tmp_path):
    kills = request.config.getoption("--kills")
    report = storm(tmp_path, kills, seed=kills)
    print(report)  # noqa: T201 - shown with -s, and when it fails
    assert report.faults == []
    assert report.kills.total() == kills
    assert set(report.kills) == {"web", "worker", "helper", "tree"}
    assert len(report.acknowledged) >= kills
