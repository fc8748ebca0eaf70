"""Receiving files: the commit protocol from the stream to the row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import PurePath
from typing import IO, TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from indexer.extract import clean_name, sniff
from khub import outbox, policy
from khub.audit import chain
from khub.errors import N_, ConflictError, InvalidError, NotFoundError
from khub.plan import letters
from khub.plan.running import current_period
from khub.products import copies, ids, lifecycle, pages, places, scans
from khub.products.models import Copy, CopyAction, CopyFile, File, Product, UploadKey
from khub.search import projection

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy.orm import Session

    from khub.clock import Clock
    from khub.db import Database
    from khub.policy import Actor
    from khub.storage import Blob, Storage

#: Outbox kind: read a file's text.
READ = "read"

#: Files that one keluaran may hold.
MAX_FILES = 50
_KEY_LIMIT = 80
#: First guess of the jenis from words in the file name.
_KIND_WORDS = (
    ("daftar hadir", "notula"),
    ("notula", "notula"),
    ("modul", "modul"),
    ("bahan ajar", "modul"),
    ("kajian", "kajian"),
    ("policy brief", "kajian"),
    ("pedoman", "regulasi"),
    ("sop", "regulasi"),
    ("peraturan", "regulasi"),
    ("data", "data"),
    ("foto", "dokumentasi"),
    ("nota kesepahaman", "nota-kesepahaman"),
    ("laporan", "laporan-kegiatan"),
)

_REFUSALS = {
    "empty": N_("%(name)s kosong (0 bita). Periksa berkas di komputer Anda, lalu pilih lagi."),
    "executable": N_("%(name)s adalah program, bukan dokumen. khub tidak menerima program."),
    "unsupported": N_(
        "Jenis berkas %(name)s tidak didukung. "
        "Yang diterima: PDF, DOCX, PPTX, XLSX, ODT, TXT, CSV, MD, HTML, JPG, PNG."
    ),
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where an upload was started: form values, all optional."""

    batch: str
    action: str = ""
    period: str = ""
    output: str = ""
    product: str = ""


@dataclass(frozen=True, slots=True)
class Received:
    """What an upload made: public ids, and the batch it hangs in."""

    file: str
    product: str
    batch: str


