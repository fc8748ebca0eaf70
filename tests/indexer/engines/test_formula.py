"""What ranks first, on the reference engine; others must equal it."""

from __future__ import annotations

import pytest

from indexer.engines.memory import MemoryEngine
from indexer.ports import PageText
from indexer.query import parse
from indexer.units import Unit, UnitTable

_FILLING = "pada hari itu para peserta datang dari banyak desa lalu pulang"


def ranked(query: str, *texts: str) -> list[int]:
    """Return the numbers (from 1) of ``texts`` as ``query`` ranks them."""
    engine = MemoryEngine()
    units = {number: [Unit(number, number, 1, "all", (number,), 20230101, {})] for number in range(1, 10)}
    for number, text in enumerate(texts, 1):
        engine.replace_file(number, [PageText(1, text, "id")])
    engine.commit()
    table = UnitTable.empty().apply(units, 1)
    return [hit.product for hit in engine.search(parse(query), allow=frozenset({"all"}), units=table).hits]


@pytest.mark.parametrize("close", ["modul guru", "modul untuk guru"])
def test_words_that_follow_each_other_closely_rank_above_the_same_words_apart(close: str) -> None:
    apart = f"guru {_FILLING} modul"
    words_between = " ".join(_FILLING.split()[: len(apart.split()) - len(close.split())])
    assert ranked("modul guru", apart, f"{words_between} {close}") == [2, 1]


def test_a_page_with_more_of_the_words_ranks_above_one_that_repeats_a_few() -> None:
    assert ranked(
        "modul toleransi pesantren",
        f"modul modul toleransi toleransi modul toleransi {_FILLING}",
        f"modul toleransi pesantren {_FILLING} siang itu juga",
    ) == [2, 1]


@pytest.mark.parametrize(
    "narrowed", ["pesantren tahun:2023", "tahun:2022..2023 pesantren", "pesantren -draf tahun:2023"]
)
def test_a_filter_narrows_it_never_lets_the_words_go(narrowed: str) -> None:
    engine = MemoryEngine()
    for number, text in enumerate(("pesantren di desa", "sekolah di kota"), 1):
        engine.replace_file(number, [PageText(1, text, "id")])
    engine.commit()
    units = {
        number: [Unit(number, number, 1, "all", (number,), 20230101, {"tahun": ("2023",)})]
        for number in (1, 2)
    }
    table = UnitTable.empty().apply(units, 1)
    results = engine.search(parse(narrowed), allow=frozenset({"all"}), units=table)
    assert [hit.product for hit in results.hits] == [1]
