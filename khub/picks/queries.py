"""Reading a selection: only what its person may read now; what was closed to him meanwhile is not counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub.annual import compose
from khub.annual.models import AnnualReport
from khub.db import read_rows
from khub.picks.models import Pick
from khub.policy import Right, holds
from khub.products.models import Copy, CopyFile, File, Product
from khub.products.queries import ProductRow, head_condition, listed, readable_copies

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from khub.policy import Actor
    from khub.products.models import Version

_REPORTS = 5
# Put together once: every page of results asks.
_MINE = Pick.person_id == sa.bindparam("person")
_ANY = sa.select(Pick.product_id).where(_MINE).limit(1)
_AMONG = (
    sa.select(Product.public_id)
    .join(Pick, Pick.product_id == Product.id)
    .where(_MINE, Product.public_id.in_(sa.bindparam("products", expanding=True)))
)


@dataclass(frozen=True, slots=True)
class PickedFile:
    """A stored file of a picked product, through the copy that its person reads."""

    product: str
    version: int
    public_id: str
    name: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Picked:
    """One page of a selection; ``size`` are the bytes of all files of the whole of it."""

    total: int
    files: int
    size: int
    rows: list[ProductRow]


def _heads(actor: Actor) -> sa.Select[Copy, Version, Product]:
    return (
        readable_copies(actor)
        .join(Pick, Pick.product_id == Product.id)
        .where(Pick.person_id == actor.person_id, head_condition(actor))
        .order_by(Pick.at, Product.id)
    )


def count(session: Session, actor: Actor) -> int:
    """Return how many products ``actor`` has picked."""
    if actor.person_id is None:
        return 0
    # Every page of results asks, and most people have picked nothing: rights need not be joined then.
    if read_rows(session, _ANY, {"person": actor.person_id}).scalar() is None:
        return 0
    found = sa.select(sa.func.count()).select_from(_heads(actor).order_by(None).subquery())
    return session.scalar(found) or 0


def among(session: Session, actor: Actor, products: Iterable[str]) -> frozenset[str]:
    """Return which of ``products`` (public ids) ``actor`` has picked."""
    if actor.person_id is None:
        return frozenset()
    return frozenset(
        read_rows(session, _AMONG, {"person": actor.person_id, "products": list(products)}).scalars()
    )


def picked(session: Session, actor: Actor, now: datetime, page: int, size: int) -> Picked:
    """Return one page of the selection, in the order of picking."""
    files = archived(session, actor)
    part = _heads(actor).offset((page - 1) * size).limit(size)
    whole = sum(file.size for file in files)
    return Picked(count(session, actor), len(files), whole, listed(session, part, now))


def every(session: Session, actor: Actor, now: datetime) -> list[ProductRow]:
    """Return the whole selection."""
    return listed(session, _heads(actor), now)


def archived(session: Session, actor: Actor) -> list[PickedFile]:
    """Return the files of the selection, in its order."""
    found = session.execute(
        _heads(actor)
        .add_columns(File)
        .join(CopyFile, CopyFile.copy_id == Copy.id)
        .join(File, File.id == CopyFile.file_id)
        .order_by(CopyFile.position, File.id)
    ).all()
    return [
        PickedFile(product.public_id, version.number, file.public_id, file.name, file.sha256, file.size)
        for _, version, product, file in found
    ]


def chapters(session: Session, actor: Actor) -> list[tuple[str, str]]:
    """Return ("report/section", name) of every part of the newest annual reports, for who compiles them."""
    if not holds(actor, Right.COMPILE):
        return []
    newest = session.scalars(
        sa.select(AnnualReport).order_by(AnnualReport.year.desc(), AnnualReport.id.desc()).limit(_REPORTS)
    ).all()
    return [
        (f"{report.public_id}/{each.key}", f"{report.year} · {each.number} {each.title}".replace("  ", " "))
        for report in newest
        for each in compose.load(session, report.public_id).sections
        if not each.gone
    ]
