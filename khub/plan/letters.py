"""Letters behind entries made *atas nama* a K/L: stored bytes, checked by what they are, never read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

import sqlalchemy as sa

from indexer.extract import clean_name, sniff
from khub import policy
from khub.errors import N_, InvalidError, NotFoundError
from khub.plan.models import Institution, Letter
from khub.policy import Role
from khub.products import ids

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy.orm import Session

    from khub.policy import Actor
    from khub.storage import Blob, Storage

#: A scanned letter stays far below.
MAX_BYTES = 20 << 20
_TAKEN = ("application/pdf", "image/jpeg", "image/png")
_EMPTY = N_("Lampirkan surat bertanda tangan (PDF, JPG, atau PNG).")


@dataclass(frozen=True, slots=True)
class Stored:
    """Bytes of a letter on disk, not in the database yet."""

    blob: Blob
    name: str
    media_type: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """A letter to hand out."""

    path: Path
    name: str
    media_type: str


def store(storage: Storage, stream: IO[bytes] | None, name: str, field: str = "letter") -> Stored:
    """Store the bytes of a letter; call before the transaction that names it.

    Raises ``InvalidError`` on ``field`` for none, an empty one, or anything but PDF, JPG, PNG, and
    ``TooLargeError``.
    """
    if stream is None or not name:
        raise InvalidError.one(field, _EMPTY)
    blob = storage.put(stream, limit=MAX_BYTES)
    shown = clean_name(name)
    found = sniff(storage.path(blob.sha256), shown)
    if not blob.size or found.media_type not in _TAKEN:
        raise InvalidError.one(field, _EMPTY)
    return Stored(blob, shown, found.media_type)


def add(session: Session, actor: Actor, stored: Stored, institution_id: int, at: datetime) -> Letter:
    """Write the row of a stored letter of a K/L."""
    if actor.person_id is None:
        raise InvalidError.one("letter", N_("Surat perlu seorang pengunggah."))
    letter = Letter(
        public_id=ids.letter_id(),
        institution_id=institution_id,
        sha256=stored.blob.sha256,
        size=stored.blob.size,
        name=stored.name,
        media_type=stored.media_type,
        uploaded_by=actor.person_id,
        uploaded_at=at,
    )
    session.add(letter)
    session.flush()
    return letter


def sheet(session: Session, actor: Actor, storage: Storage, public_id: str) -> Sheet:
    """Return a letter to who may read it: its K/L, the Sekretariat, ketua pokja, auditors. 404 else."""
    letter = session.scalar(sa.select(Letter).where(Letter.public_id == public_id[:20]))
    if letter is None or not _may_read(session, actor, letter):
        raise NotFoundError
    return Sheet(storage.path(letter.sha256), letter.name, letter.media_type)


def _may_read(session: Session, actor: Actor, letter: Letter) -> bool:
    if actor.has(Role.SECRETARIAT, Role.CHAIR, Role.AUDITOR) or letter.institution_id in actor.institutions:
        return policy.reads_content(actor)
    later = session.scalar(sa.select(Institution.successor_id).where(Institution.id == letter.institution_id))
    return later is not None and later in actor.institutions and policy.reads_content(actor)


def keys(session: Session) -> frozenset[str]:
    """Return the hash of every letter: bytes that no sweep may take."""
    return frozenset(session.scalars(sa.select(Letter.sha256)))