class Uploads:
    """Stores what is sent and makes or extends the draft it belongs to."""

    def __init__(self, db: Database, storage: Storage, clock: Clock, *, limit: int) -> None:
        self.db = db
        self.storage = storage
        self.clock = clock
        self.limit = limit

    def receive(self, actor: Actor, stream: IO[bytes], name: str, place: Place, *, key: str = "") -> Received:
        """Store one file; when this returns it is on disk, synced, and in the database.

        ``key`` makes a retry answer with the first file. ``place.product`` adds to that working
        copy, otherwise a draft keluaran of its own is made. Raises ``InvalidError`` for bytes that
        are not taken, ``TooLargeError``, ``UnavailableError`` (disk), ``ForbiddenError``.
        """
        if len(key) > _KEY_LIMIT or not key.isprintable():
            raise InvalidError.one("files", N_("Kunci pengiriman tidak dikenali."))
        if not ids.is_batch(place.batch):
            raise InvalidError.one(
                "files", N_("Halaman unggah ini tidak dikenali. Buka lagi halaman Unggah.")
            )
        with self.db.read() as session:  # before taking the body
            if done := _already(session, actor, key):
                return done
            self._admit(session, actor, place)
        blob = self.storage.put(stream, limit=self.limit)
        shown = clean_name(name)
        found = sniff(self.storage.path(blob.sha256), shown)
        if not found.allowed:
            reason = _REFUSALS.get(found.reason, _REFUSALS["unsupported"])
            raise InvalidError.one("files", reason, name=shown)
        now = self.clock.now()
        try:
            with self.db.write() as session:
                if done := _already(session, actor, key):
                    return done
                return self._record(session, actor, blob, shown, found.media_type, place, key, now)
        except IntegrityError:
            # A retry overtook its first sending; both had looked before either had written the key.
            with self.db.read() as session:
                if done := _already(session, actor, key):
                    return done
            raise

    def _admit(self, session: Session, actor: Actor, place: Place) -> None:
        if place.product:
            loaded = copies.load(session, actor, place.product)
            policy.demand(policy.can_edit(actor, loaded.subject))
            _demand_editable(loaded)
        else:
            actions = places.find_actions(session, [place.action] if place.action else [])
            places.choose_owner(session, actor, actions[0] if actions else None)

    def _record(
        self,
        session: Session,
        actor: Actor,
        blob: Blob,
        name: str,
        media_type: str,
        place: Place,
        key: str,
        now: datetime,
    ) -> Received:
        if actor.person_id is None:
            raise ConflictError(N_("Unggahan perlu seorang pengunggah."))
        if place.product:
            loaded = copies.load(session, actor, place.product)
            policy.demand(policy.can_edit(actor, loaded.subject))
            _demand_editable(loaded)
            product, working = loaded.product, loaded.working
            if len(copies.files_of(session, working.id)) >= MAX_FILES:
                raise ConflictError(
                    N_("Satu keluaran memuat paling banyak %(limit)s berkas."), limit=MAX_FILES
                )
            working.revision += 1
            working.saved_at = now
        else:
            product, working = self._draft(session, actor, name, place, now)
        file = File(
            public_id=ids.file_id(),
            product_id=product.id,
            sha256=blob.sha256,
            size=blob.size,
            name=name,
            media_type=media_type,
            uploaded_by=actor.person_id,
            uploaded_at=now,
            state="waiting",
        )
        session.add(file)
        session.flush()
        copies.add_file(session, working.id, file.id)
        if key:
            session.add(UploadKey(person_id=actor.person_id, key=key, file_id=file.id, at=now))
        chain.append(
            session,
            actor,
            "file.received",
            "product",
            product.public_id,
            now,
            facts={"file": file.public_id, "name": name, "sha256": blob.sha256, "size": blob.size},
        )
        outbox.enqueue(session, READ, file.id, now, priority=3)
        projection.refresh(session, [product.id], now)
        return Received(file.public_id, product.public_id, product.batch)

    @staticmethod
    def _draft(
        session: Session, actor: Actor, name: str, place: Place, now: datetime
    ) -> tuple[Product, Copy]:
        actions = places.find_actions(session, [place.action] if place.action else [])
        owner = places.choose_owner(session, actor, actions[0] if actions else None)
        period = places.find_period(session, place.period) or current_period(
            session, now, actions[0].plan_id if actions else None
        )
        title = " ".join(PurePath(name).stem.replace("_", " ").split()) or name
        if not actions and period is not None:
            suggested = places.suggest_action(session, owner, period.year, title)
            actions = [suggested] if suggested else []
        product = Product(
            public_id=ids.product_id(),
            institution_id=owner.institution_id,
            pokja_id=owner.pokja_id,
            classification=places.default_classification(session, owner, actions),
            batch=place.batch,
            created_by=actor.person_id,
            created_at=now,
        )
        session.add(product)
        session.flush()
        _, working = copies.new_version(
            session,
            product,
            product.created_by,
            now,
            number=1,
            like=None,
            title=title,
            kind=_guess_kind(title),
            period_id=period.id if period else None,
        )
        for action in actions:
            wanted = int(place.output) if place.output.isascii() and place.output.isdigit() else None
            output = places.output_of(session, action, wanted) if wanted and wanted < 1 << 31 else None
            session.add(CopyAction(copy_id=working.id, action_id=action.id, output_id=output))
        session.flush()
        chain.append(session, actor, "product.created", "product", product.public_id, now)
        return product, working

    def remove(self, actor: Actor, public_id: str) -> str:
        """Take a file out of a working copy; returns the keluaran's public id.

        A file that no snapshot holds is let go with its row; the bytes stay until swept.
        """
        now = self.clock.now()
        with self.db.write() as session:
            loaded, file = load_file(session, actor, public_id)
            drop(session, loaded.working.id, file)
            _saved(loaded.working, now)
            chain.append(
                session,
                actor,
                "file.removed",
                "product",
                loaded.product.public_id,
                now,
                facts={"file": public_id},
            )
            if (
                not copies.files_of(session, loaded.working.id)
                and loaded.version.number == 1
                and not loaded.latest
            ):
                loaded.product.discarded_at = now
                chain.append(session, actor, "product.discarded", "product", loaded.product.public_id, now)
            projection.refresh(session, [loaded.product.id], now)
            return loaded.product.public_id

    def retry(self, actor: Actor, public_id: str) -> str:
        """Ask for a file to be read again, or only for its scanned pages that failed; returns the keluaran's id."""
        now = self.clock.now()
        with self.db.write() as session:
            seen = pages.file_ref(session, actor, public_id)
            loaded = copies.load(session, actor, seen.product)
            if not actor.has(policy.Role.SECRETARIAT):
                policy.demand(policy.can_edit(actor, loaded.subject))
            file = session.get_one(File, seen.file_id, with_for_update=True)
            if not scans.again(session, file, now):
                file.state = "waiting"
                outbox.enqueue(session, READ, file.id, now, priority=3)
            chain.append(
                session, actor, "file.retried", "product", seen.product, now, facts={"file": public_id}
            )
            return seen.product

    def downloaded(self, actor: Actor, product: str, public_id: str) -> None:
        """Record that ``actor`` took a file out."""
        with self.db.write() as session:
            chain.append(
                session,
                actor,
                "file.downloaded",
                "product",
                product,
                self.clock.now(),
                facts={"file": public_id},
            )

    def sweep(self) -> int:
        """Delete stored bytes that no row names and that are older than a day; returns how many."""
        with self.db.read() as session:
            keep = frozenset(session.scalars(sa.select(File.sha256).distinct())) | letters.keys(session)
        return self.storage.sweep(keep, older_than=timedelta(hours=24))

    def path(self, sha256: str) -> Path:
        """Return where stored bytes can be read."""
        return self.storage.path(sha256)


