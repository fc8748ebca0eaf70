"""Keluaran → version → copies (the working copy and numbered snapshots) → files → pages."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from khub.db import Base, UTCDateTime

#: ``Copy.number`` of the working copy; snapshots count from 1.
WORKING = 0


class Kind(Base):
    """A jenis of keluaran; the list is data and editable."""

    __tablename__ = "kind"

    code: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(120))
    name_en: Mapped[str] = mapped_column(sa.String(120))
    position: Mapped[int]


class Product(Base):
    """A keluaran. It belongs to one K/L and one pokja; its public id is random on purpose."""

    __tablename__ = "product"
    __table_args__ = (
        sa.Index("ix_product_institution_id_pokja_id", "institution_id", "pokja_id"),
        sa.Index("ix_product_batch", "batch"),
        sa.Index("ix_product_created_at", "created_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(sa.String(20), unique=True)
    institution_id: Mapped[int] = mapped_column(sa.ForeignKey("institution.id"))
    pokja_id: Mapped[int] = mapped_column(sa.ForeignKey("pokja.id"), index=True)
    classification: Mapped[str] = mapped_column(sa.String(20))
    batch: Mapped[str] = mapped_column(sa.String(40), default="")
    created_by: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    discarded_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Version(Base):
    """v1, v2 …: owns its state. Only ``lifecycle`` assigns ``state``."""

    __tablename__ = "version"
    __table_args__ = (sa.UniqueConstraint("product_id", "number"), sa.Index("ix_version_state", "state"))

    id: Mapped[int] = mapped_column(primary_key=True)
    product_id: Mapped[int] = mapped_column(sa.ForeignKey("product.id"))
    number: Mapped[int]
    state: Mapped[str] = mapped_column(sa.String(20))
    reviewer_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    reserved_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    created_by: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Copy(Base):
    """What a version says: number 0 is the working copy, 1… are frozen snapshots.

    ``access`` is the state group that the policy reads: draft, submitted, withdrawn, approved,
    or "" while the working copy is frozen behind its snapshot. ``revision`` counts the saves of a
    working copy (two people editing at once). ``outcome`` of a snapshot: pending, withdrawn,
    returned, approved. ``due_at``: the deadline that a return set.
    """

    __tablename__ = "copy"
    __table_args__ = (
        sa.UniqueConstraint("version_id", "number"),
        sa.Index("ix_copy_access_submitted_at", "access", "submitted_at"),
        sa.Index("ix_copy_period_id", "period_id"),
        sa.Index("ix_copy_receipt_id", "receipt_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(sa.ForeignKey("version.id"))
    number: Mapped[int]
    access: Mapped[str] = mapped_column(sa.String(20))
    title: Mapped[str] = mapped_column(sa.Text)
    title_typed: Mapped[bool] = mapped_column(default=False)
    kind: Mapped[str] = mapped_column(sa.ForeignKey("kind.code"))
    language: Mapped[str] = mapped_column(sa.String(5), default="")
    language_chosen: Mapped[bool] = mapped_column(default=False)
    period_id: Mapped[int | None] = mapped_column(sa.ForeignKey("period.id"))
    personal_data: Mapped[str] = mapped_column(sa.String(10), default="")
    revision: Mapped[int] = mapped_column(default=1)
    saved_at: Mapped[datetime] = mapped_column(UTCDateTime)
    submitted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    submitted_by: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    receipt_id: Mapped[int | None] = mapped_column(sa.ForeignKey("receipt.id"))
    outcome: Mapped[str] = mapped_column(sa.String(20), default="")
    decided_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    decided_by: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    note: Mapped[str] = mapped_column(sa.Text, default="")
    due_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class CopyAction(Base):
    """A copy serves an action, and there perhaps one of its expected outputs."""

    __tablename__ = "copy_action"

    copy_id: Mapped[int] = mapped_column(sa.ForeignKey("copy.id"), primary_key=True)
    action_id: Mapped[int] = mapped_column(sa.ForeignKey("action.id"), primary_key=True, index=True)
    output_id: Mapped[int | None] = mapped_column(sa.ForeignKey("expected_output.id"), index=True)
    position: Mapped[int] = mapped_column(default=0)


class CopyFile(Base):
    """The files of a copy, in order."""

    __tablename__ = "copy_file"

    copy_id: Mapped[int] = mapped_column(sa.ForeignKey("copy.id"), primary_key=True)
    file_id: Mapped[int] = mapped_column(sa.ForeignKey("file.id"), primary_key=True, index=True)
    position: Mapped[int]


class File(Base):
    """A received file: bytes by content hash, name as data, and what reading it gave.

    Each upload is a row of its own, read on its own, even when the bytes are known: otherwise the
    speed of reading would tell that somebody else holds the same bytes.
    """

    __tablename__ = "file"
    __table_args__ = (
        sa.Index("ix_file_sha256", "sha256"),
        sa.Index("ix_file_state", "state"),
        sa.Index("ix_file_product_id", "product_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(sa.String(20), unique=True)
    product_id: Mapped[int] = mapped_column(sa.ForeignKey("product.id"))
    sha256: Mapped[str] = mapped_column(sa.String(64))
    size: Mapped[int] = mapped_column(sa.BigInteger)
    name: Mapped[str] = mapped_column(sa.String(150))
    media_type: Mapped[str] = mapped_column(sa.String(120))
    uploaded_by: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    uploaded_at: Mapped[datetime] = mapped_column(UTCDateTime)
    state: Mapped[str] = mapped_column(sa.String(20))
    reason: Mapped[str] = mapped_column(sa.String(60), default="")
    detail: Mapped[dict[str, object]] = mapped_column(sa.JSON, default=dict)
    warnings: Mapped[list[str]] = mapped_column(sa.JSON, default=list)
    personal: Mapped[list[dict[str, object]]] = mapped_column(sa.JSON, default=list)
    outline: Mapped[list[list[object]]] = mapped_column(sa.JSON, default=list)
    title: Mapped[str] = mapped_column(sa.Text, default="")
    language: Mapped[str] = mapped_column(sa.String(5), default="")
    page_count: Mapped[int] = mapped_column(default=0)
    read_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    extractor: Mapped[int] = mapped_column(default=0)


class Page(Base):
    """The text of one page, slide, sheet or section; ``text`` is zlib-compressed UTF-8.

    ``language`` is "" for a page of few words, and for one read before languages were told by page: it is
    then in the language of its file. ``source`` is "ocr" where its picture was read, with ``confidence`` in
    percent; the error of such a page says why that failed.
    """

    __tablename__ = "page"

    file_id: Mapped[int] = mapped_column(sa.ForeignKey("file.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    label: Mapped[str] = mapped_column(sa.String(60))
    kind: Mapped[str] = mapped_column(sa.String(10))
    approximate: Mapped[bool]
    heading: Mapped[str] = mapped_column(sa.Text)
    error: Mapped[str] = mapped_column(sa.String(60))
    text: Mapped[bytes] = mapped_column(sa.LargeBinary)
    language: Mapped[str] = mapped_column(sa.String(2), default="", server_default="")
    source: Mapped[str] = mapped_column(sa.String(10), default="", server_default="")
    confidence: Mapped[int] = mapped_column(default=0, server_default="0")


class PageWords(Base):
    """Where the words of a page stand that was read from its picture: compressed JSON, see ``scans``."""

    __tablename__ = "page_words"

    file_id: Mapped[int] = mapped_column(sa.ForeignKey("file.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    words: Mapped[bytes] = mapped_column(sa.LargeBinary)


class Receipt(Base):
    """Tanda terima of one press of Ajukan."""

    __tablename__ = "receipt"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(sa.String(30), unique=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    institution_id: Mapped[int] = mapped_column(sa.ForeignKey("institution.id"))
    event_seq: Mapped[int] = mapped_column(sa.BigInteger, default=0)


class UploadKey(Base):
    """A retried upload answers with the file it already made."""

    __tablename__ = "upload_key"

    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), primary_key=True)
    key: Mapped[str] = mapped_column(sa.String(80), primary_key=True)
    file_id: Mapped[int] = mapped_column(sa.ForeignKey("file.id"), index=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
