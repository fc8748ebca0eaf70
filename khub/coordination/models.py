"""Contacts, notes and follow-ups of a K/L, and the letter's template."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from khub.db import Base, UTCDateTime


class Contact(Base):
    """Whom to reach at a K/L. Personal data: removing a contact deletes the row.

    ``revision`` counts the saves (two people editing at once).
    """

    __tablename__ = "contact"

    id: Mapped[int] = mapped_column(primary_key=True)
    institution_id: Mapped[int] = mapped_column(sa.ForeignKey("institution.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    role: Mapped[str] = mapped_column(sa.String(200), default="")
    email: Mapped[str] = mapped_column(sa.String(254), default="")
    phone: Mapped[str] = mapped_column(sa.String(40), default="")
    revision: Mapped[int] = mapped_column(default=1)
    saved_at: Mapped[datetime] = mapped_column(UTCDateTime)
    saved_by: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))


class Note(Base):
    """What was said with a K/L on a day (WIB), and how. Never changed.

    ``channel``: a code of ``words.CHANNELS``. ``pokja_id``: whose ketua reads it too (None: only the
    Sekretariat does).
    """

    __tablename__ = "coordination_note"
    __table_args__ = (
        sa.Index("ix_coordination_note_institution_id_held_on", "institution_id", "held_on"),
        sa.Index("ix_coordination_note_pokja_id", "pokja_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    institution_id: Mapped[int] = mapped_column(sa.ForeignKey("institution.id"))
    pokja_id: Mapped[int | None] = mapped_column(sa.ForeignKey("pokja.id"))
    held_on: Mapped[date]
    channel: Mapped[str] = mapped_column(sa.String(20))
    text: Mapped[str] = mapped_column(sa.Text)
    created_by: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)


class FollowUp(Base):
    """Something to do for a K/L, by ``owner_id`` until ``due_on`` (a day in WIB).

    ``pokja_id`` as in ``Note``; the owner always reads it. ``revision`` counts the saves.
    """

    __tablename__ = "follow_up"
    __table_args__ = (
        sa.Index("ix_follow_up_institution_id", "institution_id"),
        sa.Index("ix_follow_up_owner_id_done_at", "owner_id", "done_at"),
        sa.Index("ix_follow_up_done_at_due_on", "done_at", "due_on"),
        sa.Index("ix_follow_up_pokja_id", "pokja_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    institution_id: Mapped[int] = mapped_column(sa.ForeignKey("institution.id"))
    pokja_id: Mapped[int | None] = mapped_column(sa.ForeignKey("pokja.id"))
    text: Mapped[str] = mapped_column(sa.String(500))
    owner_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    due_on: Mapped[date]
    revision: Mapped[int] = mapped_column(default=1)
    created_by: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    done_by: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))


class LetterTemplate(Base):
    """A saved text of the reminder letter; the highest ``number`` is in use, older ones stay."""

    __tablename__ = "letter_template"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(unique=True)
    subject: Mapped[str] = mapped_column(sa.String(200))
    body: Mapped[str] = mapped_column(sa.Text)
    created_by: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
