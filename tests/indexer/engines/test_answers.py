"""A whole answer is kept for who asks again, and for nobody else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from indexer.query import parse
from indexer.units import Unit
from tests.indexer.engines.shelf import ALL, TABLE, ask, found, texts

if TYPE_CHECKING:
    from indexer.engines.store import WhooshWriter
    from indexer.engines.whoosh import WhooshEngine


def test_a_question_asked_again_is_answered_from_memory_until_something_changes(
    writer: WhooshWriter, engine: WhooshEngine
) -> None:
    writer.replace_file(1, texts("modul guru"))
    writer.commit()
    first = ask(engine, "modul guru")
    assert ask(engine, "modul guru") == first
    assert engine.answers.stats().hits == 1
    writer.replace_file(2, texts("modul guru agama"))
    writer.commit()
    assert found(engine, "modul guru") == [1, 2]
    changed = TABLE.apply({1: [Unit(1, 1, 1, "few", (1,), 20230101, {})]}, 2)
    assert [hit.product for hit in engine.search(parse("modul guru"), allow=ALL, units=changed).hits] == [2]


def test_answers_of_other_rights_pages_filters_and_orders_are_apart(
    writer: WhooshWriter, engine: WhooshEngine
) -> None:
    table = TABLE.apply(
        {
            number: [Unit(number, number, 1, access, (number,), 20230100 + number, {"tahun": (year,)})]
            for number, access, year in ((1, "all", "2022"), (2, "few", "2023"), (3, "all", "2023"))
        },
        2,
    )
    for number in (1, 2, 3):
        writer.replace_file(number, texts("modul " * number))
    writer.commit()

    def products(**asked: Any) -> list[int]:
        chosen: dict[str, Any] = {"allow": ALL | {"few"}, "units": table, **asked}
        return [hit.product for hit in engine.search(parse("modul"), **chosen).hits]

    for _ in range(2):
        assert sorted(products()) == [1, 2, 3]
        assert sorted(products(allow=ALL)) == [1, 3]
        assert sorted(products(filters={"tahun": frozenset({"2023"})})) == [2, 3]
        assert products(sort="date") == [3, 2, 1]
        assert products(sort="date", offset=1, limit=1) == [2]
    assert engine.answers.stats().hits == 5
