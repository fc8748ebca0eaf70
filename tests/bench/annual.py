"""``python -m tests.bench.annual [--database URL]``: an annual report of 79 actions with 300 citations.

The demo's plan and commitments, a keluaran of 300 pages, a paragraph for each action. Measured: the
page of a chapter through the application, a freeze, and the worker's DOCX, XLSX and, where LibreOffice
is installed, PDF, from the request to the file.
"""

from __future__ import annotations

import argparse
import os
import secrets
import statistics
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub import migrations, web, wiring, worker
from khub.accounts import sessions
from khub.accounts.models import Person, SignIn
from khub.annual import paper, tokens
from khub.annual.jobs import MakeExport
from khub.annual.models import AnnualExport, AnnualReport, AnnualSection
from khub.annual.publishing import EXPORT, Format
from khub.app import create_app
from khub.clock import FixedClock
from khub.demo import load as demo
from khub.plan.models import Institution, Period, Plan, Pokja
from khub.policy import Actor, Grant, Role
from khub.products.jobs import pack
from khub.products.models import Copy, CopyFile, File, Page, Product, Version
from khub.settings import load
from tests.bench.machine import machine

if TYPE_CHECKING:
    from khub.wiring import Services

NOW = datetime(2023, 10, 31, 2, 0, tzinfo=UTC)
CITATIONS = 300
_ROUNDS = 30


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--database", default="", help="URL of an empty database; a new SQLite file if not given"
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = options.database or f"sqlite:///{folder}/data/khub.db"
        settings = load(
            {}, mode="test", data=Path(folder) / "data", uploads=Path(folder) / "uploads", database_url=url
        )
        services = wiring.build(settings, FixedClock(NOW))
        try:
            migrations.upgrade(services.db)
            demo.foundation(services)
            actor, public_id = build(services)
            measure(services, actor, public_id)
        finally:
            services.close()
    print(f"database: {sa.make_url(url).get_backend_name()}, load {os.getloadavg()[0]:.1f}, {machine()}")


def build(services: Services) -> tuple[Actor, str]:
    """Write the report; returns its author and public id."""
    with services.db.read() as session:
        person = session.scalars(sa.select(Person).where(Person.login == "sekretariat")).one()
        plan = session.scalars(sa.select(Plan.code)).one()
    actor = Actor(person.id, person.name, (Grant(Role.SECRETARIAT),))
    file = _pages(services, person.id)
    annual = services.annual
    public_id = annual.create(actor, plan, 2023)
    keys = [
        annual.cite_page(actor, public_id, file, page, f"halaman ke-{page}")
        for page in range(1, CITATIONS + 1)
    ]
    with services.db.read() as session:
        actions = session.scalars(
            sa.select(AnnualSection.key)
            .join(AnnualReport, AnnualReport.id == AnnualSection.report_id)
            .where(AnnualReport.public_id == public_id, AnnualSection.kind == "action")
        ).all()
    for place, action in enumerate(actions):
        marks = "".join(tokens.citation(key) for key in keys[place :: len(actions)])
        text = f"Pelatihan berjalan di {place + 3} daerah menurut laporan yang disetujui. " * 6 + marks
        annual.add(actor, public_id, action, text=text)
    print(f"report: {len(actions)} actions, {len(keys)} citations")
    return actor, public_id


def _pages(services: Services, person: int) -> str:
    """Put an approved keluaran of as many pages as there are citations into the database."""
    with services.db.write() as session:
        product = Product(
            public_id="K-UKURLP1",
            institution_id=session.scalars(sa.select(Institution.id).limit(1)).one(),
            pokja_id=session.scalars(sa.select(Pokja.id).limit(1)).one(),
            classification="internal",
            created_by=person,
            created_at=NOW,
        )
        session.add(product)
        session.flush()
        version = Version(
            product_id=product.id, number=1, state="approved", created_by=person, created_at=NOW
        )
        file = File(
            public_id="B-UKURLP1",
            product_id=product.id,
            sha256="0" * 64,
            size=1,
            name="ukur.pdf",
            media_type="application/pdf",
            uploaded_by=person,
            uploaded_at=NOW,
            state="read",
            page_count=CITATIONS,
        )
        session.add_all([version, file])
        session.flush()
        copy = Copy(
            version_id=version.id,
            number=1,
            access="approved",
            title="Modul ukur",
            kind="lainnya",
            period_id=session.scalars(sa.select(Period.id).limit(1)).one(),
            saved_at=NOW,
            submitted_at=NOW,
            submitted_by=person,
            outcome="approved",
            decided_at=NOW - timedelta(days=1),
        )
        session.add(copy)
        session.flush()
        session.add(CopyFile(copy_id=copy.id, file_id=file.id, position=1))
        for number in range(1, CITATIONS + 1):
            text = f"Ini halaman ke-{number} dari modul. " + "Guru dan dosen berlatih bercakap. " * 40
            session.add(
                Page(
                    file_id=file.id,
                    number=number,
                    label=str(number),
                    kind="page",
                    approximate=False,
                    heading="",
                    error="",
                    text=pack(text),
                )
            )
        return file.public_id


def measure(services: Services, actor: Actor, public_id: str) -> None:
    """Print what the page, a freeze and each file take."""
    token = secrets.token_hex(16)
    with services.db.write() as session:
        session.add(
            SignIn(
                token_hash=sessions.digest(token),
                person_id=actor.person_id,
                created_at=NOW,
                seen_at=NOW,
                ends_at=NOW + timedelta(days=1),
            )
        )
    client = create_app(services.settings, services).test_client()
    client.set_cookie(web.SESSION_COOKIE, token)
    for part in ("capaian", "fokus-1.3"):
        times = []
        for _ in range(_ROUNDS):
            began = time.perf_counter()
            if client.get(f"/laporan-pelaksanaan/{public_id}?bagian={part}").status_code != 200:
                raise SystemExit(part)
            times.append(1000 * (time.perf_counter() - began))
        print(
            f"page {part}: p50 {statistics.median(times):.0f} ms, p95 {statistics.quantiles(times, n=20)[-1]:.0f} ms"
        )
    began = time.perf_counter()
    edition = services.annual.freeze(replace(actor, simulated=True), public_id)
    print(f"freeze: {time.perf_counter() - began:.2f} s")
    handler = MakeExport(services.db, services.clock, services.settings.exports, services.sandbox)
    lane = worker.Lane(services.db, services.clock, {EXPORT: handler})
    for form in (Format.DOCX, Format.XLSX, Format.PDF):
        for frozen in (None, edition):
            _export(services, lane, actor, public_id, form, frozen)
    path, os.environ["PATH"] = os.environ["PATH"], ""
    _export(services, lane, actor, public_id, Format.DOCX, None, " without LibreOffice")
    os.environ["PATH"] = path


def _export(
    services: Services,
    lane: worker.Lane,
    actor: Actor,
    public_id: str,
    form: Format,
    edition: int | None,
    note: str = "",
) -> None:
    began = time.perf_counter()
    export = services.annual.export(actor, public_id, form, edition=edition)
    lane.step()
    taken = time.perf_counter() - began
    with services.db.read() as session:
        row = session.scalars(sa.select(AnnualExport).where(AnnualExport.public_id == export)).one()
    what = "edition" if edition else "draft"
    installed = "" if paper.program() or form is not Format.PDF else " (LibreOffice is not installed)"
    print(f"{form} of {what}{note}: {taken:.2f} s, {row.size >> 10} KB, {row.state}{installed}")


if __name__ == "__main__":
    main()
