"""A clock that a test steers runs on from the instant in its file, in every process that reads it."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from khub.clock import SteeredClock
from khub.settings import SettingsError, load

if TYPE_CHECKING:
    from pathlib import Path


def test_it_runs_on_from_the_instant_written_and_follows_a_new_one(tmp_path: Path) -> None:
    file = tmp_path / "jam"
    clock = SteeredClock(file)
    for instant in ("2023-10-31T23:58:00+07:00", "2023-01-02T00:00:00+00:00"):
        file.write_text(instant, encoding="ascii")
        past = datetime.now(UTC) - timedelta(minutes=3)
        os.utime(file, (past.timestamp(), past.timestamp()))
        ahead = clock.now() - datetime.fromisoformat(instant)
        assert timedelta(minutes=3) <= ahead < timedelta(minutes=4)


@pytest.mark.parametrize("name", ["KHUB_CLOCK_FILE", "KHUB_CLOCK_SHIFT"])
def test_a_production_start_refuses_a_clock_that_is_not_the_true_one(name: str) -> None:
    chosen = load({"KHUB_SECRET_KEY": "x" * 40, name: "60"})
    with pytest.raises(SettingsError, match=name):
        chosen.check()
