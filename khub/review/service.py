"""Reviewing in its short form: opening reserves, then return with a note or approve."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub import policy
from khub.audit import chain
from khub.errors import N_, ConflictError, KhubError, NotFoundError
from khub.products import copies, forms, lifecycle
from khub.products.lifecycle import Act
from khub.products.models import Copy, Product, Version
from khub.search import projection

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from khub.clock import Clock
    from khub.db import Database
    from khub.plan.models import Period
    from khub.policy import Actor

#: A reservation without a decision lapses, so that no item hangs on a reviewer who left.
RESERVATION = timedelta(hours=2)


class Review:
    """Use cases of the Sekretariat on what was handed in."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self.db = db
        self.clock = clock

    def open(self, actor: Actor, public_id: str) -> bool:
        """Reserve the handed-in version for ``actor``; returns whether it is his now.

        False when another reviewer holds it. Opening ends the owner's chance to withdraw.
        """
        with self.db.write() as session:
            return self._reserve(session, actor, public_id, self.clock.now())

    def open_next(self, actor: Actor) -> str | None:
        """Reserve the oldest waiting item that ``actor`` may decide on; returns its public id, if any.

        What he holds already counts as free; what another holds, or his own unit's, is passed over.
        """
        now = self.clock.now()
        with self.db.write() as session:
            for public_id in _waiting(session, actor, now):
                try:
                    if self._reserve(session, actor, public_id, now):
                        return public_id
                except KhubError:  # decided on or withdrawn between the look and the lock
                    continue
            return None

    def _reserve(self, session: Session, actor: Actor, public_id: str, now: datetime) -> bool:
        loaded, _ = self._pending(session, actor, public_id, Act.APPROVE)
        version = loaded.version
        if version.reviewer_id == actor.person_id:
            version.reserved_at = now
            return True
        if version.reviewer_id is not None and not lapsed(version.reserved_at, now):
            return False
        version.reviewer_id, version.reserved_at = actor.person_id, now
        chain.append(
            session, actor, "review.opened", "product", public_id, now, facts={"version": version.number}
        )
        return True

    def send_back(
        self, actor: Actor, public_id: str, snapshot: int, note: str, *, version: int | None = None
    ) -> None:
        """Return a snapshot to its owner; ``note`` is compulsory. Raises as ``approve`` does."""
        note = forms.note(note, required=True)
        self._decide(actor, public_id, (version, snapshot), Act.RETURN, "review.returned", note)

    def approve(
        self, actor: Actor, public_id: str, snapshot: int, note: str = "", *, version: int | None = None
    ) -> None:
        """Approve a snapshot: complete and fitting, which is not the same as true.

        ``snapshot`` and ``version`` (None: whichever waits) say what the reviewer had before his eyes.
        Raises ``ConflictError`` when something newer waits, another reviewer holds it, or it is decided.
        """
        note = forms.note(note, required=False)
        self._decide(actor, public_id, (version, snapshot), Act.APPROVE, "review.approved", note)

    def reopen(self, actor: Actor, public_id: str, note: str) -> None:
        """Give an approved version back for mending; ``note`` is the compulsory reason."""
        note = forms.note(note, required=True)
        now = self.clock.now()
        with self.db.write() as session:
            loaded, latest = self._pending(session, actor, public_id, Act.REOPEN)
            copies.move(loaded, Act.REOPEN, latest)
            self._record(session, actor, loaded, latest, "review.reopened", note, now)

    def _decide(
        self, actor: Actor, public_id: str, seen: tuple[int | None, int], act: Act, event: str, note: str
    ) -> None:
        now = self.clock.now()
        with self.db.write() as session:
            loaded, latest = self._pending(session, actor, public_id, act)
            version = loaded.version
            if (version.number, latest.number) != (seen[0] or version.number, seen[1]):
                raise ConflictError(
                    N_("Pemilik mengajukan cuplikan baru sementara Anda meninjau. Buka lagi, lalu putuskan.")
                )
            if version.reviewer_id not in (None, actor.person_id) and not lapsed(version.reserved_at, now):
                raise ConflictError(N_("Verifikator lain sedang meninjau keluaran ini."))
            copies.move(loaded, act, latest)
            self._record(session, actor, loaded, latest, event, note, now)

    @staticmethod
    def _record(
        session: Session,
        actor: Actor,
        loaded: copies.Loaded,
        snapshot: Copy,
        event: str,
        note: str,
        now: datetime,
    ) -> None:
        snapshot.decided_at, snapshot.decided_by, snapshot.note = now, actor.person_id, note
        chain.append(
            session,
            actor,
            event,
            "product",
            loaded.product.public_id,
            now,
            reason=note,
            facts={"version": loaded.version.number, "snapshot": snapshot.number},
        )
        projection.refresh(session, [loaded.product.id], now)

    @staticmethod
    def _pending(session: Session, actor: Actor, public_id: str, act: Act) -> tuple[copies.Loaded, Copy]:
        """Return the newest version that ``act`` fits, with its latest snapshot."""
        loaded = copies.load(session, actor, public_id)
        if loaded.latest is None and loaded.version.number > 1:  # the next version is still a draft
            if act is Act.REOPEN:
                raise ConflictError(
                    N_("Pemilik sudah menyusun versi berikutnya; versi ini tidak dibuka kembali.")
                )
            loaded = copies.load(session, actor, public_id, loaded.version.number - 1)
        policy.demand(policy.can_review(actor, loaded.subject))
        if loaded.latest is None:
            raise NotFoundError
        lifecycle.check(loaded.version.state, act)
        return loaded, loaded.latest


def _waiting(session: Session, actor: Actor, now: datetime) -> list[str]:
    """Return what waits, oldest first, that ``actor`` may decide on and no other reviewer holds."""
    rows = session.execute(
        sa.select(
            Product.public_id,
            Product.institution_id,
            Product.pokja_id,
            Copy.submitted_by,
            Version.reviewer_id,
            Version.reserved_at,
        )
        .join(Version, Version.product_id == Product.id)
        .join(Copy, Copy.version_id == Version.id)
        .where(
            Version.state == lifecycle.State.SUBMITTED,
            Copy.outcome == "pending",
            Product.discarded_at.is_(None),
        )
        .order_by(Copy.submitted_at, Product.id)
    )
    return [
        row.public_id
        for row in rows
        if policy.can_review(
            actor, policy.Subject(row.institution_id, row.pokja_id, submitted_by=row.submitted_by)
        )
        and (row.reviewer_id in (None, actor.person_id) or lapsed(row.reserved_at, now))
    ]


def lapsed(reserved_at: datetime | None, now: datetime) -> bool:
    """Tell whether a reservation has run out."""
    return reserved_at is None or now - reserved_at > RESERVATION


def late(submitted_at: datetime, period: Period | None) -> bool:
    """Tell whether Ajukan was pressed after the deadline in force."""
    return period is not None and submitted_at > period.deadline
