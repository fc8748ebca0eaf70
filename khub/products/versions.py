"""Versions of a keluaran, and drafts that are split, joined and thrown away."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub import policy
from khub.audit import chain
from khub.errors import N_, ConflictError, NotFoundError
from khub.products import copies, ids, lifecycle, uploads
from khub.products.models import (
    Copy,
    CopyAction,
    CopyFile,
    Product,
    Version,
)
from khub.reports.links import repoint
from khub.search import projection

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from khub.clock import Clock
    from khub.db import Database
    from khub.policy import Actor


class Versions:
    """The part of ``Products`` that makes versions and moves files between drafts."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self.db = db
        self.clock = clock

    def add_version(self, actor: Actor, public_id: str) -> int:
        """Start the next version as a draft; returns its number. The approved one stays visible."""
        now = self.clock.now()
        with self.db.write() as session:
            return self._next_version(session, actor, public_id, now).version.number

    def _next_version(self, session: Session, actor: Actor, public_id: str, now: datetime) -> copies.Loaded:
        loaded = copies.load(session, actor, public_id)
        policy.demand(policy.can_edit(actor, loaded.subject))
        if loaded.version.state not in (lifecycle.State.APPROVED, lifecycle.State.LOCKED):
            raise ConflictError(
                N_("Versi %(number)s belum disetujui. Ubah versi itu, bukan membuat versi baru."),
                number=loaded.version.number,
            )
        number = loaded.version.number + 1
        copies.new_version(
            session,
            loaded.product,
            actor.person_id or loaded.product.created_by,
            now,
            number=number,
            like=loaded.latest,
        )
        chain.append(session, actor, "version.created", "product", public_id, now, facts={"version": number})
        projection.refresh(session, [loaded.product.id], now)
        return copies.load(session, actor, public_id)

    def become_version(self, actor: Actor, draft_id: str, target_id: str) -> None:
        """Make the draft ``draft_id`` the next version of ``target_id``; the draft keluaran goes."""
        now = self.clock.now()
        with self.db.write() as session:
            draft = self._untouched_draft(session, actor, draft_id)
            target = copies.load(session, actor, target_id)
            policy.demand(policy.can_edit(actor, target.subject))
            if target.version.state not in lifecycle.EDITABLE:
                target = self._next_version(session, actor, target_id, now)
            target.product.batch = draft.product.batch
            _move_files(session, draft, target)
            repoint(session, draft.product.id, target.product.id)
            target.working.revision += 1
            target.working.saved_at = now
            self._close(session, actor, draft, now, into=target_id)
            chain.append(
                session,
                actor,
                "version.from-draft",
                "product",
                target_id,
                now,
                facts={"version": target.version.number, "draft": draft_id},
            )
            projection.refresh(session, [draft.product.id, target.product.id], now)

    def join(self, actor: Actor, batch: str) -> str:
        """Make the drafts of ``batch`` one keluaran holding all their files; returns its public id."""
        now = self.clock.now()
        with self.db.write() as session:
            found = session.scalars(
                sa.select(Product.public_id)
                .where(
                    Product.batch == batch,
                    Product.created_by == actor.person_id,
                    Product.discarded_at.is_(None),
                )
                .order_by(Product.id)
            ).all()
            drafts = [d for d in (copies.load(session, actor, public_id) for public_id in found) if _fresh(d)]
            if not drafts:
                raise NotFoundError
            first, *rest = drafts
            for draft in rest:
                policy.demand(policy.can_edit(actor, draft.subject))
                _move_files(session, draft, first)
                repoint(session, draft.product.id, first.product.id)
                self._close(session, actor, draft, now, into=first.product.public_id)
            first.working.revision += 1
            first.working.saved_at = now
            projection.refresh(session, [draft.product.id for draft in drafts], now)
            return first.product.public_id

    def split(self, actor: Actor, public_id: str) -> tuple[str, ...]:
        """Make each file of a draft a keluaran of its own; returns the public ids of all."""
        now = self.clock.now()
        with self.db.write() as session:
            loaded = self._untouched_draft(session, actor, public_id)
            files = copies.files_of(session, loaded.working.id)
            made = [public_id]
            for file in files[1:]:
                product = Product(
                    public_id=ids.product_id(),
                    institution_id=loaded.product.institution_id,
                    pokja_id=loaded.product.pokja_id,
                    classification=loaded.product.classification,
                    batch=loaded.product.batch,
                    created_by=loaded.product.created_by,
                    created_at=now,
                )
                session.add(product)
                session.flush()
                _, working = copies.new_version(
                    session,
                    product,
                    product.created_by,
                    now,
                    number=1,
                    like=loaded.working,
                    title=file.title or file.name.rpartition(".")[0] or file.name,
                    title_typed=False,
                )
                uploads.drop(session, loaded.working.id, file)
                file.product_id = product.id
                copies.add_file(session, working.id, file.id)
                chain.append(
                    session,
                    actor,
                    "product.split",
                    "product",
                    product.public_id,
                    now,
                    facts={"from": public_id, "file": file.public_id},
                )
                made.append(product.public_id)
                projection.refresh(session, [product.id], now)
            loaded.working.revision += 1
            projection.refresh(session, [loaded.product.id], now)
            return tuple(made)

    def discard(self, actor: Actor, public_id: str) -> None:
        """Throw a draft away. What was ever handed in stays: then only the open version goes."""
        now = self.clock.now()
        with self.db.write() as session:
            loaded = self.editable(session, actor, public_id)
            if loaded.latest is not None:
                raise ConflictError(
                    N_("Versi ini pernah diajukan, jadi tidak dihapus. Perbaiki, lalu ajukan lagi.")
                )
            if loaded.version.number == 1:
                self._close(session, actor, loaded, now)
            else:
                _erase_version(session, loaded)
                chain.append(
                    session,
                    actor,
                    "version.discarded",
                    "product",
                    public_id,
                    now,
                    facts={"version": loaded.version.number},
                )
            projection.refresh(session, [loaded.product.id], now)

    @staticmethod
    def editable(session: Session, actor: Actor, public_id: str) -> copies.Loaded:
        """Return the newest version for change by ``actor``; ``ConflictError`` when it is frozen."""
        loaded = copies.load(session, actor, public_id)
        policy.demand(policy.can_edit(actor, loaded.subject))
        if loaded.version.state not in lifecycle.EDITABLE:
            raise ConflictError(
                N_(
                    "Versi ini sudah diajukan dan beku. Tarik kembali, atau buat versi baru, untuk mengubahnya."
                )
            )
        return loaded

    def _untouched_draft(self, session: Session, actor: Actor, public_id: str) -> copies.Loaded:
        loaded = self.editable(session, actor, public_id)
        if not _fresh(loaded):
            raise ConflictError(N_("Hanya draf yang belum pernah diajukan dapat digabung atau dipisah."))
        return loaded

    @staticmethod
    def _close(
        session: Session, actor: Actor, loaded: copies.Loaded, now: datetime, *, into: str = ""
    ) -> None:
        loaded.product.discarded_at = now
        chain.append(
            session,
            actor,
            "product.discarded",
            "product",
            loaded.product.public_id,
            now,
            facts={"into": into} if into else None,
        )


def _fresh(loaded: copies.Loaded) -> bool:
    return (
        loaded.version.number == 1 and loaded.latest is None and loaded.version.state == lifecycle.State.DRAFT
    )


def _move_files(session: Session, source: copies.Loaded, target: copies.Loaded) -> None:
    for file in copies.files_of(session, source.working.id):
        uploads.drop(session, source.working.id, file)
        file.product_id = target.product.id
        copies.add_file(session, target.working.id, file.id)


def _erase_version(session: Session, loaded: copies.Loaded) -> None:
    """Remove a version that was never handed in, with its working copy."""
    for model in (CopyAction, CopyFile):
        session.execute(sa.delete(model).where(model.copy_id == loaded.working.id))
    session.execute(sa.delete(Copy).where(Copy.id == loaded.working.id))
    session.execute(sa.delete(Version).where(Version.id == loaded.version.id))
