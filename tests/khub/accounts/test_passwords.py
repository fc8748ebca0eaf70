from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from khub.accounts import passwords
from khub.accounts.models import PasswordReset, Person
from khub.audit.models import Event
from khub.errors import ConflictError, InvalidError, NotFoundError, ThrottledError
from khub.policy import SYSTEM

if TYPE_CHECKING:
    from khub.clock import FixedClock
    from tests.khub.accounts.conftest import House

NEW = "kuda baterai staples benar"


def faults(raised: pytest.ExceptionInfo[InvalidError]) -> list[str]:
    return [error.name for error in raised.value.errors]


def test_a_hash_is_argon2id_of_19_mib_and_opens_for_its_password_only() -> None:
    encoded = passwords.hashed("kata sandi é")
    assert encoded.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert passwords.verify(encoded, "kata sandi é")
    assert passwords.verify(encoded, "kata sandi e\u0301"), "the same letters, typed on another keyboard"
    assert not passwords.verify(encoded, "kata sandi e")
    assert not passwords.verify("", "")
    assert not passwords.verify("not a hash", "x")


@pytest.mark.parametrize(
    "password",
    ["", "sebelas kar", "dewi-pokja-1", "DEWI-POKJA-1", "dewi contoh.", "aaaaaaaaaaaa", "ab" * 300],
)
def test_weak_passwords_are_refused(password: str) -> None:
    assert passwords.faults(password, login="dewi-pokja-1", name="Dewi Contoh.", field="password")


@pytest.mark.parametrize(
    "password", ["duabelas kar", "empat kata yang panjang", "žluťoučký kůň", "x" * 495 + "abcde"]
)
def test_long_ones_and_phrases_are_taken(password: str) -> None:
    assert not passwords.faults(password, login="dewi", name="Dewi", field="password")


def test_changing_the_password_ends_other_sessions_and_replaces_this_token(house: House) -> None:
    accounts = house.services.accounts
    other, token = house.token(), house.token()
    here = accounts.identify(token)
    assert here is not None
    fresh = accounts.change_password(here.actor, house.password, NEW, sign_in_id=here.sign_in_id)
    assert accounts.identify(other) is None
    assert accounts.identify(token) is None
    assert accounts.identify(fresh) is not None
    assert house.token(password=NEW)
    with pytest.raises(InvalidError):
        house.token()


def test_a_wrong_old_and_a_weak_new_password_change_nothing(house: House) -> None:
    accounts, here = house.services.accounts, house.identify()
    for old, new, wrong in (
        ("salah", NEW, ["old_password"]),
        ("", "pendek", ["old_password", "new_password"]),
        (house.password, house.password, ["new_password"]),
        (house.password, "dewi", ["new_password"]),
    ):
        with pytest.raises(InvalidError) as raised:
            accounts.change_password(here.actor, old, new, sign_in_id=here.sign_in_id)
        assert faults(raised) == wrong
    assert house.token()


def test_guessing_the_old_password_in_a_stolen_session_is_throttled(house: House) -> None:
    accounts, here = house.services.accounts, house.identify()
    for number in range(10):
        with pytest.raises(InvalidError):
            accounts.change_password(here.actor, f"tebakan {number}", NEW, sign_in_id=here.sign_in_id)
    with pytest.raises(ThrottledError):
        accounts.change_password(here.actor, house.password, NEW, sign_in_id=here.sign_in_id)
    assert house.token(), "the owner can still sign in"


def test_a_reset_link_works_once_and_ends_every_session(house: House) -> None:
    accounts, session = house.services.accounts, house.token()
    token = accounts.issue_reset(house.identify("yoga").actor, house.member)
    assert accounts.reset_login(token) == "dewi"
    with pytest.raises(InvalidError):
        accounts.use_reset(token, "pendek")
    accounts.use_reset(token, NEW)
    assert accounts.identify(session) is None
    assert house.token(password=NEW)
    with pytest.raises(NotFoundError):
        accounts.use_reset(token, "kata sandi yang lain lagi")
    with pytest.raises(NotFoundError):
        accounts.reset_login(token)


def test_a_reset_link_lives_half_an_hour(house: House, clock: FixedClock) -> None:
    token = house.services.accounts.issue_reset(SYSTEM, house.member)
    clock.forward(minutes=30)
    with pytest.raises(NotFoundError):
        house.services.accounts.use_reset(token, NEW)
    assert house.token()


def test_a_newer_link_a_changed_password_or_a_closed_account_kill_a_link(house: House) -> None:
    accounts = house.services.accounts
    first = accounts.issue_reset(SYSTEM, house.member)
    second = accounts.issue_reset(SYSTEM, house.member)
    here = house.identify()
    accounts.change_password(here.actor, house.password, NEW, sign_in_id=here.sign_in_id)
    third = accounts.issue_reset(SYSTEM, house.member)
    accounts.set_active(SYSTEM, house.member, active=False)
    for token in (first, second, third):
        with pytest.raises(NotFoundError):
            accounts.use_reset(token, NEW)
    with pytest.raises(ConflictError):
        accounts.issue_reset(SYSTEM, house.member)


def test_a_reset_opens_an_account_that_was_locked_out_by_failures(house: House) -> None:
    for number in range(10):
        with pytest.raises(InvalidError):
            house.services.accounts.sign_in("dewi", "salah", address=f"203.0.113.{number}", agent="")
    token = house.services.accounts.issue_reset(SYSTEM, house.member)
    house.services.accounts.use_reset(token, NEW)
    assert house.token(password=NEW)


def test_links_and_passwords_are_kept_as_hashes_and_tell_who_made_them(house: House) -> None:
    token = house.services.accounts.issue_reset(house.identify("yoga").actor, house.member)
    house.services.accounts.use_reset(token, NEW)
    with house.services.db.read() as session:
        reset = session.scalars(sa.select(PasswordReset)).one()
        person = session.get_one(Person, house.member)
        trail = " ".join(session.scalars(sa.select(Event.facts + Event.reason)))
    assert token not in reset.token_hash
    assert (reset.issued_by, bool(reset.used_at)) == (house.admin, True)
    assert NEW not in person.password_hash
    assert token not in trail
    assert NEW not in trail
