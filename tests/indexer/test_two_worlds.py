"""Search must not leak: answers are the same whether or not secret documents exist."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.bench import two_worlds

if TYPE_CHECKING:
    from pathlib import Path


def test_five_hundred_queries_in_two_worlds(tmp_path: Path) -> None:
    assert two_worlds.compare(500, 20231009, tmp_path) == []
