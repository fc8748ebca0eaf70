"""What search knows of documents besides their text: immutable columns, built from the database.

The index holds text by file and page and nothing else. Which files make up a searchable copy of
which product, who may read it (an opaque access class), its facets and date are columns here, so a
changed right or state counts with the next query and without touching the index.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Unit:
    """One searchable copy of a product.

    ``rank``: of the copies that a reader may read only the highest counts. ``date``: yyyymmdd.
    ``facets``: field → values, folded.
    """

    unit: int
    product: int
    rank: int
    access: str
    files: tuple[int, ...]
    date: int
    facets: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Facet:
    """One facet as pairs (row of a unit, code of a value), sorted by row."""

    values: tuple[str, ...]
    rows: Ints
    codes: Ints

    def code(self, value: str) -> int:
        """Return the code of ``value``, or -1."""
        try:
            return self.values.index(value)
        except ValueError:
            return -1


@dataclass(frozen=True, slots=True, eq=False)
class UnitTable:
    """All units as columns; row = place in these arrays, sorted by (product, rank)."""

    epoch: int
    units: Ints
    products: Ints
    access: Ints
    classes: tuple[str, ...]
    dates: Ints
    file_rows: Ints
    file_ids: Ints
    facets: Mapping[str, Facet]
    source: Mapping[int, tuple[Unit, ...]] = field(repr=False)

    @classmethod
    def empty(cls) -> UnitTable:
        """Return the table of an empty installation."""
        return _build({}, 0)

    def apply(self, changed: Mapping[int, Sequence[Unit]], epoch: int) -> UnitTable:
        """Return a table in which the units of ``changed`` products are replaced (none: product gone)."""
        source = dict(self.source)
        for product, units in changed.items():
            if units:
                source[product] = tuple(units)
            else:
                source.pop(product, None)
        return _build(source, epoch)

    def heads(self, allow: frozenset[str], *, all_versions: bool = False) -> Bools:
        """Return which rows a reader of the classes ``allow`` searches."""
        wanted = np.array([name in allow for name in self.classes] or [False], dtype=np.bool_)
        visible: Bools = wanted[self.access] if len(self.access) else np.zeros(0, dtype=np.bool_)
        if all_versions or not visible.any():
            return visible
        rows = np.flatnonzero(visible)
        last = np.ones(len(rows), dtype=np.bool_)
        last[:-1] = self.products[rows[1:]] != self.products[rows[:-1]]
        heads = np.zeros(len(visible), dtype=np.bool_)
        heads[rows[last]] = True
        return heads


def _build(source: Mapping[int, tuple[Unit, ...]], epoch: int) -> UnitTable:
    rows = [
        unit for product in sorted(source) for unit in sorted(source[product], key=lambda u: (u.rank, u.unit))
    ]
    classes: dict[str, int] = {}
    access = [classes.setdefault(unit.access, len(classes)) for unit in rows]
    file_rows: list[int] = []
    file_ids: list[int] = []
    pairs: dict[str, tuple[dict[str, int], list[int], list[int]]] = {}
    for row, unit in enumerate(rows):
        for file in unit.files:
            file_rows.append(row)
            file_ids.append(file)
        for name, values in unit.facets.items():
            known, at, codes = pairs.setdefault(name, ({}, [], []))
            for value in values:
                at.append(row)
                codes.append(known.setdefault(value, len(known)))
    return UnitTable(
        epoch=epoch,
        units=_ints([unit.unit for unit in rows]),
        products=_ints([unit.product for unit in rows]),
        access=_ints(access),
        classes=tuple(classes),
        dates=_ints([unit.date for unit in rows]),
        file_rows=_ints(file_rows),
        file_ids=_ints(file_ids),
        facets={
            name: Facet(tuple(known), _ints(at), _ints(codes)) for name, (known, at, codes) in pairs.items()
        },
        source=source,
    )


def _ints(values: list[int]) -> Ints:
    return np.array(values, dtype=np.int64)