def load_file(session: Session, actor: Actor, public_id: str) -> tuple[copies.Loaded, File]:
    """Return a file that stands in an editable working copy of ``actor``'s, with that version."""
    file = session.scalar(sa.select(File).where(File.public_id == public_id))
    product = session.get(Product, file.product_id) if file else None
    if file is None or product is None:
        raise NotFoundError
    loaded = copies.load(session, actor, product.public_id)
    policy.demand(policy.can_edit(actor, loaded.subject))
    _demand_editable(loaded)
    if session.get(CopyFile, (loaded.working.id, file.id)) is None:
        raise NotFoundError
    return loaded, file


def drop(session: Session, copy_id: int, file: File) -> None:
    """Take ``file`` out of a working copy."""
    session.execute(sa.delete(CopyFile).where(CopyFile.copy_id == copy_id, CopyFile.file_id == file.id))


def _saved(working: Copy, now: datetime) -> None:
    working.revision += 1
    working.saved_at = now


def _demand_editable(loaded: copies.Loaded) -> None:
    if loaded.version.state not in lifecycle.EDITABLE:
        raise ConflictError(
            N_("Versi ini sudah diajukan dan beku. Tarik kembali, atau buat versi baru, untuk mengubahnya.")
        )


def _already(session: Session, actor: Actor, key: str) -> Received | None:
    if not key:
        return None
    row = session.execute(
        sa.select(File.public_id, Product.public_id, Product.batch)
        .join(UploadKey, UploadKey.file_id == File.id)
        .join(Product, Product.id == File.product_id)
        .where(UploadKey.person_id == actor.person_id, UploadKey.key == key)
    ).one_or_none()
    return Received(*row) if row else None


def _guess_kind(title: str) -> str:
    folded = title.casefold()
    return next((kind for word, kind in _KIND_WORDS if word in folded), "lainnya")
