"""The engines that the contract is held against: the reference, and Whoosh with many segments or one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from indexer.engines import merging
from indexer.engines.memory import MemoryEngine
from indexer.engines.store import WhooshWriter
from indexer.engines.whoosh import WhooshEngine
from tests.indexer.cases import Case, MergingWriter

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(params=["memory", "whoosh", "whoosh, merged"])
def case(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Case]:
    if request.param == "memory":
        engine = MemoryEngine()
        yield Case(engine, engine)
        return
    monkeypatch.setattr(merging, "FANOUT", 2)
    writer = (
        MergingWriter(tmp_path / "index") if "merged" in request.param else WhooshWriter(tmp_path / "index")
    )
    reader = WhooshEngine(tmp_path / "index", fresh=0)
    yield Case(reader, writer)
    reader.close()
    writer.close()
