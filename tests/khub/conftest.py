"""An office at work: a plan, two K/L, people of every role, keluaran handed in through the services."""

from __future__ import annotations

import html
import io
import re
import secrets
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest
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
    Focus,
    Institution,
    Period,
    Plan,
    Pokja,
)
from khub.policy import Actor, Grant, Role
from khub.products import drafts, ids
from khub.products.forms import Metadata
from khub.products.jobs import ReadFile
from khub.products.models import File
from khub.products.uploads import Place
from khub.settings import load
from tests.conftest import NOW
from tests.khub.worlds import STATES, UNFINISHED, build

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask import Flask
    from werkzeug.test import TestResponse

    from indexer.extract import Sandbox
    from khub.wiring import Services
    from tests.khub.worlds import World

PLAN, PERIOD = "ran-pe", "2023-01-10"


class Browser:
    """A signed-in client that carries the CSRF token of the last page into the forms it sends."""

    def __init__(self, app: Flask, token: str) -> None:
        self.client = app.test_client()
        self.client.set_cookie(web.SESSION_COOKIE, token)
        self.csrf = ""

    def get(self, path: str) -> TestResponse:
        response = self.client.get(path)
        if found := re.search(r'name="csrf_token" value="([^"]+)"', response.text):
            self.csrf = html.unescape(found[1])
        return response

    def post(self, path: str, **fields: object) -> TestResponse:
        if not self.csrf:
            self.get("/")
        return self.client.post(path, data={"csrf_token": self.csrf, **fields})


@dataclass
class Office:
    """Ids of what stands in the database, and short ways to do what people do."""

    services: Services
    app: Flask
    clock: FixedClock
    institutions: dict[str, int] = field(default_factory=dict)
    pokjas: dict[str, int] = field(default_factory=dict)
    people: dict[str, Actor] = field(default_factory=dict)

    def hire(self, login: str, *grants: Grant) -> Actor:
        """Add a person with memberships."""
        now = self.clock.now()
        with self.services.db.write() as session:
            person = Person(login=login, name=f"{login.title()} Contoh", created_at=now)
            session.add(person)
            session.flush()
            for grant in grants:
                session.add(
                    Membership(
                        person_id=person.id,
                        role=grant.role,
                        institution_id=grant.institution_id,
                        pokja_id=grant.pokja_id,
                        valid_from=date(2023, 1, 1),
                    )
                )
            self.people[login] = Actor(person.id, person.name, grants)
        return self.people[login]

    def browser(self, login: str) -> Browser:
        """Return a browser in which ``login`` is signed in."""
        token, now = secrets.token_hex(16), self.clock.now()
        with self.services.db.write() as session:
            session.add(
                SignIn(
                    token_hash=sessions.digest(token),
                    person_id=self.people[login].person_id,
                    created_at=now,
                    seen_at=now,
                    ends_at=datetime(2030, 1, 1, tzinfo=UTC),
                )
            )
        return Browser(self.app, token)

    def draft(self, login: str, title: str, *, content: bytes = b"", action: str = "1.1.01") -> str:
        """Upload one text file; returns the public id of its draft."""
        content = content or f"{title}\n\nKegiatan 12 September 2023.\n".encode()
        place = Place(batch=ids.batch_token(), action=f"{PLAN}/{action}", period=f"{PLAN}/{PERIOD}")
        received = self.services.uploads.receive(
            self.people[login], io.BytesIO(content), f"{title}.txt", place
        )
        return received.product

    def say(self, login: str, public_id: str, **changes: object) -> None:
        """Save the check card of a working copy with ``changes``."""
        actor = self.people[login]
        with self.services.db.read() as session:
            card = drafts.product_card(session, actor, public_id)
        facts: dict[str, object] = {
            "title": card.title,
            "kind": card.kind,
            "language": card.language,
            "period": card.period,
            "actions": tuple(action.key for action in card.actions),
            "classification": card.classification,
            "classification_reason": "",
            "personal_data": "",
            "owner": card.owner,
            "revision": card.revision,
            **changes,
        }
        self.services.products.save(actor, public_id, Metadata(**facts))  # type: ignore[arg-type]

    def hand_in(self, login: str, title: str, *, content: bytes = b"", action: str = "1.1.01") -> str:
        """Upload, then press Ajukan; returns the public id. A minute passes."""
        public_id = self.draft(login, title, content=content, action=action)
        self.submit(login, public_id)
        return public_id

    def read_files(self, sandbox: Sandbox) -> None:
        """Read every waiting file as the worker does."""
        handler = ReadFile(self.services.db, self.services.storage, self.clock, sandbox)
        with self.services.db.read() as session:
            waiting = session.scalars(sa.select(File.id).where(File.state == "waiting")).all()
        for file_id in waiting:
            effect = handler(file_id)
            with self.services.db.write() as session:
                effect(session)

    def submit(self, login: str, public_id: str) -> str:
        """Press Ajukan; returns the receipt number."""
        handed = self.services.products.submit(self.people[login], [public_id])
        self.clock.forward(minutes=1)
        return handed.receipt


