"""Groups of forms, the changes they went through, and the epoch that tells every process."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from khub.db import Base, BigKey, UTCDateTime
from khub.synonyms.terms import KEY_LENGTH, Kind


class SynonymGroup(Base):
    """A group; ``kind`` is a ``terms.Kind``. A removed one stays, without forms, so that it can come back."""

    __tablename__ = "synonym_group"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(20))
    #: The first form folded: lists are in its order.
    head: Mapped[str] = mapped_column(sa.String(KEY_LENGTH))
    removed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    __table_args__ = (sa.Index("ix_synonym_group_removed_at_head", "removed_at", "head"),)


class SynonymForm(Base):
    """A form of a group as written; ``key`` is how it folds. Of groups that join, a form has but one."""

    __tablename__ = "synonym_form"

    id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(sa.ForeignKey("synonym_group.id"), index=True)
    position: Mapped[int]
    kind: Mapped[str] = mapped_column(sa.String(20))
    text: Mapped[str] = mapped_column(sa.String(250))
    key: Mapped[str] = mapped_column(sa.String(KEY_LENGTH), index=True)

    __table_args__ = (
        sa.Index(
            "uq_synonym_form_same",
            "key",
            unique=True,
            sqlite_where=sa.text(f"kind = '{Kind.SAME}'"),
            postgresql_where=sa.text(f"kind = '{Kind.SAME}'"),
        ),
    )


class SynonymChange(Base):
    """One act on groups: who, when, why. ``undoes_id``: the change that it takes back."""

    __tablename__ = "synonym_change"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    person: Mapped[str] = mapped_column(sa.String(200))
    act: Mapped[str] = mapped_column(sa.String(20))
    note: Mapped[str] = mapped_column(sa.Text)
    undoes_id: Mapped[int | None] = mapped_column(sa.ForeignKey("synonym_change.id"), index=True)


class SynonymStep(Base):
    """What a change did to one group: kind and forms before and after; null where there was none."""

    __tablename__ = "synonym_step"

    id: Mapped[int] = mapped_column(primary_key=True)
    change_id: Mapped[int] = mapped_column(sa.ForeignKey("synonym_change.id"), index=True)
    group_id: Mapped[int] = mapped_column(sa.ForeignKey("synonym_group.id"), index=True)
    before: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))
    after: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))


class SynonymEpoch(Base):
    """The counter that every change of a group, a K/L or its alias moves on. One row."""

    __tablename__ = "synonym_epoch"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    value: Mapped[int] = mapped_column(BigKey)
