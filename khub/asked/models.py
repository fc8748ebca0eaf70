"""The queries that people asked: theirs to see and to erase, counted for the Sekretariat without names."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from khub.db import Base, BigKey, UTCDateTime

#: Longest text that is kept of a query, and longest form under which equal queries meet.
MAX_TEXT = 300


class AskedQuery(Base):
    """One search by a signed-in person: its first page.

    ``key``: the text as queries are compared, folded and with single spaces. ``total``: what that person
    found; shown to nobody else.
    """

    __tablename__ = "asked_query"
    __table_args__ = (
        sa.Index("ix_asked_query_person_id_asked_at", "person_id", "asked_at"),
        sa.Index("ix_asked_query_asked_at", "asked_at"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    text: Mapped[str] = mapped_column(sa.String(MAX_TEXT))
    key: Mapped[str] = mapped_column(sa.String(MAX_TEXT))
    filters: Mapped[dict[str, list[str]]] = mapped_column(sa.JSON, default=dict)
    total: Mapped[int]
    asked_at: Mapped[datetime] = mapped_column(UTCDateTime)
