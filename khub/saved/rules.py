"""Who opens a saved search. That gives the question only: what it finds is what the reader may read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub.db import read_rows
from khub.errors import N_, InvalidError
from khub.plan.models import Institution, Pokja
from khub.policy import Role
from khub.saved.models import SavedSearch
from khub.saved.terms import Audience

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from khub.policy import Actor

#: Put together once: every page of results asks.
_CHOICES = (
    sa.select(sa.literal(str(Audience.INSTITUTION)).label("audience"), Institution.id, Institution.name)
    .where(Institution.id.in_(sa.bindparam("units", expanding=True)))
    .union_all(
        sa.select(sa.literal(str(Audience.POKJA)), Pokja.id, Pokja.name).where(
            Pokja.id.in_(sa.bindparam("pokjas", expanding=True))
        )
    )
)


def open_to(actor: Actor) -> sa.ColumnElement[bool]:
    """Return the SQL condition for the living searches that ``actor`` opens."""
    if actor.person_id is None:
        return sa.false()
    pokjas = sorted({grant.pokja_id for grant in actor.grants if grant.pokja_id is not None})
    shared = [
        sa.and_(
            SavedSearch.audience == Audience.INSTITUTION,
            SavedSearch.institution_id.in_(sorted(actor.institutions)),
        ),
        sa.and_(SavedSearch.audience == Audience.POKJA, SavedSearch.pokja_id.in_(pokjas)),
    ]
    if actor.has(Role.SECRETARIAT):
        shared.append(SavedSearch.audience == Audience.SECRETARIAT)
    return sa.and_(SavedSearch.ended_at.is_(None), sa.or_(SavedSearch.owner_id == actor.person_id, *shared))


def choices(session: Session, actor: Actor) -> list[tuple[str, str]]:
    """Return (value, name) of whom ``actor`` may share with: his K/L, his pokja, the Sekretariat ("") if his."""
    pokjas = {grant.pokja_id for grant in actor.grants if grant.pokja_id is not None}
    asked = {"units": list(actor.institutions), "pokjas": list(pokjas)}
    rows = sorted(
        read_rows(session, _CHOICES, asked), key=lambda row: (row.audience != Audience.INSTITUTION, row.name)
    )
    found = [(f"{row.audience}:{row.id}", row.name) for row in rows]
    return [*found, *([(str(Audience.SECRETARIAT), "")] if actor.has(Role.SECRETARIAT) else [])]


def share(session: Session, actor: Actor, search: SavedSearch, value: str) -> None:
    """Set whom ``search`` is shared with, by a value of ``choices`` or "" for nobody; raises ``InvalidError``."""
    if value and value not in {each for each, _ in choices(session, actor)}:
        raise InvalidError.one("bagi", N_("Pilihan ini tidak dikenali."))
    audience, _, number = value.partition(":")
    search.audience = audience
    search.institution_id = int(number) if audience == Audience.INSTITUTION else None
    search.pokja_id = int(number) if audience == Audience.POKJA else None


def value_of(search: SavedSearch) -> str:
    """Return whom ``search`` is shared with as a value of ``choices``, "" for nobody."""
    number = search.institution_id or search.pokja_id
    return f"{search.audience}:{number}" if number else search.audience
