"""What a search could not look into: files in its scope of which khub has no text, or not all.

The scope is what the filters leave of the documents that the asker may read, whatever the words say:
"everything on X" is answered honestly only together with what nobody could look for X in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import sqlalchemy as sa

from indexer.query import Field, Group, Occur, Range
from khub.db import read_rows
from khub.products.models import Copy, CopyFile, File
from khub.products.queries import readable_copies

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray
    from sqlalchemy.orm import Session

    from indexer.query import Clause, Node, Query
    from indexer.units import UnitTable
    from khub.policy import Actor

    Rows = NDArray[np.bool_]

#: States of a file of which not all text can be found, in the order of what may still change.
UNREAD = (
    "waiting",
    "processing",
    "partial",
    "needs_ocr",
    "ocr_running",
    "ocr_failed",
    "locked",
    "timeout",
    "broken",
    "too_risky",
    "unsupported",
    "no_text",
    "evidence",
)
_UNREAD = sa.select(File.id, File.state).where(File.state.in_(UNREAD))


@dataclass(frozen=True, slots=True)
class Unread:
    """A file in scope that could not be searched; ``state`` is a code for ``wording``."""

    product: str
    title: str
    file: str
    name: str
    media_type: str
    state: str
    reason: str
    page_count: int
    detail: dict[str, object]


def rows(table: UnitTable, heads: Rows, query: Query, filters: Mapping[str, frozenset[str]]) -> Rows:
    """Return which copies the filters leave, those written in the query and those beside it."""
    kept = heads.copy()
    for name, values in filters.items():
        if values:
            kept &= table.having(name, values)
    for clause in query.clauses:
        found = _clause(table, clause)
        if found is not None:
            kept &= found
    return kept


def _clause(table: UnitTable, clause: Clause) -> Rows | None:
    """Return the copies that a required or excluded filter leaves; None where words are in it."""
    if clause.occur is Occur.SHOULD:
        return None
    found = _node(table, clause.node)
    return ~found if found is not None and clause.occur is Occur.NOT else found


def _node(table: UnitTable, node: Node) -> Rows | None:
    match node:
        case Field("judul", _):
            return None
        case Field(name, values):
            return table.having(name, values)
        case Range("tanggal", low, high):
            return (table.dates >= low) & ((table.dates <= high) if high else True)
        case Range("tahun", low, high):
            facet = table.facets.get("tahun")
            years = [
                year
                for year in (facet.values if facet else ())
                if year.isdecimal() and low <= int(year) <= (high or int(year))
            ]
            return table.having("tahun", years)
        case Group(clauses):
            return _group(table, clauses)
    return None


def _group(table: UnitTable, clauses: Sequence[Clause]) -> Rows | None:
    parts = [(clause.occur, _node(table, clause.node)) for clause in clauses]
    sides = [found for occur, found in parts if occur is Occur.SHOULD]
    kept = np.ones(len(table.units), dtype=np.bool_)
    if any(found is None for _, found in parts):
        return None
    for occur, found in parts:
        if found is not None and occur is not Occur.SHOULD:
            kept &= found if occur is Occur.MUST else ~found
    if sides and not any(occur is Occur.MUST for occur, _ in parts):
        kept &= np.logical_or.reduce([found for found in sides if found is not None])
    return kept


def unread(session: Session, table: UnitTable, kept: Rows) -> dict[int, str]:
    """Return file id → state of the files of the copies ``kept`` that could not be searched, in order."""
    files = {row.id: row.state for row in read_rows(session, _UNREAD).all()}
    if not files:
        return {}
    inside = table.file_ids[kept[table.file_rows]]
    wanted = np.fromiter(files, dtype=np.int64, count=len(files))
    place = {state: at for at, state in enumerate(UNREAD)}
    found = sorted(
        (int(each) for each in wanted[np.isin(wanted, inside)]),
        key=lambda file: (place[files[file]], -file),
    )
    return {file: files[file] for file in found}


def listed(session: Session, actor: Actor, files: Sequence[int]) -> list[Unread]:
    """Return rows for ``files``, asked of the database once more whether ``actor`` may read them."""
    found = {
        file.id: Unread(
            product.public_id,
            copy.title,
            file.public_id,
            file.name,
            file.media_type,
            file.state,
            file.reason,
            file.page_count,
            dict(file.detail),
        )
        for copy, _, product, file in session.execute(
            readable_copies(actor)
            .add_columns(File)
            .join(CopyFile, CopyFile.copy_id == Copy.id)
            .join(File, File.id == CopyFile.file_id)
            .where(File.id.in_(files))
            .order_by(Copy.id)
        )
    }
    return [found[file] for file in files if file in found]
