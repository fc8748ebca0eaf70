"""What an admin does for the installation's health."""

from __future__ import annotations

from typing import TYPE_CHECKING

from khub import outbox
from khub.audit import chain
from khub.errors import N_, ForbiddenError, NotFoundError
from khub.policy import Right, holds

if TYPE_CHECKING:
    from khub.clock import Clock
    from khub.db import Database
    from khub.policy import Actor


class Upkeep:
    """Use cases of the admin on background work."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self.db = db
        self.clock = clock

    def retry(self, actor: Actor, job_id: int) -> None:
        """Open a job again that the worker had given up; one that is open or done stays as it is."""
        if not holds(actor, Right.ADMIN):
            raise ForbiddenError(N_("Bagian ini untuk admin."))
        now = self.clock.now()
        with self.db.write() as session:
            job = session.get(outbox.Job, job_id, with_for_update=True)
            if job is None:
                raise NotFoundError
            if job.open or job.wanted <= job.done:
                return
            outbox.retry(session, job_id, now)
            facts = {"kind": job.kind, "ref": job.ref}
            chain.append(session, actor, "job.retried", "job", str(job_id), now, facts=facts)
