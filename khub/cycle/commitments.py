"""Komitmen: a K/L drafts and hands in its answers; the Sekretariat returns one or enters one for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub import policy
from khub.audit import chain
from khub.clock import WIB
from khub.cycle import forms, seats
from khub.errors import N_, ConflictError, FieldError, ForbiddenError, InvalidError, NotFoundError
from khub.mail import notices
from khub.plan import letters
from khub.plan.models import Activity, Commitment, CommitmentDraft
from khub.plan.terms import Answer
from khub.products import ids
from khub.products.models import Receipt

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from typing import IO

    from sqlalchemy.orm import Session

    from khub.clock import Clock
    from khub.cycle.forms import AnswerForm, Planned
    from khub.cycle.seats import Place, Seat
    from khub.db import Database
    from khub.policy import Actor
    from khub.storage import Storage


class StaleAnswerError(ConflictError):
    """Somebody saved the same draft in between; ``revision`` is the one in force now."""

    def __init__(self, revision: int) -> None:
        super().__init__(
            N_(
                "Orang lain menyimpan jawaban ini sementara Anda mengisi. Isian Anda masih di bawah; bandingkan."
            )
        )
        self.revision = revision


class Commitments:
    """Use cases on commitments. Every method is one transaction with its audit events."""

    def __init__(self, db: Database, clock: Clock, storage: Storage) -> None:
        self.db = db
        self.clock = clock
        self.storage = storage

    # -- the K/L ---------------------------------------------------------------------------------

    def save(self, actor: Actor, place: Place, form: AnswerForm) -> tuple[int, datetime]:
        """Save a draft; returns its new revision and the time.

        Raises ``StaleAnswerError`` when ``form.revision`` is not the one in force (0: no draft yet).
        """
        now = self.clock.now()
        with self.db.write() as session:
            seat = seats.find(session, place)
            policy.demand(seat.owned(actor))
            draft = self._draft(session, actor, seat, form.revision, now)
            draft.answer, draft.reason = form.answer, form.reason
            if form.expected is not None:
                draft.expected = form.expected
            if form.contact is not None:
                draft.contact = form.contact
            if form.activities is not None:
                draft.activities = [_stored(each) for each in form.activities]
            return draft.revision, now

    def start(self, actor: Actor, place: Place, revision: int) -> None:
        """Put last year's kegiatan into the draft as a start; what stands in it stays."""
        now = self.clock.now()
        with self.db.write() as session:
            seat = seats.find(session, place)
            policy.demand(seat.owned(actor))
            draft = self._draft(session, actor, seat, revision, now)
            known = {str(each["name"]).casefold() for each in draft.activities}
            more: list[dict[str, object]] = [
                {"id": None, "name": row.name, "unit": row.unit, "target": row.target}
                for row in activities(session, seat, place.year - 1)
                if row.name.casefold() not in known
            ]
            draft.activities = [*draft.activities, *more][: forms.MAX_ACTIVITIES]

    @staticmethod
    def _draft(session: Session, actor: Actor, seat: Seat, revision: int, now: datetime) -> CommitmentDraft:
        draft = seats.drafts(session, [seat], lock=True).get(seat.action_id)
        if draft is None:
            if revision:
                raise StaleAnswerError(0)
            given = seats.answers(session, [seat]).get(seat.action_id, ())
            last = next((each for each in reversed(given) if each.answer != Answer.RETURNED), None)
            draft = CommitmentDraft(
                action_id=seat.action_id,
                institution_id=seat.head,
                year=seat.place.year,
                answer=last.answer if last else "",
                reason=last.reason if last else "",
                expected=last.expected if last else "",
                contact=last.contact if last else "",
                activities=[_row(each) for each in activities(session, seat, seat.place.year)],
                revision=0,
                saved_at=now,
            )
            session.add(draft)
        elif draft.revision != revision:
            raise StaleAnswerError(draft.revision)
        draft.revision += 1
        draft.saved_at, draft.saved_by = now, actor.person_id
        return draft

    def submit(self, actor: Actor, plan: str, year: int, unit: str) -> str:
        """Hand in every answer that was filled in, all or nothing, and return the receipt's number.

        Raises ``NotFoundError`` (nothing asked of the K/L), ``ForbiddenError``, ``InvalidError``:
        nothing filled in, or with a field "<action code>" for each that lacks something.
        """
        now = self.clock.now()
        if actor.person_id is None:
            raise ForbiddenError(N_("Pengajuan perlu seorang pengaju."))
        with self.db.write() as session:
            among = seats.seats(session, plan, year, unit)
            if not among:
                raise NotFoundError
            mine = [seat for seat in among if seat.owned(actor)]
            if not mine:
                policy.demand(among[0].owned(actor))
            drafts = seats.drafts(session, mine, lock=True)
            filled = [seat for seat in mine if seat.action_id in drafts and drafts[seat.action_id].answer]
            errors: list[FieldError] = []
            for seat in filled:
                policy.demand(seat.submitted(actor))
                draft = drafts[seat.action_id]
                errors += forms.gaps(draft.answer, draft.reason, seat.place.action)
            if not filled:
                raise InvalidError.one("ajukan", N_("Belum ada jawaban yang diisi. Pilih ya atau tidak."))
            if errors:
                raise InvalidError(errors)
            return self._hand_in(session, actor, filled, drafts, now)

    def _hand_in(
        self,
        session: Session,
        actor: Actor,
        filled: Sequence[Seat],
        drafts: dict[int, CommitmentDraft],
        now: datetime,
    ) -> str:
        receipt = Receipt(
            number=ids.receipt_number(now.astimezone(WIB).year),
            at=now,
            person_id=actor.person_id or 0,
            institution_id=filled[0].head,
        )
        session.add(receipt)
        session.flush()
        for seat in filled:
            draft = drafts[seat.action_id]
            planned = tuple(_planned(each) for each in draft.activities)
            form = forms.AnswerForm(
                draft.answer, draft.reason, draft.expected, draft.contact, planned, draft.revision
            )
            session.delete(draft)
            before = _latest(session, seat)
            receipt.event_seq = self._record(session, actor, seat, form, now, receipt=receipt.number)
            own = _latest(session, seat)
            if before and own and before.waits and own.answer != before.answer:
                notices.answer_unconfirmed(session, before, own)
        return receipt.number

    def confirm(self, actor: Actor, place: Place, seen: int) -> None:
        """Let the K/L confirm what was entered *atas nama* it; ``seen``: the id of the answer that was read."""
        now = self.clock.now()
        with self.db.write() as session:
            seat = seats.find(session, place)
            policy.demand(seat.submitted(actor))
            given = _latest(session, seat)
            if given is None or not given.waits:
                raise ConflictError(N_("Tidak ada jawaban atas nama yang menunggu konfirmasi."))
            _demand_seen(given, seen)
            given.confirmed_at, given.confirmed_by = now, actor.person_id
            self._tell(session, actor, "commitment.confirmed", seat, {"answer": given.answer})

    # -- the Sekretariat -------------------------------------------------------------------------

    def send_back(self, actor: Actor, place: Place, seen: int, note: str) -> None:
        """Return an answer with a note: it does not count until it is answered again.

        ``seen``: the id of the answer that was read. Raises ``ConflictError`` when another is in force.
        """
        now = self.clock.now()
        with self.db.write() as session:
            seat = seats.find(session, place)
            given = _latest(session, seat)
            policy.demand(seat.reviewed(actor, given.recorded_by if given else None))
            if given is None or given.id != seen or given.answer == Answer.RETURNED:
                raise ConflictError(N_("Jawaban ini sudah berubah. Muat ulang halaman."))
            back = self._add(
                session, seat, now, answer=Answer.RETURNED, reason=note, recorded_by=actor.person_id
            )
            notices.answer_returned(session, back, sorted(seat.family), seat.pokjas)
            self._tell(session, actor, "commitment.returned", seat, {"answer": given.answer}, reason=note)

    def stand_in(
        self, actor: Actor, place: Place, form: AnswerForm, seen: int, letter: IO[bytes] | None, name: str
    ) -> None:
        """Enter an answer *atas nama* a K/L with its signed letter; the K/L confirms it.

        ``seen``: the id of the answer that stood there, 0 for none. Raises ``InvalidError`` for an
        unfinished answer or a missing letter, ``ConflictError`` when another answer is in force.
        """
        with self.db.read() as session:  # before taking the letter
            policy.demand(seats.find(session, place).stood_in(actor))
        errors = forms.gaps(form.answer, form.reason)
        if not form.answer:
            errors.append(FieldError("answer", N_("Pilih ya atau tidak.")))
        stored = None
        try:
            stored = letters.store(self.storage, letter, name)
        except InvalidError as error:
            errors += error.errors
        if errors or stored is None:
            raise InvalidError(errors)
        now = self.clock.now()
        with self.db.write() as session:
            seat = seats.find(session, place)
            policy.demand(seat.stood_in(actor))
            _demand_seen(_latest(session, seat), seen)
            kept = letters.add(session, actor, stored, seat.head, now)
            self._record(session, actor, seat, form, now, letter=(kept.id, kept.sha256))

    # -- what they share -------------------------------------------------------------------------

    def _record(
        self,
        session: Session,
        actor: Actor,
        seat: Seat,
        form: AnswerForm,
        now: datetime,
        *,
        receipt: str = "",
        letter: tuple[int, str] | None = None,
    ) -> int:
        self._add(
            session,
            seat,
            now,
            answer=form.answer,
            reason=form.reason,
            expected=form.expected or "",
            contact=form.contact or "",
            recorded_by=actor.person_id,
            on_behalf=letter is not None,
            letter_id=letter[0] if letter else None,
        )
        if form.activities is not None:
            _plan(session, seat, form.activities)
        return self._tell(
            session,
            actor,
            "commitment.recorded",
            seat,
            {
                "answer": form.answer,
                "recorded_at": now,
                "activities": [_stored(each) for each in form.activities or ()],
                **({"receipt": receipt} if receipt else {}),
                **({"on_behalf": True, "letter": letter[1]} if letter else {}),
            },
            reason=form.reason,
        )

    @staticmethod
    def _add(session: Session, seat: Seat, now: datetime, **facts: object) -> Commitment:
        last = _latest(session, seat)
        if last is not None and last.recorded_at >= now:
            raise ConflictError(N_("Jawaban untuk aksi dan tahun ini baru saja dicatat."))
        given = Commitment(
            action_id=seat.action_id,
            institution_id=seat.head,
            year=seat.place.year,
            recorded_at=now,
            **facts,
        )
        session.add(given)
        session.flush()
        return given

    def _tell(
        self,
        session: Session,
        actor: Actor,
        act: str,
        seat: Seat,
        facts: dict[str, object],
        *,
        reason: str = "",
    ) -> int:
        place = seat.place
        event = chain.append(
            session,
            actor,
            act,
            "action",
            f"{place.plan}/{place.action}"[:60],
            self.clock.now(),
            reason=reason,
            facts={"institution": place.unit, "year": place.year, **facts},
        )
        return event.seq


