"""Columns: a change merged into them gives what building all anew would."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from indexer.units import Unit, UnitTable
from tests.indexer import worlds


def rows(table: UnitTable) -> list[object]:
    """Return the table as plain rows, whatever codes it uses inside."""
    files: dict[int, set[int]] = {}
    for row, file in zip(table.file_rows.tolist(), table.file_ids.tolist(), strict=True):
        files.setdefault(row, set()).add(file)
    facets: dict[int, set[tuple[str, str]]] = {}
    for name, facet in table.facets.items():
        for row, code in zip(facet.rows.tolist(), facet.codes.tolist(), strict=True):
            facets.setdefault(row, set()).add((name, facet.values[code]))
    return [
        (
            int(table.units[row]),
            int(table.products[row]),
            int(table.dates[row]),
            table.classes[table.access[row]],
            files.get(row, set()),
            facets.get(row, set()),
        )
        for row in range(len(table.units))
    ]


@given(st.integers(0, 2**40))
def test_changes_one_by_one_equal_a_whole_build(seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311 - repeatable
    before, after = worlds.world(rng, 12), worlds.world(rng, 14)
    wanted = dict(before.units)
    table = before.table()
    for epoch in range(2, 8):
        product = rng.randint(1, 14)
        units = after.units[product] if rng.random() < 0.7 else []
        wanted[product] = units
        table = table.apply({product: units}, epoch)
        assert table.epoch == epoch
    whole = UnitTable.empty().apply(wanted, 1)
    assert rows(table) == rows(whole)
    for _ in range(3):
        allow, chosen = worlds.allowed(rng), worlds.filters(rng)
        for every in (False, True):
            assert (
                table.heads(allow, all_versions=every).tolist()
                == whole.heads(allow, all_versions=every).tolist()
            )
        for name, values in chosen.items():
            assert table.having(name, values).tolist() == whole.having(name, values).tolist()


def test_a_table_is_never_changed() -> None:
    unit = Unit(1, 1, 1, "open", (1,), 20230101, {"kl": ("bnpt",)})
    first = UnitTable.empty().apply({1: [unit], 2: [Unit(2, 2, 1, "draft", (2,), 20230101, {})]}, 1)
    kept = rows(first)
    second = first.apply({1: []}, 2)
    assert rows(first) == kept
    assert [row[0] for row in rows(second)] == [2]  # type: ignore[index]


def test_the_newest_visible_copy_is_the_head() -> None:
    table = UnitTable.empty().apply(
        {
            1: [
                Unit(12, 1, 3, "draft", (), 20230301, {}),
                Unit(10, 1, 1, "open", (), 20230101, {}),
                Unit(11, 1, 2, "open", (), 20230201, {}),
            ]
        },
        1,
    )

    def heads(*allow: str) -> list[int]:
        return table.units[table.heads(frozenset(allow))].tolist()

    assert heads("open") == [11]
    assert heads("open", "draft") == [12]
    assert heads() == []
    assert heads("unknown") == []


def test_values_that_nobody_has_select_nothing() -> None:
    table = UnitTable.empty().apply({1: [Unit(1, 1, 1, "open", (), 20230101, {"kl": ("bnpt",)})]}, 1)
    assert table.having("kl", ["bnpt", "?"]).tolist() == [True]
    assert table.having("kl", ["?"]).tolist() == [False]
    assert table.having("kl", []).tolist() == [False]
    assert table.having("?", ["bnpt"]).tolist() == [False]
