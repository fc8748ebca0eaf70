"""The demo's rows, run through the services, give the figures of the news item and survive a round trip."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub.cycle import numbers
from khub.demo import catalogue, load
from khub.plan.models import Plan
from khub.policy import SYSTEM

if TYPE_CHECKING:
    from khub.wiring import Services


def test_the_demo_shows_the_figures_of_the_news_item(services: Services) -> None:
    load.foundation(services)
    now = services.clock.now()
    with services.db.read() as session:
        plan = session.scalars(sa.select(Plan)).one()
        ledger = numbers.of_year(session, plan.id, now)
        branches = numbers.by_branch(ledger, numbers.committed, catalogue.YEAR)
        assert [(each.figure.count, each.figure.total) for each in branches] == [(41, 50), (12, 15), (11, 14)]
        whole = numbers.committed(ledger, catalogue.YEAR)
        assert (whole.count, whole.total) == (64, 79)
        involved = numbers.involved(ledger, catalogue.YEAR)
        assert (involved.count, involved.total) == (36, 44)
    for kind in ("csv", "xlsx"):
        out = services.plans.export(SYSTEM, plan.code, kind)
        again = services.plans.check(SYSTEM, out.data, out.name)
        assert (again.problems, again.nothing_to_do, again.unchanged) == ((), True, 79)
