"""What search knows of reports, actions and K/L besides their texts: columns, stamped by the epoch."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from khub.db import Base, BigKey


class KindEntry(Base):
    """All searchable copies of a report, or the one of an action or K/L, as JSON; derived.

    As ``Entry`` is for keluaran, with the same keys in ``copies`` and the same epoch.
    """

    __tablename__ = "kind_entry"
    __table_args__ = (sa.Index("ix_kind_entry_kind_epoch", "kind", "epoch"),)

    kind: Mapped[str] = mapped_column(sa.String(10), primary_key=True)
    subject_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    epoch: Mapped[int] = mapped_column(BigKey)
    copies: Mapped[list[dict[str, object]]] = mapped_column(sa.JSON)
