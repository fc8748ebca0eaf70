"""Two installations to hold against one another, one of them with secrets that few may read."""

from __future__ import annotations

import io
import itertools
import random
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub.policy import Grant, Role
from khub.products import ids
from khub.products.models import File
from khub.products.uploads import Place
from khub.search.indexing import Rebuild

if TYPE_CHECKING:
    from indexer.extract import Sandbox
    from tests.khub.conftest import Office

#: Words that stand in secrets only, in open documents only, and in both.
_SHARED = ("pelatihan", "guru", "modul", "kegiatan", "toleransi", "saksi", "laporan", "peserta")
SECRET = "zamrudrahasia"  # noqa: S105 - a word to look for
_MASKS = (
    r'name="csrf_token" value="[^"]*"',
    r'(?<=content=")[^"]{60,}(?=")',
    r"/unggah/[0-9a-z]{12,40}",
    r'(?<=name="batch" value=")[^"]*',
    r"[0-9a-f]{64}",
)


#: What becomes of the secrets, one after the other; those that were never handed in, or taken back, not
#: even the Sekretariat reads.
STATES = ("draft", "withdrawn", "approved", "returned", "submitted")
UNFINISHED = ("draft", "withdrawn")


@dataclass
class World:
    """An installation; ``states`` are those of its secrets, none where it has no secrets."""

    office: Office
    names: dict[str, str]
    sandbox: Sandbox
    states: tuple[str, ...]


def masked(world, text):
    for public, name in world.names.items():
        text = text.replace(public, name)
    for pattern in _MASKS:
        text = re.sub(pattern, "…", text)
    return text


def _document(rng, *extra):
    words = [*rng.choices(_SHARED, k=60), *extra]
    rng.shuffle(words)
    return f"Laporan {' '.join(words)}\n".encode()


def _name(world, public_id, title):
    world.names[public_id] = f"<{title}>"
    with world.office.services.db.read() as session:
        for file in session.scalars(sa.select(File.public_id).order_by(File.id.desc()).limit(1)):
            world.names[file] = f"<berkas {title}>"


def build(office, sandbox, states=()):  # noqa: C901 - one story, told from top to bottom
    office.hire("nina", Grant(Role.MEMBER, office.institutions["kl-12"], office.pokjas["2"]))
    office.hire("koko", Grant(Role.CHAIR, None, office.pokjas["2"]))
    world, becoming = World(office, {}, sandbox, states), itertools.cycle(states or [""])
    rng, hidden = random.Random(4), random.Random(5)  # noqa: S311 - the same worlds each time
    services, people = office.services, office.people

    def open_one(login, title, *, approve, classification="internal"):
        public_id = office.draft(login, title, content=_document(rng, title.replace(" ", "")))
        _name(world, public_id, title)
        office.say(login, public_id, classification=classification)
        receipt = office.submit(login, public_id)
        world.names[receipt] = f"<tanda {title}>"
        if approve:
            services.review.approve(people["dewi"], public_id, 1)
        return public_id

    def secret_one(title):
        """A keluaran of tia's that only her unit (and, once handed in, the Sekretariat and so on) may read."""
        if not states:
            return
        state = next(becoming)
        public_id = office.draft("tia", title, content=_document(hidden, SECRET, "pelatihan", "pelatihan"))
        office.say("tia", public_id, classification="terbatas")
        if state == "draft":
            return
        services.products.submit(people["tia"], [public_id])
        if state == "withdrawn":
            services.products.withdraw(people["tia"], public_id)
        elif state == "approved":
            services.review.approve(people["dewi"], public_id, 1)
        elif state == "returned":
            services.review.send_back(people["dewi"], public_id, 1, "perbaiki")

    for number in range(6):
        secret_one(f"Rahasia {number}")
        open_one("budi" if number % 2 else "tia", f"Terbuka {number}", approve=number != 5)
        secret_one("Terbuka 1")  # the title of an open one
    versioned = open_one("tia", "Berversi", approve=True)
    if states:  # the next version of an open keluaran, not yet approved
        services.products.add_version(people["tia"], versioned)
        services.uploads.receive(
            people["tia"],
            io.BytesIO(_document(hidden, SECRET)),
            "v2.txt",
            Place(batch=ids.batch_token(), product=versioned),
        )
        office.say("tia", versioned, title=f"Versi dua {SECRET}")
    mine = office.draft("budi", "Draf Budi", content=b"isi yang sama\n")
    _name(world, mine, "Draf Budi")
    if states:  # the same bytes and the same title as budi's draft, out of his sight
        services.uploads.receive(
            people["tia"], io.BytesIO(b"isi yang sama\n"), "Draf Budi.txt", Place(batch=ids.batch_token())
        )
    office.read_files(sandbox)
    Rebuild(services.db, services.index_writer, lambda *_: None).run()
    return world


def add_more(world, login):
    """One more open document, and secrets beside it where this world has them; a colleague ticks them."""
    office, services = world.office, world.office.services
    title = f"Terbuka sesudah {login}"
    public_id = office.draft("tia", title, content=f"{title} laporan pelatihan guru\n".encode())
    _name(world, public_id, title)
    world.names[office.submit("tia", public_id)] = f"<tanda {title}>"
    services.review.approve(office.people["dewi"], public_id, 1)
    if world.states:
        hidden = office.draft("tia", f"Rahasia sesudah {login}", content=f"{SECRET} pelatihan\n".encode())
        office.say("tia", hidden, classification="terbatas")
        if "approved" in world.states:
            services.products.submit(office.people["tia"], [hidden])
            services.review.approve(office.people["dewi"], hidden, 1)
        _name(world, hidden, f"Rahasia sesudah {login}")
    office.read_files(world.sandbox)
    Rebuild(services.db, services.index_writer, lambda *_: None).run()
    services.engine.close()  # looks for the newest commit at once
