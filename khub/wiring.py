"""Composition root: the only importer of concrete adapters."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from indexer.engines.store import WhooshWriter
from indexer.engines.whoosh import WhooshEngine
from indexer.extract import Sandbox
from khub.accounts.service import Accounts
from khub.annual.service import Annual
from khub.audit.service import Audit
from khub.checking.service import Checking
from khub.clock import Clock, ShiftedClock, SteeredClock, SystemClock
from khub.coordination.handover import Handover
from khub.coordination.letters import LetterTemplates
from khub.coordination.service import Coordination
from khub.cycle.commitments import Commitments
from khub.cycle.missing import Tally
from khub.cycle.years import Tables
from khub.db import Database
from khub.mail.clockwork import Clockwork
from khub.mail.service import Mail
from khub.main.service import Upkeep
from khub.plan.institutions import Institutions
from khub.plan.periods import Periods
from khub.plan.service import Plans
from khub.previews import Previews
from khub.products.service import Products
from khub.products.uploads import Uploads
from khub.reports.behalf import Behalf
from khub.reports.bringing import Bringing
from khub.reports.service import Reports
from khub.review.sample import Sample
from khub.review.second import SecondLooks
from khub.review.service import Review
from khub.search.columns import Columns
from khub.search.indexing import PROGRESS
from khub.search.service import Search
from khub.storage.local import LocalStorage

if TYPE_CHECKING:
    from khub.settings import Settings
    from khub.storage import Storage


@dataclass(frozen=True, slots=True)
class Services:
    """Everything a request, a job or a command may need."""

    settings: Settings
    clock: Clock
    db: Database
    storage: Storage
    accounts: Accounts
    products: Products
    uploads: Uploads
    review: Review
    second_looks: SecondLooks
    search: Search
    engine: WhooshEngine
    index_writer: WhooshWriter
    sandbox: Sandbox
    previews: Previews
    annual: Annual
    audit: Audit
    checking: Checking
    upkeep: Upkeep
    plans: Plans
    institutions: Institutions
    periods: Periods
    mail: Mail
    clockwork: Clockwork
    tables: Tables
    commitments: Commitments
    tally: Tally
    coordination: Coordination
    letter_templates: LetterTemplates
    handover: Handover
    reports: Reports
    behalf: Behalf
    bringing: Bringing

    def close(self) -> None:
        """Give connections and child processes back."""
        self.index_writer.close()
        self.engine.close()
        self.sandbox.close()
        self.db.close()

    def index_state(self) -> int | None:
        """Return how far a rebuild of the index is, in percent, or None when none is known."""
        try:
            return int((self.settings.index / PROGRESS).read_text(encoding="ascii"))
        except (OSError, ValueError):
            return None


def build(settings: Settings, clock: Clock | None = None) -> Services:
    """Build the services of an installation."""
    clock = clock or _clock(settings)
    db = Database(settings.database)
    storage = LocalStorage(settings.uploads, SystemClock())
    sandbox = Sandbox()
    engine = WhooshEngine(settings.index, cache_bytes=settings.search_cache_mb << 20)
    return Services(
        settings=settings,
        clock=clock,
        db=db,
        storage=storage,
        accounts=Accounts(db, clock, settings),
        products=Products(db, clock),
        uploads=Uploads(db, storage, clock, limit=settings.max_upload),
        review=Review(db, clock, Sample(settings.secret_key, settings.second_look_percent)),
        second_looks=SecondLooks(db, clock),
        search=Search(db, clock, engine, Columns()),
        engine=engine,
        index_writer=WhooshWriter(settings.index),
        sandbox=sandbox,
        previews=Previews(storage, sandbox, settings.previews),
        annual=Annual(db, clock),
        audit=Audit(db, clock),
        checking=Checking(db, clock, sandbox, limit=settings.max_upload),
        upkeep=Upkeep(db, clock),
        plans=Plans(db, clock, storage),
        institutions=Institutions(db, clock),
        periods=Periods(db, clock),
        mail=Mail(db, clock, settings),
        clockwork=Clockwork(db, clock, settings),
        tables=Tables(db, clock),
        commitments=Commitments(db, clock, storage),
        tally=Tally(),
        coordination=Coordination(db, clock),
        letter_templates=LetterTemplates(db, clock),
        handover=Handover(db, clock),
        reports=Reports(db, clock),
        behalf=Behalf(db, clock, storage),
        bringing=Bringing(db, clock, storage),
    )


def _clock(settings: Settings) -> Clock:
    if settings.clock_file:
        return SteeredClock(Path(settings.clock_file))
    return ShiftedClock(timedelta(seconds=settings.clock_shift)) if settings.clock_shift else SystemClock()
