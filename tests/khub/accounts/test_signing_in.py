from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from khub.accounts.models import Membership, Person, SignIn, SignInAttempt
from khub.audit.chain import verify
from khub.audit.models import Event
from khub.errors import InvalidError, NotFoundError, ThrottledError
from khub.policy import SYSTEM, Grant, Role

if TYPE_CHECKING:
    from khub.clock import FixedClock
    from tests.khub.accounts.conftest import House

WRONG = "Nama pengguna atau kata sandi tidak cocok."


def refused(house: House, login: str, password: str, address: str = "203.0.113.7") -> str:
    with pytest.raises(InvalidError) as raised:
        house.services.accounts.sign_in(login, password, address=address, agent="")
    return raised.value.message


def test_a_token_stands_for_the_person_with_the_rights_of_today(house: House) -> None:
    found = house.identify("  DEWI ")
    assert (found.login, found.actor.name, found.get_id()) == ("dewi", "Dewi Contoh", str(house.member))
    assert found.actor.grants == (Grant(Role.MEMBER, house.institution, house.pokja),)
    assert found.role_labels == ("Anggota pokja",)
    assert found.unit_label == "K/L Contoh 07, Pokja 1"
    assert (found.is_authenticated, found.is_active, found.is_anonymous) == (True, True, False)


def test_a_changed_right_counts_at_once(house: House) -> None:
    token, accounts = house.token(), house.services.accounts
    with house.services.db.read() as session:
        membership = session.scalars(
            sa.select(Membership.id).where(Membership.person_id == house.member)
        ).one()
    accounts.end_membership(SYSTEM, membership)
    found = accounts.identify(token)
    assert found is not None
    assert found.actor.grants == ()
    assert found.unit_label == ""


def test_unknown_wrong_inactive_and_passwordless_get_the_same_words(house: House) -> None:
    accounts = house.services.accounts
    accounts.create_person(SYSTEM, "baru", "Baru Contoh")
    gone = accounts.create_person(SYSTEM, "pergi", "Pergi Contoh")
    accounts.set_password(SYSTEM, gone, house.password)
    accounts.set_active(SYSTEM, gone, active=False)
    assert refused(house, "dewi", "salah") == WRONG
    assert refused(house, "entah", house.password) == WRONG
    assert refused(house, "pergi", house.password) == WRONG
    assert refused(house, "baru", house.password) == WRONG


@pytest.mark.parametrize(
    "login", ["de\0wi", "d" * 10_000, "' OR 1=1 --", "dewi\ud800", "\u202edewi", "%", "dewi\r\nadmin"]
)
def test_hostile_logins_are_refused_like_any_wrong_one(house: House, login: str) -> None:
    assert refused(house, login, house.password) == WRONG


@pytest.mark.parametrize("password", ["\0", "x" * 1_000_000, "\ud800"])
def test_hostile_passwords_are_refused_like_any_wrong_one(house: House, password: str) -> None:
    assert refused(house, "dewi", password) == WRONG


def test_both_empty_fields_are_told_at_once(house: House) -> None:
    with pytest.raises(InvalidError) as raised:
        house.services.accounts.sign_in(" ", "", address="", agent="")
    assert [error.name for error in raised.value.errors] == ["login", "password"]


def test_the_database_keeps_neither_token_nor_password(house: House) -> None:
    token = house.token()
    refused(house, house.password, house.password)
    with house.services.db.read() as session:
        kept = [
            json.dumps([str(value) for value in row])
            for table in (SignIn, Person, SignInAttempt, Event)
            for row in session.execute(sa.select(table.__table__))
        ]
    assert len(token) >= 43
    assert not [row for row in kept if token in row or house.password in row]


def test_the_trail_tells_of_sign_ins_refusals_and_sign_outs(house: House) -> None:
    house.services.accounts.sign_out(house.token())
    refused(house, "dewi", "salah")
    with house.services.db.read() as session:
        events = session.execute(sa.select(Event.act, Event.person).order_by(Event.seq.desc()).limit(3)).all()
        assert [tuple(row) for row in events] == [
            ("session.refused", ""),
            ("session.closed", "Dewi Contoh"),
            ("session.opened", "Dewi Contoh"),
        ]
        assert verify(session).whole


# -- throttling ------------------------------------------------------------------------------------


def test_an_account_rests_after_ten_failures_even_for_the_right_password(
    house: House, clock: FixedClock
) -> None:
    for number in range(10):
        refused(house, "dewi", "salah", f"203.0.113.{number}")
    clock.forward(minutes=1)
    with pytest.raises(ThrottledError) as raised:
        house.token()
    assert 239 <= raised.value.retry_after <= 241
    assert raised.value.params == {"minutes": 4}
    clock.forward(minutes=4)
    assert house.token()


