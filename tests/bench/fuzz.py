"""``python -m tests.bench.fuzz [--queries 200000] [--seed 1] [--every 50]``: odd queries, none of which may fail.

Queries of every kind, torn, mixed and misspelt, with filters of every kind: each is read, printed and read
again, and asked of a small installation as two persons; every so many are asked of the page of results and of
the pages behind it, too. Exits 1 with the queries that failed.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
import urllib.parse
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from indexer.ports import FACETS
from indexer.query import MAX_BYTES, QueryError, parse, to_text
from khub import web, wiring
from khub.accounts import sessions
from khub.accounts.models import Person
from khub.app import create_app
from khub.clock import FixedClock
from khub.search.service import FilterError, Request
from tests.bench import world
from tests.bench.machine import machine
from tests.indexer import worlds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flask.testing import FlaskClient

    from khub.policy import Actor
    from khub.wiring import Services

#: What is thrown between the words: signs of the grammar, of other grammars, and letters that fold oddly.
_SIGNS = tuple(
    "\"()*~+-:;,.<>=/\\|&!?%'[]{}^$#@_ \t\n\u00a0\u200b\u202e\ufeff\u0301\u0000\u2013\u2026½ﬁİßé١²𝒂漢😀"
)
_PIECES = (
    *(
        "OR",
        "AND",
        "NOT",
        "ATAU",
        "DAN",
        "BUKAN",
        "TO",
        "pilar:",
        "kl:(",
        "judul:",
        "tahun:2021..",
        "tahun:..2",
    ),
    *(
        "tanggal:>=2023-13",
        "tanggal:2023-02-30..",
        "tahun:0..99999999999999999999",
        "status:draf",
        "a:b",
        "-(-(",
    ),
    *(
        '"pelatihan guru"~99',
        "gu*",
        "*",
        "guru~",
        "guru~9",
        "((((",
        "))))",
        '""',
        "Perpres 7/2021",
        "I-KHub",
        "- -",
    ),
    *(
        "x" * 300,
        "kata " * 80,
        "(" * 60,
        "NOT " * 20,
        "' OR 1=1 --",
        "<script>alert(1)</script>",
        "{{ 7*7 }}",
        "%s%n",
    ),
)
_VALUES = (
    "1",
    "2",
    "internal",
    "kl-07",
    "approved",
    "2023",
    "2023-10",
    "..",
    "2023..2021",
    "id",
    "",
    "x" * 200,
    "\x00",
)


#: How many are asked with the advice of the page, which asks some ten more.
_ADVISED = 0.1


@dataclass(slots=True)
class Report:
    """How many queries were answered and refused, and pages opened; ``faults`` are those that failed.

    ``slowest``: seconds of processor time, and the query that took them.
    """

    answered: int = 0
    refused: int = 0
    pages: int = 0
    slowest: tuple[float, str] = (0.0, "")
    faults: list[str] = field(default_factory=list)


def text(rng: random.Random) -> str:
    """Return one odd query."""
    parts = [
        rng.choice((lambda: worlds.query(rng), lambda: rng.choice(_PIECES), lambda: _noise(rng)))()
        for _ in range(rng.choice((1, 1, 2, 3)))
    ]
    found = rng.choice((" ", "", " OR ")).join(parts)
    for _ in range(rng.choice((0, 0, 1, 2, 5))):
        at = rng.randint(0, len(found))
        match rng.randrange(4):
            case 0:
                found = found[:at] + rng.choice(_SIGNS) + found[at:]
            case 1:
                found = found[:at] + found[at + rng.randint(1, 4) :]
            case 2:
                found = found[:at] + found[at:].swapcase()
            case _:
                found = found[at:] + found[:at]
    return found


def _noise(rng: random.Random) -> str:
    letters = [chr(rng.choice((rng.randint(1, 127), rng.randint(128, 0xD7FF), 0x1F600))) for _ in range(3)]
    return "".join(rng.choices([*_SIGNS, *letters, *"aiueo"], k=rng.randint(1, 20)))


def storm(
    services: Services,
    people: Sequence[tuple[Actor, FlaskClient]],
    rng: random.Random,
    queries: int,
    every: int,
) -> Report:
    """Ask ``queries`` odd queries, each ``every``-th of the pages, too."""
    report = Report()
    with services.db.read() as session:
        products = [str(each) for each in session.scalars(sa.text("SELECT public_id FROM product LIMIT 9"))]
    for number in range(queries):
        asked = text(rng)
        filters = {
            name: frozenset(rng.sample(_VALUES, rng.randint(1, 2)))
            for name in (*FACETS, "tanggal")
            if rng.random() < 0.04
        }
        actor, client = people[number % len(people)]
        began = time.process_time()
        try:
            if _ask(services, actor, asked, filters, rng):
                report.answered += 1
            else:
                report.refused += 1
            report.slowest = max(report.slowest, (time.process_time() - began, asked))
            if number % every == 0:
                _open(client, asked, filters, rng.choice(products))
                report.pages += 1
        except Exception as error:  # noqa: BLE001 - whatever it is, it is what is looked for
            report.faults.append(f"{number}: {asked!r} {filters}: {error!r}")
    return report


def _ask(
    services: Services, actor: Actor, asked: str, filters: dict[str, frozenset[str]], rng: random.Random
) -> bool:
    """Tell whether ``asked`` could be read; one that could not must say where."""
    try:
        read = parse(asked)
    except QueryError as error:
        if not 0 <= error.position <= error.position + error.length <= len(asked):
            raise AssertionError("the place is not in the text") from error
        return False
    printed = to_text(read)
    if len(printed.encode()) <= MAX_BYTES:
        assert parse(printed) == read, "printed and read again it is another"
    request = Request(asked, filters, rng.choice(("relevance", "date")), all_versions=rng.random() < 0.2)
    try:
        answer = services.search.run(actor, request, advised=rng.random() < _ADVISED)
    except FilterError:
        return False
    assert len(answer.found) <= min(answer.total_products, 10), "more is shown than was found"
    assert (answer.total_products > 0) == bool(answer.found), "nothing is shown of what was found"
    return True


def _open(client: FlaskClient, asked: str, filters: dict[str, frozenset[str]], product: str) -> None:
    pairs = [("q", asked), *((name, value) for name, values in filters.items() for value in sorted(values))]
    tail = urllib.parse.urlencode(pairs)
    for path in ("/cari", f"/cari/{product}", f"/cari/{product}/mengapa", "/cari/tak-terbaca", "/saran"):
        answer = client.get(f"{path}?{tail}")
        assert answer.status_code in (200, 400, 404, 422), (path, answer.status_code)
        assert answer.is_json or "<script>alert(1)" not in answer.text, path


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--queries", type=int, default=200_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--every", type=int, default=50)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        chosen = world.build(Path(folder) / "site", 60, 3)
        services = wiring.build(chosen, FixedClock(world.NOW))
        app = create_app(chosen, services)
        people = []
        for login in ("anggota", "sekretariat"):
            token = services.accounts.sign_in(login, world.PASSWORD, address="", agent="")
            client = app.test_client()
            client.set_cookie(web.SESSION_COOKIE, token)
            with services.db.read() as session:
                number = session.scalar(sa.select(Person.id).where(Person.login == login)) or 0
                actor = sessions.rights_of(session, number, world.NOW)
            assert actor is not None
            people.append((actor, client))
        began = time.perf_counter()
        report = storm(services, people, random.Random(options.seed), options.queries, options.every)  # noqa: S311
        took = time.perf_counter() - began
        services.close()
    for line in report.faults[:50]:
        print(line[:1000])
    print(f"slowest: {report.slowest[0]:.2f} s of processor time for {report.slowest[1]!r}")
    print(
        f"{options.queries} queries in {took:.0f} s, seed {options.seed}: {report.answered} answered, "
        f"{report.refused} refused with the place, {report.pages} opened in five pages each, "
        f"{len(report.faults)} failed"
    )
    print(machine())
    return 1 if report.faults else 0


if __name__ == "__main__":
    sys.exit(main())
