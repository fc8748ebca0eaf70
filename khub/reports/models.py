"""A report row (aksi × K/L × period), what it says in copies, and every state it stood in."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from khub.db import Base, UTCDateTime


class Report(Base):
    """One row of the task list. ``institution_id`` is the K/L under its name of that time.

    Only ``steps.move`` assigns ``state`` and ``pressed_at`` (the first press of Ajukan that was not
    withdrawn: lateness counts from it). ``following_until``: files may still follow ("menyusul").
    """

    __tablename__ = "report"
    __table_args__ = (
        sa.UniqueConstraint("action_id", "institution_id", "period_id"),
        sa.Index("ix_report_period_id_state", "period_id", "state"),
        sa.Index("ix_report_institution_id", "institution_id"),
        sa.Index("ix_report_state", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(sa.String(20), unique=True)
    action_id: Mapped[int] = mapped_column(sa.ForeignKey("action.id"))
    institution_id: Mapped[int] = mapped_column(sa.ForeignKey("institution.id"))
    period_id: Mapped[int] = mapped_column(sa.ForeignKey("period.id"))
    pokja_id: Mapped[int] = mapped_column(sa.ForeignKey("pokja.id"), index=True)
    classification: Mapped[str] = mapped_column(sa.String(20))
    state: Mapped[str] = mapped_column(sa.String(20))
    pressed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    following_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    reviewer_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    reserved_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)


class ReportStep(Base):
    """A report stood in ``state`` from ``at`` until ``ended_at`` (None: still). Never changed otherwise.

    ``pressed_at``: the press of Ajukan in force during this step.
    """

    __tablename__ = "report_step"
    __table_args__ = (sa.Index("ix_report_step_report_id_at", "report_id", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(sa.ForeignKey("report.id"))
    state: Mapped[str] = mapped_column(sa.String(20))
    pressed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class ReportCopy(Base):
    """What a report says: number 0 is the working copy, 1… are frozen snapshots, as of a keluaran.

    ``access`` is the state group that the policy reads. ``values``: list of ``{"activity": id,
    "value": float | None, "why": str}``, totals since January; a snapshot's also carry ``name``,
    ``unit`` and ``target`` as they stood. ``offered_from``: the snapshot of an earlier period
    whose text was taken as a start. ``due_at``: the deadline that a return set. A decision on a
    withdrawn snapshot is the K/L's: it did not confirm what was entered *atas nama* it.
    """

    __tablename__ = "report_copy"
    __table_args__ = (
        sa.UniqueConstraint("report_id", "number"),
        sa.Index("ix_report_copy_access_submitted_at", "access", "submitted_at"),
        sa.Index("ix_report_copy_receipt_id", "receipt_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(sa.ForeignKey("report.id"))
    number: Mapped[int]
    access: Mapped[str] = mapped_column(sa.String(20))
    achievement: Mapped[str] = mapped_column(sa.Text, default="")
    percent: Mapped[int | None]
    percent_why: Mapped[str] = mapped_column(sa.Text, default="")
    obstacles: Mapped[str] = mapped_column(sa.Text, default="")
    no_obstacles: Mapped[bool] = mapped_column(default=False)
    follow_up: Mapped[str] = mapped_column(sa.Text, default="")
    values: Mapped[list[dict[str, object]]] = mapped_column(sa.JSON, default=list)
    offered_from: Mapped[int | None] = mapped_column(sa.ForeignKey("report_copy.id"))
    revision: Mapped[int] = mapped_column(default=1)
    saved_at: Mapped[datetime] = mapped_column(UTCDateTime)
    saved_by: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    submitted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    submitted_by: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    receipt_id: Mapped[int | None] = mapped_column(sa.ForeignKey("receipt.id"))
    on_behalf: Mapped[bool] = mapped_column(default=False)
    letter_id: Mapped[int | None] = mapped_column(sa.ForeignKey("letter.id"))
    confirmed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    confirmed_by: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    outcome: Mapped[str] = mapped_column(sa.String(20), default="")
    decided_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    decided_by: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    bulk: Mapped[bool] = mapped_column(default=False)
    note: Mapped[str] = mapped_column(sa.Text, default="")
    due_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class ReportOutput(Base):
    """A keluaran that a report names as evidence, with the pages that prove it ("6", "28–30").

    ``product_copy_id``: the snapshot that a frozen copy stands on; None in the working copy.
    """

    __tablename__ = "report_output"

    copy_id: Mapped[int] = mapped_column(sa.ForeignKey("report_copy.id"), primary_key=True)
    product_id: Mapped[int] = mapped_column(sa.ForeignKey("product.id"), primary_key=True, index=True)
    product_copy_id: Mapped[int | None] = mapped_column(sa.ForeignKey("copy.id"))
    pages: Mapped[str] = mapped_column(sa.String(120), default="")
    position: Mapped[int] = mapped_column(default=0)
