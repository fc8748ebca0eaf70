"""Checking the chain on demand."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from khub.audit import chain
from khub.errors import N_, ForbiddenError
from khub.policy import Right, holds

if TYPE_CHECKING:
    from khub.audit.chain import ChainReport
    from khub.clock import Clock
    from khub.db import Database
    from khub.policy import Actor


class Audit:
    """Use cases on the trail. It takes no edits, so there is only one."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self.db = db
        self.clock = clock

    def verify(self, actor: Actor) -> ChainReport:
        """Walk the whole chain on one snapshot, record the outcome in the trail, and return it."""
        if not holds(actor, Right.AUDIT):
            raise ForbiddenError(N_("Bagian ini untuk auditor, Sekretariat, dan admin."))
        with self.db.read() as session:
            report = chain.verify(session)
        with self.db.write() as session:
            chain.append(
                session, actor, "audit.verified", "chain", "", self.clock.now(), facts=asdict(report)
            )
        return report
