"""What owners do with a keluaran: say what it is, hand it in, take it back, make versions of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub import policy
from khub.audit import chain
from khub.clock import WIB
from khub.errors import N_, ConflictError, FieldError, ForbiddenError, InvalidError, NotFoundError
from khub.products import copies, forms, ids, lifecycle, places, uploads
from khub.products.lifecycle import Act
from khub.products.models import (
    Copy,
    CopyAction,
    CopyFile,
    File,
    Kind,
    Product,
    Receipt,
    Version,
)
from khub.search import projection

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from khub.clock import Clock
    from khub.db import Database
    from khub.policy import Actor
    from khub.products.forms import Metadata


class StaleError(ConflictError):
    """Somebody saved in between; ``revision`` is the one in force now."""

    def __init__(self, revision: int) -> None:
        super().__init__(
            N_(
                "Orang lain menyimpan keluaran ini sementara Anda mengisi. Isian Anda masih di bawah; bandingkan."
            )
        )
        self.revision = revision


@dataclass(frozen=True, slots=True)
class Handed:
    """What one press of Ajukan did."""

    receipt: str
    products: tuple[str, ...]


class Products:
    """Use cases on keluaran. Every method is one transaction with its audit events."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self.db = db
        self.clock = clock

    # -- saying what it is -----------------------------------------------------------------------

    def save(self, actor: Actor, public_id: str, form: Metadata) -> int:
        """Save the check card and return the new revision.

        Raises ``StaleError`` when ``form.revision`` is not the one in force, ``InvalidError`` with
        every unknown choice, ``ConflictError`` when the working copy is frozen.
        """
        now = self.clock.now()
        with self.db.write() as session:
            loaded = self._editable(session, actor, public_id)
            if form.revision != loaded.working.revision:
                raise StaleError(loaded.working.revision)
            self._apply(session, actor, loaded, form, now)
            projection.refresh(session, [loaded.product.id], now)
            return loaded.working.revision

    def _apply(
        self, session: Session, actor: Actor, loaded: copies.Loaded, form: Metadata, now: datetime
    ) -> None:
        errors: list[FieldError] = []
        actions, period = [], None
        try:
            actions = places.find_actions(session, form.actions)
        except InvalidError as error:
            errors += error.errors
        try:
            period = places.find_period(session, form.period)
        except InvalidError as error:
            errors += error.errors
        if session.get(Kind, form.kind) is None:
            errors.append(FieldError("kind", N_("Pilih salah satu jenis yang ada.")))
        if errors:
            raise InvalidError(errors)
        working = loaded.working
        if form.title != working.title:
            working.title, working.title_typed = form.title, True
        if form.language != working.language:
            working.language, working.language_chosen = form.language, True
        working.kind = form.kind
        working.period_id = period.id if period else None
        working.personal_data = form.personal_data
        working.revision += 1
        working.saved_at = now
        self._link(session, working, [action.id for action in actions])
        self._settle(session, actor, loaded, form, now)

    @staticmethod
    def _link(session: Session, working: Copy, action_ids: Sequence[int]) -> None:
        known = {
            link.action_id: link
            for link in session.scalars(sa.select(CopyAction).where(CopyAction.copy_id == working.id))
        }
        for gone in known.keys() - set(action_ids):
            session.delete(known[gone])
        for position, action_id in enumerate(action_ids):
            if action_id in known:
                known[action_id].position = position
            else:
                session.add(CopyAction(copy_id=working.id, action_id=action_id, position=position))
        session.flush()

    def _settle(
        self, session: Session, actor: Actor, loaded: copies.Loaded, form: Metadata, now: datetime
    ) -> None:
        """Owner and classification belong to the keluaran, not to the copy."""
        product = loaded.product
        if form.owner and form.owner != f"{product.institution_id}:{product.pokja_id}":
            if loaded.latest is not None or loaded.version.number > 1:
                raise ConflictError(N_("Pemilik keluaran yang pernah diajukan tidak dapat diganti."))
            owner = next((o for o in places.owners(session, actor) if o.key == form.owner), None)
            if owner is None:
                raise InvalidError.one("owner", N_("Anda tidak mengunggah untuk K/L itu."))
            product.institution_id, product.pokja_id = owner.institution_id, owner.pokja_id
        if form.classification != product.classification:
            # A draft nobody has seen may be classified freely; what was handed in asks for a reason.
            handed_in = loaded.latest is not None or loaded.version.number > 1
            if handed_in and not form.classification_reason:
                raise InvalidError.one(
                    "classification_reason", N_("Tulis alasan perubahan klasifikasi; alasannya dicatat.")
                )
            self._classify(session, actor, product, form.classification, form.classification_reason, now)

    def classify(self, actor: Actor, public_id: str, classification: str, reason: str) -> None:
        """Change the classification; it counts at once everywhere. ``reason`` is compulsory."""
        now = self.clock.now()
        if classification not in set(policy.Classification):
            raise InvalidError.one("classification", N_("Pilih salah satu klasifikasi yang ada."))
        if not reason.strip():
            raise InvalidError.one(
                "classification_reason", N_("Tulis alasan perubahan klasifikasi; alasannya dicatat.")
            )
        with self.db.write() as session:
            loaded = copies.load(session, actor, public_id)
            policy.demand(policy.can_classify(actor, loaded.subject))
            if classification != loaded.product.classification:
                self._classify(session, actor, loaded.product, classification, reason, now)
                projection.refresh(session, [loaded.product.id], now)

    @staticmethod
    def _classify(
        session: Session, actor: Actor, product: Product, classification: str, reason: str, now: datetime
    ) -> None:
        chain.append(
            session,
            actor,
            "product.classified",
            "product",
            product.public_id,
            now,
            reason=reason,
            facts={"from": product.classification, "to": classification},
        )
        product.classification = classification

    # -- handing in ------------------------------------------------------------------------------

    def submit(self, actor: Actor, public_ids: Sequence[str]) -> Handed:
        """Hand the newest versions of ``public_ids`` in together, under one receipt.

        All or nothing: raises ``InvalidError`` naming everything that is missing (field
        ``<public id>.<field>``), ``ConflictError`` when one was handed in meanwhile.
        """
        now = self.clock.now()
        if not public_ids:
            raise InvalidError.one("files", N_("Belum ada berkas. Pilih berkas, lalu ajukan."))
        with self.db.write() as session:
            batch = [copies.load(session, actor, public_id) for public_id in dict.fromkeys(public_ids)]
            errors: list[FieldError] = []
            for loaded in batch:
                policy.demand(policy.can_submit(actor, loaded.subject))
                lifecycle.check(loaded.version.state, Act.SUBMIT)
                errors += _missing(session, loaded)
            if errors:
                raise InvalidError(errors)
            return self._hand_in(session, actor, batch, now)

    def submit_batch(self, actor: Actor, batch: str) -> Handed:
        """Hand in every draft that ``actor`` uploaded under ``batch``; see ``submit``."""
        with self.db.read() as session:
            public_ids = list(
                session.scalars(
                    sa.select(Product.public_id)
                    .join(Version, Version.product_id == Product.id)
                    .where(
                        Product.batch == batch,
                        Product.created_by == actor.person_id,
                        Product.discarded_at.is_(None),
                        Version.state == lifecycle.State.DRAFT,
                    )
                    .order_by(Product.id)
                )
            )
        return self.submit(actor, public_ids)

    @staticmethod
    def _hand_in(session: Session, actor: Actor, batch: list[copies.Loaded], now: datetime) -> Handed:
        if actor.person_id is None:
            raise ForbiddenError(N_("Pengajuan perlu seorang pengaju."))
        receipt = Receipt(
            number=ids.receipt_number(now.astimezone(WIB).year),
            at=now,
            person_id=actor.person_id,
            institution_id=batch[0].product.institution_id,
        )
        session.add(receipt)
        session.flush()
        for loaded in batch:
            snapshot = copies.freeze(session, loaded, now, actor.person_id, receipt.id)
            copies.move(loaded, Act.SUBMIT, snapshot)
            event = chain.append(
                session,
                actor,
                "product.submitted",
                "product",
                loaded.product.public_id,
                now,
                facts={
                    "version": loaded.version.number,
                    "snapshot": snapshot.number,
                    "receipt": receipt.number,
                    "files": [
                        {"name": file.name, "sha256": file.sha256}
                        for file in copies.files_of(session, snapshot.id)
                    ],
                },
            )
            receipt.event_seq = event.seq
        projection.refresh(session, [loaded.product.id for loaded in batch], now)
        return Handed(receipt.number, tuple(loaded.product.public_id for loaded in batch))

    def withdraw(self, actor: Actor, public_id: str) -> None:
        """Take a handed-in version back, as long as no reviewer has opened it."""
        now = self.clock.now()
        with self.db.write() as session:
            loaded = copies.load(session, actor, public_id)
            policy.demand(policy.can_submit(actor, loaded.subject))
            lifecycle.check(loaded.version.state, Act.WITHDRAW)
            if loaded.version.reviewer_id is not None:
                raise ConflictError(N_("Verifikator sudah membukanya, jadi tidak dapat ditarik lagi."))
            if loaded.latest is None:
                raise NotFoundError
            copies.move(loaded, Act.WITHDRAW, loaded.latest)
            chain.append(
                session,
                actor,
                "product.withdrawn",
                "product",
                public_id,
                now,
                facts={"version": loaded.version.number, "snapshot": loaded.latest.number},
            )
            projection.refresh(session, [loaded.product.id], now)

    # -- versions, splitting, joining ------------------------------------------------------------

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
            loaded = self._editable(session, actor, public_id)
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

    # -- shared ----------------------------------------------------------------------------------

    @staticmethod
    def _editable(session: Session, actor: Actor, public_id: str) -> copies.Loaded:
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
        loaded = self._editable(session, actor, public_id)
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


def _missing(session: Session, loaded: copies.Loaded) -> list[FieldError]:
    """Return what a version still lacks before it can be handed in."""
    working, name = loaded.working, loaded.product.public_id
    files = copies.files_of(session, working.id)
    linked = session.scalar(
        sa.select(sa.func.count()).select_from(CopyAction).where(CopyAction.copy_id == working.id)
    )
    gaps = forms.gaps(
        title=working.title,
        files=len(files),
        actions=linked or 0,
        period=working.period_id is not None,
        unanswered=not working.personal_data and any(_personal(file) for file in files),
    )
    return [FieldError(f"{name}.{gap.name}", gap.message) for gap in gaps]


def _personal(file: File) -> bool:
    return bool(file.personal)
