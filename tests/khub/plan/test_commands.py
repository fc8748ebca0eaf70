"""The command tells the same as the page, with exit codes that scripts can use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from khub.plan import commands
from khub.plan.models import Action

if TYPE_CHECKING:
    from pathlib import Path

    from khub.wiring import Services


@pytest.fixture
def run(services: Services, tmp_path: Path) -> Any:
    def call(data: bytes | None, *options: str) -> Any:
        file = tmp_path / "rencana contoh.csv"
        if data is not None:
            file.write_bytes(data)
        return CliRunner().invoke(commands.group, ["plan", str(file), *options], obj=lambda: services)

    return call


def count(services: Services) -> int:
    with services.db.read() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(Action)) or 0


def test_dry_run_then_import_then_nothing_to_do(
    run: Any, services: Services, small: Any, csv_of: Any
) -> None:
    data = csv_of(small)
    dry = run(data, "--dry-run")
    assert (dry.exit_code, count(services)) == (0, 0)
    assert "4 to add" in dry.output
    done = run(data)
    assert (done.exit_code, count(services)) == (0, 4)
    assert "Nothing to do." in run(data).output


def test_faults_are_listed_and_nothing_is_changed(
    run: Any, services: Services, row: Any, csv_of: Any
) -> None:
    result = run(csv_of([row("1.1.01"), row("1.1.02", tahun="20x3"), row("1.1.03", aksi="")]))
    assert (result.exit_code, count(services)) == (1, 0)
    assert "line 3: tahun: “20x3” is not a year. [20x3]" in result.output
    assert "line 4: aksi: This cell is empty." in result.output


def test_a_missing_file_is_a_wrong_call(run: Any) -> None:
    assert run(None).exit_code == 2
