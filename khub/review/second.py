"""Second looks: some approvals are read again by another reviewer, who does not see the first one's answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub import policy
from khub.audit import chain
from khub.errors import N_, ConflictError, ForbiddenError, InvalidError, NotFoundError
from khub.products import forms as product_forms
from khub.products.lifecycle import Act
from khub.products.models import Copy, Product, Version
from khub.reports.models import Report, ReportCopy
from khub.review import cases, checklist
from khub.review.models import Decision, SecondLook
from khub.review.reserving import free_for

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from khub.clock import Clock
    from khub.db import Database
    from khub.policy import Actor

#: Fits the column: a larger number in an address names nothing.
_LARGEST = 2**31 - 1
#: Why the first reviewer is not the second.
FIRST = N_("Anda yang menyetujuinya; orang lain yang melihatnya kembali.")


@dataclass(frozen=True, slots=True)
class Looked:
    """A second look with what it is about."""

    look: SecondLook
    decision: Decision
    snapshot: Copy | ReportCopy
    public_id: str
    version: int
    subject: policy.Subject

    @property
    def kind(self) -> str:
        """Return "report" or "product"."""
        return cases.REPORT if isinstance(self.snapshot, ReportCopy) else cases.PRODUCT


def find(session: Session, look_id: int, *, lock: bool = False) -> Looked:
    """Return a second look; 404 where there is none."""
    query = sa.select(SecondLook).where(SecondLook.id == min(look_id, _LARGEST))
    look = session.scalar(query.with_for_update() if lock else query)
    if look is None:
        raise NotFoundError
    decision = session.get_one(Decision, look.decision_id)
    if decision.report_copy_id is not None:
        copy, report = session.execute(
            sa.select(ReportCopy, Report)
            .join(Report, Report.id == ReportCopy.report_id)
            .where(ReportCopy.id == decision.report_copy_id)
        ).one()
        subject = policy.Subject(report.institution_id, report.pokja_id, copy.submitted_by)
        return Looked(look, decision, copy, report.public_id, 0, subject)
    held, version, product = session.execute(
        sa.select(Copy, Version, Product)
        .join(Version, Version.id == Copy.version_id)
        .join(Product, Product.id == Version.product_id)
        .where(Copy.id == decision.copy_id)
    ).one()
    subject = policy.Subject(product.institution_id, product.pokja_id, held.submitted_by)
    return Looked(look, decision, held, product.public_id, version.number, subject)


def may_look(actor: Actor, looked: Looked) -> policy.Verdict:
    """Return whether ``actor`` may be the second reviewer: not the first one, nor of the K/L."""
    if looked.decision.person_id == actor.person_id:
        return policy.Verdict(allowed=False, why=FIRST)
    return policy.can_review(actor, looked.subject)


class SecondLooks:
    """Use cases of second reviewers. Nothing here moves the state of what was approved."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self.db = db
        self.clock = clock

    def open(self, actor: Actor, look_id: int) -> bool:
        """Reserve a second look; returns whether it is the actor's now."""
        now = self.clock.now()
        with self.db.write() as session:
            looked = self._mine(session, actor, look_id)
            if not free_for(actor.person_id, looked.look, now):
                return False
            if looked.look.reviewer_id != actor.person_id:
                self._note(session, actor, looked, "opened", now)
            looked.look.reviewer_id, looked.look.reserved_at = actor.person_id, now
            return True

    def answer(self, actor: Actor, look_id: int, answers: Mapping[str, str]) -> int:
        """Keep answers to the checklist; returns how many items have one."""
        now = self.clock.now()
        with self.db.write() as session:
            looked = self._mine(session, actor, look_id)
            self._hold(actor, looked, now)
            changed = checklist.save(session, looked.snapshot, answers, actor.person_id, now, second=True)
            for item, said in changed.items():
                self._note(session, actor, looked, "answered", now, item=item, said=said)
            return checklist.answered(checklist.stored(session, looked.snapshot, second=True))

    def decide(self, actor: Actor, look_id: int, verdict: str, note: str) -> None:
        """Say whether one would have approved or returned it; the latter needs a note.

        Raises ``ConflictError`` when somebody else said so first.
        """
        if verdict not in (Act.APPROVE, Act.RETURN):
            raise InvalidError.one("verdict", N_("Pilih salah satu jawaban yang ada."))
        note = product_forms.note(note, required=verdict == Act.RETURN)
        now = self.clock.now()
        with self.db.write() as session:
            looked = self._mine(session, actor, look_id)
            self._hold(actor, looked, now)
            look = looked.look
            look.verdict, look.note, look.decided_at = verdict, note, now
            look.reviewer_id, look.reserved_at = actor.person_id, None
            self._note(session, actor, looked, "decided", now, reason=note, said=verdict)

    @staticmethod
    def _hold(actor: Actor, looked: Looked, now: datetime) -> None:
        """Raise where another has it; who answers without having opened it has it from now on."""
        if not free_for(actor.person_id, looked.look, now):
            raise ConflictError(N_("Verifikator lain sedang meninjaunya."))
        looked.look.reviewer_id, looked.look.reserved_at = actor.person_id, now

    @staticmethod
    def _mine(session: Session, actor: Actor, look_id: int) -> Looked:
        looked = find(session, look_id, lock=True)
        verdict = may_look(actor, looked)
        if not verdict:
            raise ForbiddenError(verdict.why)
        if looked.look.verdict:
            raise ConflictError(N_("Tinjauan kedua ini sudah diputus."))
        return looked

    @staticmethod
    def _note(
        session: Session,
        actor: Actor,
        looked: Looked,
        word: str,
        now: datetime,
        *,
        reason: str = "",
        **facts: object,
    ) -> None:
        chain.append(
            session,
            actor,
            f"second.{word}",
            looked.kind,
            looked.public_id,
            now,
            reason=reason,
            facts={
                **({"version": looked.version} if looked.version else {}),
                "snapshot": looked.snapshot.number,
                **facts,
            },
        )
