"""Composition root: the only importer of concrete adapters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from khub.accounts.service import Accounts
from khub.clock import Clock, SystemClock
from khub.db import Database
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

    def close(self) -> None:
        """Give connections and child processes back."""
        self.db.close()


def build(settings: Settings, clock: Clock | None = None) -> Services:
    """Build the services of an installation."""
    clock = clock or SystemClock()
    db = Database(settings.database)
    return Services(
        settings=settings,
        clock=clock,
        db=db,
        storage=LocalStorage(settings.uploads, clock),
        accounts=Accounts(db, clock, settings),
    )
