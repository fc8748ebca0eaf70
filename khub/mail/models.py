"""Letters with what became of them, what people want to get, subscriptions, holidays."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from khub.db import Base, UTCDateTime


class Message(Base):
    """A letter to one person. ``state`` is a ``terms.MailState``, ``kind`` a ``terms.MailKind``.

    ``key`` makes preparing it twice impossible. ``message_id`` is set before the first try and stays,
    so that a copy sent again after a crash can be told from a second letter. ``facts`` names the rows
    and items it speaks of, from which it is written anew just before it is sent.
    """

    __tablename__ = "mail_message"
    __table_args__ = (
        sa.Index("ix_mail_message_state_send_after", "state", "send_after"),
        sa.Index("ix_mail_message_person_id_id", "person_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(sa.String(160), unique=True)
    message_id: Mapped[str] = mapped_column(sa.String(300), default="")
    kind: Mapped[str] = mapped_column(sa.String(20))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    period_id: Mapped[int | None] = mapped_column(sa.ForeignKey("period.id"))
    address: Mapped[str] = mapped_column(sa.String(254))
    subject: Mapped[str] = mapped_column(sa.Text)
    text: Mapped[str] = mapped_column(sa.Text)
    html: Mapped[str] = mapped_column(sa.Text)
    facts: Mapped[dict[str, object]] = mapped_column(sa.JSON, default=dict)
    state: Mapped[str] = mapped_column(sa.String(20))
    prepared_at: Mapped[datetime] = mapped_column(UTCDateTime)
    send_after: Mapped[datetime] = mapped_column(UTCDateTime)
    queued_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    sending_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    next_try_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    tries: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(sa.Text, default="")
    code: Mapped[int | None]


class MessageUnit(Base):
    """A letter spoke to its person about what this K/L owes: the K/L's "last contact"."""

    __tablename__ = "mail_unit"

    message_id: Mapped[int] = mapped_column(sa.ForeignKey("mail_message.id"), primary_key=True)
    institution_id: Mapped[int] = mapped_column(sa.ForeignKey("institution.id"), primary_key=True, index=True)


class News(Base):
    """Something to tell a person that can wait for his next digest; ``told_at`` when it was put in one."""

    __tablename__ = "mail_news"
    __table_args__ = (sa.Index("ix_mail_news_told_at_person_id", "told_at", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(sa.String(160), unique=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    kind: Mapped[str] = mapped_column(sa.String(20))
    subject: Mapped[dict[str, object]] = mapped_column(sa.JSON)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    told_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class MailDay(Base):
    """The planned letters of this day (WIB) are prepared."""

    __tablename__ = "mail_day"

    day: Mapped[date] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime)


class Preference(Base):
    """How a person wants letters; without a row: a digest, nothing muted."""

    __tablename__ = "mail_preference"

    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), primary_key=True)
    rhythm: Mapped[str] = mapped_column(sa.String(10))
    muted: Mapped[list[str]] = mapped_column(sa.JSON)


class FeedSecret(Base):
    """A secret address of a feed, kept as the SHA-256 of its token; ``kind`` is a ``feeds.FeedKind``."""

    __tablename__ = "feed_secret"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    kind: Mapped[str] = mapped_column(sa.String(20))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Holiday(Base):
    """A day without work, besides Saturday and Sunday."""

    __tablename__ = "holiday"

    day: Mapped[date] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(120))
