"""K/L: add, rename, alias, replace by a successor."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub.audit import chain
from khub.errors import N_, ConflictError, FieldError, InvalidError, NotFoundError
from khub.kinds import projection
from khub.plan import names, past
from khub.plan.directory import Directory, Listed
from khub.plan.models import Institution, InstitutionAlias
from khub.plan.service import demand_plan

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from khub.clock import Clock
    from khub.db import Database
    from khub.plan.forms import InstitutionForm
    from khub.policy import Actor


def seen(item: Listed, *, official_submits: bool) -> str:
    """Return a mark of a K/L's present facts; an edit that started from other facts is refused."""
    body = json.dumps([asdict(item), official_submits], default=str, sort_keys=True)
    return hashlib.sha256(body.encode()).hexdigest()[:16]


class Institutions:
    """Write side of the K/L."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self.db = db
        self.clock = clock

    def add(self, actor: Actor, form: InstitutionForm) -> str:
        """Add a K/L and return its code. Raises ``InvalidError`` for a name in use."""
        demand_plan(actor)
        now = self.clock.now()
        with self.db.write() as session:
            directory = Directory.load(session)
            successor = _checked(directory, form, None)
            row = Institution(code=directory.free_code(form.abbreviation or form.name, ()), name=form.name)
            _fill(row, form, successor)
            session.add(row)
            session.flush()
            _set_aliases(session, row.id, form.aliases)
            projection.refresh(session, projection.UNIT, [row.id], now)
            chain.append(
                session, actor, "institution.added", "institution", row.code, now, facts=asdict(form)
            )
            return row.code

    def edit(self, actor: Actor, code: str, form: InstitutionForm, started_from: str) -> None:
        """Change a K/L; a name given up stays as an alias, so that it is still found.

        ``started_from`` is the ``seen`` mark of the facts the form was filled from. Raises
        ``NotFoundError``, ``InvalidError`` (name in use, circle of successors), ``ConflictError`` when
        somebody else changed the K/L meanwhile.
        """
        demand_plan(actor)
        now = self.clock.now()
        with self.db.write() as session:
            row = session.scalar(sa.select(Institution).where(Institution.code == code).with_for_update())
            if row is None:
                raise NotFoundError
            directory = Directory.load(session)
            before = directory.by_id[row.id]
            if seen(before, official_submits=row.official_submits) != started_from:
                raise ConflictError(
                    N_("Seseorang mengubah K/L ini sejak halaman ini dibuka. Isian Anda masih di bawah.")
                )
            successor = _checked(directory, form, before)
            aliases = form.aliases
            if names.fold(before.name) not in map(names.fold, (form.name, *aliases)):
                aliases = (*aliases, before.name)
            if successor != row.successor_id:
                if row.successor_id is not None:
                    past.keep(session, "successor", row.id, row.successor_id, row.successor_at, now)
                row.successor_at = now if successor is not None else None
            _fill(row, form, successor)
            _set_aliases(session, row.id, aliases)
            projection.refresh(session, projection.UNIT, [row.id], now)
            chain.append(
                session,
                actor,
                "institution.changed",
                "institution",
                code,
                now,
                facts={"before": asdict(before), "after": asdict(form)},
            )


def _checked(directory: Directory, form: InstitutionForm, self_: Listed | None) -> int | None:
    """Return the successor's id; raises ``InvalidError`` with every clash."""
    errors: list[FieldError] = []
    family = directory.family(directory.head(self_.id)) if self_ else frozenset[int]()
    for field, text in (
        ("name", form.name),
        ("abbreviation", form.abbreviation),
        *(("aliases", alias) for alias in form.aliases),
    ):
        others = [
            item
            for item in (directory.find(text) if text else ())
            if item.id not in family and (field == "aliases" or item.valid_to is None)
        ]
        if others:
            errors.append(
                FieldError(
                    field,
                    N_("“%(text)s” sudah dipakai oleh %(name)s."),
                    {"text": text, "name": others[0].name},
                )
            )
    successor: int | None = None
    if form.successor:
        found = directory.find(form.successor)
        if len(found) != 1:
            errors.append(
                FieldError("successor", N_("K/L pengganti tidak dikenali. Tulis kode atau namanya."))
            )
        elif self_ is not None and found[0].id in directory.family(self_.id):
            errors.append(FieldError("successor", N_("Pengganti tidak boleh berputar kembali ke K/L ini.")))
        else:
            successor = found[0].id
    if errors:
        raise InvalidError(errors)
    return successor


def _fill(row: Institution, form: InstitutionForm, successor: int | None) -> None:
    row.name, row.abbreviation = form.name, form.abbreviation
    row.valid_from, row.valid_to = form.valid_from, form.valid_to
    row.successor_id, row.official_submits = successor, form.official_submits


def _set_aliases(session: Session, institution_id: int, aliases: tuple[str, ...]) -> None:
    wanted = {names.fold(alias): alias for alias in aliases}
    rows = session.scalars(
        sa.select(InstitutionAlias).where(InstitutionAlias.institution_id == institution_id)
    ).all()
    for row in rows:
        if row.key in wanted:
            row.alias = wanted.pop(row.key)
        else:
            session.delete(row)
    session.flush()
    taken = set(session.scalars(sa.select(InstitutionAlias.key).where(InstitutionAlias.key.in_(wanted))))
    session.add_all(
        InstitutionAlias(institution_id=institution_id, alias=alias, key=key)
        for key, alias in wanted.items()
        if key not in taken
    )
    session.flush()
