"""What search knows of a product besides its text: columns, stamped by an epoch."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from khub.db import Base, BigKey


class Entry(Base):
    """All searchable copies of a product as JSON; derived, rewritten with every change of it.

    ``epoch`` is taken from ``Epoch`` under its row lock, so that a reader who has seen n can ask
    for everything above n and miss nothing.
    """

    __tablename__ = "search_entry"

    product_id: Mapped[int] = mapped_column(sa.ForeignKey("product.id"), primary_key=True)
    epoch: Mapped[int] = mapped_column(BigKey, index=True)
    copies: Mapped[list[dict[str, object]]] = mapped_column(sa.JSON)


class Epoch(Base):
    """The counter that every change of right, state or link moves on. One row."""

    __tablename__ = "search_epoch"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    value: Mapped[int] = mapped_column(BigKey)
