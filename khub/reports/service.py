"""What a K/L does with its report rows: write, hand in, take back, confirm what others entered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from khub import policy
from khub.audit import chain
from khub.errors import N_, ConflictError, InvalidError, NotFoundError
from khub.kinds import projection
from khub.mail import notices
from khub.products import copies as product_copies
from khub.products import lifecycle
from khub.products import service as products
from khub.products.lifecycle import Act, State
from khub.products.models import Receipt
from khub.reports import copies, evidence, gaps, handing, outputs, rows, steps
from khub.reports.earlier import earlier
from khub.reports.models import ReportCopy, ReportOutput
from khub.reports.writing import write

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from typing import TypeVar

    from sqlalchemy.orm import Session

    from khub.clock import Clock
    from khub.db import Database
    from khub.policy import Actor
    from khub.reports.forms import Said
    from khub.reports.rows import Place, Scene, Spot

    T = TypeVar("T")

#: How long files may follow a press of Ajukan.
FOLLOWING = timedelta(hours=24)


class StaleError(ConflictError):
    """Somebody saved the row in between; ``revision`` is the one in force now."""

    def __init__(self, revision: int) -> None:
        super().__init__(
            N_(
                "Orang lain menyimpan baris ini sementara Anda mengisi. "
                "Kedua isian ada di bawah; gabungkan, lalu simpan lagi."
            )
        )
        self.revision = revision


@dataclass(frozen=True, slots=True)
class Saved:
    """What a save did. ``closed``: the period closed meanwhile; the words are kept, but cannot be handed in."""

    report: str
    revision: int
    at: datetime
    closed: bool


@dataclass(frozen=True, slots=True)
class Handed:
    """What one press of Ajukan did; ``held`` are reports that still lack something and stay drafts."""

    receipt: str
    reports: tuple[str, ...]
    held: tuple[str, ...]


class Reports:
    """Use cases on report rows. Every method is one transaction with its audit events."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self.db = db
        self.clock = clock

    # -- writing ---------------------------------------------------------------------------------

    def save(self, actor: Actor, place: Place, said: Said) -> Saved:
        """Save a row, starting its report with the first words.

        Raises ``StaleError`` when ``said.revision`` is not the one in force, ``ConflictError`` when it
        was handed in, ``InvalidError`` for an output that is not the K/L's own.
        """
        return self._twice(lambda: self._save(actor, place, said))

    def _save(self, actor: Actor, place: Place, said: Said) -> Saved:
        now = self.clock.now()
        with self.db.write() as session:
            scene, spot, loaded = self._open(session, actor, place, now)
            if said.revision != loaded.working.revision:
                raise StaleError(loaded.working.revision)
            self.apply(session, actor, scene, spot, loaded, said, now)
            return Saved(loaded.report.public_id, loaded.working.revision, now, not scene.period.running)

    @staticmethod
    def apply(
        session: Session,
        actor: Actor,
        scene: Scene,
        spot: Spot,
        loaded: copies.Loaded,
        said: Said,
        now: datetime,
    ) -> None:
        """Put what was said into the working copy and count its revision up."""
        family = scene.family(spot.row.unit.id)
        key = (spot.row.action.id, spot.row.unit.id)
        activities = gaps.activities_of(session, [key], scene.period.year, family).get(key, [])
        before = None
        if not loaded.working.revision or loaded.working.offered_from is not None:
            before = earlier(session, actor, scene.period, scene.plan_id, [key[0]], family).get(key[0])
        write(loaded.working, said, activities, before)
        outputs.link(session, actor, spot, loaded.working, said)
        loaded.working.revision += 1
        loaded.working.saved_at = now
        loaded.working.saved_by = actor.person_id
        session.flush()
        projection.refresh(session, projection.REPORT, [loaded.report.id], now)

    def attach(self, actor: Actor, place: Place, product: str) -> None:
        """Name a keluaran of the K/L as evidence of a row; nothing else in the row changes."""
        self._twice(lambda: self._attach(actor, place, product))

    def _attach(self, actor: Actor, place: Place, product: str) -> None:
        now = self.clock.now()
        with self.db.write() as session:
            scene, spot, loaded = self._open(session, actor, place, now)
            handing.demand_running(session, scene.period.id)
            action = spot.row.action.id
            known = outputs.own_products(session, actor, [action], [product]).get(action, {})
            if product not in known:
                raise NotFoundError
            if session.get(ReportOutput, (loaded.working.id, known[product])) is None:
                outputs.add(session, loaded.working.id, known[product], "")
            loaded.working.saved_at = now

    def _open(
        self, session: Session, actor: Actor, place: Place, now: datetime
    ) -> tuple[Scene, Spot, copies.Loaded]:
        """Return a row for writing in the K/L's own name, starting its report where there is none."""
        scene = rows.scene(session, place.plan, place.period, now)
        spot = scene.at(actor, place)
        policy.demand(policy.can_fill(actor, spot.subject))
        if not spot.row.asks:
            raise ConflictError(N_("Baris ini tidak diminta pada periode ini."))
        report = rows.report_of(session, spot, lock=True)
        rows.demand_free(spot, report)
        if report is None:
            return scene, spot, self.begin(session, actor, spot, now)
        loaded = copies.load(session, actor, report.public_id)
        if report.state not in lifecycle.EDITABLE:
            raise ConflictError(N_("Laporan ini sudah diajukan dan beku. Tarik kembali untuk mengubahnya."))
        return scene, spot, loaded

    @staticmethod
    def begin(session: Session, actor: Actor, spot: Spot, now: datetime) -> copies.Loaded:
        """Start the report of a row."""
        if spot.pokja_id is None:
            raise ConflictError(N_("Pilar aksi ini belum punya pokja. Minta admin menambahkannya."))
        loaded = copies.start(
            session,
            now,
            action_id=spot.row.action.id,
            institution_id=spot.institution_id,
            period_id=spot.row.period.id,
            pokja_id=spot.pokja_id,
            classification=spot.classification,
        )
        chain.append(
            session,
            actor,
            "report.created",
            "report",
            loaded.report.public_id,
            now,
            facts={"action": spot.row.action.code, "period": spot.row.period.code},
        )
        return loaded

    @staticmethod
    def _twice(work: Callable[[], T]) -> T:
        """Do ``work`` again when two people started the same row at the same instant."""
        try:
            return work()
        except IntegrityError:
            return work()

    # -- handing in ------------------------------------------------------------------------------

    def submit(self, actor: Actor, public_ids: Sequence[str], *, following: bool = False) -> Handed:
        """Hand in the complete ones of these rows of one K/L with their outputs, under one receipt.

        ``following``: files may still follow for a day. Raises ``InvalidError`` naming everything that
        is missing (field ``<report>.<field>``) when no row is complete, ``ConflictError`` when one was
        handed in meanwhile or its period is closed.
        """
        now = self.clock.now()
        if not public_ids:
            raise InvalidError.one("pilih", N_("Pilih sekurangnya satu baris yang siap diajukan."))
        with self.db.write() as session:
            batch = [copies.load(session, actor, each) for each in sorted(set(public_ids))]
            for loaded in batch:
                policy.demand(policy.can_report(actor, loaded.subject))
                lifecycle.check(loaded.report.state, Act.SUBMIT, steps.REFUSALS)
            if len({loaded.report.institution_id for loaded in batch}) > 1:
                raise InvalidError.one("pilih", N_("Satu pengajuan memuat baris satu K/L saja."))
            held = handing.held(session, actor, batch, now)
            complete = [loaded for loaded in batch if not held.get(loaded.report.public_id)]
            if not complete:
                raise InvalidError([error for errors in held.values() for error in errors])
            receipt = products.open_receipt(session, actor, complete[0].report.institution_id, now)
            handing.hand_over(session, actor, complete, receipt, now)
            for loaded in complete:
                loaded.report.following_until = now + FOLLOWING if following else None
                self.hand_over(session, actor, loaded, receipt, now)
            return Handed(
                receipt.number,
                tuple(loaded.report.public_id for loaded in complete),
                tuple(public_id for public_id, errors in held.items() if errors),
            )

    def pressed(self, actor: Actor, place: Place, said: Said) -> str:
        """Return the receipt under which ``actor`` has handed in these very words, "" when he has not.

        A second press of Ajukan that arrives behind the first is answered with what the first one did.
        """
        with self.db.read() as session:
            scene = rows.scene(session, place.plan, place.period, self.clock.now())
            spot = scene.at(actor, place)
            report = rows.report_of(session, spot)
            if report is None or report.state != State.SUBMITTED:
                return ""
            number = session.scalar(
                sa.select(Receipt.number)
                .join(ReportCopy, ReportCopy.receipt_id == Receipt.id)
                .where(
                    ReportCopy.report_id == report.id,
                    ReportCopy.outcome == "pending",
                    ReportCopy.submitted_by == actor.person_id,
                    ReportCopy.achievement == said.achievement,
                    ReportCopy.obstacles == said.obstacles,
                    ReportCopy.follow_up == said.follow_up,
                )
                .order_by(ReportCopy.number.desc())
                .limit(1)
            )
            return number or ""

    @staticmethod
    def hand_over(
        session: Session,
        actor: Actor,
        loaded: copies.Loaded,
        receipt: Receipt,
        now: datetime,
        *,
        entry: copies.Entry | None = None,
    ) -> ReportCopy:
        """Freeze and hand in one row under ``receipt``; the caller has asked the policy and looked for gaps."""
        snapshot = copies.freeze(session, loaded, now, receipt.person_id, receipt.id, entry=entry)
        copies.move(session, loaded, Act.SUBMIT, snapshot, now)
        event = chain.append(
            session,
            actor,
            "report.submitted",
            "report",
            loaded.report.public_id,
            now,
            facts={
                "snapshot": snapshot.number,
                "receipt": receipt.number,
                "outputs": len(copies.outputs_of(session, snapshot.id)),
                "following": loaded.report.following_until is not None,
            },
        )
        receipt.event_seq = event.seq
        return snapshot

    def withdraw(self, actor: Actor, public_id: str) -> None:
        """Take a row back with the outputs that came with it, as long as no reviewer has opened it.

        For what others entered *atas nama* the K/L and it has not confirmed, this is its refusal.
        """
        now = self.clock.now()
        with self.db.write() as session:
            loaded = copies.load(session, actor, public_id)
            if loaded.latest is None or not copies.entered_by(loaded.latest, actor):
                policy.demand(policy.can_report(actor, loaded.subject))
            lifecycle.check(loaded.report.state, Act.WITHDRAW, steps.REFUSALS)
            if loaded.report.reviewer_id is not None:
                raise ConflictError(N_("Verifikator sudah membukanya, jadi tidak dapat ditarik lagi."))
            if loaded.latest is None:
                raise NotFoundError
            handing.demand_running(session, loaded.report.period_id)
            snapshot = loaded.latest
            refused = copies.is_refusal(snapshot, actor)
            if refused:
                snapshot.decided_at, snapshot.decided_by = now, actor.person_id
            copies.move(session, loaded, Act.WITHDRAW, snapshot, now)
            chain.append(
                session,
                actor,
                "report.refused" if refused else "report.withdrawn",
                "report",
                public_id,
                now,
                facts={"snapshot": snapshot.number},
            )
            handing.take_back(session, actor, snapshot, now)
            if refused:
                notices.unconfirmed(session, snapshot, now)

    def confirm(self, actor: Actor, public_id: str, snapshot: int | None) -> None:
        """Confirm, for the K/L, what was entered *atas nama* it, as read in ``snapshot``.

        Raises ``ConflictError`` when that was taken back, or another letter was entered since.
        """
        now = self.clock.now()
        with self.db.write() as session:
            loaded = copies.load(session, actor, public_id)
            policy.demand(policy.can_report(actor, loaded.subject))
            latest = loaded.latest
            if latest is None or not latest.on_behalf or latest.outcome == "withdrawn":
                raise ConflictError(N_("Tidak ada isian atas nama K/L Anda yang perlu dibenarkan."))
            if latest.number != snapshot:
                raise ConflictError(
                    N_("Isian atas nama K/L Anda diganti sesudah Anda membacanya. Baca yang terbaru dahulu.")
                )
            if latest.confirmed_at is None:
                latest.confirmed_at, latest.confirmed_by = now, actor.person_id
                chain.append(
                    session,
                    actor,
                    "report.confirmed",
                    "report",
                    public_id,
                    now,
                    facts={"snapshot": latest.number},
                )

    def classify(self, actor: Actor, public_id: str, classification: str, reason: str) -> None:
        """Change who may read a row; it counts at once everywhere. ``reason`` is compulsory.

        Its outputs keep their own classification.
        """
        now = self.clock.now()
        products.demand_classification(classification, reason)
        with self.db.write() as session:
            loaded = copies.load(session, actor, public_id)
            policy.demand(policy.can_classify(actor, loaded.subject))
            if classification == loaded.report.classification:
                return
            chain.append(
                session,
                actor,
                "report.classified",
                "report",
                public_id,
                now,
                reason=reason,
                facts={"from": loaded.report.classification, "to": classification},
            )
            loaded.report.classification = classification
            projection.refresh(session, projection.REPORT, [loaded.report.id], now)

    def follow(self, actor: Actor, public_id: str, product: str) -> None:
        """Hand in a draft keluaran under the press of a row whose files may still follow.

        Raises ``ConflictError`` when the day is over or the row was decided on.
        """
        now = self.clock.now()
        with self.db.write() as session:
            loaded = copies.load(session, actor, public_id)
            policy.demand(policy.can_report(actor, loaded.subject))
            handing.demand_following(loaded, now)
            snapshot = loaded.latest
            if snapshot is None or snapshot.receipt_id is None:
                raise NotFoundError
            draft = product_copies.load(session, actor, product)
            policy.demand(policy.can_submit(actor, draft.subject))
            found = evidence.described(session, actor, [draft.product.id], loaded.report.period_id)
            faults = found[draft.product.id].faults("")
            if faults:
                raise InvalidError(faults)
            receipt = session.get_one(Receipt, snapshot.receipt_id)
            products.hand_over(session, actor, [draft], receipt, now)
            outputs.add(session, snapshot.id, draft.product.id, "")
            outputs.add(session, loaded.working.id, draft.product.id, "")
            link = session.get_one(ReportOutput, (snapshot.id, draft.product.id))
            link.product_copy_id = copies.standing(session, draft.product.id)
            chain.append(
                session,
                actor,
                "report.followed",
                "report",
                public_id,
                now,
                facts={"receipt": receipt.number, "output": product},
            )

    def may_follow(self, actor: Actor, public_id: str) -> tuple[str, str]:
        """Return the form values (action, period) of a row that takes following files now.

        Raises as ``follow`` does; asked before the bytes are taken.
        """
        with self.db.read() as session:
            loaded = copies.load(session, actor, public_id)
            policy.demand(policy.can_report(actor, loaded.subject))
            handing.demand_following(loaded, self.clock.now())
            return handing.keys(session, loaded.report)
