"""Database rows → the columns that search masks, counts and groups by.

Written in the transaction of every change, stamped by the epoch, so that a changed right, state
or link counts with the next query and without touching the index.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub import outbox
from khub.plan.models import Action, Branch, Focus, Institution, Period, Pokja
from khub.policy import Access, Content
from khub.products import copies
from khub.products.models import Copy, CopyAction, CopyFile, Product, Version
from khub.search.models import Entry, Epoch

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy.orm import Session

#: Outbox kind: write the title documents of a product.
TITLES = "titles"


def refresh(session: Session, product_ids: Iterable[int], at: datetime) -> None:
    """Rewrite the search columns of ``product_ids`` and ask for their titles to be indexed."""
    for product_id in sorted(set(product_ids)):
        # The epoch's row lock first: what is described then is all that was committed before.
        epoch = tick(session)
        described = describe(session, product_id)
        entry = session.get(Entry, product_id, populate_existing=True)
        if entry is None:
            session.add(Entry(product_id=product_id, epoch=epoch, copies=described))
        else:
            entry.copies, entry.epoch = described, epoch
        outbox.enqueue(session, TITLES, product_id, at, priority=4)
    session.flush()


def tick(session: Session) -> int:
    """Move the epoch on and return it; its row stays locked until the transaction ends."""
    return session.execute(
        sa.update(Epoch).where(Epoch.id == 1).values(value=Epoch.value + 1).returning(Epoch.value)
    ).scalar_one()


def describe(session: Session, product_id: int) -> list[dict[str, object]]:
    """Return the searchable copies of a product: one JSON object each, see ``units.py`` for the keys."""
    head = session.execute(
        sa.select(Product, Institution.code, Pokja.code)
        .join(Institution, Institution.id == Product.institution_id)
        .join(Pokja, Pokja.id == Product.pokja_id)
        .where(Product.id == product_id, Product.discarded_at.is_(None))
    ).one_or_none()
    if head is None:
        return []
    product, institution, pokja = head
    rows = session.execute(
        sa.select(Copy, Version, Period.code, Period.year)
        .join(Version, Version.id == Copy.version_id)
        .outerjoin(Period, Period.id == Copy.period_id)
        .where(Version.product_id == product_id, Copy.access != Access.FROZEN)
        .order_by(Version.number, Copy.number)
    ).all()
    ids = [row[0].id for row in rows]
    files, places = _files(session, ids), _places(session, ids)
    found = []
    for copy, version, period, year in rows:
        content = Content(copy.access, product.classification, product.institution_id, product.pokja_id)
        place = places.get(copy.id, [])
        status = copies.status_of(copy, version)
        found.append(
            {
                "copy": copy.id,
                "rank": copies.rank_of(copy, version),
                "access": content.access_class,
                "files": files.get(copy.id, []),
                "date": int(f"{(copy.submitted_at or version.created_at):%Y%m%d}"),
                "language": copy.language,
                "title": copy.title,
                "facets": {
                    "pilar": sorted({branch for branch, _, _ in place}),
                    "fokus": sorted({focus for _, focus, _ in place}),
                    "aksi": sorted({action for _, _, action in place}),
                    "kl": [institution],
                    "pokja": [pokja],
                    "periode": [period] if period else [],
                    "tahun": [str(year)] if year else [],
                    "jenis": [copy.kind],
                    "status": [status],
                    "bahasa": [copy.language] if copy.language else [],
                    "klasifikasi": [product.classification],
                },
            }
        )
    return found


def _files(session: Session, copy_ids: list[int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for copy_id, file_id in session.execute(
        sa.select(CopyFile.copy_id, CopyFile.file_id)
        .where(CopyFile.copy_id.in_(copy_ids))
        .order_by(CopyFile.copy_id, CopyFile.position)
    ):
        found.setdefault(copy_id, []).append(file_id)
    return found


def _places(session: Session, copy_ids: list[int]) -> dict[int, list[tuple[str, str, str]]]:
    found: dict[int, list[tuple[str, str, str]]] = {}
    for copy_id, branch, focus, action in session.execute(
        sa.select(CopyAction.copy_id, Branch.code, Focus.code, Action.code)
        .join(Action, Action.id == CopyAction.action_id)
        .join(Focus, Focus.id == Action.focus_id)
        .join(Branch, Branch.id == Focus.branch_id)
        .where(CopyAction.copy_id.in_(copy_ids))
    ):
        found.setdefault(copy_id, []).append((branch, focus, action))
    return found
