"""Saved searches, who watches them, what was found for whom, and what people said of it."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from khub.db import Base, UTCDateTime


class SavedSearch(Base):
    """A search as its address says it: ``pairs`` of (name, value). Its words are not changed afterwards.

    ``audience`` is a ``terms.Audience``; ``institution_id`` or ``pokja_id`` name whose it is.
    """

    __tablename__ = "saved_search"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(sa.String(20), unique=True)
    owner_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    pairs: Mapped[list[list[str]]] = mapped_column(sa.JSON)
    audience: Mapped[str] = mapped_column(sa.String(20), index=True)
    institution_id: Mapped[int | None] = mapped_column(sa.ForeignKey("institution.id"))
    pokja_id: Mapped[int | None] = mapped_column(sa.ForeignKey("pokja.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class SavedWatch(Base):
    """One person's side of a saved search. ``alert`` is a ``terms.Alert``.

    ``known`` has a bit for every product that the search has ever found for him, None before the first
    look. ``quiet``: the next look only notes what there is, because it was there when he asked to be told.
    ``mark`` stands for the state of index, columns and memberships that the last look saw.
    Of a feed only the SHA-256 of its secret is kept.
    """

    __tablename__ = "saved_watch"
    __table_args__ = (sa.UniqueConstraint("search_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    search_id: Mapped[int] = mapped_column(sa.ForeignKey("saved_search.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    alert: Mapped[str] = mapped_column(sa.String(10))
    known: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    quiet: Mapped[bool] = mapped_column(default=False)
    mark: Mapped[str] = mapped_column(sa.String(160), default="")
    checked_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    visited_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    seen_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    feed_hash: Mapped[str | None] = mapped_column(sa.String(64), unique=True)
    feed_since: Mapped[datetime | None] = mapped_column(UTCDateTime)


class SavedFind(Base):
    """A product that a search found for a person later than at its first look.

    ``told_at`` None: a letter has still to speak of it.
    """

    __tablename__ = "saved_find"
    __table_args__ = (
        sa.Index("ix_saved_find_watch_id_found_at", "watch_id", "found_at"),
        sa.Index("ix_saved_find_told_at", "told_at"),
    )

    watch_id: Mapped[int] = mapped_column(sa.ForeignKey("saved_watch.id"), primary_key=True)
    product_id: Mapped[int] = mapped_column(sa.ForeignKey("product.id"), primary_key=True)
    found_at: Mapped[datetime] = mapped_column(UTCDateTime)
    told_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class SavedVerdict(Base):
    """Whether a product is to the point of a saved search: one answer for all who share it, with who gave it."""

    __tablename__ = "saved_verdict"

    search_id: Mapped[int] = mapped_column(sa.ForeignKey("saved_search.id"), primary_key=True)
    product_id: Mapped[int] = mapped_column(sa.ForeignKey("product.id"), primary_key=True)
    relevant: Mapped[bool]
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
