"""The append-only trail: every act, chained by SHA-256."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from khub.db import Base, BigKey, UTCDateTime


class Event(Base):
    """One act. Rows are never changed or deleted; triggers in the database refuse it."""

    __tablename__ = "event"
    __table_args__ = (
        sa.Index("ix_event_object", "object_type", "object_id", "seq"),
        sa.Index("ix_event_person_id_seq", "person_id", "seq"),
        sa.Index("ix_event_act_seq", "act", "seq"),
        sa.Index("ix_event_at", "at"),
    )

    seq: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    person_id: Mapped[int | None]
    person: Mapped[str] = mapped_column(sa.String(200))
    act: Mapped[str] = mapped_column(sa.String(60))
    object_type: Mapped[str] = mapped_column(sa.String(30))
    object_id: Mapped[str] = mapped_column(sa.String(60))
    reason: Mapped[str] = mapped_column(sa.Text)
    facts: Mapped[str] = mapped_column(sa.Text)
    previous: Mapped[str] = mapped_column(sa.String(64))
    hash: Mapped[str] = mapped_column(sa.String(64))


class Head(Base):
    """The last link of the chain; locked while an event is appended, so that links never fork."""

    __tablename__ = "audit_head"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(BigKey)
    hash: Mapped[str] = mapped_column(sa.String(64))
