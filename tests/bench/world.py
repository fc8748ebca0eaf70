"""A large installation for measuring: built once, straight into the database, then indexed."""

from __future__ import annotations

import random
import shutil
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub import migrations, wiring
from khub.clock import FixedClock
from khub.plan.models import (
    Action,
    ActionInstitution,
    ActionYear,
    Branch,
    Focus,
    Institution,
    Period,
    Plan,
    Pokja,
)
from khub.policy import SYSTEM, Role
from khub.products.jobs import pack
from khub.products.models import Copy, CopyAction, CopyFile, File, Kind, Page, Product, Receipt, Version
from khub.search import projection
from khub.search.indexing import Rebuild
from khub.search.models import Entry, Epoch
from khub.settings import Settings, load
from tests.bench.words import vocabulary

if TYPE_CHECKING:
    from pathlib import Path

    from khub.wiring import Services

PASSWORD = "ukur-dengan-jujur"  # noqa: S105 - a throw-away installation
NOW = datetime(2023, 10, 31, 2, 0, tzinfo=UTC)
_WORDS_A_PAGE = 167
_CHUNK = 500


def settings(folder: Path) -> Settings:
    """Return the settings of the installation in ``folder``."""
    return load(
        {},
        mode="test",
        data=folder / "data",
        uploads=folder / "uploads",
        secret_key="0" * 64,
        web_processes=2,
        clock_shift=round((NOW - datetime.now(UTC)).total_seconds()),
    )


def build(folder: Path, products: int, pages: int) -> Settings:
    """Return settings of an installation with ``products`` keluaran of ``pages`` pages, made if missing."""
    chosen = settings(folder)
    if (folder / "done").exists():
        return chosen
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    services = wiring.build(chosen, FixedClock(NOW))
    migrations.upgrade(services.db)
    plan(services)
    people(services)
    _products(services, products, pages)
    print(f"indexing {products * pages} pages", flush=True)
    Rebuild(services.db, services.index_writer, lambda *_: None).run()
    services.close()
    (folder / "done").touch()
    return chosen


def plan(services: Services) -> None:
    """Add a plan of 135 actions, 60 K/L and four periods."""
    with services.db.write() as session:
        ran = Plan(code="ukur", name="Ukur", created_at=NOW)
        session.add(ran)
        session.flush()
        for number in range(1, 61):
            session.add(Institution(code=f"kl-{number:02d}", name=f"K/L Contoh {number:02d}"))
        for branch_number in (1, 2, 3):
            branch = Branch(plan_id=ran.id, code=str(branch_number), name=f"Contoh {branch_number}")
            session.add(branch)
            session.flush()
            session.add(
                Pokja(code=f"pokja-{branch_number}", name=f"Pokja {branch_number}", branch_id=branch.id)
            )
            for focus_number in (1, 2, 3):
                focus = Focus(
                    branch_id=branch.id, code=f"{branch_number}.{focus_number}", name="Contoh fokus"
                )
                session.add(focus)
                session.flush()
                for number in range(1, 16):
                    action = Action(
                        plan_id=ran.id,
                        focus_id=focus.id,
                        code=f"{branch_number}.{focus_number}.{number:02d}",
                        title=f"Contoh aksi {branch_number}.{focus_number}.{number:02d}",
                    )
                    session.add(action)
                    session.flush()
                    session.add(ActionYear(action_id=action.id, year=2023))
                    session.add(
                        ActionInstitution(
                            action_id=action.id, institution_id=1 + action.id % 60, role="responsible"
                        )
                    )
        for year, month, last in ((2022, 7, 31), (2022, 12, 31), (2023, 7, 31), (2023, 10, 31)):
            session.add(
                Period(
                    plan_id=ran.id,
                    code=f"{year}-01-{month:02d}",
                    name=f"Januari–{month:02d} {year}",
                    year=year,
                    starts=date(year, 1, 1),
                    ends=date(year, month, last),
                    deadline=datetime(year, month, last, 16, 59, tzinfo=UTC),
                    state="open" if (year, month) == (2023, 10) else "closed",
                )
            )


