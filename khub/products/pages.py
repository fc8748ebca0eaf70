"""Reading a page of a file: its text, its place in the keluaran, its picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from khub.db import read_rows
from khub.errors import N_, NotFoundError
from khub.products import copies, scans
from khub.products.jobs import unpack
from khub.products.models import Copy, CopyFile, File, Page, Product
from khub.products.queries import readable_copies

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.orm import Session

    from indexer.extract import WordBox
    from khub.policy import Actor
    from khub.products.models import Version

#: Types whose pages can be drawn, and the states in which drawing is worth a try.
WITH_PICTURES = ("application/pdf", "image/jpeg", "image/png")
PICTURED = ("read", "partial", "needs_ocr", "ocr_running", "ocr_failed", "no_text", "evidence")

# Put together once: every page of results asks.
_TEXTS = sa.select(
    Page.file_id,
    Page.number,
    Page.label,
    Page.kind,
    Page.approximate,
    Page.heading,
    Page.error,
    Page.text,
    Page.language,
    Page.source,
    Page.confidence,
).where(sa.tuple_(Page.file_id, Page.number).in_(sa.bindparam("keys", expanding=True)))
_FILES = (
    sa.select(
        CopyFile.copy_id,
        File.id,
        File.public_id,
        File.name,
        File.media_type,
        File.language,
        File.state,
        File.page_count,
    )
    .join(File, File.id == CopyFile.file_id)
    .where(CopyFile.copy_id.in_(sa.bindparam("ids", expanding=True)))
    .order_by(CopyFile.copy_id, CopyFile.position, File.id)
)


@dataclass(frozen=True, slots=True)
class FileRef:
    """A file that the reader may read, with the keluaran's copy it is read through."""

    file_id: int
    public_id: str
    name: str
    sha256: str
    size: int
    media_type: str
    state: str
    reason: str
    page_count: int
    detail: dict[str, object]
    outline: tuple[tuple[str, int], ...]
    language: str
    product: str
    product_id: int
    title: str
    version: int
    snapshot: int
    copy_state: str


@dataclass(frozen=True, slots=True)
class CopysFile:
    """A file as hits name it; ``pictured``: it could be opened, so that drawing it is worth a try."""

    id: int
    public_id: str
    name: str
    media_type: str
    language: str
    pictured: bool
    page_count: int


@dataclass(frozen=True, slots=True)
class PageText:
    """One stored page. ``error`` is "" when it was read, ``language`` "" where it is that of the file.

    ``scanned``: the text was read from the picture, with ``confidence`` in percent.
    """

    number: int
    label: str
    kind: str
    approximate: bool
    heading: str
    error: str
    text: str
    language: str = ""
    scanned: bool = False
    confidence: int = 0


def file_ref(session: Session, actor: Actor, public_id: str) -> FileRef:
    """Return a file through the highest-ranked readable copy that holds it; 404 where there is none."""
    found = session.execute(
        readable_copies(actor)
        .add_columns(File)
        .join(CopyFile, CopyFile.copy_id == Copy.id)
        .join(File, File.id == CopyFile.file_id)
        .where(File.public_id == public_id)
    ).all()
    if not found:
        raise NotFoundError
    copy, version, product, file = max(found, key=lambda row: copies.rank_of(row[0], row[1]))
    return _ref(copy, version, product, file)


def _ref(copy: Copy, version: Version, product: Product, file: File) -> FileRef:
    return FileRef(
        file_id=file.id,
        public_id=file.public_id,
        name=file.name,
        sha256=file.sha256,
        size=file.size,
        media_type=file.media_type,
        state=file.state,
        reason=file.reason,
        page_count=file.page_count,
        detail=dict(file.detail),
        outline=tuple((str(title), int(str(number))) for title, number in file.outline),
        language=file.language,
        product=product.public_id,
        product_id=product.id,
        title=copy.title,
        version=version.number,
        snapshot=copy.number,
        copy_state=copies.status_of(copy, version),
    )


