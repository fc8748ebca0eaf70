"""An index of one file, its writer and a reader that looks for a newer commit at every query."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from indexer.engines.store import WhooshWriter
from indexer.engines.whoosh import WhooshEngine
from indexer.ports import Title
from tests.indexer.engines.shelf import texts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "index"


@pytest.fixture
def writer(folder: Path) -> Iterator[WhooshWriter]:
    with closing(WhooshWriter(folder)) as opened:
        opened.rebuild([(1, texts("naskah lama"))], [(1, [Title(1, "judul", "id")])], lambda _: None)
        yield opened


@pytest.fixture
def engine(folder: Path, writer: WhooshWriter) -> Iterator[WhooshEngine]:
    with closing(WhooshEngine(folder, fresh=0)) as opened:
        yield opened
