"""Handing out the offline sheet and bringing it back: looked at first, changed only when confirmed."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

from khub import policy
from khub.audit import chain
from khub.errors import N_, ConflictError, InvalidError, NotFoundError, TooLargeError
from khub.plan.sheets import MAX_BYTES
from khub.reports import copies, offline, rows
from khub.reports.service import Reports

if TYPE_CHECKING:
    from collections.abc import Callable

    from khub.clock import Clock
    from khub.db import Database
    from khub.policy import Actor
    from khub.reports.offline import Preview
    from khub.storage import Storage


class Bringing:
    """Use cases of the offline sheet of the actor's K/L and one period."""

    def __init__(self, db: Database, clock: Clock, storage: Storage) -> None:
        self.db = db
        self.clock = clock
        self.storage = storage

    def sheet(
        self,
        actor: Actor,
        plan: str,
        period: str,
        state_word: Callable[[str], str],
        note: Callable[[str], str],
    ) -> bytes:
        """Return the workbook of the actor's rows; 404 for an unknown period or no row of his."""
        with self.db.read() as session:
            own = offline.own_rows(session, actor, rows.scene(session, plan, period, self.clock.now()))
        if not own:
            raise NotFoundError
        return offline.write(own, state_word, note)

    def keep(self, stream: IO[bytes]) -> str:
        """Store a file that came back, by its content; returns its key. ``InvalidError`` when too large."""
        try:
            return self.storage.put(stream, limit=MAX_BYTES).sha256
        except TooLargeError as error:
            raise InvalidError.one("file", error.message, **error.params) from error

    def check(self, actor: Actor, plan: str, period: str, sha256: str, name: str) -> Preview:
        """Return what bringing a kept file back would change; nothing is written."""
        data = self._kept(sha256)
        with self.db.read() as session:
            own = offline.own_rows(session, actor, rows.scene(session, plan, period, self.clock.now()))
        if not own:
            raise NotFoundError
        return offline.preview(own, data, name)

    def apply(self, actor: Actor, plan: str, period: str, sha256: str, name: str, seen: str) -> int:
        """Write the changes of a kept file as drafts, all or none; returns how many rows.

        ``seen`` is the fingerprint of the preview that the person has looked at. Raises ``InvalidError``
        for a bad cell, ``ConflictError`` when a row changed since.
        """
        data, now = self._kept(sha256), self.clock.now()
        with self.db.write() as session:
            scene = rows.scene(session, plan, period, now)
            own = offline.own_rows(session, actor, scene)
            found = offline.preview(own, data, name)
            if found.problems:
                raise InvalidError.one(
                    "file", N_("Berkas ini memuat sel yang perlu diperbaiki; tidak ada yang diubah.")
                )
            if found.fingerprint != seen:
                raise ConflictError(
                    N_("Ada baris yang berubah sejak berkas ini diperiksa. Periksa sekali lagi.")
                )
            for change in found.changes:
                spot = change.own.spot
                policy.demand(policy.can_fill(actor, spot.subject))
                rows.demand_free(spot, rows.report_of(session, spot, lock=True))
                loaded = (
                    copies.load(session, actor, change.own.public_id)
                    if change.own.public_id
                    else Reports.begin(session, actor, spot, now)
                )
                Reports.apply(session, actor, scene, spot, loaded, change.said, now)
                chain.append(
                    session,
                    actor,
                    "report.brought",
                    "report",
                    loaded.report.public_id,
                    now,
                    facts={"sha256": sha256, "fields": [each.column for each in change.fields]},
                )
            return len(found.changes)

    def _kept(self, sha256: str) -> bytes:
        try:
            return self.storage.path(sha256).read_bytes()
        except NotFoundError as error:
            raise NotFoundError(N_("Berkas ini sudah dibersihkan. Unggah sekali lagi.")) from error
