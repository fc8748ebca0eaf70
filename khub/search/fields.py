"""From what people write in a field filter to the codes that the columns hold."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import sqlalchemy as sa

from indexer.analysis import fold
from indexer.query import Clause, Field, Group, Query
from khub.plan.directory import Directory
from khub.plan.models import Branch, Focus, Period, Pokja
from khub.products.models import Kind

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_STATUS = {
    "draf": "draft",
    "diajukan": "submitted",
    "dikembalikan": "returned",
    "disetujui": "approved",
    "terkunci": "locked",
    "ditarik": "withdrawn",
    "rejected": "returned",
}
_LANGUAGE = {"indonesia": "id", "indonesian": "id", "inggris": "en", "english": "en"}
_CLASSIFICATION = {"open": "terbuka", "restricted": "terbatas"}
_ROMAN = {"i": "1", "ii": "2", "iii": "3", "iv": "4", "v": "5", "vi": "6", "vii": "7", "viii": "8", "ix": "9"}


def resolve(session: Session, query: Query) -> Query:
    """Return ``query`` with the values of its field filters turned into codes; unknown ones stay."""
    return Query(tuple(_clause(session, clause) for clause in query.clauses))


def _clause(session: Session, clause: Clause) -> Clause:
    node = clause.node
    if isinstance(node, Group):
        return replace(clause, node=Group(tuple(_clause(session, member) for member in node.clauses)))
    if isinstance(node, Field) and node.name != "judul":
        values = dict.fromkeys(code for value in node.values for code in codes(session, node.name, value))
        return replace(clause, node=Field(node.name, tuple(values)))
    return clause


def codes(session: Session, name: str, value: str) -> list[str]:  # noqa: PLR0911 - one return a field
    """Return the codes that ``value`` (folded) may mean in field ``name``."""
    match name:
        case "status":
            return [_STATUS.get(value, value)]
        case "bahasa":
            return [_LANGUAGE.get(value, value)]
        case "klasifikasi":
            return [_CLASSIFICATION.get(value, value)]
        case "pilar":
            return _named(session, Branch.code, Branch.name, _ROMAN.get(value, value))
        case "fokus":
            return _named(session, Focus.code, Focus.name, value)
        case "jenis":
            return _kinds(session, value)
        case "periode":
            return _named(session, Period.code, Period.name, value)
        case "pokja":
            # "pokja:1": the codes that an import gives begin with the word.
            number = _ROMAN.get(value, value)
            return _named(session, Pokja.code, Pokja.name, value, f"pokja-{number}", f"pokja {number}")
        case "kl":
            return _institutions(session, value)
    return [value]


def _named(
    session: Session,
    code: sa.orm.InstrumentedAttribute[str],
    name: sa.orm.InstrumentedAttribute[str],
    *values: str,
) -> list[str]:
    """Return the codes whose code or name is one of ``values``, the first of them where there are none."""
    plain = {_plain(value) for value in values}
    found = [
        fold(row_code)
        for row_code, row_name in session.execute(sa.select(code, name))
        if fold(row_code) in values or _plain(row_name) in plain
    ]
    return found or [values[0]]


def _kinds(session: Session, value: str) -> list[str]:
    folded = _plain(value)
    found = []
    for kind in session.scalars(sa.select(Kind)):
        names = (kind.code, kind.name, kind.name_en, *kind.name.split("/"), *kind.name_en.split("/"))
        if folded in (_plain(each) for each in names):
            found.append(kind.code)
    return found or [value]


def _institutions(session: Session, value: str) -> list[str]:
    """Return the codes of the K/L called ``value``, those it came from and went into included."""
    folded = _plain(value)
    directory = Directory.load(session)
    families = (
        directory.family(directory.head(each.id))
        for each in directory.by_id.values()
        if folded in map(_plain, (each.code, each.name, each.abbreviation, *each.aliases))
    )
    return sorted({fold(directory.by_id[each].code) for family in families for each in family}) or [value]


def _plain(text: str) -> str:
    return " ".join("".join(c if c.isalnum() else " " for c in fold(text)).split())
