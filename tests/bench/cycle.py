"""``python -m tests.bench.cycle [--database URL] [--json FILE]``: pages of the reporting cycle at size.

135 actions × 3 responsible K/L (of 67) × 5 years × 4 periods, 8,100 report rows, 10,000 keluaran,
written straight into an empty database. Measured: home and Belum lapor of the Sekretariat, the matrix
of 135 × 12 and of 135 × 67, through the application without a network; SQL statements counted.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import secrets
import statistics
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub import migrations, web, wiring
from khub.accounts import sessions
from khub.accounts.models import Membership, Person, SignIn
from khub.app import create_app
from khub.clock import FixedClock
from khub.plan.models import (
    Action,
    ActionInstitution,
    ActionYear,
    Branch,
    Commitment,
    Focus,
    Institution,
    Period,
    PeriodStep,
    Plan,
    Pokja,
)
from khub.products.models import Copy, CopyAction, Product, Receipt, Version
from khub.reports.models import Report, ReportCopy, ReportStep
from khub.running import settle
from khub.settings import load
from tests.bench.machine import machine

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from khub.db import Database
    from khub.wiring import Services

NOW = datetime(2024, 10, 9, 2, 0, tzinfo=UTC)
YEARS = range(2020, 2025)
MONTHS = ((4, 30), (7, 31), (10, 31), (12, 31))
ACTIONS, UNITS, OUTPUTS = 135, 67, 10_000
PAGES = {
    "home": "/",
    "belum lapor": "/belum-lapor",
    "matrix 135 x 12": "/matriks",
    "matrix 135 x 67": "/matriks/kl",
}
_ROUNDS = 60


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--database", default="", help="URL of an empty database; a new SQLite file if not given"
    )
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = options.database or f"sqlite:///{folder}/data/khub.db"
        settings = load(
            {}, mode="test", data=Path(folder) / "data", uploads=Path(folder) / "uploads", database_url=url
        )
        services = wiring.build(settings, FixedClock(NOW))
        try:
            migrations.upgrade(services.db)
            token = build(services)
            report = measure(services, token)
        finally:
            services.close()
    report |= {
        "database": sa.make_url(url).get_backend_name(),
        "load": os.getloadavg()[0],
        "machine": machine(),
    }
    for name, value in report.items():
        print(f"{name}: {value}")
    if options.json:
        options.json.write_text(json.dumps(report, indent=1), encoding="utf-8")


def measure(services: Services, token: str) -> dict[str, object]:
    """Return median and 95th percentile in milliseconds, statements and bytes of each page."""
    client = create_app(services.settings, services).test_client()
    client.set_cookie(web.SESSION_COOKIE, token)
    client.get("/")
    settle()  # as a web process does before its first request
    report: dict[str, object] = {}
    for name, path in PAGES.items():
        with counted(services.db) as statements:
            answer = client.get(path)
        if answer.status_code != 200:
            raise SystemExit(f"{path}: {answer.status_code}")
        times, worked = [], []
        for _ in range(_ROUNDS):
            began, busy = time.perf_counter(), time.process_time()
            client.get(path)
            times.append(1000 * (time.perf_counter() - began))
            worked.append(1000 * (time.process_time() - busy))
        report[name] = {
            "p50 ms": round(statistics.median(times), 1),
            "p95 ms": round(statistics.quantiles(times, n=20)[-1], 1),
            "cpu p50 ms": round(statistics.median(worked), 1),
            "cpu p95 ms": round(statistics.quantiles(worked, n=20)[-1], 1),
            "statements": len(statements),
            "KB": len(answer.data) >> 10,
        }
    return report


class counted:  # noqa: N801 - a context manager
    """Count the statements that a database is sent."""

    def __init__(self, db: Database) -> None:
        self.engine = db.engine
        self.sent: list[str] = []

    def __enter__(self) -> list[str]:
        sa.event.listen(self.engine, "before_cursor_execute", self._note)
        return self.sent

    def __exit__(self, *_: object) -> None:
        sa.event.remove(self.engine, "before_cursor_execute", self._note)

    def _note(self, _c: object, _cursor: object, statement: str, *_: object) -> None:
        self.sent.append(statement)


def build(services: Services) -> str:
    """Fill the database; returns the session token of somebody of the Sekretariat."""
    rng = random.Random(7)  # noqa: S311 - the same world each time
    with services.db.write() as session:
        plan = Plan(code="ukur", name="Ukur", created_at=NOW)
        session.add(plan)
        units = [Institution(code=f"kl-{n:02d}", name=f"K/L Contoh {n:02d}") for n in range(1, UNITS + 1)]
        session.add_all(units)
        person = Person(login="dewi", name="Dewi Contoh", created_at=NOW)
        session.add(person)
        session.flush()
        session.add(Membership(person_id=person.id, role="secretariat", valid_from=date(2020, 1, 1)))
        token = secrets.token_hex(16)
        session.add(
            SignIn(
                token_hash=sessions.digest(token),
                person_id=person.id,
                created_at=NOW,
                seen_at=NOW,
                ends_at=NOW + timedelta(days=365),
            )
        )
        actions, pokjas = _actions(session, plan)
        duties = {action.id: rng.sample([unit.id for unit in units], 3) for action in actions}
        ends = [date(year, month, day) for year in YEARS for month, day in MONTHS]
        periods = [
            Period(
                plan_id=plan.id,
                code=f"{day.year}-01-{day.month:02d}",
                name=f"Januari–{day.month:02d} {day.year}",
                year=day.year,
                starts=date(day.year, 1, 1),
                ends=day,
                deadline=datetime(day.year, day.month, day.day, 16, 59, 59, tzinfo=UTC),
                state="closed" if day < NOW.date() else "open" if day.month == 10 else "planned",
            )
            for day in ends
        ]
        session.add_all(periods)
        session.flush()
        _insert(
            session,
            ActionYear,
            ({"action_id": action.id, "year": year} for action in actions for year in YEARS),
        )
        _insert(
            session,
            ActionInstitution,
            (
                {"action_id": action_id, "institution_id": unit, "role": "responsible", "position": place}
                for action_id, few in duties.items()
                for place, unit in enumerate(few)
            ),
        )
        _insert(session, PeriodStep, _period_steps(periods))
        _insert(
            session,
            Commitment,
            (
                {
                    "action_id": action_id,
                    "institution_id": unit,
                    "year": year,
                    "answer": "yes" if rng.random() < 0.8 else "no",
                    "recorded_at": datetime(year, 2, 1 + rng.randrange(20), tzinfo=UTC),
                }
                for action_id, few in duties.items()
                for unit in few
                for year in YEARS
                if rng.random() < 0.9
            ),
        )
        _reports(session, rng, duties, periods, pokjas, person.id)
        _outputs(session, rng, duties, periods, pokjas, person.id)
    with services.db.engine.connect() as connection:
        connection.exec_driver_sql("ANALYZE")
        connection.commit()
    return token


def _actions(session, plan):  # type: ignore[no-untyped-def]
    actions, pokjas = [], {}
    for branch_number in (1, 2, 3):
        branch = Branch(plan_id=plan.id, code=str(branch_number), name=f"Contoh {branch_number}")
        session.add(branch)
        session.flush()
        pokja = Pokja(code=f"pokja-{branch_number}", name=f"Pokja {branch_number}", branch_id=branch.id)
        session.add(pokja)
        session.flush()
        for focus_number in (1, 2, 3):
            code = f"{branch_number}.{focus_number}"
            focus = Focus(branch_id=branch.id, code=code, name="Contoh fokus")
            session.add(focus)
            session.flush()
            for number in range(1, ACTIONS // 9 + 1):
                action = Action(
                    plan_id=plan.id,
                    focus_id=focus.id,
                    code=f"{code}.{number:02d}",
                    title=f"Aksi contoh {code}.{number:02d}: pelatihan guru dan tokoh masyarakat tentang pencegahan "
                    "Ekstremisme Berbasis Kekerasan yang Mengarah pada Terorisme",
                )
                session.add(action)
                session.flush()
                actions.append(action)
                pokjas[action.id] = pokja.id
    return actions, pokjas


def _period_steps(periods: Sequence[Period]) -> Iterator[dict[str, object]]:
    for period in periods:
        if period.state == "planned":
            continue
        opened = period.deadline - timedelta(days=43)
        closed = period.deadline + timedelta(days=30) if period.state == "closed" else None
        yield {"period_id": period.id, "state": "open", "at": opened, "ended_at": closed, "reason": ""}
        if closed is not None:
            yield {"period_id": period.id, "state": "closed", "at": closed, "ended_at": None, "reason": ""}


def _reports(session, rng, duties, periods, pokjas, person_id):  # type: ignore[no-untyped-def]
    rows, steps, copies = [], [], []
    for period in periods:
        for action_id, few in duties.items():
            for unit in few:
                number = len(rows) + 1
                closed = period.state != "open" and period.deadline < NOW
                state = (
                    rng.choices(("locked", "draft"), (95, 5))[0]
                    if closed
                    else rng.choices(("approved", "submitted", "returned", "draft"), (2, 3, 1, 2))[0]
                )
                at = min(period.deadline, NOW) - timedelta(days=rng.randrange(1, 20))
                pressed = (
                    None
                    if state == "draft"
                    else at + timedelta(days=25 if rng.random() < 0.05 and closed else 0)
                )
                rows.append(
                    {
                        "id": number,
                        "public_id": f"L-{number:07d}",
                        "action_id": action_id,
                        "institution_id": unit,
                        "period_id": period.id,
                        "pokja_id": pokjas[action_id],
                        "classification": "internal",
                        "state": state,
                        "pressed_at": pressed,
                        "created_at": at - timedelta(days=3),
                    }
                )
                begun = at - timedelta(days=3)
                if state == "draft":
                    steps.append(
                        {
                            "report_id": number,
                            "state": "draft",
                            "pressed_at": None,
                            "at": begun,
                            "ended_at": None,
                        }
                    )
                else:
                    steps.append(
                        {
                            "report_id": number,
                            "state": "draft",
                            "pressed_at": None,
                            "at": begun,
                            "ended_at": pressed,
                        }
                    )
                    steps.append(
                        {
                            "report_id": number,
                            "state": state,
                            "pressed_at": pressed,
                            "at": pressed,
                            "ended_at": None,
                        }
                    )
                copies.append(
                    {
                        "report_id": number,
                        "number": 0,
                        "access": "draft" if state == "draft" else "",
                        "saved_at": begun,
                    }
                )
    _insert(session, Report, rows)
    _insert(session, ReportStep, steps)
    _insert(session, ReportCopy, copies)


def _outputs(session, rng, duties, periods, pokjas, person_id):  # type: ignore[no-untyped-def]
    session.add(Receipt(number="TT-0", at=NOW, person_id=person_id, institution_id=1))
    session.flush()
    actions = list(duties)
    products, versions, copies, links = [], [], [], []
    for number in range(1, OUTPUTS + 1):
        action_id = rng.choice(actions)
        period = rng.choice(periods[:19])
        at = min(period.deadline, NOW) - timedelta(days=rng.randrange(1, 30))
        products.append(
            {
                "id": number,
                "public_id": f"K-{number:07d}",
                "institution_id": rng.choice(duties[action_id]),
                "pokja_id": pokjas[action_id],
                "classification": "internal",
                "created_by": person_id,
                "created_at": at,
            }
        )
        state = "approved" if rng.random() < 0.9 else "submitted"
        versions.append(
            {
                "id": number,
                "product_id": number,
                "number": 1,
                "state": state,
                "created_by": person_id,
                "created_at": at,
            }
        )
        for place, access in ((0, ""), (1, state)):
            copies.append(
                {
                    "id": 2 * number + place,
                    "version_id": number,
                    "number": place,
                    "access": access,
                    "title": f"Laporan pelatihan guru angkatan {number}",
                    "kind": "laporan-kegiatan",
                    "period_id": period.id,
                    "saved_at": at,
                    "submitted_at": at if place else None,
                    "submitted_by": person_id if place else None,
                    "outcome": ("approved" if state == "approved" else "pending") if place else "",
                }
            )
            links.append({"copy_id": 2 * number + place, "action_id": action_id, "position": 0})
    for model, rows in ((Product, products), (Version, versions), (Copy, copies), (CopyAction, links)):
        _insert(session, model, rows)


def _insert(session, model, rows):  # type: ignore[no-untyped-def]
    rows = list(rows)
    for start in range(0, len(rows), 1000):
        session.execute(sa.insert(model), rows[start : start + 1000])


if __name__ == "__main__":
    main()
