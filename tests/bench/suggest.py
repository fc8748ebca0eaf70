"""``python -m tests.bench.suggest``: how fast the search box answers while somebody types.

Beginnings of titles, word by word and letter by letter, some with a letter wrong, asked over the real
application as two persons of different rights.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub import migrations, web, wiring
from khub.app import create_app
from khub.clock import FixedClock
from khub.products.models import Product
from khub.search.models import Entry, Epoch
from tests.bench import machine, world
from tests.bench.words import vocabulary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flask.testing import FlaskClient

    from khub.wiring import Services

_ACCESS = ("approved:internal", "approved:terbuka", "approved:terbatas", "submitted:internal")


def main() -> None:
    """Build an installation of titles alone, then measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--products", type=int, default=10_000)
    parser.add_argument("--asked", type=int, default=1500)
    options = parser.parse_args()
    rng = random.Random(1)  # noqa: S311 - the same beginnings each time
    with tempfile.TemporaryDirectory() as folder:
        chosen = world.settings(Path(folder))
        services = wiring.build(chosen, FixedClock(world.NOW))
        migrations.upgrade(services.db)
        world.plan(services)
        world.people(services)
        titles = _titles(services, rng, options.products)
        app = create_app(chosen, services)
        clients = []
        for login in ("anggota", "sekretariat"):
            client = app.test_client()
            token = services.accounts.sign_in(login, world.PASSWORD, address="", agent="")
            client.set_cookie(web.SESSION_COOKIE, token)
            clients.append(client)
        print(machine.machine())
        print(f"load {machine.load()}; {options.products} keluaran, {options.asked} beginnings")
        began = time.perf_counter()
        clients[0].get("/saran?q=mo")
        print(f"first answer, titles read into memory: {1000 * (time.perf_counter() - began):.0f} ms")
        spent = time.process_time()
        times = sorted(_ask(rng, clients, titles) for _ in range(options.asked))
        spent = time.process_time() - spent
        for share in (50, 95, 99):
            print(f"p{share}: {1000 * times[len(times) * share // 100]:.1f} ms")
        print(f"processor time each: {1000 * spent / len(times):.1f} ms")
        services.close()


def _titles(services: Services, rng: random.Random, products: int) -> list[str]:
    """Put so many keluaran into the database, with nothing but a title in the columns of search."""
    words, _ = vocabulary(rng)
    titles = [" ".join(rng.choices(words[:2000], k=rng.randint(5, 14))).capitalize() for _ in range(products)]
    heads, entries = [], []
    for number, title in enumerate(titles, 1):
        unit, pokja = rng.randint(1, 60), rng.randint(1, 3)
        access = f"{rng.choice(_ACCESS)}:{unit}:{pokja}"
        copy = {"copy": number, "rank": 1, "access": access, "files": [], "date": 20230101 + number % 28}
        copy |= {"facets": {}, "title": title, "language": "id"}
        heads.append(
            {
                "id": number,
                "public_id": f"K-{number:07d}",
                "institution_id": unit,
                "pokja_id": pokja,
                "classification": "internal",
                "created_by": 1,
                "created_at": world.NOW,
            }
        )
        entries.append({"product_id": number, "epoch": number, "copies": [copy]})
    with services.db.write() as session:
        session.execute(sa.insert(Product), heads)
        session.execute(sa.insert(Entry), entries)
        session.get_one(Epoch, 1).value = products
    return titles


def _ask(rng: random.Random, clients: Sequence[FlaskClient], titles: Sequence[str]) -> float:
    words = rng.choice(titles).split()
    start = rng.randrange(len(words))
    text = " ".join(words[start : start + rng.randint(1, 3)])
    text = text[: rng.randint(2, max(2, len(text)))]
    if rng.random() < 0.1:
        at = rng.randrange(len(text))
        text = text[:at] + "x" + text[at + 1 :]
    client = rng.choice(clients)
    began = time.perf_counter()
    answer = client.get("/saran", query_string={"q": text})
    assert answer.status_code == 200, answer.status_code
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