def product_number(session: Session, actor: Actor, public_id: str) -> int:
    """Return the database id of a keluaran that ``actor`` may read."""
    found = session.execute(readable_copies(actor).where(Product.public_id == public_id).limit(1)).first()
    if found is None:
        raise NotFoundError
    return found[2].id


def page_text(session: Session, actor: Actor, file_id: int, number: int) -> PageText | None:
    """Return stored page ``number`` (1-based) of a file the caller has seen to be readable."""
    del actor
    page = session.get(Page, (file_id, number))
    return None if page is None else _page(page)


def words(session: Session, actor: Actor, file_id: int, number: int) -> tuple[WordBox, ...]:
    """Return the boxes of the words of a scanned page of a file the caller has seen to be readable."""
    del actor
    return scans.words_of(session, file_id, number)


def preview(session: Session, actor: Actor, public_id: str, number: int) -> tuple[bool, str]:
    """Return whether page ``number`` of a file has a picture, and its text ("" where there is none)."""
    file = file_ref(session, actor, public_id)
    page = page_text(session, actor, file.file_id, number)
    picture = file.media_type in WITH_PICTURES and file.state in PICTURED
    return picture, page.text if page is not None else ""


def page_phrase(kind: str, *, approximate: bool) -> str:
    """Return how a page is named, as a msgid with a place for its ``label``."""
    words = {"slide": N_("salindia %(label)s"), "sheet": N_("lembar %(label)s")}
    return words.get(kind, N_("± hlm. %(label)s") if approximate else N_("hlm. %(label)s"))


def page_texts(session: Session, wanted: Iterable[tuple[int, int]]) -> dict[tuple[int, int], PageText]:
    """Return many stored pages by (file id, number) in one statement."""
    keys = list(wanted)
    if not keys:
        return {}
    return {
        (page.file_id, page.number): _page(page) for page in read_rows(session, _TEXTS, {"keys": keys}).all()
    }


def readable_files(
    session: Session, actor: Actor, file_ids: Iterable[int]
) -> dict[int, tuple[str, str, str, str]]:
    """Return file id → (public id, name, media type, language) of those that ``actor`` may read."""
    return {
        row.id: (row.public_id, row.name, row.media_type, row.language)
        for row in session.execute(
            readable_copies(actor)
            .with_only_columns(
                File.id, File.public_id, File.name, File.media_type, File.language, maintain_column_froms=True
            )
            .join(CopyFile, CopyFile.copy_id == Copy.id)
            .join(File, File.id == CopyFile.file_id)
            .where(File.id.in_(list(file_ids)))
        )
    }


def files_of(session: Session, copy_ids: Iterable[int]) -> dict[int, list[CopysFile]]:
    """Return copy id → its files, in order, of copies the caller has seen to be readable."""
    found: dict[int, list[CopysFile]] = {}
    for row in read_rows(session, _FILES, {"ids": list(copy_ids)}).all():
        pictured = row.state in PICTURED
        found.setdefault(row.copy_id, []).append(
            CopysFile(row.id, row.public_id, row.name, row.media_type, row.language, pictured, row.page_count)
        )
    return found


def labels(session: Session, actor: Actor, file_id: int) -> dict[int, tuple[str, str]]:
    """Return (label, heading) of every page of a file the caller has seen to be readable."""
    del actor
    return {
        number: (label, heading)
        for number, label, heading in session.execute(
            sa.select(Page.number, Page.label, Page.heading)
            .where(Page.file_id == file_id)
            .order_by(Page.number)
        )
    }


def _page(page: Page | sa.Row[*tuple[Any, ...]]) -> PageText:
    return PageText(
        page.number,
        page.label,
        page.kind,
        page.approximate,
        page.heading,
        page.error,
        unpack(page.text),
        page.language,
        page.source == scans.SOURCE and not page.error,
        page.confidence,
    )