def activities(session: Session, seat: Seat, year: int) -> Sequence[Activity]:
    """Return the kegiatan that a K/L plans for an action in ``year``, in order."""
    return session.scalars(
        sa.select(Activity)
        .where(
            Activity.action_id == seat.action_id,
            Activity.institution_id.in_(seat.family),
            Activity.year == year,
            Activity.retired.is_(False),
        )
        .order_by(Activity.position, Activity.id)
    ).all()


def _plan(session: Session, seat: Seat, planned: Sequence[Planned]) -> None:
    """Make ``planned`` the kegiatan in force; rows given up stay, retired, for reports that name them."""
    known = {row.id: row for row in activities(session, seat, seat.place.year)}
    for position, each in enumerate(planned):
        row = known.pop(each.id, None)
        if row is None:
            row = Activity(action_id=seat.action_id, institution_id=seat.head, year=seat.place.year)
            session.add(row)
        row.position, row.name, row.unit, row.target = position, each.name, each.unit, each.target
    for row in known.values():
        row.retired = True
    session.flush()


def _latest(session: Session, seat: Seat) -> Commitment | None:
    found = seats.answers(session, [seat]).get(seat.action_id)
    return found[-1] if found else None


def _demand_seen(given: Commitment | None, seen: int) -> None:
    """Raise ``ConflictError`` unless ``seen`` is the answer in force: no letter outdoes a word that came since."""
    if (given.id if given is not None else 0) != seen:
        raise ConflictError(N_("Ada jawaban baru sejak halaman ini dibuka. Baca dahulu, lalu ulangi."))


def _stored(each: Planned) -> dict[str, object]:
    return {"id": each.id or None, "name": each.name, "unit": each.unit, "target": each.target}


def _row(row: Activity) -> dict[str, object]:
    return {"id": row.id, "name": row.name, "unit": row.unit, "target": row.target}


def _planned(each: dict[str, object]) -> Planned:
    target = each["target"]
    return forms.Planned(
        int(str(each["id"] or 0)),
        str(each["name"]),
        str(each["unit"]),
        float(str(target)) if target is not None else None,
    )
