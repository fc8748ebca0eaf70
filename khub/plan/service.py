"""Plans: keep, check and apply an import; hand the plan out again in the same format."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

import sqlalchemy as sa

from khub import outbox, policy
from khub.audit import chain
from khub.audit.models import Head
from khub.errors import (
    N_,
    ConflictError,
    FieldError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    TooLargeError,
)
from khub.kinds import projection
from khub.plan import catalogue, comparison, export, importing
from khub.plan.models import Plan
from khub.plan.sheets import MAX_BYTES
from khub.policy import Right
from khub.products.models import CopyAction

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from khub.clock import Clock
    from khub.db import Database
    from khub.plan.comparison import ImportPlan
    from khub.policy import Actor
    from khub.storage import Blob, Storage

#: Outbox kind of the products room: rewrite the search columns of an action's keluaran.
_ENTRIES = "entries"
#: Act of the audit trail.
IMPORTED = "plan.imported"


@dataclass(frozen=True, slots=True)
class Download:
    """A file to hand out."""

    name: str
    media_type: str
    data: bytes


def demand_plan(actor: Actor) -> None:
    """Raise ``ForbiddenError`` unless ``actor`` keeps the plan (Sekretariat, admin, the system)."""
    if not (actor.system or policy.holds(actor, Right.PLAN)):
        raise ForbiddenError(N_("Rencana, K/L, dan periode diatur oleh Sekretariat dan admin."))


class Plans:
    """Write side of the catalogue of a plan."""

    def __init__(self, db: Database, clock: Clock, storage: Storage) -> None:
        self.db = db
        self.clock = clock
        self.storage = storage

    def keep(self, actor: Actor, stream: IO[bytes]) -> Blob:
        """Store an import file by its content, so that the very bytes checked can be applied.

        Raises ``InvalidError`` for an empty or too large file.
        """
        demand_plan(actor)
        head = stream.read(1)
        if not head:
            raise InvalidError([FieldError("file", N_("Pilih berkas CSV atau XLSX yang tidak kosong."))])
        try:
            return self.storage.put(_Joined(head, stream), limit=MAX_BYTES)  # type: ignore[arg-type]
        except TooLargeError as error:
            raise InvalidError([FieldError("file", error.message, error.params)]) from error

    def kept(self, sha256: str) -> bytes:
        """Return the bytes of a kept import; ``NotFoundError`` when they were swept meanwhile."""
        try:
            return self.storage.path(sha256).read_bytes()
        except NotFoundError as error:
            raise NotFoundError(N_("Berkas impor ini sudah dibersihkan. Unggah sekali lagi.")) from error

    def check(self, actor: Actor, data: bytes, name: str) -> ImportPlan:
        """Return what importing ``data`` would do; nothing is written.

        Raises ``InvalidError`` for an empty or too large file; every other fault is in the answer.
        """
        demand_plan(actor)
        read = catalogue.read(data, name)
        with self.db.read() as session:
            return comparison.compare(session, read)

    def apply(self, actor: Actor, data: bytes, name: str, fingerprint: str = "") -> ImportPlan:
        """Import ``data`` in one transaction, or not at all, and return what was done.

        ``fingerprint`` is that of the dry run a person has seen; "" applies what is found now.
        Raises ``InvalidError`` when there is a fault, ``ConflictError`` when the plan or a K/L changed
        since the dry run.
        """
        demand_plan(actor)
        read = catalogue.read(data, name)
        now = self.clock.now()
        with self.db.write() as session:
            # Two imports at once would both see the old plan: the second waits here for the first.
            session.execute(sa.select(Head.id).where(Head.id == 1).with_for_update())
            planned = comparison.compare(session, read)
            if fingerprint and planned.fingerprint != fingerprint:
                raise ConflictError(
                    N_("Rencana atau K/L berubah sejak berkas ini diperiksa. Periksa hasilnya sekali lagi.")
                )
            if planned.problems:
                raise InvalidError(
                    [
                        FieldError(
                            "file",
                            N_("%(rows)s baris berkas ini perlu diperbaiki; tidak ada yang diubah."),
                            {"rows": planned.bad_rows},
                        )
                    ]
                )
            if planned.nothing_to_do:
                return planned
            changed = importing.write(session, read, planned, now)
            chain.append(
                session,
                actor,
                IMPORTED,
                "plan",
                ",".join(planned.plans)[:60],
                now,
                facts=_facts(planned),
            )
            for action_id in _with_copies(session, changed):
                outbox.enqueue(session, _ENTRIES, action_id, now)
            projection.catalogue_changed(session, now)
        return planned

    def export(self, actor: Actor, plan_code: str, kind: str) -> Download:
        """Return a plan in the import format; ``kind`` is "csv" or "xlsx". ``NotFoundError`` else."""
        demand_plan(actor)
        with self.db.read() as session:
            plan = session.scalar(sa.select(Plan).where(Plan.code == plan_code))
            if plan is None:
                raise NotFoundError
            rows = export.lines(session, plan)
        return _download(plan_code, kind, rows)

    def template(self, kind: str) -> Download:
        """Return an empty file of the format to fill in; ``kind`` is "csv" or "xlsx"."""
        return _download("templat-rencana", kind, export.template())


class _Joined(io.RawIOBase):
    """A stream whose first byte was already looked at."""

    def __init__(self, head: bytes, rest: IO[bytes]) -> None:
        super().__init__()
        self._head = head
        self._rest = rest

    def read(self, size: int = -1) -> bytes:
        head, self._head = self._head, b""
        return head or self._rest.read(size)


def _download(name: str, kind: str, rows: list[tuple[str, ...]]) -> Download:
    if kind == "csv":
        return Download(f"{name}.csv", "text/csv; charset=utf-8", export.as_csv(rows))
    if kind == "xlsx":
        return Download(
            f"{name}.xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            export.as_xlsx(rows),
        )
    raise NotFoundError


def _facts(planned: ImportPlan) -> dict[str, object]:
    return {
        "file": planned.name[:150],
        "sha256": planned.sha256,
        "rows": planned.rows,
        "added": len(planned.added),
        "changed": len(planned.changed),
        "unchanged": planned.unchanged,
        "left": len(planned.left),
        "new_institutions": [new.name for new in planned.new_institutions],
        "levels": len(planned.levels),
        "changed_codes": [change.code for change in planned.changed],
    }


def _with_copies(session: Session, action_ids: list[int]) -> list[int]:
    if not action_ids:
        return []
    wanted = set(action_ids)
    used = session.scalars(sa.select(CopyAction.action_id).distinct().order_by(CopyAction.action_id))
    return [action_id for action_id in used if action_id in wanted]
