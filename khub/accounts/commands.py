"""``khub create-user``: the way to the first account."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from khub.accounts import passwords, queries, rules
from khub.clock import wib_date
from khub.errors import InvalidError
from khub.policy import SYSTEM, Role

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from khub.policy import Actor
    from khub.wiring import Services


@click.command("create-user")
@click.option("--login", required=True, help="Name to sign in with: a-z, 0-9, dot, dash, @.")
@click.option("--name", required=True, help="Name that people see.")
@click.option(
    "--role", required=True, type=click.Choice([role.value for role in Role]), help="What the person acts as."
)
@click.option(
    "--institution", default="", help="K/L by code, name or alias; for member, official, secretariat."
)
@click.option(
    "--pokja",
    default="",
    help="Working group by code or name, or its pilar's code; for member, chair, official.",
)
@click.option("--email", default="", help="Address for reminders.")
@click.option(
    "--password-stdin", is_flag=True, help="Read the password from standard input, not the terminal."
)
@click.pass_obj
def create_user(
    services: Callable[[], Services],
    *,
    login: str,
    name: str,
    role: str,
    institution: str,
    pokja: str,
    email: str,
    password_stdin: bool,
) -> None:
    """Create an account with one role and a password.

    The password (12 characters or more) is asked for twice, or read from standard input:

    \b
      khub create-user --login admin --name "Admin" --role admin
      khub create-user --login sari --name "Sari" --role member \\
          --institution "K/L Contoh 07" --pokja 1 --password-stdin < password.txt
    """  # noqa: D301 - click keeps the lines after \b as they are
    built = services()
    accounts, now = built.accounts, built.clock.now()
    chosen, folded = Role(role), rules.fold_login(login)
    with built.db.read() as session:
        institution_id = _found(session, queries.find_institution, "--institution", institution)
        pokja_id = _found(session, queries.find_pokja, "--pokja", pokja)
    faults = [
        *rules.login_faults(folded),
        *rules.person_faults(name, email, ""),
        *rules.membership_faults(chosen, institution_id, pokja_id, wib_date(now), None),
    ]
    if faults:
        raise InvalidError(faults)
    password = _password(from_stdin=password_stdin)
    # Looked at before anything is written: a refused password must not leave half an account.
    if faults := passwords.faults(password, login=folded, name=name, field="password"):
        raise InvalidError(faults)
    person_id = accounts.create_person(SYSTEM, folded, name, email)
    accounts.add_membership(SYSTEM, person_id, chosen, institution_id, pokja_id)
    accounts.set_password(SYSTEM, person_id, password)
    click.echo(f"Created {folded} ({role}).")


def _found(
    session: Session, find: Callable[[Session, Actor, str], int | None], option: str, text: str
) -> int | None:
    if not text:
        return None
    number = find(session, SYSTEM, text)
    if number is None:
        raise click.ClickException(f"{option}: {text!r} is not in the catalogue, or means several")
    return number


def _password(*, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise click.UsageError("there is no terminal to ask for the password on; use --password-stdin")
    return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
