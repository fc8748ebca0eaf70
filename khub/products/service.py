"""What owners do with a keluaran: say what it is, hand it in, take it back, make versions of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub import policy
from khub.audit import chain
from khub.clock import WIB
from khub.errors import N_, ConflictError, FieldError, ForbiddenError, InvalidError, NotFoundError
from khub.products import copies, forms, ids, lifecycle, places
from khub.products.lifecycle import Act
from khub.products.models import (
    Copy,
    CopyAction,
    File,
    Kind,
    Product,
    Receipt,
    Version,
)
from khub.products.versions import Versions
from khub.search import projection

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

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


class Products(Versions):
    """Use cases on keluaran. Every method is one transaction with its audit events."""

    # -- saying what it is -----------------------------------------------------------------------

    def save(self, actor: Actor, public_id: str, form: Metadata) -> int:
        """Save the check card and return the new revision.

        Raises ``StaleError`` when ``form.revision`` is not the one in force, ``InvalidError`` with
        every unknown choice, ``ConflictError`` when the working copy is frozen.
        """
        now = self.clock.now()
        with self.db.write() as session:
            loaded = self.editable(session, actor, public_id)
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
        demand_classification(classification, reason)
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
            receipt = open_receipt(session, actor, batch[0].product.institution_id, now)
            hand_over(session, actor, batch, receipt, now)
            return Handed(receipt.number, tuple(loaded.product.public_id for loaded in batch))

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

    def withdraw(self, actor: Actor, public_id: str) -> None:
        """Take a handed-in version back, as long as no reviewer has opened it."""
        now = self.clock.now()
        with self.db.write() as session:
            loaded = copies.load(session, actor, public_id)
            policy.demand(policy.can_submit(actor, loaded.subject))
            take_back(session, actor, loaded, now)


def demand_classification(classification: str, reason: str) -> None:
    """Raise ``InvalidError`` for a classification that there is not, or a change without its reason."""
    if classification not in set(policy.Classification):
        raise InvalidError.one("classification", N_("Pilih salah satu klasifikasi yang ada."))
    if not reason.strip():
        raise InvalidError.one(
            "classification_reason", N_("Tulis alasan perubahan klasifikasi; alasannya dicatat.")
        )


def open_receipt(session: Session, actor: Actor, institution_id: int, now: datetime) -> Receipt:
    """Add the receipt of one press of Ajukan."""
    if actor.person_id is None:
        raise ForbiddenError(N_("Pengajuan perlu seorang pengaju."))
    receipt = Receipt(
        number=ids.receipt_number(now.astimezone(WIB).year),
        at=now,
        person_id=actor.person_id,
        institution_id=institution_id,
    )
    session.add(receipt)
    session.flush()
    return receipt


def hand_over(
    session: Session, actor: Actor, batch: Sequence[copies.Loaded], receipt: Receipt, now: datetime
) -> None:
    """Freeze and hand in versions under ``receipt``; its time is that of the press, ``now`` that of record.

    The caller has asked the policy and looked for what is missing.
    """
    for loaded in batch:
        snapshot = copies.freeze(session, loaded, receipt.at, receipt.person_id, receipt.id)
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


def take_back(session: Session, actor: Actor, loaded: copies.Loaded, now: datetime) -> None:
    """Take a handed-in version back; the caller has asked the policy."""
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
        loaded.product.public_id,
        now,
        facts={"version": loaded.version.number, "snapshot": loaded.latest.number},
    )
    projection.refresh(session, [loaded.product.id], now)


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
