"""Reviewing: opening reserves, releasing gives back, then return with a note or approve."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from khub.audit import chain
from khub.errors import N_, ConflictError, KhubError
from khub.mail import notices
from khub.products import forms as product_forms
from khub.products.lifecycle import Act
from khub.reports.models import ReportCopy
from khub.review import cases, checklist, checks, evidence, line
from khub.review.forms import Return, Seen
from khub.review.models import Decision, SecondLook
from khub.review.reserving import free_for
from khub.search import projection

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from khub.clock import Clock
    from khub.db import Database
    from khub.policy import Actor
    from khub.review.cases import Case
    from khub.review.sample import Sample

#: Acts of the trail about a keluaran keep their names; those about a report are its own.
_EVENTS = {cases.PRODUCT: "review", cases.REPORT: "report"}
_HELD = N_("Verifikator lain sedang meninjaunya.")
_NEWER = N_("Pemilik mengajukan cuplikan baru sementara Anda meninjau. Buka lagi, lalu putuskan.")


class Review:
    """Use cases of the Sekretariat on what was handed in: keluaran, and reports with their outputs.

    A public id says which of the two is meant. Every method is one transaction with its audit events.
    """

    def __init__(self, db: Database, clock: Clock, sample: Sample) -> None:
        self.db = db
        self.clock = clock
        self.sample = sample

    # -- reserving -------------------------------------------------------------------------------

    def open(self, actor: Actor, public_id: str) -> bool:
        """Reserve what was handed in for ``actor``; returns whether it is his now.

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
            for waiting in line.waiting(session, actor, now):
                if waiting.barred or not free_for(actor.person_id, waiting, now):
                    continue
                try:
                    if self._reserve(session, actor, waiting.public_id, now):
                        return waiting.public_id
                except KhubError:  # decided on or withdrawn between the look and the lock
                    continue
            return None

    def release(self, actor: Actor, public_id: str) -> None:
        """Give a reservation back to the queue. Raises ``ConflictError`` when it is not one's own."""
        now = self.clock.now()
        with self.db.write() as session:
            case = cases.load(session, actor, public_id, Act.APPROVE)
            if case.thing.reviewer_id != actor.person_id:
                raise ConflictError(N_("Anda tidak sedang memegangnya, jadi tidak ada yang dilepaskan."))
            for each in (case, *case.outputs):
                if each.thing.reviewer_id == actor.person_id:
                    each.thing.reviewer_id = each.thing.reserved_at = None
            self._note(session, actor, case, "released", now)

    def _reserve(self, session: Session, actor: Actor, public_id: str, now: datetime) -> bool:
        case = cases.load(session, actor, public_id, Act.APPROVE)
        for product_id in case.products:  # what comes with a report is opened with it
            if report := cases.report_of(session, actor, product_id):
                case = cases.load(session, actor, report, Act.APPROVE)
        if not free_for(actor.person_id, case.thing, now):
            return False
        anew = case.thing.reviewer_id != actor.person_id
        for each in (case, *case.outputs):
            if free_for(actor.person_id, each.thing, now):
                each.thing.reviewer_id, each.thing.reserved_at = actor.person_id, now
        if anew:
            self._note(session, actor, case, "opened", now)
        return True

    # -- the checklist ---------------------------------------------------------------------------

    def answer(self, actor: Actor, public_id: str, seen: Seen, answers: Mapping[str, str]) -> int:
        """Keep answers to the checklist of the snapshot that waits; returns how many items have one.

        Only who holds the item answers. Raises ``ConflictError`` as ``approve`` does.
        """
        now = self.clock.now()
        with self.db.write() as session:
            case = cases.load(session, actor, public_id, Act.APPROVE)
            self._hold(actor, case, Seen(seen.snapshot, seen.version), now)
            if case.thing.reviewer_id != actor.person_id:
                raise ConflictError(N_("Buka dahulu untuk ditinjau, lalu jawab."))
            changed = checklist.save(session, case.snapshot, answers, actor.person_id, now)
            for item, said in changed.items():
                self._note(session, actor, case, "answered", now, item=item, said=said)
            return checklist.answered(checklist.stored(session, case.snapshot))

    # -- deciding --------------------------------------------------------------------------------

    def send_back(
        self,
        actor: Actor,
        public_id: str,
        snapshot: int,
        note: str | Return,
        *,
        version: int | None = None,
        outputs: frozenset[str] | None = None,
    ) -> int:
        """Return a snapshot to its owner and return the decision's id; a note is compulsory.

        A report takes its waiting outputs along, or those that the ``Return`` names; the others stay
        in the queue by themselves. Raises as ``approve`` does.
        """
        said = note if isinstance(note, Return) else Return(product_forms.note(note, required=True))
        now = self.clock.now()
        with self.db.write() as session:
            case = cases.load(session, actor, public_id, Act.RETURN)
            self._hold(actor, case, Seen(snapshot, version, outputs), now)
            back = [each for each in case.outputs if said.outputs is None or each.public_id in said.outputs]
            for each in (case, *back):
                each.snapshot.due_at = said.due_at
            for each in case.outputs:
                if each not in back:
                    each.thing.reviewer_id = each.thing.reserved_at = None
            return self._decide(session, actor, case, back, Act.RETURN, said.note, now).id

    def approve(
        self,
        actor: Actor,
        public_id: str,
        snapshot: int,
        note: str = "",
        *,
        version: int | None = None,
        outputs: frozenset[str] | None = None,
    ) -> int:
        """Approve a snapshot, complete and fitting (which is not the same as true); returns the decision's id.

        ``snapshot``, ``version`` and ``outputs`` (None: whichever waits) say what the reviewer had
        before his eyes. A report is approved together with its waiting outputs. Raises
        ``ConflictError`` when something newer waits, another reviewer holds it, it is decided, its
        period was closed, or one of its outputs was returned or taken back.
        """
        note = product_forms.note(note, required=False)
        now = self.clock.now()
        with self.db.write() as session:
            case = cases.load(session, actor, public_id, Act.APPROVE)
            self._hold(actor, case, Seen(snapshot, version, outputs), now)
            return self._approve(session, actor, case, note, now).id

    def approve_many(self, actor: Actor, wanted: Sequence[tuple[str, Seen]]) -> str:
        """Approve several in one press, all or none; returns the token that their decisions share.

        Only what the machine finds nothing against can be approved so. Raises ``ConflictError``
        that names the first one that cannot.
        """
        now, batch = self.clock.now(), secrets.token_hex(8)
        with self.db.write() as session:
            for public_id, seen in sorted(wanted, key=lambda each: each[0]):
                try:
                    case = cases.load(session, actor, public_id, Act.APPROVE)
                    self._hold(actor, case, seen, now)
                    if not checks.clean(evidence.of_case(session, case)):
                        raise ConflictError(N_("Pemeriksaan mesinnya tidak lagi bersih."))  # noqa: TRY301 - named below
                    self._approve(session, actor, case, "", now, batch)
                except ConflictError as error:
                    raise ManyError(public_id, error) from error
        return batch

    def reopen(self, actor: Actor, public_id: str, note: str) -> None:
        """Give something approved back for mending; ``note`` is the compulsory reason.

        The outputs of a report stay approved.
        """
        note = product_forms.note(note, required=True)
        now = self.clock.now()
        with self.db.write() as session:
            case = cases.load(session, actor, public_id, Act.REOPEN)
            case.move(session, Act.REOPEN, now)
            self._record(session, actor, case, "reopened", note, now)
            projection.refresh(session, case.products, now)

    @staticmethod
    def _hold(actor: Actor, case: Case, seen: Seen, now: datetime) -> None:
        """Raise unless ``case`` is what was seen and nobody else holds any of it."""
        if not seen.is_of(case):
            raise ConflictError(_NEWER)
        if not all(free_for(actor.person_id, each.thing, now) for each in (case, *case.outputs)):
            raise ConflictError(_HELD)

    def _approve(
        self, session: Session, actor: Actor, case: Case, note: str, now: datetime, batch: str = ""
    ) -> Decision:
        if case.missing:
            raise ConflictError(
                N_("Laporan disetujui hanya bersama keluarannya, tetapi %(outputs)s tidak sedang diajukan."),
                outputs=", ".join(case.missing),
            )
        decision = self._decide(session, actor, case, case.outputs, Act.APPROVE, note, now, batch)
        if self.sample.draws(f"{case.kind}:{case.snapshot.id}"):
            session.add(SecondLook(decision_id=decision.id, drawn_at=now))
            session.flush()
        return decision

    def _decide(
        self,
        session: Session,
        actor: Actor,
        case: Case,
        outputs: Sequence[Case],
        act: Act,
        note: str,
        now: datetime,
        batch: str = "",
    ) -> Decision:
        word = "approved" if act is Act.APPROVE else "returned"
        first: Decision | None = None
        for each in (case, *outputs):
            each.move(session, act, now)
            decision = Decision(
                act=act,
                person_id=actor.person_id,
                at=now,
                batch=batch,
                with_id=first.id if first else None,
                **{("report_copy_id" if each.kind == cases.REPORT else "copy_id"): each.snapshot.id},
            )
            session.add(decision)
            session.flush()
            if isinstance(each.snapshot, ReportCopy):
                each.snapshot.bulk = bool(batch)
            facts = {"bulk": True} if batch else {}
            self._record(
                session,
                actor,
                each,
                word,
                note,
                now,
                **facts,
                **({"report": case.public_id} if first else {}),
            )
            first = first or decision
        assert first is not None  # noqa: S101 - the case itself comes first
        projection.refresh(session, [key for each in (case, *outputs) for key in each.products], now)
        # One letter a press: what came along is named in it.
        (notices.approved if act is Act.APPROVE else notices.returned)(session, case.snapshot, now)
        return first

    def _record(
        self, session: Session, actor: Actor, case: Case, word: str, note: str, now: datetime, **facts: object
    ) -> None:
        case.snapshot.decided_at, case.snapshot.decided_by = now, actor.person_id
        case.snapshot.note = note
        self._note(session, actor, case, word, now, reason=note, **facts)

    @staticmethod
    def _note(
        session: Session,
        actor: Actor,
        case: Case,
        word: str,
        now: datetime,
        *,
        reason: str = "",
        **facts: object,
    ) -> None:
        chain.append(
            session,
            actor,
            f"{_EVENTS[case.kind]}.{word}",
            case.kind,
            case.public_id,
            now,
            reason=reason,
            facts={
                **({"version": case.version} if case.version else {}),
                "snapshot": case.snapshot.number,
                **facts,
            },
        )


class ManyError(ConflictError):
    """Nothing of a bulk approval was done, because of ``public_id``."""

    def __init__(self, public_id: str, cause: ConflictError) -> None:
        super().__init__(cause.message, **cause.params)
        self.public_id = public_id
