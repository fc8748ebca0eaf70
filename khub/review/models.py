"""What reviewers did: decisions, answers to the checklist, second looks."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from khub.db import Base, UTCDateTime


class Decision(Base):
    """One press of Setujui or Kembalikan on one snapshot; exactly one of the copies is named.

    ``act``: values of ``lifecycle.Act``. ``with_id``: the decision on the report that this keluaran
    was decided with. ``batch``: a token that the approvals of one bulk press share, "" for a single one.
    """

    __tablename__ = "review_decision"

    id: Mapped[int] = mapped_column(primary_key=True)
    copy_id: Mapped[int | None] = mapped_column(sa.ForeignKey("copy.id"), index=True)
    report_copy_id: Mapped[int | None] = mapped_column(sa.ForeignKey("report_copy.id"), index=True)
    with_id: Mapped[int | None] = mapped_column(sa.ForeignKey("review_decision.id"), index=True)
    act: Mapped[str] = mapped_column(sa.String(20))
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    batch: Mapped[str] = mapped_column(sa.String(40), default="", index=True)


class Answer(Base):
    """A person's answer to one item of the checklist, about one snapshot: yes, no, or open (not yet).

    ``second``: of the second reviewer, kept apart from the first one's.
    """

    __tablename__ = "review_answer"
    __table_args__ = (
        sa.UniqueConstraint("copy_id", "item", "second"),
        sa.UniqueConstraint("report_copy_id", "item", "second"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    copy_id: Mapped[int | None] = mapped_column(sa.ForeignKey("copy.id"))
    report_copy_id: Mapped[int | None] = mapped_column(sa.ForeignKey("report_copy.id"))
    item: Mapped[str] = mapped_column(sa.String(20))
    second: Mapped[bool] = mapped_column(default=False)
    answer: Mapped[str] = mapped_column(sa.String(10))
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    at: Mapped[datetime] = mapped_column(UTCDateTime)


class SecondLook(Base):
    """An approval that was drawn for a second reviewer. ``verdict``: "" until decided, approve, return.

    It never moves the state: where the two differ, the page and the trail say so.
    """

    __tablename__ = "second_look"

    id: Mapped[int] = mapped_column(primary_key=True)
    decision_id: Mapped[int] = mapped_column(sa.ForeignKey("review_decision.id"), unique=True)
    drawn_at: Mapped[datetime] = mapped_column(UTCDateTime)
    reviewer_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    reserved_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    verdict: Mapped[str] = mapped_column(sa.String(20), default="", index=True)
    note: Mapped[str] = mapped_column(sa.Text, default="")
    decided_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
