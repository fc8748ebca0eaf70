"""khub create-user, as it runs under the command line's group."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from khub.accounts.commands import create_user
from khub.accounts.models import Person
from khub.cli import cli
from khub.policy import Grant, Role

if TYPE_CHECKING:
    from tests.khub.accounts.conftest import House

NEW = "kuda baterai staples benar"
SARI = ("--login", "Sari", "--name", "Sari Contoh")


def run(house: House, *arguments: str, password: str = NEW) -> Result:
    group = type(cli)("khub")
    group.add_command(create_user)
    return CliRunner().invoke(
        group, ["create-user", *arguments, "--password-stdin"], f"{password}\n", obj=lambda: house.services
    )


@pytest.mark.parametrize(
    ("institution", "pokja"), [("KL-07", "1"), ("k/l contoh 07", "pokja 1"), (" K/L Contoh 07", "Pokja 1 ")]
)
def test_the_new_person_signs_in_with_the_role(house: House, institution: str, pokja: str) -> None:
    result = run(house, *SARI, "--role", "member", "--institution", institution, "--pokja", pokja)
    assert (result.exit_code, result.output) == (0, "Created sari (member).\n")
    found = house.services.accounts.identify(house.token("sari", NEW))
    assert found is not None
    assert found.actor.grants == (Grant(Role.MEMBER, house.institution, house.pokja),)


@pytest.mark.parametrize(
    ("arguments", "password", "code", "words"),
    [
        ((*SARI, "--role", "tsar"), NEW, 2, "'tsar' is not one of"),
        (("--login", "sari"), NEW, 2, "Missing option"),
        (
            (*SARI, "--role", "member", "--institution", "K/L Lain"),
            NEW,
            1,
            "'K/L Lain' is not in the catalogue",
        ),
        ((*SARI, "--role", "member"), NEW, 1, "works for one K/L"),
        ((*SARI, "--role", "admin"), "pendek", 1, "at least 12 characters"),
        ((*SARI, "--role", "admin"), "", 1, "at least 12 characters"),
        (("--login", "a b", "--name", " ", "--role", "admin"), NEW, 1, "Enter a name."),
        (("--login", "DEWI", "--name", "Dewi", "--role", "admin"), NEW, 1, "is taken"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_left_behind(
    house: House, arguments: tuple[str, ...], password: str, code: int, words: str
) -> None:
    result = run(house, *arguments, password=password)
    assert result.exit_code == code
    assert words in result.output
    with house.services.db.read() as session:
        assert session.scalars(sa.select(Person.login).order_by(Person.login)).all() == ["dewi", "yoga"]


def test_without_a_terminal_it_tells_how_to_give_the_password(house: House) -> None:
    result = CliRunner().invoke(create_user, [*SARI, "--role", "admin"], obj=lambda: house.services)
    assert result.exit_code == 2
    assert "--password-stdin" in result.output
