"""Masukan: K/L of the plan comment on paragraphs until a day, each gets an answer, all are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub import policy
from khub.annual.desk import Desk, said
from khub.annual.models import AnnualComment, AnnualReport
from khub.errors import N_, ConflictError, ForbiddenError, InvalidError, NotFoundError
from khub.plan.models import Action, ActionInstitution, Institution
from khub.policy import Annual

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from khub.policy import Actor

ACCEPTED, DECLINED = "accepted", "declined"


def subject(session: Session, report: AnnualReport, now: datetime) -> Annual:
    """Return the policy's facts about the draft of a report; who replaced a K/L of the plan speaks for it."""
    open_ = report.input_until is not None and now <= report.input_until
    found = (
        session.execute(
            sa.select(Institution.id, Institution.successor_id)
            .join(ActionInstitution, ActionInstitution.institution_id == Institution.id)
            .join(Action, Action.id == ActionInstitution.action_id)
            .where(Action.plan_id == report.plan_id)
            .distinct()
        ).all()
        if open_
        else ()
    )
    institutions = {each for row in found for each in row if each is not None}
    return Annual(institutions=frozenset(institutions), input_open=open_)


class Masukan(Desk):
    """Use cases on masukan. Every method is one transaction with its event."""

    def open_input(self, actor: Actor, public_id: str, until: datetime | None) -> None:
        """Let the plan's K/L read the draft and comment until ``until``; ``None`` ends it at once.

        Raises ``InvalidError`` for a time that has passed.
        """
        now = self.clock.now()
        if until is not None and until <= now:
            raise InvalidError.one("until", N_("Hari itu sudah lewat."))
        with self.db.write() as session:
            report = self.opened(session, actor, public_id)
            report.input_until = (
                until if until is not None else (report.input_until and min(report.input_until, now))
            )
            facts = {"until": report.input_until.isoformat() if report.input_until else ""}
            act = "annual.input-opened" if until is not None else "annual.input-closed"
            self.record(session, actor, act, report, now, facts=facts)

    def comment(self, actor: Actor, public_id: str, paragraph_id: int, text: str) -> int:
        """Give masukan on a paragraph as a member of one of the plan's K/L; returns its id.

        404 for who may not read the draft, ``ForbiddenError`` for readers who give none.
        """
        now = self.clock.now()
        with self.db.write() as session:
            report = self.locked(session, public_id)
            its = subject(session, report, now)
            policy.demand(policy.can_read_annual(actor, its), visible=False)
            if not policy.can_comment_annual(actor, its):
                raise ForbiddenError(
                    N_("Masukan diberi oleh anggota K/L rencana ini, selama masukan dibuka.")
                )
            text = said(text, "text", N_("Masukan masih kosong."))
            paragraph = self.paragraph(session, report, paragraph_id)
            mine = sorted(
                grant.institution_id
                for grant in actor.grants
                if grant.institution_id in its.institutions and grant.institution_id is not None
            )
            comment = AnnualComment(
                report_id=report.id,
                paragraph_id=paragraph.id,
                revision=paragraph.revision,
                institution_id=mine[0],
                person_id=actor.person_id,
                text=text,
                at=now,
            )
            session.add(comment)
            session.flush()
            facts = {"paragraph": paragraph.id, "comment": comment.id}
            self.record(session, actor, "annual.commented", report, now, facts=facts)
            return comment.id

    def answer(self, actor: Actor, public_id: str, comment_id: int, answer: str, reply: str) -> None:
        """Accept or decline a masukan with a word of why. Raises ``InvalidError``, ``ConflictError``."""
        if answer not in (ACCEPTED, DECLINED):
            raise InvalidError.one("answer", N_("Pilih diterima atau tidak diterima."))
        reply = said(reply, "reply", N_("Tulis jawaban untuk K/L ini."))
        now = self.clock.now()
        with self.db.write() as session:
            report = self.opened(session, actor, public_id)
            comment = session.get(AnnualComment, comment_id)
            if comment is None or comment.report_id != report.id:
                raise NotFoundError
            if comment.answer:
                raise ConflictError(N_("Masukan ini sudah dijawab."))
            comment.answer, comment.reply = answer, reply
            comment.answered_by, comment.answered_at = actor.person_id, now
            facts = {"comment": comment.id, "answer": answer}
            self.record(session, actor, "annual.answered", report, now, reason=reply, facts=facts)
