"""Words for the codes that facets count."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from indexer.analysis import fold
from khub.plan.models import Action, Branch, Focus, Institution, Period, Pokja
from khub.products.models import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy.orm import Session

    from khub.policy import Actor


def names(
    session: Session, actor: Actor, wanted: Mapping[str, Iterable[str]]
) -> dict[str, dict[str, tuple[str, str]]]:
    """Return facet → code → (Indonesian, English) for the codes in ``wanted``; unknown codes are left out."""
    del actor
    found: dict[str, dict[str, tuple[str, str]]] = {}
    for name, codes in wanted.items():
        asked = set(codes)
        if not asked:
            continue
        found[name] = {code: words for code, words in _table(session, name) if code in asked}
    return found


def _table(session: Session, name: str) -> list[tuple[str, tuple[str, str]]]:  # noqa: PLR0911 - one return a facet
    match name:
        case "pilar":
            rows = session.execute(sa.select(Branch.code, Branch.name))
            return [(fold(code), (f"{code} {title}", f"{code} {title}")) for code, title in rows]
        case "fokus":
            rows = session.execute(sa.select(Focus.code, Focus.name))
            return [(fold(code), (f"{code} {title}", f"{code} {title}")) for code, title in rows]
        case "aksi":
            rows = session.execute(sa.select(Action.code, Action.title))
            return [(fold(code), (f"{code} {title}", f"{code} {title}")) for code, title in rows]
        case "kl":
            return [
                (fold(row.code), (row.abbreviation or row.name,) * 2)
                for row in session.scalars(sa.select(Institution))
            ]
        case "pokja":
            rows = session.execute(sa.select(Pokja.code, Pokja.name))
            return [(fold(code), (title, title)) for code, title in rows]
        case "periode":
            rows = session.execute(sa.select(Period.code, Period.name))
            return [(fold(code), (title, title)) for code, title in rows]
        case "jenis":
            return [(kind.code, (kind.name, kind.name_en)) for kind in session.scalars(sa.select(Kind))]
    return []
