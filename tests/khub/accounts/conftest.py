"""People, a plan's units, and a browser that fills in forms."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from khub.plan.models import Institution, Pokja
from khub.policy import SYSTEM, Role

if TYPE_CHECKING:
    from flask import Flask
    from werkzeug.test import TestResponse

    from khub.accounts.sessions import SignedIn
    from khub.wiring import Services

PASSWORD = "empat kata yang panjang"  # noqa: S105 - opens nothing but this test


@dataclass(frozen=True)
class House:
    """An installation with one K/L, one pokja, an admin and a member; ids of all four."""

    services: Services
    institution: int
    pokja: int
    admin: int
    member: int
    password: str = PASSWORD

    def identify(self, login: str = "dewi") -> SignedIn:
        found = self.services.accounts.identify(self.token(login))
        assert found is not None
        return found

    def token(self, login: str = "dewi", password: str = PASSWORD) -> str:
        return self.services.accounts.sign_in(login, password, address="203.0.113.7", agent="")


@pytest.fixture
def house(services: Services) -> House:
    with services.db.write() as session:
        institution = Institution(code="KL-07", name="K/L Contoh 07")
        pokja = Pokja(code="1", name="Pokja 1")
        session.add_all([institution, pokja])
        session.flush()
        units = institution.id, pokja.id
    accounts = services.accounts
    admin = accounts.create_person(SYSTEM, "yoga", "Yoga Contoh")
    member = accounts.create_person(SYSTEM, "dewi", "Dewi Contoh")
    accounts.add_membership(SYSTEM, admin, Role.ADMIN)
    accounts.add_membership(SYSTEM, member, Role.MEMBER, *units)
    for person in (admin, member):
        accounts.set_password(SYSTEM, person, PASSWORD)
    return House(services, *units, admin, member)


class Browser:
    """A client that carries the CSRF token of the last page into the forms it sends."""

    def __init__(self, app: Flask) -> None:
        self.client = app.test_client()
        self.page = ""

    def get(self, path: str, **options: object) -> TestResponse:
        response = self.client.get(path, **options)  # type: ignore[arg-type]
        return self._seen(response)

    def post(self, path: str, fields: dict[str, object] | None = None, **options: object) -> TestResponse:
        data = {"csrf_token": self.csrf(), **(fields or {})}
        response = self.client.post(path, data=data, **options)  # type: ignore[arg-type]
        return self._seen(response)

    def _seen(self, response: TestResponse) -> TestResponse:
        if "csrf_token" in response.text:
            self.page = response.text
        return response

    def csrf(self) -> str:
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.page)
        return html.unescape(found[1]) if found else ""

    def sign_in(self, login: str, password: str = PASSWORD, **fields: object) -> TestResponse:
        self.get("/masuk")
        response = self.post("/masuk", {"login": login, "password": password, **fields})
        if response.status_code == 303:
            self.get("/akun")
        return response

    def cookie(self, name: str) -> str:
        found = self.client.get_cookie(name)
        return found.value if found else ""


@pytest.fixture
def browser(house: House, app: Flask) -> Browser:
    return Browser(app)


@pytest.fixture
def other_browser(house: House, app: Flask) -> Browser:
    return Browser(app)
