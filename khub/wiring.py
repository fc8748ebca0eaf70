"""Composition root: the only importer of concrete adapters."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from indexer.engines.store import WhooshWriter
from indexer.engines.whoosh import WhooshEngine
from indexer.extract import Sandbox
from khub.accounts.service import Accounts
from khub.annual.service import Annual
from khub.asked.counting import Counting
from khub.asked.service import Asked
from khub.asked.suggestions import Suggestions
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
from khub.kinds.service import Kinds
from khub.mail.clockwork import Clockwork
from khub.mail.service import Mail
from khub.main.service import Upkeep
from khub.ocr import Ocr
from khub.picks.service import Picks
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
from khub.saved.matching import Matching
from khub.saved.service import Saved
from khub.search.columns import Columns
from khub.search.indexing import percent, report_damage
from khub.search.life import IndexLife, indexes
from khub.search.service import Request, Search
from khub.storage.local import LocalStorage
from khub.synonyms.service import Synonyms

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
    asked: Asked
    counting: Counting
    suggestions: Suggestions
    kinds: Kinds
    kind_engine: WhooshEngine
    kind_writer: WhooshWriter
    engine: WhooshEngine
    index_writer: WhooshWriter
    sandbox: Sandbox
    previews: Previews
    ocr: Ocr
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
    matching: Matching
    saved: Saved
    picks: Picks
    synonyms: Synonyms
    index_life: IndexLife

    def close(self) -> None:
        """Give connections and child processes back."""
        self.asked.close()
        self.index_writer.close()
        self.engine.close()
        self.kind_writer.close()
        self.kind_engine.close()
        self.sandbox.close()
        self.db.close()

    def index_state(self) -> int | None:
        """Return how far a rebuild of the index is, in percent, or None when none is known."""
        return percent(self.settings.index)


def build(settings: Settings, clock: Clock | None = None, sandbox: Sandbox | None = None) -> Services:
    """Build the services of an installation; ``sandbox``: a reader of files other than a new one."""
    clock = clock or _clock(settings)
    db = Database(settings.database)
    storage = LocalStorage(settings.uploads, SystemClock())
    sandbox = sandbox or Sandbox()
    documents, kinds = indexes(settings)
    engine = WhooshEngine(
        documents.folder,
        cache_bytes=settings.search_cache_mb << 20,
        damaged=partial(report_damage, db, clock, documents.rebuild),
    )
    kind_engine = WhooshEngine(
        kinds.folder,
        cache_bytes=settings.search_cache_mb << 17,
        damaged=partial(report_damage, db, clock, kinds.rebuild),
    )
    search = Search(db, clock, engine, Columns(), engine.snippets)
    asked = Asked(db, clock)
    matching = Matching(db, clock, search, lambda: _stamp(engine))
    annual = Annual(db, clock)
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
        search=search,
        asked=asked,
        counting=Counting(asked, lambda actor, text: search.run(actor, Request(text, size=1)).total_products),
        suggestions=Suggestions(db),
        kinds=Kinds(kind_engine, search),
        kind_engine=kind_engine,
        kind_writer=WhooshWriter(settings.kind_index),
        engine=engine,
        index_writer=WhooshWriter(settings.index),
        sandbox=sandbox,
        previews=Previews(storage, sandbox, settings.previews),
        ocr=Ocr(settings),
        annual=annual,
        audit=Audit(db, clock),
        checking=Checking(db, clock, sandbox, limit=settings.max_upload),
        upkeep=Upkeep(db, clock),
        plans=Plans(db, clock, storage),
        institutions=Institutions(db, clock),
        periods=Periods(db, clock),
        mail=Mail(db, clock, settings),
        clockwork=Clockwork(db, clock, settings, matching.tick),
        tables=Tables(db, clock),
        commitments=Commitments(db, clock, storage),
        tally=Tally(),
        coordination=Coordination(db, clock),
        letter_templates=LetterTemplates(db, clock),
        handover=Handover(db, clock),
        reports=Reports(db, clock),
        behalf=Behalf(db, clock, storage),
        bringing=Bringing(db, clock, storage),
        matching=matching,
        saved=Saved(db, clock, settings, search, matching),
        picks=Picks(db, clock, storage, search, annual),
        synonyms=Synonyms(db, clock, engine, search.columns),
        index_life=IndexLife(db, clock, ((documents, engine), (kinds, kind_engine))),
    )


def _stamp(engine: WhooshEngine) -> str:
    """Return the name of the commit that the engine answers from."""
    corpus = engine.corpus()
    return f"{corpus.folder.name}:{corpus.commit}"


def _clock(settings: Settings) -> Clock:
    if settings.clock_file:
        return SteeredClock(Path(settings.clock_file))
    return ShiftedClock(timedelta(seconds=settings.clock_shift)) if settings.clock_shift else SystemClock()