@pytest.fixture
def sandbox(shared_sandbox: Sandbox) -> Sandbox:
    """Return the real reader of files."""
    return shared_sandbox


@pytest.fixture
def office(services: Services, app: Flask, clock: FixedClock) -> Office:
    """Return an installation with budi and tia (members of two K/L), dewi and rudi (Sekretariat),
    rani (Sekretariat and member of budi's K/L), kiki (ketua of pokja 1), sari (auditor), yoga (admin).
    """
    return _office(services, app, clock)


def _office(services: Services, app: Flask, clock: FixedClock) -> Office:
    found = Office(services, app, clock)
    with services.db.write() as session:
        plan = Plan(code=PLAN, name="RAN PE contoh", created_at=clock.now())
        session.add(plan)
        units = {code: Institution(code=code, name=f"K/L Contoh {code[3:]}") for code in ("kl-07", "kl-12")}
        session.add_all(units.values())
        session.flush()
        for number, classification in (("1", "internal"), ("2", "terbatas")):
            branch = Branch(
                plan_id=plan.id, code=number, name=f"Pilar contoh {number}", classification=classification
            )
            session.add(branch)
            session.flush()
            pokja = Pokja(code=number, name=f"Pokja {number}", branch_id=branch.id)
            focus = Focus(branch_id=branch.id, code=f"{number}.1", name=f"Fokus {number}.1")
            session.add_all([pokja, focus])
            session.flush()
            found.pokjas[number] = pokja.id
            for place in ("01", "02"):
                action = Action(
                    plan_id=plan.id,
                    focus_id=focus.id,
                    code=f"{number}.1.{place}",
                    title=f"Aksi contoh {number}.1.{place}",
                    measure="Jumlah guru terlatih",
                )
                session.add(action)
                session.flush()
                session.add(ActionYear(action_id=action.id, year=2023))
                session.add_all(
                    ActionInstitution(action_id=action.id, institution_id=unit.id, role="responsible")
                    for unit in units.values()
                )
        session.add(
            Period(
                plan_id=plan.id,
                code=PERIOD,
                name="Januari–Oktober 2023",
                year=2023,
                starts=date(2023, 1, 1),
                ends=date(2023, 10, 31),
                deadline=datetime(2023, 10, 31, 16, 59, 59, tzinfo=UTC),
                state="open",
            )
        )
        found.institutions = {code: unit.id for code, unit in units.items()}
    seven, twelve, first = found.institutions["kl-07"], found.institutions["kl-12"], found.pokjas["1"]
    found.hire("budi", Grant(Role.MEMBER, seven, first))
    found.hire("tia", Grant(Role.MEMBER, twelve, first))
    found.hire("dewi", Grant(Role.SECRETARIAT))
    found.hire("rudi", Grant(Role.SECRETARIAT))
    found.hire("rani", Grant(Role.SECRETARIAT), Grant(Role.MEMBER, seven, first))
    found.hire("kiki", Grant(Role.CHAIR, None, first))
    found.hire("sari", Grant(Role.AUDITOR))
    found.hire("yoga", Grant(Role.ADMIN))
    return found


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Office]:
    """Return the office of a second installation."""
    folder = tmp_path / "dua"
    settings = load({}, mode="test", data=folder / "data", uploads=folder / "uploads")
    clock = FixedClock(NOW)
    services = wiring.build(settings, clock)
    migrations.upgrade(services.db)
    yield _office(services, create_app(settings, services), clock)
    services.close()


@pytest.fixture
def worlds(office: Office, other: Office, sandbox: Sandbox) -> tuple[World, World]:
    """Return (without, with) secrets."""
    return build(office, sandbox), build(other, sandbox, STATES)


@pytest.fixture
def unfinished(office: Office, other: Office, sandbox: Sandbox) -> tuple[World, World]:
    """Return (without, with) secrets that not even the Sekretariat may read."""
    return build(office, sandbox), build(other, sandbox, UNFINISHED)
