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
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]

#: A change of fewer than one product in so many is merged into the columns; a larger one builds them anew.
_MERGE = 4
#: Readers with different rights whose rows a table keeps in mind: a byte a copy each.
_HELD = 32


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
    """One facet as pairs (row of a unit, code of a value)."""

    values: tuple[str, ...]
    rows: Ints
    codes: Ints

    def code(self, value: str) -> int:
        """Return the code of ``value``, or -1."""
        try:
            return self.values.index(value)
        except ValueError:
            return -1

    def among(self, values: Iterable[str]) -> Bools:
        """Return which codes are of ``values``."""
        chosen = np.zeros(len(self.values) + 1, dtype=np.bool_)
        chosen[[self.code(value) for value in values]] = True  # the last is the place of unknown values
        return chosen[:-1]


@dataclass(frozen=True, slots=True, eq=False)
class UnitTable:
    """All units as columns; row = place in these arrays, sorted by (product, rank, unit).

    ``classes`` and the values of facets may hold some that no row has any more.
    """

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
    _heads: dict[tuple[frozenset[str], bool], Bools] = field(default_factory=dict, repr=False)

    @classmethod
    def empty(cls) -> UnitTable:
        """Return the table of an empty installation."""
        return _build({}, 0)

    def apply(self, changed: Mapping[int, Sequence[Unit]], epoch: int) -> UnitTable:
        """Return a table in which the units of ``changed`` products are replaced (none: product gone)."""
        fresh = {product: tuple(units) for product, units in changed.items() if units}
        source = dict(self.source)
        for product in changed:
            source.pop(product, None)
        source.update(fresh)
        if _MERGE * len(changed) >= len(source):
            return _build(source, epoch)
        kept = ~np.isin(self.products, _ints(changed))
        return _merge(self, kept, _build(fresh, epoch), source)

    def heads(self, allow: frozenset[str], *, all_versions: bool = False) -> Bools:
        """Return which rows a reader of the classes ``allow`` searches; the array is shared, not to be changed."""
        found = self._heads.get((allow, all_versions))
        if found is None:
            if len(self._heads) >= _HELD:
                self._heads.clear()
            found = self._heads[allow, all_versions] = self._heads_of(allow, all_versions=all_versions)
            found.flags.writeable = False
        return found

    def _heads_of(self, allow: frozenset[str], *, all_versions: bool) -> Bools:
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

    def having(self, name: str, values: Iterable[str]) -> Bools:
        """Return which rows have any of ``values`` in facet ``name``."""
        rows = np.zeros(len(self.units), dtype=np.bool_)
        facet = self.facets.get(name)
        if facet is not None:
            rows[facet.rows[facet.among(values).take(facet.codes)]] = True
        return rows


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
            for value in dict.fromkeys(values):
                at.append(row)
                codes.append(known.setdefault(value, len(known)))
    return UnitTable(
        epoch=epoch,
        units=_ints(unit.unit for unit in rows),
        products=_ints(unit.product for unit in rows),
        access=_ints(access),
        classes=tuple(classes),
        dates=_ints(unit.date for unit in rows),
        file_rows=_ints(file_rows),
        file_ids=_ints(file_ids),
        facets={
            name: Facet(tuple(known), _ints(at), _ints(codes)) for name, (known, at, codes) in pairs.items()
        },
        source=source,
    )


def _merge(old: UnitTable, kept: Bools, new: UnitTable, source: Mapping[int, tuple[Unit, ...]]) -> UnitTable:
    """Return ``new`` and the ``kept`` rows of ``old`` as one table; no product may be in both."""
    products = np.concatenate((old.products[kept], new.products))
    order = np.argsort(products, kind="stable")
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    old_place = np.full(len(kept), -1, dtype=np.int64)
    old_place[kept] = place[: int(kept.sum())]
    new_place = place[int(kept.sum()) :]

    def column(first: Ints, second: Ints) -> Ints:
        joined: Ints = np.concatenate((first[kept], second))[order]
        return joined

    def pairs(first: tuple[Ints, Ints], second: tuple[Ints, Ints]) -> tuple[Ints, Ints]:
        stay = kept[first[0]]
        return (
            np.concatenate((old_place[first[0][stay]], new_place[second[0]])),
            np.concatenate((first[1][stay], second[1])),
        )

    classes, codes = _joined(old.classes, new.classes)
    file_rows, file_ids = pairs((old.file_rows, old.file_ids), (new.file_rows, new.file_ids))
    facets = {}
    nothing = Facet((), _ints(()), _ints(()))
    for name in {**old.facets, **new.facets}:
        before, after = old.facets.get(name, nothing), new.facets.get(name, nothing)
        values, renamed = _joined(before.values, after.values)
        facets[name] = Facet(values, *pairs((before.rows, before.codes), (after.rows, renamed[after.codes])))
    return UnitTable(
        epoch=new.epoch,
        units=column(old.units, new.units),
        products=products[order],
        access=column(old.access, codes[new.access]),
        classes=classes,
        dates=column(old.dates, new.dates),
        file_rows=file_rows,
        file_ids=file_ids,
        facets=facets,
        source=source,
    )


def _joined(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[tuple[str, ...], Ints]:
    """Return all names, and for each of ``second`` its code among them."""
    known = {name: code for code, name in enumerate(first)}
    codes = _ints(known.setdefault(name, len(known)) for name in second)
    return tuple(known), codes


def _ints(values: Iterable[int]) -> Ints:
    return np.fromiter(values, dtype=np.int64)
