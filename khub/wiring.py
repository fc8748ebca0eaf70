"""Composition root: the only importer of concrete adapters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from khub.accounts.service import Accounts
from khub.audit.service import Audit
from khub.clock import Clock, SystemClock
from khub.db import Database
from khub.main.service import Upkeep
from khub.plan.institutions import Institutions
from khub.plan.periods import Periods
from khub.plan.service import Plans
from khub.products.service import Products
from khub.products.uploads import Uploads
from khub.review.service import Review
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
    audit: Audit
    upkeep: Upkeep
    plans: Plans
    institutions: Institutions
    periods: Periods

    def close(self) -> None:
        """Give connections and child processes back."""
        self.db.close()


def build(settings: Settings, clock: Clock | None = None) -> Services:
    """Build the services of an installation."""
    clock = clock or SystemClock()
    db = Database(settings.database)
    storage = LocalStorage(settings.uploads, clock)
    return Services(
        settings=settings,
        clock=clock,
        db=db,
        storage=storage,
        accounts=Accounts(db, clock, settings),
        products=Products(db, clock),
        uploads=Uploads(db, storage, clock, limit=settings.max_upload),
        review=Review(db, clock),
        audit=Audit(db, clock),
        upkeep=Upkeep(db, clock),
        plans=Plans(db, clock, storage),
        institutions=Institutions(db, clock),
        periods=Periods(db, clock),
    )