def test_an_address_rests_after_ten_failures_others_do_not(house: House) -> None:
    for number in range(10):
        refused(house, f"entah{number}", "salah", "203.0.113.7")
    with pytest.raises(ThrottledError):
        house.token()
    assert house.services.accounts.sign_in("dewi", house.password, address="203.0.113.8", agent="")


def test_one_ipv6_subscriber_is_one_address(house: House) -> None:
    for number in range(10):
        refused(house, f"entah{number}", "salah", f"2001:db8:1:2::{number}")
    with pytest.raises(ThrottledError):
        house.services.accounts.sign_in("dewi", house.password, address="2001:db8:1:2:ffff::1", agent="")
    assert house.services.accounts.sign_in("dewi", house.password, address="2001:db8:1:3::1", agent="")


def test_all_together_rest_after_a_thousand_failures(house: House, clock: FixedClock) -> None:
    with house.services.db.write() as session:
        session.add_all(
            SignInAttempt(login=f"{number:064d}", address=f"a{number}", at=clock.now())
            for number in range(1000)
        )
    with pytest.raises(ThrottledError):
        house.token()


def test_right_sign_ins_do_not_use_up_the_tries(house: House) -> None:
    for _ in range(12):
        house.token()
    for _ in range(9):
        refused(house, "dewi", "salah")
    house.token()
    for _ in range(9):
        refused(house, "dewi", "salah")


def test_tries_sent_at_the_same_moment_do_not_slip_past_the_count(house: House) -> None:
    answers: list[str] = []

    def attempt(number: int) -> None:
        try:
            house.services.accounts.sign_in("dewi", "salah", address=f"203.0.113.{number}", agent="")
        except InvalidError:
            answers.append("looked at")
        except ThrottledError:
            answers.append("throttled")

    threads = [threading.Thread(target=attempt, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 20
    assert answers.count("looked at") <= 10


# -- the life of a session ---------------------------------------------------------------------------


def test_a_session_ends_when_it_is_not_used_for_half_an_hour(house: House, clock: FixedClock) -> None:
    token, accounts = house.token(), house.services.accounts
    for _ in range(3):
        clock.forward(minutes=29)
        assert accounts.identify(token)
    clock.forward(minutes=30)
    assert accounts.identify(token) is None


def test_a_session_ends_after_twelve_hours_in_any_case(house: House, clock: FixedClock) -> None:
    token, accounts = house.token(), house.services.accounts
    for _ in range(12 * 3 - 1):
        clock.forward(minutes=20)
        assert accounts.identify(token)
    clock.forward(minutes=20)
    assert accounts.identify(token) is None


def test_a_request_costs_two_look_ups_and_once_a_minute_a_note(house: House, clock: FixedClock) -> None:
    token = house.token()
    statements: list[str] = []
    sa.event.listen(
        house.services.db.engine, "before_cursor_execute", lambda *args: statements.append(args[2])
    )

    def cost() -> list[str]:
        statements.clear()
        assert house.services.accounts.identify(token)
        return [text.split()[0] for text in statements if text.split()[0] in ("SELECT", "UPDATE", "INSERT")]

    assert cost() == ["SELECT", "SELECT"]
    clock.forward(seconds=61)
    assert cost() == ["SELECT", "SELECT", "UPDATE"]
    assert cost() == ["SELECT", "SELECT"]


def test_a_stolen_token_is_worth_nothing_after_signing_out(house: House) -> None:
    token, accounts = house.token(), house.services.accounts
    accounts.sign_out(token)
    assert accounts.identify(token) is None
    accounts.sign_out(token)


@pytest.mark.parametrize("token", ["", "x", "\0", "é" * 5000, "\ud800"])
def test_a_made_up_token_is_nobody(house: House, token: str) -> None:
    assert house.services.accounts.identify(token) is None


def test_one_ends_one_s_own_sessions_and_no_one_else_s(house: House) -> None:
    accounts = house.services.accounts
    mine, here, theirs = house.token(), house.identify(), house.identify("yoga")
    accounts.revoke_others(here.actor, here.sign_in_id)
    assert accounts.identify(mine) is None
    with pytest.raises(NotFoundError):
        accounts.revoke(here.actor, theirs.sign_in_id)
    with pytest.raises(NotFoundError):
        accounts.revoke(here.actor, 10**9)
    accounts.revoke(here.actor, here.sign_in_id)


def test_closing_an_account_ends_its_sessions(house: House) -> None:
    token, accounts = house.token(), house.services.accounts
    accounts.set_active(SYSTEM, house.member, active=False)
    assert accounts.identify(token) is None
    accounts.set_active(SYSTEM, house.member, active=True)
    assert accounts.identify(token) is None
