"""The annual report: sections → paragraphs → revisions; citations, masukan, editions, exports."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from khub.db import Base, UTCDateTime


class AnnualReport(Base):
    """The report on one year of a plan. ``revision`` counts every change of it.

    ``as_of``: live figures are those recorded until then. ``input_until``: K/L may comment on
    paragraphs until then; ``None`` means that nobody was ever asked.
    """

    __tablename__ = "annual_report"
    __table_args__ = (
        sa.UniqueConstraint("plan_id", "year"),
        sa.Index("ix_annual_report_input_until", "input_until"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(sa.String(20), unique=True)
    plan_id: Mapped[int] = mapped_column(sa.ForeignKey("plan.id"))
    year: Mapped[int]
    title: Mapped[str] = mapped_column(sa.String(300))
    as_of: Mapped[datetime] = mapped_column(UTCDateTime)
    input_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    revision: Mapped[int] = mapped_column(default=1)
    saved_at: Mapped[datetime] = mapped_column(UTCDateTime)
    created_by: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)


class AnnualSection(Base):
    """A chapter or a part of one, in the order of ``position``. ``level`` 1 is a chapter.

    ``key`` names it in addresses; ``kind`` says what it is about, ``branch`` the code of its pilar.
    """

    __tablename__ = "annual_section"
    __table_args__ = (sa.UniqueConstraint("report_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(sa.ForeignKey("annual_report.id"))
    key: Mapped[str] = mapped_column(sa.String(60))
    position: Mapped[int]
    level: Mapped[int]
    number: Mapped[str] = mapped_column(sa.String(20))
    kind: Mapped[str] = mapped_column(sa.String(20))
    branch: Mapped[str] = mapped_column(sa.String(40), default="")
    title: Mapped[str] = mapped_column(sa.Text)


class AnnualParagraph(Base):
    """A paragraph, or a live table, of a section. A deleted one stays for its revisions and masukan."""

    __tablename__ = "annual_paragraph"
    __table_args__ = (
        sa.Index("ix_annual_paragraph_report_id", "report_id"),
        sa.Index("ix_annual_paragraph_section_id_position", "section_id", "position"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(sa.ForeignKey("annual_report.id"))
    section_id: Mapped[int] = mapped_column(sa.ForeignKey("annual_section.id"))
    position: Mapped[int]
    text: Mapped[str] = mapped_column(sa.Text, default="")
    revision: Mapped[int] = mapped_column(default=1)
    saved_at: Mapped[datetime] = mapped_column(UTCDateTime)
    saved_by: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    deleted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class AnnualRevision(Base):
    """What one save made of a paragraph. ``act``: added, saved, deleted, restored, conflict.

    A conflict keeps a text that was typed on revision ``number`` while another had gone on from it.
    """

    __tablename__ = "annual_revision"
    __table_args__ = (sa.Index("ix_annual_revision_paragraph_id", "paragraph_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    paragraph_id: Mapped[int] = mapped_column(sa.ForeignKey("annual_paragraph.id"))
    number: Mapped[int]
    act: Mapped[str] = mapped_column(sa.String(20))
    text: Mapped[str] = mapped_column(sa.Text)
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    person: Mapped[str] = mapped_column(sa.String(200))
    at: Mapped[datetime] = mapped_column(UTCDateTime)


class AnnualCitation(Base):
    """Words quoted from a page of a keluaran's snapshot, or from a snapshot of a report row.

    ``key`` counts within the report and stands in the text as ``[[kutipan:key]]``; the number that
    readers see follows the order of appearance. Of a page: ``copy_id``, ``file_id``, ``page``,
    ``sha256`` of the file. Of a report row: ``report_copy_id``. ``allowed_reason``: why something
    that not every signed-in reader may read is quoted all the same.
    """

    __tablename__ = "annual_citation"
    __table_args__ = (
        sa.UniqueConstraint("report_id", "key"),
        sa.Index("ix_annual_citation_copy_id", "copy_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(sa.ForeignKey("annual_report.id"))
    key: Mapped[int]
    copy_id: Mapped[int | None] = mapped_column(sa.ForeignKey("copy.id"))
    file_id: Mapped[int | None] = mapped_column(sa.ForeignKey("file.id"))
    page: Mapped[int] = mapped_column(default=0)
    sha256: Mapped[str] = mapped_column(sa.String(64), default="")
    report_copy_id: Mapped[int | None] = mapped_column(sa.ForeignKey("report_copy.id"))
    quote: Mapped[str] = mapped_column(sa.Text)
    created_by: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    allowed_reason: Mapped[str] = mapped_column(sa.Text, default="")
    allowed_by: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    allowed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    dropped_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class AnnualException(Base):
    """A phrase that Periksa angka does not agree with and that stays as it is, for a reason."""

    __tablename__ = "annual_exception"
    __table_args__ = (sa.Index("ix_annual_exception_report_id", "report_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(sa.ForeignKey("annual_report.id"))
    paragraph_id: Mapped[int] = mapped_column(sa.ForeignKey("annual_paragraph.id"))
    phrase: Mapped[str] = mapped_column(sa.Text)
    reason: Mapped[str] = mapped_column(sa.Text)
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    at: Mapped[datetime] = mapped_column(UTCDateTime)


class AnnualComment(Base):
    """Masukan of a K/L on a paragraph, and the Sekretariat's answer: accepted, declined, or "" so far."""

    __tablename__ = "annual_comment"
    __table_args__ = (
        sa.Index("ix_annual_comment_report_id_answer", "report_id", "answer"),
        sa.Index("ix_annual_comment_paragraph_id", "paragraph_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(sa.ForeignKey("annual_report.id"))
    paragraph_id: Mapped[int] = mapped_column(sa.ForeignKey("annual_paragraph.id"))
    revision: Mapped[int]
    institution_id: Mapped[int] = mapped_column(sa.ForeignKey("institution.id"))
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    text: Mapped[str] = mapped_column(sa.Text)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    answer: Mapped[str] = mapped_column(sa.String(20), default="")
    reply: Mapped[str] = mapped_column(sa.Text, default="")
    answered_by: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    answered_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class AnnualEdition(Base):
    """A frozen edition. Rows are never changed or deleted; triggers in the database refuse it.

    ``content``: canonical JSON of the whole document (see ``document``), ``sha256`` over its UTF-8.
    ``restricted``: it quotes what not every signed-in reader may read.
    """

    __tablename__ = "annual_edition"
    __table_args__ = (sa.UniqueConstraint("report_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(sa.ForeignKey("annual_report.id"))
    number: Mapped[int]
    as_of: Mapped[datetime] = mapped_column(UTCDateTime)
    revision: Mapped[int]
    restricted: Mapped[bool]
    content: Mapped[str] = mapped_column(sa.Text)
    sha256: Mapped[str] = mapped_column(sa.String(64))
    note: Mapped[str] = mapped_column(sa.Text, default="")
    frozen_by: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    frozen_at: Mapped[datetime] = mapped_column(UTCDateTime)


class AnnualExport(Base):
    """A file that the worker makes of a draft (``edition_id`` is None) or of an edition.

    ``state``: waiting, working, done, refused, expired. ``progress`` in percent. The file lies in
    ``settings.exports`` under its public id.
    """

    __tablename__ = "annual_export"
    __table_args__ = (sa.Index("ix_annual_export_report_id", "report_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(sa.String(20), unique=True)
    report_id: Mapped[int] = mapped_column(sa.ForeignKey("annual_report.id"))
    edition_id: Mapped[int | None] = mapped_column(sa.ForeignKey("annual_edition.id"))
    format: Mapped[str] = mapped_column(sa.String(10))
    restricted: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(sa.String(20), default="waiting")
    progress: Mapped[int] = mapped_column(default=0)
    why: Mapped[str] = mapped_column(sa.Text, default="")
    name: Mapped[str] = mapped_column(sa.String(150))
    size: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    sha256: Mapped[str] = mapped_column(sa.String(64), default="")
    requested_by: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    requested_at: Mapped[datetime] = mapped_column(UTCDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
