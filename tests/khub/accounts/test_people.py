"""What admins may do, and what they may not."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from khub.accounts import queries
from khub.accounts.models import Membership, Person
from khub.audit.models import Event
from khub.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from khub.policy import SYSTEM, Actor, Content, Grant, Role, can_read

if TYPE_CHECKING:
    from khub.clock import FixedClock
    from tests.khub.accounts.conftest import House


def faults(raised: pytest.ExceptionInfo[InvalidError]) -> list[str]:
    return [error.name for error in raised.value.errors]


def acts(house: House) -> list[str]:
    with house.services.db.read() as session:
        return list(session.scalars(sa.select(Event.act).order_by(Event.seq)))


def membership_of(house: House, person: int) -> int:
    with house.services.db.read() as session:
        return session.scalars(sa.select(Membership.id).where(Membership.person_id == person)).one()


@pytest.mark.parametrize(
    ("role", "institution", "pokja", "wrong"),
    [
        (Role.MEMBER, 1, 1, []),
        (Role.MEMBER, 0, 0, ["institution", "pokja"]),
        (Role.MEMBER, 1, 0, ["pokja"]),
        (Role.OFFICIAL, 1, 0, []),
        (Role.OFFICIAL, 1, 1, []),
        (Role.OFFICIAL, 0, 1, ["institution"]),
        (Role.CHAIR, 0, 1, []),
        (Role.CHAIR, 1, 0, ["institution", "pokja"]),
        (Role.SECRETARIAT, 0, 0, []),
        (Role.SECRETARIAT, 1, 0, []),
        (Role.SECRETARIAT, 0, 1, ["pokja"]),
        (Role.AUDITOR, 0, 0, []),
        (Role.AUDITOR, 1, 1, ["institution", "pokja"]),
        (Role.ADMIN, 0, 0, []),
        (Role.ADMIN, 1, 0, ["institution"]),
    ],
)
def test_a_role_has_its_shape(
    house: House, role: Role, institution: int, pokja: int, wrong: list[str]
) -> None:
    accounts = house.services.accounts
    person = accounts.create_person(SYSTEM, "sari", "Sari Contoh")
    units = house.institution if institution else None, house.pokja if pokja else None
    if not wrong:
        assert accounts.add_membership(SYSTEM, person, role, *units)
        return
    with pytest.raises(InvalidError) as raised:
        accounts.add_membership(SYSTEM, person, role, *units)
    assert faults(raised) == wrong


def test_a_membership_names_things_that_exist_and_days_in_order(house: House) -> None:
    with pytest.raises(InvalidError) as raised:
        house.services.accounts.add_membership(
            SYSTEM, house.member, Role.MEMBER, 4711, 4712, date(2023, 10, 9), date(2023, 10, 8)
        )
    assert faults(raised) == ["valid_to", "institution", "pokja"]
    with pytest.raises(NotFoundError):
        house.services.accounts.add_membership(SYSTEM, 4711, Role.AUDITOR)


def test_the_same_role_is_not_held_twice_at_once_but_again_later(house: House) -> None:
    accounts = house.services.accounts
    with pytest.raises(InvalidError) as raised:
        accounts.add_membership(SYSTEM, house.member, Role.MEMBER, house.institution, house.pokja)
    assert faults(raised) == ["role"]
    accounts.end_membership(SYSTEM, membership_of(house, house.member), date(2023, 10, 31))
    assert accounts.add_membership(
        SYSTEM, house.member, Role.MEMBER, house.institution, house.pokja, date(2023, 11, 1)
    )


def test_a_membership_counts_from_its_first_to_its_last_day_in_wib(house: House, clock: FixedClock) -> None:
    accounts = house.services.accounts
    person = accounts.create_person(SYSTEM, "sari", "Sari Contoh")
    accounts.set_password(SYSTEM, person, house.password)
    accounts.add_membership(
        SYSTEM, person, Role.AUDITOR, valid_from=date(2023, 10, 10), valid_to=date(2023, 10, 11)
    )

    def holds() -> bool:
        return house.identify("sari").actor.has(Role.AUDITOR)

    clock.forward(hours=14, minutes=59)  # 23.59 WIB on the 9th
    assert not holds()
    clock.forward(minutes=1)
    assert holds()
    clock.forward(hours=47, minutes=59)
    assert holds()
    clock.forward(minutes=1)
    assert not holds()


def test_a_role_that_is_over_cannot_be_ended_again_nor_in_the_past(house: House) -> None:
    accounts, number = house.services.accounts, membership_of(house, house.member)
    with pytest.raises(InvalidError) as raised:
        accounts.end_membership(SYSTEM, number, date(2023, 10, 8))
    assert faults(raised) == ["last_day"]
    accounts.end_membership(SYSTEM, number)
    with pytest.raises(ConflictError):
        accounts.end_membership(SYSTEM, number)
    with pytest.raises(NotFoundError):
        accounts.end_membership(SYSTEM, 4711)


@pytest.mark.parametrize(
    ("login", "name", "email", "language", "wrong"),
    [
        ("", "", "x", "fr", ["login", "name", "email", "language"]),
        ("a b", "Nama", "", "", ["login"]),
        ("d\0", "Na\0ma", "a@b\0.id", "", ["login", "name", "email"]),
        ("x" * 81, "x" * 201, "x" * 250 + "@b.id", "id", ["login", "name", "email"]),
        ("<script>", "Nama", "a@b", "", ["login", "email"]),
    ],
)
def test_every_fault_of_a_new_account_is_told_at_once(
    house: House, login: str, name: str, email: str, language: str, wrong: list[str]
) -> None:
    with pytest.raises(InvalidError) as raised:
        house.services.accounts.create_person(SYSTEM, login, name, email, language)
    assert faults(raised) == wrong


def test_a_login_is_given_once_whatever_its_case(house: House) -> None:
    with pytest.raises(InvalidError) as raised:
        house.services.accounts.create_person(SYSTEM, "DEWI", "Dewi Lain")
    assert faults(raised) == ["login"]


def test_only_admins_touch_accounts(house: House) -> None:
    accounts = house.services.accounts
    number = membership_of(house, house.member)
    member, secretariat = house.identify().actor, Actor(house.member, "R", (Grant(Role.SECRETARIAT),))
    for actor in (member, secretariat, Actor(None, "")):
        for act in (
            lambda a: accounts.create_person(a, "sari", "Sari"),
            lambda a: accounts.update_person(a, house.member, "X", "", ""),
            lambda a: accounts.add_membership(a, house.member, Role.ADMIN),
            lambda a: accounts.end_membership(a, number),
            lambda a: accounts.set_active(a, house.admin, active=False),
            lambda a: accounts.issue_reset(a, house.admin),
            lambda a: accounts.set_password(a, house.admin, "kata sandi yang baru"),
        ):
            with pytest.raises(ForbiddenError):
                act(actor)


def test_an_admin_reads_nothing_by_being_admin_and_his_own_grants_are_on_the_trail(house: House) -> None:
    content = Content("approved", "internal", house.institution, house.pokja)
    admin = house.identify("yoga").actor
    assert not can_read(admin, content)
    house.services.accounts.add_membership(admin, house.admin, Role.AUDITOR)
    assert can_read(house.identify("yoga").actor, content)
    with house.services.db.read() as session:
        event = session.scalars(
            sa.select(Event).where(Event.act == "membership.added").order_by(Event.seq.desc()).limit(1)
        ).one()
    assert (event.person_id, event.object_id) == (house.admin, str(house.admin))
    assert '"role": "auditor"' in event.facts


def test_one_active_admin_always_remains(house: House) -> None:
    accounts, own = house.services.accounts, membership_of(house, house.admin)
    admin = house.identify("yoga").actor
    for act in (
        lambda: accounts.set_active(admin, house.admin, active=False),
        lambda: accounts.end_membership(admin, own),
        lambda: accounts.end_membership(admin, own, date(2024, 1, 1)),
    ):
        with pytest.raises(ConflictError):
            act()
    second = accounts.create_person(admin, "sari", "Sari Contoh")
    accounts.add_membership(admin, second, Role.ADMIN)
    accounts.set_active(admin, second, active=False)
    with pytest.raises(ConflictError):
        accounts.end_membership(admin, own)
    accounts.set_active(admin, second, active=True)
    accounts.end_membership(admin, own)
    assert not house.identify("yoga").actor.has(Role.ADMIN)


def test_two_admins_who_edit_at_once_do_not_overwrite_each_other(house: House) -> None:
    accounts, admin = house.services.accounts, house.identify("yoga").actor
    with house.services.db.read() as session:
        seen = queries.person(session, admin, house.member, house.services.clock.now()).mark
    accounts.update_person(admin, house.member, "Dewi Satu", "", "", seen=seen)
    with pytest.raises(ConflictError):
        accounts.update_person(admin, house.member, "Dewi Dua", "", "", seen=seen)
    with house.services.db.read() as session:
        assert session.get_one(Person, house.member).name == "Dewi Satu"


def test_every_change_is_an_event_and_a_change_of_nothing_is_none(house: House) -> None:
    accounts, admin = house.services.accounts, house.identify("yoga").actor
    before = len(acts(house))
    person = accounts.create_person(admin, "sari", "Sari Contoh", "sari@contoh.go.id")
    accounts.update_person(admin, person, "Sari Contoh", "sari@contoh.go.id", "")
    accounts.update_person(admin, person, "Sari C.", "s@contoh.go.id", "en")
    number = accounts.add_membership(admin, person, Role.AUDITOR)
    accounts.end_membership(admin, number)
    accounts.issue_reset(admin, person)
    accounts.set_active(admin, person, active=False)
    accounts.set_active(admin, person, active=False)
    accounts.set_active(admin, person, active=True)
    assert acts(house)[before:] == [
        "person.created",
        "person.changed",
        "membership.added",
        "membership.ended",
        "password.reset-issued",
        "person.deactivated",
        "person.activated",
    ]
    with house.services.db.read() as session:
        trail = " ".join(session.scalars(sa.select(Event.facts)))
    assert "@contoh.go.id" not in trail, "an address can never be taken out of the trail again"


def test_a_search_finds_parts_of_names_in_any_case_and_takes_wildcards_as_text(house: House) -> None:
    admin, now = house.identify("yoga").actor, house.services.clock.now()

    def found(text: str) -> list[str]:
        with house.services.db.read() as session:
            listed = queries.people(session, admin, text, now, page=1, size=50)
        assert listed.total == len(listed.rows)
        return [row.login for row in listed.rows]

    assert found("") == ["dewi", "yoga"]
    assert found("EWI") == ["dewi"]
    assert found("yoga con") == ["yoga"]
    assert found("%") == found("_") == found("' OR 1=1") == []
    assert found("de\0wi") == ["dewi"]


def test_people_are_paged(house: House) -> None:
    admin, now = house.identify("yoga").actor, house.services.clock.now()
    with house.services.db.read() as session:
        second = queries.people(session, admin, "", now, page=2, size=1)
    assert (second.total, [row.login for row in second.rows]) == (2, ["yoga"])
    assert second.rows[0].roles == [("Admin", "")]