def people(services: Services) -> None:
    """Add a member and a Sekretariat, who sign in with ``PASSWORD``."""
    accounts = services.accounts
    for login, role, unit, group in (
        ("anggota", Role.MEMBER, 7, 1),
        ("sekretariat", Role.SECRETARIAT, None, None),
    ):
        person = accounts.create_person(SYSTEM, login, login.title())
        accounts.add_membership(SYSTEM, person, role, unit, group, valid_from=date(2022, 1, 1))
        accounts.set_password(SYSTEM, person, PASSWORD)


def _products(services: Services, products: int, pages: int) -> None:
    rng = random.Random(2023)  # noqa: S311 - the same installation each time
    words, weights = vocabulary(rng)
    with services.db.read() as session:
        actions = session.scalars(sa.select(Action.id)).all()
        kinds = session.scalars(sa.select(Kind.code)).all()
        periods = session.scalars(sa.select(Period.id)).all()
    with services.db.write() as session:
        session.add(Receipt(number="TT-0", at=NOW, person_id=1, institution_id=1))
    for start in range(1, products + 1, _CHUNK):
        with services.db.write() as session:
            numbers = range(start, min(start + _CHUNK, products + 1))
            for number in numbers:
                _product(session, rng, number, pages, words, weights, actions, kinds, periods)
            session.flush()
            epoch = session.get_one(Epoch, 1)
            for number in numbers:
                epoch.value += 1
                session.add(
                    Entry(product_id=number, epoch=epoch.value, copies=projection.describe(session, number))
                )
        print(f"{start + len(numbers) - 1} keluaran", flush=True)


def _product(session, rng, number, pages, words, weights, actions, kinds, periods) -> None:  # type: ignore[no-untyped-def]
    at = NOW - timedelta(hours=rng.randint(1, 15_000))
    state = rng.choices(("approved", "submitted"), (9, 1))[0]
    title = " ".join(rng.choices(words[:400], k=6)).capitalize()
    session.add(
        Product(
            id=number,
            public_id=f"K-{number:07d}",
            institution_id=rng.randint(1, 60),
            pokja_id=rng.randint(1, 3),
            classification=rng.choices(("terbuka", "internal", "terbatas"), (2, 5, 3))[0],
            created_by=1,
            created_at=at,
        )
    )
    session.add(Version(id=number, product_id=number, number=1, state=state, created_by=1, created_at=at))
    session.flush()
    file = File(
        id=number,
        public_id=f"B-{number:010d}",
        product_id=number,
        sha256=f"{number:064x}",
        size=100_000,
        name=f"{title}.pdf",
        media_type="application/pdf",
        uploaded_by=1,
        uploaded_at=at,
        state="read",
        language="id",
        page_count=pages,
    )
    session.add(file)
    kind, period, action = rng.choice(kinds), rng.choice(periods), rng.choice(actions)
    for copy_number, access in ((0, ""), (1, state)):
        copy = Copy(
            version_id=number,
            number=copy_number,
            access=access,
            title=title,
            kind=kind,
            language="id",
            period_id=period,
            saved_at=at,
            submitted_at=at if copy_number else None,
            submitted_by=1 if copy_number else None,
            receipt_id=1 if copy_number else None,
            outcome=("approved" if state == "approved" else "pending") if copy_number else "",
        )
        session.add(copy)
        session.flush()
        session.add(CopyAction(copy_id=copy.id, action_id=action))
        session.add(CopyFile(copy_id=copy.id, file_id=number, position=1))
    for page in range(1, pages + 1):
        session.add(
            Page(
                file_id=number,
                number=page,
                label=str(page),
                kind="page",
                approximate=False,
                heading="",
                error="",
                text=pack(" ".join(rng.choices(words, weights, k=_WORDS_A_PAGE))),
            )
        )
